"""Who serves what: an optimal assignment of on-queue agents in every slot, kept while agents come and go.

Within a slot, agents of class c (a set of queues) flow to queues with steps of falling value, the idle
"queue" last. The feasible loads of such a flow form a matroid, so adding a unit along the best path, and
removing one along the cheapest, keeps an optimum (Gale 1968). Deferred pools are shared by all slots of
their windows: work goes to the earliest due first, and idle agents elsewhere take up what is left behind.
"""

import numpy as np

from wfo.scheduling.compiled import entry, inner
from wfo.scheduling.problem import Demand, People, Shifts, Weeks
from wfo.scheduling.state import WORD, State, touch

_NONE = -1e18
_EPS = 1e-9


@inner
def may_move(held: np.ndarray, able: np.ndarray, t: int, q: int, r: int) -> bool:
    """Whether somebody on queue q may serve queue r."""
    for w in range(able.shape[1]):  # noqa: SIM110 - a generator does not compile
        if held[t, q, w] & able[r, w]:
            return True
    return False


@inner
def _move(on: np.ndarray, units: np.ndarray, held: np.ndarray, t: int, c: int, q: int, r: int) -> None:
    """Move an agent of a class from queue q to queue r; -1 stands for out of the slot."""
    word, bit = c // WORD, np.int64(1) << np.int64(c % WORD)
    if q >= 0:
        on[t, c, q] -= 1
        units[t, q] -= 1
        if on[t, c, q] == 0:
            held[t, q, word] &= ~bit
    if r >= 0:
        on[t, c, r] += 1
        units[t, r] += 1
        held[t, r, word] |= bit


@inner
def _mover(on: np.ndarray, able: np.ndarray, t: int, q: int, r: int) -> int:
    """First class with an agent on queue q who may serve queue r."""
    for c in range(on.shape[1]):
        if on[t, c, q] > 0 and (able[r, c // WORD] >> np.int64(c % WORD)) & 1:
            return c
    return -1


@inner
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


@inner
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


@inner
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


@inner
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


@inner
def _shift_cuts(demand: Demand, state: State, c: int, t: int, sign: float) -> None:
    """Count an agent in (or out of) the cuts of his slot."""
    slot = c * demand.step_n.shape[1] + t
    for term in range(demand.cut_at[slot], demand.cut_at[slot + 1]):
        k = demand.cut_id[term]
        short = max(0.0, demand.cut_rhs[k] - state.level[k])
        state.level[k] += sign * demand.cut_coef[term]
        now = max(0.0, demand.cut_rhs[k] - state.level[k])
        state.total[0] += demand.cut_value[k] * (short - now)


@inner
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


@inner
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


@entry
def renew(demand: Demand, state: State) -> None:
    """Make `worth` valid everywhere."""
    _offers(demand, state)
    for t in range(state.stale.size):
        if state.stale[t]:
            _refresh(demand, state, t)


@entry
def class_prices(c: int, demand: Demand, state: State, out: np.ndarray) -> None:
    """Value of one more agent of a class by slot, cuts included, after `renew`."""
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


@entry
def change(
    agent: int, sign: int, demand: Demand, state: State, people: People, shifts: Shifts, weeks: Weeks
) -> None:
    """Count an agent's week in (+1), after `renew`, or out (-1)."""
    kind, row, c = people.kind[agent], people.off_row[agent], people.class_id[agent]
    slots = demand.step_n.shape[1]
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


@inner
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


@inner
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


@entry
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


@inner
def _renew_offers(demand: Demand, state: State, t: int) -> None:
    """Exact offers of a slot while pools change."""
    for q in range(demand.step_n.shape[0]):
        if demand.queue_pool[q] < demand.queue_pool[q + 1]:
            state.offer[t, q] = max(0.0, gain_of(demand, state, q, t))
    state.stale[t] = True


@inner
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
