"""Everybody's week and what it is worth; first weeks, best response in turn, ruin and recreate."""

from collections.abc import Iterable

import numpy as np

from wfo.scheduling.cover import change, refill, renew
from wfo.scheduling.problem import Demand, People, WeekProblem, Weeks
from wfo.scheduling.state import State, empty_state
from wfo.scheduling.turns import take_turns

_NO_TRIALS = np.zeros(0)


class Roster:
    """Everybody's week, and the assignment it leads to.

    Parameters
    ----------
    problem : WeekProblem
    demand : Demand
        The objective: the problem's own or its flat benchmark.
    people : People
        With the values of shifts that go with the objective.
    """

    def __init__(self, problem: WeekProblem, demand: Demand, people: People):
        self.problem, self.demand, self.people, self.shifts = problem, demand, people, problem.shifts
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

    def refill(self, *, deep: bool = False) -> None:
        """Let idle agents take up deferred work that is left; `deep`: those on steps of less value, too."""
        refill(self.demand, self.state, deep)

    def relay(self) -> None:
        """Lay deferred work anew, slot after slot what is due first, idle agents included; never worse.

        Agents who came one by one may have taken early work that others, idle now, had time for before.
        """
        demand, state = self.demand, self.state
        if not demand.pool_work.size:
            return
        before, was = self.value, self.snapshot()
        state.total[0] -= float(np.sum((demand.pool_work - state.left) * demand.pool_value))
        state.left[:] = demand.pool_work
        state.work[:], state.done[:], state.stale[:] = 0.0, 0.0, True
        self.refill(deep=True)
        if self.value < before:
            self.revert(was)

    def laid_on(self, demand: Demand, weeks: Weeks, agents: np.ndarray) -> "Roster":
        """Agents' weeks, given with everybody's, counted in on another demand."""
        other = Roster(self.problem, demand, self.people)
        for array, given in zip(other.weeks, weeks, strict=True):
            array[agents] = given[agents]
        for agent in agents:
            other.seat(agent)
        return other

    def snapshot(self) -> tuple[np.ndarray, ...]:
        """All that a later `revert` needs."""
        return tuple(array.copy() for array in (*self.weeks, *self.state))

    def revert(self, snapshot: tuple[np.ndarray, ...]) -> None:
        """Go back to a snapshot."""
        for array, was in zip((*self.weeks, *self.state), snapshot, strict=True):
            array[...] = was

    def turns(self, order: np.ndarray, most: int, warmths: np.ndarray, random: np.ndarray) -> np.ndarray:
        """`take_turns` on this roster; who has a legal week where it was looked for, bool, shape (A,)."""
        legal = np.zeros(self.people.kind.size, np.bool_)
        take_turns(
            order, most, warmths, random, legal, self.demand, self.state, self.people, self.shifts,
            self.weeks, self._price,
        )  # fmt: skip
        return legal


def seat_all(roster: Roster, weeks: Weeks, has: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Count in who has a week, then give everybody else one; who has no legal week, bool, shape (A,)."""
    for array, given in zip(roster.weeks, weeks, strict=True):
        array[has] = given[has]
    for agent in order[has[order]]:
        roster.seat(agent)
        roster.refill(deep=True)
    without = ~(roster.turns(order[~has[order]], -1, _NO_TRIALS, counter(0)) | has)
    roster.refill()
    return without


def levelled(demand: Demand) -> Demand:
    """The demand with more weight on the first steps of every slot than on its last.

    Where all missing agents cost the same, a best response has no reason to spread; here each slot is worth
    the more, the smaller the share of its need that is covered.
    """
    count, at = demand.step_n.ravel(), demand.step_at.ravel()
    size = np.zeros(demand.step_value.size)
    first = np.zeros(demand.step_value.size, np.int64)
    for begin, number in set(zip(at[count > 0].tolist(), count[count > 0].tolist(), strict=True)):
        size[begin : begin + number], first[begin : begin + number] = number, begin
    place = (np.arange(size.size) - first + 0.5) / np.maximum(1.0, size)
    return demand._replace(step_value=demand.step_value * np.where(size > 0, 2.0 - 2.0 * place, 1.0))


def first_weeks(
    problem: WeekProblem, demand: Demand, people: People, weeks: Weeks, has: np.ndarray, order: np.ndarray
) -> tuple[Weeks, np.ndarray]:
    """Weeks to begin with: those given, and for everybody else one that spreads evenly over what is needed.

    Returns
    -------
    Weeks, ndarray of bool, shape (A,)
        The weeks; who has no legal one.
    """
    if has.all():
        return weeks, ~has
    roster = Roster(problem, levelled(demand), people)
    without = seat_all(roster, weeks, has, order)
    one_pass(roster, order[~(has | without)[order]])
    return roster.weeks, without


def counter(seed: int) -> np.ndarray:
    """Counter of random numbers that begins at a seed."""
    return np.array([seed], np.uint64) << np.uint64(32)


def one_pass(roster: Roster, order: np.ndarray) -> float:
    """Each agent in turn leaves and takes his best week; what the value gained."""
    before = roster.value
    roster.turns(order, 0, _NO_TRIALS, counter(0))
    return roster.value - before


def ruin_and_recreate(
    roster: Roster, movers: np.ndarray, chunks: Iterable[np.ndarray], group: int, random: np.ndarray
) -> None:
    """Anneal over groups of agents (Schrimpf et al. 2000); never ends below its beginning.

    Parameters
    ----------
    movers : int64
        Agents who may move.
    chunks : iterable of float64 arrays
        A trial for each temperature, in money; after each array the best is remembered.
    group : int
        Most agents who leave at once.
    random : uint64, shape (1,)
        From `counter`; advanced.
    """
    best, top = roster.snapshot(), roster.value
    for warmths in chunks:
        roster.turns(movers, group, warmths, random)
        if roster.value > top + 1e-9:
            best, top = roster.snapshot(), roster.value
    if roster.value < top - 1e-9:
        roster.revert(best)


def cooling(heat: float, trials: int, chunks: int = 20) -> list[np.ndarray]:
    """Temperatures that fall to a hundredth, in chunks for `ruin_and_recreate`."""
    return [
        part
        for part in np.array_split(heat * 0.01 ** (np.arange(trials) / max(1, trials)), chunks)
        if part.size
    ]
