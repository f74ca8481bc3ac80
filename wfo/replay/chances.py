"""Chances of days: how surely each day was to reach a level of service, and whether it did."""

import numpy as np
import pandas as pd

from wfo.metrics.specs import SERVICE
from wfo.replay.promises import JUDGED

LEVELS = (0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)
"""Levels judged beside a queue's own target: where that is met on nearly every day, it tells little."""
COLUMNS = ("queue", "day", "target", "own", "p_met", "met")
_ROOM = 1e-9


def chance_table(replications: pd.DataFrame, promises: pd.DataFrame) -> pd.DataFrame:
    """P(met) of every judged day at the queue's own target and at each of `LEVELS`.

    Parameters
    ----------
    replications : DataFrame
        Of the plan's evaluation: ``queue, day, service_level`` of each simulated day.
    promises : DataFrame
        From `promise_table`.

    Returns
    -------
    DataFrame
        `COLUMNS`; ``own`` says whether it is the target that the scenario states.
    """
    own = promises[
        promises["metric"].isin(SERVICE) & (promises["grain"] == "day") & (promises["status"] == JUDGED)
    ]
    simulated = {
        key: part["service_level"].dropna().to_numpy(dtype=np.float64)
        for key, part in replications.groupby(["queue", "day"], sort=False)
    }
    rows = []
    for queue, day, target, realised in zip(
        own["queue"], own["day"], own["target"], own["realised"], strict=True
    ):
        values = simulated.get((queue, day), np.zeros(0))
        stated = [float(target)] if target == target else []
        for level in [*stated, *(lv for lv in LEVELS if lv not in stated)]:
            if values.size:
                share = float((values >= level - _ROOM).mean())
                rows.append((queue, day, level, level in stated, share, float(realised >= level - _ROOM)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"queue": "str", "own": "bool"})
