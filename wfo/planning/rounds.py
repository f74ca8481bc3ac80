"""Rounds as a table: what each simulation said of each queue, and what the next one was asked for."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from wfo.evaluation.paid import paid_hours
from wfo.metrics.specs import CENTRE, SERVICE, Mode

NEAR = 0.15
"""An interval is near its target when its service is at most so far below it."""
NEAR_VOLUME = 0.9
"""Share of a queue's volume that is to be in intervals near the target."""
_COLUMNS = [
    "round", "queue", "metric", "grain", "target", "predicted", "p_met", "near", "worst_start",
    "worst_predicted", "cuts", "paid_h", "cost", "kept",
]  # fmt: skip


class Told(Protocol):
    """A round as this table reads it."""

    @property
    def number(self) -> int:
        """Counted from 1."""

    @property
    def cost(self) -> float:
        """The priced objective."""

    @property
    def cuts(self) -> pd.DataFrame | None:
        """What its schedule was asked for."""

    @property
    def evaluated(self) -> Mapping[str, pd.DataFrame]:
        """Tables of its simulation."""

    @property
    def planned(self) -> pd.DataFrame:
        """Its schedule."""


def rounds_table(rounds: Sequence[Told], kept: int) -> pd.DataFrame:
    """Table ``rounds``: each round's service by queue that has a target for it.

    Parameters
    ----------
    rounds : sequence of Told
        In order.
    kept : int
        Number of the round that was kept.

    Returns
    -------
    DataFrame
        ``round, queue, metric, grain, target, predicted, p_met``; ``near``, the share of the queue's volume
        in intervals at most `NEAR` below the target; ``worst_start`` and ``worst_predicted`` of the hour in
        which most contacts miss the target, empty where none do; ``cuts`` asked for in favour of the queue;
        ``paid_h, cost, kept`` of the round.
    """
    rows = []
    for told in rounds:
        card, hours = told.evaluated["scorecard"], paid_hours(told.planned)
        for line in managed_service(card).to_dict("records"):
            queue, target = str(line["scope"]), float(line["target"])
            start, worst = worst_hour(told.evaluated["intervals"], queue, target)
            near = near_share(told.evaluated["intervals"], queue, target)
            figures = (line["metric"], line["grain"], target, line["predicted"], line["p_met"], near)
            made = (_cuts_for(told.cuts, queue), hours, told.cost, told.number == kept)
            rows.append((told.number, queue, *figures, start, worst, *made))
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    words = dict.fromkeys(("queue", "metric", "grain"), "str")
    return frame.astype({**words, "worst_start": "datetime64[us, UTC]", "cuts": "int64", "kept": "bool"})


def managed_service(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Rows of queues' hard or priced targets of service."""
    asked = scorecard["metric"].isin(SERVICE)
    asked &= scorecard["mode"].isin([Mode.HARD.value, Mode.PRICED.value])
    return scorecard[(asked & (scorecard["scope"] != CENTRE)).to_numpy()]


def shortfall(scorecard: pd.DataFrame) -> float:
    """By how much managed targets of service are missed in the mean, added up; shares, so .01 is a point."""
    asked = managed_service(scorecard)
    return float((asked["target"] - asked["predicted"]).clip(lower=0.0).sum())


def near_share(intervals: pd.DataFrame, queue: str, target: float) -> float:
    """Share of a queue's volume in intervals at most `NEAR` below a target; 1 where nothing came."""
    own = _judged(intervals, queue)
    near = (own["service_level"] >= target - NEAR - 1e-12).to_numpy(dtype=bool)
    volume = own["of"].to_numpy(dtype=np.float64)
    return float(volume[near].sum() / volume.sum()) if volume.sum() > 0 else 1.0


def worst_hour(
    intervals: pd.DataFrame, queue: str, target: float
) -> tuple[pd.Timestamp | None, float | None]:
    """Start and service of the hour in which most contacts miss a queue's target; empty where none do."""
    own = _judged(intervals, queue)
    own = own.assign(in_time=own["service_level"] * own["of"], hour=own["interval_start"].dt.floor("h"))
    hours = own.groupby("hour", sort=True)[["in_time", "of"]].sum()
    short = (target * hours["of"] - hours["in_time"]).to_numpy()
    if not (short > 0).any():
        return None, None
    at = int(short.argmax())
    return pd.DatetimeIndex(hours.index)[at], float(hours["in_time"].iloc[at] / hours["of"].iloc[at])


def _judged(intervals: pd.DataFrame, queue: str) -> pd.DataFrame:
    """Intervals of a queue in which service is counted of somebody."""
    return intervals[((intervals["queue"] == queue) & (intervals["of"] > 0)).to_numpy()]


def _cuts_for(cuts: pd.DataFrame | None, queue: str) -> int:
    if cuts is None:
        return 0
    names = cuts["cut"].astype("str")
    return int(names[names.str.startswith(f"{queue}/")].nunique())
