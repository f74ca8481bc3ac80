"""A bound no schedule can exceed: agents and demand meet at prices instead of in person.

Lagrangian relaxation of "who is on a queue is at least who is counted on it": at any prices the sum of each agent's best week,
of each step worth more than its price, and of each pool at its cheapest slot, bounds the objective (Geoffrion 1974).
Prices move along deflected subgradients with Polyak's step towards the schedule's own value (Camerini, Fratta & Maffioli
1975), from the marginal values of the schedule.
"""

import numpy as np
from numba import njit

from wfo.scheduling.cover import State, _gain, _loss, _reach
from wfo.scheduling.problem import FORBIDDEN, Demand, People, Shifts, Weeks
from wfo.scheduling.week import plan_week


@njit(cache=True)
def queue_prices(demand: Demand, state: State, more: np.ndarray, less: np.ndarray) -> None:
    """Value of one more unit of capacity on a queue and of the last one there, float64, shape (Q, T)."""
    queues, slots = demand.step_n.shape
    widen, gains = np.zeros(queues, np.int64), np.empty(queues)
    for t in range(slots):
        _reach(demand, state, t, widen)
        for q in range(queues):
            gains[q] = _gain(demand, state, q, t)
        for q in range(queues):
            mask, old = np.int64(1) << q, np.int64(0)
            while mask != old:
                old = mask
                for r in range(queues):
                    if (old >> r) & 1:
                        mask |= widen[r]
            best = -demand.over[0]
            for r in range(queues):
                if (mask >> r) & 1 and gains[r] > best:
                    best = gains[r]
            more[q, t] = best
            less[q, t] = best
            if state.units[t, q] > 0:
                less[q, t] = max(best, _loss_of(demand, state, q, t))


@njit(cache=True)
def _loss_of(demand: Demand, state: State, q: int, t: int) -> float:
    """Least that is lost when a queue's last unit goes and others move up."""
    queues = demand.step_n.shape[0]
    mask, old, best = np.int64(1) << q, np.int64(-1), 1e18
    while mask != old:
        old = mask
        for c in range(demand.class_mask.size):
            if demand.class_mask[c] & old:
                for r in range(queues + 1):
                    if state.on[t, c, r] > 0:
                        mask |= np.int64(1) << r
    for r in range(queues + 1):
        if (mask >> r) & 1 and (r == queues or state.units[t, r] > 0):
            best = min(best, _loss(demand, state, r, t))
    return best


@njit(cache=True)
def dual_value(
    price: np.ndarray, cut_price: np.ndarray, tie: float, demand: Demand, people: People, shifts: Shifts,
    heads: np.ndarray, weight: np.ndarray, lack: np.ndarray, cut_lack: np.ndarray, weeks: Weeks,
) -> float:  # fmt: skip
    """Bound at prices, and by how much demand exceeds supply there.

    Parameters
    ----------
    price : float64, shape (Q, T)
        Money for one unit of capacity on a queue.
    cut_price : float64, shape (K,)
        Money for one unit of a cut's left-hand side, in [0, value].
    tie : float
        Prices this close share supply and pools evenly.
    heads, weight : int64, float64, shape (G,)
        One agent of each group of equals; how many there are.
    lack, cut_lack : float64, shapes (Q, T), (K,)
        Written: demand less supply.
    weeks : Weeks
        Scratch: the heads' best weeks.
    """
    queues, slots = demand.step_n.shape
    horizon = max(people.off.shape[1], slots + 2 * shifts.length.max())
    lack[:] = 0.0
    total = 0.0
    for k in range(cut_price.size):
        total -= cut_price[k] * demand.cut_rhs[k]
        cut_lack[k] = demand.cut_rhs[k]
    worth = np.zeros((demand.class_mask.size, horizon))
    for c in range(demand.class_mask.size):
        for t in range(slots):
            best = -demand.over[0] if demand.class_mask[c] else demand.idle_value[t]
            for q in range(queues):
                if (demand.class_mask[c] >> q) & 1 and price[q, t] > best:
                    best = price[q, t]
            for term in range(demand.cut_at[c * slots + t], demand.cut_at[c * slots + t + 1]):
                best += cut_price[demand.cut_id[term]] * demand.cut_coef[term]
            worth[c, t] = best
    supply = np.zeros((demand.class_mask.size, slots))
    for g in range(heads.size):
        agent = heads[g]
        c = people.class_id[agent]
        value = plan_week(agent, worth[c], people, shifts, weeks.start[agent], weeks.length[agent], weeks.breaks[agent])
        if value > FORBIDDEN / 2:
            total += weight[g] * value
            _count(agent, weight[g], people, shifts, weeks, supply[c])
    for c in range(demand.class_mask.size):
        for t in range(slots):
            if supply[c, t] > 0.0:
                for term in range(demand.cut_at[c * slots + t], demand.cut_at[c * slots + t + 1]):
                    cut_lack[demand.cut_id[term]] -= demand.cut_coef[term] * supply[c, t]
                _spread_supply(demand.class_mask[c], t, supply[c, t], price, tie, demand.over[0], lack)
    return total + _demand_side(price, tie, demand, lack)


