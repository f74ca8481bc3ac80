"""Prices: what one more agent would save in an hour of the week, by simulated paired differences.

The week is played again with somebody more on duty who has one skill alone; as every contact keeps its luck
(common random numbers), the difference of the losses is due to him. Hours far enough apart do not touch each
other, so that a few plays price the whole week: in each he works every third hour. With many skills only the
first of the simulated weeks are played again, so that prices take a bounded share of the time.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import t as student

from wfo.domain.activities import Kind
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.counts import Counts
from wfo.simulation.memory import DEFERRED
from wfo.simulation.staffing import Staffing
from wfo.timegrid import TimeGrid

BLOCK_MIN = 60
APART = 3
"""One more agent works every so manieth block; losses up to the next are due to him."""
EXTRA = "one more"


def blocks_of(grid: TimeGrid) -> np.ndarray:
    """Number of the block of each interval, shape (T,)."""
    return np.arange(grid.n) // max(1, BLOCK_MIN // grid.step_min)


def with_one_more(
    schedule: pd.DataFrame, agent_skills: pd.DataFrame, grid: TimeGrid, skill: str, turn: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Schedule and skills with one more agent, who has a skill and works every third block from a turn on."""
    blocks = blocks_of(grid)
    worked = np.flatnonzero(np.diff(blocks, prepend=-1) & (blocks % APART == turn))
    width = np.bincount(blocks)[blocks[worked]] * grid.step_min
    start = grid.starts[worked]
    more = pd.DataFrame(
        {
            "agent_id": EXTRA,
            "start": start,
            "end": start + pd.to_timedelta(width, unit="min"),
            "schedule_date": start.date,
            "kind": Kind.WORK.value,
            "queues": pd.Series([[] for _ in worked], dtype=object),
        }
    )
    own = pd.DataFrame({"agent_id": [EXTRA], "skill": [skill], "priority": [1]})
    return pd.concat([schedule, more], ignore_index=True), pd.concat([agent_skills, own], ignore_index=True)


def losses(counts: Counts, law: np.ndarray, settings: EvaluateSettings) -> np.ndarray:
    """Money lost with abandoned and late contacts that are served at once, by replication and interval."""
    at_once = law < DEFERRED
    abandoned = counts.abandoned[:, at_once].sum(axis=1)
    late = (counts.answered - counts.in_target)[:, at_once].sum(axis=1)
    return np.asarray(settings.price_abandoned * abandoned + settings.price_late * late)


def saved(before: np.ndarray, after: np.ndarray, grid: TimeGrid, turn: int) -> np.ndarray:
    """Money saved by each worked block, shape (n, blocks of this turn).

    Who arrives in the interval before a block may still be waiting when it begins, and counts for it.
    """
    blocks = blocks_of(grid)
    of = np.concatenate([blocks[1:], blocks[-1:]])
    owner = (of - turn) // APART
    difference = before - after
    out = np.zeros((len(before), 1 + (int(blocks[-1]) - turn) // APART))
    for k in range(out.shape[1]):
        out[:, k] = difference[:, owner == k].sum(axis=1)
    return out


def price_rows(money: np.ndarray, grid: TimeGrid, skill: str, turn: int, interval: float) -> pd.DataFrame:
    """Rows of table ``prices``: mean over replications with a Student interval, by interval of the blocks."""
    blocks, n = blocks_of(grid), len(money)
    half = np.full(money.shape[1], np.inf)
    if n > 1:
        half = student.ppf(0.5 + interval / 2, n - 1) * money.std(axis=0, ddof=1) / np.sqrt(n)
    rows = np.flatnonzero(blocks % APART == turn)
    k = (blocks[rows] - turn) // APART
    minutes = np.bincount(blocks)[blocks[rows]] * grid.step_min
    mean = money.mean(axis=0)
    return pd.DataFrame(
        {
            "skill": skill,
            "interval_start": grid.starts[rows],
            "value_per_agent_min": mean[k] / minutes,
            "low": (mean - half)[k] / minutes,
            "high": (mean + half)[k] / minutes,
            "source": "simulated",
        }
    )


def price_weeks(n: int, skills: int, effort: float) -> int:
    """In how many of n simulated weeks each skill is played: all of them in all at most ``effort · n``."""
    return min(n, max(2, int(effort * n / (APART * max(1, skills)))))


def first_weeks(paths: DemandPaths, n: int) -> DemandPaths:
    """The first n paths."""
    return replace(paths, fresh=paths.fresh[:n], carried=paths.carried[:n])


def priced_skills(routing: pd.DataFrame, paths: DemandPaths, staffing: Staffing) -> list[str]:
    """Skills that serve a queue whose contacts are served at once, and has any."""
    busy = {
        name
        for q, name in enumerate(paths.queues)
        if staffing.law[q] < DEFERRED and (paths.fresh[:, q].any() or paths.carried[:, q].any())
    }
    return sorted(set(routing.loc[routing["queue"].isin(busy), "skill"].astype(str)))
