"""Fresh demand: a Cox process of weekly profiles, calendar, events and correlated half-day factors."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.closures import public_holidays
from wfo.sample import intents
from wfo.sample.laws import (
    AFTER_CLOSURE,
    CAMPAIGN,
    FOLLOW_UPS,
    HOLIDAY,
    LOST,
    MONTH_END,
    MONTH_START,
    OUTAGE,
    OUTAGE_HOURS,
    REDIAL_P,
    STEP_MIN,
    UNKNOWN,
    UNKNOWN_EVENT,
    Preset,
)
from wfo.timegrid import TimeGrid

_HALF_DAY_H = 13
"""The morning's factor holds until this local hour."""


@dataclass(frozen=True)
class Days:
    """Local days of a stretch of time, and its grid.

    Attributes
    ----------
    grid : TimeGrid
        T intervals over whole local days.
    dates : tuple of date
        D local days.
    day : ndarray of int64, shape (T,)
        Local day of each interval.
    slot : ndarray of int64, shape (T,)
        Interval of the local week (Monday 00:00 is 0).
    hour : ndarray of float64, shape (T,)
        Local hour of the day.
    off : dict of str to set of date
        Public holidays by country.
    """

    grid: TimeGrid
    dates: tuple[dt.date, ...]
    day: np.ndarray
    slot: np.ndarray
    hour: np.ndarray
    off: dict[str, frozenset[dt.date]]


