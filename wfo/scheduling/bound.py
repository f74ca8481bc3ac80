"""A bound no schedule can exceed: agents and demand meet at prices instead of in person.

Lagrangian relaxation of "who is on a queue is at least who is counted on it": at any prices the sum of each
agent's best week, of each step worth more than its price, and of each pool at its cheapest slot, bounds the
objective (Geoffrion 1974). Prices move along deflected subgradients with Polyak's step towards the schedule's
own value (Camerini, Fratta & Maffioli 1975), from the marginal values of the schedule.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from wfo.scheduling.compiled import entry, inner, plain
from wfo.scheduling.problem import Demand, People, Shifts, Weeks
from wfo.scheduling.week import plan_week

_THREADS = 2
"""Always two, so that sums have one order."""
_PACE = 1.0
_KEPT = 0.5


@entry
def _class_worth(price: np.ndarray, cut_price: np.ndarray, demand: Demand, worth: np.ndarray) -> None:
    """Worth of an agent of each class by slot, shape (C, ≥ T): the dearest queue he may serve, and cuts."""
    queues, slots = price.shape
    for c in range(demand.class_mask.size):
        for t in range(slots):
            best = -demand.over[0] if demand.class_mask[c] else demand.idle_value[t]
            for q in range(queues):
                if (demand.class_mask[c] >> q) & 1 and price[q, t] > best:
                    best = price[q, t]
            for term in range(demand.cut_at[c * slots + t], demand.cut_at[c * slots + t + 1]):
                best += cut_price[demand.cut_id[term]] * demand.cut_coef[term]
            worth[c, t] = best


@entry
def _best_weeks(
    heads: np.ndarray, weight: np.ndarray, worth: np.ndarray, supply: np.ndarray, people: People,
    shifts: Shifts, weeks: Weeks,
) -> float:  # fmt: skip
    """Sum of the best weeks of groups of equals at their classes' prices; adds slots on queue to supply."""
    total = 0.0
    for n in range(heads.size):
        agent = heads[n]
        c = people.class_id[agent]
        total += weight[n] * plan_week(
            agent, worth[c], people, shifts, weeks.start[agent], weeks.length[agent], weeks.breaks[agent]
        )
        _count(agent, weight[n], people, shifts, weeks, supply[c])
    return total


@plain
def _count(
    agent: int, weight: float, people: People, shifts: Shifts, weeks: Weeks, supply: np.ndarray
) -> None:
    """Add an agent's slots on queue to a class's supply."""
    kind, row = people.kind[agent], people.off_row[agent]
    for d in range(7):
        if weeks.start[agent, d] < 0:
            continue
        k, b = weeks.length[agent, d], 0
        t, end = weeks.start[agent, d], weeks.start[agent, d] + shifts.length[kind, k]
        while t < min(end, supply.size):
            if b < shifts.break_n[kind, k] and t == weeks.breaks[agent, d, b]:
                t += shifts.break_len[kind, k, b]
                b += 1
                continue
            if row < 0 or not people.off[row, t]:
                supply[t] += weight
            t += 1


@inner
def _spread_supply(
    mask: int, t: int, amount: float, price: np.ndarray, tie: float, over: float, lack: np.ndarray
) -> None:
    """Send a class's agents to their dearest queues."""
    best, count = -over, 0
    for q in range(price.shape[0]):
        if (mask >> q) & 1 and price[q, t] > best:
            best = price[q, t]
    if best <= -over:
        return
    for q in range(price.shape[0]):
        if (mask >> q) & 1 and price[q, t] >= best - tie:
            count += 1
    for q in range(price.shape[0]):
        if (mask >> q) & 1 and price[q, t] >= best - tie:
            lack[q, t] -= amount / count


@inner
def _demand_side(price: np.ndarray, tie: float, demand: Demand, lack: np.ndarray) -> float:
    """What steps and pools gain at prices; adds what they ask for to `lack`."""
    total = 0.0
    for q in range(price.shape[0]):
        for t in range(price.shape[1]):
            at = demand.step_at[q, t]
            for k in range(demand.step_n[q, t]):
                if demand.step_value[at + k] <= price[q, t]:
                    break
                total += demand.step_value[at + k] - price[q, t]
                lack[q, t] += 1.0
    for p in range(demand.pool_work.size):
        q, first, last = demand.pool_queue[p], demand.pool_from[p], demand.pool_to[p]
        low = price[q, first:last].min()
        if low >= demand.pool_value[p]:
            continue
        total += demand.pool_work[p] * (demand.pool_value[p] - low)
        count = 0
        for t in range(first, last):
            if price[q, t] <= low + tie:
                count += 1
        for t in range(first, last):
            if price[q, t] <= low + tie:
                lack[q, t] += demand.pool_work[p] / count
    return total


