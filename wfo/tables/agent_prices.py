"""Agent prices: what a minute of each agent is worth in each interval, by table ``prices`` and his skills."""

import numpy as np
import pandas as pd

from wfo.timegrid import TimeGrid


def agent_prices(
    prices: pd.DataFrame, agent_skills: pd.DataFrame, agents: tuple[str, ...], grid: TimeGrid
) -> np.ndarray:
    """Money an agent-minute is worth: as much as the dearest of his skills, he would be put to work there.

    Parameters
    ----------
    prices, agent_skills : DataFrame
        After the table contracts.
    agents : tuple of str
        A agents; one without a priced skill is worth nothing.
    grid : TimeGrid

    Returns
    -------
    ndarray of float64, shape (A, T)
        At least 0.
    """
    at = grid.locate(prices["interval_start"]) if len(prices) else np.zeros(0, dtype=np.int64)
    inside = (at >= 0) & (at < grid.n)
    by_skill: dict[str, np.ndarray] = {}
    for skill, rows in prices.assign(_at=at)[inside].groupby("skill", sort=True):
        values = np.zeros(grid.n)
        values[rows["_at"].to_numpy()] = rows["value_per_agent_min"].to_numpy(dtype=float)
        by_skill[str(skill)] = values
    out = np.zeros((len(agents), grid.n))
    held = agent_skills.groupby("agent_id", sort=False)["skill"].agg(list).to_dict()
    for a, agent in enumerate(agents):
        known = [by_skill[s] for s in held.get(agent, ()) if s in by_skill]
        if known:
            out[a] = np.maximum(np.max(known, axis=0), 0.0)
    return out
