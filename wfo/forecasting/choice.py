"""How much each way of forecasting a queue counts, by how it did on the weeks before."""

from dataclasses import dataclass, replace

import numpy as np

from wfo.forecasting.fitting import fit_as, fit_none, fit_totals_as
from wfo.forecasting.model import QueueModel
from wfo.forecasting.past import Past
from wfo.forecasting.record import JUDGED, Record, record_of
from wfo.forecasting.settings import ForecastSettings
from wfo.forecasting.ways import Candidate, Method

_OWN_LEVEL = (Method.TWO_LEVEL, Method.STRUCTURAL, Method.GLM)
_LEAST_WEIGHT = 0.02  # below it a way is left out: it would cost more than it says
_LEAST_WAPE = 1e-6


@dataclass(frozen=True)
class Trial:
    """How one way of forecasting a queue's days did on past weeks.

    Attributes
    ----------
    candidate : Candidate
    weeks : int
        Origins on which it was tried.
    wape : float
        Σ|actual − forecast| ÷ Σ actual over days, in the mean of the weeks; NaN where none was tried.
    bias : float
        Σ(forecast − actual) ÷ Σ actual.
    weight : float
        Its part in the forecast; 0 for a way that is only shown.
    """

    candidate: Candidate
    weeks: int
    wape: float
    bias: float
    weight: float


def candidates(settings: ForecastSettings) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
    """The ways a forecast is put together from, and those shown beside them.

    Two ways of following the level (a discounted regression with a smoothed rest, a structural walk), each
    with and without what dates and drivers say, and the mean of same weekdays. Under a stated method it is
    the only one, with memories and calendar of the settings.
    """
    memory, effects = settings.memory_days, settings.calendar_effects
    first = Candidate(Method.TWO_LEVEL, memory_days=memory, calendar=effects)
    walk = replace(first, method=Method.STRUCTURAL)
    mean = Candidate(Method.SAME_WEEKDAY_MEAN, weeks=settings.mean_weeks)
    naive, glm = Candidate(Method.SEASONAL_NAIVE, weeks=1), replace(first, method=Method.GLM)
    if settings.method in _OWN_LEVEL:
        return (replace(first, method=Method(settings.method)),), (mean, naive)
    if settings.method != Method.AUTO:
        own = [c for c in (mean, naive) if c.method == settings.method]
        return tuple(own), tuple(c for c in (mean, naive) if c.method != settings.method)
    bare = [replace(w, calendar=False) for w in (first, walk)] if effects else []
    plain = [replace(w, drivers=False) for w in (first, walk)]
    return (first, walk, *bare, *plain, mean), (glm, naive)


def fit(past: Past, q: int, origin: int, settings: ForecastSettings, *, lead_days: int = 0) -> QueueModel:
    """Learn about queue ``q`` from the days before day ``origin``, each way by its record until then.

    Parameters
    ----------
    past : Past
    q, origin : int
    settings : ForecastSettings
    lead_days : int
        Days from the origin to the week that is forecast.
    """
    short = fit_none(past, q, origin, settings)
    if short is not None:
        return short
    ways = ways_of(past, settings)
    record = record_of(past, q, origin, ways, settings, lead_days=lead_days)
    weights = weights_by(record, origin)
    first = fit_as(past, q, origin, ways[0], settings)
    if len(ways) == 1:
        return first
    parts = tuple(
        (float(w), fit_totals_as(past, q, origin, way)) for w, way in zip(weights, ways, strict=True) if w > 0
    )
    return replace(first, method=Method.COMBINED, candidate=Candidate(Method.COMBINED), parts=parts)


def ways_of(past: Past, settings: ForecastSettings) -> tuple[Candidate, ...]:
    """The ways a forecast is put together from; those without drivers only where there are drivers."""
    ways, _ = candidates(settings)
    return ways if past.days.drivers.shape[2] else tuple(w for w in ways if w.drivers)


def past_totals(
    past: Past, q: int, origin: int, settings: ForecastSettings, *, lead_days: int, most: int
) -> dict[int, np.ndarray]:
    """What the queue's forecast said of the usable days of past weeks, by the day of their origin.

    Weights too are those of the weeks that were over by then.
    """
    record = record_of(past, q, origin, ways_of(past, settings), settings, lead_days=lead_days, most=most)
    return {
        start: weights_by(record, start) @ totals
        for start, totals in zip(record.starts, record.totals, strict=True)
    }


def weights_by(record: Record, day: int) -> np.ndarray:
    """Weights of a record's ways by the weeks that were over before a day, shape (W,); they sum to 1.

    A way weighs ``error ** −n`` after n weeks with this error in the mean, the likelihood of n independent
    Laplace errors at its best scale: equal at first, and the more unequal the more is known. One whose
    error is not finite weighs nothing.
    """
    errors = record.errors[record.over_by(day)]
    mean = errors.mean(axis=0) if len(errors) else np.zeros(errors.shape[1])
    known = np.isfinite(mean)
    if not len(errors) or not known.any():
        return np.full(len(mean), 1 / len(mean))
    log = -len(errors) * np.log(np.maximum(np.where(known, mean, np.inf), _LEAST_WAPE))
    weight = np.exp(log - log.max())
    weight = np.where(weight < _LEAST_WEIGHT * weight.sum(), 0.0, weight)
    return np.asarray(weight / weight.sum())


def trials(
    past: Past, q: int, origin: int, settings: ForecastSettings, *, lead_days: int = 0
) -> tuple[Trial, ...]:
    """How each way did on the weeks before the origin, and its part in the forecast."""
    ways, (_, beside) = ways_of(past, settings), candidates(settings)
    record = record_of(past, q, origin, (*ways, *beside), settings, lead_days=lead_days, most=JUDGED)
    known = replace(record, errors=record.errors[:, : len(ways)])
    weights = np.append(weights_by(known, origin), np.zeros(len(beside)))
    nothing = np.full(len(weights), np.nan)
    wape = record.errors.mean(axis=0) if len(record.starts) else nothing
    bias = record.biases.mean(axis=0) if len(record.starts) else nothing
    return tuple(
        Trial(way, len(record.starts), float(wape[i]), float(bias[i]), float(weights[i]))
        for i, way in enumerate((*ways, *beside))
    )
