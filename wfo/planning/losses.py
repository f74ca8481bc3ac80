"""Losses: what contacts lost and late cost, and each target's own price for those by which it is missed.

As staffing prices them: an abandoned and a late contact cost their price wherever they come; on top of that
a priced or hard target costs its price (its own, else that of a late, or abandoned, contact) for each contact
by which it is missed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.metrics.abandonment import counted_abandonment
from wfo.metrics.specs import SERVICE, Grain, MetricSpec, Mode

_KEYS = {Grain.WEEK: ["replication"], Grain.DAY: ["replication", "day"]}


@dataclass(frozen=True)
class Prices:
    """What is paid for lost and late contacts.

    Attributes
    ----------
    abandoned, late : float
        Money lost with an abandoned and with a late contact.
    specs : tuple of MetricSpec
        Targets, some with a price of their own.
    """

    abandoned: float
    late: float
    specs: tuple[MetricSpec, ...] = ()

    def managed(self, queue: str) -> list[tuple[MetricSpec, float]]:
        """Targets of a queue whose misses are contacts, with the price of one."""
        found = []
        for spec in self.specs:
            if spec.scope == queue and spec.mode is not Mode.REPORT:
                if spec.metric in SERVICE:
                    found.append((spec, self.late if spec.price is None else spec.price))
                elif spec.metric == "abandonment" and spec.sense == "<=":
                    found.append((spec, self.abandoned if spec.price is None else spec.price))
        return found


def interval_losses(intervals: pd.DataFrame, prices: Prices) -> np.ndarray:
    """Money lost with the contacts of each row of table ``intervals``, whatever the grain of a target.

    Parameters
    ----------
    intervals : DataFrame
        Simulated means: ``queue, offered, abandoned, abandoned_short, late, of, service_level``.
    prices : Prices

    Returns
    -------
    ndarray of float64, shape (rows,)
    """
    lost = prices.abandoned * _of(intervals, "abandoned") + prices.late * _of(intervals, "late")
    for queue in sorted(set(intervals["queue"])):
        rows = (intervals["queue"] == queue).to_numpy()
        for spec, price in prices.managed(queue):
            lost[rows] += price * _missed_by(intervals[rows], spec)
    return lost


def target_losses(evaluated: Mapping[str, pd.DataFrame], prices: Prices) -> float:
    """Money lost with the contacts by which targets are missed, each at its own grain; mean of a week.

    Parameters
    ----------
    evaluated : mapping of str to DataFrame
        ``replications``, and ``intervals`` for targets that hold by interval.
    prices : Prices
    """
    runs, intervals = evaluated["replications"], evaluated["intervals"]
    lost = []
    for queue in sorted({spec.scope for spec in prices.specs}):
        for spec, price in prices.managed(queue):
            if spec.grain is Grain.INTERVAL:
                missed = _missed_by(intervals[(intervals["queue"] == queue).to_numpy()], spec).sum()
            else:
                missed = _missed_in_runs(runs[(runs["queue"] == queue).to_numpy()], spec)
            lost.append(price * float(missed))
    return float(np.sort(lost).sum())


def missed_contacts(runs: pd.DataFrame, metric: str, level: float, grain: Grain) -> float:
    """Contacts by which a queue's target of a week or of days is missed, the mean over the simulated weeks.

    Parameters
    ----------
    runs : DataFrame
        Its rows of ``replications``.
    metric : str
        A service metric or abandonment.
    level : float
    grain : Grain
    """
    sense = "<=" if metric == "abandonment" else ">="
    return _missed_in_runs(runs, MetricSpec(metric, "", sense, level, grain=grain))


def _missed_by(intervals: pd.DataFrame, spec: MetricSpec) -> np.ndarray:
    """Contacts of each interval by which a target is missed in the mean."""
    if spec.metric == "abandonment":
        left, counted = _abandoned(intervals)
        return np.maximum(0.0, left - spec.level * counted)
    in_time = intervals["service_level"].to_numpy(dtype=np.float64, na_value=1.0)
    return np.maximum(0.0, spec.level - in_time) * _of(intervals, "of")


def _missed_in_runs(runs: pd.DataFrame, spec: MetricSpec) -> float:
    """Contacts by which a target is missed, the mean over the simulated weeks."""
    sums = runs.groupby(_KEYS[spec.grain], sort=True)[
        ["offered", "abandoned", "abandoned_short", "in_time", "of"]
    ].sum()
    if spec.metric == "abandonment":
        left, counted = _abandoned(sums)
        missed = left - spec.level * counted
    else:
        missed = spec.level * _of(sums, "of") - _of(sums, "in_time")
    weeks = max(1, runs["replication"].nunique())
    return float(np.maximum(0.0, missed).sum()) / weeks


def _abandoned(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Contacts that gave up and those they are counted of, row by row."""
    return counted_abandonment(*(_of(frame, name) for name in ("offered", "abandoned", "abandoned_short")))


def _of(frame: pd.DataFrame, column: str) -> np.ndarray:
    return frame[column].to_numpy(dtype=np.float64, na_value=0.0).copy()
