"""Best response of each agent to the others, then ruin and recreate: small groups leave and return anew.

The loops are plain Python around a few compiled steps: one compiled function that contained them all took
most of a minute to compile.
"""

import numpy as np

from wfo.scheduling.cover import change, class_prices, refill, renew
from wfo.scheduling.problem import FORBIDDEN, Demand, People, Problem, Weeks
from wfo.scheduling.state import State, empty_state, keep, restore
from wfo.scheduling.week import plan_week

_NO_PRICE = np.zeros(0)
_SNAPSHOTS = 20


class Roster:
    """Everybody's week, and the assignment it leads to.

    Parameters
    ----------
    problem : Problem
    demand : Demand
        The objective: the problem's own or its flat benchmark.
    people : People
        With the values of shifts that go with the objective.
    """

    def __init__(self, problem: Problem, demand: Demand, people: People):
        self.demand, self.people, self.shifts = demand, people, problem.shifts
        self.state: State = empty_state(demand)
        self.weeks: Weeks = problem.no_weeks()
        horizon = max(people.off.shape[1], problem.n_slots + 2 * int(problem.shifts.length.max(initial=1)))
        self._price = np.zeros(horizon)

    @property
    def value(self) -> float:
        """The objective of what is counted in."""
        return float(self.state.total[0])

    def seat(self, agent: int) -> None:
        """Count an agent's week in as it is."""
        renew(self.demand, self.state)
        change(agent, 1, self.demand, self.state, self.people, self.shifts, self.weeks)

    def leave(self, agent: int) -> None:
        """Count an agent's week out."""
        change(agent, -1, self.demand, self.state, self.people, self.shifts, self.weeks)

    def respond(self, agent: int, noise: np.ndarray = _NO_PRICE) -> bool:
        """Give an agent who is counted out his best week and count him in; False: he has no legal week.

        Parameters
        ----------
        noise : float64, shape (T,) or (0,)
            Money added to the prices of slots.
        """
        renew(self.demand, self.state)
        class_prices(self.people.class_id[agent], self.demand, self.state, self._price)
        self._price[: noise.size] += noise
        weeks = self.weeks
        worth = plan_week(
            agent,
            self._price,
            self.people,
            self.shifts,
            weeks.start[agent],
            weeks.length[agent],
            weeks.breaks[agent],
        )
        if worth <= FORBIDDEN / 2:
            return False
        change(agent, 1, self.demand, self.state, self.people, self.shifts, weeks)
        return True

    def refill(self, *, deep: bool = False) -> None:
        """Let idle agents take up deferred work that is left; `deep`: those on steps of less value, too."""
        refill(self.demand, self.state, deep)

    def snapshot(self) -> tuple[np.ndarray, ...]:
        """All that a later `revert` needs."""
        return tuple(array.copy() for array in (*self.weeks, *self.state))

    def revert(self, snapshot: tuple[np.ndarray, ...]) -> None:
        """Go back to a snapshot."""
        for array, was in zip((*self.weeks, *self.state), snapshot, strict=True):
            array[...] = was

    def trial(self, agents: np.ndarray, warmth: float, noise: np.ndarray, luck: float) -> bool:
        """Agents leave and come back one by one; undone where the value falls too far.

        Parameters
        ----------
        warmth : float
            Temperature in money; 0: no loss is borne.
        luck : float
            Uniform draw in (0, 1].
        """
        old = [array[agents] for array in self.weeks]
        keep(self.state)
        before = self.value
        for agent in agents:
            self.leave(agent)
        self.refill()
        for agent in agents:
            self.respond(agent, noise)
            self.refill()
        if self.value >= before - 1e-7 + warmth * np.log(luck):
            return True
        restore(self.demand, self.state)
        for array, was in zip(self.weeks, old, strict=True):
            array[agents] = was
        return False


def seat_all(roster: Roster, weeks: Weeks, has: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Count in who has a week, then give everybody else one; who has no legal week, bool, shape (A,)."""
    without = np.zeros(has.size, bool)
    for array, given in zip(roster.weeks, weeks, strict=True):
        array[has] = given[has]
    for agent in order[has[order]]:
        roster.seat(agent)
        roster.refill(deep=True)
    for agent in order[~has[order]]:
        without[agent] = not roster.respond(agent)
    roster.refill()
    return without


def one_pass(roster: Roster, order: np.ndarray) -> float:
    """Each agent in turn leaves and takes his best week; what the value gained."""
    before = roster.value
    for n in range(order.size):
        roster.trial(order[n : n + 1], 0.0, _NO_PRICE, 1.0)
    return roster.value - before


def ruin_and_recreate(
    roster: Roster, movers: np.ndarray, trials: int, heat: float, group: int, draw: np.random.Generator
) -> None:
    """Anneal over groups of agents (Schrimpf et al. 2000); never ends below its beginning.

    Parameters
    ----------
    movers : int64
        Agents who may move.
    heat : float
        Money of the first temperature; it falls to a hundredth.
    group : int
        Most agents who leave at once.
    """
    slots = roster.demand.step_n.shape[1]
    best, top = roster.snapshot(), roster.value
    for trial in range(trials):
        warmth = heat * 0.01 ** (trial / trials)
        size = int(draw.integers(1, min(group, movers.size) + 1))
        agents = _who_leaves(roster, movers, size, draw)
        shaken, luck = draw.random() < 0.5, 1.0 - draw.random()
        noise = warmth * draw.random(slots) if shaken else _NO_PRICE
        roster.trial(agents, warmth, noise, luck)
        if (trial + 1) % max(1, trials // _SNAPSHOTS) == 0 and roster.value > top:
            best, top = roster.snapshot(), roster.value
    if roster.value < top:
        roster.revert(best)


def _who_leaves(roster: Roster, movers: np.ndarray, size: int, draw: np.random.Generator) -> np.ndarray:
    """Agents for a trial; two times in three half of them are on duty where somebody is idle."""
    idle = roster.state.units[:, -1]
    if draw.random() < 1 / 3 or not idle.any():
        return draw.choice(movers, size, replace=False)
    slots = np.flatnonzero(idle)
    slot = draw.choice(slots, p=idle[slots] / idle[slots].sum())
    start = roster.weeks.start[movers]
    length = roster.shifts.length[roster.people.kind[movers][:, None], roster.weeks.length[movers]]
    there = ((start >= 0) & (start <= slot) & (slot < start + length)).any(axis=1)
    there &= roster.state.on[slot, roster.people.class_id[movers], -1] > 0
    near = movers[there]
    if not near.size:
        return draw.choice(movers, size, replace=False)
    first = draw.choice(near, min(near.size, (size + 1) // 2), replace=False)
    others = np.setdiff1d(movers, first)
    return np.concatenate([first, draw.choice(others, size - first.size, replace=False)])
