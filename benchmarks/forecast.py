"""Accuracy, calibration and speed of the forecast beside its peers, on public series and the sample centre.

    python benchmarks/forecast.py [--peers PYTHON] [--only TEXT] [--weeks 12] [--queues 200]

Each of the last weeks is forecast from what came before its origin, by the product's own verb, one, two and
four weeks ahead. WAPE is Σ|actual − forecast| ÷ Σ actual over intervals, and over days; pinball is the mean
over eleven quantiles ÷ mean contacts; coverage is the mean over days of the share of intervals inside the
range, with a 95 % interval that treats a day as one observation. Peers: the mean of the last eight same
weekdays that were open (its quantiles are those of the eight), that of the last eight calendar weeks as they
stand, closed and lost days at 0 (what a tool does that knows no calendar), the last same weekday, and, with
``--peers`` (a Python that has prophet and statsforecast), Prophet with the country's holidays, Prophet given
the calendar effects that ours is given, and MSTL on logs with a flat trend. WFO_REAL_DATA names the folder of
the series.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import forecast_series
import numpy as np
import pandas as pd
from forecast_series import Series

from wfo.domain.centre import Centre
from wfo.forecasting.calendar import EFFECTS, Days
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.settings import ForecastSettings
from wfo.timegrid import TimeGrid

LEVELS = (0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975)
PATHS = 400
PEERS = ("prophet_holidays", "prophet_regressors", "mstl")
SEED = 1


def origins(series: Series, weeks: int, lead_days: int) -> list[pd.Timestamp]:
    """Planning moments whose weeks are the last ones of the series."""
    return [series.end - pd.Timedelta(days=7 * k + lead_days) for k in range(weeks, 0, -1)]


def ours(series: Series, weeks: int, lead_days: int, settings: ForecastSettings) -> pd.DataFrame:
    """The product's forecasts: origin, ds, mean, quantiles, seconds."""
    reports = series.reports()
    parts = []
    for origin in origins(series, weeks, lead_days):
        now = origin.tz_localize(series.zone)
        first = (origin + pd.Timedelta(days=lead_days)).date()
        grid = TimeGrid.of_days(first, 7, zone=series.zone, step_min=series.step_min)
        known = reports[reports["interval_start"] < now].reset_index(drop=True)
        given = ForecastInputs(
            series.centre, grid, now.to_pydatetime(), queue_intervals=known, drivers=series.drivers
        )
        begin = time.perf_counter()
        result = forecast(given, settings, seed=SEED)
        seconds = time.perf_counter() - begin
        drawn = result.sample(PATHS, seed=SEED)
        part = pd.DataFrame(
            np.quantile(drawn.fresh[:, 0], LEVELS, axis=0).T, columns=[str(q) for q in LEVELS]
        )
        part.insert(0, "mean", result.expected()[0])
        part.insert(0, "ds", grid.starts.tz_convert(series.zone).tz_localize(None))
        part.insert(0, "origin", origin)
        parts.append(part.assign(seconds=seconds))
    return pd.concat(parts, ignore_index=True)


def same_weekdays(
    series: Series, weeks: int, lead_days: int, many: int, *, as_they_stand: bool = False
) -> pd.DataFrame:
    """Mean and quantiles of the last ``many`` same weekdays before the origin.

    Those on record that are not excluded; ``as_they_stand`` those of the calendar, 0 where none is on record.
    """
    day = series.counts.index.normalize()
    excluded = pd.DatetimeIndex(series.centre.calendar.excluded_days)
    known = series.counts if as_they_stand else series.counts[~day.isin(excluded)]
    cube = known.to_frame("y")
    cube["day"], cube["at"] = known.index.normalize(), known.index - known.index.normalize()
    table = cube.pivot_table(index="day", columns="at", values="y").fillna(0.0)
    if as_they_stand:
        weekdays = set(table.index.day_of_week)
        every = pd.date_range(table.index[0], table.index[-1])
        table = table.reindex(every[[d in weekdays for d in every.day_of_week]], fill_value=0.0)
    parts = []
    for origin in origins(series, weeks, lead_days):
        begin = origin + pd.Timedelta(days=lead_days)
        for date in pd.date_range(begin, periods=7):
            same = table[(table.index < origin) & (table.index.day_of_week == date.weekday())].tail(many)
            if len(same):
                part = same.quantile(LEVELS).T.set_axis([str(q) for q in LEVELS], axis=1)
                part.insert(0, "mean", same.mean())
                part.insert(0, "ds", date + part.index)
                parts.append(part.assign(origin=origin, seconds=np.nan))
    return pd.concat(parts, ignore_index=True)


