"""Scorecard: what is predicted for each metric, how surely each target is met."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.evaluation.measures import Measure, measure, queues_of
from wfo.evaluation.play import Played
from wfo.metrics.catalogue import CATALOGUE
from wfo.metrics.specs import CENTRE, Grain, MetricSpec
from wfo.simulation.memory import CONCURRENT, DEFERRED, IMMEDIATE, UNSTAFFED

COLUMNS = (
    "metric",
    "scope",
    "grain",
    "ledger",
    "denominator",
    "unit",
    "sense",
    "target",
    "mode",
    "predicted",
    "low",
    "high",
    "p_met",
    "status",
    "identity_coverage",
)
SURE = 0.8
"""A target met with at least this probability is called met."""
LIKELY_MISSED = 0.5
"""A target that is met with less than this probability, and not in the mean, is called missed."""

_REPORTED_BY_LAW = {
    IMMEDIATE: ("service_level", "abandonment", "asa"),
    CONCURRENT: ("service_level", "abandonment", "asa"),
    DEFERRED: ("response_within",),
    UNSTAFFED: (),
}
_REPORTED = (
    "service_level",
    "response_within",
    "abandonment",
    "asa",
    "occupancy",
    "volume",
    "failure_demand",
    "cost",
    "fcr",
    "coaching_coverage",
)


@dataclass(frozen=True)
class Points:
    """Simulated or known values of a metric at a grain.

    Attributes
    ----------
    predicted : float
        Ratio of all sums, or the mean of a count.
    samples : ndarray
        One value a replication and period, NaN where nothing happened.
    identity_coverage : float
        Share of contacts whose customer is known, where the metric rests on chains; else NaN.
    """

    predicted: float
    samples: np.ndarray
    identity_coverage: float = np.nan


def scorecard(
    played: Played,
    specs: tuple[MetricSpec, ...],
    periods: Mapping[Grain, np.ndarray],
    others: Mapping[tuple[str, str], Points],
    interval: float,
) -> pd.DataFrame:
    """Table ``scorecard``: every target, and what is reported without being asked for.

    Parameters
    ----------
    played : Played
    specs : tuple of MetricSpec
    periods : mapping of Grain to ndarray of int64, shape (T,)
        Period of each interval.
    others : mapping of (str, str) to Points
        By metric and scope, what is not counted in the simulation: cost, fcr and coaching_coverage of the
        centre, containment of queues.
    interval : float
        Coverage of ``low`` and ``high``.

    Returns
    -------
    DataFrame
        Ordered by metric, scope and grain.
    """
    rows: dict[tuple[str, str, str], dict[str, object]] = {}
    for spec in (*specs, *_unasked(played, specs, others)):
        key = (spec.metric, spec.scope, spec.grain.value)
        if key not in rows:
            found = _points(played, spec, periods[spec.grain], others)
            rows[key] = _row(spec, found, interval)
    frame = pd.DataFrame([rows[key] for key in sorted(rows)], columns=list(COLUMNS))
    text = ("metric", "scope", "grain", "ledger", "denominator", "unit", "sense", "mode", "status")
    numbers = ("target", "predicted", "low", "high", "p_met", "identity_coverage")
    return frame.astype({**dict.fromkeys(text, "str"), **dict.fromkeys(numbers, "float64")})


def _unasked(
    played: Played, specs: tuple[MetricSpec, ...], others: Mapping[tuple[str, str], Points]
) -> Iterator[MetricSpec]:
    """Standard rows; one for the week where no target at any grain asks for it."""
    asked = {(s.metric, s.scope) for s in specs if s.grain is Grain.WEEK}
    pairs = [(metric, CENTRE) for metric in _REPORTED]
    for name, law in zip(played.paths.queues, played.staffing.law.tolist(), strict=True):
        pairs += [(metric, name) for metric in (*_REPORTED_BY_LAW[law], "volume", "failure_demand")]
    pairs += [pair for pair in others if pair[1] != CENTRE]
    for metric, scope in pairs:
        if (metric, scope) not in asked:
            yield MetricSpec(metric, scope, "", np.nan)


def _points(
    played: Played, spec: MetricSpec, period: np.ndarray, others: Mapping[tuple[str, str], Points]
) -> Points | None:
    if spec.metric == "failure_demand" and not played.causes_known:
        return None
    if not judged_by(played, spec):
        return None
    queues = _scope(played, spec)
    found = None if queues is None else measure(spec.metric, played.counts, queues)
    if found is not None:
        return points_of(found, period)
    return others.get((spec.metric, spec.scope))


def judged_by(played: Played, spec: MetricSpec) -> bool:
    """Whether a target's time is the one by which the simulation judged its queue."""
    known = played.within_s.get(spec.scope)
    return spec.within_s is None or known is None or spec.within_s == known


def points_of(found: Measure, period: np.ndarray) -> Points:
    """Values of a measure by replication and period, and their pooled ratio."""
    samples = found.by(period)
    return Points(found.pooled(samples.shape[1]), samples.ravel())


def _scope(played: Played, spec: MetricSpec) -> np.ndarray | None:
    if spec.scope == CENTRE:
        queues = queues_of(spec.metric, played.staffing.law)
        return queues if len(queues) else None
    return np.array([played.paths.queues.index(spec.scope)]) if spec.scope in played.paths.queues else None


def _row(spec: MetricSpec, found: Points | None, interval: float) -> dict[str, object]:
    metric = CATALOGUE[spec.metric]
    targeted = bool(spec.sense)
    row: dict[str, object] = {
        "metric": spec.metric,
        "scope": spec.scope,
        "grain": spec.grain.value,
        "ledger": metric.ledger.value,
        "denominator": metric.denominator,
        "unit": metric.unit.value,
        "sense": spec.sense if targeted else None,
        "target": spec.level if targeted else np.nan,
        "mode": spec.mode.value if targeted else "report",
        "predicted": np.nan,
        "low": np.nan,
        "high": np.nan,
        "p_met": np.nan,
        "status": "not available",
        "identity_coverage": np.nan if found is None else found.identity_coverage,
    }
    values = np.array([]) if found is None else found.samples[~np.isnan(found.samples)]
    if found is None or not len(values):
        return row
    tail = (1.0 - interval) / 2
    row["predicted"] = found.predicted
    row["low"], row["high"] = (float(v) for v in np.quantile(values, [tail, 1.0 - tail]))
    row["status"] = "reported"
    if targeted:
        p_met = float(meets(values, spec).mean())
        row["p_met"] = p_met
        row["status"] = _status(p_met, bool(meets(np.array([found.predicted]), spec)[0]))
    return row


def meets(values: np.ndarray, spec: MetricSpec) -> np.ndarray:
    """Whether values meet a target (with room for the last bit)."""
    room = 1e-9 * max(1.0, abs(spec.level))
    return values >= spec.level - room if spec.sense == ">=" else values <= spec.level + room


def _status(p_met: float, in_the_mean: bool) -> str:
    if p_met >= SURE:
        return "met"
    return "missed" if p_met < LIKELY_MISSED and not in_the_mean else "at risk"
