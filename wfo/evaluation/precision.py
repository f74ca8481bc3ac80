"""Precision: how surely weekly service is known, and how many simulated weeks a wanted precision takes."""

import math

import numpy as np

from wfo.domain.centre import Centre
from wfo.evaluation.intervals import service
from wfo.evaluation.measures import mean_interval
from wfo.evaluation.play import Played
from wfo.evaluation.settings import EvaluateSettings
from wfo.metrics.specs import MetricSpec
from wfo.staffing.targets import response_spec

FIRST = 10
"""Weeks from which a spread is judged, where fewer were asked for."""
ROOM = 1.1
"""So many times the weeks that the spread seen asks for: the next spread may be larger."""


def half_width(played: Played, centre: Centre, specs: tuple[MetricSpec, ...], coverage: float) -> float:
    """Largest half width of the weekly service of the queues with a target for it; inf from one week."""
    if played.counts.n < 2:
        return math.inf
    widths = [0.0]
    for q, name in enumerate(played.paths.queues):
        if response_spec(name, specs) is not None:
            found = service(played, centre, q)
            top, bottom = (a.sum(axis=1, keepdims=True) for a in (found.top, found.bottom))
            low, high = mean_interval(top, bottom, coverage)
            widths += ((high - low) / 2)[~np.isnan(low)].tolist()
    return max(widths)


def weeks_wanted(
    played: Played, centre: Centre, specs: tuple[MetricSpec, ...], settings: EvaluateSettings
) -> int:
    """Weeks to be simulated in all for the precision wanted; as many as were, where that is enough."""
    n = played.counts.n
    if settings.precision is None or n >= settings.most_replications:
        return n
    half = half_width(played, centre, specs, settings.interval)
    if half <= settings.precision:
        return n
    wanted = FIRST if n < FIRST else math.ceil(ROOM * n * (half / settings.precision) ** 2)
    return min(settings.most_replications, max(n + 1, wanted))
