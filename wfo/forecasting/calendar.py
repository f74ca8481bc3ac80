"""What is special about a day: month start and end, the day after a closure, holidays, events, exclusions."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfo.domain.calendar import Event
from wfo.domain.centre import Centre
from wfo.domain.closures import closed_days, public_holidays, weekend_days
from wfo.domain.hours import parse_hours

EFFECT_SD = {
    "month_start": 0.15,
    "month_end": 0.15,
    "after_closure": 0.15,
    "holiday": 0.3,
    "first_business_day": 0.04,
    "second_business_day": 0.04,
    "second_after_closure": 0.06,
    "pay_day": 0.05,
    "month_sin": 0.03,
    "month_cos": 0.03,
    "half_month_sin": 0.015,
    "half_month_cos": 0.015,
}
"""Calendar effects by name, each with the standard deviation of its prior, in logs: business days 1 to 3 of
a month, its last business day, the first open day after a closure (or the day after a holiday), a public
holiday on which the queue is open; what the first two business days and the second open day after a closure
have beyond that; pay days and the day after; a smooth curve over the month (two harmonics), which billing and
pay draw. Business days are those of the calendar's countries: not everywhere is the weekend Saturday and
Sunday. What is open on a holiday may lose half of its contacts, so that the holiday's prior is wide."""
EFFECTS = tuple(EFFECT_SD)
"""Names of the calendar effects."""
_BEFORE_MONTH = 8  # effects before the harmonics of the month


@dataclass(frozen=True)
class Days:
    """Consecutive local days with what the calendar says about them.

    Attributes
    ----------
    dates : tuple of date
        D days.
    weekday : ndarray of int64, shape (D,)
        Monday = 0.
    effects : ndarray of float64, shape (Q, D, E)
        For each of `EFFECTS` 0 or 1, or the month's sine and cosine; then, where the calendar has several
        countries, for each of them its holidays and the days after, so that each has a strength of its own
        beside what all share: ``holiday`` and ``after_closure`` then count the countries.
    event_scale : ndarray of float64, shape (Q, D)
        Product of the events' stated factors.
    unscaled : ndarray of bool, shape (Q, D)
        Days of an event without a stated factor.
    excluded : ndarray of bool, shape (D,)
        Days from which no forecast may learn.
    drivers : ndarray of float64, shape (Q, D, R)
        Business drivers, standardised; none until they are added.
    driver_sd : ndarray of float64, shape (Q, D, R)
        Their own uncertainty on the same scale: 0 where they are known.
    reported : ndarray of float64, shape (Q, D, 1) or (Q, D, 0)
        1 on the days before a queue's log, whose counts come from another system's reports; none until it is
        added, or where no queue has both.
    """

    dates: tuple[dt.date, ...]
    weekday: np.ndarray
    effects: np.ndarray
    event_scale: np.ndarray
    unscaled: np.ndarray
    excluded: np.ndarray
    drivers: np.ndarray
    driver_sd: np.ndarray
    reported: np.ndarray

    @classmethod
    def of(cls, centre: Centre, first: dt.date, days: int) -> "Days":
        """Read the calendar for ``days`` days from ``first``."""
        # a month and a week around them, so that business days and closures are seen whole
        around = [first + dt.timedelta(days=k) for k in range(-38, days + 38)]
        years = {d.year for d in around}
        public = public_holidays(centre.calendar.holidays, years, where="calendar.holidays")
        weekend = weekend_days(centre.calendar.holidays)
        business = [d.weekday() not in weekend and d not in public for d in around]
        edges = np.stack(_month_edges(around, business), axis=1)
        paid = _pay_days(around, business, centre.calendar.pay_days)
        countries = _apart(centre.calendar.holidays, years)
        effects = np.zeros((len(centre.queues), len(around), len(EFFECTS) + 2 * len(countries)))
        scale = np.ones((len(centre.queues), days))
        unscaled = np.zeros(scale.shape, dtype=bool)
        inside = slice(38, 38 + days)
        for q, (name, spec) in enumerate(centre.queues.items()):
            regular = _open_weekdays(spec.hours)
            closed = closed_days(centre, name, years)
            effects[q, :, :2] = edges[:, :2]
            effects[q, :, 2], effects[q, :, 6] = _after_closure(around, regular, closed, public)
            effects[q, :, 3] = [d in public and d not in closed for d in around]
            effects[q, :, 4:6] = edges[:, 2:]
            effects[q, :, 7] = paid
            effects[q, :, _BEFORE_MONTH : len(EFFECTS)] = _month_curve(around)
            if countries:
                own = _by_country(around, regular, closed, countries)
                effects[q, :, len(EFFECTS) :] = own
                # a day that two countries keep has what both bring: what they share counts twice
                shared = own[:, 0::2].sum(axis=1), own[:, 1::2].sum(axis=1)
                effects[q, :, 3] = shared[0]
                effects[q, :, 2] = np.maximum(effects[q, :, 2], shared[1])
            for event in centre.calendar.events.values():
                if not event.queues or name in event.queues:
                    here = touched(event, around[inside])
                    beside = touched(event, around[inside], around=True) & ~here
                    unscaled[q] |= beside | (here & (event.scale is None))
                    scale[q] *= np.where(here, 1.0 if event.scale is None else event.scale, 1.0)
        return cls(
            dates=tuple(around[inside]),
            weekday=np.array([d.weekday() for d in around[inside]], dtype=np.int64),
            effects=effects[:, inside],
            event_scale=scale,
            unscaled=unscaled,
            excluded=np.array([d in centre.calendar.excluded_days for d in around[inside]], dtype=bool),
            drivers=np.zeros((len(centre.queues), days, 0)),
            driver_sd=np.zeros((len(centre.queues), days, 0)),
            reported=np.zeros((len(centre.queues), days, 0)),
        )


