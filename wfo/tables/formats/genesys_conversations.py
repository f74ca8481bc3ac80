"""Conversation details of Genesys Cloud's analytics: participants, their sessions, the segments of each.

A conversation becomes one contact; each session of an agent with a segment of interaction, and each wait in a
queue that no agent ended, becomes a segment: given up, or transferred where the contact flowed on to
another queue. Durations come from the segments' own instants; a contact waits from its first queue on.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.account import Tally
from wfo.tables.formats.moments import between, epoch_s
from wfo.tables.formats.part import Part, PartBuilder, Refused, unfolded
from wfo.tables.formats.records import json_records

CONVERSATIONS = (
    "conversationId",
    "mediaType",
    "originatingDirection",
    "conversationStart",
    "conversationEnd",
    "queuedAt",
    "answeredAt",
    "queueId",
    "userId",
    "wrapUpCode",
    "externalContactId",
    "address",
    "wait_s",
    "handle_s",
    "session_s",
    "transfers",
    "outcome",
)
SESSIONS = (
    "conversationId",
    "seq",
    "queueId",
    "userId",
    "queuedAt",
    "answeredAt",
    "endedAt",
    "talk_s",
    "hold_s",
    "wrap_s",
    "outcome",
)


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Unfold files of conversation details: parts ``conversations`` and ``sessions``."""
    conversations, sessions = PartBuilder(CONVERSATIONS), PartBuilder(SESSIONS)
    for record in json_records(files, tally, ("conversations",)):
        found, fault = unfolded(record, _unfolded)
        if found is None:
            for builder in (conversations, sessions):
                builder.refuse(record, fault)
            continue
        whole, talks = found
        conversations.add(record, whole)
        if not talks:
            sessions.lacks("a conversation with neither a queue nor an agent")
        for seq, talk in enumerate(talks, start=1):
            row = {"conversationId": whole["conversationId"], "seq": seq, **talk}
            sessions.add(record, row, behind=int(seq == 1))
    return {"conversations": conversations.part(), "sessions": sessions.part()}


def _unfolded(content: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if not content.get("conversationId"):
        raise Refused("no conversationId")
    talks = _talks(content)
    return _conversation(content, talks), talks


def _sessions(content: dict[str, Any], *purposes: str) -> list[dict[str, Any]]:
    return [
        {"userId": participant.get("userId"), **participant, **session}
        for participant in content.get("participants") or []
        if participant.get("purpose") in purposes
        for session in participant.get("sessions") or []
    ]


def _talks(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Waits and agents' sessions in the order of time."""
    waits = [w for s in _sessions(content, "acd") if (w := _wait(s))]
    waits.sort(key=lambda w: epoch_s(w["queuedAt"]) or 0.0)
    handled = sorted(
        (t for s in _sessions(content, "agent", "user") if (t := _handled(s))),
        key=lambda t: epoch_s(t["answeredAt"]) or 0.0,
    )
    free = list(waits)
    for talk in handled:
        wait = next((w for w in reversed(free) if _before(w["queuedAt"], talk["answeredAt"])), None)
        if wait is not None:
            free.remove(wait)
            talk["queuedAt"] = wait["queuedAt"]
            talk["queueId"] = talk["queueId"] or wait["queueId"]
    for talk, later in zip(handled, handled[1:], strict=False):
        if _before(talk["answeredAt"], later["answeredAt"]):
            talk["outcome"] = "transferred"
    everything = [*handled, *({**w, "outcome": _left(w, waits, handled)} for w in free)]
    everything.sort(key=lambda t: epoch_s(t.get("queuedAt") or t.get("answeredAt")) or 0.0)
    return everything


def _left(wait: dict[str, Any], waits: list[dict[str, Any]], handled: list[dict[str, Any]]) -> str:
    """What became of a wait that no agent ended: the contact flowed on to another queue, or gave up."""
    later = waits[next(i for i, other in enumerate(waits) if other is wait) + 1 :]
    went_on = bool(later) or any(_before(wait["queuedAt"], talk["answeredAt"]) for talk in handled)
    return "transferred" if went_on else "abandoned"


def _wait(session: dict[str, Any]) -> dict[str, Any] | None:
    parts = session.get("segments") or []
    queue = next((p["queueId"] for p in parts if p.get("queueId")), None)
    if not parts or queue is None:
        return None
    return {
        "queueId": queue,
        "queuedAt": parts[0].get("segmentStart"),
        "endedAt": parts[-1].get("segmentEnd"),
    }


def _handled(session: dict[str, Any]) -> dict[str, Any] | None:
    parts = session.get("segments") or []
    spoken = [p for p in parts if p.get("segmentType") == "interact"]
    if not spoken:
        return None
    return {
        "queueId": next((p["queueId"] for p in parts if p.get("queueId")), None),
        "userId": session.get("userId"),
        "queuedAt": None,
        "answeredAt": spoken[0].get("segmentStart"),
        "endedAt": parts[-1].get("segmentEnd"),
        "talk_s": _seconds(spoken),
        "hold_s": _seconds([p for p in parts if p.get("segmentType") == "hold"]),
        "wrap_s": _seconds([p for p in parts if p.get("segmentType") == "wrapup"]),
        "outcome": "handled",
        "wrapUpCode": next((p["wrapUpCode"] for p in parts if p.get("wrapUpCode")), None),
        "mediaType": session.get("mediaType"),
        "talkEnd": spoken[-1].get("segmentEnd"),
    }


def _seconds(parts: list[dict[str, Any]]) -> float:
    return sum(between(p.get("segmentStart"), p.get("segmentEnd")) or 0.0 for p in parts)


def _before(first: Any, second: Any) -> bool:
    gap = between(first, second)
    return gap is not None and gap >= 0


def _conversation(content: dict[str, Any], talks: list[dict[str, Any]]) -> dict[str, Any]:
    callers = _sessions(content, "customer", "external")
    caller = callers[0] if callers else {}
    handled = [t for t in talks if t.get("answeredAt")]
    first = talks[0] if talks else {}
    last = handled[-1] if handled else {}
    answered = handled[0].get("answeredAt") if handled else None
    waited_from = first.get("queuedAt")
    waited_to = answered if handled else talks[-1]["endedAt"] if talks else None
    session = between(answered, last.get("talkEnd"))
    return {
        "conversationId": content["conversationId"],
        "mediaType": caller.get("mediaType") or last.get("mediaType"),
        "originatingDirection": content.get("originatingDirection"),
        "conversationStart": content.get("conversationStart"),
        # A contact begins when it enters the queue; one that never does begins with the conversation.
        "queuedAt": waited_from or content.get("conversationStart"),
        "answeredAt": answered,
        "conversationEnd": content.get("conversationEnd"),
        "queueId": first.get("queueId"),
        "userId": last.get("userId"),
        "wrapUpCode": last.get("wrapUpCode"),
        "externalContactId": caller.get("externalContactId"),
        "address": caller.get("ani") or caller.get("addressFrom") or caller.get("addressOther"),
        "wait_s": between(waited_from, waited_to),
        "handle_s": sum(t["talk_s"] + t["hold_s"] + t["wrap_s"] for t in handled) if handled else None,
        "session_s": session,
        "transfers": max(len(handled) - 1, 0),
        "outcome": _outcome(content, talks, handled),
    }


def _outcome(content: dict[str, Any], talks: list[dict[str, Any]], handled: list[dict[str, Any]]) -> str:
    if not content.get("conversationEnd"):
        return "open"
    if handled:
        return "handled"
    return "abandoned" if talks else "contained"
