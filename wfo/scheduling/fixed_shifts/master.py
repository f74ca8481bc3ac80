"""The master linear program: shares of known plans, and what cover is then worth."""

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from ortools.math_opt.python import mathopt

from wfo.scheduling.fixed_shifts.arrays import Arrays


@dataclass
class Pool:
    """Plans known of each person, each once.

    Attributes
    ----------
    arrays : Arrays
    person : list of int
        Of each column.
    plan : list of ndarray
        int8, shape (D,).
    cost : list of int
        Of wishes.
    """

    arrays: Arrays
    person: list[int] = field(default_factory=list)
    plan: list[np.ndarray] = field(default_factory=list)
    cost: list[int] = field(default_factory=list)
    _known: dict[tuple[int, bytes], int] = field(default_factory=dict)

    def add(self, person: int, plan: np.ndarray) -> tuple[int, bool]:
        """Number of a plan, and whether it is new."""
        key = person, plan.tobytes()
        if key in self._known:
            return self._known[key], False
        number = self._known[key] = len(self.plan)
        self.person.append(person)
        self.plan.append(plan.copy())
        self.cost.append(self.arrays.plan_cost(person, plan))
        return number, True

    def within(self, allow: np.ndarray) -> list[int]:
        """Columns that keep to what is allowed (bool, shape (P, D, S + 1))."""
        if not self.plan:
            return []
        days = np.arange(allow.shape[1])
        kept = allow[np.array(self.person)[:, None], days, np.stack(self.plan)].all(axis=1)
        return [int(n) for n in np.flatnonzero(kept)]


class Master:
    """Cover rows for the cells in which something is left to decide, one row for each person.

    Parameters
    ----------
    arrays : Arrays
    allow : bool, shape (P, D, S + 1)
        Where a person has one choice on a day, it is taken as made.
    pool : Pool

    Attributes
    ----------
    open : bool, shape (P, D)
        Days on which a person has a choice.
    free : bool, shape (P,)
        Persons who have one.
    rows : bool, shape (D, S)
        Cells with a cover row.
    constant : int
        Cost of what is not left to decide.
    fixed : int8, shape (P, D)
        Shifts taken as made; off elsewhere.
    need : int64, shape (D, S)
        What they leave to be covered.
    """

    def __init__(self, arrays: Arrays, allow: np.ndarray, pool: Pool):
        self.arrays, self.pool = arrays, pool
        n_shifts = arrays.shape[2]
        self.open = allow.sum(axis=2) > 1
        self.free = self.open.any(axis=1)
        self.rows = (allow[:, :, :n_shifts] & self.open[:, :, None]).any(axis=0)
        self.fixed = np.where(self.open, n_shifts, allow.argmax(axis=2)).astype(np.int8)
        self.need = arrays.need - arrays.staffed(self.fixed)
        dead = np.where(self.rows, 0, self.need)
        self.constant = int((arrays.under * dead.clip(0) + arrays.over * (-dead).clip(0)).sum())
        for p in np.flatnonzero(~self.free):
            self.constant += arrays.plan_cost(int(p), self.fixed[p])
        self._program = _Program(self)
        self._values: dict[int, float] = {}
        self._solver = mathopt.IncrementalSolver(self._program.model, mathopt.SolverType.GLOP)

    def take(self, column: int) -> bool:
        """Add a column of the pool; whether it was not there yet."""
        return self._program.take(column)

    def drop(self, allow: np.ndarray) -> None:
        """Use no column that leaves what is allowed."""
        self._program.keep(set(self.pool.within(allow)))

    def integer_model(self, columns: list[int]) -> tuple[mathopt.Model, dict[int, mathopt.Variable]]:
        """The same program over some columns, each taken or not; their variables."""
        program = _Program(self, whole=True)
        for column in columns:
            program.take(column)
        return program.model, program.share

    def solve(self, seconds: float | None = None) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Cost, worth of a person more in each cell (D, S) and each person's part (P,); None: time is up."""
        limit = timedelta(seconds=max(0.01, seconds)) if seconds is not None else None
        answer = self._solver.solve(params=mathopt.SolveParameters(time_limit=limit))
        if answer.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        worth = np.zeros(self.rows.shape)
        cells, rows = list(self._program.cover), list(self._program.cover.values())
        if cells:
            worth[tuple(np.array(cells).T)] = answer.dual_values(rows)
        worth = worth.clip(-self.arrays.over, self.arrays.under)
        part = np.zeros(len(self.free))
        part[list(self._program.person)] = answer.dual_values(list(self._program.person.values()))
        self._values = dict(
            zip(self._program.share, answer.variable_values(list(self._program.share.values())), strict=True)
        )
        return answer.objective_value() + self.constant, worth, part

    def shares(self) -> dict[int, float]:
        """Columns in use and their shares, from the last solution."""
        return {c: v for c, v in self._values.items() if v > 1e-6 and c in self._program.share}

    def near(self, columns: list[int], worth: np.ndarray, part: np.ndarray, gap: float) -> list[int]:
        """Those of some columns that could be in a choice within `gap` of the master's cost."""
        kept, n_shifts = [], self.arrays.shape[2]
        for column in columns:
            person, plan = self.pool.person[column], self.pool.plan[column]
            if not self.free[person]:
                continue
            days = np.flatnonzero(self.open[person] & (plan < n_shifts))
            if self.pool.cost[column] - worth[days, plan[days]].sum() - part[person] <= gap + 1e-6:
                kept.append(column)
        return kept

    def bound(self, worth: np.ndarray, cheapest: np.ndarray) -> float:
        """Lagrangian bound: no cost is below.

        Parameters
        ----------
        worth : float64, shape (D, S)
            Between −over and under.
        cheapest : float64, shape (P,)
            Of the free persons: least cost of wishes less worth of cover; others are not read.
        """
        rows = self.need[self.rows] * worth[self.rows]
        return self.constant + float(rows.sum()) + float(cheapest[self.free].sum())


