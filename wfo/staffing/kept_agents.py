"""Ring-fenced blocks: agents kept for a deferred queue in named hours."""

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.forecasting.opening import open_intervals
from wfo.timegrid import TimeGrid


def kept(centre: Centre, queue: str, grid: TimeGrid) -> tuple[np.ndarray, np.ndarray]:
    """Scheduled agents that a queue's blocks keep, and what an hour of one costs when missing.

    Parameters
    ----------
    centre : Centre
    queue : str
    grid : TimeGrid

    Returns
    -------
    agents : ndarray of int64, shape (T,)
        Of all blocks together; none while the queue is closed.
    price_h : ndarray, shape (T,)
        The dearest block's.
    """
    spec = centre.queues[queue]
    agents, price = np.zeros(grid.n, dtype=np.int64), np.zeros(grid.n)
    is_open = open_intervals(centre, grid)[centre.queue_ids.index(queue)]
    for block in spec.blocks.values():
        alone = centre.model_copy(update={"queues": {queue: spec.model_copy(update={"hours": block.hours})}})
        inside = open_intervals(alone, grid)[0] & is_open
        agents[inside] += block.agents
        price[inside] = np.maximum(price[inside], block.price_h)
    return agents, price


def cover_of(queue: str, agents: np.ndarray, value: np.ndarray, grid: TimeGrid) -> pd.DataFrame:
    """Rows of ``cover`` that ask for the kept agents, each of equal value in its interval.

    Parameters
    ----------
    queue : str
    agents : ndarray of int64, shape (T,)
    value : ndarray, shape (T,)
        Money for each position.
    grid : TimeGrid
    """
    at = np.repeat(np.arange(grid.n), agents)
    first = np.cumsum(agents) - agents
    return pd.DataFrame(
        {
            "queue": pd.Series([queue] * at.size, dtype="str"),
            "interval_start": grid.starts[at],
            "step": np.arange(at.size) - first[at] + 1,
            "value": value[at],
            "hard": np.ones(at.size, dtype=bool),
        }
    )