class Dual:
    """The relaxed problem: its value at prices, and by how much demand exceeds supply there.

    Parameters
    ----------
    demand, people, shifts : arrays of the problem
    heads, weight : int64, float64, shape (G,)
        One agent of each group of equals; how many there are.
    scratch : Weeks
        Room for the heads' best weeks.

    Attributes
    ----------
    floor : float64, shape (Q, T)
        Lowest price that bounds: minus the price of overstaffing, 0 where there is deferred work.
    top : float
        Highest price worth trying.
    """

    def __init__(
        self,
        demand: Demand,
        people: People,
        shifts: Shifts,
        heads: np.ndarray,
        weight: np.ndarray,
        scratch: Weeks,
    ):
        self.demand, self.people, self.shifts, self.heads, self.weight = demand, people, shifts, heads, weight
        self.weeks = scratch
        slots = demand.step_n.shape[1]
        horizon = max(people.off.shape[1], slots + 2 * int(shifts.length.max(initial=1)))
        self._worth = np.zeros((demand.class_mask.size, horizon))
        self.top = max(
            1e-9,
            float(demand.over[0]),
            float(demand.step_value.max()),
            float(demand.pool_value.max(initial=0.0)),
        )
        # A unit on a deferred queue may be used in part and is not idle: no price below 0 bounds it.
        self.floor = np.full(demand.step_n.shape, -float(demand.over[0]))
        for q, first, last in zip(demand.pool_queue, demand.pool_from, demand.pool_to, strict=True):
            self.floor[q, first:last] = 0.0

    def value(
        self, price: np.ndarray, cut_price: np.ndarray, tie: float
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Bound at prices; demand less supply by queue and slot, shape (Q, T), and by cut, shape (K,).

        Parameters
        ----------
        price : float64, shape (Q, T)
            Money for one unit of capacity on a queue, at least `floor`.
        cut_price : float64, shape (K,)
            Money for one unit of a cut's left-hand side, in [0, value].
        tie : float
            Prices this close share supply and pools evenly.
        """
        demand, people, weeks = self.demand, self.people, self.weeks
        lack, cut_lack = np.zeros_like(price), demand.cut_rhs.copy()
        _class_worth(price, cut_price, demand, self._worth)
        total = -float(np.sum(cut_price * demand.cut_rhs))
        supply = np.zeros((_THREADS, demand.class_mask.size, price.shape[1]))
        parts = np.array_split(np.arange(self.heads.size), _THREADS)
        with ThreadPoolExecutor(_THREADS) as pool:
            futures = [
                pool.submit(
                    _best_weeks, self.heads[part], self.weight[part], self._worth, own, people, self.shifts,
                    weeks,
                )
                for part, own in zip(parts, supply, strict=True)
            ]  # fmt: skip
            total += sum(future.result() for future in futures)
        return total + _sides(price, tie, demand, supply.sum(axis=0), lack, cut_lack), lack, cut_lack


@entry
def _sides(
    price: np.ndarray, tie: float, demand: Demand, supply: np.ndarray, lack: np.ndarray, cut_lack: np.ndarray
) -> float:
    """Value of the demand side; writes demand less supply."""
    slots = price.shape[1]
    for c in range(demand.class_mask.size):
        for t in range(slots):
            if supply[c, t] > 0.0:
                for term in range(demand.cut_at[c * slots + t], demand.cut_at[c * slots + t + 1]):
                    cut_lack[demand.cut_id[term]] -= demand.cut_coef[term] * supply[c, t]
                _spread_supply(demand.class_mask[c], t, supply[c, t], price, tie, demand.over[0], lack)
    return _demand_side(price, tie, demand, lack)


def descend(
    dual: Dual,
    price: np.ndarray,
    cut_price: np.ndarray,
    target: float,
    rounds: int,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[float, np.ndarray, np.ndarray]:
    """Lower the bound by moving prices, first towards the mean, then along subgradients.

    Parameters
    ----------
    price : float64, shape (Q, T)
        Where to begin, for example marginal values of a schedule.
    target : float
        Value of a schedule: no bound is below it.
    rounds : int
        Evaluations.
    stop : callable
        Whether to end before.

    Returns
    -------
    float, ndarray, ndarray
        The best bound and its prices.
    """
    over, top = -float(dual.demand.over[0]), dual.top
    flat = [np.maximum(level, dual.floor) for level in (over, over / 2, 0.0, *_levels(price))]
    starts = [*flat, *((price + level) / 2 for level in flat), price]
    tried = [dual.value(start, cut_price, 0.0)[0] for start in starts]
    best = min(tried)
    price = best_price = starts[tried.index(best)]
    best_cut = cut_price
    move, cut_move = np.zeros_like(price), np.zeros_like(cut_price)
    for n in range(rounds):
        pace = _PACE * 0.5 ** (n / (rounds / 6))
        value, lack, cut_lack = dual.value(price, cut_price, 0.01 * pace * top)
        if value < best:
            best, best_price, best_cut = value, price, cut_price
        if best - target <= 1e-6 * max(1.0, abs(target)) or stop():
            break
        move, cut_move = lack + _KEPT * move, cut_lack + _KEPT * cut_move
        norm = float(np.sum(move * move) + np.sum(cut_move * cut_move))
        if norm < 1e-12:
            break
        step = pace * (value - target) / norm
        price = np.clip(price + step * move, dual.floor, top)
        cut_price = np.clip(cut_price + step * cut_move, 0.0, dual.demand.cut_value)
    return best, best_price, best_cut


def _levels(price: np.ndarray) -> list[float]:
    """Some levels of positive prices."""
    some = price[price > 0]
    return [float(v) for v in np.quantile(some, [0.1, 0.25, 0.5])] if some.size else []