def peers(
    series: Series, weeks: int, lead_days: int, python: str, names: list[str]
) -> dict[str, pd.DataFrame]:
    """Forecasts of peers, made in their own environment."""
    first, last = series.counts.index[0].date(), series.counts.index[-1].date()
    days = Days.of(series.centre, first, (last - first).days + 1)
    effects = pd.DataFrame(
        days.effects[0][:, : len(EFFECTS)], columns=list(EFFECTS), index=pd.DatetimeIndex(days.dates)
    )
    if series.drivers is not None:
        wide = series.drivers.pivot_table(index="schedule_date", columns="driver", values="value")
        wide = wide.set_axis(pd.DatetimeIndex(wide.index)).reindex(effects.index).fillna(0.0)
        effects = effects.join(wide / wide.abs().max())
    task = {
        "origins": [str(o) for o in origins(series, weeks, lead_days)],
        "lead_days": lead_days,
        "step_min": series.step_min,
        "country": series.country,
        "levels": LEVELS,
        "seed": SEED,
    }
    excluded = pd.DatetimeIndex(series.centre.calendar.excluded_days)
    told = series.counts[~series.counts.index.normalize().isin(excluded)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told.rename("y").rename_axis("ds").to_csv(folder / "series.csv")
        effects.rename_axis("ds").to_csv(folder / "regressors.csv")
        (folder / "task.json").write_text(json.dumps(task))
        script = Path(__file__).with_name("forecast_peers.py")
        subprocess.run([python, str(script), name, *names], check=True, stdout=subprocess.DEVNULL)
        return {n: pd.read_csv(folder / f"{n}.csv", parse_dates=["ds", "origin"]) for n in names}


def score(series: Series, made: pd.DataFrame) -> dict[str, float]:
    """Errors in percent over the intervals on record that are not excluded."""
    frame = made.set_index("ds").join(series.counts.rename("actual"), how="inner")
    day = frame.index.normalize()
    frame = frame[~day.isin(pd.DatetimeIndex(series.centre.calendar.excluded_days))]
    day, actual = frame.index.normalize(), frame["actual"]
    total = actual.sum()
    daily = frame.groupby(day)[["actual", "mean"]].sum()
    loss = 0.0
    for q in LEVELS:
        gap = actual - frame[str(q)]
        loss += np.maximum(q * gap, (q - 1) * gap).sum() / len(LEVELS)
    out = {
        "wape": 100 * (actual - frame["mean"]).abs().sum() / total,
        "day": 100 * (daily["actual"] - daily["mean"]).abs().sum() / total,
        "bias": 100 * (frame["mean"].sum() / total - 1),
        "pinball": 100 * loss / total,
        "seconds": frame.groupby("origin")["seconds"].first().mean(),
    }
    for name, (low, high) in {"80": ("0.1", "0.9"), "95": ("0.025", "0.975")}.items():
        inside = ((actual >= frame[low]) & (actual <= frame[high])).groupby(day).mean()
        half = 1.96 * inside.std(ddof=1) / np.sqrt(len(inside))
        out |= {f"cover{name}": 100 * inside.mean(), f"half{name}": 100 * half}
    return out


def table(series: Series, weeks: int, python: str | None, names: list[str], leads: tuple[int, ...]) -> None:
    """Print a series' rows."""
    for lead in leads:
        rows = {"wfo": ours(series, weeks, 7 * (lead - 1), ForecastSettings())}
        rows["mean of 8 same weekdays"] = same_weekdays(series, weeks, 7 * (lead - 1), 8)
        rows["mean of 8 calendar weeks, closed days at 0"] = same_weekdays(
            series, weeks, 7 * (lead - 1), 8, as_they_stand=True
        )
        rows["seasonal naive"] = same_weekdays(series, weeks, 7 * (lead - 1), 1)
        if python and lead == 1:
            rows |= peers(series, weeks, 0, python, names)
        for name, made in rows.items():
            s = score(series, made)
            cover = f"{s['cover80']:.1f} ± {s['half80']:.1f} / {s['cover95']:.1f} ± {s['half95']:.1f}"
            took = "" if np.isnan(s["seconds"]) else f"{s['seconds']:.2f}"
            figures = (
                f"{s['wape']:.2f} | {s['day']:.2f} | {s['bias']:+.1f} | {s['pinball']:.2f} | {cover} | {took}"
            )
            print(f"| {series.name}, lead {lead} | {name} | {figures} |", flush=True)


def _busy_half(seed: int, queues: int) -> float:
    """Forecast made-up queues with a year at 15 minutes; seconds."""
    days, step = 365, 15
    hours = {"channel": "voice", "law": "immediate", "hours": ["Mon-Sat 08:00-20:00"], "handle_s": 300}
    centre = Centre.model_validate({"zone": "UTC", "queues": {f"q{k}": hours for k in range(queues)}})
    grid = TimeGrid.of_days(pd.Timestamp("2024-01-01").date(), days, zone="UTC", step_min=step)
    at = grid.local("UTC")
    opened = np.asarray((at.day_of_week < 6) & (at.hour >= 8) & (at.hour < 20))
    rng = np.random.default_rng(seed)
    level = rng.lognormal(2.5, 0.8, queues)
    shape = 1 + 0.5 * np.sin(np.asarray(at.hour) / 24 * 2 * np.pi) + 0.2 * np.asarray(at.day_of_week == 0)
    moved = np.exp(0.08 * rng.standard_normal((queues, days)))
    counts = rng.poisson(level[:, None] * shape * moved[:, grid.local_day_number("UTC")] * opened)
    frames = [
        pd.DataFrame(
            {
                "queue": f"q{k}",
                "interval_start": grid.starts[opened],
                "interval_min": step,
                "offered": counts[k][opened].astype(np.float64),
            }
        )
        for k in range(queues)
    ]
    week = TimeGrid.of_days(grid.end.date(), 7, zone="UTC", step_min=step)
    given = ForecastInputs(centre, week, grid.end, queue_intervals=pd.concat(frames, ignore_index=True))
    begin = time.perf_counter()
    forecast(replace(given), ForecastSettings(), seed=SEED)
    return time.perf_counter() - begin


def speed(queues: int) -> None:
    """Print the time of many queues, by one process and shared by two."""
    _busy_half(0, 2)
    begin = time.perf_counter()
    one = _busy_half(1, queues)
    print(f"\n{queues} queues, a year at 15 minutes: {one:.0f} s in one process", end="")
    begin = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_busy_half, (1, 2), (queues // 2, queues - queues // 2)))
    print(f", {time.perf_counter() - begin:.0f} s in two (data made and Python started within)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=os.environ.get("WFO_PEERS_PYTHON"))
    parser.add_argument("--methods", default=",".join(PEERS), help="peers to run")
    parser.add_argument("--only", default="", help="series whose name holds this text")
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument("--leads", default="1,2,4")
    parser.add_argument("--queues", type=int, default=200, help="of the speed test; 0: none")
    asked = parser.parse_args()
    folder = os.environ.get("WFO_REAL_DATA")
    print("| series | method | WAPE % | day | bias % | pinball % | cover 80 / 95 % | s |")
    print("|---|---|---|---|---|---|---|---|")
    if folder:
        data = Path(folder)
        cases = [forecast_series.bank_2003(data, step) for step in (15, 5, 30)]
        cases += [forecast_series.bank_1999(data, 30), *forecast_series.daily(data)]
        for series in cases:
            if asked.only in series.name:
                leads = tuple(int(k) for k in asked.leads.split(",")) if series.step_min < 1440 else (1,)
                weeks = min(asked.weeks, (series.end - series.counts.index[0]).days // 7 - 4)
                table(series, weeks, asked.peers, asked.methods.split(","), leads)
    else:
        print("\nWFO_REAL_DATA names no folder with the public series: they are left out.")
    if asked.queues:
        speed(asked.queues)


if __name__ == "__main__":
    main()
