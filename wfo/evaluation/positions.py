"""Positions: required and scheduled people by queue and interval."""

import numpy as np
import pandas as pd

from wfo.simulation.memory import DEFERRED
from wfo.simulation.staffing import Staffing
from wfo.timegrid import MINUTE_MS, TimeGrid

ROUNDS = 12
"""Rounds of proportional fitting; the shares have settled by then."""


def required_positions(requirement: pd.DataFrame, queues: tuple[str, ...], grid: TimeGrid) -> np.ndarray:
    """Required positions with shrinkage, shape (Q, T)."""
    return _positions(requirement, "positions_with_shrinkage", queues, grid)


def kept_positions(requirement: pd.DataFrame, staffing: Staffing, grid: TimeGrid) -> np.ndarray:
    """Positions that queues served at once are to have while deferred work can wait, shape (Q, T).

    Those required before shrinkage, as who is absent is not there to be kept; none for deferred work.
    """
    kept = _positions(requirement, "positions", staffing.queues, grid)
    return np.where((staffing.law < DEFERRED)[:, None], kept, 0.0)


def _positions(requirement: pd.DataFrame, column: str, queues: tuple[str, ...], grid: TimeGrid) -> np.ndarray:
    out = np.zeros((len(queues), grid.n))
    number = {name: k for k, name in enumerate(queues)}
    rows = requirement[requirement["queue"].isin(queues)]
    at = grid.locate(rows["interval_start"])
    inside = (at >= 0) & (at < grid.n)
    queue = rows["queue"].map(number).to_numpy(dtype=np.int64)
    values = rows[column].to_numpy(dtype=float)
    np.add.at(out, (queue[inside], at[inside]), values[inside])
    return out


def on_duty(staffing: Staffing, grid: TimeGrid) -> np.ndarray:
    """People scheduled on contacts, by group of agents and interval, averaged over it, shape (G, T)."""
    step_ms = grid.step_min * MINUTE_MS
    edges = np.arange(grid.n + 1, dtype=np.int64) * step_ms
    out = np.zeros((len(staffing.serves_ptr) - 1, grid.n))
    for group in range(len(out)):
        worked = np.zeros(grid.n + 1, dtype=np.int64)
        for at, starts in staffing.events[staffing.events[:, 3] == group][:, :2].tolist():
            worked += (1 if starts else -1) * np.maximum(0, edges - at)
        out[group] = np.diff(worked) / step_ms
    return out


def scheduled_positions(staffing: Staffing, required: np.ndarray, grid: TimeGrid) -> np.ndarray:
    """Scheduled positions by queue, shape (Q, T): nobody counts for more than one in all.

    Each agent is shared among the queues he serves so that required and scheduled come as near to one
    proportion as skills allow (iterative proportional fitting, Deming & Stephan 1940); where nothing is
    required he counts for all his queues alike.
    """
    duty = on_duty(staffing, grid)
    serves = np.zeros((duty.shape[0], len(staffing.queues)))
    for group in range(duty.shape[0]):
        rows = slice(staffing.serves_ptr[group], staffing.serves_ptr[group + 1])
        serves[group, staffing.serves[rows, 0]] = 1.0
    weight = serves[:, :, None] * np.maximum(required, 1e-6)[None]
    for _ in range(ROUNDS):
        share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
        given = np.einsum("gqt,gt->qt", share, duty)
        weight = share * (np.maximum(required, 1e-6) / np.maximum(given, 1e-9))[None]
    return given
