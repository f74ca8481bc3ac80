"""What staffing manages a queue to, gathered from its metric specs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from wfo.metrics.specs import DEFAULT_WITHIN_S, SERVICE, MetricSpec, Mode


@dataclass(frozen=True)
class QueueTargets:
    """One target of each kind of a queue with people behind it.

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
    within_s: float = DEFAULT_WITHIN_S
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
) -> tuple[QueueTargets, ...]:
    """Targets that staffing manages a queue to, all of which are to hold; those only reported are left out.

    Parameters
    ----------
    queue : str
    specs : iterable of MetricSpec
    price_late, price_abandoned : float
        Prices of targets that name none.
    hard_only : bool
        Only the hard ones.

    Returns
    -------
    tuple of QueueTargets
        At least one; the first has the target by which an answer is late (`response_spec`), and the wait and
        occupancy asked for. Of several targets of service or abandonment each further one has the next.
    """
    managed = (Mode.HARD,) if hard_only else (Mode.HARD, Mode.PRICED)
    own = [spec for spec in specs if spec.scope == queue and spec.mode in managed]
    served: list[tuple[float, float, float] | None] = [
        (s.level, s.within_s, _price(s, price_late))
        for s in own
        if s.metric in SERVICE and s.within_s is not None
    ]
    upper = {
        name: [s for s in own if s.metric == name and s.sense == "<="]
        for name in ("abandonment", "asa", "occupancy")
    }
    left = [(s.level, _price(s, price_abandoned)) for s in upper["abandonment"]]
    asa = min((s.level for s in upper["asa"]), default=math.inf)
    occupancy = min((s.level for s in upper["occupancy"]), default=1.0)
    nothing = QueueTargets()
    found = []
    for one, other in zip_longest(served or [None], left):
        level, within_s, price = one or (nothing.level, nothing.within_s, 0.0)
        most, price_left = other or (nothing.max_abandonment, 0.0)
        found.append(QueueTargets(level, within_s, most, asa, occupancy, price, price_left))
        asa, occupancy = nothing.max_asa_s, nothing.max_occupancy
    return tuple(found)


def response_spec(queue: str, specs: Iterable[MetricSpec]) -> MetricSpec | None:
    """The spec that says when an answer in a queue is in time; one managed to before one only reported."""
    found = [s for s in specs if s.scope == queue and s.metric in SERVICE]
    return next((s for s in found if s.mode is not Mode.REPORT), found[0] if found else None)


def _price(spec: MetricSpec, default: float) -> float:
    return default if spec.price is None else spec.price
