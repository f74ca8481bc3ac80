"""Forecast against what came, beside the plain mean of the same weekdays, for weeks that have been."""

import numpy as np
import pandas as pd

from wfo.report.run_files import RunFiles
from wfo.report.words import percent, plain

_TOGETHER = "all staffed queues together"


def beside_actuals(run: RunFiles) -> pd.DataFrame:
    """Table ``forecast`` with what came and what a plain mean would have said.

    Returns
    -------
    DataFrame
        The forecast's columns and ``offered``, 0 where nothing came, empty where it is not known yet;
        ``usual``, the mean of the same interval of the same weekdays in the run's history, without the days
        that the calendar excludes, empty where there is none.
    """
    forecast, actuals = run.table("forecast"), run.table("actuals")
    if forecast.empty or actuals.empty:
        return forecast.assign(offered=np.nan, usual=np.nan)
    keys = ["queue", "interval_start"]
    frame = forecast.merge(actuals[[*keys, "offered"]], on=keys, how="left")
    known = frame["interval_start"] <= actuals["interval_start"].max()
    frame["offered"] = frame["offered"].where(~known, frame["offered"].fillna(0.0))
    return frame.assign(usual=_usual(run, frame))


def accuracy_rows(run: RunFiles) -> list[dict[str, str]]:
    """Rows of the report's table, a queue each, and all staffed ones together where there are several.

    Forecasts are compared over open intervals; contacts that came while a queue was closed stand apart.
    """
    frame = beside_actuals(run).dropna(subset=["offered"])
    rows = []
    for queue, part in frame.groupby("queue", sort=False):
        if part["offered"].sum() > 0:
            rows.append(_row(plain(str(queue)), part))
    staffed = {q for q, spec in run.scenario["centre"]["queues"].items() if spec["law"] != "unstaffed"}
    pooled = frame[frame["queue"].isin(staffed) & (frame["volume_mean"] > 0)]
    if len(pooled["queue"].unique()) > 1:
        sums = pooled.groupby("interval_start")[["volume_mean", "offered", "usual"]].sum(min_count=1)
        closed = frame.loc[frame["queue"].isin(staffed) & (frame["volume_mean"] <= 0), "offered"].sum()
        rows.append({**_row(_TOGETHER, sums), "inside": "–", "closed": f"{closed:,.0f}"})
    return rows


def _row(name: str, part: pd.DataFrame) -> dict[str, str]:
    opened = part[part["volume_mean"] > 0]
    came = float(opened["offered"].sum())
    row = {
        "queue": name,
        "forecast": f"{opened['volume_mean'].sum():,.0f}",
        "usual": f"{opened['usual'].sum():,.0f}" if opened["usual"].notna().all() else "–",
        "actual": f"{came:,.0f}",
        "difference": percent(opened["volume_mean"].sum() / came - 1 if came else None, sign=True),
        "wape": _wape(opened["volume_mean"], opened["offered"]),
        "usual_wape": _wape(opened["usual"], opened["offered"]),
        "closed": f"{part['offered'].sum() - came:,.0f}",
    }
    if "volume_p10" in opened:
        inside = opened["offered"].between(opened["volume_p10"], opened["volume_p90"]).mean()
        row["inside"] = f"{100 * inside:.0f} %"
    return row


def _wape(expected: pd.Series, came: pd.Series) -> str:
    if came.sum() <= 0 or expected.isna().any():
        return "–"
    return f"{100 * (expected - came).abs().sum() / came.sum():.1f} %"


def _usual(run: RunFiles, frame: pd.DataFrame) -> pd.Series:
    """Mean of the same interval of the same weekdays, from the day of a queue's first contact on."""
    history = run.table("history")
    if history.empty:
        return pd.Series(np.nan, index=frame.index)
    past = history.assign(**_local(history["interval_start"], run.zone))
    excluded = {str(d) for d in run.scenario["centre"].get("calendar", {}).get("excluded_days", [])}
    first = past[past["offered"] > 0].groupby("queue")["date"].min()
    past = past[~past["date"].isin(excluded) & (past["date"] >= past["queue"].map(first))]
    keys = ["queue", "weekday", "time"]
    mean = past.groupby(keys)["offered"].mean().rename("usual").reset_index()
    coming = frame[["queue"]].assign(**_local(frame["interval_start"], run.zone))
    usual = coming.merge(mean, on=keys, how="left")["usual"]
    return pd.Series(usual.to_numpy(), index=frame.index)


def _local(starts: pd.Series, zone: str) -> dict[str, np.ndarray]:
    local = pd.DatetimeIndex(starts).tz_convert(zone)
    return {
        "date": np.asarray(local.strftime("%Y-%m-%d"), dtype=object),
        "weekday": np.asarray(local.day_of_week),
        "time": np.asarray(local.strftime("%H:%M"), dtype=object),
    }
