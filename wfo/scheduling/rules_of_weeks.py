"""Rules about an agent's days and weeks, one function each; nothing here is shared with the solver."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pandas as pd

from wfo.scheduling.rule_case import Breach, Case, Member, clock_of
from wfo.scheduling.rules_of_shifts import HOUR, type_name

_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(days=7)
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _leave(member: Member, days: tuple[dt.date, ...]) -> list[dt.date]:
    """Days on which one time off covers every allowed start."""
    rule = member.contract.start
    found = []
    for day in days:
        midnight = dt.datetime.combine(day, dt.time())
        first = pd.Timestamp(midnight + dt.timedelta(minutes=clock_of(rule.earliest)), tz=member.zone)
        over = clock_of(rule.latest) < clock_of(rule.earliest)
        last = pd.Timestamp(midnight + dt.timedelta(days=over, minutes=clock_of(rule.latest)), tz=member.zone)
        if any(kind == "time_off" and a <= first and last < b for a, b, kind in member.absences):
            found.append(day)
    return found


def _days_off(member: Member, days: tuple[dt.date, ...]) -> int:
    """Days of leave that count; at most the contract's days."""
    return min(len(_leave(member, days)), round(member.contract.days.max))


def _hours_range(member: Member, case: Case) -> tuple[float, float]:
    """Usual paid hours of the week: days of leave take their share, with a shift step of room."""
    off = _days_off(member, case.days)
    share = 1 - off / max(1.0, member.contract.days.max)
    room = member.contract.shift_step_min / 60 if off else 0.0
    low = max(0.0, member.contract.week_h.min * share - room)
    return low, member.contract.week_h.max * share + (room if share > 0 else 0.0)


def _paid(member: Member) -> float:
    return sum(shift.paid_h for shift in member.shifts)


def week_hours(case: Case) -> Iterator[Breach]:
    """Paid hours of the week lie in the contract's range, where it knows no overtime or voluntary time off.

    Beside time off, one shift step of room is given on both sides: fixed hours could not be met exactly.
    """
    for member in case.members:
        (low, high), paid = _hours_range(member, case), _paid(member)
        short = paid < low - 1e-6 and not member.contract.voluntary_time_off_h
        if short or (paid > high + 1e-6 and member.contract.overtime is None):
            yield member.agent_id, None, f"{paid:g} paid hours in the week; {_allowed(low, high)}"


def overtime(case: Case) -> Iterator[Breach]:
    """Hours above the week's range are no more than the contract's overtime."""
    for member in case.members:
        rule, paid = member.contract.overtime, _paid(member)
        over = paid - _hours_range(member, case)[1]
        if rule is not None and over > rule.max_h + 1e-6:
            yield member.agent_id, None, f"{over:g} h of overtime in the week; allowed are {rule.max_h:g}"


def voluntary_time_off(case: Case) -> Iterator[Breach]:
    """Hours below the week's range are no more than the contract lets the planner give away."""
    for member in case.members:
        most, under = member.contract.voluntary_time_off_h, _hours_range(member, case)[0] - _paid(member)
        if most and under > most + 1e-6:
            yield member.agent_id, None, f"{under:g} h below the week's hours; allowed are {most:g}"


def period_hours(case: Case) -> Iterator[Breach]:
    """Paid hours of so many weeks in a row, the published ones before included, are no more than allowed."""
    for member in case.members:
        rule = member.contract.period
        if rule is None or not case.days:
            continue
        first = case.days[0] - (rule.weeks - 1) * _WEEK
        total = _paid(member) + sum(s.paid_h for s in member.before if s.date >= first)
        if total > rule.max_h + 1e-6:
            text = f"{total:g} paid hours in {rule.weeks} weeks; allowed are {rule.max_h:g}"
            yield member.agent_id, None, text


def _allowed(low: float, high: float) -> str:
    return f"allowed are {low:g}" if low == high else f"allowed are {low:g} to {high:g}"


def days_worked(case: Case) -> Iterator[Breach]:
    """Days worked in the week lie in the contract's range, less days of time off."""
    for member in case.members:
        off = _days_off(member, case.days)
        low, high = member.contract.days.min - off, member.contract.days.max - off
        number = len({shift.date for shift in member.shifts})
        if not low <= number <= max(0.0, high):
            yield (
                member.agent_id,
                None,
                f"{number} days worked; {_allowed(max(0, low), max(0, high))}",
            )


def rest(case: Case) -> Iterator[Breach]:
    """The contract's rest lies between shifts, the published ones before included."""
    for member in case.members:
        for one, shift in pairwise((*member.before[-1:], *member.shifts)):
            if shift.start < one.end + member.contract.rest_h * HOUR:
                got = (shift.start - one.end) / HOUR
                yield (
                    member.agent_id,
                    shift.date,
                    f"{got:g} h of rest before the shift; needed are {member.contract.rest_h:g}",
                )


def _runs(days: list[dt.date], chosen: set[dt.date]) -> Iterator[list[dt.date]]:
    """Days in a row that are chosen, each run whole."""
    run: list[dt.date] = []
    for day in days:
        if day in chosen:
            run.append(day)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _known(member: Member, case: Case) -> tuple[list[dt.date], set[dt.date]]:
    """Every day from the first published shift (or the week's first day) to the week's last; days worked."""
    worked = {s.date for s in (*member.before, *member.shifts)}
    first = min([s.date for s in member.before] + [case.days[0]]) if case.days else None
    days = [first + n * _DAY for n in range((case.days[-1] - first).days + 1)] if first else []
    return days, worked


