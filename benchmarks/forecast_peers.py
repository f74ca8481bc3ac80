"""Prophet and MSTL on the weeks of the forecast benchmark; run by `forecast.py` in the peers' environment.

    PEERS_PYTHON benchmarks/forecast_peers.py FOLDER METHOD…

FOLDER holds ``series.csv`` (ds, y, open intervals alone), ``regressors.csv`` (ds and a column an effect) and
``task.json`` (origins, horizon_days, lead_days, step_min, country, levels, seed). Writes ``METHOD.csv``:
origin, ds, mean, a column a quantile, and the seconds of the fit. The environment of the published figures:
Python 3.11, prophet 1.5.0, cmdstanpy 1.3.2, holidays 0.109, statsforecast 2.1.1, pandas 2.3.3, numpy 2.4.6.
"""

import json
import logging
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

PATHS = 300


def prophet(known, coming, task, regressors):
    """Prophet: shape of the day by weekday, public holidays; with regressors, them and a stiff trend."""
    from prophet import Prophet

    intraday = task["step_min"] < 1440
    model = Prophet(
        daily_seasonality=False,
        weekly_seasonality=True,
        yearly_seasonality="auto",
        seasonality_mode="multiplicative",
        changepoint_prior_scale=0.005 if regressors is not None else 0.05,
        uncertainty_samples=PATHS,
    )
    known, coming = known.copy(), coming.copy()
    if intraday:
        for weekday in sorted(known["ds"].dt.weekday.unique()):
            name = f"weekday_{weekday}"
            for frame in (known, coming):
                frame[name] = frame["ds"].dt.weekday == weekday
            model.add_seasonality(f"day_{weekday}", period=1, fourier_order=10, condition_name=name)
    if task["country"]:
        model.add_country_holidays(task["country"])
    if regressors is not None:
        for name in regressors.columns:
            for frame in (known, coming):
                frame[name] = regressors[name].reindex(frame["ds"].dt.normalize()).to_numpy()
            if known[name].abs().sum() > 0:
                model.add_regressor(name, mode="multiplicative")
    model.fit(known, seed=task["seed"])
    np.random.seed(task["seed"])  # noqa: NPY002 (what Prophet draws from)
    mean = model.predict(coming)["yhat"].to_numpy()
    drawn = model.predictive_samples(coming)["yhat"]
    return mean, np.quantile(drawn, task["levels"], axis=1).T


def mstl(known, coming, task, _):
    """MSTL on logs, a week's season and, where days are alike, a day's; flat trend without the last noise."""
    from statsforecast import StatsForecast
    from statsforecast.models import MSTL, AutoETS

    past, ahead, seasons = _laid_out(known, coming)
    smooth = {"trend": 2 * seasons[-1] + 1} if task["step_min"] < 1440 else None
    model = MSTL(season_length=seasons, trend_forecaster=AutoETS(model="ANN"), stl_kwargs=smooth)
    frame = pd.DataFrame({"unique_id": "q", "ds": np.arange(len(past)), "y": np.log1p(past.to_numpy())})
    levels = sorted({round(abs(1 - 2 * q) * 100) for q in task["levels"]} - {0})
    got = StatsForecast(models=[model], freq=1).forecast(df=frame, h=len(ahead), level=levels)
    got = got.set_index(ahead).reindex(coming["ds"])
    columns = []
    for q in task["levels"]:
        at = round(abs(1 - 2 * q) * 100)
        columns.append("MSTL" if at == 0 else f"MSTL-{'lo' if q < 0.5 else 'hi'}-{at}")
    out = np.maximum(np.expm1(got[columns].to_numpy()), 0.0)
    return np.maximum(np.expm1(got["MSTL"].to_numpy()), 0.0), out


def _laid_out(known, coming):
    """Counts without holes, times ahead, and lengths of the seasons, so that every week has the same steps.

    A closed weekday is filled in as a week before; ahead are all steps until the last coming one.
    """
    table = known.assign(day=known["ds"].dt.normalize(), at=known["ds"] - known["ds"].dt.normalize())
    table = table.pivot_table(index="day", columns="at", values="y")
    weekday = table.index.dayofweek
    steps = pd.DataFrame({w: table[weekday == w].notna().any() for w in sorted(set(weekday))}).T
    days = pd.date_range(table.index[0], coming["ds"].max().normalize())
    days = days[days.dayofweek.isin(steps.index)]
    whole = table.reindex(days)
    for w in steps.index:
        rows = whole.index.dayofweek == w
        whole.loc[rows] = whole.loc[rows].ffill().bfill()
    there = steps.loc[days.dayofweek].to_numpy()
    times = (days.to_numpy()[:, None] + table.columns.to_numpy()[None, :])[there]
    counts = pd.Series(whole.to_numpy()[there], index=pd.DatetimeIndex(times))
    is_past = counts.index.normalize() <= table.index[-1]
    lengths = steps.sum(axis=1).tolist()
    alike = len(set(lengths)) == 1 and lengths[0] > 1
    seasons = [*lengths[:alike], sum(lengths)]
    return counts[is_past], counts.index[~is_past], seasons


METHODS = {
    "prophet_holidays": (prophet, False),
    "prophet_regressors": (prophet, True),
    "mstl": (mstl, False),
}


def main() -> None:
    folder = Path(sys.argv[1])
    task = json.loads((folder / "task.json").read_text())
    series = pd.read_csv(folder / "series.csv", parse_dates=["ds"])
    regressors = pd.read_csv(folder / "regressors.csv", parse_dates=["ds"], index_col="ds")
    for name in sys.argv[2:]:
        make, told = METHODS[name]
        parts = []
        for origin in pd.to_datetime(task["origins"]):
            begin = origin + pd.Timedelta(days=task["lead_days"])
            known = series[series["ds"] < origin].reset_index(drop=True)
            coming = series[(series["ds"] >= begin) & (series["ds"] < begin + pd.Timedelta(days=7))]
            coming = coming.reset_index(drop=True)
            started = time.perf_counter()
            mean, quantiles = make(known, coming[["ds"]], task, regressors if told else None)
            part = pd.DataFrame(quantiles, columns=[str(q) for q in task["levels"]])
            part.insert(0, "mean", mean)
            part.insert(0, "ds", coming["ds"])
            part.insert(0, "origin", origin)
            parts.append(part.assign(seconds=time.perf_counter() - started))
        pd.concat(parts).to_csv(folder / f"{name}.csv", index=False)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for noisy in ("cmdstanpy", "prophet"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    main()
