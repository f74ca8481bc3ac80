"""Learn one queue's model from the days before an origin."""

from dataclasses import replace

import numpy as np

from wfo.forecasting.adoption import BEFORE_START
from wfo.forecasting.glm import fit_totals, spline_profiles
from wfo.forecasting.level import Level, design_of, fit_level
from wfo.forecasting.model import QueueModel, design_as
from wfo.forecasting.past import Past
from wfo.forecasting.profile import shares, weekday_profiles, without_bursts, without_gaps
from wfo.forecasting.settings import ForecastSettings
from wfo.forecasting.structural import walk_level
from wfo.forecasting.ways import Candidate, Method
from wfo.forecasting.yearly import TWO_YEARS, yearly_course

_BLOCK_DAYS = 56  # over past origins, a year's course is learnt anew that often
_SHAPE_DAYS = 60.0  # memory of the shape by which bursts and gaps are told
_PLAN_DAYS = 5.0  # days of contacts as planned that an adoption plan weighs against what came


def fit_none(past: Past, q: int, origin: int, settings: ForecastSettings) -> QueueModel | None:
    """The model of a queue without a history to learn from, or None where there is one."""
    usable = past.usable[q, :origin]
    seen = np.flatnonzero(usable)
    none = np.zeros((7, past.cube.shape[2]))
    if past.start_per_day[q] > 0:
        return _adopted(past, q, origin)
    if not len(seen) or past.total[q, :origin][usable].sum() <= 0:
        return QueueModel(Method.NONE, None, none)
    if origin - seen[0] < 7 * settings.min_weeks:
        return QueueModel(Method.PLAIN_MEAN, None, none + _mean_curve(past, q, seen))
    return None


def fit_as(past: Past, q: int, origin: int, candidate: Candidate, settings: ForecastSettings) -> QueueModel:
    """Learn about queue ``q`` from the days before day ``origin`` in one way.

    Parameters
    ----------
    past : Past
    q, origin : int
        Numbers of the queue and of the first day that is not known; days before it may be learnt from.
    candidate : Candidate
    settings : ForecastSettings
    """
    if candidate.method in (Method.SAME_WEEKDAY_MEAN, Method.SEASONAL_NAIVE):
        return QueueModel(candidate.method, None, _weekday_means(past, q, origin, candidate.weeks), candidate)
    model = fit_totals_as(past, q, origin, candidate)
    make = spline_profiles if candidate.method is Method.GLM else weekday_profiles
    assert model.level is not None
    profile = make(
        calm_counts(past, q, origin),
        past.days.weekday[:origin],
        model.level.used,
        past.is_open[q, :origin],
        memory_days=settings.profile_days,
        step_min=past.step_min,
    )
    return replace(model, profile=profile)


def fit_totals_as(past: Past, q: int, origin: int, candidate: Candidate) -> QueueModel:
    """The same without the shape of a day: enough for `day_totals`."""
    none = np.zeros((7, past.cube.shape[2]))
    if candidate.method in (Method.SAME_WEEKDAY_MEAN, Method.SEASONAL_NAIVE):
        return QueueModel(candidate.method, None, _weekday_means(past, q, origin, candidate.weeks), candidate)
    level, total, mean = _regressed(past, q, origin, candidate)
    taken = past.taken_by_day(q)[:origin]
    offset = _course(past, q, origin) if candidate.yearly else None
    if candidate.method is Method.STRUCTURAL:
        walk = walk_level(total, mean, level.used, taken)
        level = level if walk is None else replace(level, drift=walk)
    elif candidate.method is Method.GLM:
        design = design_as(past, q, candidate, until=origin)
        flat = total if offset is None else total / np.exp(offset[:origin])
        beta = fit_totals(flat, design, level.used, memory_days=candidate.memory_days)
        level = level if beta is None else Level(beta, 0.0, level.used)
    return QueueModel(candidate.method, level, none, candidate, offset)


def _regressed(past: Past, q: int, origin: int, candidate: Candidate) -> tuple[Level, np.ndarray, np.ndarray]:
    """The level by regression; days' totals without bursts; what weekdays and the calendar expect of them."""
    total = calm_counts(past, q, origin).sum(axis=1)
    design = design_as(past, q, candidate, until=origin)
    offset = _course(past, q, origin) if candidate.yearly else None
    known = np.zeros(origin) if offset is None else offset[:origin]
    level = fit_level(
        total,
        design,
        past.usable[q, :origin],
        memory_days=candidate.memory_days,
        drift_days=candidate.drift_days,
        offset=known,
        taken=past.taken_by_day(q)[:origin],
    )
    return level, total, np.exp(np.clip(design @ level.beta + known, -50.0, 50.0))


