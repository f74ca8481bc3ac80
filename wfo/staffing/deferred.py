"""Deferred work: when it is due, how it spreads over the week, and the fewest people who do it in time."""

import datetime as dt
import math

import numpy as np

from wfo.domain.centre import Centre
from wfo.forecasting.opening import open_intervals
from wfo.metrics.specs import MetricSpec, WaitClock
from wfo.timegrid import MINUTE_MS, TimeGrid

BEYOND = dt.timedelta(days=28)
"""How far past the planning week opening hours are looked up; promises beyond take these weeks to repeat."""


def longer_grid(grid: TimeGrid) -> TimeGrid:
    """The grid continued far enough past its end to hold due instants."""
    return TimeGrid(grid.start, grid.step_min, grid.n + int(BEYOND.total_seconds() // 60) // grid.step_min)


def due_minutes(
    centre: Centre,
    queue: str,
    grid: TimeGrid,
    spec: MetricSpec | None,
    *,
    promise_days: float,
) -> np.ndarray:
    """When work that arrives in each interval is due.

    The clock starts with the interval, so nothing in it is late. In working time only the queue's open
    intervals count. A promise is the queue's ``promise_h`` open hours away, else ``promise_days`` average
    open days; work without any target is due so too, or one such day later.

    Parameters
    ----------
    centre : Centre
    queue : str
    grid : TimeGrid
    spec : MetricSpec or None
        ``80% in 60 min``, ``90% in 24 working h``, ``90% by promise``.
    promise_days : float
        Working days of a promise where the queue says no hours.

    Returns
    -------
    ndarray of int64, shape (T,)
        Minutes since the epoch, rounded up; at least the interval's end.
    """
    ends = grid.minutes + grid.step_min
    if spec is not None and spec.clock is WaitClock.REAL and spec.within_s is not None:
        return np.maximum(ends, grid.minutes + math.ceil(spec.within_s / 60))
    return np.maximum(ends, _open_due(centre, queue, grid, spec, promise_days))


def due_ms(
    centre: Centre, queue: str, grid: TimeGrid, spec: MetricSpec | None, *, promise_days: float
) -> np.ndarray:
    """When work that arrives as an interval starts is due, before the interval ends where it is due so soon.

    Parameters
    ----------
    centre, queue, grid, spec, promise_days
        As of `due_minutes`. Only real time knows parts of a minute.

    Returns
    -------
    ndarray of int64, shape (T,)
        Milliseconds after the grid's start.
    """
    begins = (grid.minutes - grid.start_min) * MINUTE_MS
    if spec is not None and spec.clock is WaitClock.REAL and spec.within_s is not None:
        return begins + round(spec.within_s * 1000)
    due = _open_due(centre, queue, grid, spec, promise_days)
    return np.maximum(begins, (due - grid.start_min) * MINUTE_MS)


def due_turns(
    centre: Centre, queue: str, grid: TimeGrid, spec: MetricSpec | None, *, promise_days: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where the deadlines of work that arrives within an interval go over closing time.

    Parameters
    ----------
    centre, queue, grid, spec, promise_days
        As of `due_ms`.

    Returns
    -------
    turn_ms, gap_ms : ndarray of int64, shape (T,)
        Work that arrives up to ``turn_ms`` after the interval's start is due as much later than `due_ms`;
        what arrives after that is due ``gap_ms`` later still, in the next opening. −1: the queue is closed,
        and all that arrives is due at `due_ms`.
    """
    turn = np.full(grid.n, grid.step_min * MINUTE_MS)
    gap = np.zeros(grid.n, dtype=np.int64)
    if spec is not None and spec.clock is WaitClock.REAL and spec.within_s is not None:
        return turn, gap
    longer = longer_grid(grid)
    is_open = np.r_[open_intervals(centre, longer)[centre.queue_ids.index(queue)], False]
    period = (longer.n - grid.n) * grid.step_min
    closing, opening = (
        np.minimum.accumulate(np.where(found, np.arange(longer.n + 1), longer.n)[::-1])[::-1]
        for found in (~is_open, is_open)
    )
    due = _open_due(centre, queue, grid, spec, promise_days) - grid.start_min
    due -= np.maximum(0, -(-(due - longer.n * grid.step_min) // period)) * period
    end = closing[(due - 1) // grid.step_min]
    turn = np.where(is_open[: grid.n], np.minimum(turn, (end * grid.step_min - due) * MINUTE_MS), -1)
    ahead = opening[end] < longer.n
    again = opening[end] + np.where(ahead, 0, opening[grid.n] - grid.n)
    known = ahead | (opening[grid.n] < longer.n)
    return turn, np.where(known, (again - end) * grid.step_min * MINUTE_MS, 0)


def _open_due(
    centre: Centre, queue: str, grid: TimeGrid, spec: MetricSpec | None, promise_days: float
) -> np.ndarray:
    """Minutes since the epoch at which so much open time has gone by since each interval's start.

    Open time past `BEYOND` is that of the same days before, over and over; where there is none, the work is
    due at its end.
    """
    longer = longer_grid(grid)
    is_open = open_intervals(centre, longer)[centre.queue_ids.index(queue)]
    if spec is not None and spec.clock is WaitClock.WORKING and spec.within_s is not None:
        within = spec.within_s / 60
    elif (promise_h := centre.queues[queue].promise_h) is not None:
        within = promise_h * 60
    else:
        days = promise_days if spec is not None else 1.0
        within = days * _open_day_min(is_open, longer, centre.zone)
    done = np.cumsum(is_open) * longer.step_min
    before = np.r_[0, done[:-1]]
    target = before[: grid.n] + within
    turn = done[-1] - done[grid.n - 1]
    turns = np.ceil(np.maximum(0.0, target - done[-1]) / turn) if turn else np.zeros(grid.n)
    target = target - turns * turn
    at = np.minimum(np.searchsorted(done, target, side="left"), longer.n - 1)
    open_min = np.ceil(np.clip(target - before[at], 0, longer.step_min))
    return longer.minutes[at] + (open_min + turns * (longer.n - grid.n) * grid.step_min).astype(np.int64)


def _open_day_min(is_open: np.ndarray, grid: TimeGrid, zone: str) -> float:
    """Mean open minutes of the days on which the queue opens; a whole day where it never does."""
    minutes = np.bincount(grid.local_day_number(zone), weights=is_open) * grid.step_min
    return float(minutes[minutes > 0].mean()) if is_open.any() else 1440.0


def spread(
    work_s: np.ndarray, release: np.ndarray, due: np.ndarray, is_open: np.ndarray, step_s: float
) -> np.ndarray:
    """Positions that each interval needs when all work is done evenly between release and due.

    Parameters
    ----------
    work_s : ndarray, shape (R,)
        Agent-seconds.
    release, due : ndarray of int64, shape (R,)
        Intervals ``[release, due)``; work whose window has no open interval is done in the next one.
    is_open : ndarray of bool, shape (T,)
    step_s : float
        Length of an interval in seconds.

    Returns
    -------
    ndarray, shape (T,)
    """
    opened = np.r_[0, np.cumsum(is_open)]
    if not opened[-1]:
        return np.zeros(is_open.size)
    first = np.minimum(opened[np.clip(release, 0, is_open.size)], opened[-1] - 1)
    last = np.maximum(first + 1, opened[np.clip(due, 0, is_open.size)])
    density = work_s / (last - first) / step_s
    change = np.zeros(opened[-1] + 1)
    np.add.at(change, first, density)
    np.add.at(change, last, -density)
    out = np.zeros(is_open.size)
    out[is_open] = np.maximum(np.cumsum(change)[:-1], 0.0)
    return out


def least_constant_positions(
    work_s: np.ndarray, release: np.ndarray, due: np.ndarray, is_open: np.ndarray, step_s: float
) -> float:
    """Fewest positions, alike in every open interval, with which earliest-due-first is never late (fluid).

    The densest stretch decides: work that is both released and due inside it, over its open time (Horn 1974).

    Parameters
    ----------
    work_s, release, due, is_open, step_s
        As in `spread`.

    Returns
    -------
    float
        inf where work must be done in a stretch that is never open.
    """
    n = is_open.size
    inside = np.zeros((n + 1, n + 1))
    np.add.at(inside, (np.clip(release, 0, n), np.clip(due, 0, n)), work_s)
    inside = np.cumsum(np.cumsum(inside[::-1], axis=0)[::-1], axis=1)
    opened = np.r_[0, np.cumsum(is_open)]
    capacity = np.maximum(opened[None, :] - opened[:, None], 0) * step_s
    if ((capacity == 0) & (inside > 1e-9)).any():
        return float("inf")
    return float((inside / np.where(capacity > 0, capacity, 1.0)).max())
