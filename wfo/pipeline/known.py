"""What was known at the planning moment, and what came after it."""

import datetime as dt

import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.tables.data import Data
from wfo.tables.history import interval_counts
from wfo.timegrid import TimeGrid

_LATER = ("ended_at", "handle_s", "session_s", "resolved", "disposition")
"""Columns of an interaction that are known only when it has ended."""
BACKLOG_DAYS = 28
"""Contacts open for longer than this are taken for never closed in the source system."""


def known_table(name: str, frame: pd.DataFrame, now: dt.datetime) -> pd.DataFrame:
    """A table as it was known at ``now``; a contact in progress is there, without its end."""
    if name == "interactions":
        frame = _in_progress(frame, now)
    return Data({name: frame}).before(now)[name]


def _in_progress(interactions: pd.DataFrame, now: dt.datetime) -> pd.DataFrame:
    moment = pd.Timestamp(now)
    began = (interactions["started_at"] < moment).to_numpy()
    frame = interactions if began.all() else interactions[began].reset_index(drop=True)
    if "ended_at" not in frame.columns:
        return frame
    running = (frame["ended_at"] > moment).to_numpy()
    if not running.any():
        return frame
    frame = frame.copy()
    waiting = running
    if "answered_at" in frame.columns:
        waiting = running & ~(frame["answered_at"] <= moment).to_numpy()
    for column in _LATER:
        if column in frame.columns:
            frame[column] = frame[column].mask(running)
    for column in ("answered_at", "wait_s", "agent_id"):
        if column in frame.columns:
            frame[column] = frame[column].mask(waiting)
    frame["outcome"] = frame["outcome"].mask(running, "open")
    return frame


def open_work(interactions: pd.DataFrame | None, centre: Centre, now: dt.datetime) -> pd.DataFrame:
    """Contacts of deferred queues that wait or are in work at ``now``.

    Parameters
    ----------
    interactions : DataFrame or None
        As known at ``now``.
    centre : Centre
    now : datetime

    Returns
    -------
    DataFrame
        queue, release, promise_due (empty where there is none), ordered.
    """
    columns = ["queue", "release", "promise_due"]
    if interactions is None:
        return pd.DataFrame(columns=columns)
    deferred = [q for q, spec in centre.queues.items() if spec.law is Law.DEFERRED]
    rows = interactions[
        (interactions["queue"].isin(deferred) & (interactions["direction"] == "in")).to_numpy()
        & (interactions["outcome"] == "open").to_numpy()
        & (interactions["started_at"] >= pd.Timestamp(now - dt.timedelta(days=BACKLOG_DAYS))).to_numpy()
    ]
    out = rows[["queue", "started_at"]].rename(columns={"started_at": "release"})
    nothing = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    out["promise_due"] = rows["promise_due"] if "promise_due" in rows.columns else nothing
    return out.sort_values(columns).reset_index(drop=True)


def actuals(
    interactions: pd.DataFrame | None, intervals: pd.DataFrame | None, grid: TimeGrid
) -> pd.DataFrame | None:
    """What came in the planning week, from data that reach beyond the planning moment.

    Parameters
    ----------
    interactions, intervals : DataFrame or None
        Tables ``interactions`` and ``queue_intervals``, not cut.
    grid : TimeGrid
        The planning week.

    Returns
    -------
    DataFrame or None
        In the shape of ``queue_intervals``; None where nothing has come yet.
    """
    begin, end = pd.Timestamp(grid.start), pd.Timestamp(grid.end)
    if interactions is not None:
        rows = interactions[
            ((interactions["started_at"] >= begin) & (interactions["started_at"] < end)).to_numpy()
        ]
        if len(rows):
            return interval_counts(rows, step_min=grid.step_min, start_min=grid.start_min)
    if intervals is not None:
        inside = ((intervals["interval_start"] >= begin) & (intervals["interval_start"] < end)).to_numpy()
        if inside.any():
            return intervals[inside].sort_values(["queue", "interval_start"]).reset_index(drop=True)
    return None
