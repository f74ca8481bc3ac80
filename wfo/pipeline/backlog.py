"""Deferred work that is open when the planning week begins."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.forecasting.opening import open_intervals
from wfo.metrics.specs import MetricSpec
from wfo.pipeline.known import BACKLOG_DAYS, open_work
from wfo.staffing.case_windows import open_steps
from wfo.staffing.deferred import due_minutes, longer_grid
from wfo.staffing.targets import response_spec
from wfo.timegrid import TimeGrid, from_epoch_min

if TYPE_CHECKING:
    from wfo.forecasting.result import ForecastResult

ASSUMED_HANDLE_S = 300.0
"""Work of an open contact where neither the centre nor the history says how long one takes."""
_TYPES = {
    "queue": "str",
    "release": "datetime64[us, UTC]",
    "due": "datetime64[us, UTC]",
    "work_s": "float64",
    "case_of": "str",
    "stands_at": "int64",
    "promised": "datetime64[us, UTC]",
    "came": "datetime64[us, UTC]",
    "list": "str",
}


def backlog_at(
    interactions: pd.DataFrame | None,
    centre: Centre,
    specs: tuple[MetricSpec, ...],
    now: dt.datetime,
    grid: TimeGrid,
    *,
    promise_days: float,
) -> pd.DataFrame:
    """Open work of deferred queues at the week's start.

    Parameters
    ----------
    interactions : DataFrame or None
        As known at ``now``.
    centre : Centre
    specs : tuple of MetricSpec
        Response targets say when work without a promise is due.
    now : datetime
    grid : TimeGrid
        The planning week. Where it begins later than ``now``, work due before it is taken for done.
    promise_days : float
        Working days of a promise that the log does not date.

    Returns
    -------
    DataFrame
        queue, release, due, work_s; ordered by the first three. Of a case its steps that are not done by
        plan, and ``case_of, stands_at, promised, came`` as of `open_steps`; empty, −1, ``due`` and
        ``release`` where work is one piece. ``list``: on which list a person is still to be called, due when
        the list ends; only a week before can tell, so it is empty here.
    """
    work = open_work(interactions, centre, now)
    before = TimeGrid(
        now - dt.timedelta(days=BACKLOG_DAYS), grid.step_min, BACKLOG_DAYS * 24 * 60 // grid.step_min
    )
    parts = []
    for queue, rows in work.groupby("queue", sort=True):
        name = str(queue)
        due_min = due_minutes(centre, name, before, response_spec(name, specs), promise_days=promise_days)
        at = np.clip(before.locate(rows["release"]), 0, before.n - 1)
        due = pd.Series(from_epoch_min(due_min[at]), index=rows.index)
        part = rows[["queue", "release"]].assign(due=rows["promise_due"].fillna(due))
        if centre.queues[name].case_steps:
            parts.append(open_steps(centre, name, part, max(now, grid.start), before.step_min))
            continue
        parts.append(_in_one_piece(part, _work_s(interactions, centre, name)))
    out = in_order(parts)
    later = (out["promised"] > pd.Timestamp(grid.start)).to_numpy()
    return out if now >= grid.start else out[later].reset_index(drop=True)


def with_gap(
    backlog: pd.DataFrame,
    forecast: "ForecastResult",
    centre: Centre,
    specs: tuple[MetricSpec, ...],
    now: dt.datetime,
    *,
    promise_days: float,
) -> pd.DataFrame:
    """The backlog and, before a later week, what comes after ``now`` and is open when it begins.

    The weeks between bring what the planning week's same weekdays bring. Their work is taken to be done
    evenly in the open hours between its coming and its due instant, so a contact that is due after the week's
    start is open with the share of those hours that is left then. Whole contacts are kept, each with its mean
    handle time.

    Parameters
    ----------
    backlog : DataFrame
        From `backlog_at`.
    forecast : ForecastResult
        Of the planning week.
    centre : Centre
    specs : tuple of MetricSpec
    now : datetime
    promise_days : float

    Returns
    -------
    DataFrame
        As of `backlog_at`.
    """
    laws, expected = forecast.laws(), forecast.expected()
    grid = laws.grid
    ahead = round((grid.start - now).total_seconds() / 60) // grid.step_min
    if ahead <= 0:
        return backlog
    ahead = min(ahead, BACKLOG_DAYS * 24 * 60 // grid.step_min)
    before = TimeGrid(grid.start - dt.timedelta(minutes=ahead * grid.step_min), grid.step_min, ahead)
    parts = [backlog]
    for q, name in enumerate(laws.queues):
        if centre.queues[name].law is not Law.DEFERRED:
            continue
        due = due_minutes(centre, name, before, response_spec(name, specs), promise_days=promise_days)
        by_step = bool(centre.queues[name].case_steps)
        # of a case each step is open or done by plan, so the whole case counts
        share = (due > grid.start_min) if by_step else still_open(centre, name, before, due)
        # the same clock time of the week, so many weeks later
        same = (np.arange(ahead) - ahead) % grid.n
        mean, handle = expected[q, same] * share, laws.handle_mean_s[q, same]
        parts.append(whole_contacts(centre, name, before, due, mean, handle))
    return in_order(parts)


def whole_contacts(
    centre: Centre, queue: str, grid: TimeGrid, due: np.ndarray, mean: np.ndarray, handle_s: np.ndarray
) -> pd.DataFrame:
    """Open contacts of a queue at a grid's end, in whole numbers.

    Parameters
    ----------
    centre : Centre
    queue : str
    grid : TimeGrid
    due : ndarray of int64, shape (T,)
        When what comes in each interval is due, in minutes since the epoch.
    mean : ndarray, shape (T,)
        Expected number of contacts that came in each interval and are open.
    handle_s : ndarray, shape (T,)
        Their mean handle time.

    Returns
    -------
    DataFrame
        As of `backlog_at`.
    """
    whole = np.floor(np.cumsum(mean) + 0.5).astype(np.int64)
    at = np.repeat(np.arange(grid.n), np.maximum(np.diff(whole, prepend=0), 0))
    frame = {"release": from_epoch_min(grid.minutes[at]), "due": from_epoch_min(due[at])}
    part = pd.DataFrame({"queue": pd.Series([queue] * at.size, dtype="str"), **frame})
    spec = centre.queues[queue]
    if spec.case_steps:
        return open_steps(centre, queue, part, grid.end, grid.step_min)
    each = (
        handle_s[at] if spec.outbound is None else spec.outbound.talked * handle_s[at] + spec.outbound.vain_s
    )
    return _in_one_piece(part, each)


def in_order(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Parts as of `backlog_at` as one, in its order; those without a column ``list`` are on none."""
    full = [part if "list" in part.columns else part.assign(list="") for part in parts if len(part)]
    if not full:
        return pd.DataFrame(columns=list(_TYPES)).astype(_TYPES)
    out = pd.concat(full)[list(_TYPES)]
    return out.sort_values(["queue", "release", "due"], kind="stable").reset_index(drop=True)


