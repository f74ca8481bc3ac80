"""Contact records of Amazon Connect, as the stream or the export delivers them: one JSON object a line.

Records are delivered at least once, and again after each change: the mapping keeps the latest of each.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.formats.moments import between
from wfo.tables.formats.part import Part, PartBuilder, dig
from wfo.tables.formats.records import json_records

_PLAIN = {
    "ContactId": "ContactId",
    "InitialContactId": "InitialContactId",
    "PreviousContactId": "PreviousContactId",
    "Channel": "Channel",
    "InitiationMethod": "InitiationMethod",
    "InitiationTimestamp": "InitiationTimestamp",
    "DisconnectTimestamp": "DisconnectTimestamp",
    "LastUpdateTimestamp": "LastUpdateTimestamp",
    "DisconnectReason": "DisconnectReason",
    "CustomerAddress": "CustomerEndpoint.Address",
    "CustomerAddressType": "CustomerEndpoint.Type",
    "CustomerId": "CustomerId",
    "QueueName": "Queue.Name",
    "EnqueueTimestamp": "Queue.EnqueueTimestamp",
    "QueueDuration": "Queue.Duration",
    "AgentUsername": "Agent.Username",
    "ConnectedToAgentTimestamp": "Agent.ConnectedToAgentTimestamp",
    "AgentInteractionDuration": "Agent.AgentInteractionDuration",
    "CustomerHoldDuration": "Agent.CustomerHoldDuration",
    "AfterContactWorkDuration": "Agent.AfterContactWorkDuration",
}
_OURS = ("started", "ended", "handle_s", "session_s", "wait_s", "outcome", "direction", "transfers", "parent")
_OUT = {"OUTBOUND", "EXTERNAL_OUTBOUND"}


def read(files: Iterable[Path]) -> dict[str, Part]:
    """Unfold files of contact records: the part ``contacts``."""
    contacts = PartBuilder((*_PLAIN, *_OURS))
    for record in json_records(files, ("ContactTraceRecords", "Records")):
        if record.fault or not record.content.get("ContactId"):
            contacts.refuse(record, record.fault or "no ContactId")
        else:
            contacts.add(record, _contact(record.content))
    return {"contacts": contacts.part()}


def _contact(content: dict[str, Any]) -> dict[str, Any]:
    row = {name: dig(content, path) for name, path in _PLAIN.items()}
    answered, ended = row["ConnectedToAgentTimestamp"], row["DisconnectTimestamp"]
    started = row["EnqueueTimestamp"] or row["InitiationTimestamp"]
    return {
        **row,
        "started": started,
        # A contact handed on has ended for its agent although the customer is still there.
        "ended": dig(content, "Agent.AfterContactWorkEndTimestamp") or ended,
        "handle_s": _handle_s(row) if answered else None,
        "session_s": between(answered, ended),
        "wait_s": row["QueueDuration"] if row["QueueDuration"] is not None else between(started, answered),
        "outcome": _outcome(row, content),
        "direction": "out" if row["InitiationMethod"] in _OUT else "in",
        "transfers": 1 if content.get("NextContactId") else 0,
        "parent": row["PreviousContactId"],
    }


def _handle_s(row: dict[str, Any]) -> float:
    parts = ("AgentInteractionDuration", "CustomerHoldDuration", "AfterContactWorkDuration")
    return float(sum(row[p] or 0.0 for p in parts))


def _outcome(row: dict[str, Any], content: dict[str, Any]) -> str:
    if not row["DisconnectTimestamp"]:
        return "open"
    if row["ConnectedToAgentTimestamp"]:
        return "transferred" if content.get("NextContactId") else "handled"
    return "abandoned" if row["EnqueueTimestamp"] else "contained"
