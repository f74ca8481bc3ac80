"""What a planner without a model would have said, from the same weeks of history: the bar to clear."""

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.forecasting.opening import open_intervals
from wfo.timegrid import TimeGrid, epoch_min, from_epoch_min

MEAN_WEEKS = 8
"""Weeks in the mean of the same weekdays, at most."""


def baselines(centre: Centre, history: pd.DataFrame, week: TimeGrid) -> pd.DataFrame:
    """Mean of the last eight same weekdays, and the last one alone (seasonal naive).

    Days on which a queue was closed, days that the calendar excludes and days without a single contact of a
    queue that was open are passed over: the next older one counts instead, as far as there is one.

    Parameters
    ----------
    centre : Centre
    history : DataFrame
        Table ``history`` of a forecast: whole weeks up to its planning moment, every queue and interval.
    week : TimeGrid
        The week that is forecast.

    Returns
    -------
    DataFrame
        By queue and interval of the week in the scenario's order: ``naive``, ``mean_of_8`` and ``scale``, the
        mean absolute error of the seasonal naive in history (for MASE), empty where there is no history.
    """
    queues = centre.queue_ids
    minutes = np.unique(epoch_min(history["interval_start"])) if len(history) else np.zeros(0, dtype=np.int64)
    here = _slots(week, centre.zone)
    if not len(minutes):
        empty = np.full(len(queues) * week.n, np.nan)
        return pd.DataFrame({"naive": empty, "mean_of_8": empty, "scale": empty})
    start = from_epoch_min(minutes[:1])[0].to_pydatetime()
    past = TimeGrid(start, week.step_min, len(minutes))
    offered = history["offered"].to_numpy(dtype=np.float64).reshape(len(queues), past.n)
    usable = _usable(centre, past, offered)
    there = _slots(past, centre.zone)
    out = {name: np.full((len(queues), week.n), np.nan) for name in ("naive", "mean_of_8", "scale")}
    for q in range(len(queues)):
        seen = np.flatnonzero(usable[q])
        rows = pd.Series(offered[q, seen]).groupby(there[seen], sort=True)
        last, mean = rows.last(), rows.apply(lambda values: values.tail(MEAN_WEEKS).mean())
        out["naive"][q] = last.reindex(here).to_numpy()
        out["mean_of_8"][q] = mean.reindex(here).to_numpy()
        steps = rows.diff().abs()
        out["scale"][q] = steps.mean() if steps.notna().any() else np.nan
    return pd.DataFrame({name: values.ravel() for name, values in out.items()})


def day_scale(centre: Centre, history: pd.DataFrame, step_min: int) -> "pd.Series[float]":
    """Mean absolute change of a queue's day from one week to the next, by queue; empty where unknown."""
    if history.empty:
        return pd.Series(np.nan, index=list(centre.queue_ids))
    minutes = np.unique(epoch_min(history["interval_start"]))
    past = TimeGrid(from_epoch_min(minutes[:1])[0].to_pydatetime(), step_min, len(minutes))
    offered = history["offered"].to_numpy(dtype=np.float64).reshape(len(centre.queues), past.n)
    usable = _usable(centre, past, offered)
    day = past.local_day_number(centre.zone)
    weekday = np.asarray(past.local(centre.zone).day_of_week)
    out = {}
    for q, name in enumerate(centre.queue_ids):
        rows = pd.DataFrame({"day": day, "weekday": weekday, "offered": offered[q]})[usable[q]]
        totals = rows.groupby(["weekday", "day"])["offered"].sum()
        out[name] = totals.groupby(level="weekday").diff().abs().mean()
    return pd.Series(out, dtype="float64")


def _usable(centre: Centre, past: TimeGrid, offered: np.ndarray) -> np.ndarray:
    """Open intervals of days that are neither excluded nor empty, shape (Q, T)."""
    day = past.local_day_number(centre.zone)
    excluded = np.array([d in centre.calendar.excluded_days for d in past.local(centre.zone).date])
    came = np.array([np.bincount(day, row)[day] for row in offered])
    return np.asarray(open_intervals(centre, past) & ~excluded & (came > 0))


def _slots(grid: TimeGrid, zone: str) -> np.ndarray:
    """Minute of the local week of each interval."""
    local = grid.local(zone)
    return np.asarray(local.day_of_week * 24 * 60 + local.hour * 60 + local.minute)