def days_of(centre: Centre, first: dt.date, count: int) -> Days:
    """Local days from a date on."""
    grid = TimeGrid.of_days(first, count, zone=centre.zone, step_min=STEP_MIN)
    local = grid.local(centre.zone)
    dates = tuple(first + dt.timedelta(days=k) for k in range(count))
    minute = np.asarray(local.hour * 60 + local.minute, dtype=np.int64)
    slot = np.asarray(local.day_of_week, dtype=np.int64) * (24 * 60 // STEP_MIN) + minute // STEP_MIN
    years = sorted({d.year for d in dates})
    off = {c: public_holidays([c], years, where="calendar.holidays") for c in centre.calendar.holidays}
    return Days(grid, dates, grid.local_day_number(centre.zone), slot, minute / 60.0, off)


def open_mask(centre: Centre, days: Days) -> np.ndarray:
    """Whether each queue is open, bool, shape (Q, T); public holidays of ``closed_on`` are closed."""
    out = np.zeros((len(centre.queues), days.grid.n), dtype=bool)
    for q, spec in enumerate(centre.queues.values()):
        closed = np.array([any(d in days.off.get(c, ()) for c in spec.closed_on) for d in days.dates])
        out[q] = intents.open_week(spec.hours)[days.slot] & ~closed[days.day]
    return out


def calendar_factor(centre: Centre, days: Days) -> np.ndarray:
    """Factor of month start, month end, holidays and days after a closure, shape (Q, D)."""
    german = days.off.get("DE", frozenset())
    dates = days.dates
    rank = [_business_rank(d, german) for d in dates]
    out = np.ones((len(centre.queues), len(dates)))
    for k, date in enumerate(dates):
        from_start, from_end = rank[k]
        if 1 <= from_start <= 3:
            out[:, k] *= MONTH_START
        if from_end == 1:
            out[:, k] *= MONTH_END
        for country, factor in HOLIDAY.items():
            if date in days.off.get(country, ()):
                out[:, k] *= factor
        if _after_closure(date, german):
            out[:, k] *= AFTER_CLOSURE
    return out


def _is_business(date: dt.date, off: frozenset[dt.date]) -> bool:
    return date.weekday() < 5 and date not in off


def _business_rank(date: dt.date, off: frozenset[dt.date]) -> tuple[int, int]:
    """Which business day of its month a day is, from the start and from the end; 0 if it is none."""
    if not _is_business(date, off):
        return 0, 0
    month = [date.replace(day=1) + dt.timedelta(days=k) for k in range(31)]
    business = [d for d in month if d.month == date.month and _is_business(d, off)]
    return business.index(date) + 1, len(business) - business.index(date)


def _after_closure(date: dt.date, off: frozenset[dt.date]) -> bool:
    """Whether a day is the first business day after a public holiday."""
    if not _is_business(date, off):
        return False
    before = date - dt.timedelta(days=1)
    while not _is_business(before, off):
        if before in off:
            return True
        before -= dt.timedelta(days=1)
    return False


def event_factor(centre: Centre, days: Days, preset: Preset) -> np.ndarray:
    """Factor of the campaign, the outage and, in the hard preset, an unknown event, shape (Q, T)."""
    out = np.ones((len(centre.queues), days.grid.n))
    date = np.array(days.dates, dtype="datetime64[D]")[days.day]
    for name, event in centre.calendar.events.items():
        rows = [centre.queue_ids.index(q) for q in event.queues]
        when = (date >= np.datetime64(event.start)) & (date <= np.datetime64(event.end or event.start))
        outage = name == "network_outage"
        if outage:
            when &= (days.hour >= OUTAGE_HOURS[0]) & (days.hour < OUTAGE_HOURS[1])
        out[np.ix_(rows, when)] *= OUTAGE if outage else CAMPAIGN
    if preset.unknown_event:
        first, last = (np.datetime64(d) for d in UNKNOWN_EVENT)
        out[:, (date >= first) & (date <= last)] *= UNKNOWN
    return out


def half_day_factors(preset: Preset, queues: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Lognormal factors of mornings and afternoons with mean 1, shape (queues, days, 2).

    A day's mean has the preset's CV; halves of a day, days in a row and queues correlate as it states.
    """
    share = preset.half_corr
    draws = rng.standard_normal((queues + 1, count, 3))
    halves = np.sqrt(share) * draws[..., :1] + np.sqrt(1 - share) * draws[..., 1:]
    state = halves[:, 0]
    series = np.empty_like(halves)
    for day in range(count):
        if day:
            state = preset.day_corr * state + np.sqrt(1 - preset.day_corr**2) * halves[:, day]
        series[:, day] = state
    z = np.sqrt(preset.queue_corr) * series[:1] + np.sqrt(1 - preset.queue_corr) * series[1:]
    sd = preset.day_cv / np.sqrt((1 + share) / 2)
    return np.asarray(np.exp(sd * z - sd**2 / 2))


def follow_up_shares(centre: Centre, preset: Preset) -> np.ndarray:
    """R between queues as planted, at the fresh mix of intents, shape (Q, Q)."""
    ids = centre.queue_ids
    share, home = intents.mix(centre), intents.home_queue(centre)
    relative = intent_factor(centre)
    out = np.zeros((len(ids), len(ids)))
    for source, rules in FOLLOW_UPS.items():
        for target, r in rules if source in ids else ():
            a = ids.index(source)
            if target == "voice":
                np.add.at(out[a], home, preset.follow_up_factor * r * share[:, a] * relative[:, a])
            elif target in ids:
                out[a, ids.index(target)] += preset.follow_up_factor * r
    return out


def intent_factor(centre: Centre) -> np.ndarray:
    """Chance of a follow-up relative to the queue's mean, by intent and queue, shape (intents, Q)."""
    relative = np.array([i.follow_up for i in intents.INTENTS])
    return np.asarray(relative[:, None] / (relative @ intents.mix(centre)))


def fresh_by_queue(centre: Centre, preset: Preset) -> np.ndarray:
    """Fresh contacts of an ordinary week by queue, shape (Q,): all contacts less follow-ups and redials."""
    total = intents.contacts_by_queue(centre, preset.contacts)
    lost = np.array([LOST if q.patience_s else 0.0 for q in centre.queues.values()])
    served = total * (1 - lost)
    fresh = total - served @ follow_up_shares(centre, preset) - total * lost * REDIAL_P
    return np.asarray(fresh)


def fresh_week(centre: Centre, preset: Preset) -> np.ndarray:
    """Mean fresh contacts by queue and interval of an ordinary week, shape (Q, 7 days × intervals)."""
    profile = np.einsum("iq,qit->qt", intents.mix(centre), intents.week_profiles(centre))
    return np.asarray(profile * fresh_by_queue(centre, preset)[:, None])


def fresh_rates(centre: Centre, preset: Preset, days: Days, rng: np.random.Generator) -> np.ndarray:
    """Mean fresh contacts of each queue and interval, given one draw of all factors, shape (Q, T)."""
    week = fresh_week(centre, preset)
    return week[:, days.slot] * open_mask(centre, days) * all_factors(centre, preset, days, rng)


def all_factors(centre: Centre, preset: Preset, days: Days, rng: np.random.Generator) -> np.ndarray:
    """Calendar, events and half-day factors together, shape (Q, T)."""
    half = (days.hour >= _HALF_DAY_H).astype(np.int64)
    luck = half_day_factors(preset, len(centre.queues), len(days.dates), rng)
    out = calendar_factor(centre, days)[:, days.day] * luck[:, days.day, half]
    return np.asarray(out * event_factor(centre, days, preset))


def open_windows(is_open: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Openings of each queue in seconds after the grid's start: offsets (Q + 1,), starts and ends (W,)."""
    starts: list[np.ndarray] = []
    ends: list[np.ndarray] = []
    for row in is_open:
        edge = np.diff(np.concatenate(([0], row.astype(np.int8), [0])))
        starts.append(np.flatnonzero(edge == 1) * step_s)
        ends.append(np.flatnonzero(edge == -1) * step_s)
    offsets = np.concatenate(([0], np.cumsum([len(s) for s in starts]))).astype(np.int64)
    return offsets, np.concatenate(starts), np.concatenate(ends)


def arrivals(
    rates: np.ndarray, step_s: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fresh arrivals in order of time: seconds after the grid's start, queue, interval; each shape (n,)."""
    counts = rng.poisson(rates)
    queue, interval = (np.repeat(k, counts.ravel()) for k in np.indices(counts.shape).reshape(2, -1))
    at = (interval + rng.random(len(interval))) * step_s
    order = np.argsort(at, kind="stable")
    return at[order], queue[order], interval[order]


def draw_intents(
    centre: Centre, days: Days, queue: np.ndarray, interval: np.ndarray, u: np.ndarray
) -> np.ndarray:
    """Intent of each fresh contact given its queue and interval, from uniforms ``u``, int64, shape (n,)."""
    weight = intents.week_profiles(centre) * intents.mix(centre).T[:, :, None]
    total = weight.sum(axis=1, keepdims=True)
    cumulative = np.cumsum(weight / np.where(total > 0, total, 1.0), axis=1)
    rows = cumulative.transpose(0, 2, 1)[queue, days.slot[interval]]
    return np.minimum((rows < u[:, None]).sum(axis=1), len(intents.INTENTS) - 1).astype(np.int64)


def business_day_table(dates: Sequence[dt.date], off: frozenset[dt.date], most: int) -> np.ndarray:
    """Day number of the k-th business day after each day, int64, shape (D, most + 1); for k = 0 the day."""
    count = len(dates)
    business = [k for k in range(count + 4 * most) if _is_business(dates[0] + dt.timedelta(days=k), off)]
    after = np.searchsorted(business, np.arange(count), side="right")
    later = np.asarray(business)[after[:, None] + np.arange(most)[None, :]]
    return np.concatenate((np.arange(count)[:, None], later), axis=1).astype(np.int64)
