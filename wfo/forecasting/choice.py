"""Which way of forecasting a queue did best on the weeks before."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit

from wfo.forecasting.fitting import fit_as, fit_none, fit_totals_as
from wfo.forecasting.model import Candidate, Method, Past, QueueModel, day_totals
from wfo.forecasting.settings import ForecastSettings

ORIGINS = 12
"""Weekly origins on which ways are compared, at most."""
_LEAST_ORIGINS = 6
_CHANCE = 0.1  # that luck alone makes any of the other ways look better
_OWN_LEVEL = (Method.TWO_LEVEL, Method.STRUCTURAL, Method.GLM)


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
    chosen : bool
    """

    candidate: Candidate
    weeks: int
    wape: float
    bias: float
    chosen: bool


def candidates(settings: ForecastSettings) -> tuple[Candidate, ...]:
    """The ways that are compared; the first is kept unless another is clearly better.

    Under a stated method its memories and calendar are those of the settings, and the plain means are shown
    beside it.
    """
    memory, effects = settings.memory_days, settings.calendar_effects
    first = Candidate(Method.TWO_LEVEL, memory_days=memory, calendar=effects)
    plain = (
        Candidate(Method.SAME_WEEKDAY_MEAN, weeks=settings.mean_weeks),
        Candidate(Method.SEASONAL_NAIVE, weeks=1),
    )
    if settings.method in _OWN_LEVEL:
        return (replace(first, method=Method(settings.method)), *plain)
    if settings.method != Method.AUTO:
        return (
            *[c for c in plain if c.method == settings.method],
            *[c for c in plain if c.method != settings.method],
        )
    memories = [
        replace(first, memory_days=f * memory, drift_days=d) for f in (0.5, 1, 2) for d in (7.0, 28.0)
    ]
    bare = [replace(first, calendar=False, drift_days=d) for d in (7.0, 14.0, 28.0)] if effects else []
    others = [replace(first, method=Method.STRUCTURAL, memory_days=2 * memory)]
    others += [replace(others[0], calendar=False)] if effects else []
    others += [replace(first, method=Method.GLM), replace(first, yearly=False)]
    others += [
        replace(w, drivers=False) for w in (first, *[o for o in others if o.method is Method.STRUCTURAL])
    ]
    return (first, *memories, *bare, *others, *plain)


def fit(past: Past, q: int, origin: int, settings: ForecastSettings, *, lead_days: int = 0) -> QueueModel:
    """Learn about queue ``q`` from the days before day ``origin``, in the way that did best until then.

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
    chosen = next(t.candidate for t in trials(past, q, origin, settings, lead_days=lead_days) if t.chosen)
    return fit_as(past, q, origin, chosen, settings)


def trials(
    past: Past, q: int, origin: int, settings: ForecastSettings, *, lead_days: int = 0
) -> tuple[Trial, ...]:
    """How each way did on the weeks before the origin, and which is taken.

    The way that errs least is taken in place of the first where its weekly errors are lower by paired
    t-tests at 10 % for all of them together (Bonferroni): with a dozen weeks the least is often luck.
    """
    ways = candidates(settings)
    if not _course_known(past, q, origin):
        ways = tuple(c for c in ways if c.yearly)
    if not past.days.drivers.shape[2]:
        ways = tuple(c for c in ways if c.drivers)
    compared = settings.method == Method.AUTO
    errors, biases = np.full((2, ORIGINS, len(ways)), np.nan)
    for k, start in enumerate(origins(past, q, origin, settings, lead_days, ORIGINS)):
        ahead = week_ahead(past, q, start, lead_days)
        came = past.total[q, ahead]
        if came.sum() <= 0:
            continue
        for i, way in enumerate(ways):
            gap = week_totals(past, q, start, way, lead_days) - came
            errors[k, i], biases[k, i] = np.abs(gap).sum() / came.sum(), gap.sum() / came.sum()
    tried = ~np.isnan(errors).any(axis=1)
    errors, biases = errors[tried], biases[tried]
    best = _clearly_best(errors) if compared and len(errors) >= _LEAST_ORIGINS else 0
    nothing = np.full(len(ways), np.nan)
    wape = errors.mean(axis=0) if len(errors) else nothing
    bias = biases.mean(axis=0) if len(errors) else nothing
    return tuple(
        Trial(way, len(errors), float(wape[i]), float(bias[i]), i == best) for i, way in enumerate(ways)
    )


def origins(
    past: Past, q: int, origin: int, settings: ForecastSettings, lead_days: int, most: int
) -> list[int]:
    """Weekly origins before ``origin`` whose forecast week is over by then, the latest first."""
    seen = np.flatnonzero(past.usable[q, :origin])
    first = int(seen[0]) + 7 * max(settings.min_weeks, 2) if len(seen) else origin
    starts = range(origin - 7 - lead_days, first - 1, -7)
    return [s for s in starts[:most] if len(week_ahead(past, q, s, lead_days))]


def week_ahead(past: Past, q: int, start: int, lead_days: int) -> np.ndarray:
    """Usable days of the week that an origin forecasts."""
    ahead = np.arange(start + lead_days, start + lead_days + 7)
    return ahead[past.usable[q, ahead]]


def week_totals(past: Past, q: int, start: int, way: Candidate, lead_days: int) -> np.ndarray:
    """What a way, learnt before ``start``, expects of the usable days of the week it forecasts."""
    ahead = week_ahead(past, q, start, lead_days)
    model = past.once(("totals", q, start, way), lambda: fit_totals_as(past, q, start, way))
    return day_totals(past, q, model, ahead)


def _course_known(past: Past, q: int, origin: int) -> bool:
    return fit_totals_as(past, q, origin, Candidate(Method.TWO_LEVEL)).offset is not None


def _clearly_best(errors: np.ndarray) -> int:
    """Number of the column with the least mean, or 0 where it is not clearly below the first column."""
    best = int(errors.mean(axis=0).argmin())
    better = errors[:, 0] - errors[:, best]
    noise = float(better.std(ddof=1)) / np.sqrt(len(better))
    far = stdtrit(len(better) - 1, 1 - _CHANCE / (errors.shape[1] - 1))
    return best if better.mean() > far * noise else 0