def _open_weekdays(hours: tuple[str, ...]) -> frozenset[int]:
    return frozenset(parse_hours(hours))


def touched(event: Event, dates: Sequence[dt.date], *, around: bool = False) -> np.ndarray:
    """Whether each day is one of the event's, shape (D,); with ``around`` also its lead and lag days."""
    out = np.zeros(len(dates), dtype=bool)
    for offset in offsets(event, dates):
        out |= (offset >= 0) & (offset < event.days)
        if around:
            out |= (offset >= -event.lead_days) & (offset < event.days + event.lag_days)
    return out


def offsets(event: Event, dates: Sequence[dt.date]) -> list[np.ndarray]:
    """Days from each occurrence's first day to each date, one array of shape (D,) an occurrence."""
    number = np.array([d.toordinal() for d in dates], dtype=np.int64)
    return [number - first.toordinal() for first in (event.start, *event.also)]


def _month_edges(
    dates: list[dt.date], business: list[bool]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Business days 1 to 3, the last, the first and the second business day of each month."""
    start, end, first, second = np.zeros((4, len(dates)))
    months: dict[tuple[int, int], list[int]] = {}
    for i, d in enumerate(dates):
        if business[i]:
            months.setdefault((d.year, d.month), []).append(i)
    for (year, month), days in months.items():
        if dates[0] <= dt.date(year, month, 1):
            start[days[:3]] = 1.0
            first[days[:1]] = 1.0
            second[days[1:2]] = 1.0
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        if dates[-1] >= following - dt.timedelta(days=1):
            end[days[-1]] = 1.0
    return start, end, first, second


def _pay_days(dates: list[dt.date], business: list[bool], pay_days: tuple[int, ...]) -> np.ndarray:
    """The business day on or before each pay day of a month, and the day after it."""
    out = np.zeros(len(dates))
    for i, d in enumerate(dates):
        last = calendar.monthrange(d.year, d.month)[1]
        if any(d.day == min(day, last) for day in pay_days):
            while i > 0 and not business[i]:
                i -= 1
            out[i : i + 2] = 1.0
    return out


def _month_curve(dates: list[dt.date]) -> np.ndarray:
    """Sine and cosine of one and of two turns a month, shape (D, 4)."""
    turn = np.array([(d.day - 0.5) / calendar.monthrange(d.year, d.month)[1] for d in dates])
    parts = [f(2 * np.pi * k * turn) for k in (1, 2) for f in (np.sin, np.cos)]
    return np.stack(parts, axis=1)


def _apart(countries: Sequence[str], years: set[int]) -> list[frozenset[dt.date]]:
    """Public holidays by country, where there are several."""
    many = len(countries) > 1
    return [public_holidays([c], years, where="calendar.holidays") for c in countries] if many else []


def holidays_alone(effects: np.ndarray) -> np.ndarray:
    """Effects of days, shape (…, E), with all but holidays at 0."""
    out = np.zeros_like(effects)
    own = [EFFECTS.index("holiday"), *range(len(EFFECTS), effects.shape[-1], 2)]
    out[..., own] = effects[..., own]
    return out


def _by_country(
    dates: list[dt.date],
    regular: frozenset[int],
    closed: frozenset[dt.date],
    countries: list[frozenset[dt.date]],
) -> np.ndarray:
    """Holidays on which a queue is open, and the open days after them, country by country; (D, 2 each)."""
    out = np.zeros((len(dates), 2 * len(countries)))
    for k, own in enumerate(countries):
        out[:, 2 * k] = [d in own and d not in closed for d in dates]
        out[:, 2 * k + 1], _ = _after_closure(dates, regular, closed, own, after_holidays_alone=True)
    return out


def _after_closure(
    dates: list[dt.date],
    regular: frozenset[int],
    closed: frozenset[dt.date],
    public: frozenset[dt.date],
    *,
    after_holidays_alone: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The first open day after a closure or a public holiday, and the second; or after holidays alone."""
    first, second = np.zeros((2, len(dates)))
    pending = just_after = False
    for i, d in enumerate(dates):
        is_open = d.weekday() in regular and d not in closed
        if is_open:
            first[i], second[i] = float(pending), float(just_after and not pending)
            just_after = pending
            pending = d in public
        elif d.weekday() in regular:
            pending = pending or d in public or not after_holidays_alone
    return first, second
