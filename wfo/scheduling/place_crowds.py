"""Crowds: what several agents away at once cost beyond the sum of each alone.

A crowd is all agents at work, or those who serve one queue. With k of it away, cover steps of its queues are
lost from the number at work down, as if all of a crowd could do all its work and nothing else; the crowd
that loses most counts. Everybody together hides that a queue few people serve is left alone, and single
queues hide that everything is short at once.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.timegrid import TimeGrid, epoch_min

HARD_LOSS = 10_000.0
"""Money by which a step up to a hard target is dearer to leave than any other."""


@dataclass(frozen=True)
class Crowds:
    """Crowds of agents over the S slots of a week.

    Attributes
    ----------
    member : ndarray of bool, shape (G, A)
        Who belongs to which of G crowds.
    growth : ndarray of float64, shape (G, S, K)
        By how much the k-th of a crowd away at once costs more than the first, money; does not fall in k, and
        all after the last step cost as much as that.
    """

    member: np.ndarray
    growth: np.ndarray

    def nobody(self) -> np.ndarray:
        """Nobody away: int64, shape (G, S)."""
        return np.zeros(self.growth.shape[:2], dtype=np.int64)

    def sizes(self, agents: tuple[int, ...]) -> np.ndarray:
        """How many of some agents belong to each crowd, int64, shape (G,)."""
        return np.asarray(self.member[:, list(agents)].sum(axis=1, dtype=np.int64))

    def cost(self, away: np.ndarray, span: slice = slice(None)) -> float:
        """Money that so many away cost beyond each alone, over a span of slots.

        Parameters
        ----------
        away : ndarray of int64, shape (G, slots of the span)
        span : slice
            Of the slots.
        """
        growth = self.growth[:, span]
        most = growth.shape[2]
        sums = np.concatenate([np.zeros((*growth.shape[:2], 1)), np.cumsum(growth, axis=2)], axis=2)
        within = np.take_along_axis(sums, np.minimum(away, most)[:, :, None], axis=2)[:, :, 0]
        return float((within + np.maximum(0, away - most) * growth[:, :, -1]).max(axis=0).sum())


def build_crowds(
    schedule: pd.DataFrame,
    cover: pd.DataFrame,
    grid: TimeGrid,
    agents: tuple[str, ...],
    *,
    step_min: int,
    most_away: int,
) -> Crowds:
    """Crowds of a schedule: all at work, then those of each queue with cover where there are several.

    Parameters
    ----------
    schedule, cover : DataFrame
        After the table contracts; a work row that lists no queues serves all.
    grid : TimeGrid
    agents : tuple of str
        A agents.
    step_min : int
        Length of a slot, minutes.
    most_away : int
        Steps of growth looked at.
    """
    work = schedule[(schedule["kind"] == Kind.WORK.value).to_numpy()]
    number = {a: i for i, a in enumerate(agents)}
    who = work["agent_id"].map(number).to_numpy(dtype=np.int64)
    begin, end = (epoch_min(work[c]) - grid.start_min for c in ("start", "end"))
    first = np.clip(begin // grid.step_min, 0, grid.n)
    last = np.clip(-(-end // grid.step_min), 0, grid.n)
    listed = [frozenset(map(str, names)) for names in work["queues"]]
    queues = sorted(set(cover["queue"])) if len(cover) else []
    member, growth = [], []
    for queue in [None, *queues] if len(queues) > 1 else [None]:
        own = np.array([queue is None or not names or queue in names for names in listed], dtype=bool)
        there = np.zeros(len(agents), dtype=bool)
        there[who[own]] = True
        change = np.bincount(first[own], minlength=grid.n + 1) - np.bincount(last[own], minlength=grid.n + 1)
        steps = cover if queue is None else cover[(cover["queue"] == queue).to_numpy()]
        member.append(there)
        growth.append(_growth(steps, grid, np.cumsum(change)[: grid.n], most_away))
    slots = grid.n * grid.step_min // step_min
    interval = np.arange(slots) * step_min // grid.step_min
    return Crowds(np.array(member), np.array(growth)[:, interval] * (step_min / grid.step_min))


def _growth(cover: pd.DataFrame, grid: TimeGrid, at_work: np.ndarray, most: int) -> np.ndarray:
    """How much dearer the k-th agent away is than the first, shape (T, most)."""
    out = np.zeros((grid.n, most))
    if cover.empty:
        return out
    at = grid.locate(cover["interval_start"])
    value = cover["value"].to_numpy(dtype=float) + HARD_LOSS * cover["hard"].to_numpy(dtype=bool)
    order = np.lexsort((-value, at))
    at, value = at[order], value[order]
    edges = np.searchsorted(at, np.arange(grid.n + 1))
    for t in range(grid.n):
        steps = value[edges[t] : edges[t + 1]]
        n = at_work[t]
        if not steps.size or not n:
            continue
        places = np.arange(n - 1, n - 1 - most, -1)
        lost = np.where(places < steps.size, steps[np.clip(places, 0, steps.size - 1)], 0.0)
        out[t] = np.maximum.accumulate(lost - lost[0])
    return out