def days_in_row(case: Case) -> Iterator[Breach]:
    """Not more days in a row than the contract allows, nor fewer, the published ones before included."""
    for member in case.members:
        rule, (days, worked) = member.contract, _known(member, case)
        for run in _runs(days, worked):
            ends = run[-1] < days[-1]
            if run[-1] >= case.days[0] and len(run) > rule.max_days_in_row:
                text = f"{len(run)} days in a row; allowed are {rule.max_days_in_row}"
                yield member.agent_id, run[-1], text
            if ends and run[-1] + _DAY >= case.days[0] and len(run) < rule.min_days_in_row:
                text = f"{len(run)} days in a row only; at least {rule.min_days_in_row} are asked for"
                yield member.agent_id, run[-1], text


def days_off_in_row(case: Case) -> Iterator[Breach]:
    """Not fewer days off in a row than the contract asks for, nor, days of leave not counted, more."""
    for member in case.members:
        rule, (days, worked) = member.contract, _known(member, case)
        leave = member.leave_before | set(_leave(member, case.days))
        for run in _runs(days, set(days) - worked):
            ends = run[-1] < days[-1]
            begins = run[0] > days[0]  # before the first day known there may be more
            if begins and ends and run[-1] + _DAY >= case.days[0] and len(run) < rule.min_days_off_in_row:
                text = f"{len(run)} days off in a row only; at least {rule.min_days_off_in_row} are asked for"
                yield member.agent_id, run[-1], text
            most, idle = rule.max_days_off_in_row, [d for d in run if d not in leave]
            if most is not None and idle and idle[-1] >= case.days[0] and len(idle) > most:
                yield member.agent_id, idle[-1], f"{len(idle)} days off in a row; allowed are {most}"


def _starts(case: Case, dates: Iterable[dt.date]) -> set[dt.date]:
    """First days of the weekends that dates fall on."""
    first = _NAMES.index(case.centre.weekend[0])
    away = [(d, (d.weekday() - first) % 7) for d in dates]
    return {d - n * _DAY for d, n in away if n < len(case.centre.weekend)}


def weekends(case: Case) -> Iterator[Breach]:
    """At most ``worked`` of any ``of`` weekends in a row have work, the published ones before included."""
    for member in case.members:
        rule = member.contract.weekends
        if rule is None:
            continue
        before = _starts(case, (s.date for s in member.before))
        now = _starts(case, (s.date for s in member.shifts))
        for start in sorted(now - before):
            window = [start - n * _WEEK for n in range(rule.of)]
            count = sum(day in before | now for day in window)
            if count > rule.worked:
                yield (
                    member.agent_id,
                    start,
                    f"{count} of {rule.of} weekends in a row worked; allowed are {rule.worked}",
                )


def whole_weekends(case: Case) -> Iterator[Breach]:
    """A weekend is worked on all of its days or on none, where the contract asks for it."""
    for member in case.members:
        if member.contract.weekends is None or not member.contract.weekends.whole:
            continue
        days, worked = _known(member, case)
        for start in sorted(_starts(case, (s.date for s in member.shifts)) | _starts(case, case.days)):
            weekend = [start + n * _DAY for n in range(len(case.centre.weekend))]
            known = [d for d in weekend if d in days]
            here = [d for d in known if d in worked]
            if here and len(here) < len(known) and known[-1] >= case.days[0]:
                yield member.agent_id, start, f"{len(here)} of {len(known)} days of the weekend worked"


def succession(case: Case) -> Iterator[Breach]:
    """A kind of shift does not follow the kinds it may not follow, the published day before included."""
    for member in case.members:
        for one, shift in pairwise((*member.before[-1:], *member.shifts)):
            if shift.date - one.date != _DAY or shift.locked:
                continue
            earlier, later = type_name(member, one), type_name(member, shift)
            if later in member.contract.not_after.get(earlier, ()):
                yield member.agent_id, shift.date, f"{later} on the day after {earlier}"


def rotation(case: Case) -> Iterator[Breach]:
    """A week's shifts are of one kind, the one whose turn it is after the last published week worked."""
    for member in case.members:
        turn = member.contract.rotation
        types = {type_name(member, s) for s in member.shifts if not s.locked}
        if not turn or not types:
            continue
        due = set(turn)
        if member.before:
            ago = -(-(case.days[0] - member.before[-1].date).days // 7)
            first = case.days[0] - ago * _WEEK
            kinds = [type_name(member, s) for s in member.before if first <= s.date < first + _WEEK]
            last = [k for k in kinds if k]
            if last and Counter(last).most_common(1)[0][0] in turn:
                name = Counter(last).most_common(1)[0][0]
                due = {turn[(n + ago) % len(turn)] for n, kind in enumerate(turn) if kind == name}
        if len(types) > 1 or not types <= due:
            found, allowed = ", ".join(sorted(types)), " or ".join(sorted(due))
            yield member.agent_id, None, f"the week's shifts are {found}; its turn is {allowed}"


def start_variance(case: Case) -> Iterator[Breach]:
    """The starts of a week lie no further apart than allowed; 0 is the same start on all days."""
    for member in case.members:
        if any(s.locked for s in member.shifts):
            continue
        most = min(case.spread_min, member.contract.start.variance_min or 24 * 60)
        if member.contract.start.variance_min == 0:
            most = 0
        starts = [s.local(member.zone) for s in member.shifts]
        if starts and max(starts) - min(starts) > most:
            text = f"starts lie {max(starts) - min(starts)} min apart; allowed are {most}"
            yield member.agent_id, None, text
