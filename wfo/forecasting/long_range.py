"""The outlook: weeks and months of a year, from day totals, with growth and the mix of customers.

Log day totals are regressed on weekday, calendar effects, a trend and, from two years on, two harmonics of
the year, with normal priors. What the regression leaves is summed by week; how far two weeks of it lie apart,
by the weeks between them (the variogram), says how uncertain a level that much later is; the regression's own
uncertainty, at the number of independent weeks, comes on top.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.errors import InputError
from wfo.forecasting.calendar import Days
from wfo.forecasting.history import read_history
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.settings import DemandSettings
from wfo.timegrid import TimeGrid

LEAST_WEEKS = 8
"""Weeks on record below which a queue has no outlook."""
YEAR_DAYS = 700
"""Days on record from which the time of year is learnt."""
_STEP_MIN = 60
_REACH_DAYS = 1500
_Z10 = 1.2816
_PRIOR = {"level": 10.0, "weekday": 1.0, "effect": 0.1, "trend": 0.15, "year": 0.15}
_OUTLYING = 4.5
_TREND = -5  # column of the trend, before those of the year
_RECENT_WEEKS = 8
_FADES_DAYS = 91.0
_YEAR = 364
COLUMNS = ("queue", "grain", "start", "end", "volume_mean", "low", "high", "year_before")


@dataclass(frozen=True)
class Outlook:
    """Weeks and months to come.

    Attributes
    ----------
    table : DataFrame
        queue, grain (``week`` or ``month``), start, end (dates, the end not included), volume_mean, low and
        high (the middle 80 %), year_before (contacts 52 weeks earlier, empty where not on record).
    past : DataFrame
        queue, start, offered: whole weeks on record.
    growth : dict of str to float
        Growth a year that is planned with, by queue.
    notes : tuple of str
    """

    table: pd.DataFrame
    past: pd.DataFrame
    growth: dict[str, float]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Fit:
    """A queue's regression: coefficients, their covariance, weekly rest and its variogram by weeks apart."""

    beta: np.ndarray
    covariance: np.ndarray
    rest: np.ndarray
    variogram: np.ndarray


def long_range(
    centre: Centre,
    now: dt.datetime,
    queue_intervals: pd.DataFrame | None,
    interactions: pd.DataFrame | None,
    demand: DemandSettings,
    *,
    months: int = 12,
) -> Outlook:
    """Volumes by week and month, all contacts of a queue together.

    Parameters
    ----------
    centre : Centre
    now : datetime
        The planning moment, a local midnight.
    queue_intervals, interactions : DataFrame or None
        As in the table contracts; the log takes the place of reports from its first day on.
    demand : DemandSettings
        ``queues.<queue>.growth`` takes the place of the growth seen; ``cohorts`` that of both for the queues
        they name. The planner's scale and overrides are of single weeks and are left out.
    months : int
        Whole months after the one of the planning moment, 1 to 36.

    Raises
    ------
    InputError
        If months are out of range, a cohort names an unknown queue, or no queue has enough history.
    """
    if not 1 <= months <= 36:
        raise InputError(f"months must be from 1 to 36, got {months}")
    named = sorted({q for cohort in demand.cohorts.values() for q in cohort.contacts} - set(centre.queue_ids))
    if named:
        known = ", ".join(centre.queue_ids)
        raise InputError(f"demand.cohorts: {', '.join(named)} is no queue; the queues are {known}")
    history = read_history(centre, _STEP_MIN, now, interactions, queue_intervals, reach_days=_REACH_DAYS)
    today = history.first_day + dt.timedelta(days=history.days)
    last = _month(today, months + 1)
    span = (last - history.first_day).days
    days = Days.of(centre, history.first_day, span)
    is_open = _open_days(centre, history.first_day, span)
    total = history.by_day(history.offered).sum(axis=2)
    rows, notes, growth, fitted = [], list(history.notes), {}, False
    for q, queue in enumerate(centre.queue_ids):
        usual = (days.event_scale[q, : history.days] == 1.0) & ~days.unscaled[q, : history.days]
        usable = history.covered[q] & is_open[q, : history.days] & usual & ~days.excluded[: history.days]
        usable &= total[q] > 0
        if usable.sum() < LEAST_WEEKS * 5 or history.covered[q].sum() < LEAST_WEEKS * 7:
            notes.append(f"{queue}: under {LEAST_WEEKS} weeks of contacts on record; it has no outlook")
            continue
        fitted = True
        yearly = bool(usable.any()) and int(np.ptp(np.flatnonzero(usable))) >= YEAR_DAYS
        if not yearly:
            notes.append(f"{queue}: under two years on record; the time of year is not in its outlook")
        design = _design(days, q, history.days, yearly=yearly)
        fit = _fit(total[q], design, usable)
        years = design[history.days :, _TREND]
        path = _growth(queue, fit.beta, demand, years)
        growth[queue] = float(np.interp(1.0, years, path) - 1)
        mean = _ahead(fit, design, history.days, is_open[q], path * days.event_scale[q, history.days :])
        if _growth_is_given(queue, demand):
            design[:, _TREND] = 0.0
        rows += _periods(queue, mean, fit, design[history.days :], total[q], (today, last))
    if not fitted:
        raise InputError("no queue has an outlook: " + "; ".join(notes))
    past = _weeks_before(centre.queue_ids, total, history.covered, history.first_day)
    return Outlook(pd.DataFrame(rows, columns=list(COLUMNS)), past, growth, tuple(notes))


