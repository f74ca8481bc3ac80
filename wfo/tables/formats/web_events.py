"""Web events as Segment and RudderStack write them: page views and clicks of one visitor fold into visits.

A visit ends after 30 minutes without an event, or where another user logs in. ``identify`` events, and
events that carry both ids, say which visitor is which user: the visitor's past is that user's too, as the
sources have it, and stays so until another user logs in there. ``alias`` events join two ids of one person.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    identities = PartBuilder(("id", "id_type", "other", "other_type", "since", "until", "evidence"))
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
    anonymous = {str(e[1].content.get("anonymousId")) for seen in by_visitor.values() for e in seen.values()}
    users = {str(e[1].content.get("userId")) for seen in by_visitor.values() for e in seen.values()}
    former = users - anonymous
    aliases: set[tuple[str, str]] = set()
    for visitor in sorted(by_visitor):
        events = sorted(by_visitor[visitor].values(), key=lambda e: (e[0], e[1].file, e[1].row))
        for visit in _visits(events):
            _visit(visits, visitor, visit)
        logins = _logins(visitor, events)
        for place, (_, record) in enumerate(events):
            links = [link for link in (logins.get(place), _alias(record.content, former, aliases)) if link]
            if not links:
                identities.lacks("an event that says nothing new of who is who")
            for number, link in enumerate(links):
                identities.add(record, link, behind=int(number == 0))


def _visits(events: list[tuple[float, Record]]) -> Iterator[list[tuple[float, Record]]]:
    """Runs of a visitor's events, in the order of time."""
    visit: list[tuple[float, Record]] = []
    user = None
    for event in events:
        named = event[1].content.get("userId")
        if visit and (event[0] - visit[-1][0] > PAUSE_S or (named and user and named != user)):
            yield visit
            visit = []
        user = named or user
        visit.append(event)
    yield visit


def _logins(visitor: str, events: list[tuple[float, Record]]) -> dict[int, dict[str, Any]]:
    """Links of a visitor to users by the place of the event that says so; the first has the past too."""
    links: dict[int, dict[str, Any]] = {}
    last: dict[str, Any] | None = None
    known: set[str] = set()
    for place, (moment, record) in enumerate(events):
        user = str(record.content.get("userId") or "")
        if not user or not record.content.get("anonymousId") or (last is not None and last["other"] == user):
            continue
        since = iso(moment) if last is not None else None
        if last is not None and last["until"] is None:
            last["until"] = since
        if user not in known:
            known.add(user)
            ids = {"id": visitor, "id_type": "anonymous", "other": user, "other_type": "customer_id"}
            last = links[place] = {**ids, "since": since, "until": None, "evidence": "login"}
    return links


def _alias(content: dict[str, Any], former: set[str], seen: set[tuple[str, str]]) -> dict[str, Any] | None:
    """The link of an ``alias`` event: the previous id is a visitor's, unless only users have it."""
    previous, user = content.get("previousId"), content.get("userId")
    other = user or content.get("anonymousId")
    if content.get("type") != "alias" or not previous or (str(previous), str(other)) in seen:
        return None
    seen.add((str(previous), str(other)))
    return {
        "id": str(previous),
        "id_type": "customer_id" if str(previous) in former else "anonymous",
        "other": str(other),
        "other_type": "customer_id" if user else "anonymous",
        "evidence": "alias",
    }


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
