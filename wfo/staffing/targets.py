"""What staffing manages a queue to, gathered from its metric specs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from wfo.metrics.specs import MetricSpec, Mode

_SERVICE = ("service_level", "response_within")


@dataclass(frozen=True)
class QueueTargets:
    """Targets of one queue with people behind it.

    Attributes
    ----------
    level, within_s : float
        Share answered within the threshold; level 0 asks for nothing.
    max_abandonment, max_asa_s, max_occupancy : float
        1, inf and 1 ask for nothing.
    price_service, price_abandoned : float
        Money for each contact by which service, or abandonment, misses its priced target.
    """

    level: float = 0.0
    within_s: float = 20.0
    max_abandonment: float = 1.0
    max_asa_s: float = math.inf
    max_occupancy: float = 1.0
    price_service: float = 0.0
    price_abandoned: float = 0.0


def targets_of(
    queue: str,
    specs: Iterable[MetricSpec],
    *,
    price_late: float,
    price_abandoned: float,
    hard_only: bool = False,
) -> QueueTargets:
    """Targets that staffing manages a queue to; those only reported are left out.

    Parameters
    ----------
    queue : str
    specs : iterable of MetricSpec
    price_late, price_abandoned : float
        Prices of targets that name none.
    hard_only : bool
        Only the hard ones.
    """
    managed = (Mode.HARD,) if hard_only else (Mode.HARD, Mode.PRICED)
    level = price_service = price_left = 0.0
    within_s, left, asa, occupancy = 20.0, 1.0, math.inf, 1.0
    for spec in specs:
        if spec.scope != queue or spec.mode not in managed:
            continue
        if spec.metric in _SERVICE and spec.within_s is not None and spec.level >= level:
            level, within_s = spec.level, spec.within_s
            price_service = _price(spec, price_late)
        elif spec.metric == "abandonment" and spec.sense == "<=":
            left, price_left = min(left, spec.level), _price(spec, price_abandoned)
        elif spec.metric == "asa" and spec.sense == "<=":
            asa = min(asa, spec.level)
        elif spec.metric == "occupancy" and spec.sense == "<=":
            occupancy = min(occupancy, spec.level)
    return QueueTargets(level, within_s, left, asa, occupancy, price_service, price_left)


def response_spec(queue: str, specs: Iterable[MetricSpec]) -> MetricSpec | None:
    """The spec that says when an answer in a queue is in time; one managed to before one only reported."""
    found = [s for s in specs if s.scope == queue and s.metric in _SERVICE]
    return next((s for s in found if s.mode is not Mode.REPORT), found[0] if found else None)


def _price(spec: MetricSpec, default: float) -> float:
    return default if spec.price is None else spec.price
