"""Who is coached on what by whom: an integer program over the week's possible sessions (OR-Tools CP-SAT)."""

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from wfo.effort import Limits

_CENT = 100


@dataclass(frozen=True)
class Possible:
    """m possible sessions of n agents with k coaches.

    Attributes
    ----------
    agent, behaviour, coach : ndarray of int64, shape (m,)
        Positions.
    value : ndarray of float64, shape (m,)
        Net money of each.
    due_price : ndarray of float64, shape (n,)
        Money for giving the agent at least one session.
    coach_min : ndarray of int64, shape (k,)
        Minutes each coach has.
    session_min : int
        Minutes a session takes of a coach, preparation included.
    most : int
        Most sessions of an agent.
    """

    agent: np.ndarray
    behaviour: np.ndarray
    coach: np.ndarray
    value: np.ndarray
    due_price: np.ndarray
    coach_min: np.ndarray
    session_min: int
    most: int


@dataclass(frozen=True)
class Allocation:
    """Which possible sessions are given.

    Attributes
    ----------
    chosen : ndarray of bool, shape (m,)
    objective, bound : float
        Money, due agents reached included.
    optimal : bool
        Proved.
    """

    chosen: np.ndarray
    objective: float
    bound: float
    optimal: bool


def allocate(possible: Possible, limits: Limits, *, seed: int) -> Allocation:
    """Choose the sessions of most value, within coaches' time and agents' sessions a week."""
    program = _Program(possible)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # one worker, so that the same plan comes out on every machine
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = limits.solver_s * 10
    solver.parameters.catch_sigint_signal = False  # Ctrl-C ends the run, not this search alone
    status = solver.solve(program.model)
    chosen = np.array([solver.boolean_value(x) for x in program.given], dtype=bool)
    return Allocation(
        chosen=chosen,
        objective=solver.objective_value / _CENT,
        bound=solver.best_objective_bound / _CENT,
        optimal=status == cp_model.OPTIMAL,
    )


class _Program:
    """Variables, rules and objective of the allocation."""

    def __init__(self, possible: Possible):
        self.possible = possible
        self.model = cp_model.CpModel()
        self.given = [self.model.new_bool_var(f"given[{i}]") for i in range(len(possible.agent))]
        self.reached = [self.model.new_bool_var(f"reached[{a}]") for a in range(len(possible.due_price))]
        by_agent = self._grouped(possible.agent, len(possible.due_price))
        self._sessions_a_week(by_agent)
        self._behaviour_once(by_agent)
        self._coach_time()
        self._reached(by_agent)
        self._most_value()

    def _grouped(self, key: np.ndarray, size: int) -> list[list[int]]:
        groups: list[list[int]] = [[] for _ in range(size)]
        for i, k in enumerate(key.tolist()):
            groups[k].append(i)
        return groups

    def _sessions_a_week(self, by_agent: list[list[int]]) -> None:
        """No agent has more sessions than the week allows."""
        for mine in by_agent:
            if len(mine) > self.possible.most:
                self.model.add(sum(self.given[i] for i in mine) <= self.possible.most)

    def _behaviour_once(self, by_agent: list[list[int]]) -> None:
        """No agent is coached twice in the week on one behaviour."""
        for mine in by_agent:
            for behaviour in np.unique(self.possible.behaviour[mine]).tolist() if mine else []:
                same = [self.given[i] for i in mine if self.possible.behaviour[i] == behaviour]
                if len(same) > 1:
                    self.model.add_at_most_one(same)

    def _coach_time(self) -> None:
        """Sessions and their preparation fit into each coach's hours."""
        for coach, mine in enumerate(self._grouped(self.possible.coach, len(self.possible.coach_min))):
            room = int(self.possible.coach_min[coach]) // self.possible.session_min
            if len(mine) > room:
                self.model.add(sum(self.given[i] for i in mine) <= room)

    def _reached(self, by_agent: list[list[int]]) -> None:
        """An agent is reached when at least one of his sessions is given."""
        for agent, mine in enumerate(by_agent):
            self.model.add(sum(self.given[i] for i in mine) >= self.reached[agent])

    def _most_value(self) -> None:
        """Net money of sessions, and the price of reaching those who are due."""
        p = self.possible
        cents = np.rint(p.value * _CENT).astype(np.int64).tolist()
        due = np.rint(p.due_price * _CENT).astype(np.int64).tolist()
        self.model.maximize(
            sum(c * x for c, x in zip(cents, self.given, strict=True))
            + sum(d * x for d, x in zip(due, self.reached, strict=True))
        )
