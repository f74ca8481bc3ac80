"""Best response of each agent to the others, then ruin and recreate: small groups leave and return in a new order."""

import numpy as np
from numba import njit

from wfo.scheduling.cover import State, add, keep, refill, refresh, remove, restore
from wfo.scheduling.problem import FORBIDDEN, Demand, People, Shifts, Weeks
from wfo.scheduling.week import plan_week

_STEP = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True)
def _next(seed: np.ndarray) -> float:
    """Next uniform number in [0, 1) of a SplitMix64 stream (Steele, Lea & Flood 2014)."""
    seed[0] += _STEP
    z = seed[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def base_of(agent: int, people: People, shifts: Shifts, weeks: Weeks) -> float:
    """Wishes met less paid cost of an agent's week."""
    kind, total = people.kind[agent], 0.0
    for d in range(7):
        if weeks.start[agent, d] >= 0:
            for i in range(shifts.start_n[kind, d]):
                if shifts.start[kind, d, i] == weeks.start[agent, d]:
                    total += people.base[agent, d, i, weeks.length[agent, d]]
    return total


@njit(cache=True)
def change(
    agent: int, sign: int, demand: Demand, state: State, people: People, shifts: Shifts, weeks: Weeks
) -> None:
    """Count an agent's week in (+1) or out (-1)."""
    kind, row = people.kind[agent], people.off_row[agent]
    slots = demand.step_n.shape[1]
    state.total[0] += sign * base_of(agent, people, shifts, weeks)
    for d in range(7):
        if weeks.start[agent, d] < 0:
            continue
        k = weeks.length[agent, d]
        b = 0
        t, end = weeks.start[agent, d], weeks.start[agent, d] + shifts.length[kind, k]
        while t < min(end, slots):
            if b < shifts.break_n[kind, k] and t == weeks.breaks[agent, d, b]:
                t += shifts.break_len[kind, k, b]
                b += 1
                continue
            if row < 0 or not people.off[row, t]:
                if sign > 0:
                    add(demand, state, people.class_id[agent], t)
                else:
                    remove(demand, state, people.class_id[agent], t)
            t += 1


@njit(cache=True)
def prices_for(c: int, demand: Demand, state: State, out: np.ndarray) -> None:
    """Value of one more agent of a class by slot; slots behind the week are worth nothing."""
    for t in range(demand.step_n.shape[1]):
        if state.stale[t]:
            refresh(demand, state, t)
        out[t] = state.price[t, c]


@njit(cache=True)
def respond(
    agent: int, noise: float, seed: np.ndarray, demand: Demand, state: State, people: People, shifts: Shifts,
    weeks: Weeks, price: np.ndarray,
) -> bool:  # fmt: skip
    """Give an agent who is counted out his best week at today's prices and count him in.

    Parameters
    ----------
    noise : float
        Largest random money added to a slot's price, so that a recreated group does not fall back.

    Returns
    -------
    bool
        False when he has no legal week.
    """
    prices_for(people.class_id[agent], demand, state, price)
    if noise > 0.0:
        for t in range(demand.step_n.shape[1]):
            price[t] += noise * _next(seed)
    worth = plan_week(agent, price, people, shifts, weeks.start[agent], weeks.length[agent], weeks.breaks[agent])
    if worth <= FORBIDDEN / 2:
        return False
    change(agent, 1, demand, state, people, shifts, weeks)
    return True


@njit(cache=True)
def first_weeks(
    order: np.ndarray, planned: np.ndarray, demand: Demand, state: State, people: People, shifts: Shifts,
    weeks: Weeks,
) -> np.ndarray:  # fmt: skip
    """Count in who has a week already, then give everybody else one; who has no legal week, bool, shape (A,)."""
    without = np.zeros(order.size, np.bool_)
    price = np.zeros(_horizon(demand, people, shifts))
    seed = np.zeros(1, np.uint64)
    for agent in order:
        if planned[agent]:
            change(agent, 1, demand, state, people, shifts, weeks)
    refill(demand, state)
    for agent in order:
        if not planned[agent]:
            without[agent] = not respond(agent, 0.0, seed, demand, state, people, shifts, weeks, price)
    refill(demand, state)
    return without


@njit(cache=True)
def _horizon(demand: Demand, people: People, shifts: Shifts) -> int:
    """Slots of a price vector: the week and the longest shift behind it."""
    return max(people.off.shape[1], demand.step_n.shape[1] + 2 * shifts.length.max())


@njit(cache=True)
def one_pass(
    order: np.ndarray, demand: Demand, state: State, people: People, shifts: Shifts, weeks: Weeks
) -> int:
    """Each agent in turn leaves and takes his best week; kept where the total does not fall. Weeks improved."""
    price = np.zeros(_horizon(demand, people, shifts))
    seed = np.zeros(1, np.uint64)
    start, length, breaks = np.empty_like(weeks.start[0]), weeks.length[0].copy(), weeks.breaks[0].copy()
    improved = 0
    for agent in order:
        start[:], length[:], breaks[:] = weeks.start[agent], weeks.length[agent], weeks.breaks[agent]
        keep(state)
        change(agent, -1, demand, state, people, shifts, weeks)
        refill(demand, state)
        respond(agent, 0.0, seed, demand, state, people, shifts, weeks, price)
        refill(demand, state)
        if state.total[0] < state.total[1] - 1e-7:
            restore(demand, state)
            weeks.start[agent], weeks.length[agent], weeks.breaks[agent] = start, length, breaks
        elif state.total[0] > state.total[1] + 1e-6:
            improved += 1
    return improved


@njit(cache=True)
def ruin_and_recreate(
    order: np.ndarray, trials: int, heat: float, group: int, seed: np.ndarray, demand: Demand, state: State,
    people: People, shifts: Shifts, weeks: Weeks, best: Weeks,
) -> float:  # fmt: skip
    """Anneal over groups of agents (Schrimpf et al. 2000); writes the best weeks found and returns their value.

    Parameters
    ----------
    order : int64
        Agents who may move.
    heat : float
        Money of the first temperature; it falls to a hundredth.
    group : int
        Most agents who leave at once.
    """
    price = np.zeros(_horizon(demand, people, shifts))
    top = state.total[0]
    for trial in range(trials):
        warmth = heat * 0.01 ** (trial / trials)
        size = min(order.size, 1 + int(_next(seed) * group))
        keep(state)
        for n in range(size):
            swap = n + int(_next(seed) * (order.size - n))
            order[n], order[swap] = order[swap], order[n]
        gone = order[:size]
        old_start, old_length, old_breaks = weeks.start[gone], weeks.length[gone], weeks.breaks[gone]
        for agent in gone:
            change(agent, -1, demand, state, people, shifts, weeks)
        refill(demand, state)
        noise = warmth * _next(seed) if _next(seed) < 0.5 else 0.0
        for agent in gone:
            respond(agent, noise, seed, demand, state, people, shifts, weeks, price)
            refill(demand, state)
        if state.total[0] < state.total[1] + warmth * np.log(1e-12 + _next(seed)):
            restore(demand, state)
            for n in range(size):
                agent = gone[n]
                weeks.start[agent], weeks.length[agent] = old_start[n], old_length[n]
                weeks.breaks[agent] = old_breaks[n]
        elif state.total[0] > top + 1e-7:
            top = state.total[0]
            best.start[:], best.length[:], best.breaks[:] = weeks.start, weeks.length, weeks.breaks
    return top
