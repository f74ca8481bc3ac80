"""The persons' cheapest plans; limits on single types are counted only for those whose plans break them."""

import numpy as np

from wfo.errors import InputError
from wfo.scheduling.fixed_shifts.arrays import Arrays
from wfo.scheduling.fixed_shifts.pricing import cheapest_plans
from wfo.scheduling.fixed_shifts.space import Space, person_space

_MOST_STATES = 30_000_000
_MOST_PLAIN = 200_000_000
_MOST_PRICE = 1e9


class Pricer:
    """Asks the dynamic program, with as small a state as keeps the rules.

    A person's program starts without counters; a plan that has too many shifts of a type adds that type's
    counter, for good (decremental state space relaxation, Righini and Salani 2008). Where counters would make
    too many states, the widest limits are kept by a price on their type instead.

    Parameters
    ----------
    arrays : Arrays
    most_states : int
        Numbers kept at once, at most.

    Raises
    ------
    InputError
        If the lengths of shifts have so small a common divisor that no memory holds a person's states.
    """

    def __init__(self, arrays: Arrays, most_states: int = _MOST_STATES):
        self.arrays, self._most_states = arrays, most_states
        n_persons, _, n_shifts = arrays.shape
        names = [t.name for t in arrays.team.shift_types]
        most = [[p.max_shifts.get(n, arrays.team.days) for n in names] for p in arrays.team.persons]
        self._most = np.array(most).reshape(n_persons, n_shifts)
        self._broken_ever: list[set[int]] = [set() for _ in range(n_persons)]
        self._counted: list[tuple[int, ...]] = [()] * n_persons
        self._spaces: list[Space] = [person_space(arrays, p, ()) for p in range(n_persons)]
        self._work = np.empty(0)
        largest = (arrays.team.days + 1) * max(space.size for space in self._spaces)
        if largest > _MOST_PLAIN:
            raise InputError(
                f"shift types: found lengths whose common divisor is {arrays.unit} min over "
                f"{arrays.team.days} days, {largest:,} states of a person; at most {_MOST_PLAIN:,} are kept: "
                "round the lengths, or plan fewer days at a time"
            )

    def cheapest(
        self, person: int, cost: np.ndarray, allow: np.ndarray, count: int = 1
    ) -> tuple[float, np.ndarray]:
        """Bound from below on a plan's cost, and legal plans, the cheapest first.

        Parameters
        ----------
        person : int
        cost : float64, shape (D, S)
        allow : bool, shape (D, S + 1)
        count : int
            Plans, at most.

        Returns
        -------
        bound : float
            The first plan's cost, unless a limit was kept by a price; infinite where there is no plan.
        plans : int8, shape (N, D)
        """
        while True:
            values, plans = self._solve(person, cost, allow, count)
            if not values.size:
                return np.inf, plans
            broken = self._broken(person, plans[0])
            if not broken:
                legal = np.array([not self._broken(person, plan) for plan in plans], bool)
                return float(values[0]), plans[legal]
            if not self._count(person, broken):
                return self._priced(person, cost, allow, float(values[0]))

    def _solve(
        self, person: int, cost: np.ndarray, allow: np.ndarray, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        space = self._spaces[person]
        needed = (len(self.arrays.weekend) + 1) * space.size
        if needed > self._work.size:
            self._work = np.empty(needed)
        return cheapest_plans(cost, allow, self.arrays.weekend, space, self._work, count)

    def _broken(self, person: int, plan: np.ndarray) -> list[int]:
        """Types of which a plan has too many shifts."""
        n_shifts = self.arrays.shape[2]
        used = np.bincount(plan, minlength=n_shifts + 1)[:n_shifts]
        return [int(s) for s in np.flatnonzero(used > self._most[person])]

    def _count(self, person: int, broken: list[int]) -> bool:
        """Count the types ever broken, small limits first, while they fit; whether that is any news."""
        self._broken_ever[person].update(broken)
        plain = self._spaces[person].size // int(np.prod(self._spaces[person].counts + 1))
        room = self._most_states / ((len(self.arrays.weekend) + 1) * plain)
        counted = list[int]()
        for s in sorted(self._broken_ever[person], key=lambda s: (self._most[person, s], s)):
            room /= self._most[person, s] + 1
            if room >= 1:
                counted.append(s)
        if tuple(sorted(counted)) == self._counted[person]:
            return False
        self._counted[person] = tuple(sorted(counted))
        self._spaces[person] = person_space(self.arrays, person, self._counted[person])
        return True

    def _priced(
        self, person: int, cost: np.ndarray, allow: np.ndarray, bound: float
    ) -> tuple[float, np.ndarray]:
        """Raise the price of the types that are not counted and broken until a plan is legal."""
        price, step = np.zeros(self.arrays.shape[2]), max(1.0, float(np.abs(cost).max(initial=0.0)) / 64)
        while True:
            values, plans = self._solve(person, cost + price, allow, 1)
            bound = max(bound, float(values[0]) - float((price * self._most[person]).sum()))
            broken = self._broken(person, plans[0])
            if not broken:
                return bound, plans
            if price.max() > _MOST_PRICE:
                return bound, plans[:0]
            price[broken] = np.maximum(step, price[broken] * 2)
