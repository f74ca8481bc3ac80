"""Where agents are free for an activity, and what taking them from contacts costs, on the grid of starts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.scheduling.place_crowds import Crowds, build_crowds
from wfo.tables.agent_prices import agent_prices
from wfo.timegrid import TimeGrid, epoch_min

MOST_AWAY = 64
"""Agents away at once whose growing cost is looked at; those beyond cost as much as the last."""


@dataclass(frozen=True)
class Slots:
    """Agents over the S slots of the week.

    Attributes
    ----------
    step_min : int
        Length of a slot in minutes.
    start_min : int
        First slot, minutes since the epoch.
    agents : tuple of str
        A agents, sorted.
    segment : ndarray of int64, shape (A, S)
        Row of the schedule whose work fills the whole slot, far enough from the shift's ends; −1: not free.
    price : ndarray, shape (A, S)
        Money lost when the agent alone is away for the slot.
    crowds : Crowds
        What several away at once cost beyond that.
    """

    step_min: int
    start_min: int
    agents: tuple[str, ...]
    segment: np.ndarray
    price: np.ndarray
    crowds: Crowds

    @cached_property
    def number(self) -> dict[str, int]:
        """Row of each agent."""
        return {a: i for i, a in enumerate(self.agents)}

    def length(self, minutes: int) -> int:
        """Slots that an activity touches."""
        return -(-minutes // self.step_min)

    def fits(self, agent: int, minutes: int) -> np.ndarray:
        """Whether an activity may start at each slot, inside one work segment, shape (S,)."""
        n, own = self.length(minutes), self.segment[agent]
        out = np.zeros(own.size, dtype=bool)
        if n <= own.size:
            out[: own.size - n + 1] = (own[: own.size - n + 1] >= 0) & (
                own[: own.size - n + 1] == own[n - 1 :]
            )
        return out

    def cost(self, agent: int, minutes: int) -> np.ndarray:
        """Money lost when the agent is away from each start on, shape (S,)."""
        n = self.length(minutes)
        sums = np.r_[0.0, np.cumsum(np.r_[self.price[agent], np.zeros(n)])]
        whole = sums[n : n + self.price.shape[1]] - sums[: self.price.shape[1]]
        last = np.r_[self.price[agent], np.zeros(n)][n - 1 : n - 1 + self.price.shape[1]]
        return np.asarray(whole - last * (n - minutes / self.step_min))


def build_slots(
    schedule: pd.DataFrame,
    grid: TimeGrid,
    *,
    step_min: int,
    edge_min: int,
    prices: pd.DataFrame,
    agent_skills: pd.DataFrame,
    cover: pd.DataFrame,
) -> Slots:
    """Lay a schedule on slots.

    An agent's minute is worth what the dearest of his skills is: he would be put to work there. Several
    agents away from one interval are each dearer than the one before, see `wfo.scheduling.place_crowds`.

    Parameters
    ----------
    schedule, prices, agent_skills, cover : DataFrame
        After the table contracts.
    grid : TimeGrid
    step_min : int
        Length of a slot.
    edge_min : int
        Least minutes between an activity and the ends of the shift.
    """
    agents = tuple(sorted(set(schedule["agent_id"])))
    number = {a: i for i, a in enumerate(agents)}
    slots = grid.n * grid.step_min // step_min
    segment = np.full((len(agents), slots), -1, dtype=np.int64)
    begin, end = (epoch_min(schedule[c]) - grid.start_min for c in ("start", "end"))
    shifts = schedule.groupby("shift_id", sort=False)
    first = epoch_min(shifts["start"].transform("min")) - grid.start_min + edge_min
    last = epoch_min(shifts["end"].transform("max")) - grid.start_min - edge_min
    who = schedule["agent_id"].map(number).to_numpy(dtype=np.int64)
    low = np.clip(-(-np.maximum(begin, first) // step_min), 0, slots)
    high = np.clip(np.minimum(end, last) // step_min, 0, slots)
    for row in np.flatnonzero((schedule["kind"] == Kind.WORK.value).to_numpy()):
        segment[who[row], low[row] : high[row]] = row
    interval = np.arange(slots) * step_min // grid.step_min
    price = agent_prices(prices, agent_skills, agents, grid)[:, interval] * step_min
    crowds = build_crowds(schedule, cover, grid, agents, step_min=step_min, most_away=MOST_AWAY)
    return Slots(step_min, grid.start_min, agents, segment, price, crowds)
