"""Who serves what: an optimal assignment of on-queue agents in every slot, kept while agents come and go.

Within a slot, agents of class c (a set of queues) flow to queues with steps of falling value, the idle
"queue" last. The feasible loads of such a flow form a matroid, so adding a unit along the best path, and
removing one along the cheapest, keeps an optimum (Gale 1968). Deferred pools are shared by all slots of
their windows: work goes to the earliest due first, and idle agents elsewhere take up what is left behind.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from wfo.scheduling.problem import Demand, People, Shifts, Weeks

_NONE = -1e18
_EPS = 1e-9
_WORD = 62


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
    words = classes // _WORD + 1
    on, held = (
        np.zeros((slots, classes, queues + 1), np.int16),
        np.zeros((slots, queues + 1, words), np.int64),
    )
    able = np.zeros((queues + 1, words), np.int64)
    for c in range(classes):
        for q in range(queues + 1):
            if q == queues or (int(demand.class_mask[c]) >> q) & 1:
                able[q, c // _WORD] |= 1 << (c % _WORD)
    units = np.zeros((slots, queues + 1), np.int64)
    work, done = np.zeros((slots, pools)), np.zeros((slots, queues))
    left, level = demand.pool_work.copy(), np.zeros(demand.cut_rhs.size)
    start = -float(np.sum(demand.cut_value * np.maximum(0.0, demand.cut_rhs)))
    return State(
        on, held, able, units, work, done, left, level, np.zeros((slots, queues)), np.zeros((slots, queues)),
        np.ones(slots, np.bool_), np.zeros(slots, np.bool_), np.full(2, start), on.copy(), held.copy(),
        units.copy(), work.copy(), done.copy(), left.copy(), level.copy(),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def may_move(held: np.ndarray, able: np.ndarray, t: int, q: int, r: int) -> bool:
    """Whether somebody on queue q may serve queue r."""
    for w in range(able.shape[1]):  # noqa: SIM110 - a generator does not compile
        if held[t, q, w] & able[r, w]:
            return True
    return False


@njit(cache=True, error_model="numpy")
def _move(on: np.ndarray, units: np.ndarray, held: np.ndarray, t: int, c: int, q: int, r: int) -> None:
    """Move an agent of a class from queue q to queue r; -1 stands for out of the slot."""
    word, bit = c // _WORD, np.int64(1) << np.int64(c % _WORD)
    if q >= 0:
        on[t, c, q] -= 1
        units[t, q] -= 1
        if on[t, c, q] == 0:
            held[t, q, word] &= ~bit
    if r >= 0:
        on[t, c, r] += 1
        units[t, r] += 1
        held[t, r, word] |= bit


@njit(cache=True, error_model="numpy")
def _mover(on: np.ndarray, able: np.ndarray, t: int, q: int, r: int) -> int:
    """First class with an agent on queue q who may serve queue r."""
    for c in range(on.shape[1]):
        if on[t, c, q] > 0 and (able[r, c // _WORD] >> np.int64(c % _WORD)) & 1:
            return c
    return -1


@njit(cache=True, error_model="numpy")
def gain_of(demand: Demand, state: State, q: int, t: int) -> float:
    """Value of one more agent on a queue."""
    units = state.units[t, q]
    if units < demand.step_n[q, t]:
        return demand.step_value[demand.step_at[q, t] + units]
    room, gain = 1.0 + units - state.done[t, q], 0.0
    for p in range(demand.pool_at[q, t], demand.pool_end[q, t]):
        if demand.pool_from[p] <= t < demand.pool_to[p] and state.left[p] > _EPS:
            some = min(room, state.left[p])
            gain += some * demand.pool_value[p]
            room -= some
            if room < _EPS:
                break
    return gain if gain > 0.0 else _NONE


@njit(cache=True, error_model="numpy")
def loss_of(demand: Demand, state: State, q: int, t: int) -> float:
    """Value of the last agent on a queue; the idle queue's is the price of overstaffing, negative."""
    if q == demand.step_n.shape[0]:
        return -demand.over[0]
    units = state.units[t, q]
    if units <= demand.step_n[q, t]:
        return demand.step_value[demand.step_at[q, t] + units - 1]
    give, loss = state.done[t, q] - (units - 1), 0.0
    if demand.queue_value[q] > 0.0:
        return max(0.0, give) * demand.queue_value[q]
    for p in range(demand.pool_end[q, t] - 1, demand.pool_at[q, t] - 1, -1):
        if give < _EPS:
            break
        some = min(give, state.work[t, p])
        loss += some * demand.pool_value[p]
        give -= some
    return loss


