"""Positions of queues served at once in each interval, and what each further one is worth."""

import numpy as np
import pandas as pd

from wfo.errors import InputError, Problem
from wfo.staffing.immediate import ImmediateWork
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.mixture import COLUMNS, cost_curves, fewest_positions
from wfo.staffing.steps import step_values

_TARGETS = ("level", "max_asa_s", "max_abandonment", "max_occupancy")


def needed_positions(
    work: ImmediateWork, factors: np.ndarray, weights: np.ndarray, queues: tuple[str, ...]
) -> np.ndarray:
    """Fewest positions that meet every managed target and the occupancy cap, shape (I,).

    Raises
    ------
    InputError
        If no number does.
    """
    needed = fewest_positions(work.rows[0], work.queue, factors, weights, work.ratios)
    if len(work.rows) > 1:
        further = _asked_for(work.rows[1:], work, factors, weights)
        needed = np.where((needed < 0) | (further < 0), -1, np.maximum(needed, further))
    if (needed < 0).any():
        names = sorted({queues[q] for q in work.queue[needed < 0]})
        text = "the targets are met by no number of positions; ease the one nearest to 100 % or to 0"
        raise InputError([Problem(f"queues.{name}.targets", text) for name in names])
    return needed


def _asked_for(
    tables: tuple[np.ndarray, ...], work: ImmediateWork, factors: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Fewest positions for the targets of every table, shape (I,); 0 where there are none, −1: no number."""
    found = np.zeros((len(tables), work.queue.size), dtype=np.int64)
    for out, rows in zip(found, tables, strict=True):
        at = {name: rows[:, COLUMNS.index(name)] for name in _TARGETS}
        asked = (at["level"] > 0) | (at["max_asa_s"] < np.inf)
        asked |= (at["max_abandonment"] < 1) | (at["max_occupancy"] < 1)
        out[asked] = fewest_positions(rows[asked], work.queue[asked], factors, weights, work.ratios)
    return np.where(found.min(axis=0) < 0, -1, found.max(axis=0))


def cover_table(
    inputs: StaffInputs,
    work: ImmediateWork,
    needed: np.ndarray,
    factors: np.ndarray,
    weights: np.ndarray,
    queues: tuple[str, ...],
) -> pd.DataFrame:
    """Table ``cover``; ``factors`` and ``weights`` are those of `day_points`."""
    hard = work.scheduled(np.maximum(0, _asked_for(work.hard, work, factors, weights)))
    scheduled = work.scheduled(needed)
    most = np.maximum(hard, np.ceil(1.5 * scheduled).astype(np.int64))
    size = np.ceil(most * work.present).astype(np.int64) + 1
    first = np.cumsum(size) - size
    curves = sum(
        cost_curves(rows, work.queue, factors, weights, work.ratios, first, size) for rows in work.rows
    )
    row, step, value = step_values(curves, first, size, work.present, hard, most)
    return pd.DataFrame(
        {
            "queue": _names(queues, work.queue[row]),
            "interval_start": inputs.grid.starts[work.interval[row]],
            "step": step,
            "value": value,
            "hard": step <= hard[row],
        }
    )


def requirement_table(
    inputs: StaffInputs, work: ImmediateWork, needed: np.ndarray, queues: tuple[str, ...]
) -> pd.DataFrame:
    """Table ``requirement`` of the queues served at once."""
    laws = [inputs.centre.queues[q].law.value for q in queues]
    return pd.DataFrame(
        {
            "queue": _names(queues, work.queue),
            "interval_start": inputs.grid.starts[work.interval],
            "law": _names(laws, work.queue),
            "offered_load": work.load,
            "positions": needed.astype(float),
            "positions_with_shrinkage": work.scheduled(needed).astype(float),
        }
    )


def _names(names: tuple[str, ...] | list[str], index: np.ndarray) -> pd.Series:
    return pd.Series(np.asarray(names, dtype=object)[index], dtype="str")
