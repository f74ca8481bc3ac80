"""Best responses to a demand that is soft at first and hardens: the method of multipliers.

Where an interval is worth much up to its need and nothing beyond, agents who answer one by one get stuck in a
plan full of single gaps that nobody's shift fits. Here each interval has a price, and its worth falls evenly
around what that price asks for (the derivative of a Moreau envelope), so that every answer fills what is
shortest. After a pass of everybody each interval's price becomes what one more agent is worth there (Hestenes
1969, Powell 1969), and the fall becomes steeper, until it is the demand's own.
"""

from dataclasses import dataclass

import numpy as np

from wfo.scheduling.placed_work import PlacedWork
from wfo.scheduling.problem import Demand, Weeks
from wfo.scheduling.search import Roster, one_pass
from wfo.scheduling.watch import Watch

_WIDEST, _NARROWEST = 1.0, 0.02
_MOST_LATER = 20
"""Passes with deferred work, at most."""
_LOOK_FROM = 0.5
"""Part of the passes after which each pass's weeks are measured on the demand itself."""


@dataclass(frozen=True)
class Softened:
    """A demand whose steps fall evenly, and what it is worth anywhere.

    Attributes
    ----------
    demand : Demand
        With soft steps, some of them beyond the need.
    """

    demand: Demand
    _price: np.ndarray
    _along: np.ndarray
    _worth: np.ndarray
    _low: np.ndarray
    _high: np.ndarray
    _shift: np.ndarray

    def price(self, units: np.ndarray) -> np.ndarray:
        """What one more agent is worth, shape (Q, T).

        Parameters
        ----------
        units : int64, shape (Q, T)
            Agents on each queue.
        """
        there = self.demand.step_n > 0
        place = np.clip(units[there], self._low, self._high) + self._shift
        found = self._price.copy()
        found[there] = np.interp(place, self._along, self._worth)
        return found


