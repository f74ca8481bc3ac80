"""Neighbourhood search: some persons, or all on some days, planned anew by column generation."""

from dataclasses import dataclass, field

import numpy as np

from wfo.scheduling.fixed_shifts.combine import combine
from wfo.scheduling.fixed_shifts.dive import dive
from wfo.scheduling.fixed_shifts.generate import Generator
from wfo.scheduling.fixed_shifts.master import Master


@dataclass
class Sizes:
    """How much a neighbourhood frees: it grows while it is proved empty, and shrinks when left unsolved.

    Attributes
    ----------
    value : float
        Persons, or days.
    least, most : float
    """

    value: float
    least: float
    most: float

    def grow(self) -> None:
        """Free more next time."""
        self.value = min(self.most, self.value * 1.1)

    def shrink(self) -> None:
        """Free less next time."""
        self.value = max(self.least, self.value * 0.93)


@dataclass
class Search:
    """The best plans so far, and neighbourhoods to better them.

    Attributes
    ----------
    generator : Generator
    plans : int8, shape (P, D)
    seed : int
    cost : int
        Of the plans.
    """

    generator: Generator
    plans: np.ndarray
    seed: int
    cost: int = field(init=False)

    def __post_init__(self) -> None:
        arrays = self.generator.arrays
        n_persons, n_days, _ = arrays.shape
        self.cost = arrays.cost(self.plans)
        self._draws = np.random.default_rng([self.seed, 7])
        self._persons = Sizes(min(5.0, n_persons), min(2.0, n_persons), n_persons)
        self._days = Sizes(min(5.0, n_days), min(2.0, n_days), n_days)

    def step(self, nodes: int) -> bool:
        """Try one neighbourhood; whether it bettered the plans."""
        by_days = self._draws.random() < 0.5
        size = self._days if by_days else self._persons
        free = self._some_days(size.value) if by_days else self._some_persons(size.value)
        better = self._solve(free, size, nodes)
        if better is None:
            return False
        cost = self.generator.arrays.cost(better)
        if cost >= self.cost:
            return False
        self.plans, self.cost = better, cost
        return True

    def _some_persons(self, size: float) -> np.ndarray:
        n_persons, n_days, _ = self.generator.arrays.shape
        free = np.zeros((n_persons, n_days), bool)
        free[self._draws.choice(n_persons, min(n_persons, round(size)), replace=False)] = True
        return free

    def _some_days(self, size: float) -> np.ndarray:
        n_persons, n_days, _ = self.generator.arrays.shape
        length = min(n_days, round(size))
        begin = int(self._draws.integers(0, n_days - length + 1))
        free = np.zeros((n_persons, n_days), bool)
        free[:, begin : begin + length] = True
        return free

    def _solve(self, free: np.ndarray, size: Sizes, nodes: int) -> np.ndarray | None:
        generator = self.generator
        pool, watch = generator.pool, generator.watch
        now = np.eye(generator.arrays.shape[2] + 1, dtype=bool)[self.plans]
        allow = np.where(free[:, :, None], generator.arrays.allow, now)
        master = Master(generator.arrays, allow, pool)
        for p in np.flatnonzero(master.free):
            pool.add(int(p), self.plans[p])
        known = pool.within(allow)
        for column in known:
            master.take(column)
        done = generator.run(master, allow, 100, self.cost, close=1e-6)
        if done.least >= self.cost:
            size.grow()
            return None
        if not np.isfinite(done.value) or generator.over:
            return None
        columns = master.near(pool.within(allow), done.worth, done.part, self.cost - done.bound)
        found = combine(master, columns, self.plans, nodes=nodes, better_than=self.cost, seconds=watch.left())
        if found is None:
            found = dive(generator, master, allow, rounds=3, better_than=self.cost)
            size.shrink()
        return found
