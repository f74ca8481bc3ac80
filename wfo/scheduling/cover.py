"""Who serves what: an optimal assignment of on-queue agents in every slot, kept while agents come and go.

Within a slot, agents of class c (a set of queues) flow to queues with steps of falling value, the idle "queue" last. The
feasible loads of such a flow form a matroid, so adding a unit along the best path, and removing one along the
cheapest, keeps an optimum (Gale 1968). Deferred pools are shared by all slots of their windows: work goes to the
earliest due first, and idle agents elsewhere take up what somebody leaves behind.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from wfo.scheduling.problem import Demand

_NONE = -1e18
_EPS = 1e-9


class State(NamedTuple):
    """The assignment; `back_*` hold what a slot was before the current trial touched it.

    Attributes
    ----------
    on : int64, shape (T, C, Q + 1)
        Agents of a class on a queue; the last queue is idleness.
    units : int64, shape (T, Q)
        Agents on a queue.
    work : float64, shape (T, J)
        Deferred work done in a slot, in agent-slots.
    done : float64, shape (T, Q)
        Its sum by queue.
    left : float64, shape (J,)
        Work nobody does.
    level : float64, shape (K,)
        Left-hand sides of cuts.
    price : float64, shape (T, C)
        Value of one more agent, valid where `stale` is False.
    stale, seen : bool, shape (T,)
    total : float64, shape (2,)
        Value of the assignment, now and before the trial.
    """

    on: np.ndarray
    units: np.ndarray
    work: np.ndarray
    done: np.ndarray
    left: np.ndarray
    level: np.ndarray
    price: np.ndarray
    stale: np.ndarray
    seen: np.ndarray
    total: np.ndarray
    back_on: np.ndarray
    back_units: np.ndarray
    back_work: np.ndarray
    back_done: np.ndarray
    back_left: np.ndarray
    back_level: np.ndarray


def empty_state(demand: Demand) -> State:
    """Nobody is on duty; value 0, less what cuts cost."""
    queues, slots = demand.step_n.shape
    classes, pools = demand.class_mask.size, demand.pool_work.size
    on = np.zeros((slots, classes, queues + 1), np.int64)
    units = np.zeros((slots, queues), np.int64)
    work, done = np.zeros((slots, pools)), np.zeros((slots, queues))
    left, level = demand.pool_work.copy(), np.zeros(demand.cut_rhs.size)
    start = -float(np.sum(demand.cut_value * np.maximum(0.0, demand.cut_rhs)))
    return State(
        on, units, work, done, left, level, np.zeros((slots, classes)), np.ones(slots, np.bool_),
        np.zeros(slots, np.bool_), np.full(2, start), on.copy(), units.copy(), work.copy(), done.copy(), left.copy(),
        level.copy(),
    )  # fmt: skip


@njit(cache=True)
def _gain(demand: Demand, state: State, q: int, t: int) -> float:
    """Value of one more agent on a queue."""
    gain = _NONE
    units = state.units[t, q]
    if units < demand.step_n[q, t]:
        gain = demand.step_value[demand.step_at[q, t] + units]
    elif demand.queue_pool[q] < demand.queue_pool[q + 1]:
        room, gain = 1.0 + units - state.done[t, q], 0.0
        for p in range(demand.queue_pool[q], demand.queue_pool[q + 1]):
            if demand.pool_from[p] <= t < demand.pool_to[p] and state.left[p] > _EPS:
                some = min(room, state.left[p])
                gain += some * demand.pool_value[p]
                room -= some
                if room < _EPS:
                    break
        if gain <= 0.0:
            gain = _NONE
    return gain


@njit(cache=True)
def _loss(demand: Demand, state: State, q: int, t: int) -> float:
    """Value of the last agent on a queue; the idle queue's is the price of overstaffing, negative."""
    if q == demand.step_n.shape[0]:
        return -demand.over[0]
    units = state.units[t, q]
    if units <= demand.step_n[q, t]:
        return demand.step_value[demand.step_at[q, t] + units - 1]
    give, loss = state.done[t, q] - (units - 1), 0.0
    for p in range(demand.queue_pool[q + 1] - 1, demand.queue_pool[q] - 1, -1):
        if give < _EPS:
            break
        some = min(give, state.work[t, p])
        loss += some * demand.pool_value[p]
        give -= some
    return loss


@njit(cache=True)
def _mark(demand: Demand, state: State, p: int, before: float) -> None:
    """A pool's amount changed: prices in its window are stale if it could not or cannot fill a unit."""
    if min(before, state.left[p]) < 1.0 + _EPS:
        for s in range(demand.pool_from[p], demand.pool_to[p]):
            state.stale[s] = True


