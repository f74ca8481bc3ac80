"""Column generation: plans that the master wants, until it wants no more, with a bound on every cost."""

from dataclasses import dataclass, field
from math import ceil

import numpy as np

from wfo.scheduling.fixed_shifts.arrays import Arrays
from wfo.scheduling.fixed_shifts.master import Master, Pool
from wfo.scheduling.fixed_shifts.pricer import Pricer
from wfo.scheduling.watch import Watch


@dataclass
class Generated:
    """What column generation found.

    Attributes
    ----------
    value : float
        Of the master; infinite: it was not solved.
    bound : float
        No legal choice costs less.
    worth, part : ndarray
        The master's prices of cells (D, S) and persons (P,).
    """

    value: float = np.inf
    bound: float = -np.inf
    worth: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    part: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def least(self) -> int:
        """The bound, as costs are whole numbers."""
        return ceil(self.bound - 1e-4) if self.bound > -np.inf else -(1 << 60)


@dataclass
class Generator:
    """Column generation for one master.

    Attributes
    ----------
    arrays : Arrays
    pricer : Pricer
    pool : Pool
    watch : Watch
    plans : int
        New plans of a person in one round, at most.
    share : float
        Of the time limit until which it goes on.
    """

    arrays: Arrays
    pricer: Pricer
    pool: Pool
    watch: Watch
    plans: int = 2
    share: float = 1.0

    @property
    def over(self) -> bool:
        """Whether its share of the time is over."""
        return self.watch.look(self.share)

    def run(
        self, master: Master, allow: np.ndarray, rounds: int, stop_at: float = np.inf, *,
        close: float = 1e-4, enough: float = -np.inf,
    ) -> Generated:  # fmt: skip
        """Add plans for at most so many rounds.

        Parameters
        ----------
        master : Master
        allow : bool, shape (P, D, S + 1)
        rounds : int
        stop_at : float
            End when the bound shows that no choice is cheaper than this.
        close : float
            End when the master is within this share of the bound.
        enough : float
            Ask for no plans while the master costs no more.

        Notes
        -----
        Prices are smoothed towards those of the best bound (Wentges 1997), so that they do not swing.
        """
        done, centre, smooth = Generated(), None, 0.3
        for _ in range(rounds):
            solved = None if self.over else master.solve(self.watch.left(self.share))
            if solved is None:
                break
            done.value, worth, part = solved
            done.worth, done.part = worth, part
            if done.value <= enough:
                break
            smooth_now = 0.0 if centre is None else smooth
            asked = worth if centre is None else smooth_now * centre + (1 - smooth_now) * worth
            added, bound = self._price(master, allow, asked, worth, part)
            if bound > done.bound:
                done.bound, centre = bound, asked
            if not added and smooth_now > 0:
                added, bound = self._price(master, allow, worth, worth, part)
                if bound > done.bound:
                    done.bound, centre = bound, worth
            if not added or done.least >= stop_at or done.value - done.bound <= close * abs(done.value):
                break
        return done

    def _price(
        self, master: Master, allow: np.ndarray, asked: np.ndarray, worth: np.ndarray, part: np.ndarray
    ) -> tuple[int, float]:
        """Take the plans that are cheap at the asked prices and wanted at the master's; new plans, bound."""
        added, cheapest = 0, np.zeros(len(part))
        for p in (int(n) for n in np.flatnonzero(master.free)):
            undecided = master.open[p][:, None]
            least, plans = self.pricer.cheapest(
                p, self.arrays.wish[p] - asked * undecided, allow[p], self.plans
            )
            cheapest[p], pays = least + self.arrays.base[p], worth * undecided
            for plan in plans:
                column, _ = self.pool.add(p, plan)
                days = np.flatnonzero(plan < worth.shape[1])
                wanted = self.pool.cost[column] - pays[days, plan[days]].sum() - part[p]
                if wanted < -1e-6:
                    added += master.take(column)
        return added, master.bound(asked, cheapest)
