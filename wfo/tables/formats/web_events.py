"""Web events as Segment and RudderStack write them: page views and clicks of one visitor fold into visits.

A visit ends after 30 minutes without an event. ``identify`` events, and events that carry both ids, say which
visitor is which user.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.account import Tally
from wfo.tables.formats.moments import epoch_s, iso
from wfo.tables.formats.part import Part, PartBuilder, dig
from wfo.tables.formats.records import Record, json_records

PAUSE_S = 30 * 60
"""Silence that ends a visit, the convention of web analytics."""
_TYPES = {"page", "screen", "track", "identify", "group", "alias"}


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Fold files of events into visits: parts ``visits`` and ``identities``."""
    visits = PartBuilder(
        ("visit", "anonymousId", "userId", "started", "ended", "session_s", "page", "events", "last_event")
    )
    identities = PartBuilder(("anonymousId", "userId", "since"))
    by_visitor: dict[str, dict[str, tuple[float, Record]]] = defaultdict(dict)
    twice: list[Record] = []
    for record in json_records(files, tally, ("batch", "events")):
        fault = record.fault or _fault(record.content)
        if fault:
            for builder in (visits, identities):
                builder.refuse(record, fault)
            continue
        content = record.content
        visitor = str(content.get("anonymousId") or content.get("userId"))
        message = str(content.get("messageId") or f"{record.file}:{record.row}")
        if message in by_visitor[visitor]:
            twice.append(record)
            continue
        moment = _moment(content)
        assert moment is not None
        by_visitor[visitor][message] = (moment, record)
    for record in twice:
        for builder in (visits, identities):
            builder.refuse(record, "this messageId has come before")
    _fold(by_visitor, visits, identities)
    return {"visits": visits.part(), "identities": identities.part()}


def _moment(content: dict[str, Any]) -> float | None:
    """``timestamp`` is corrected for the visitor's clock; ``originalTimestamp`` is not."""
    return epoch_s(content.get("timestamp") or content.get("originalTimestamp"))


def _fault(content: dict[str, Any]) -> str:
    if content.get("type") not in _TYPES:
        return f"unknown type {content.get('type')}"
    if not content.get("anonymousId") and not content.get("userId"):
        return "neither anonymousId nor userId"
    return "" if _moment(content) is not None else "no timestamp with an offset"


def _fold(
    by_visitor: dict[str, dict[str, tuple[float, Record]]], visits: PartBuilder, identities: PartBuilder
) -> None:
    for visitor in sorted(by_visitor):
        events = sorted(by_visitor[visitor].values(), key=lambda e: (e[0], e[1].file, e[1].row))
        known: set[str] = set()
        visit: list[tuple[float, Record]] = []
        for event in events:
            if visit and event[0] - visit[-1][0] > PAUSE_S:
                _visit(visits, visitor, visit)
                visit = []
            visit.append(event)
            user = event[1].content.get("userId")
            if user and event[1].content.get("anonymousId") and user not in known:
                known.add(user)
                identities.add(
                    event[1], {"anonymousId": visitor, "userId": str(user), "since": iso(event[0])}
                )
            else:
                identities.lacks("an event that says nothing new of who is who")
        _visit(visits, visitor, visit)


def _visit(visits: PartBuilder, visitor: str, events: list[tuple[float, Record]]) -> None:
    contents = [record.content for _, record in events]
    named = [c for c in contents if c.get("type") in ("page", "screen")]
    user = next((str(c["userId"]) for c in contents if c.get("userId")), None)
    page = dig(named[-1], "properties.path") or dig(named[-1], "context.page.path") if named else None
    begun, ended = events[0][0], events[-1][0]
    visits.add(
        events[0][1],
        {
            "visit": f"{visitor}/{iso(begun)}",
            "anonymousId": visitor if contents[0].get("anonymousId") else None,
            "userId": user,
            "started": iso(begun),
            "ended": iso(ended),
            "session_s": ended - begun,
            "page": page or (named[-1].get("name") if named else None),
            "events": len(events),
            "last_event": next((c["event"] for c in reversed(contents) if c.get("event")), None),
        },
        behind=len(events),
    )
