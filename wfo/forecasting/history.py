"""What came, by queue and interval: from the log, and from interval reports where there is no log."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.forecasting.history_rows import log_rows, report_rows
from wfo.timegrid import TimeGrid, local_midnight

MISSING_BELOW = 20.0
"""A day without a contact counts as lost data where a queue's usual day has at least this many."""


@dataclass(frozen=True)
class History:
    """Observed counts on a grid of whole steps from a local midnight to the planning moment.

    Attributes
    ----------
    grid : TimeGrid
        T intervals.
    first_day : date
        Local date of the first interval.
    days : int
        D, complete local days; the day of the planning moment is not among them.
    day, slot : ndarray of int64, shape (T,)
        Local day number, and step of the local day by the wall clock.
    offered, abandoned : ndarray of float64, shape (Q, T)
    covered : ndarray of bool, shape (Q, D)
        Days for which there are data, closed days included.
    told : ndarray of bool, shape (Q, D)
        Those that have a row: in the queue's reports (be it of 0 contacts), or in the log of any queue.
    from_log : ndarray of bool, shape (Q,)
        Whether a queue's data come from single contacts, at the end at least.
    log_day : ndarray of int64, shape (Q,)
        First day on which the log counts, of the complete days or after them.
    notes : tuple of str
    """

    grid: TimeGrid
    first_day: dt.date
    days: int
    day: np.ndarray
    slot: np.ndarray
    offered: np.ndarray
    abandoned: np.ndarray
    covered: np.ndarray
    told: np.ndarray
    from_log: np.ndarray
    log_day: np.ndarray
    notes: tuple[str, ...]

    @property
    def slots(self) -> int:
        """Steps of a local day."""
        return 24 * 60 // self.grid.step_min

    def reported(self, days: int) -> np.ndarray:
        """1 on days before the log of queues with both log and reports; (Q, days, 1), or (Q, days, 0)."""
        before = np.arange(days) < self.log_day[:, None]
        both = self.from_log & (self.covered & before[:, : self.days]).any(axis=1)
        return np.where(both[:, None], before, 0.0)[:, :, None][:, :, : int(both.any())]

    def by_day(self, values: np.ndarray) -> np.ndarray:
        """Sum values of shape (Q, T) into complete days and steps of the day, shape (Q, D, slots)."""
        cell = self.day * self.slots + self.slot
        size = self.days * self.slots
        whole = self.day < self.days
        sums = [np.bincount(cell[whole], row[whole], size)[:size] for row in values]
        return np.array(sums).reshape(len(values), self.days, self.slots)


def read_history(
    centre: Centre,
    step_min: int,
    now: dt.datetime,
    interactions: pd.DataFrame | None,
    queue_intervals: pd.DataFrame | None,
    *,
    reach_days: int,
) -> History:
    """Count contacts by queue and interval.

    A queue's counts come from the log from the log's first contact on, and before it, or without contacts in
    the log, from the interval reports. The day within which the log begins is the reports' where they have it
    all.

    Parameters
    ----------
    centre : Centre
    step_min : int
        The scenario's grid.
    now : datetime
        What began later is left out.
    interactions, queue_intervals : DataFrame or None
        As in the table contracts.
    reach_days : int
        Days of history that are read, at most.

    Raises
    ------
    TableError
        If counts are negative or missing, or intervals do not fit the grid.
    """
    now_min = int(now.timestamp()) // 60
    notes: list[str] = []
    log = log_rows(centre, interactions, now_min, notes)
    reports = report_rows(centre, queue_intervals, now_min, step_min, notes)
    stamps = [rows.minute.min() for rows in (log, reports) if len(rows)]
    last = pd.Timestamp(now).tz_convert(centre.zone).date()
    first = last - dt.timedelta(days=1)
    if stamps:
        earliest = pd.Timestamp(int(min(stamps)) * 60, unit="s", tz="UTC").tz_convert(centre.zone).date()
        first = max(min(earliest, first), last - dt.timedelta(days=reach_days))
    begin = local_midnight(first, centre.zone)
    grid = TimeGrid(begin, step_min, -(-(now_min - int(begin.timestamp()) // 60) // step_min))
    local = grid.local(centre.zone)
    day = grid.local_day_number(centre.zone)
    slot = np.asarray((local.hour * 60 + local.minute) // step_min)
    days = (last - first).days
    since = _log_begins(grid, day, log, reports, len(centre.queues))
    counts = _counts(grid, day, days, log, reports, since)
    return History(grid, first, days, day, slot, *counts, np.append(day, days)[since], tuple(notes))


def _log_begins(
    grid: TimeGrid, day: np.ndarray, log: pd.DataFrame, reports: pd.DataFrame, n_queues: int
) -> np.ndarray:
    """Interval from which each queue's log counts: the whole log's first, or the midnight after; (Q,)."""
    out = np.full(n_queues, grid.n)
    if log.empty:
        return out
    first = max(0, int(_located(log, grid).min()))
    at, came = _located(reports, grid), reports["offered"].to_numpy() > 0
    came &= (at >= 0) & (at < grid.n)
    came[came] &= day[at[came]] == day[first]
    for q in range(n_queues):
        own = at[came & (reports["queue"].to_numpy() == q)]
        whole = (own < first).any() and (own >= first).any()  # reports begin before the log, and go on
        out[q] = np.searchsorted(day, day[first], side="right") if whole else first
    return out


def _counts(
    grid: TimeGrid,
    day: np.ndarray,
    days: int,
    log: pd.DataFrame,
    reports: pd.DataFrame,
    since: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    n_queues = len(since)
    covered, told = np.zeros((2, n_queues, days), dtype=bool)
    in_log = np.zeros(n_queues, dtype=bool)
    sums = np.zeros((2, n_queues * grid.n))
    for rows, is_log in ((log, True), (reports, False)):
        queue, at = rows["queue"].to_numpy(dtype=np.int64), _located(rows, grid)
        # every contact of the log counts; reports only where the log says nothing
        use = (at >= 0) & (at < grid.n)
        use &= at >= since[queue] if is_log else ~in_log[queue] | (at < since[queue])
        queue, at = queue[use], at[use]
        for k, column in enumerate(("offered", "abandoned")):
            weights = rows[column].to_numpy(dtype=np.float64)[use]
            sums[k] += np.bincount(queue * grid.n + at, weights, n_queues * grid.n)
        in_any = day[at] if is_log else None
        for q in np.unique(queue):
            seen = day[at[queue == q]]
            rows_of = seen if in_any is None else in_any
            told[q, rows_of[rows_of < days]] = True
            begin, end = int(seen.min()), int(seen.max()) + 1
            if is_log:
                in_log[q] = True
                known_before = bool((reports["queue"].to_numpy() == q).any())
                covered[q, day[since[q]] if known_before else begin :] = True
            else:
                covered[q, begin:end] = True
    offered, abandoned = sums.reshape(2, n_queues, grid.n)
    return offered, abandoned, covered, told, in_log


def _located(rows: pd.DataFrame, grid: TimeGrid) -> np.ndarray:
    return np.asarray((rows["minute"].to_numpy(dtype=np.int64) - grid.start_min) // grid.step_min)
