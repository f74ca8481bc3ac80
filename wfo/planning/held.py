"""Held: how surely simulated weeks and days reach their queues' targets, by which rounds are told apart."""

from collections.abc import Hashable, Mapping
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from wfo.evaluation.measures import mean_interval
from wfo.metrics.abandonment import counted_abandonment
from wfo.metrics.specs import CENTRE, SERVICE, Grain, Mode

ROOM = 0.005
"""A target of a share counts as reached half a point beside it."""
ROOM_S = 0.5
"""A mean wait does so half a second above it."""
COVERAGE = 0.8
"""Of the interval of the mean: one time in ten a plan that seems surely to hold does not."""
_COLUMNS = ("offered", "answered", "abandoned", "abandoned_short", "in_time", "of", "wait_s")


class Held(IntEnum):
    """How a queue stands to its targets, best first."""

    SURELY = 0
    IN_THE_MEAN = 1
    SHORT = 2


def held_by(evaluated: Mapping[str, pd.DataFrame]) -> dict[str, Held]:
    """How each queue stands to its managed targets of service, abandonment and mean wait, by week and by day.

    Parameters
    ----------
    evaluated : mapping of str to DataFrame
        Tables of a simulation; ``scorecard`` and ``replications`` are read.

    Returns
    -------
    dict of str to Held
        By queue, the worst of its targets; *surely* where the end of the mean's interval that is nearer to
        the target is at most `ROOM` (`ROOM_S`) beyond it, which one simulated week cannot tell. A target of
        days is judged on every day of the week by itself, and the worst counts. A queue to which nothing
        came is left out.
    """
    card, runs, found = evaluated["scorecard"], evaluated["replications"], dict[str, Held]()
    asked = card["mode"].isin([Mode.HARD.value, Mode.PRICED.value]) & (card["scope"] != CENTRE)
    asked &= card["grain"].isin([Grain.WEEK.value, Grain.DAY.value])
    rows = card[asked.to_numpy()].sort_values(["scope", "metric", "grain"])
    for line in rows[["scope", "metric", "grain", "target"]].to_dict("records"):
        queue = str(line["scope"])
        stands = _judged(runs[(runs["queue"] == queue).to_numpy()], line)
        if stands is not None:
            found[queue] = max(stands, found.get(queue, Held.SURELY))
    return found


def _judged(runs: pd.DataFrame, line: Mapping[Hashable, Any]) -> Held | None:
    """How one target stands; None where nothing came, or the metric is none that is counted by day."""
    by_day, level = line["grain"] == Grain.DAY.value, float(line["target"])
    columns = [name for name in _COLUMNS if name in runs.columns]
    parts = [part for _, part in runs.groupby("day", sort=True)] if by_day else [runs]
    stands = []
    for part in parts:
        sums = part.groupby("replication", sort=True)[columns].sum()
        ratio = counted(sums, str(line["metric"]))
        if ratio is None:
            return None
        if len(sums) and ratio[1].sum() > 0:
            stands.append(_stands(*ratio, str(line["metric"]), level))
    return max(stands) if stands else None


def counted(sums: pd.DataFrame, metric: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Numerator and denominator of a metric by replication; None where it is none that is counted so."""
    if metric in SERVICE:
        found = sums["in_time"], sums["of"]
    elif metric == "abandonment":
        names = ("offered", "abandoned", "abandoned_short")
        top, bottom = counted_abandonment(*(sums[name].to_numpy(dtype=np.float64) for name in names))
        return np.asarray(top), np.asarray(bottom)
    elif metric == "asa" and "wait_s" in sums.columns:
        found = sums["wait_s"], sums["answered"]
    else:
        return None
    return found[0].to_numpy(dtype=np.float64), found[1].to_numpy(dtype=np.float64)


def _stands(top: np.ndarray, bottom: np.ndarray, metric: str, level: float) -> Held:
    most = np.inf if metric == "asa" else 1.0
    low, high = mean_interval(top[:, None], bottom[:, None], COVERAGE, most=most)
    if metric in SERVICE:
        level -= ROOM
        surely, in_the_mean = low[0] >= level, top.sum() >= level * bottom.sum()
    else:
        level += ROOM_S if metric == "asa" else ROOM
        surely, in_the_mean = high[0] <= level, top.sum() <= level * bottom.sum()
    if surely:
        return Held.SURELY
    return Held.IN_THE_MEAN if in_the_mean else Held.SHORT
