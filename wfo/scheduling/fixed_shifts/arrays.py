"""The team as arrays for the solver."""

from dataclasses import dataclass
from math import gcd

import numpy as np

from wfo.scheduling.fixed_shifts.problem import FREE, FixedShiftProblem


@dataclass(frozen=True)
class Arrays:
    """A `FixedShiftProblem` as numbers; P persons, D days, S shift types; off is number S.

    Attributes
    ----------
    team : FixedShiftProblem
    unit : int
        Minutes of one unit of working time; divides every shift's length.
    units : int64, shape (S,)
    bars : bool, shape (S, S)
        Whether the second may not follow the first.
    weekend : int64, shape (D,)
        1 where work begins a worked weekend (Saturdays; day 0 on a Sunday), 2 where it does after a free
        Saturday (other Sundays), else 0.
    wish : int64, shape (P, D, S)
        What a shift adds to the cost of a person's plan.
    base : int64, shape (P,)
        Cost of a plan without any shift.
    need, under, over : int64, shape (D, S)
    allow : bool, shape (P, D, S + 1)
    """

    team: FixedShiftProblem
    unit: int
    units: np.ndarray
    bars: np.ndarray
    weekend: np.ndarray
    wish: np.ndarray
    base: np.ndarray
    need: np.ndarray
    under: np.ndarray
    over: np.ndarray
    allow: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        """P, D, S."""
        return self.wish.shape

    def plan_cost(self, person: int, plan: np.ndarray) -> int:
        """Cost of a person's wishes under a plan (int8, shape (D,))."""
        days = np.flatnonzero(plan < self.shape[2])
        return int(self.base[person] + self.wish[person, days, plan[days]].sum())

    def staffed(self, plans: np.ndarray) -> np.ndarray:
        """Persons by day and shift type, int64, shape (D, S); plans int8, shape (P, D)."""
        return np.stack([(plans == s).sum(axis=0) for s in range(self.shape[2])], axis=1)

    def cover_cost(self, count: np.ndarray) -> int:
        """Cost of too few and too many; count int64, shape (D, S)."""
        short = self.need - count
        return int((self.under * short.clip(0) + self.over * (-short).clip(0)).sum())

    def cost(self, plans: np.ndarray) -> int:
        """Cost of plans of all persons."""
        wishes = sum(self.plan_cost(p, plan) for p, plan in enumerate(plans))
        return wishes + self.cover_cost(self.staffed(plans))


def to_arrays(team: FixedShiftProblem) -> Arrays:
    """Number days, persons and shift types in the order they are given."""
    shift = {t.name: s for s, t in enumerate(team.shift_types)}
    person = {p.name: n for n, p in enumerate(team.persons)}
    n_persons, n_days, n_shifts = len(person), team.days, len(shift)
    unit = gcd(*(t.minutes for t in team.shift_types))
    bars = np.zeros((n_shifts, n_shifts), bool)
    for t in team.shift_types:
        bars[shift[t.name], [shift[other] for other in t.bars]] = True
    wish, base = np.zeros((n_persons, n_days, n_shifts), np.int64), np.zeros(n_persons, np.int64)
    for w in team.wishes:
        wish[person[w.person], w.day, shift[w.shift]] += -w.weight if w.wanted else w.weight
        base[person[w.person]] += w.weight if w.wanted else 0
    need, under, over = (np.zeros((n_days, n_shifts), np.int64) for _ in range(3))
    for row in team.cover:
        cell = row.day, shift[row.shift]
        need[cell], under[cell], over[cell] = row.needed, row.under, row.over
    allow = np.ones((n_persons, n_days, n_shifts + 1), bool)
    for n, one in enumerate(team.persons):
        for name, most in one.max_shifts.items():
            if most == 0:
                allow[n, :, shift[name]] = False
        allow[n, sorted(one.off), :n_shifts] = False
        for day, types in one.may.items():
            allow[n, day] &= np.array([name in types for name in (*shift, FREE)])
    weekday = (np.arange(n_days) + team.first_weekday) % 7
    weekend = np.where(weekday >= 5, weekday - 4, 0)
    weekend[0] = min(weekend[0], 1)
    return Arrays(
        team, unit, np.array([t.minutes // unit for t in team.shift_types]), bars,
        weekend, wish, base, need, under, over, allow,
    )  # fmt: skip