def _course(past: Past, q: int, origin: int) -> np.ndarray | None:
    """Course of the year of all days, learnt before the origin."""
    seen = np.flatnonzero(past.usable[q, :origin])
    if not len(seen) or seen[-1] - seen[0] < TWO_YEARS:
        return None
    block = origin // _BLOCK_DAYS * _BLOCK_DAYS
    until = block if block - seen[0] > TWO_YEARS else origin

    def learn() -> np.ndarray | None:
        usable = past.usable[q, :until]
        design = design_of(past.days, q, calendar_effects=True, learnt_from=usable)[:until]
        taken = past.taken_by_day(q)[:until]
        return yearly_course(past.total[q, :until], taken, design, usable, past.days.dates)

    return past.once(("year", q, until), learn)


def calm_counts(past: Past, q: int, origin: int) -> np.ndarray:
    """Counts before the origin with bursts cut and gaps filled, shape (origin, S)."""
    return np.asarray(past.once(("calm", q, origin), lambda: _without_bursts(past, q, origin)))


def _without_bursts(past: Past, q: int, origin: int) -> np.ndarray:
    cube, usable, is_open = past.cube[q, :origin], past.usable[q, :origin], past.is_open[q, :origin]
    weekday, offered = past.days.weekday[:origin], past.offered[q, :origin]

    def laid_out(counts: np.ndarray, by: np.ndarray) -> np.ndarray:
        profile = weekday_profiles(
            by, weekday, usable, is_open, memory_days=_SHAPE_DAYS, step_min=past.step_min
        )
        came = np.where(usable, np.maximum(counts.sum(axis=1), 0.0), 0.0)
        return np.asarray(shares(profile[weekday], is_open) * came[:, None])

    expected = laid_out(cube, cube)
    whole = without_gaps(cube, offered, expected)
    if whole is not cube:  # the shape by which it was filled had the gap in it
        whole = without_gaps(cube, offered, laid_out(cube, whole))
        expected = laid_out(whole, whole)
    return without_bursts(whole, expected, past.taken[q, :origin])


def _weekday_means(past: Past, q: int, origin: int, weeks: int) -> np.ndarray:
    seen = np.flatnonzero(past.usable[q, :origin])
    weekday = past.days.weekday[:origin]
    last = [seen[weekday[seen] == w][-weeks:] for w in range(7)]
    return np.array([_mean_curve(past, q, rows if len(rows) else seen) for rows in last])


def _mean_curve(past: Past, q: int, rows: np.ndarray) -> np.ndarray:
    opened = past.is_open[q, rows].sum(axis=0)
    came = np.maximum(past.cube[q, rows].sum(axis=0), 0.0)
    # a step of which less came than was due counts as 0, and the others give what it lacks
    kept = max(past.total[q, rows].sum(), 0.0) / came.sum() if came.sum() > 0 else 0.0
    return np.asarray(kept * came / np.maximum(opened, 1))


def _adopted(past: Past, q: int, origin: int) -> QueueModel:
    """A new channel: its plan, corrected by what has come since its start."""
    usable = past.usable[q, :origin] & (past.growth[q, :origin] > BEFORE_START)
    weekday = past.days.weekday[:origin]
    planned = past.start_per_day[q] * np.exp(past.growth[q, :origin]) * usable
    prior = _PLAN_DAYS * past.start_per_day[q]
    ratio = (max(past.total[q, :origin][usable].sum(), 0.0) + prior) / (planned.sum() + prior)
    beta = np.zeros(design_of(past.days, q, calendar_effects=False).shape[1])
    beta[0] = np.log(past.start_per_day[q] * ratio)
    donor = past.like[q]
    shape_q, learnt = (
        (q, usable) if donor < 0 or planned.sum() > prior else (donor, past.usable[donor, :origin])
    )
    profile = weekday_profiles(
        past.cube[shape_q, :origin], weekday, learnt, past.is_open[shape_q, :origin], memory_days=_SHAPE_DAYS,
        step_min=past.step_min,
    )  # fmt: skip
    if donor >= 0:
        beta[1:8] = _weekday_logs(past.total[donor, :origin], past.usable[donor, :origin], weekday)
    level = Level(beta, 0.0, usable)
    candidate = Candidate(Method.ADOPTION, calendar=False, yearly=False)
    return QueueModel(Method.ADOPTION, level, profile, candidate, past.growth[q])


def _weekday_logs(total: np.ndarray, usable: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    """Logs of weekdays' means over the mean of all days; 0 for weekdays never seen."""
    whole = total[usable].mean() if usable.any() else 0.0
    means = [total[usable & (weekday == w)] for w in range(7)]
    return np.array([np.log(m.mean() / whole) if whole > 0 and m.sum() > 0 else 0.0 for m in means])
