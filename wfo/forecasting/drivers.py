"""Dated business drivers (reservations, prices, campaigns) as regressors, with their own uncertainty."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.errors import Problem, TableError
from wfo.forecasting.calendar import Days
from wfo.forecasting.model import QueueModel
from wfo.forecasting.past import Past
from wfo.forecasting.ways import Method

_SLOW_DAYS = 28
_LEAST_DAYS = 28  # of history with a value, from which a driver's effect is learnt


def with_drivers(
    days: Days, centre: Centre, frame: pd.DataFrame | None, now: dt.datetime, known: int, notes: list[str]
) -> Days:
    """Add the drivers' columns to the calendar's days.

    A driver that is never negative enters as log(1 + value), so that its effect is an elasticity. One with
    more than two values enters as what it is beyond its mean of the last four weeks: what moves slowly is the
    level's to follow, and two slow moves look alike by chance. All are standardised on history, and a day
    without a value counts as an average one.

    Parameters
    ----------
    days : Days
    centre : Centre
    frame : DataFrame or None
        Table ``drivers``.
    now : datetime
        Rows that became known later are left out.
    known : int
        Days of history among ``days``.
    notes : list of str
        Notes are added here.

    Raises
    ------
    TableError
        If a value is missing or not finite, a spread is negative, or a queue is not the centre's.
    """
    if frame is None or frame.empty:
        return days
    if "known_at" in frame:
        stamp = frame["known_at"]
        frame = frame[(stamp.isna() | (stamp <= now)).to_numpy()].reset_index(drop=True)
    _check(frame, centre)
    columns, spreads = [], []
    for name, rows in frame.groupby("driver", sort=True):
        value, sd = _by_day(rows, days.dates)
        seen = ~np.isnan(value[:known])
        if seen.sum() < _LEAST_DAYS or np.nanstd(value[:known]) == 0:
            notes.append(
                f"driver '{name}': {int(seen.sum())} days of history with a value, or always the same one; "
                f"it is left out (at least {_LEAST_DAYS} days are needed)"
            )
            continue
        if np.isnan(value[known:]).any():
            many = int(np.isnan(value[known:]).sum())
            notes.append(f"driver '{name}': {many} coming days have no value; they count as average ones")
        if np.nanmin(value) >= 0:
            value, sd = np.log1p(value), sd / (1 + np.nan_to_num(value))
        if len(np.unique(value[~np.isnan(value)])) > 2:
            value = value - pd.Series(value).rolling(_SLOW_DAYS, min_periods=7).mean().to_numpy()
        middle, scale = float(np.nanmean(value[:known])), float(np.nanstd(value[:known]))
        touches = _touched(rows, centre)
        if not scale > 0:
            continue
        columns.append(np.outer(touches, np.nan_to_num((value - middle) / scale)))
        spreads.append(np.outer(touches, sd / scale))
    if not columns:
        return days
    return replace(days, drivers=np.stack(columns, axis=2), driver_sd=np.stack(spreads, axis=2))


def driver_spread(past: Past, models: Sequence[QueueModel], first: int, count: int) -> np.ndarray:
    """Standard deviation of a day's log mean that the drivers' own uncertainty makes, shape (Q, count)."""
    out = np.zeros((len(models), count))
    many = past.days.drivers.shape[2]
    for q, model in enumerate(models):
        if many and model.method is not Method.ADOPTION:
            parts = model.parts or ((1.0, model),)
            effect = sum(w * m.level.beta[-many:] for w, m in parts if m.level is not None)
            out[q] = np.sqrt(np.square(past.days.driver_sd[q, first : first + count] * effect).sum(axis=1))
    return out


def _by_day(rows: pd.DataFrame, dates: tuple[dt.date, ...]) -> tuple[np.ndarray, np.ndarray]:
    at = {d: i for i, d in enumerate(dates)}
    value, sd = np.full(len(dates), np.nan), np.zeros(len(dates))
    spread = rows["value_sd"].fillna(0.0) if "value_sd" in rows else pd.Series(0.0, index=rows.index)
    for date, x, s in zip(rows["schedule_date"], rows["value"], spread, strict=True):
        if date in at:
            value[at[date]], sd[at[date]] = x, s
    return value, sd


def _touched(rows: pd.DataFrame, centre: Centre) -> np.ndarray:
    """1 for each queue that a driver moves: those named in its rows, or all."""
    named = set()
    if "queues" in rows:
        named = {q for cell in rows["queues"] if isinstance(cell, list) for q in cell}
    return np.array([float(not named or q in named) for q in centre.queue_ids])


def _check(frame: pd.DataFrame, centre: Centre) -> None:
    problems = []
    value = frame["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero(~np.isfinite(value))
    if len(bad):
        where = f"drivers, row {bad[0] + 1}, column 'value'"
        problems.append(Problem(where, f"{len(bad)} values are missing or not finite; leave those days out"))
    if "value_sd" in frame:
        sd = np.flatnonzero(frame["value_sd"].fillna(0.0).to_numpy() < 0)
        if len(sd):
            where = f"drivers, row {sd[0] + 1}, column 'value_sd'"
            problems.append(Problem(where, f"{len(sd)} spreads are negative; give 0 or more"))
    if "queues" in frame:
        named = {q for cell in frame["queues"] if isinstance(cell, list) for q in cell}
        for name in sorted(named - set(centre.queue_ids)):
            message = f"'{name}' is not a queue; the queues are {', '.join(centre.queue_ids)}"
            problems.append(Problem("drivers, column 'queues'", message))
    if problems:
        raise TableError(problems)
