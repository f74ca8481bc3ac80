"""Who serves what: an optimal assignment of on-queue agents in every slot, kept while agents come and go.

Slots are joined by deferred work and by cuts: idle agents anywhere take up work that is left behind.
"""

import numpy as np

from wfo.scheduling.compiled import entry, plain
from wfo.scheduling.flow import enter, leave, may_move, move
from wfo.scheduling.hours_value import value_of_hours
from wfo.scheduling.problem import Demand, People, Shifts, Weeks
from wfo.scheduling.queue_worth import EPS, gain_of, loss_of, offers, pull
from wfo.scheduling.state import State, touch


@plain
def shift_cuts(demand: Demand, state: State, c: int, t: int, sign: float) -> None:
    """Count an agent in (or out of) the cuts of his slot."""
    slot = c * demand.step_n.shape[1] + t
    for term in range(demand.cut_at[slot], demand.cut_at[slot + 1]):
        k = demand.cut_id[term]
        short = max(0.0, demand.cut_rhs[k] - state.level[k])
        state.level[k] += sign * demand.cut_coef[term]
        now = max(0.0, demand.cut_rhs[k] - state.level[k])
        state.total[0] += demand.cut_value[k] * (short - now)


@plain
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
    offers(demand, state)
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
            short = demand.cut_rhs[k] - state.level[k]
            now = max(0.0, short - demand.cut_coef[term])
            best += demand.cut_value[k] * (max(0.0, short) - now)
        out[t] = best


@entry
def change(
    agent: int, sign: int, demand: Demand, state: State, people: People, shifts: Shifts, weeks: Weeks
) -> None:
    """Count an agent's week in (+1), after `renew`, or out (-1)."""
    room = np.empty((2, demand.step_n.shape[0] + 1), np.int64)
    for d in range(7):
        if weeks.start[agent, d] >= 0:
            _change_day(agent, d, sign, demand, state, people, shifts, weeks, room)
    state.total[0] += sign * value_of_hours(agent, people, shifts, weeks)


@plain
def _change_day(
    agent: int, d: int, sign: int, demand: Demand, state: State, people: People, shifts: Shifts,
    weeks: Weeks, room: np.ndarray,
) -> None:  # fmt: skip
    """Count one shift in or out, slot by slot; breaks and meetings are left out."""
    kind, row = people.kind[agent], people.off_row[agent]
    first, k, b = weeks.start[agent, d], weeks.length[agent, d], 0
    for i in range(shifts.start_n[kind, d]):
        if shifts.start[kind, d, i] == first:
            state.total[0] += sign * people.base[agent, d, i, k]
    t, end = first, min(demand.step_n.shape[1], first + shifts.length[kind, k])
    while t < end:
        if b < shifts.break_n[kind, k] and t == weeks.breaks[agent, d, b]:
            t += shifts.break_len[kind, k, b]
            b += 1
            continue
        if row < 0 or not people.off[row, t]:
            _change_slot(people.class_id[agent], t, sign, demand, state, room)
        t += 1


@plain
def _change_slot(c: int, t: int, sign: int, demand: Demand, state: State, room: np.ndarray) -> None:
    """Count one agent of a class in or out of a slot."""
    if demand.cut_id.size:
        shift_cuts(demand, state, c, t, sign)
    if demand.class_mask[c] == 0:
        return
    touch(demand, state, t)
    if sign > 0:
        enter(demand, state, c, t, room)
    else:
        leave(demand, state, c, t, room)


@entry
def refill(demand: Demand, state: State, deep: bool) -> None:
    """Let idle agents and half-used units anywhere take up deferred work that is left.

    Parameters
    ----------
    deep : bool
        Agents on steps of less value may leave them for it.
    """
    if demand.pool_work.size == 0:
        return
    queues, slots = demand.step_n.shape
    room = np.empty((2, queues + 1), np.int64)
    offers(demand, state)
    for t in range(slots):
        open_work = False
        for q in range(queues):
            if state.offer[t, q] > 0.0 and demand.step_n[q, t] == 0:
                open_work = True
                if state.units[t, q] - state.done[t, q] > EPS:
                    touch(demand, state, t)
                    state.total[0] += pull(demand, state, q, t)
        while open_work and (deep or state.units[t, queues] > 0):
            if state.stale[t]:
                _refresh(demand, state, t)
            q, c = _who_moves_up(demand, state, t, 0 if deep else queues)
            if c < 0:
                break
            before = state.total[0]
            touch(demand, state, t)
            state.total[0] -= loss_of(demand, state, q, t)
            move(state.on, state.units, state.held, t, c, q, -1)
            enter(demand, state, c, t, room)
            # Offers were right when the loop over slots began; now they must be looked at again.
            _renew_offers(demand, state, t)
            open_work = state.total[0] > before + 1e-7


@plain
def _renew_offers(demand: Demand, state: State, t: int) -> None:
    """Exact offers of a slot while pools change."""
    for q in range(demand.step_n.shape[0]):
        if demand.queue_pool[q] < demand.queue_pool[q + 1]:
            state.offer[t, q] = max(0.0, gain_of(demand, state, q, t))
    state.stale[t] = True


@plain
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
