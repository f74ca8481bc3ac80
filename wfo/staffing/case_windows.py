"""When each step of a case is to be done: its share of the time that the promise leaves."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.domain.deferred import CaseStep
from wfo.forecasting.opening import open_intervals
from wfo.timegrid import TimeGrid, epoch_min, from_epoch_min, instant


def step_windows(
    steps: Sequence[CaseStep],
    opened: Sequence[np.ndarray],
    release: np.ndarray,
    due: np.ndarray,
    step_min: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Intervals between which each step of cases is to be done, one window after the other.

    A step gets of the open time that is left as its share of the work that is left (equal flexibility, Kao &
    Garcia-Molina 1997), at least one open interval, and leaves every later step one, and its wait. Windows
    that follow each other keep the order of the steps whatever is done when. A promise too short for that
    is overrun: the last window then ends after ``due``.

    Parameters
    ----------
    steps : sequence of CaseStep, K of them
    opened : sequence of ndarray of int64, K of shape (n + 1,)
        Open intervals of each step's queue before each interval of a grid, and in all.
    release, due : ndarray of int64, shape (R,)
        Interval in which a case comes; interval before which it is due.
    step_min : int
        Length of an interval in minutes.

    Returns
    -------
    begin, end : ndarray of int64, shape (K, R)
        Half-open; at most ``n``, behind which the grid sees nothing.

    Examples
    --------
    >>> steps = [CaseStep(handle_s=300), CaseStep(handle_s=900)]
    >>> always = np.arange(17)
    >>> begin, end = step_windows(steps, [always, always], np.array([0]), np.array([8]), 60)
    >>> begin.ravel().tolist(), end.ravel().tolist()
    ([0, 2], [2, 8])
    """
    n = opened[0].size - 1
    waits = [int(np.ceil(step.wait_h * 60 / step_min - 1e-9)) for step in steps]
    latest = _latest_ends(opened, waits, np.clip(due, 0, n))
    left = np.cumsum([step.work_s for step in steps][::-1])[::-1]
    begin, end = np.empty((2, len(steps), release.size), dtype=np.int64)
    at = np.clip(release, 0, n)
    for k, step in enumerate(steps):
        begin[k] = np.minimum(at + waits[k], n)
        before = opened[k][begin[k]]
        room = np.maximum(opened[k][latest[k]] - before, 0)
        wanted = before + np.ceil(room * (step.work_s / left[k]) - 1e-9)
        split = np.searchsorted(opened[k], wanted, side="left")
        split = latest[k] if k == len(steps) - 1 else np.minimum(split, latest[k])
        end[k] = np.minimum(np.maximum(split, _first_end(opened[k], begin[k])), n)
        at = end[k]
    return begin, end


def _latest_ends(opened: Sequence[np.ndarray], waits: Sequence[int], due: np.ndarray) -> list[np.ndarray]:
    """By when each step must end so that each later one has an open interval, and its wait, until due."""
    latest = [due]
    for k in range(len(opened) - 1, 0, -1):
        last_start = np.searchsorted(opened[k], opened[k][latest[0]] - 1, side="right") - 1
        latest.insert(0, np.maximum(last_start - waits[k], 0))
    return latest


def _first_end(opened: np.ndarray, at: np.ndarray) -> np.ndarray:
    """End of the first open interval at or after each."""
    return np.searchsorted(opened, opened[at] + 1, side="left")


def open_steps(
    centre: Centre, queue: str, cases: pd.DataFrame, at: dt.datetime, step_min: int
) -> pd.DataFrame:
    """Steps of open cases that are not done by plan at a moment; the last one is never taken for done.

    A case stands at the first of them.

    Parameters
    ----------
    centre : Centre
    queue : str
        The cases' queue.
    cases : DataFrame
        ``release, due`` of each case.
    at : datetime
    step_min : int
        Length of an interval in minutes.

    Returns
    -------
    DataFrame
        ``queue`` (whose people do the step), ``release, due, work_s, case_of`` (the case's queue),
        ``stands_at`` (number of the step where the case stands at it, −1 in its later steps), ``promised``
        (when the case is due), ``came`` (when it came), one row for each case and step.
    """
    release, due = epoch_min(cases["release"]), epoch_min(cases["due"])
    now = epoch_min(pd.DatetimeIndex([at]))[0]
    first = now - max(0, -(-(now - int(release.min(initial=now))) // step_min)) * step_min
    beyond = int(max(now, due.max(initial=now))) + 28 * 24 * 60
    grid = TimeGrid(instant(from_epoch_min(np.array([first]))[0]), step_min, int(beyond - first) // step_min)
    opened = np.cumsum(open_intervals(centre, grid), axis=1)
    steps = list(centre.queues[queue].case_steps.values())
    served_by = [step.queue or queue for step in steps]
    clocks = [np.r_[0, opened[centre.queue_ids.index(own)]] for own in served_by]
    begin, end = step_windows(
        steps, clocks, (release - first) // step_min, (due - first) // step_min, step_min
    )
    stands_at = (first + end[:-1] * step_min <= now).sum(axis=0)
    parts = []
    for k, step in enumerate(steps):
        last = k == len(steps) - 1
        until = due if last else first + end[k] * step_min
        keep = k >= stands_at
        parts.append(
            pd.DataFrame(
                {
                    "queue": pd.Series([served_by[k]] * int(keep.sum()), dtype="str"),
                    "release": from_epoch_min((first + begin[k] * step_min)[keep]),
                    "due": from_epoch_min(until[keep]),
                    "work_s": np.full(int(keep.sum()), step.work_s),
                    "case_of": pd.Series([queue] * int(keep.sum()), dtype="str"),
                    "stands_at": np.where(stands_at == k, k, -1)[keep],
                    "promised": from_epoch_min(due[keep]),
                    "came": from_epoch_min(release[keep]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
