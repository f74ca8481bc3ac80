"""What the published weeks before, and the contract's own weeks, leave of a week's choices."""

import datetime as dt
import math
from collections import Counter

from wfo.domain.contract import Contract
from wfo.scheduling.day_rules import DayRules, Past
from wfo.scheduling.leave import usual_hours
from wfo.scheduling.people import WeekAgent
from wfo.scheduling.shifts import Kind, local_min, type_of

_WEEK = dt.timedelta(days=7)
ANY_TYPE = -1
"""All kinds of shift, as bits."""


def day_rules(person: WeekAgent, kind: Kind, counts: frozenset[int]) -> DayRules:
    """The contract's rules about whole days, with the days the week may have."""
    rule, first = person.contract, kind.days[0].weekday()
    limits: dict[str, object] = {}
    if rule.max_days_off_in_row is not None:
        limits["off_max"] = rule.max_days_off_in_row
    if rule.weekends is not None:
        limits |= {"worked": rule.weekends.worked, "of": rule.weekends.of, "whole": rule.weekends.whole}
    return DayRules(
        counts, rule.min_days_in_row, rule.max_days_in_row, rule.min_days_off_in_row,
        weekend=tuple(sorted((d - first) % 7 for d in person.weekend)),
        first=(person.weekend[0] - first) % 7, **limits,  # type: ignore[arg-type]
    )  # fmt: skip


def past_of(person: WeekAgent, rules: DayRules, first: dt.date) -> Past:
    """Runs and weekends up to the week's first day; nothing is known where nothing has been published."""
    dates = {shift.date for shift in person.before}
    if not dates:
        return Past()
    on = off = idle = 0
    while first - dt.timedelta(days=on + 1) in dates:
        on += 1
    if not on:
        off = (first - max(dates)).days - 1
        gone = [first - dt.timedelta(days=n + 1) for n in range(off)]
        idle = min(
            sum(day not in person.leave_before for day in gone), person.contract.max_days_off_in_row or 0
        )
    weekend, begun = 0, -1
    start = first + dt.timedelta(days=rules.first - 7)
    if rules.straddles:
        begun = int(
            _weekend_worked(start, rules, dates & {first - dt.timedelta(days=n) for n in range(1, 7)})
        )
        start -= _WEEK
    for n in range(max(0, rules.of - 1)):
        weekend |= int(_weekend_worked(start - n * _WEEK, rules, dates)) << n
    return Past(on, off, idle, weekend, begun)


def _weekend_worked(start: dt.date, rules: DayRules, dates: set[dt.date]) -> bool:
    return any(start + dt.timedelta(days=n) in dates for n in range(len(rules.weekend)))


def paid_hours(person: WeekAgent, first: dt.date) -> tuple[float, float]:
    """Paid hours the week may have: the usual ones, voluntary time off and overtime, within the period."""
    low, high = usual_hours(person.contract, person.days_off)
    low = max(0.0, low - person.contract.voluntary_time_off_h)
    if person.contract.overtime is not None and high > 0.0:
        high += person.contract.overtime.max_h
    period = person.contract.period
    if period is not None:
        weeks = [_hours_of(person, first - n * _WEEK) for n in range(1, period.weeks)]
        for ahead in range(period.weeks):
            known = sum(weeks[: period.weeks - 1 - ahead])
            high = min(high, period.max_h - known - ahead * person.contract.week_h.min)
    return low, high


def _hours_of(person: WeekAgent, first: dt.date) -> float:
    """Published paid hours of the seven days from a date."""
    return sum(s.paid_min for s in person.before if first <= s.date < first + _WEEK) / 60


def days_for_hours(
    low: float, high: float, lengths: list[float], least: float, most: float
) -> frozenset[int]:
    """Numbers of days that shifts of some paid hours can fill to a range of hours."""
    if not lengths:
        return frozenset({0}) if least <= 0 and low <= 0 else frozenset()
    return frozenset(
        n
        for n in range(8)
        if least <= n <= most and n * min(lengths) <= high + 1e-9 and n * max(lengths) >= low - 1e-9
    )


def last_type(person: WeekAgent, first: dt.date) -> int:
    """Kind of the published shift on the day before the week; 0: none."""
    if not person.before or person.before[-1].date != first - dt.timedelta(days=1):
        return 0
    return max(0, _type(person, len(person.before) - 1))


def _type(person: WeekAgent, n: int) -> int:
    shift = person.before[n]
    clock = shift.begin - local_min(shift.date, 0, person.zone)
    return type_of(person.contract, clock, shift.end - shift.begin)


def week_choices(person: WeekAgent, first: dt.date) -> list[int]:
    """Kinds of shift the week may have, as bits; one holds. Rotation goes on from the last week worked.

    Without a published week it may begin with any of its kinds.
    """
    turn, names = person.contract.rotation, list(person.contract.shift_types)
    if not turn:
        return [ANY_TYPE]
    places = set(range(len(turn)))
    if person.before:
        ago = math.ceil((first - person.before[-1].date).days / 7)
        begin = first - ago * _WEEK
        types = [_type(person, n) for n, s in enumerate(person.before) if begin <= s.date < begin + _WEEK]
        most = Counter(t for t in types if t > 0).most_common(1)
        worked = names[most[0][0] - 1] if most else None
        places = {(n + ago) % len(turn) for n, name in enumerate(turn) if name == worked} or places
    return [1 | 1 << (names.index(name) + 1) for name in sorted({turn[n] for n in places})]


def contract_days(contract: Contract, lengths: list[float]) -> frozenset[int]:
    """Days of an ordinary week of the contract."""
    over = contract.overtime.max_h if contract.overtime else 0.0
    low, high = contract.week_h.min - contract.voluntary_time_off_h, contract.week_h.max + over
    return days_for_hours(low, high, lengths, contract.days.min, contract.days.max)
