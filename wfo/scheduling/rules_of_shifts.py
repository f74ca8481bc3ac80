"""Rules about single shifts, one function each; nothing here is shared with the solver."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pandas as pd

from wfo.domain.contract import Break, StartWindow
from wfo.scheduling.rule_case import Breach, Case, Member, Segment, Shift, clock_of

HOUR = pd.Timedelta(hours=1)


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
    """A shift is as long as the contract allows, on its step; the free time of a split one does not count."""
    for member in case.members:
        rule = member.contract
        low, high = round(rule.shift_h.min * 60), round(rule.shift_h.max * 60)
        for shift in member.shifts:
            size = shift.length_min - (shift.gap.minutes if shift.gap else 0)
            if not shift.locked and not (low <= size <= high and (size - low) % rule.shift_step_min == 0):
                yield (
                    member.agent_id, shift.date,
                    f"{size} min long; allowed are {low} to {high} min in steps of {rule.shift_step_min}",
                )  # fmt: skip


def _span(part: Sequence[Segment]) -> int:
    """Minutes from the first start to the last end."""
    return round((part[-1].end - part[0].start) / pd.Timedelta(minutes=1)) if part else 0


def split_shift(case: Case) -> Iterator[Breach]:
    """A shift is split only where the contract says so: so long the parts, so long the free time between."""
    for member in case.members:
        rule = member.contract.split
        for shift in member.shifts:
            if shift.gap is None or shift.locked:
                continue
            if rule is None:
                yield member.agent_id, shift.date, "a split shift; the contract has none"
                continue
            free, parts = shift.gap.minutes / 60, [_span(p) / 60 for p in shift.parts]
            if not rule.gap_h.min - 1e-9 <= free <= rule.gap_h.max + 1e-9:
                yield (
                    member.agent_id, shift.date,
                    f"{free:g} h free inside it; allowed are {rule.gap_h.min:g} to {rule.gap_h.max:g}",
                )  # fmt: skip
            for part in parts:
                if not rule.part_h.min - 1e-9 <= part <= rule.part_h.max + 1e-9:
                    yield (
                        member.agent_id, shift.date,
                        f"a part of {part:g} h; allowed are {rule.part_h.min:g} to {rule.part_h.max:g}",
                    )  # fmt: skip


def day_hours(case: Case) -> Iterator[Breach]:
    """No day has more paid hours than the contract allows."""
    for member in case.members:
        most = member.contract.day_h
        for shift in member.shifts:
            if most is not None and not shift.locked and shift.paid_h > most + 1e-6:
                yield member.agent_id, shift.date, f"{shift.paid_h:g} paid hours; allowed are {most:g} a day"


def start_window(case: Case) -> Iterator[Breach]:
    """A shift starts in the contract's window, local time, on its step."""
    for member in case.members:
        rule = member.contract.start
        low, high = clock_of(rule.earliest), clock_of(rule.latest)
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
                    f"the locked shift at {start.tz_convert(member.zone):%H:%M} is missing",
                )


def shift_type(case: Case) -> Iterator[Breach]:
    """Where the contract names kinds of shift, every shift is of one."""
    for member in case.members:
        for shift in member.shifts:
            if member.contract.shift_types and not shift.locked and not type_name(member, shift):
                names = ", ".join(member.contract.shift_types)
                yield member.agent_id, shift.date, f"of no kind of shift the contract has ({names})"


def type_name(member: Member, shift: Shift) -> str:
    """The first kind of shift of the contract that a shift fits; empty: none."""
    start = shift.local(member.zone)
    for name, kind in member.contract.shift_types.items():
        first = clock_of(kind.earliest)
        last = first if kind.latest is None else clock_of(kind.latest)
        last += 1440 if last < first else 0
        length = kind.hours
        long = length is None or length.min * 60 <= shift.length_min <= length.max * 60
        if long and any(first <= start + day <= last for day in (0, 1440)):
            return name
    return ""


