"""The assignment of on-queue agents as arrays, and how a trial is undone."""

from typing import NamedTuple

import numpy as np

from wfo.scheduling.compiled import entry, plain
from wfo.scheduling.problem import Demand

WORD = 62
"""Classes in a word of bits."""


class State(NamedTuple):
    """The assignment; `back_*` hold what a slot was before the current trial touched it.

    Attributes
    ----------
    on : int16, shape (T, C, Q + 1)
        Agents of a class on a queue; the last queue is idleness.
    held : int64, shape (T, Q + 1, W)
        Bits of the classes with agents on a queue.
    able : int64, shape (Q + 1, W)
        Bits of the classes that may serve a queue.
    units : int64, shape (T, Q + 1)
        Agents on a queue.
    work : float64, shape (T, J)
        Deferred work done in a slot, in agent-slots.
    done : float64, shape (T, Q)
        Its sum by queue.
    left : float64, shape (J,)
        Work nobody does.
    level : float64, shape (K,)
        Left-hand sides of cuts.
    offer : float64, shape (T, Q)
        Value of one more agent on a deferred queue.
    worth : float64, shape (T, Q)
        Value of one more unit of capacity on a queue, others moving up; valid where `stale` is False.
    stale, seen : bool, shape (T,)
    total : float64, shape (2,)
        Value of the assignment, now and before the trial.
    """

    on: np.ndarray
    held: np.ndarray
    able: np.ndarray
    units: np.ndarray
    work: np.ndarray
    done: np.ndarray
    left: np.ndarray
    level: np.ndarray
    offer: np.ndarray
    worth: np.ndarray
    stale: np.ndarray
    seen: np.ndarray
    total: np.ndarray
    back_on: np.ndarray
    back_held: np.ndarray
    back_units: np.ndarray
    back_work: np.ndarray
    back_done: np.ndarray
    back_left: np.ndarray
    back_level: np.ndarray


def empty_state(demand: Demand) -> State:
    """Nobody is on duty; value 0, less what cuts cost."""
    queues, slots = demand.step_n.shape
    classes, pools = demand.class_mask.size, demand.pool_work.size
    words = classes // WORD + 1
    on, held = (
        np.zeros((slots, classes, queues + 1), np.int16),
        np.zeros((slots, queues + 1, words), np.int64),
    )
    able = np.zeros((queues + 1, words), np.int64)
    for c in range(classes):
        for q in range(queues + 1):
            if q == queues or (int(demand.class_mask[c]) >> q) & 1:
                able[q, c // WORD] |= 1 << (c % WORD)
    units = np.zeros((slots, queues + 1), np.int64)
    work, done = np.zeros((slots, pools)), np.zeros((slots, queues))
    left, level = demand.pool_work.copy(), np.zeros(demand.cut_rhs.size)
    start = -float(np.sum(demand.cut_value * np.maximum(0.0, demand.cut_rhs)))
    return State(
        on, held, able, units, work, done, left, level, np.zeros((slots, queues)), np.zeros((slots, queues)),
        np.ones(slots, np.bool_), np.zeros(slots, np.bool_), np.full(2, start), on.copy(), held.copy(),
        units.copy(), work.copy(), done.copy(), left.copy(), level.copy(),
    )  # fmt: skip


@plain
def touch(demand: Demand, state: State, t: int) -> None:
    """Remember a slot before the trial changes it."""
    if not state.seen[t]:
        state.seen[t] = True
        _copy_slot(
            demand, t, state.on, state.held, state.units, state.done, state.work,
            state.back_on, state.back_held, state.back_units, state.back_done, state.back_work,
        )  # fmt: skip
    state.stale[t] = True


@plain
def _copy_slot(
    demand: Demand, t: int,
    on: np.ndarray, held: np.ndarray, units: np.ndarray, done: np.ndarray, work: np.ndarray,
    to_on: np.ndarray, to_held: np.ndarray, to_units: np.ndarray, to_done: np.ndarray, to_work: np.ndarray,
) -> None:  # fmt: skip
    """Copy what a slot holds from one set of arrays to another."""
    queues = demand.step_n.shape[0]
    for q in range(queues + 1):
        to_units[t, q] = units[t, q]
        for w in range(held.shape[2]):
            to_held[t, q, w] = held[t, q, w]
    for c in range(on.shape[1]):
        for q in range(queues + 1):
            to_on[t, c, q] = on[t, c, q]
    for q in range(queues):
        to_done[t, q] = done[t, q]
        for p in range(demand.pool_at[q, t], demand.pool_end[q, t]):
            to_work[t, p] = work[t, p]


@entry
def keep(state: State) -> None:
    """Begin a trial: what is now can be restored."""
    for t in range(state.seen.size):
        state.seen[t] = False
    state.total[1] = state.total[0]
    for p in range(state.left.size):
        state.back_left[p] = state.left[p]
    for k in range(state.level.size):
        state.back_level[k] = state.level[k]


@entry
def restore(demand: Demand, state: State) -> None:
    """Undo the trial."""
    for t in range(state.seen.size):
        if state.seen[t]:
            _copy_slot(
                demand, t, state.back_on, state.back_held, state.back_units, state.back_done, state.back_work,
                state.on, state.held, state.units, state.done, state.work,
            )  # fmt: skip
            state.stale[t] = True
    for p in range(state.left.size):
        state.left[p] = state.back_left[p]
    for k in range(state.level.size):
        state.level[k] = state.back_level[k]
    state.total[0] = state.total[1]