def _month(day: dt.date, ahead: int) -> dt.date:
    """First day of the month so many months after a day's."""
    number = day.year * 12 + day.month - 1 + ahead
    return dt.date(number // 12, number % 12 + 1, 1)


def _open_days(centre: Centre, first: dt.date, span: int) -> np.ndarray:
    grid = TimeGrid.of_days(first, span, zone=centre.zone, step_min=_STEP_MIN)
    day = grid.local_day_number(centre.zone)
    return np.array([np.bincount(day, row, span) > 0 for row in open_intervals(centre, grid)])


def _design(days: Days, q: int, known: int, *, yearly: bool) -> np.ndarray:
    """Rows of 1, weekdays, calendar effects, years since the planning moment, and the time of year."""
    weekday = (days.weekday[:, None] == np.arange(7)).astype(np.float64)
    years = (np.arange(len(days.dates)) - known) / 365.25
    turn = 2 * np.pi * np.array([d.timetuple().tm_yday - 1 for d in days.dates]) / 365.25
    waves = np.stack([f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)], axis=1) * yearly
    return np.hstack([np.ones((len(years), 1)), weekday, days.effects[q], years[:, None], waves])


def _fit(total: np.ndarray, design: np.ndarray, usable: np.ndarray) -> _Fit:
    rows = np.flatnonzero(usable)
    known = design[: len(total)]
    effects = design.shape[1] - 13
    sd = [_PRIOR["level"], *[_PRIOR["weekday"]] * 7, *[_PRIOR["effect"]] * effects, _PRIOR["trend"]]
    precision = np.diag(1 / np.square([*sd, *[_PRIOR["year"]] * 4]))
    for _ in range(3):
        y, x = np.log(total[rows]), known[rows]
        weight = 1 / (1 / total[rows] + 0.01)
        beta = np.linalg.solve(x.T @ (weight[:, None] * x) + precision, x.T @ (weight * y))
        off = (y - x @ beta) * np.sqrt(weight)
        spread = 1.4826 * float(np.median(np.abs(off)))
        kept = rows[np.abs(off) <= _OUTLYING * max(spread, 1e-9)]
        if len(kept) == len(rows) or not len(kept):
            break
        rows = kept
    rest = _weekly_rest(total, np.exp(known @ beta), rows)
    variogram, independent = _variogram(rest)
    # days of a week share their level: the information of the regression is that of independent weeks
    scale = max(float(np.nanvar(rest)) * len(rows) / max(independent, 2.0), 1e-6)
    covariance = np.linalg.inv(x.T @ x / scale + precision)
    return _Fit(beta, covariance, rest, variogram)


