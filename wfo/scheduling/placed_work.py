"""Deferred work as steps of intervals while prices settle: where in its windows it asks for agents.

Agents and work take turns at prices, as the two blocks of the alternating direction method of multipliers do
(Boyd et al. 2011, section 3): agents answer steps where work is placed; then each pool is placed anew on the
slots of its window that cost least, near the agents who are there.
"""

from dataclasses import dataclass

import numpy as np

from wfo import compiled
from wfo.scheduling.problem import Demand

_SWEEPS, _HALVINGS = 3, 40
_compiled = compiled.entry("scheduling/placed_work.py", "scheduling/problem.py", nogil=True)


@dataclass(frozen=True)
class PlacedWork:
    """Where pools are worked on.

    Attributes
    ----------
    demand : Demand
        A queue has pools or steps, not both.
    size : float64, shape (Q, T)
        Agents over whom the worth of a slot falls at full width; 0 outside windows.
    top : float64, shape (Q, T)
        Most an agent-slot of deferred work is worth.
    work : float64, shape (J, T)
        Agent-slots of each pool by slot; changed by `place`.
    """

    demand: Demand
    size: np.ndarray
    top: np.ndarray
    work: np.ndarray

    @staticmethod
    def of(demand: Demand, units: np.ndarray) -> "PlacedWork":
        """Nothing is placed yet.

        Parameters
        ----------
        units : int64, shape (Q, T)
            Agents on queues in a first schedule; their usual number is the measure of `size`.
        """
        top = np.zeros(demand.step_n.shape)
        for q, first, last, value in zip(
            demand.pool_queue, demand.pool_from, demand.pool_to, demand.pool_value, strict=True
        ):
            top[q, first:last] = np.maximum(top[q, first:last], value)
        staffed = np.maximum(1, (units > 0).sum(axis=1))
        usual = np.maximum(1.0, units.sum(axis=1) / staffed)
        size = np.where(top > 0.0, usual[:, None], 0.0)
        return PlacedWork(demand, size, top, np.zeros((demand.pool_work.size, demand.step_n.shape[1])))

    def place(self, units: np.ndarray, price: np.ndarray, width: float) -> np.ndarray:
        """Put work where it is cheapest, near the agents who are there.

        Parameters
        ----------
        units : int64, shape (Q, T)
            Agents on queues.
        price : float64, shape (Q, T)
            Money for an agent-slot.
        width : float
            As in `settle.softened`.

        Returns
        -------
        float64, shape (Q, T)
            Agent-slots of work by queue and slot.
        """
        fall = self.top + float(self.demand.over[0])
        slope = width * self.size / np.maximum(1e-12, fall)
        use = np.zeros_like(price)
        np.add.at(use, self.demand.pool_queue, self.work)
        _place(self.demand, units.astype(np.float64), price, slope, self.work, use)
        return use

    def as_steps(self, use: np.ndarray) -> Demand:
        """The demand with steps in the place of pools; the last step of a slot may be asked for in part."""
        demand, there = self.demand, self.top > 0.0
        count = np.where(there, np.maximum(1, np.ceil(use - 1e-9)), demand.step_n).astype(np.int64)
        at = demand.step_at.copy()
        begin = np.cumsum(count[there]) - count[there]
        at[there] = demand.step_value.size + begin
        none = np.zeros(0)
        return demand._replace(
            step_at=at, step_n=count,
            step_value=np.concatenate([demand.step_value, np.repeat(self.top[there], count[there])]),
            pool_queue=np.zeros(0, np.int64), pool_from=np.zeros(0, np.int64), pool_to=np.zeros(0, np.int64),
            pool_work=none, pool_value=none, queue_pool=np.zeros_like(demand.queue_pool),
            queue_value=np.zeros_like(demand.queue_value), pool_at=np.zeros_like(demand.pool_at),
            pool_end=np.zeros_like(demand.pool_end),
        )  # fmt: skip


@_compiled
def _place(
    demand: Demand, units: np.ndarray, price: np.ndarray, slope: np.ndarray, work: np.ndarray,
    use: np.ndarray,
) -> None:  # fmt: skip
    """Each pool in turn takes the slots of its window that cost least, the others' work as it is.

    A further agent-slot costs ``price + (use - units) / slope``; a pool rises to a level, at most its value.
    """
    cost = np.empty(price.shape[1])
    for _ in range(_SWEEPS):
        for p in range(demand.pool_work.size):
            q, first, last = demand.pool_queue[p], demand.pool_from[p], demand.pool_to[p]
            low, high = demand.pool_value[p], demand.pool_value[p]
            for t in range(first, last):
                use[q, t] -= work[p, t]
                cost[t] = price[q, t] + (use[q, t] - units[q, t]) / slope[q, t]
                low = min(low, cost[t])
            for _ in range(_HALVINGS):
                level, done = (low + high) / 2, 0.0
                for t in range(first, last):
                    done += max(0.0, level - cost[t]) * slope[q, t]
                if done > demand.pool_work[p]:
                    high = level
                else:
                    low = level
            for t in range(first, last):
                work[p, t] = max(0.0, low - cost[t]) * slope[q, t]
                use[q, t] += work[p, t]