class _Program:
    """The rows and columns of a master, shares of plans or whole ones."""

    def __init__(self, master: Master, whole: bool = False):
        self.master, self.whole = master, whole
        self.model = mathopt.Model()
        self.share: dict[int, mathopt.Variable] = {}
        self.cover: dict[tuple[int, int], mathopt.LinearConstraint] = {}
        arrays, model = master.arrays, self.model
        for d, s in np.argwhere(master.rows):
            need = float(master.need[d, s])
            row = self.cover[int(d), int(s)] = model.add_linear_constraint(lb=need, ub=need)
            for sign, price in ((1.0, arrays.under[d, s]), (-1.0, arrays.over[d, s])):
                slack = model.add_variable(lb=0.0, is_integer=whole)
                row.set_coefficient(slack, sign)
                model.objective.set_linear_coefficient(slack, float(price))
        free = [int(p) for p in np.flatnonzero(master.free)]
        self.person = {p: model.add_linear_constraint(lb=1.0, ub=1.0) for p in free}

    def take(self, column: int) -> bool:
        """Add a column; whether it was not there yet."""
        pool, fixed = self.master.pool, self.master.fixed
        person, plan = pool.person[column], pool.plan[column]
        if column in self.share or person not in self.person:
            return False
        share = self.share[column] = self.model.add_variable(lb=0.0, is_integer=self.whole)
        self.model.objective.set_linear_coefficient(share, float(pool.cost[column]))
        self.person[person].set_coefficient(share, 1.0)
        for d in np.flatnonzero((plan != fixed[person]) & (plan < self.master.arrays.shape[2])):
            self.cover[int(d), int(plan[d])].set_coefficient(share, 1.0)
        return True

    def keep(self, columns: set[int]) -> None:
        """Delete all other columns."""
        for column in [c for c in self.share if c not in columns]:
            self.model.delete_variable(self.share.pop(column))
