"""What came, by queue and interval: from the log, and from interval reports where there is no log."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.errors import Problem, TableError
from wfo.timegrid import TimeGrid, epoch_min, local_midnight

_SHOWN = 5
_COLUMNS = ("queue", "minute", "offered", "abandoned")
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
    from_log : ndarray of bool, shape (Q,)
        Whether a queue's data come from single contacts, at the end at least.
    log_day : int
        First day of the log, of the complete days or after them.
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
    from_log: np.ndarray
    log_day: int
    notes: tuple[str, ...]

    @property
    def slots(self) -> int:
        """Steps of a local day."""
        return 24 * 60 // self.grid.step_min

    def reported(self, days: int) -> np.ndarray:
        """1 on days before the log of queues with both log and reports; (Q, days, 1), or (Q, days, 0)."""
        before = np.arange(days) < self.log_day
        both = self.from_log & self.covered[:, : self.log_day].any(axis=1)
        return np.outer(both, before).astype(np.float64)[:, :, None][:, :, : int(both.any())]

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

    A queue's counts come from the log from the log's first day on, and before it, or without contacts in the
    log, from the interval reports.

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
    log = _log_rows(centre, interactions, now_min, notes)
    reports = _report_rows(centre, queue_intervals, now_min, step_min, notes)
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
    begins = _located(log, grid)
    log_day = int(day[max(0, int(begins.min()))]) if len(begins) else days
    counts = _counts(grid, day, days, log, reports, len(centre.queues), log_day)
    return History(grid, first, days, day, slot, *counts, log_day, tuple(notes))


def _log_rows(centre: Centre, frame: pd.DataFrame | None, now_min: int, notes: list[str]) -> pd.DataFrame:
    if frame is None or frame.empty:
        return pd.DataFrame(columns=_COLUMNS, data=np.zeros((0, len(_COLUMNS)), dtype=np.int64))
    inbound = frame[(frame["direction"] == "in").to_numpy() & frame["queue"].notna().to_numpy()]
    queue = pd.Index(centre.queue_ids).get_indexer(pd.Index(inbound["queue"]))
    minute = epoch_min(inbound["started_at"])
    unknown = int((queue < 0).sum())
    if unknown:
        notes.append(f"{unknown:,} contacts of queues that the centre does not have are left out")
    keep = (queue >= 0) & (minute < now_min)
    lost = (inbound["outcome"] == "abandoned").to_numpy()
    return pd.DataFrame(
        {
            "queue": queue[keep],
            "minute": minute[keep],
            "offered": 1.0,
            "abandoned": lost[keep].astype(np.float64),
        }
    )


def _report_rows(
    centre: Centre, frame: pd.DataFrame | None, now_min: int, step_min: int, notes: list[str]
) -> pd.DataFrame:
    if frame is None or frame.empty:
        return pd.DataFrame(columns=_COLUMNS, data=np.zeros((0, len(_COLUMNS)), dtype=np.int64))
    _check_reports(frame, step_min)
    queue = pd.Index(centre.queue_ids).get_indexer(pd.Index(frame["queue"]))
    unknown = sorted(set(frame["queue"][queue < 0]))
    if unknown:
        notes.append(
            f"interval reports of queues that the centre does not have are left out: {', '.join(unknown)}"
        )
    start = epoch_min(frame["interval_start"])
    length = frame["interval_min"].to_numpy(dtype=np.int64)
    lost = frame["abandoned"].fillna(0.0) if "abandoned" in frame else np.zeros(len(frame))
    rows = pd.DataFrame(
        {
            "queue": queue,
            "minute": start,
            "offered": frame["offered"].to_numpy(dtype=np.float64),
            "abandoned": np.asarray(lost, dtype=np.float64),
        }
    )
    rows = rows[(queue >= 0) & (start + length <= now_min)]
    parts = np.maximum(length[rows.index] // step_min, 1)
    if (parts > 1).any():
        notes.append("interval reports coarser than the grid are spread evenly over it")
        nth = np.concatenate([np.arange(p) for p in parts])
        rows = rows.loc[np.repeat(rows.index, parts)].reset_index(drop=True)
        wide = np.repeat(parts, parts)
        rows["minute"] += nth * step_min
        rows[["offered", "abandoned"]] = rows[["offered", "abandoned"]].div(wide, axis=0)
    return rows


def _check_reports(frame: pd.DataFrame, step_min: int) -> None:
    problems = []
    for column in ("offered", "abandoned"):
        if column not in frame:
            continue
        values = frame[column].to_numpy(dtype=np.float64)
        bad = (values < 0) | (np.isnan(values) & (column == "offered"))
        rows = np.flatnonzero(bad)
        found = ", ".join(f"{values[r]:g}" for r in rows[:_SHOWN])
        if len(rows):
            where = f"queue_intervals, row {rows[0] + 1}, column '{column}'"
            problems.append(
                Problem(where, f"{len(rows)} counts are negative or missing ({found}); give 0 or more")
            )
    length = frame["interval_min"].to_numpy(dtype=np.int64)
    unfit = np.flatnonzero(
        (length <= 0) | ((length % step_min != 0) & (step_min % np.maximum(length, 1) != 0))
    )
    if len(unfit):
        message = (
            f"{length[unfit[0]]} minutes do not fit the grid of {step_min} minutes; "
            "give intervals that divide it or are multiples of it, or change week.grid_min"
        )
        problems.append(Problem(f"queue_intervals, row {unfit[0] + 1}, column 'interval_min'", message))
    if problems:
        raise TableError(problems)


def _counts(
    grid: TimeGrid,
    day: np.ndarray,
    days: int,
    log: pd.DataFrame,
    reports: pd.DataFrame,
    n_queues: int,
    log_day: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    covered = np.zeros((n_queues, days), dtype=bool)
    sums = np.zeros((2, n_queues * grid.n))
    n_log = np.bincount(log["queue"].to_numpy(dtype=np.int64), minlength=n_queues)
    in_log = n_log > 0
    for rows, is_log in ((log, True), (reports, False)):
        if rows.empty:
            continue
        queue, at = rows["queue"].to_numpy(dtype=np.int64), _located(rows, grid)
        # every contact of the log counts; reports only where the log says nothing
        use = (at >= 0) & (at < grid.n)
        if not is_log:
            use &= ~in_log[queue] | (day[np.clip(at, 0, grid.n - 1)] < log_day)
        queue, at = queue[use], at[use]
        for k, column in enumerate(("offered", "abandoned")):
            weights = rows[column].to_numpy(dtype=np.float64)[use]
            sums[k] += np.bincount(queue * grid.n + at, weights, n_queues * grid.n)
        for q in np.unique(queue):
            seen = day[at[queue == q]]
            begin, end = int(seen.min()), int(seen.max()) + 1
            known_before = bool(covered[q].any()) or bool((reports["queue"].to_numpy() == q).any())
            if is_log:
                covered[q, log_day if known_before else begin :] = True
            else:
                covered[q, begin:end] = True
    offered, abandoned = sums.reshape(2, n_queues, grid.n)
    return offered, abandoned, covered, in_log


def _located(rows: pd.DataFrame, grid: TimeGrid) -> np.ndarray:
    return np.asarray((rows["minute"].to_numpy(dtype=np.int64) - grid.start_min) // grid.step_min)
