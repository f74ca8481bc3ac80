"""Completed contacts of NICE CXone: a contact handed on names its master, whose own master may be another.

Climbing the masters gives the contact that began it all, which stands for the case.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.formats.moments import epoch_s, iso
from wfo.tables.formats.part import Part, PartBuilder
from wfo.tables.formats.records import Record, json_records

_PLAIN = (
    "contactId",
    "masterContactId",
    "mediaTypeName",
    "skillName",
    "agentId",
    "fromAddr",
    "contactStart",
    "primaryDispositionId",
)
_OURS = ("parent", "root", "started", "answered", "ended", "wait_s", "handle_s", "outcome", "direction")


def read(files: Iterable[Path]) -> dict[str, Part]:
    """Unfold files of completed contacts: the part ``contacts``."""
    records = list(json_records(files, ("completedContacts", "contacts", "resultSet")))
    masters = {
        str(r.content["contactId"]): str(r.content.get("masterContactId") or r.content["contactId"])
        for r in records
        if not r.fault and r.content.get("contactId") is not None
    }
    contacts = PartBuilder((*_PLAIN, *_OURS))
    for record in records:
        _add(contacts, record, masters)
    return {"contacts": contacts.part()}


def _add(contacts: PartBuilder, record: Record, masters: dict[str, str]) -> None:
    content = record.content
    if record.fault or content.get("contactId") is None:
        contacts.refuse(record, record.fault or "no contactId")
        return
    name = str(content["contactId"])
    root = climb(name, masters)
    if root is None:
        contacts.refuse(record, "its masters go round in a circle")
        return
    master = masters[name]
    row = {key: _word(content.get(key)) for key in _PLAIN}
    contacts.add(
        record, {**row, "parent": master if master != name else None, "root": root, **_times(content)}
    )


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
        "answered": iso(queued + wait) if queued is not None and served else None,
        "ended": iso(max(ended, queued + wait) if ended is not None and queued is not None else ended),
        "wait_s": wait,
        "handle_s": handle if served else None,
        "outcome": "abandoned" if abandoned else "handled" if served else "contained",
        "direction": "out" if str(content.get("isOutbound")).lower() in ("true", "1") else "in",
    }
