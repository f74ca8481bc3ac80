"""The rules a schedule must keep, one function each; nothing here is shared with the solver.

A rule reads a `Case` and yields ``(agent_id, date or None, message)`` for every breach.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from wfo.domain.centre import Centre
from wfo.domain.contract import Contract, StartWindow

Breach = tuple[str, dt.date | None, str]
_HOUR = pd.Timedelta(hours=1)
_MINUTE = pd.Timedelta(minutes=1)


class Segment(NamedTuple):
    """One row of a schedule."""

    start: pd.Timestamp
    end: pd.Timestamp
    kind: str
    paid: bool
    locked: bool
    queues: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return round((self.end - self.start) / _MINUTE)


@dataclass(frozen=True)
class Shift:
    """One shift: its segments in order, its local date."""

    agent_id: str
    date: dt.date
    segments: tuple[Segment, ...]

    @property
    def start(self) -> pd.Timestamp:
        """First instant."""
        return min(s.start for s in self.segments)

    @property
    def end(self) -> pd.Timestamp:
        """First instant after it."""
        return max(s.end for s in self.segments)

    @property
    def locked(self) -> bool:
        """Whether it was fixed beforehand."""
        return all(s.locked for s in self.segments)

    @property
    def length_min(self) -> int:
        """Minutes from start to end."""
        return round((self.end - self.start) / _MINUTE)

    @property
    def paid_h(self) -> float:
        """Paid hours."""
        return sum(s.minutes for s in self.segments if s.paid) / 60

    @property
    def breaks(self) -> tuple[Segment, ...]:
        """Segments that are breaks."""
        return tuple(s for s in self.segments if s.kind == "break")


@dataclass(frozen=True)
class Member:
    """One agent as the rules see him."""

    agent_id: str
    contract: Contract
    zone: ZoneInfo
    shifts: tuple[Shift, ...]
    before: tuple[tuple[dt.date, pd.Timestamp], ...]
    """Dates and ends of the published shifts before, in order."""
    absences: tuple[tuple[pd.Timestamp, pd.Timestamp, str], ...]
    available: tuple[tuple[pd.Timestamp, pd.Timestamp], ...]
    locked: tuple[tuple[pd.Timestamp, pd.Timestamp], ...]
    skills: frozenset[str] | None


@dataclass(frozen=True)
class Case:
    """A schedule with what it is checked against."""

    centre: Centre
    members: tuple[Member, ...]
    days: tuple[dt.date, ...]
    unknown: tuple[tuple[str, dt.date], ...] = ()
    routing: dict[str, frozenset[str]] | None = None
    """Skills that may serve a queue."""


def _clock_min(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def known_agents(case: Case) -> Iterator[Breach]:
    """Every scheduled agent exists."""
    for agent, date in case.unknown:
        yield agent, date, f"agent '{agent}' is not in 'agents'"


def partition(case: Case) -> Iterator[Breach]:
    """A shift's segments follow each other without gap or overlap, and have a length."""
    for member in case.members:
        for shift in member.shifts:
            if any(s.end <= s.start for s in shift.segments):
                yield member.agent_id, shift.date, "a segment ends before it starts"
            for one, other in pairwise(shift.segments):
                if one.end != other.start:
                    word = "overlap" if other.start < one.end else "leave a gap"
                    yield member.agent_id, shift.date, f"segments {word} at {other.start:%H:%M} UTC"


def one_shift_a_day(case: Case) -> Iterator[Breach]:
    """At most one shift a local day, dated by its start, shifts do not overlap."""
    for member in case.members:
        seen: set[dt.date] = set()
        for shift in member.shifts:
            local = shift.start.tz_convert(member.zone).date()
            if local != shift.date:
                yield member.agent_id, shift.date, f"the shift starts on {local}, not on its schedule_date"
            if shift.date in seen:
                yield member.agent_id, shift.date, "a second shift on one day"
            seen.add(shift.date)


def shift_length(case: Case) -> Iterator[Breach]:
    """A shift is as long as the contract allows, on its step."""
    for member in case.members:
        rule = member.contract
        low, high = round(rule.shift_h.min * 60), round(rule.shift_h.max * 60)
        for shift in member.shifts:
            size = shift.length_min
            if not shift.locked and not (low <= size <= high and (size - low) % rule.shift_step_min == 0):
                yield (
                    member.agent_id, shift.date,
                    f"{size} min long; allowed are {low} to {high} min in steps of {rule.shift_step_min}",
                )  # fmt: skip