@njit(cache=True, error_model="numpy")
def _pull(demand: Demand, state: State, q: int, t: int) -> float:
    """Let the agents on a deferred queue do all they can of what is left; the value of it."""
    room, gain = state.units[t, q] - state.done[t, q], 0.0
    for p in range(demand.pool_at[q, t], demand.pool_end[q, t]):
        if room < _EPS:
            break
        if demand.pool_from[p] <= t < demand.pool_to[p] and state.left[p] > _EPS:
            some = min(room, state.left[p])
            state.left[p] -= some
            state.work[t, p] += some
            state.done[t, q] += some
            room -= some
            gain += some * demand.pool_value[p]
    return gain


@njit(cache=True, error_model="numpy")
def _release(demand: Demand, state: State, q: int, t: int) -> float:
    """Hand back the work that the agents left on a deferred queue cannot do; its value."""
    give, loss = state.done[t, q] - state.units[t, q], 0.0
    for p in range(demand.pool_end[q, t] - 1, demand.pool_at[q, t] - 1, -1):
        if give < _EPS:
            break
        some = min(give, state.work[t, p])
        if some > 0.0:
            state.left[p] += some
            state.work[t, p] -= some
            state.done[t, q] -= some
            give -= some
            loss += some * demand.pool_value[p]
    return loss


@njit(cache=True, error_model="numpy")
def touch(demand: Demand, state: State, t: int) -> None:
    """Remember a slot before the trial changes it."""
    if not state.seen[t]:
        state.seen[t] = True
        _copy_slot(
            demand, t, state.on, state.held, state.units, state.done, state.work,
            state.back_on, state.back_held, state.back_units, state.back_done, state.back_work,
        )  # fmt: skip
    state.stale[t] = True


@njit(cache=True, error_model="numpy")
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


def keep(state: State) -> None:
    """Begin a trial: what is now can be restored."""
    state.seen[:] = False
    state.total[1] = state.total[0]
    state.back_left[:] = state.left
    state.back_level[:] = state.level


@njit(cache=True, error_model="numpy")
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


@njit(cache=True, error_model="numpy")
def _shift_cuts(demand: Demand, state: State, c: int, t: int, sign: float) -> None:
    """Count an agent in (or out of) the cuts of his slot."""
    slot = c * demand.step_n.shape[1] + t
    for term in range(demand.cut_at[slot], demand.cut_at[slot + 1]):
        k = demand.cut_id[term]
        short = max(0.0, demand.cut_rhs[k] - state.level[k])
        state.level[k] += sign * demand.cut_coef[term]
        now = max(0.0, demand.cut_rhs[k] - state.level[k])
        state.total[0] += demand.cut_value[k] * (short - now)


@njit(cache=True, error_model="numpy")
def _offers(demand: Demand, state: State) -> None:
    """Value of one more agent on each deferred queue by slot; slots where it changed become stale."""
    queues, slots = demand.step_n.shape
    amount, value = np.zeros(slots + 1), np.zeros(slots + 1)
    for q in range(queues):
        if demand.queue_pool[q] == demand.queue_pool[q + 1]:
            continue
        amount[:] = 0.0
        value[:] = 0.0
        for p in range(demand.queue_pool[q], demand.queue_pool[q + 1]):
            left = state.left[p]
            if left > _EPS:
                amount[demand.pool_from[p]] += left
                amount[demand.pool_to[p]] -= left
                value[demand.pool_from[p]] += left * demand.pool_value[p]
                value[demand.pool_to[p]] -= left * demand.pool_value[p]
        there = money = 0.0
        for t in range(slots):
            there += amount[t]
            money += value[t]
            offer = 0.0
            if there > 1e-6:
                room = 1.0 + state.units[t, q] - state.done[t, q]
                offer = money if room > there else room * money / there
            if abs(offer - state.offer[t, q]) > 1e-7:
                state.offer[t, q] = offer
                state.stale[t] = True


@njit(cache=True, error_model="numpy")
def _refresh(demand: Demand, state: State, t: int) -> None:
    """Value of one more unit of capacity on each queue of a slot: the best gain others can move up to."""
    queues = demand.step_n.shape[0]
    for q in range(queues):
        units = state.units[t, q]
        if units < demand.step_n[q, t]:
            state.worth[t, q] = demand.step_value[demand.step_at[q, t] + units]
        else:
            state.worth[t, q] = state.offer[t, q] if state.offer[t, q] > 0.0 else -demand.over[0]
    moved = True
    while moved:
        moved = False
        for q in range(queues):
            if state.units[t, q] == 0:
                continue
            for r in range(queues):
                if state.worth[t, r] > state.worth[t, q] and may_move(state.held, state.able, t, q, r):
                    state.worth[t, q] = state.worth[t, r]
                    moved = True
    state.stale[t] = False


