"""What is special about a day: month start and end, the day after a closure, holidays, events, exclusions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfo.domain.centre import Centre, Event
from wfo.domain.closures import closed_days, public_holidays, weekend_days
from wfo.domain.hours import parse_hours

EFFECTS = ("month_start", "month_end", "after_closure", "holiday")
"""Calendar effects by name: business days 1 to 3 of a month, its last business day, the first open day after
a closure (or the day after a holiday), a public holiday on which the queue is open. Business days are
those of the calendar's countries: not everywhere is the weekend Saturday and Sunday."""


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
        0 or 1 for each of `EFFECTS`.
    event_scale : ndarray of float64, shape (Q, D)
        Product of the events' stated factors.
    unscaled : ndarray of bool, shape (Q, D)
        Days of an event without a stated factor.
    excluded : ndarray of bool, shape (D,)
        Days from which no forecast may learn.
    """

    dates: tuple[dt.date, ...]
    weekday: np.ndarray
    effects: np.ndarray
    event_scale: np.ndarray
    unscaled: np.ndarray
    excluded: np.ndarray

    @classmethod
    def of(cls, centre: Centre, first: dt.date, days: int) -> "Days":
        """Read the calendar for ``days`` days from ``first``."""
        # a month and a week around them, so that business days and closures are seen whole
        around = [first + dt.timedelta(days=k) for k in range(-38, days + 38)]
        years = {d.year for d in around}
        public = public_holidays(centre.calendar.holidays, years, where="calendar.holidays")
        weekend = weekend_days(centre.calendar.holidays)
        business = [d.weekday() not in weekend and d not in public for d in around]
        shared = np.stack([*_month_edges(around, business)], axis=1)
        effects = np.zeros((len(centre.queues), len(around), len(EFFECTS)))
        scale = np.ones((len(centre.queues), days))
        unscaled = np.zeros(scale.shape, dtype=bool)
        inside = slice(38, 38 + days)
        for q, (name, spec) in enumerate(centre.queues.items()):
            regular = _open_weekdays(spec.hours)
            closed = closed_days(centre, name, years)
            effects[q, :, :2] = shared
            effects[q, :, 2] = _after_closure(around, regular, closed, public)
            effects[q, :, 3] = [d in public and d not in closed for d in around]
            for event in centre.calendar.events.values():
                if not event.queues or name in event.queues:
                    here = touched(event, around[inside])
                    unscaled[q] |= here & (event.scale is None)
                    scale[q] *= np.where(here, 1.0 if event.scale is None else event.scale, 1.0)
        return cls(
            dates=tuple(around[inside]),
            weekday=np.array([d.weekday() for d in around[inside]], dtype=np.int64),
            effects=effects[:, inside],
            event_scale=scale,
            unscaled=unscaled,
            excluded=np.array([d in centre.calendar.excluded_days for d in around[inside]], dtype=bool),
        )


def _open_weekdays(hours: tuple[str, ...]) -> frozenset[int]:
    return frozenset(parse_hours(hours))


def touched(event: Event, dates: Sequence[dt.date]) -> np.ndarray:
    """Whether each day is one of the event's, shape (D,)."""
    last = event.end or event.start
    return np.array([event.start <= d <= last for d in dates], dtype=bool)


def _month_edges(dates: list[dt.date], business: list[bool]) -> tuple[np.ndarray, np.ndarray]:
    start, end = np.zeros(len(dates)), np.zeros(len(dates))
    months: dict[tuple[int, int], list[int]] = {}
    for i, d in enumerate(dates):
        if business[i]:
            months.setdefault((d.year, d.month), []).append(i)
    for (year, month), days in months.items():
        if dates[0] <= dt.date(year, month, 1):
            start[days[:3]] = 1.0
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        if dates[-1] >= following - dt.timedelta(days=1):
            end[days[-1]] = 1.0
    return start, end


def _after_closure(
    dates: list[dt.date], regular: frozenset[int], closed: frozenset[dt.date], public: frozenset[dt.date]
) -> np.ndarray:
    out = np.zeros(len(dates))
    pending = False
    for i, d in enumerate(dates):
        is_open = d.weekday() in regular and d not in closed
        if is_open:
            out[i] = float(pending)
            pending = d in public
        elif d.weekday() in regular:
            pending = True
    return out
