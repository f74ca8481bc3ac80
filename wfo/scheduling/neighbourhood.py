"""Neighbourhoods of one day: solved by CP-SAT, counted in where the objective rises."""

from collections.abc import Callable

import numpy as np

from wfo.scheduling.cover import change, refill
from wfo.scheduling.day_model import Day, solve_day
from wfo.scheduling.legal_week import legal_week
from wfo.scheduling.problem import Weeks
from wfo.scheduling.search import Roster
from wfo.scheduling.state import keep, restore

_MOVERS = 10
_SHARE = 0.1
_PATIENCE = 0.1


def improve_days(
    roster: Roster, tries: int, solver_s: float, seed: int, draw: np.random.Generator,
    stop: Callable[[], bool] = lambda: False,
) -> float:  # fmt: skip
    """Solve days anew, worst first: all breaks of a day, then some of its agents' starts, too.

    Ends early when a tenth of the tries in a row, at least two, won nothing: where it can win at all, it
    wins often.

    Parameters
    ----------
    tries : int
        Models to solve, at most.
    solver_s : float
        Deterministic seconds of the effort; each model gets a share of it.
    seed : int
        Of the solver.
    stop : callable
        Whether to end before the next model.

    Returns
    -------
    float
        What the objective gained.
    """
    before, idle_tries = roster.value, 0
    order = np.zeros(0, np.int64)
    for n in range(tries):
        if stop():
            break
        place, with_starts = n // 2 % 7, n % 2
        if place == with_starts == 0:
            order = np.argsort(-_to_win(roster), kind="stable")
        day = _choose(roster, int(order[place]), _MOVERS * with_starts, draw)
        new = solve_day(roster, day, _SHARE * solver_s, seed)
        idle_tries = 0 if new is not None and _apply(roster, day.number, new) else idle_tries + 1
        if idle_tries >= max(2, _PATIENCE * tries):
            break
    return roster.value - before


def _to_win(roster: Roster) -> np.ndarray:
    """Money for idle agents and for the first step of each queue that nobody covers, by day; shape (7,)."""
    return np.array([part.sum() for part in np.array_split(_lost(roster), 7)])


def _lost(roster: Roster) -> np.ndarray:
    """The same by slot, shape (T,)."""
    demand, units = roster.demand, roster.state.units[:, :-1]
    at = np.minimum(demand.step_at.T + units, demand.step_value.size - 1)
    first = np.where(units < demand.step_n.T, demand.step_value[at], 0.0)
    return np.asarray(first.sum(axis=1) + float(demand.over[0]) * roster.state.units[:, -1])


def _choose(roster: Roster, number: int, movers: int, draw: np.random.Generator) -> Day:
    """Agents of a day; those on duty while most is lost are the likeliest movers."""
    people, weeks = roster.people, roster.weeks
    serving = roster.demand.class_mask[people.class_id] != 0
    agents = np.flatnonzero((weeks.start[:, number] >= 0) & serving)
    starts = {int(a): _starts(roster, int(a), number) for a in agents} if movers else {}
    able = np.array([a for a, own in starts.items() if len(own) > 1], np.int64)
    total = np.concatenate([[0.0], np.cumsum(_lost(roster))])
    begin = weeks.start[able, number]
    end = begin + roster.shifts.length[people.kind[able], weeks.length[able, number]]
    odds = total[np.minimum(end, total.size - 1)] - total[np.minimum(begin, total.size - 1)] + 1e-6
    chosen = (
        draw.choice(able, min(movers, able.size), replace=False, p=odds / odds.sum()) if able.size else able
    )
    return Day(number, agents.tolist(), {a: starts[a] for a in sorted(chosen.tolist())})


def _starts(roster: Roster, agent: int, day: int) -> dict[int, float]:
    """Starts an agent may take on a day with the other days as they are: value of the shift by start slot."""
    people, shifts, weeks = roster.people, roster.shifts, roster.weeks
    kind, k = people.kind[agent], weeks.length[agent, day]
    start, found = weeks.start[agent].copy(), {}
    for i in range(shifts.start_n[kind, day]):
        start[day] = shifts.start[kind, day, i]
        if legal_week(agent, start, weeks.length[agent], people, shifts):
            found[int(start[day])] = float(people.base[agent, day, i, k])
    return found


def _only(weeks: Weeks, day: int) -> Weeks:
    """The weeks with nothing but one day."""
    start = np.full_like(weeks.start, -1)
    start[:, day] = weeks.start[:, day]
    return weeks._replace(start=start)


def _apply(roster: Roster, day: int, new: Weeks) -> bool:
    """Count the new day in for all whom it changes; undone where the objective does not rise."""
    state, weeks = roster.state, roster.weeks
    changed = (new.start[:, day] != weeks.start[:, day]) | (new.breaks[:, day] != weeks.breaks[:, day]).any(
        axis=1
    )
    agents = np.flatnonzero(changed)
    keep(state)
    before = roster.value
    old_day, new_day = _only(weeks, day), _only(new, day)
    for agent in agents:
        change(agent, -1, roster.demand, state, roster.people, roster.shifts, old_day)
    for agent in agents:
        change(agent, 1, roster.demand, state, roster.people, roster.shifts, new_day)
    refill(roster.demand, state, False)
    if roster.value <= before + 1e-7:
        restore(roster.demand, state)
        return False
    for array, fresh in zip(weeks, new, strict=True):
        array[agents] = fresh[agents]
    return True