def _in_one_piece(part: pd.DataFrame, work_s: float | np.ndarray) -> pd.DataFrame:
    """Rows ``queue, release, due`` as open work that has no steps."""
    none = pd.Series([""] * len(part), index=part.index, dtype="str")
    return part.assign(work_s=work_s, case_of=none, stands_at=-1, promised=part["due"], came=part["release"])


def still_open(
    centre: Centre, queue: str, grid: TimeGrid, due: np.ndarray, came: np.ndarray | None = None
) -> np.ndarray:
    """Share of the queue's open time between coming and due that lies after a grid.

    Parameters
    ----------
    centre : Centre
    queue : str
    grid : TimeGrid
    due : ndarray of int64, shape (R,)
        Minutes since the epoch.
    came : ndarray of int64, shape (R,), optional
        Intervals of the grid; without it each interval of the grid in turn.

    Returns
    -------
    ndarray, shape (R,)
    """
    longer = longer_grid(grid)
    is_open = open_intervals(centre, longer)[centre.queue_ids.index(queue)]
    opened = np.r_[0, np.cumsum(is_open)]
    until = opened[np.clip(-(-(due - grid.start_min) // grid.step_min), 0, longer.n)]
    before = opened[: grid.n] if came is None else opened[came]
    after, whole = until - opened[grid.n], until - before
    late = due > grid.start_min + grid.n * grid.step_min
    return np.clip(np.where(whole > 0, after / np.maximum(whole, 1), late), 0.0, 1.0)


def _work_s(interactions: pd.DataFrame | None, centre: Centre, queue: str) -> float:
    """Mean work of one contact: as seen, else as the centre assumes."""
    if interactions is not None and "handle_s" in interactions.columns:
        seen = interactions.loc[interactions["queue"] == queue, "handle_s"].dropna()
        if len(seen):
            return round(float(seen.mean()), 3)
    spec = centre.queues[queue]
    return ASSUMED_HANDLE_S if spec.handle_s is None else spec.handle_s * spec.steps
