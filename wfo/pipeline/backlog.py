"""Deferred work that is open when the planning week begins."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.metrics.specs import MetricSpec
from wfo.pipeline.known import BACKLOG_DAYS, open_work
from wfo.staffing.deferred import due_minutes
from wfo.staffing.targets import response_spec
from wfo.timegrid import TimeGrid, from_epoch_min

ASSUMED_HANDLE_S = 300.0
"""Work of an open contact where neither the centre nor the history says how long one takes."""


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
        queue, release, due, work_s; ordered by them.
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
        part["work_s"] = _work_s(interactions, centre, name)
        parts.append(part)
    if not parts:
        empty = pd.DataFrame(columns=["queue", "release", "due", "work_s"])
        return empty.astype(
            {"queue": "str", "release": "datetime64[us, UTC]", "due": "datetime64[us, UTC]", "work_s": float}
        )
    out = pd.concat(parts)
    later = out["due"] > pd.Timestamp(grid.start)
    kept = out if now >= grid.start else out[later]
    return kept.sort_values(["queue", "release", "due"]).reset_index(drop=True)


def _work_s(interactions: pd.DataFrame | None, centre: Centre, queue: str) -> float:
    """Mean work of one contact: as seen, else as the centre assumes."""
    if interactions is not None and "handle_s" in interactions.columns:
        seen = interactions.loc[interactions["queue"] == queue, "handle_s"].dropna()
        if len(seen):
            return round(float(seen.mean()), 3)
    spec = centre.queues[queue]
    return ASSUMED_HANDLE_S if spec.handle_s is None else spec.handle_s * spec.steps
