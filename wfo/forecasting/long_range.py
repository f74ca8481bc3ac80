"""The outlook: weeks and months of a year, from day totals, with growth and the mix of customers.

Log day totals are regressed on weekday, calendar effects, a step between older reports and the log, a trend
and, from two years on, two harmonics of the year, with normal priors. What the regression leaves is summed by
week; how far two weeks of it lie apart, by the weeks between them (the variogram), says how uncertain a level
that much later is; the regression's own uncertainty, at the number of independent weeks, comes on top.
"""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.errors import InputError
from wfo.forecasting.calendar import Days
from wfo.forecasting.history import read_history
from wfo.forecasting.levers import check_names
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.periods import COLUMNS, month_after, period_rows
from wfo.forecasting.settings import DemandSettings
from wfo.forecasting.trend import TREND, days_ahead, design_of_years, fit_trend
from wfo.timegrid import TimeGrid

LEAST_WEEKS = 8
"""Weeks on record below which a queue has no outlook."""
YEAR_DAYS = 700
"""Days on record from which the time of year is learnt."""
_STEP_MIN = 60
_REACH_DAYS = 1500


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
        If months are out of range, demand names an unknown queue, or no queue has enough history.
    """
    if not 1 <= months <= 36:
        raise InputError(f"months must be from 1 to 36, got {months}")
    check_names(centre.queue_ids, (), demand)
    history = read_history(centre, _STEP_MIN, now, interactions, queue_intervals, reach_days=_REACH_DAYS)
    today = history.first_day + dt.timedelta(days=history.days)
    last = month_after(today, months + 1)
    span = (last - history.first_day).days
    days = replace(Days.of(centre, history.first_day, span), reported=history.reported(span))
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
        design = design_of_years(days, q, usable, yearly=yearly)
        fit = fit_trend(total[q], design, usable)
        years = design[history.days :, TREND]
        path = _growth(queue, fit.beta, demand, years)
        growth[queue] = float(_growth(queue, fit.beta, demand, np.ones(1))[0]) - 1
        mean = days_ahead(fit, design, history.days, is_open[q], path * days.event_scale[q, history.days :])
        if _growth_is_given(queue, demand):
            design[:, TREND] = 0.0
        rows += period_rows(queue, mean, fit, design[history.days :], total[q], (today, last))
    if not fitted:
        raise InputError("no queue has an outlook: " + "; ".join(notes))
    past = _weeks_before(centre.queue_ids, total, history.covered, history.first_day)
    return Outlook(pd.DataFrame(rows, columns=list(COLUMNS)), past, growth, tuple(notes))


def _open_days(centre: Centre, first: dt.date, span: int) -> np.ndarray:
    grid = TimeGrid.of_days(first, span, zone=centre.zone, step_min=_STEP_MIN)
    day = grid.local_day_number(centre.zone)
    return np.array([np.bincount(day, row, span) > 0 for row in open_intervals(centre, grid)])


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
    return np.asarray((1 + own) ** years if own is not None else np.exp(beta[TREND] * years))


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