@njit(cache=True, error_model="numpy")
def renew(demand: Demand, state: State) -> None:
    """Make `worth` valid everywhere."""
    _offers(demand, state)
    for t in range(state.stale.size):
        if state.stale[t]:
            _refresh(demand, state, t)


@njit(cache=True, error_model="numpy")
def class_prices(c: int, demand: Demand, state: State, out: np.ndarray) -> None:
    """Value of one more agent of a class by slot, cuts included; what is behind the week stays as it is."""
    renew(demand, state)
    for t in range(demand.step_n.shape[1]):
        best = -demand.over[0] if demand.class_mask[c] else demand.idle_value[t]
        for q in range(demand.step_n.shape[0]):
            if (demand.class_mask[c] >> q) & 1 and state.worth[t, q] > best:
                best = state.worth[t, q]
        slot = c * demand.step_n.shape[1] + t
        for term in range(demand.cut_at[slot], demand.cut_at[slot + 1]):
            k = demand.cut_id[term]
            best += demand.cut_value[k] * min(
                demand.cut_coef[term], max(0.0, demand.cut_rhs[k] - state.level[k])
            )
        out[t] = best


@njit(cache=True, error_model="numpy")
def change(
    agent: int, sign: int, demand: Demand, state: State, people: People, shifts: Shifts, weeks: Weeks
) -> None:
    """Count an agent's week in (+1) or out (-1)."""
    kind, row, c = people.kind[agent], people.off_row[agent], people.class_id[agent]
    slots = demand.step_n.shape[1]
    if sign > 0:
        renew(demand, state)
    for d in range(7):
        first = weeks.start[agent, d]
        if first < 0:
            continue
        k, b = weeks.length[agent, d], 0
        for i in range(shifts.start_n[kind, d]):
            if shifts.start[kind, d, i] == first:
                state.total[0] += sign * people.base[agent, d, i, k]
        t, end = first, min(slots, first + shifts.length[kind, k])
        while t < end:
            if b < shifts.break_n[kind, k] and t == weeks.breaks[agent, d, b]:
                t += shifts.break_len[kind, k, b]
                b += 1
                continue
            if row < 0 or not people.off[row, t]:
                if demand.cut_id.size:
                    _shift_cuts(demand, state, c, t, sign)
                if demand.class_mask[c] != 0:
                    if not state.seen[t]:
                        touch(demand, state, t)
                    state.stale[t] = True
                    if sign > 0:
                        _enter(demand, state, c, t)
                    else:
                        _exit(demand, state, c, t)
            t += 1


@njit(cache=True, error_model="numpy")
def _enter(demand: Demand, state: State, c: int, t: int) -> None:
    """Put one more agent of a class where he is worth most in a slot; all on the path there move up."""
    queues = demand.step_n.shape[0]
    via, order = np.empty(queues, np.int64), np.empty(queues, np.int64)
    for q in range(queues):
        via[q] = -2
    size, enough = 0, -demand.over[0]
    for q in range(queues):
        if (demand.class_mask[c] >> q) & 1:
            order[size] = q
            via[q] = -1
            size += 1
            enough = max(enough, state.worth[t, q])
    head, goal, best = 0, queues, -demand.over[0]
    while head < size:
        q = int(order[head])
        head += 1
        gain = state.offer[t, q]
        if state.units[t, q] < demand.step_n[q, t]:
            gain = demand.step_value[demand.step_at[q, t] + state.units[t, q]]
        elif gain > max(0.0, best + _EPS):
            # Offers were renewed before the agent's first slot; he may have used them up since.
            gain = gain_of(demand, state, q, t)
            state.offer[t, q] = max(0.0, gain)
        else:
            gain = _NONE
        if gain > best + _EPS:
            goal, best = q, gain
            if best >= enough - 1e-6:
                break
        for r in range(queues):
            if via[r] == -2 and may_move(state.held, state.able, t, q, r):
                via[r] = q
                order[size] = r
                size += 1
    q = int(goal)
    while q < queues and via[q] >= 0:
        other = _mover(state.on, state.able, t, via[q], q)
        _move(state.on, state.units, state.held, t, other, via[q], q)
        q = int(via[q])
    _move(state.on, state.units, state.held, t, c, -1, q)
    if goal == queues:
        state.total[0] -= demand.over[0]
    elif state.units[t, goal] <= demand.step_n[goal, t]:
        state.total[0] += best
    else:
        state.total[0] += _pull(demand, state, goal, t)