def _weekly_rest(total: np.ndarray, expected: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Log of came over expected by week before the planning moment, the last week last; NaN without days."""
    week = (len(total) - 1 - rows) // 7
    n = int(week.max()) + 1
    came, said = np.bincount(week, total[rows], n), np.bincount(week, expected[rows], n)
    return np.asarray(np.log(np.where(said > 0, came, np.nan) / np.where(said > 0, said, 1.0)))[::-1]


def _variogram(rest: np.ndarray) -> tuple[np.ndarray, float]:
    """Mean squared difference of weeks k apart, never falling; and how many weeks are independent."""
    reach = max(1, len(rest) // 2)
    found = np.array(
        [float(np.nanmean((rest[k:] - rest[: len(rest) - k]) ** 2)) for k in range(1, reach + 1)]
    )
    variance = max(float(np.nanvar(rest)), 1e-9)
    one = float(np.clip(1 - found[0] / (2 * variance), 0.0, 0.95))
    rising = np.maximum.accumulate(np.nan_to_num(found, nan=0.0))
    return np.concatenate([[rising[0]], rising]), float(np.isfinite(rest).sum()) * (1 - one) / (1 + one)


def _growth_is_given(queue: str, demand: DemandSettings) -> bool:
    own = demand.queues[queue].growth if queue in demand.queues else None
    return own is not None or any(c.contacts.get(queue, 0.0) > 0 for c in demand.cohorts.values())


def _growth(queue: str, beta: np.ndarray, demand: DemandSettings, years: np.ndarray) -> np.ndarray:
    """Factor of growth so many years after the planning moment: by cohorts, by the planner, or as seen."""
    cohorts = [c for c in demand.cohorts.values() if c.contacts.get(queue, 0.0) > 0]
    own = demand.queues[queue].growth if queue in demand.queues else None
    if cohorts:
        weight = np.array([c.customers * c.contacts[queue] for c in cohorts])
        paths = np.array([(1 + c.growth) ** years for c in cohorts])
        return np.asarray(weight @ paths / weight.sum())
    return np.asarray((1 + own) ** years if own is not None else np.exp(beta[_TREND] * years))


def _ahead(fit: _Fit, design: np.ndarray, known: int, is_open: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """Contacts of each day to come; what the last weeks had above the regression fades within half a year."""
    coming = design[known:].copy()
    coming[:, _TREND] = 0.0
    last = fit.rest[-_RECENT_WEEKS:]
    above = float(np.nanmean(last)) if np.isfinite(last).any() else 0.0
    fading = above * np.exp(-np.arange(len(coming)) / _FADES_DAYS)
    return np.asarray(np.exp(coming @ fit.beta + fading) * growth * is_open[known:])


def _periods(
    queue: str,
    mean: np.ndarray,
    fit: _Fit,
    design: np.ndarray,
    total: np.ndarray,
    span: tuple[dt.date, dt.date],
) -> list[tuple[object, ...]]:
    """Rows of `COLUMNS` by week and by month, from sums over days."""
    today, last = span
    first_week = today + dt.timedelta(days=-today.weekday() % 7)
    weeks = [first_week + dt.timedelta(weeks=k) for k in range((last - first_week).days // 7 + 1)]
    months = [_month(today, k) for k in range(0 if today.day == 1 else 1, 100)]
    months = [m for m in months if m <= last]
    rows: list[tuple[object, ...]] = []
    for grain, edges in (("week", weeks), ("month", months)):
        for start, end in zip(edges[:-1], edges[1:], strict=True):
            a, b = (start - today).days, (end - today).days
            amount = float(mean[a:b].sum())
            if amount <= 0:
                continue
            row = np.average(design[a:b], axis=0, weights=mean[a:b])
            spread = np.sqrt(row @ fit.covariance @ row + _drift(fit, a, b) + 1 / amount)
            low, high = amount * np.exp(np.array([-1, 1]) * _Z10 * spread)
            before = len(total) + a - _YEAR, len(total) + b - _YEAR
            # 52 whole weeks earlier, so that weekdays are alike
            year = (
                float(total[before[0] : before[1]].sum())
                if before[0] >= 0 and before[1] <= len(total)
                else np.nan
            )
            rows.append((queue, grain, start, end, amount, float(low), float(high), year))
    return rows


def _drift(fit: _Fit, a: int, b: int) -> float:
    """Variance of the log level of days a to b, as far ahead as they are."""
    reach = len(fit.variogram) - 1
    ahead = (a + b) / 14
    at = float(np.interp(min(ahead, reach), np.arange(reach + 1), fit.variogram)) / 2
    at *= max(1.0, ahead / reach)
    wide = max(1, round((b - a) / 7))
    apart = np.abs(np.subtract.outer(np.arange(wide), np.arange(wide)))
    alike = 1 - fit.variogram[np.minimum(apart, reach)] * (apart > 0) / max(fit.variogram.max(), 1e-12)
    return at * float(alike.mean())


def _weeks_before(
    queues: tuple[str, ...], total: np.ndarray, covered: np.ndarray, first: dt.date
) -> pd.DataFrame:
    """Whole weeks on record, Monday to Sunday."""
    rows = []
    begin = -first.weekday() % 7
    for q, queue in enumerate(queues):
        for d in range(begin, total.shape[1] - 6, 7):
            if covered[q, d : d + 7].all():
                rows.append((queue, first + dt.timedelta(days=d), float(total[q, d : d + 7].sum())))
    return pd.DataFrame(rows, columns=["queue", "start", "offered"])