def softened(
    demand: Demand, price: np.ndarray, width: float, size: np.ndarray | None = None,
    use: np.ndarray | None = None,
) -> Softened:  # fmt: skip
    """A demand whose worth falls evenly around what prices ask for.

    Where the demand itself is worth `price` at some number of agents, the soft one is worth it there, too.

    Parameters
    ----------
    demand : Demand
        With a step somewhere.
    price : float64, shape (Q, T)
        Money for one agent-slot, between minus the price of overstaffing and the first step.
    width : float
        Agents over which worth falls from the first step to idleness, as a share of the steps.
    size, use : float64, shape (Q, T), optional
        Where `size` is more than 0 the share is of so many, and steps are asked for as far as `use`, which
        need not be a whole number.
    """
    there, over = demand.step_n > 0, float(demand.over[0])
    count, at, asked = demand.step_n[there], demand.step_at[there], price[there]
    fall = demand.step_value[at] + over
    many, spare = count.astype(float), np.zeros(count.size)
    if size is not None and use is not None:
        later = size[there] > 0.0
        many = np.where(later, size[there], many)
        spare = np.where(later, count - use[there], spare)
    slope = np.divide(width * many, fall, out=np.zeros(count.size), where=fall > 0.0)
    cell, step = _spread(count)
    value = demand.step_value[at[cell] + step]
    # Corners of a cell's steps: (j, v_j), (j + 1, v_j) for each, and idleness after the last.
    corner, place = _spread(2 * count + 1)
    own = (np.cumsum(count) - count)[corner] + np.minimum(place // 2, count[corner] - 1)
    worth = np.where(place == 2 * count[corner], -over, value[own])
    agents = (place + 1) // 2 - spare[corner] - (worth - asked[corner]) * slope[corner]
    last = np.cumsum(2 * count + 1) - 1
    low, high = agents[last - 2 * count], agents[last]
    shift = np.cumsum(high - low + 1.0) - high
    along = agents + shift[corner]
    size = np.maximum(1, np.ceil(high - 0.5)).astype(np.int64)
    new, number = _spread(size)
    middle = np.clip(number + 0.5, low[new], high[new]) + shift[new]
    step_at, step_n = np.zeros_like(demand.step_at), np.zeros_like(demand.step_n)
    step_at[there], step_n[there] = np.cumsum(size) - size, size
    soft = demand._replace(step_at=step_at, step_n=step_n, step_value=np.interp(middle, along, worth))
    return Softened(soft, price, along, worth, low, high, shift)


def _spread(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each index as often as it counts, and the places from 0 within each."""
    owner = np.repeat(np.arange(count.size), count)
    return owner, np.arange(owner.size) - np.repeat(np.cumsum(count) - count, count)


def settle(roster: Roster, movers: np.ndarray, passes: int, watch: Watch, share: float) -> np.ndarray | None:
    """Better weeks by passes over a hardening demand; the roster never gets worse.

    Deferred work stands in it as steps, which move between passes (`PlacedWork`).

    Parameters
    ----------
    movers : int64
        Everybody who has a week.
    passes : int
        How many; with a time limit, and no deferred work, as many as fit into `share` of it.
    share : float
        Of the time limit: the last that may be used.

    Returns
    -------
    float64, shape (Q, T), or None
        Mean price of each interval, for a bound to begin at; None: nothing was done.
    """
    demand = roster.demand
    if not (movers.size and (demand.step_n.any() or demand.pool_work.size)) or watch.look(share):
        return None
    asked = _Asked(demand, roster.state.units[:, :-1].T)
    price = np.where(asked.there, (asked.top - float(demand.over[0])) / 2, 0.0)
    asked.move(roster.state.units[:, :-1].T, price, _WIDEST)
    mean, weight, weeks = np.zeros_like(price), 0.0, roster.weeks
    begin, done, part = watch.elapsed, 0, 0.0
    while part < 1.0 and not watch.look(share):
        width = _WIDEST * (_NARROWEST / _WIDEST) ** part
        trial = roster.laid_on(asked.soft(price, width).demand, weeks, movers)
        one_pass(trial, movers)
        units = trial.state.units[:, :-1].T
        asked.move(units, price, width)
        weeks, price = trial.weeks, asked.soft(price, width).price(units)
        mean, weight = mean + width * price, weight + width
        if part >= _LOOK_FROM:
            _take(roster, weeks, movers)
        done += 1
        left = watch.left(share)
        if demand.pool_work.size:
            part = done / min(passes, _MOST_LATER)
        elif left is None:
            part = done / passes
        else:
            part = 1.0 - left / max(1e-9, left + watch.elapsed - begin)
    _take(roster, weeks, movers)
    watch.tell("settled", roster.value)
    return mean / weight


class _Asked:
    """What is asked for in each interval: steps, and deferred work where it would be done.

    Attributes
    ----------
    there : bool, shape (Q, T)
        Whether anything may be asked for.
    top : float64, shape (Q, T)
        Most an agent-slot is worth.
    """

    def __init__(self, demand: Demand, units: np.ndarray):
        first = demand.step_value[np.minimum(demand.step_at, demand.step_value.size - 1)]
        self.there = demand.step_n > 0
        self.top = np.where(self.there, first, 0.0)
        self._demand, self._use = demand, np.zeros(demand.step_n.shape)
        self._later = PlacedWork.of(demand, units) if demand.pool_work.size else None
        if self._later is not None:
            self.there, self.top = self.there | (self._later.top > 0.0), self.top + self._later.top

    def move(self, units: np.ndarray, price: np.ndarray, width: float) -> None:
        """Put deferred work where it is cheapest at prices, near the agents who are there."""
        if self._later is not None:
            self._use = self._later.place(units, price, width)

    def soft(self, price: np.ndarray, width: float) -> Softened:
        """Softened around prices."""
        if self._later is None:
            return softened(self._demand, price, width)
        return softened(self._later.as_steps(self._use), price, width, self._later.size, self._use)


def _take(roster: Roster, weeks: Weeks, movers: np.ndarray) -> None:
    """Take weeks that are worth more on the roster's own demand."""
    trial = roster.laid_on(roster.demand, weeks, movers)
    trial.relay()
    if trial.value > roster.value + 1e-9:
        roster.revert(trial.snapshot())
