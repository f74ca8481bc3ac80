"""Held: how surely simulated weekly service reaches its targets, by which rounds are told apart."""

from collections.abc import Mapping
from enum import IntEnum

import numpy as np
import pandas as pd

from wfo.evaluation.measures import mean_interval
from wfo.planning.rounds import managed_service

ROOM = 0.005
"""A target counts as reached half a point below it."""
COVERAGE = 0.8
"""Of the interval of the mean: one time in ten a plan that seems surely to hold does not."""


class Held(IntEnum):
    """How a weekly service stands to its target, best first."""

    SURELY = 0
    IN_THE_MEAN = 1
    SHORT = 2


def held_by(evaluated: Mapping[str, pd.DataFrame]) -> dict[str, Held]:
    """How each queue's weekly service stands to its managed target; the strictest, where there are several.

    Parameters
    ----------
    evaluated : mapping of str to DataFrame
        Tables of a simulation; ``scorecard`` and ``replications`` are read.

    Returns
    -------
    dict of str to Held
        By queue; *surely* where the lower end of the mean's interval is at most `ROOM` below the target,
        which one simulated week cannot tell. A queue to which nothing came is left out.
    """
    asked = managed_service(evaluated["scorecard"]).groupby("scope", sort=True)["target"].max()
    runs, found = evaluated["replications"], {}
    for queue, target in asked.items():
        own = runs[(runs["queue"] == queue).to_numpy()]
        weeks = own.groupby("replication", sort=True)[["in_time", "of"]].sum().to_numpy(dtype=np.float64)
        if len(weeks) and weeks[:, 1].sum() > 0:
            found[str(queue)] = _stands(weeks[:, :1], weeks[:, 1:], float(target) - ROOM)
    return found


def _stands(in_time: np.ndarray, of: np.ndarray, level: float) -> Held:
    low, _ = mean_interval(in_time, of, COVERAGE)
    if low[0] >= level:
        return Held.SURELY
    return Held.IN_THE_MEAN if in_time.sum() >= level * of.sum() else Held.SHORT