@njit(cache=True)
def _pull(demand: Demand, state: State, q: int, t: int) -> float:
    """Let the agents on a deferred queue do all they can of what is left; the value of it."""
    room, gain = state.units[t, q] - state.done[t, q], 0.0
    for p in range(demand.queue_pool[q], demand.queue_pool[q + 1]):
        if room < _EPS:
            break
        if demand.pool_from[p] <= t < demand.pool_to[p] and state.left[p] > _EPS:
            before = state.left[p]
            some = min(room, before)
            state.left[p] = before - some
            state.work[t, p] += some
            state.done[t, q] += some
            room -= some
            gain += some * demand.pool_value[p]
            _mark(demand, state, p, before)
    return gain


@njit(cache=True)
def _release(demand: Demand, state: State, q: int, t: int) -> float:
    """Hand back the work that the agents left on a deferred queue cannot do; its value."""
    give, loss = state.done[t, q] - state.units[t, q], 0.0
    for p in range(demand.queue_pool[q + 1] - 1, demand.queue_pool[q] - 1, -1):
        if give < _EPS:
            break
        some = min(give, state.work[t, p])
        if some > 0.0:
            before = state.left[p]
            state.left[p] = before + some
            state.work[t, p] -= some
            state.done[t, q] -= some
            give -= some
            loss += some * demand.pool_value[p]
            _mark(demand, state, p, before)
    return loss


@njit(cache=True)
def touch(state: State, t: int) -> None:
    """Remember a slot before the trial changes it."""
    if not state.seen[t]:
        state.seen[t] = True
        state.back_on[t] = state.on[t]
        state.back_units[t] = state.units[t]
        state.back_work[t] = state.work[t]
        state.back_done[t] = state.done[t]
    state.stale[t] = True


@njit(cache=True)
def keep(state: State) -> None:
    """Begin a trial: what is now can be restored."""
    state.seen[:] = False
    state.total[1] = state.total[0]
    state.back_left[:] = state.left
    state.back_level[:] = state.level


@njit(cache=True)
def restore(demand: Demand, state: State) -> None:
    """Undo the trial."""
    for t in range(state.seen.size):
        if state.seen[t]:
            state.on[t] = state.back_on[t]
            state.units[t] = state.back_units[t]
            state.work[t] = state.back_work[t]
            state.done[t] = state.back_done[t]
            state.stale[t] = True
    for p in range(state.left.size):
        if state.left[p] != state.back_left[p]:
            state.left[p] = state.back_left[p]
            for s in range(demand.pool_from[p], demand.pool_to[p]):
                state.stale[s] = True
    for k in range(state.level.size):
        if state.level[k] != state.back_level[k]:
            state.level[k] = state.back_level[k]
            state.stale[:] = True
    state.total[0] = state.total[1]


@njit(cache=True)
def _shift_cuts(demand: Demand, state: State, c: int, t: int, sign: float) -> None:
    """Count an agent in (or out of) the cuts of his slot."""
    slot = c * demand.step_n.shape[1] + t
    for term in range(demand.cut_at[slot], demand.cut_at[slot + 1]):
        k = demand.cut_id[term]
        short = max(0.0, demand.cut_rhs[k] - state.level[k])
        state.level[k] += sign * demand.cut_coef[term]
        now = max(0.0, demand.cut_rhs[k] - state.level[k])
        if now != short:
            state.total[0] += demand.cut_value[k] * (short - now)
            state.stale[:] = True


@njit(cache=True)
def _reach(demand: Demand, state: State, t: int, widen: np.ndarray) -> None:
    """Queues that units on each queue could move to: the union of their classes' queues."""
    for q in range(widen.size):
        widen[q] = 0
    for c in range(demand.class_mask.size):
        for q in range(widen.size):
            if state.on[t, c, q] > 0:
                widen[q] |= demand.class_mask[c]


@njit(cache=True)
def refresh(demand: Demand, state: State, t: int) -> None:
    """Value of one more agent of each class in a slot."""
    queues = demand.step_n.shape[0]
    widen = np.zeros(queues, np.int64)
    gains = np.empty(queues)
    _reach(demand, state, t, widen)
    for q in range(queues):
        gains[q] = _gain(demand, state, q, t)
    for c in range(demand.class_mask.size):
        mask, old = demand.class_mask[c], np.int64(0)
        while mask != old:
            old = mask
            for q in range(queues):
                if (old >> q) & 1:
                    mask |= widen[q]
        best = -demand.over[0]
        for q in range(queues):
            if (mask >> q) & 1 and gains[q] > best:
                best = gains[q]
        if demand.class_mask[c] == 0:
            best = demand.idle_value[t]
        slot = c * demand.step_n.shape[1] + t
        for term in range(demand.cut_at[slot], demand.cut_at[slot + 1]):
            k = demand.cut_id[term]
            best += demand.cut_value[k] * min(demand.cut_coef[term], max(0.0, demand.cut_rhs[k] - state.level[k]))
        state.price[t, c] = best
    state.stale[t] = False


