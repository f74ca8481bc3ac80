"""The compiled inner loop of the search: agents leave, answer the others with their best week, and return."""

import numpy as np

from wfo import draws
from wfo.scheduling.compiled import entry, inner, plain
from wfo.scheduling.cover import change, class_prices, refill, renew
from wfo.scheduling.problem import FORBIDDEN, Demand, People, Shifts, Weeks
from wfo.scheduling.state import State, keep, restore
from wfo.scheduling.week import plan_week

_NEAR_IDLE = 2 / 3
"""Share of trials in which half of the agents are on duty where somebody is idle."""
_TRIES_EACH = 8

_mix, _unit = plain(draws.mix), plain(draws.unit)


@plain
def _draw(random: np.ndarray) -> float:
    """Next uniform number in (0, 1); `random` holds the counter."""
    random[0] += np.uint64(1)
    return _unit(_mix(random[0]))


@plain
def _below(random: np.ndarray, n: int) -> int:
    """Uniform whole number below n."""
    return int(_draw(random) * n)


@inner
def _answer(
    agent: int, noise: float, random: np.ndarray, demand: Demand, state: State, people: People,
    shifts: Shifts, weeks: Weeks, price: np.ndarray,
) -> bool:  # fmt: skip
    """Count an agent in with his best week at today's prices, shaken by noise; False: he has no legal one."""
    renew(demand, state)
    class_prices(people.class_id[agent], demand, state, price)
    if noise > 0.0:
        for t in range(demand.step_n.shape[1]):
            price[t] += noise * _unit(_mix(random[0] + np.uint64(t)))
    worth = plan_week(
        agent, price, people, shifts, weeks.start[agent], weeks.length[agent], weeks.breaks[agent]
    )
    if worth <= FORBIDDEN / 2:
        return False
    change(agent, 1, demand, state, people, shifts, weeks)
    return True


@plain
def _copy_weeks(agents: np.ndarray, was: np.ndarray, weeks: Weeks, out: bool) -> None:
    """Copy agents' weeks out, or back in."""
    for n in range(agents.size):
        a = agents[n]
        for d in range(was.shape[1]):
            if out:
                was[n, d, 0], was[n, d, 1] = weeks.start[a, d], weeks.length[a, d]
            else:
                weeks.start[a, d], weeks.length[a, d] = was[n, d, 0], was[n, d, 1]
            for b in range(was.shape[2] - 2):
                if out:
                    was[n, d, 2 + b] = weeks.breaks[a, d, b]
                else:
                    weeks.breaks[a, d, b] = was[n, d, 2 + b]


@inner
def _try(
    agents: np.ndarray, warmth: float, random: np.ndarray, demand: Demand, state: State, people: People,
    shifts: Shifts, weeks: Weeks, price: np.ndarray,
) -> None:  # fmt: skip
    """Agents leave and come back one by one; undone where the value falls too far."""
    days, rests = weeks.breaks.shape[1:]
    was = np.empty((agents.size, days, 2 + rests), np.int64)
    _copy_weeks(agents, was, weeks, True)
    keep(state)
    before = state.total[0]
    for agent in agents:
        change(agent, -1, demand, state, people, shifts, weeks)
    refill(demand, state, False)
    shaken = warmth > 0.0 and _draw(random) < 0.5
    legal = True
    for agent in agents:
        if not _answer(agent, warmth if shaken else 0.0, random, demand, state, people, shifts, weeks, price):
            legal = False
        refill(demand, state, False)
    random[0] += np.uint64(demand.step_n.shape[1])
    loss = -warmth * np.log(_draw(random)) if warmth > 0.0 else 0.0
    if not legal or state.total[0] < before - 1e-7 - loss:
        restore(demand, state)
        _copy_weeks(agents, was, weeks, False)


@plain
def _on_duty(agent: int, slot: int, people: People, shifts: Shifts, weeks: Weeks) -> bool:
    for d in range(7):
        first = weeks.start[agent, d]
        if first >= 0 and first <= slot < first + shifts.length[people.kind[agent], weeks.length[agent, d]]:
            return True
    return False


@plain
def _idle_slot(state: State, random: np.ndarray) -> int:
    """A slot, by the number of idle agents in it; -1: nobody is idle."""
    total, last = 0, state.units.shape[1] - 1
    for t in range(state.units.shape[0]):
        total += state.units[t, last]
    if total == 0:
        return -1
    place = _below(random, total)
    for t in range(state.units.shape[0]):
        place -= state.units[t, last]
        if place < 0:
            return t
    return -1


@plain
def _gather(
    chosen: np.ndarray, movers: np.ndarray, random: np.ndarray, state: State, people: People, shifts: Shifts,
    weeks: Weeks,
) -> None:  # fmt: skip
    """Different agents for a trial; two times in three half of them are on duty where somebody is idle."""
    slot = _idle_slot(state, random) if _draw(random) < _NEAR_IDLE else -1
    near = (chosen.size + 1) // 2 if slot >= 0 else 0
    count, tries = 0, 0
    while count < chosen.size:
        agent = movers[_below(random, movers.size)]
        fresh = True
        for n in range(count):
            fresh &= chosen[n] != agent
        tries += 1
        if count < near and tries < _TRIES_EACH * movers.size:
            fresh = fresh and _on_duty(agent, slot, people, shifts, weeks)
        if fresh:
            chosen[count] = agent
            count += 1


@entry
def take_turns(
    order: np.ndarray, most: int, warmths: np.ndarray, random: np.ndarray, legal: np.ndarray, demand: Demand,
    state: State, people: People, shifts: Shifts, weeks: Weeks, price: np.ndarray,
) -> None:  # fmt: skip
    """Agents answer: those who are out one by one, everybody in turn, or small groups by chance.

    One function for the three, since what it calls takes long to compile.

    Parameters
    ----------
    order : int64, shape (N,)
        Agents in turn, or those to choose from.
    most : int
        Largest group; 0: one agent after the other, who keeps his week where the value would fall; -1: the
        same for agents who are not counted in yet, whatever the value.
    warmths : float64
        With groups: one trial for each temperature, in money. Half of the warm ones shake prices.
    random : uint64, shape (1,)
        Counter of random numbers; advanced.
    legal : bool, shape (A,)
        With -1 written: whether an agent has a legal week.
    price : float64, shape (≥ T + pad,)
        Scratch.
    """
    if most < 0:
        for agent in order:
            legal[agent] = _answer(agent, 0.0, random, demand, state, people, shifts, weeks, price)
        return
    trials = warmths.size if most else order.size
    for n in range(trials):
        agents, warmth = order[n : n + 1], 0.0
        if most:
            agents = np.empty(1 + _below(random, min(most, order.size)), np.int64)
            _gather(agents, order, random, state, people, shifts, weeks)
            warmth = warmths[n]
        _try(agents, warmth, random, demand, state, people, shifts, weeks, price)
