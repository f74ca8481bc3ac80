"""The persons' cheapest plans; limits on single types are counted only for those whose plans break them."""

import numpy as np

from wfo.scheduling.fixed_shifts.arrays import Arrays
from wfo.scheduling.fixed_shifts.pricing import cheapest_plans
from wfo.scheduling.fixed_shifts.space import Space, person_space

_MOST_STATES = 60_000_000


class Pricer:
    """Asks the dynamic program, with as small a state as keeps the rules.

    A person's program starts without counters; a plan that has too many shifts of a type adds that type's
    counter, for good (decremental state space relaxation, Righini and Salani 2008).

    Parameters
    ----------
    arrays : Arrays
    """

    def __init__(self, arrays: Arrays):
        self.arrays = arrays
        n_persons, _, n_shifts = arrays.shape
        names = [t.name for t in arrays.team.shift_types]
        most = [[p.max_shifts.get(n, arrays.team.days) for n in names] for p in arrays.team.persons]
        self._most = np.array(most).reshape(n_persons, n_shifts)
        self._counted: list[tuple[int, ...]] = [()] * n_persons
        self._spaces: list[Space] = [person_space(arrays, p, ()) for p in range(n_persons)]
        self._work = np.empty(0)

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
            Cost of the first plan; infinite where there is no plan.
        plans : int8, shape (N, D)

        Raises
        ------
        MemoryError
            If limits on many single types bind at once, so that the states exceed some half a gigabyte.
        """
        while True:
            space = self._spaces[person]
            needed = (len(self.arrays.weekend) + 1) * space.size
            if needed > _MOST_STATES:
                raise MemoryError(f"person '{self.arrays.team.persons[person].name}': {needed:,} states")
            if needed > self._work.size:
                self._work = np.empty(needed)
            values, plans = cheapest_plans(cost, allow, self.arrays.weekend, space, self._work, count)
            legal = np.array([not self._broken(person, plan) for plan in plans], bool)
            if not values.size or legal[0]:
                return (float(values[0]) if values.size else np.inf), plans[legal]
            self._counted[person] = tuple(sorted({*self._counted[person], *self._broken(person, plans[0])}))
            self._spaces[person] = person_space(self.arrays, person, self._counted[person])

    def _broken(self, person: int, plan: np.ndarray) -> list[int]:
        """Types of which a plan has too many shifts."""
        n_shifts = self.arrays.shape[2]
        used = np.bincount(plan, minlength=n_shifts + 1)[:n_shifts]
        return [int(s) for s in np.flatnonzero(used > self._most[person])]
