"""What each kind of request changes in the plan; one function a kind.

A function gets the plan under revision and one request, and returns the `Proposal` that would meet it, or
says in words why there is none.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.scheduling.revision import Revision
from wfo.scheduling.shift_rows import (
    Record,
    Span,
    build_shift,
    cut_leave,
    parts_of,
    place_breaks,
    shifts_of,
    span_of,
)
from wfo.timegrid import from_epoch_min, local_midnight


@dataclass(frozen=True)
class Request:
    """One request; instants in minutes since the epoch."""

    request_id: str
    agent_id: str
    kind: str
    begin: int
    end: int
    with_agent: str
    received: int


@dataclass(frozen=True)
class Proposal:
    """What a request would change.

    Attributes
    ----------
    changes : mapping of str to list of Record
        New weeks by agent.
    absences : DataFrame or None
        Rows of ``availability`` that come with it.
    days : tuple of date
        Local days of leave, for the allowance.
    note : str
        What it does beside what was asked for.
    """

    changes: Mapping[str, list[Record]]
    absences: pd.DataFrame | None = None
    days: tuple[dt.date, ...] = ()
    note: str = ""


class NotPossible(Exception):
    """There is no such change; the text says why."""


def time_off(revision: Revision, request: Request) -> Proposal:
    """Leave: shifts wholly inside are given up and paid as leave, of others the part inside is."""
    return _leave(revision, request, paid=True)


def voluntary_time_off(revision: Revision, request: Request) -> Proposal:
    """Unpaid leave: shifts wholly inside are given up, of others the part inside."""
    return _leave(revision, request, paid=False)


def _leave(revision: Revision, request: Request, *, paid: bool) -> Proposal:
    agent, begin, end = request.agent_id, request.begin, request.end
    week, absences, days = leave_of(revision, agent, begin, end, name=request.kind, paid=paid)
    if not paid and not days:
        raise NotPossible("there is no work planned then")
    if not days:
        days = _days(revision, agent, begin, end)
    lost = any(r["kind"] == Kind.OFF_PHONE.value and r not in week for r in revision.records[agent])
    note = "an activity planned then falls out" if lost else ""
    # unpaid leave of one's own wish is no leave in the sense of the allowance
    return Proposal({agent: week}, absences if paid else None, days if paid else (), note)


def leave_of(
    revision: Revision, agent: str, begin: int, end: int, *, name: str, paid: bool
) -> tuple[list[Record], pd.DataFrame, tuple[dt.date, ...]]:
    """An agent's week without the work of a span.

    Shifts wholly inside are given up; of others the part inside becomes leave and stays in the shift.

    Returns
    -------
    week : list of Record
    absences : DataFrame
        One row of ``availability``; where paid, it covers the local days of shifts given up, which makes them
        days of leave for the rules.
    days : tuple of date
        Days of shifts that it touches.
    """
    first_min, last_min, out, days = begin, end, list[Record](), set[dt.date]()
    for shift in shifts_of(revision.records[agent]).values():
        first, last = span_of(shift)
        if not any(a < end and begin < b for a, b in parts_of(shift)):
            out += shift
            continue
        day = shift[0]["schedule_date"]
        days.add(day)
        if first < begin or end < last:
            out += cut_leave(shift, begin, end, name=name, paid=paid)
        elif paid:
            zone = revision.agents[agent].zone.key
            edges = (local_midnight(day + dt.timedelta(days=n), zone) for n in (0, 1))
            midnight, next_one = (int(edge.timestamp()) // 60 for edge in edges)
            first_min, last_min = min(first_min, midnight), max(last_min, next_one)
    return out, _absence(agent, first_min, last_min, paid), tuple(sorted(days))


def extra_hours(revision: Revision, request: Request) -> Proposal:
    """More work: a shift that the span touches grows by it, elsewhere it is a shift of its own.

    Where the contract has split shifts, hours apart from a shift of the day are its other part.
    """
    agent = request.agent_id
    out, inside = _grown_by(revision, request)
    old = parts_of(inside) if inside else ()
    parts = _united([*old, (request.begin, request.end)])
    if parts == old:
        raise NotPossible("the agent works then already")
    if len(parts) > 2:
        raise NotPossible("the shift would have three parts; ask for hours that touch one of its two")
    date = inside[0]["schedule_date"] if inside else revision.local(agent, request.begin).date()
    kept = [r for r in inside if r["kind"] in (Kind.OFF_PHONE.value, Kind.TIME_OFF.value)]
    new = rebuilt(revision, agent, date, parts, kept)
    if new is None:
        raise NotPossible(f"the breaks of a shift of {_hours(parts):g} h do not fit")
    return Proposal({agent: out + new})


def _grown_by(revision: Revision, request: Request) -> tuple[list[Record], list[Record]]:
    """The agent's other shifts, and the one that more hours belong to; none where they stand alone."""
    shifts = list(shifts_of(revision.records[request.agent_id]).values())
    spans = [span_of(shift) for shift in shifts]
    at = [n for n, (a, b) in enumerate(spans) if a <= request.end and request.begin <= b]
    if len(at) > 1:
        raise NotPossible("the hours touch two shifts; ask for them one by one")
    if not at:
        date = revision.local(request.agent_id, request.begin).date()
        at = [n for n, shift in enumerate(shifts) if shift[0]["schedule_date"] == date][:1]
        if at and revision.agents[request.agent_id].contract.split is None:
            raise NotPossible("there is a shift on that day already; ask for hours that touch it")
    others = [r for n, shift in enumerate(shifts) if n not in at for r in shift]
    return others, shifts[at[0]] if at else []