@njit(cache=True)
def add(demand: Demand, state: State, c: int, t: int) -> None:
    """Put one more agent of a class into a slot, where he is worth most."""
    _shift_cuts(demand, state, c, t, 1.0)
    if demand.class_mask[c] == 0:
        return
    touch(state, t)
    queues = demand.step_n.shape[0]
    via_queue = np.full(queues, -1, np.int64)
    via_class = np.full(queues, -1, np.int64)
    order = np.empty(queues, np.int64)
    size = 0
    for q in range(queues):
        if (demand.class_mask[c] >> q) & 1:
            order[size] = q
            via_class[q] = c
            size += 1
    head, goal, best = 0, -1, -demand.over[0]
    while head < size:
        q = order[head]
        head += 1
        gain = _gain(demand, state, q, t)
        if gain > best + _EPS:
            goal, best = q, gain
        for other in range(demand.class_mask.size):
            if state.on[t, other, q] > 0:
                for r in range(queues):
                    if (demand.class_mask[other] >> r) & 1 and via_class[r] < 0:
                        via_class[r] = other
                        via_queue[r] = q
                        order[size] = r
                        size += 1
    if goal < 0:
        state.on[t, c, queues] += 1
        state.total[0] -= demand.over[0]
        return
    q = goal
    while via_queue[q] >= 0:
        state.on[t, via_class[q], via_queue[q]] -= 1
        state.on[t, via_class[q], q] += 1
        q = via_queue[q]
    state.on[t, c, q] += 1
    state.units[t, goal] += 1
    if state.units[t, goal] <= demand.step_n[goal, t]:
        state.total[0] += best
    else:
        state.total[0] += _pull(demand, state, goal, t)


@njit(cache=True)
def remove(demand: Demand, state: State, c: int, t: int) -> None:
    """Take an agent of a class out of a slot, where he is worth least after the others have moved."""
    _shift_cuts(demand, state, c, t, -1.0)
    if demand.class_mask[c] == 0:
        return
    touch(state, t)
    queues = demand.step_n.shape[0]
    via_queue = np.full(queues + 1, -1, np.int64)
    via_class = np.full(queues + 1, -1, np.int64)
    order = np.empty(queues + 1, np.int64)
    size = 0
    for q in range(queues + 1):
        if state.on[t, c, q] > 0:
            order[size] = q
            via_class[q] = c
            size += 1
    head, goal, best = 0, -1, 1e18
    while head < size:
        q = order[head]
        head += 1
        loss = _loss(demand, state, q, t)
        if loss < best - _EPS:
            goal, best = q, loss
        if q == queues:
            continue
        for other in range(demand.class_mask.size):
            if (demand.class_mask[other] >> q) & 1:
                for r in range(queues + 1):
                    if via_class[r] < 0 and state.on[t, other, r] > 0:
                        via_class[r] = other
                        via_queue[r] = q
                        order[size] = r
                        size += 1
    q = goal
    while via_queue[q] >= 0:
        state.on[t, via_class[q], q] -= 1
        state.on[t, via_class[q], via_queue[q]] += 1
        q = via_queue[q]
    state.on[t, c, q] -= 1
    if goal == queues:
        state.total[0] += demand.over[0]
        return
    state.units[t, goal] -= 1
    if state.units[t, goal] < demand.step_n[goal, t]:
        state.total[0] -= best
    else:
        state.total[0] -= _release(demand, state, goal, t)


@njit(cache=True)
def refill(demand: Demand, state: State) -> None:
    """Let idle agents and half-used units anywhere take up deferred work that is left."""
    queues, slots = demand.step_n.shape
    for q in range(queues):
        if demand.queue_pool[q] == demand.queue_pool[q + 1]:
            continue
        first, last = slots, 0
        for p in range(demand.queue_pool[q], demand.queue_pool[q + 1]):
            if state.left[p] > _EPS:
                first = min(first, demand.pool_from[p])
                last = max(last, demand.pool_to[p])
        for t in range(first, last):
            if state.units[t, q] - state.done[t, q] > _EPS and demand.step_n[q, t] == 0:
                touch(state, t)
                state.total[0] += _pull(demand, state, q, t)
            for c in range(demand.class_mask.size):
                while state.on[t, c, queues] > 0:
                    if state.stale[t]:
                        refresh(demand, state, t)
                    if not _better_than_idle(demand, state, c, t):
                        break
                    touch(state, t)
                    _shift_cuts(demand, state, c, t, -1.0)
                    state.on[t, c, queues] -= 1
                    state.total[0] += demand.over[0]
                    add(demand, state, c, t)


@njit(cache=True)
def _better_than_idle(demand: Demand, state: State, c: int, t: int) -> bool:
    """Whether an idle agent of a class has found work; cuts count the agent either way."""
    price = state.price[t, c]
    slot = c * demand.step_n.shape[1] + t
    for term in range(demand.cut_at[slot], demand.cut_at[slot + 1]):
        k = demand.cut_id[term]
        price -= demand.cut_value[k] * min(demand.cut_coef[term], max(0.0, demand.cut_rhs[k] - state.level[k]))
    return price > -demand.over[0] + 1e-7