@njit(cache=True, error_model="numpy")
def _exit(demand: Demand, state: State, c: int, t: int) -> None:
    """Take an agent of a class out of a slot, where he is worth least after the others have moved."""
    queues = demand.step_n.shape[0]
    via, order = np.empty(queues + 1, np.int64), np.empty(queues + 1, np.int64)
    for q in range(queues + 1):
        via[q] = -2
    size = 0
    for q in range(queues, -1, -1):
        if state.on[t, c, q] > 0:
            order[size] = q
            via[q] = -1
            size += 1
    head, goal, best = 0, -1, 1e18
    while head < size:
        q = int(order[head])
        head += 1
        if q == queues:
            goal, best = q, -demand.over[0]
            break
        units = state.units[t, q]
        if units <= demand.step_n[q, t]:
            loss = demand.step_value[demand.step_at[q, t] + units - 1]
        elif demand.queue_value[q] > 0.0:
            loss = max(0.0, state.done[t, q] - (units - 1)) * demand.queue_value[q]
        else:
            loss = loss_of(demand, state, q, t)
        if loss < best - _EPS:
            goal, best = q, loss
        for r in range(queues, -1, -1):
            if via[r] == -2 and may_move(state.held, state.able, t, r, q):
                via[r] = q
                order[size] = r
                size += 1
    q = goal
    while via[q] >= 0:
        other = _mover(state.on, state.able, t, q, via[q])
        _move(state.on, state.units, state.held, t, other, q, via[q])
        q = int(via[q])
    _move(state.on, state.units, state.held, t, c, q, -1)
    if goal == queues:
        state.total[0] += demand.over[0]
    elif state.units[t, goal] < demand.step_n[goal, t]:
        state.total[0] -= best
    else:
        state.total[0] -= _release(demand, state, goal, t)


@njit(cache=True, error_model="numpy")
def refill(demand: Demand, state: State, deep: bool) -> None:
    """Let idle agents and half-used units anywhere take up deferred work that is left.

    Parameters
    ----------
    deep : bool
        Agents on steps of less value may leave them for it.
    """
    queues, slots = demand.step_n.shape
    _offers(demand, state)
    for t in range(slots):
        open_work = False
        for q in range(queues):
            if state.offer[t, q] > 0.0 and demand.step_n[q, t] == 0:
                open_work = True
                if state.units[t, q] - state.done[t, q] > _EPS:
                    touch(demand, state, t)
                    state.total[0] += _pull(demand, state, q, t)
        while open_work and (deep or state.units[t, queues] > 0):
            if state.stale[t]:
                _refresh(demand, state, t)
            q, c = _who_moves_up(demand, state, t, 0 if deep else queues)
            if c < 0:
                break
            before = state.total[0]
            touch(demand, state, t)
            state.total[0] -= loss_of(demand, state, q, t)
            _move(state.on, state.units, state.held, t, c, q, -1)
            _enter(demand, state, c, t)
            # Offers were right when the loop over slots began; now they must be looked at again.
            _renew_offers(demand, state, t)
            open_work = state.total[0] > before + 1e-7


@njit(cache=True, error_model="numpy")
def _renew_offers(demand: Demand, state: State, t: int) -> None:
    """Exact offers of a slot while pools change."""
    for q in range(demand.step_n.shape[0]):
        if demand.queue_pool[q] < demand.queue_pool[q + 1]:
            state.offer[t, q] = max(0.0, gain_of(demand, state, q, t))
    state.stale[t] = True


@njit(cache=True, error_model="numpy")
def _who_moves_up(demand: Demand, state: State, t: int, lowest: int) -> tuple[int, int]:
    """Queue (`lowest` or later) and class of an agent who is worth more elsewhere; class -1: nobody."""
    queues = demand.step_n.shape[0]
    for q in range(queues, lowest - 1, -1):
        if state.units[t, q] == 0 or (q < queues and demand.step_n[q, t] == 0):
            continue
        last = loss_of(demand, state, q, t)
        for c in range(demand.class_mask.size):
            if state.on[t, c, q] > 0:
                for r in range(queues):
                    if r != q and (demand.class_mask[c] >> r) & 1 and state.worth[t, r] > last + 1e-6:
                        return q, c
    return -1, -1
