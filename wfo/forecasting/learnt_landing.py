"""How soon after opening contacts come that fell due while a queue was closed, from linked ones."""

from dataclasses import replace

import numpy as np
import pandas as pd

from wfo.forecasting.history import History
from wfo.forecasting.landing import landing
from wfo.forecasting.laws import Laws
from wfo.forecasting.propagation import children, land
from wfo.timegrid import epoch_min

WITHIN_MIN = (30, 60, 90, 120, 150, 180, 240, 300, 360, 480)
"""Lengths that are compared, in minutes."""
_LEAST_LINKED = 300  # follow-ups whose arrival tells a length
_LEAST_SHARE = 0.05  # of them that must have been due while closed
_RECENT_DAYS = 120


def with_landing(
    laws: Laws,
    history: History,
    is_open: np.ndarray,
    interactions: pd.DataFrame | None,
    members: pd.DataFrame | None,
    queues: tuple[str, ...],
) -> Laws:
    """The laws with each queue's landing as its linked follow-ups show it.

    Of the lengths the one is taken under which the arrivals of linked follow-ups are most likely, as Poisson
    counts in proportion to what R and its delays expect (links that are missing scale both). A queue whose
    log says too little keeps its length.

    Parameters
    ----------
    laws : Laws
    history : History
    is_open : ndarray of bool, shape (Q, T)
        On the history's grid.
    interactions, members : DataFrame or None
        As in the table contracts.
    queues : tuple of str
    """
    if interactions is None or members is None or members.empty or laws.reach_min == 0:
        return laws
    came = _linked(history, interactions, members, queues)
    first = max(0, history.grid.n - _RECENT_DAYS * history.slots)
    served = np.maximum(history.offered - history.abandoned, 0.0)[:, first:]
    grid_open, came = is_open[:, first:], came[:, first:]
    here, one = np.arange(grid_open.shape[1], dtype=np.int32), np.ones(grid_open.shape, dtype=np.int32)
    whole = replace(laws, planned_abandonment=np.zeros(len(queues)), redial_p=np.zeros(len(queues)))
    due = children(served, whole.links(history.grid.step_min), np.tile(here, (len(queues), 1)), one)
    found = laws.landing_min.copy()
    for q in range(len(queues)):
        shut = due[q, ~grid_open[q]].sum()
        if came[q].sum() >= _LEAST_LINKED and shut >= _LEAST_SHARE * due[q].sum():
            found[q] = _likeliest(due[q], came[q], grid_open[q], history.grid.step_min)
    return replace(laws, landing_min=found)


def _likeliest(due: np.ndarray, came: np.ndarray, is_open: np.ndarray, step_min: int) -> int:
    best, length = -np.inf, 0
    begins = is_open & ~np.concatenate([[False], is_open[:-1]])
    since = np.arange(len(due)) - np.maximum.accumulate(np.where(begins, np.arange(len(due)), -len(due)))
    known = is_open & (since * step_min < WITHIN_MIN[-1]) & (np.cumsum(due) > 0)
    for minutes in WITHIN_MIN:
        if minutes < step_min:
            continue
        start, span = landing(is_open[None], step_min, np.array([minutes]))
        expected = land(due[None], start, span)[0]
        scale = came[known].sum() / max(float(expected[known].sum()), 1e-12)
        mean = np.maximum(scale * expected[known], 1e-9)
        likelihood = float((came[known] * np.log(mean) - mean).sum())
        if likelihood > best:
            best, length = likelihood, minutes
    return length


def _linked(
    history: History, interactions: pd.DataFrame, members: pd.DataFrame, queues: tuple[str, ...]
) -> np.ndarray:
    """Linked follow-ups by queue and interval, shape (Q, T)."""
    follow_ups = members.loc[members["role"] == "follow_up", "interaction_id"]
    rows = interactions[interactions["interaction_id"].isin(follow_ups).to_numpy()]
    queue = pd.Index(queues).get_indexer(pd.Index(rows["queue"]))
    at = (epoch_min(rows["started_at"]) - history.grid.start_min) // history.grid.step_min
    inside = (queue >= 0) & (at >= 0) & (at < history.grid.n)
    cell = queue[inside] * history.grid.n + at[inside]
    return np.bincount(cell, minlength=len(queues) * history.grid.n).reshape(len(queues), history.grid.n)