def break_count(case: Case) -> Iterator[Breach]:
    """A shift, or each part of a split one, has the contract's breaks: as many, as long, paid or not."""
    for member in case.members:
        for shift in member.shifts:
            for part in shift.parts:
                size = _span(part)
                due: list[tuple[int, bool]] = []
                for rule in member.contract.breaks.values():
                    if size > rule.over_h * 60:
                        number = int(size // (rule.per_h * 60)) if rule.per_h else 1
                        due += [(rule.minutes, rule.paid)] * number
                taken = sorted((s.minutes, s.paid) for s in part if s.kind == "break")
                if taken != sorted(due):
                    yield (
                        member.agent_id, shift.date,
                        f"breaks {_in_words(taken)}; the contract asks for {_in_words(sorted(due))}",
                    )  # fmt: skip


def _in_words(breaks: list[tuple[int, bool]]) -> str:
    return ", ".join(f"{m} min {'paid' if paid else 'unpaid'}" for m, paid in breaks) or "none"


def _of_rule(member: Member, rest: Segment) -> list[Break]:
    return [b for b in member.contract.breaks.values() if (b.minutes, b.paid) == (rest.minutes, rest.paid)]


def break_position(case: Case) -> Iterator[Breach]:
    """A break lies at least its ``after_h`` from the shift's start and end."""
    for member in case.members:
        for shift in member.shifts:
            for part in shift.parts:
                for rest in (s for s in part if s.kind == "break" and _of_rule(member, s)):
                    away = min(b.after_h for b in _of_rule(member, rest)) * HOUR
                    if rest.start < part[0].start + away or rest.end > part[-1].end - away:
                        yield (
                            member.agent_id, shift.date,
                            f"break at {rest.start:%H:%M} UTC is less than {away / HOUR:g} h from an end",
                        )  # fmt: skip


def break_window(case: Case) -> Iterator[Breach]:
    """A break with a window lies in it."""
    for member in case.members:
        for shift in member.shifts:
            for part in shift.parts:
                for rest in (s for s in part if s.kind == "break"):
                    windows = [b.window_h for b in _of_rule(member, rest)]
                    begin, end = ((side - part[0].start) / HOUR for side in (rest.start, rest.end))
                    named = [w for w in windows if w is not None]
                    inside = any(w.min - 1e-9 <= begin and end <= w.max + 1e-9 for w in named)
                    if named and len(named) == len(windows) and not inside:
                        yield (
                            member.agent_id, shift.date,
                            f"break {begin:g} to {end:g} h after the start; allowed is "
                            + " or ".join(f"{w.min:g} to {w.max:g}" for w in named),
                        )  # fmt: skip


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


def proficiency(case: Case) -> Iterator[Breach]:
    """Who is slower in a skill than the centre allows serves no queue by it alone."""
    if case.routing is None:
        return
    for member in case.members:
        if not member.slow or member.skills is None:
            continue
        for shift in member.shifts:
            for queue in sorted({q for s in shift.segments for q in s.queues}):
                able = case.routing.get(queue, frozenset()) & member.skills
                if able and able <= member.slow:
                    names = ", ".join(sorted(able))
                    yield member.agent_id, shift.date, f"too slow in {names} for queue '{queue}'"


def meetings(case: Case) -> Iterator[Breach]:
    """A fixed meeting or training lies inside a shift as time off the phone, or beside it."""
    for member in case.members:
        for shift in member.shifts:
            for begin, end in member.meetings:
                if not (begin < shift.end and shift.start < end):
                    continue
                inside = shift.start <= begin and end <= shift.end
                at = [s for s in shift.segments if s.start < end and begin < s.end]
                if not shift.locked and not inside:
                    text = f"the shift cuts the meeting from {begin:%H:%M} to {end:%H:%M} UTC"
                    yield member.agent_id, shift.date, text
                elif any(s.kind in ("work", "break") for s in at):
                    yield member.agent_id, shift.date, f"not in the meeting at {begin:%H:%M} UTC, but at work"
