"""Measures: each metric as a numerator and a denominator, by replication and interval.

Ratios are taken only after both have been summed over what is asked for.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from wfo.metrics.abandonment import counted_abandonment
from wfo.simulation.counts import Counts
from wfo.simulation.memory import DEFERRED, UNSTAFFED


@dataclass(frozen=True)
class Measure:
    """A metric of one scope.

    Attributes
    ----------
    top : ndarray, shape (n, T)
        Numerator, or what is counted.
    bottom : ndarray, shape (n, T), or None
        Denominator; None for a count.
    """

    top: np.ndarray
    bottom: np.ndarray | None

    def by(self, period: np.ndarray) -> np.ndarray:
        """Value by replication and period, NaN where nothing happened.

        Parameters
        ----------
        period : ndarray of int64, shape (T,)
            Non-decreasing period of each interval.

        Returns
        -------
        ndarray, shape (n, periods)
        """
        first = np.flatnonzero(np.diff(period, prepend=period[0] - 1))
        top = np.add.reduceat(self.top, first, axis=1)
        if self.bottom is None:
            return top.astype(float)
        return ratio(top, np.add.reduceat(self.bottom, first, axis=1))

    def pooled(self, periods: int) -> float:
        """Ratio of the sums over all; a count's mean over replications and periods."""
        if self.bottom is None:
            return float(self.top.sum() / (len(self.top) * periods))
        return float(ratio(np.asarray(self.top.sum()), np.asarray(self.bottom.sum())))


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Quotient, NaN where the denominator is 0."""
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom != 0)


def mean_interval(
    top: np.ndarray, bottom: np.ndarray, coverage: float, *, most: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Confidence interval of each period's ratio of means over replications.

    Parameters
    ----------
    top, bottom : ndarray, shape (n, periods)
        Numerators and denominators, each replication a row.
    coverage : float
    most : float
        The ratio lies within 0 and this.

    Returns
    -------
    low, high : ndarray of float64, shape (periods,)
        Within 0…most; NaN where nothing happened or there is one replication.

    Notes
    -----
    Student's interval of the linearised ratio, as in Cochran 1977, section 2.11.
    """
    n = len(top)
    if n < 2:
        return np.full(top.shape[1], np.nan), np.full(top.shape[1], np.nan)
    pooled = ratio(top.sum(axis=0), bottom.sum(axis=0))
    error = ratio((top - pooled * bottom).std(axis=0, ddof=1) / math.sqrt(n), bottom.mean(axis=0))
    half = float(student.ppf(0.5 + coverage / 2, n - 1)) * error
    return np.clip(pooled - half, 0.0, most), np.clip(pooled + half, 0.0, most)


def measure(metric: str, counts: Counts, queues: np.ndarray) -> Measure | None:
    """A metric over a set of queues; None if it is none that is simulated.

    Parameters
    ----------
    metric : str
        Id in the catalogue.
    counts : Counts
    queues : ndarray of int64
        Indices of the queues in the scope.
    """
    make = _MEASURES.get(metric)
    return make(counts, queues) if make else None


def queues_of(metric: str, law: np.ndarray) -> np.ndarray:
    """Queues over which a metric of the whole centre is taken."""
    if metric in ("service_level", "abandonment", "asa"):
        return np.flatnonzero(law < DEFERRED)
    if metric == "response_within":
        return np.flatnonzero(law == DEFERRED)
    return np.flatnonzero(law < UNSTAFFED) if metric in ("occupancy", "aht") else np.arange(len(law))


def _sum(array: np.ndarray, queues: np.ndarray) -> np.ndarray:
    return np.asarray(array[:, queues].sum(axis=1))


def _service_level(counts: Counts, queues: np.ndarray) -> Measure:
    base = _sum(counts.offered, queues) - _sum(counts.abandoned_short, queues)
    return Measure(_sum(counts.in_target, queues), base)


def _response_within(counts: Counts, queues: np.ndarray) -> Measure:
    """New work by the interval of release; work from before the horizon counts in the first interval."""
    top, bottom = _sum(counts.in_target, queues), _sum(counts.due, queues)
    top[:, 0] += counts.old_in_target[:, queues].sum(axis=1)
    bottom[:, 0] += counts.old_due[:, queues].sum(axis=1)
    return Measure(top, bottom)


def _abandonment(counts: Counts, queues: np.ndarray) -> Measure:
    sums = (_sum(array, queues) for array in (counts.offered, counts.abandoned, counts.abandoned_short))
    return Measure(*counted_abandonment(*sums))


def _asa(counts: Counts, queues: np.ndarray) -> Measure:
    return Measure(_sum(counts.wait_ms, queues), _sum(counts.answered, queues) * 1000)


def _aht(counts: Counts, queues: np.ndarray) -> Measure:
    return Measure(_sum(counts.handle_ms, queues), _sum(counts.answered, queues) * 1000)


def _occupancy(counts: Counts, queues: np.ndarray) -> Measure:
    groups = counts.serves[:, queues].any(axis=1)
    return Measure(counts.busy_ms[:, groups].sum(axis=1), counts.duty_ms[:, groups].sum(axis=1))


def _failure_demand(counts: Counts, queues: np.ndarray) -> Measure:
    caused = counts.follow_ups + counts.carried + counts.redials
    return Measure(_sum(caused, queues), _sum(counts.offered, queues))


def _volume(counts: Counts, queues: np.ndarray) -> Measure:
    return Measure(_sum(counts.offered, queues), None)


_MEASURES: dict[str, Callable[[Counts, np.ndarray], Measure]] = {
    "service_level": _service_level,
    "response_within": _response_within,
    "abandonment": _abandonment,
    "asa": _asa,
    "aht": _aht,
    "occupancy": _occupancy,
    "failure_demand": _failure_demand,
    "volume": _volume,
}
