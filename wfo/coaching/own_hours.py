"""Own hours: what an agent's minute costs in the cheapest time of his own shifts that a session fits into."""

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.tables.agent_prices import agent_prices
from wfo.timegrid import TimeGrid, epoch_min


def cheapest_minutes(
    schedule: pd.DataFrame,
    prices: pd.DataFrame,
    agent_skills: pd.DataFrame,
    agents: tuple[str, ...],
    grid: TimeGrid,
    minutes: int,
) -> np.ndarray:
    """Money of an agent-minute in the cheapest stretch of work that holds a session.

    Parameters
    ----------
    schedule, prices, agent_skills : DataFrame
        After the table contracts.
    agents : tuple of str
        A agents.
    grid : TimeGrid
    minutes : int
        Length of the session; whole intervals are looked at.

    Returns
    -------
    ndarray of float64, shape (A,)
        NaN where none of the agent's stretches of work is long enough.
    """
    price = agent_prices(prices, agent_skills, agents, grid)
    number = {agent: a for a, agent in enumerate(agents)}
    needed = -(-minutes // grid.step_min)
    out = np.full(len(agents), np.nan)
    work = schedule[
        (schedule["kind"] == Kind.WORK.value).to_numpy() & schedule["agent_id"].isin(number).to_numpy()
    ]
    first = -((grid.start_min - epoch_min(work["start"])) // grid.step_min)
    last = (epoch_min(work["end"]) - grid.start_min) // grid.step_min
    for agent, begin, end in zip(
        work["agent_id"], np.maximum(first, 0), np.minimum(last, grid.n), strict=True
    ):
        if end - begin >= needed:
            own = np.convolve(price[number[agent], begin:end], np.ones(needed), mode="valid") / needed
            out[number[agent]] = np.fmin(out[number[agent]], own.min())
    return out