@njit(cache=True)
def _count(agent: int, weight: float, people: People, shifts: Shifts, weeks: Weeks, supply: np.ndarray) -> None:
    """Add an agent's slots on queue to a class's supply."""
    kind, row = people.kind[agent], people.off_row[agent]
    for d in range(7):
        if weeks.start[agent, d] < 0:
            continue
        k, b = weeks.length[agent, d], 0
        t, end = weeks.start[agent, d], weeks.start[agent, d] + shifts.length[kind, k]
        while t < min(end, supply.size):
            if b < shifts.break_n[kind, k] and t == weeks.breaks[agent, d, b]:
                t += shifts.break_len[kind, k, b]
                b += 1
                continue
            if row < 0 or not people.off[row, t]:
                supply[t] += weight
            t += 1


@njit(cache=True)
def _spread_supply(
    mask: int, t: int, amount: float, price: np.ndarray, tie: float, over: float, lack: np.ndarray
) -> None:
    """Send a class's agents to their dearest queues."""
    best, count = -over, 0
    for q in range(price.shape[0]):
        if (mask >> q) & 1 and price[q, t] > best:
            best = price[q, t]
    if best <= -over:
        return
    for q in range(price.shape[0]):
        if (mask >> q) & 1 and price[q, t] >= best - tie:
            count += 1
    for q in range(price.shape[0]):
        if (mask >> q) & 1 and price[q, t] >= best - tie:
            lack[q, t] -= amount / count


@njit(cache=True)
def _demand_side(price: np.ndarray, tie: float, demand: Demand, lack: np.ndarray) -> float:
    """What steps and pools gain at prices; adds what they ask for to `lack`."""
    total = 0.0
    for q in range(price.shape[0]):
        for t in range(price.shape[1]):
            at = demand.step_at[q, t]
            for k in range(demand.step_n[q, t]):
                if demand.step_value[at + k] <= price[q, t]:
                    break
                total += demand.step_value[at + k] - price[q, t]
                lack[q, t] += 1.0
    for p in range(demand.pool_work.size):
        q, first, last = demand.pool_queue[p], demand.pool_from[p], demand.pool_to[p]
        low = price[q, first:last].min()
        if low >= demand.pool_value[p]:
            continue
        total += demand.pool_work[p] * (demand.pool_value[p] - low)
        count = 0
        for t in range(first, last):
            if price[q, t] <= low + tie:
                count += 1
        for t in range(first, last):
            if price[q, t] <= low + tie:
                lack[q, t] += demand.pool_work[p] / count
    return total


@njit(cache=True)
def descend(
    price: np.ndarray, cut_price: np.ndarray, target: float, rounds: int, demand: Demand, people: People,
    shifts: Shifts, heads: np.ndarray, weight: np.ndarray, weeks: Weeks,
) -> float:  # fmt: skip
    """Lower the bound by moving prices; leaves the best prices in place and returns the best bound.

    Parameters
    ----------
    target : float
        Value of a schedule: no bound is below it.
    rounds : int
        Evaluations.
    """
    lack, cut_lack = np.zeros_like(price), np.zeros_like(cut_price)
    move, cut_move = np.zeros_like(price), np.zeros_like(cut_price)
    now, cut_now = price.copy(), cut_price.copy()
    top = max(demand.over[0], 1e-9)
    for k in range(demand.step_value.size):
        top = max(top, demand.step_value[k])
    for p in range(demand.pool_value.size):
        top = max(top, demand.pool_value[p])
    best, pace, waited = 1e300, 1.0, 0
    for _ in range(rounds):
        value = dual_value(
            now, cut_now, 0.01 * pace * top, demand, people, shifts, heads, weight, lack, cut_lack, weeks
        )
        if value < best - 1e-9:
            waited = 0 if value < best - 0.001 * (best - target) else waited + 1
            best = value
            price[:] = now
            cut_price[:] = cut_now
        else:
            waited += 1
        if best - target <= 1e-6 * max(1.0, abs(target)):
            break
        if waited >= 6:
            pace *= 0.6
            waited = 0
            now[:] = price
            cut_now[:] = cut_price
            move[:] = 0.0
            cut_move[:] = 0.0
            continue
        move[:] = lack + 0.6 * move
        cut_move[:] = cut_lack + 0.6 * cut_move
        norm = np.sum(move * move) + np.sum(cut_move * cut_move)
        if norm < 1e-12:
            break
        step = pace * (value - target) / norm
        for q in range(now.shape[0]):
            for t in range(now.shape[1]):
                now[q, t] = min(top, max(-demand.over[0], now[q, t] + step * move[q, t]))
        for k in range(cut_now.size):
            cut_now[k] = min(demand.cut_value[k], max(0.0, cut_now[k] + step * cut_move[k]))
    return best