def start_window(case: Case) -> Iterator[Breach]:
    """A shift starts in the contract's window, local time, on its step."""
    for member in case.members:
        rule = member.contract.start
        low, high = _clock_min(rule.earliest), _clock_min(rule.latest)
        high += 24 * 60 if high < low else 0
        for shift in member.shifts:
            local = shift.start.tz_convert(member.zone)
            minute = local.hour * 60 + local.minute
            minute += 24 * 60 if minute < low and high >= 24 * 60 else 0
            if not shift.locked and not (low <= minute <= high and (minute - low) % rule.step_min == 0):
                yield (
                    member.agent_id, shift.date,
                    f"starts at {local:%H:%M}; allowed is {_window(rule)}",
                )  # fmt: skip


def _window(rule: StartWindow) -> str:
    return f"{rule.earliest} to {rule.latest} every {rule.step_min} min"


def locked_shifts(case: Case) -> Iterator[Breach]:
    """A locked shift stands as it was fixed."""
    for member in case.members:
        for start, end in member.locked:
            if start.tz_convert(member.zone).date() in case.days and not any(
                s.start == start and s.end == end for s in member.shifts
            ):
                yield (
                    member.agent_id,
                    start.tz_convert(member.zone).date(),
                    f"the locked shift at {start:%H:%M} UTC is missing",
                )


def break_count(case: Case) -> Iterator[Breach]:
    """A shift has the contract's breaks: as many, as long, paid or not."""
    for member in case.members:
        for shift in member.shifts:
            due: list[tuple[int, bool]] = []
            for rule in member.contract.breaks.values():
                if shift.length_min > rule.over_h * 60:
                    number = int(shift.length_min // (rule.per_h * 60)) if rule.per_h else 1
                    due += [(rule.minutes, rule.paid)] * number
            taken = sorted((rest.minutes, rest.paid) for rest in shift.breaks)
            if taken != sorted(due):
                yield (
                    member.agent_id,
                    shift.date,
                    f"breaks {_in_words(taken)}; the contract asks for {_in_words(sorted(due))}",
                )


def _in_words(breaks: list[tuple[int, bool]]) -> str:
    return ", ".join(f"{m} min {'paid' if paid else 'unpaid'}" for m, paid in breaks) or "none"


def break_position(case: Case) -> Iterator[Breach]:
    """A break lies at least its ``after_h`` from the shift's start and end."""
    for member in case.members:
        for shift in member.shifts:
            for rest in shift.breaks:
                rules = member.contract.breaks.values()
                fitting = [b for b in rules if b.minutes == rest.minutes and b.paid == rest.paid]
                if not fitting:
                    continue
                away = min(b.after_h for b in fitting) * _HOUR
                if rest.start < shift.start + away or rest.end > shift.end - away:
                    yield (
                        member.agent_id, shift.date,
                        f"break at {rest.start:%H:%M} UTC is less than {away / _HOUR:g} h from an end",
                    )  # fmt: skip


def _days_off(member: Member, days: tuple[dt.date, ...]) -> int:
    """Days on which one time off covers every allowed start; at most the contract's days."""
    rule = member.contract.start
    count = 0
    for day in days:
        midnight = dt.datetime.combine(day, dt.time())
        first = pd.Timestamp(midnight + dt.timedelta(minutes=_clock_min(rule.earliest)), tz=member.zone)
        over = _clock_min(rule.latest) < _clock_min(rule.earliest)
        last = pd.Timestamp(
            midnight + dt.timedelta(days=over, minutes=_clock_min(rule.latest)), tz=member.zone
        )
        count += any(kind == "time_off" and a <= first and last < b for a, b, kind in member.absences)
    return min(count, round(member.contract.days.max))


def week_hours(case: Case) -> Iterator[Breach]:
    """Paid hours of the week lie in the contract's range; days of time off take their share.

    Beside time off, one shift step of room is given on both sides: fixed hours could not be met exactly.
    """
    for member in case.members:
        off = _days_off(member, case.days)
        share = 1 - off / max(1.0, member.contract.days.max)
        room = member.contract.shift_step_min / 60 if off else 0.0
        low = max(0.0, member.contract.week_h.min * share - room)
        high = member.contract.week_h.max * share + (room if share > 0 else 0.0)
        paid = sum(shift.paid_h for shift in member.shifts)
        if not low - 1e-6 <= paid <= high + 1e-6:
            yield member.agent_id, None, f"{paid:g} paid hours in the week; allowed are {low:g} to {high:g}"


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
                f"{number} days worked; allowed are {max(0, low):g} to {max(0, high):g}",
            )


