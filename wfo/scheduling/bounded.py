"""The bound of a schedule: a linear program solved beside the search, or a Lagrangian bound below it."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from wfo.scheduling.bound import Dual, descend
from wfo.scheduling.cover import renew
from wfo.scheduling.linear_bound import LinearBound, linear_bound
from wfo.scheduling.marginal import queue_prices
from wfo.scheduling.problem import Demand, People, WeekProblem
from wfo.scheduling.search import Roster
from wfo.scheduling.watch import Watch

_LEAST_ROUNDS, _MOST_ROUNDS = 4, 400
_MOST_WEEKS = 40_000
"""Best weeks planned for a bound."""


class Bounded(NamedTuple):
    """What bounds a schedule.

    Attributes
    ----------
    value : float
        No schedule exceeds it.
    price : float64, shape (Q, T)
        Dual prices: money for one agent-slot on a queue.
    more, less : float64, shape (Q, T)
        The schedule's own marginal values: of one agent more, of the last one.
    """

    value: float
    price: np.ndarray
    more: np.ndarray
    less: np.ndarray


class Beside:
    """The linear program on a thread of its own while the search goes on.

    Parameters
    ----------
    fine : Demand
        With pools as they came.
    without : bool, shape (A,)
        Agents who are left out.
    seconds : float, optional
        Time limit.
    watch : Watch
        Learns the program's bound as soon as it is solved.
    """

    def __init__(
        self, problem: WeekProblem, fine: Demand, people: People, without: np.ndarray, seconds: float | None,
        watch: Watch,
    ) -> None:  # fmt: skip
        self.problem, self.fine, self.people, self.without = problem, fine, people, without
        self._pool = ThreadPoolExecutor(1)
        self._linear: Future[LinearBound | None] = self._pool.submit(
            linear_bound, problem, fine, people, without, seconds
        )
        self._linear.add_done_callback(lambda solved: _learn(solved, watch))

    def linear(self) -> LinearBound | None:
        """Wait for the program; None where it was not solved to its end."""
        self._pool.shutdown()
        return self._linear.result()

    def bound(
        self, roster: Roster, rounds: int, share: float, watch: Watch, settled: np.ndarray | None = None
    ) -> Bounded:
        """Wait for the program, then lower its bound by what single agents can and cannot do.

        Parameters
        ----------
        rounds : int
            Steps of the Lagrangian bound, at most; fewer where many different agents make each one long.
            With a time limit as many as fit into what is left of it.
        share : float
            Of the time limit: the last that may be used.
        settled : float64, shape (Q, T), optional
            Prices to begin at, too.
        """
        linear = self.linear()
        fine, problem = self.fine, self.problem
        more, less = np.zeros((2, *fine.step_n.shape))
        renew(roster.demand, roster.state)
        queue_prices(roster.demand, roster.state, more, less)
        heads, weight = equals(self.people, self.without)
        dual = Dual(fine, self.people, problem.shifts, heads, weight, problem.no_weeks())
        starts = [(np.maximum((more + less) / 2, dual.floor), np.zeros(fine.cut_rhs.size))]
        highest = np.inf
        if linear is not None:
            starts.append((np.clip(linear.price, dual.floor, dual.top), linear.cut_price))
            highest = linear.value
        if settled is not None:
            own = np.clip(settled, dual.floor, dual.top)
            starts += [(own, starts[0][1]), ((own + starts[-1][0]) / 2, starts[-1][1])]
        start = min(starts, key=lambda s: dual.value(s[0], s[1], 0.0)[0])
        rounds = min(rounds, max(_LEAST_ROUNDS, _MOST_WEEKS // max(1, heads.size)))
        left = watch.left(share)
        if left is not None:
            begin = watch.elapsed
            dual.value(*start, 0.0)
            rounds = min(_MOST_ROUNDS, int(left / max(1e-6, watch.elapsed - begin)))
        bound, price, _ = descend(dual, *start, roster.value, rounds, lambda: watch.look(share))
        value = max(min(bound, highest), roster.value)
        watch.learn(value)
        return Bounded(value, price, more, less)


def _learn(solved: Future[LinearBound | None], watch: Watch) -> None:
    """Let a watch know the bound of a program that was solved to its end."""
    if not solved.cancelled() and solved.exception() is None:
        linear = solved.result()
        if linear is not None:
            watch.learn(linear.value)


def equals(people: People, without: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One agent of each group with the same rules, and the groups' sizes; who has no week is left out."""
    limits = people[people._fields.index("over_price") :]
    rows = np.stack([people.class_id, people.kind, people.off_row, *people.plan.T, *limits], axis=1)
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for a in np.flatnonzero(~without):
        key = (
            people.base[a].tobytes(),
            people.must[a].tobytes(),
            people.choice[a].tobytes(),
            rows[a].tobytes(),
        )
        groups.setdefault(key, []).append(int(a))
    heads = np.array([own[0] for own in groups.values()], np.int64)
    return heads, np.array([len(own) for own in groups.values()], float)
