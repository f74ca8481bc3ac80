"""Completed contacts of NICE CXone: a contact handed on names its master, whose own master may be another.

Climbing the masters gives the contact that began it all, which stands for the case. A contact of the same
medium and direction that begins before its master ends, or then (a customer handed on), is a leg of it, and
the mapping folds the legs; one that begins later, or goes out, is a contact of its own.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.account import Tally
from wfo.tables.formats.moments import epoch_s, iso
from wfo.tables.formats.part import Part, PartBuilder, Refused, unfolded
from wfo.tables.formats.records import json_records

_PLAIN = (
    "contactId",
    "masterContactId",
    "mediaTypeName",
    "skillName",
    "agentId",
    "fromAddr",
    "contactStart",
    "primaryDispositionId",
    "lastUpdateTime",
    "agentSeconds",
    "acwSeconds",
)
HANDED_ON_S = 60.0
"""A leg begins within this of its master's end: the customer has not gone."""
_OURS = (
    "parent",
    "root",
    "leg_of",
    "transfers",
    "queued",
    "started",
    "answered",
    "ended",
    "wait_s",
    "handle_s",
    "outcome",
    "direction",
)


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Unfold files of completed contacts: the part ``contacts``."""
    records = list(json_records(files, tally, ("completedContacts", "contacts", "resultSet")))
    by_age = sorted(records, key=lambda record: epoch_s(record.content.get("lastUpdateTime")) or 0.0)
    there = {str(r.content["contactId"]): r.content for r in by_age if r.content.get("contactId") is not None}
    masters = {name: str(content.get("masterContactId") or name) for name, content in there.items()}
    contacts = PartBuilder((*_PLAIN, *_OURS))
    for record in records:
        row, fault = unfolded(record, lambda content: _contact(content, masters, there))
        if row is None:
            contacts.refuse(record, fault)
        else:
            contacts.add(record, row)
    return {"contacts": contacts.part()}


def _contact(
    content: dict[str, Any], masters: dict[str, str], there: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    if content.get("contactId") is None:
        raise Refused("no contactId")
    name = str(content["contactId"])
    root = climb(name, masters)
    if root is None:
        raise Refused("its masters go round in a circle")
    master = masters[name]
    leg = master != name and master in there and _handed_on(there[master], content)
    row = {key: _word(content.get(key)) for key in _PLAIN}
    times = _times(content)
    return {
        **row,
        **times,
        "parent": master if master != name else None,
        "root": root,
        "leg_of": master if leg else None,
        "transfers": int(leg and times["answered"] is not None),
    }


def _handed_on(master: dict[str, Any], content: dict[str, Any]) -> bool:
    """Whether a contact began while the customer of its master was still there."""
    begun, first = epoch_s(content.get("contactStart")), epoch_s(master.get("contactStart"))
    if begun is None or first is None or begun < first:
        return False
    same = all(_word(content.get(k)) == _word(master.get(k)) for k in ("mediaTypeName", "isOutbound"))
    return same and begun <= first + _number(master, "totalDurationSeconds") + HANDED_ON_S


def climb(name: str, masters: dict[str, str]) -> str | None:
    """The contact that began it all; None where the masters go round in a circle.

    Examples
    --------
    >>> climb("3", {"1": "1", "2": "1", "3": "2"})
    '1'
    >>> climb("3", {"3": "4", "4": "3"}) is None
    True
    """
    seen = {name}
    while (master := masters.get(name, name)) != name:
        if master in seen:
            return None
        seen.add(master)
        name = master
    return name


def _word(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _number(content: dict[str, Any], key: str) -> float:
    value = content.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _times(content: dict[str, Any]) -> dict[str, Any]:
    """Instants from the start and the durations; the queue is entered after ``preQueueSeconds``."""
    begun = epoch_s(content.get("contactStart"))
    handle = sum(_number(content, k) for k in ("agentSeconds", "acwSeconds"))
    wait = _number(content, "inQueueSeconds")
    queued = None if begun is None else begun + _number(content, "preQueueSeconds")
    abandoned = str(content.get("abandoned")).lower() in ("true", "1")
    served = not abandoned and _number(content, "agentSeconds") > 0
    ended = None if begun is None else begun + _number(content, "totalDurationSeconds")
    return {
        "started": iso(queued),
        "queued": iso(queued) if content.get("skillName") else None,
        "answered": iso(queued + wait) if queued is not None and served else None,
        "ended": iso(max(ended, queued + wait) if ended is not None and queued is not None else ended),
        "wait_s": wait,
        "handle_s": handle if served else None,
        "outcome": "abandoned" if abandoned else "handled" if served else "contained",
        "direction": "out" if str(content.get("isOutbound")).lower() in ("true", "1") else "in",
    }