def rest(case: Case) -> Iterator[Breach]:
    """The contract's rest lies between shifts, the published ones before included."""
    for member in case.members:
        ends = [end for _, end in member.before[-1:]]
        for shift in member.shifts:
            if ends and shift.start < ends[-1] + member.contract.rest_h * _HOUR:
                got = (shift.start - ends[-1]) / _HOUR
                yield (
                    member.agent_id,
                    shift.date,
                    f"{got:g} h of rest before the shift; needed are {member.contract.rest_h:g}",
                )
            ends.append(shift.end)


def days_in_row(case: Case) -> Iterator[Breach]:
    """Not more days in a row than the contract allows, the published ones before included."""
    for member in case.members:
        now = {shift.date for shift in member.shifts}
        worked = now | {date for date, _ in member.before}
        for date in sorted(now):
            count = 1
            while date - dt.timedelta(days=count) in worked:
                count += 1
            if count > member.contract.max_days_in_row:
                yield (
                    member.agent_id,
                    date,
                    f"day {count} in a row; allowed are {member.contract.max_days_in_row}",
                )


def _saturdays(dates: Iterable[dt.date]) -> set[dt.date]:
    """Saturdays of the weekends that dates fall on."""
    return {d - dt.timedelta(days=d.weekday() - 5) for d in dates if d.weekday() >= 5}


def weekends(case: Case) -> Iterator[Breach]:
    """At most ``worked`` of any ``of`` weekends in a row have work, the published ones before included."""
    for member in case.members:
        rule = member.contract.weekends
        if rule is None:
            continue
        before = _saturdays(date for date, _ in member.before)
        now = _saturdays(shift.date for shift in member.shifts)
        for saturday in sorted(now - before):
            window = [saturday - dt.timedelta(weeks=n) for n in range(rule.of)]
            count = sum(day in before | now for day in window)
            if count > rule.worked:
                yield (
                    member.agent_id,
                    saturday,
                    f"{count} of {rule.of} weekends in a row worked; allowed are {rule.worked}",
                )


def absences(case: Case) -> Iterator[Breach]:
    """No shift overlaps unavailability or time off, and none leaves declared availability."""
    for member in case.members:
        for shift in member.shifts:
            for start, end, kind in member.absences:
                at_work = (s for s in shift.segments if s.kind in ("work", "off_phone"))
                if any(start < s.end and s.start < end for s in at_work):
                    yield (
                        member.agent_id,
                        shift.date,
                        f"the shift overlaps {kind} from {start:%Y-%m-%d %H:%M} UTC",
                    )
            inside = any(a <= shift.start and shift.end <= b for a, b in member.available)
            if member.available and not inside and not shift.locked:
                yield member.agent_id, shift.date, "the shift lies outside the declared availability"


def skills(case: Case) -> Iterator[Breach]:
    """Queues of work segments are queues that the agent's skills may serve."""
    if case.routing is None:
        return
    for member in case.members:
        if member.skills is None:
            continue
        for shift in member.shifts:
            named = {q for s in shift.segments for q in s.queues}
            for queue in sorted(named):
                if not case.routing.get(queue, frozenset()) & member.skills:
                    yield member.agent_id, shift.date, f"no skill for queue '{queue}'"


RULES: dict[str, Callable[[Case], Iterator[Breach]]] = {
    rule.__name__: rule
    for rule in (
        known_agents, partition, one_shift_a_day, shift_length, start_window, locked_shifts, break_count,
        break_position, week_hours, days_worked, rest, days_in_row, weekends, absences, skills,
    )
}  # fmt: skip
"""Every rule by name."""
