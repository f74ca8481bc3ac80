"""Weeks of a fixed-shift team under all rules: those found, else the best that everybody else leaves."""

import numpy as np

from wfo.scheduling.fixed_shifts.arrays import Arrays
from wfo.scheduling.problem import FORBIDDEN, WeekProblem, Weeks
from wfo.scheduling.team import CENT, Team
from wfo.scheduling.watch import Watch
from wfo.scheduling.week import plan_week

_WANTED = 1e9
_PASSES = 5
_GROUP = 4


class TeamWeeks:
    """Everybody's week, and the shifts it is made of.

    Parameters
    ----------
    problem : WeekProblem
    team : Team
    arrays : Arrays
        Of the team, for cover and its weights.

    Attributes
    ----------
    weeks : Weeks
    plans : int8, shape (P, 7)
        Kind of shift by day, the number of kinds for a free day.
    """

    def __init__(self, problem: WeekProblem, team: Team, arrays: Arrays):
        self._problem, self._team, self._arrays = problem, team, arrays
        self.weeks: Weeks = problem.no_weeks()
        self.plans = np.full((team.agents.size, 7), arrays.shape[2], np.int8)
        people, longest = problem.people, int(problem.shifts.length.max(initial=1))
        self._price = np.zeros(max(people.off.shape[1], problem.n_slots + 2 * longest))

    def take(self, plans: np.ndarray, *, trials: int, seed: int, enough: int, watch: Watch) -> int:
        """Give everybody the plan found, or where a rule forbids it the best week; how many of the latter.

        Where there are any, all answer in turn, and small groups leave and come back (ruin and recreate).

        Parameters
        ----------
        plans : int8, shape (P, 7)
        trials : int
            Groups to try.
        seed : int
        enough : int
            Cost that cannot be bettered.
        watch : Watch
            Once it is over, weeks that a rule forbids are still given anew, but no more is tried.
        """
        wrong = [n for n in range(plans.shape[0]) if not self._keep(n, plans[n])]
        for n in wrong:
            self._answer(n)
        for _ in range(_PASSES if wrong else 0):
            if watch.over() or not self._try(np.arange(plans.shape[0])):
                break
        draws = np.random.default_rng([seed, 11])
        for _ in range(trials if wrong else 0):
            if watch.over() or self._arrays.cost(self.plans) <= enough:
                break
            size = int(draws.integers(1, 1 + min(_GROUP, plans.shape[0])))
            self._try(draws.choice(plans.shape[0], size, replace=False), together=True)
        return len(wrong)

    def _keep(self, n: int, plan: np.ndarray) -> bool:
        """Try a week of given shifts."""
        worth = np.full(self._problem.people.base.shape[1:], FORBIDDEN)
        for d in range(7):
            if plan[d] < len(self._team.names):
                i, k = self._team.place[n, d, plan[d]]
                worth[d, i, k] = _WANTED
        return self._plan(n, worth) and np.array_equal(self.plans[n], plan)

    def _try(self, group: np.ndarray, *, together: bool = False) -> bool:
        """Some answer, in turn or all having left; whether the cost fell, undone where it rises."""
        before, was = self._arrays.cost(self.plans), self.plans.copy()
        kept = tuple(array.copy() for array in self.weeks)
        if together:
            self.plans[group] = self._arrays.shape[2]
        for n in group:
            self._answer(int(n))
        cost = self._arrays.cost(self.plans)
        if cost > before:
            self.plans[:] = was
            for array, old in zip(self.weeks, kept, strict=True):
                array[...] = old
        return cost < before

    def _answer(self, n: int) -> None:
        """The best week against the others' cover."""
        arrays, team = self._arrays, self._team
        self.plans[n] = arrays.shape[2]
        there = arrays.staffed(self.plans)
        gain = np.where(there < arrays.need, arrays.under, -arrays.over) / CENT
        worth = np.full(self._problem.people.base.shape[1:], FORBIDDEN)
        for d in range(7):
            for s in range(len(team.names)):
                i, k = team.place[n, d, s]
                if i >= 0:
                    worth[d, i, k] = self._problem.people.base[team.agents[n], d, i, k] + gain[d, s]
        self._plan(n, worth)

    def _plan(self, n: int, worth: np.ndarray) -> bool:
        """Write the best legal week of shifts at their worth; False: there is none."""
        problem, agent = self._problem, int(self._team.agents[n])
        base = problem.people.base
        was, weeks = base[agent].copy(), self.weeks
        base[agent] = worth
        value = plan_week(
            agent, self._price, problem.people, problem.shifts, weeks.start[agent], weeks.length[agent],
            weeks.breaks[agent],
        )  # fmt: skip
        base[agent] = was
        if value <= FORBIDDEN / 2:
            return False
        self.plans[n] = self._arrays.shape[2]
        kind = problem.people.kind[agent]
        for d in np.flatnonzero(weeks.start[agent] >= 0):
            i = int(np.flatnonzero(problem.shifts.start[kind, d] == weeks.start[agent, d])[0])
            here = self._team.place[n, d] == (i, weeks.length[agent, d])
            self.plans[n, d] = int(np.flatnonzero(here.all(axis=1))[0])
        return True