def _united(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch as one."""
    out: list[Span] = []
    for begin, end in sorted(spans):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((begin, end))
    return tuple(out)


def _hours(parts: Sequence[Span]) -> float:
    return sum(b - a for a, b in parts) / 60


def swap(revision: Revision, request: Request) -> Proposal:
    """Two agents exchange their shifts that begin in the span; who has none takes over the other's."""
    pair = (request.agent_id, request.with_agent)
    given = {agent: _beginning_in(revision, agent, request.begin, request.end) for agent in pair}
    if not any(given.values()):
        raise NotPossible("neither of the two begins a shift then")
    shapes = [sorted(parts_of(s) for s in given[agent].values()) for agent in pair]
    if shapes[0] == shapes[1]:
        raise NotPossible("both have the same shift then: a swap would change nothing")
    changes, lost = {}, False
    for agent, other in (pair, pair[::-1]):
        own = [
            r for name, s in shifts_of(revision.records[agent]).items() if name not in given[agent] for r in s
        ]
        for shift in given[other].values():
            parts = parts_of(shift)
            date = revision.local(agent, parts[0][0]).date()
            lost = lost or any(r["kind"] == Kind.OFF_PHONE.value for r in shift)
            if any(r["kind"] == Kind.TIME_OFF.value for r in shift):
                raise NotPossible(f"part of {other}'s shift on {date:%a %d %b} is leave")
            new = rebuilt(revision, agent, date, parts, ())
            if new is None:
                raise NotPossible(
                    f"the breaks of {agent}'s contract do not fit a shift of {_hours(parts):g} h"
                )
            own += new
        changes[agent] = own
    return Proposal(changes, note="activities planned in these shifts fall out" if lost else "")


def rebuilt(
    revision: Revision, agent: str, date: dt.date, parts: Sequence[Span], kept: Sequence[Record]
) -> list[Record] | None:
    """A shift of an agent, whole or split, with breaks where they cost least; None where they do not fit."""
    who, value = revision.agents[agent], revision.value
    taken = [(r["start"], r["end"]) for r in kept]
    rests = place_breaks(who.contract, parts, value.slot_min, revision.price(agent, date), taken)
    if rests is None:
        return None
    span = (parts[0][0], parts[-1][1])
    return build_shift(agent, date, span, rests, site=who.site, queues=value.queues_of[agent], kept=kept)


def _beginning_in(revision: Revision, agent: str, begin: int, end: int) -> dict[str, list[Record]]:
    shifts = shifts_of(revision.records[agent])
    return {name: s for name, s in shifts.items() if begin <= span_of(s)[0] < end}


def _days(revision: Revision, agent: str, begin: int, end: int) -> tuple[dt.date, ...]:
    first, last = (revision.local(agent, m).date() for m in (begin, end - 1))
    return tuple(first + dt.timedelta(days=n) for n in range((last - first).days + 1))


def _absence(agent: str, begin: int, end: int, paid: bool) -> pd.DataFrame:
    start, stop = (from_epoch_min(np.array([minute])) for minute in (begin, end))
    kind = "time_off" if paid else "unavailable"
    frame = pd.DataFrame({"agent_id": [agent], "start": start, "end": stop, "kind": [kind], "paid": [paid]})
    return frame.astype({"agent_id": "str", "kind": "str"})


KINDS: Mapping[str, Callable[[Revision, Request], Proposal]] = {
    rule.__name__: rule for rule in (time_off, voluntary_time_off, extra_hours, swap)
}
"""Every kind of request by name."""
