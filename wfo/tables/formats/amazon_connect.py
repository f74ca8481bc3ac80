"""Contact records of Amazon Connect, as the stream or the export delivers them: one JSON object a line.

Records are delivered at least once, and again after each change: the mapping keeps the latest of each.

A contact that is handed on goes on under an id of its own: that record is initiated by a transfer and names
the one before it (``PreviousContactId``) and the one that began it all (``InitialContactId``). Such records
are legs of one call, and the mapping folds them. So is a queued callback, which the system makes for a
customer who waits no longer: it goes on with the contact that waited. Replies, and calls that agents make,
are contacts of their own.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.account import Tally
from wfo.tables.formats.moments import between, epoch_s
from wfo.tables.formats.part import Part, PartBuilder, Refused, dig, unfolded
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
_OURS = (
    "started",
    "ended",
    "handle_s",
    "session_s",
    "wait_s",
    "outcome",
    "direction",
    "transfers",
    "leg_of",
    "leg_of_first",
)
_OUT = {"OUTBOUND", "EXTERNAL_OUTBOUND"}
_HANDED_ON = {"TRANSFER", "QUEUE_TRANSFER", "DISCONNECT"}
"""How a contact begins while its customer is still there: handed to an agent, to a queue, to what follows the
agent's goodbye."""
_LEGS = {*_HANDED_ON, "CALLBACK"}


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Unfold files of contact records: the part ``contacts``."""
    contacts = PartBuilder((*_PLAIN, *_OURS))
    records = list(json_records(files, tally, ("ContactTraceRecords", "Records")))
    by_age = sorted(records, key=lambda record: epoch_s(record.content.get("LastUpdateTimestamp")) or 0.0)
    left = {str(r.content["ContactId"]): _left_at(r.content) for r in by_age if r.content.get("ContactId")}
    for record in records:
        row, fault = unfolded(record, lambda content: _contact(content, left))
        if row is None:
            contacts.refuse(record, fault)
        else:
            contacts.add(record, row)
    return {"contacts": contacts.part()}


def _left_at(content: dict[str, Any]) -> Any:
    """When the agent, if there was one, was rid of the customer."""
    return dig(content, "Agent.AfterContactWorkStartTimestamp") or content.get("DisconnectTimestamp")


def _contact(content: dict[str, Any], left: dict[str, Any]) -> dict[str, Any]:
    if not content.get("ContactId"):
        raise Refused("no ContactId")
    row = {name: dig(content, path) for name, path in _PLAIN.items()}
    answered, ended = row["ConnectedToAgentTimestamp"], row["DisconnectTimestamp"]
    started = row["EnqueueTimestamp"] or row["InitiationTimestamp"]
    leg = row["InitiationMethod"] in _LEGS
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
        "transfers": int(
            row["InitiationMethod"] in _HANDED_ON and bool(answered) and not _consulted(content, left)
        ),
        "leg_of": row["PreviousContactId"] if leg else None,
        "leg_of_first": row["InitialContactId"] if leg else None,
    }


def _consulted(content: dict[str, Any], left: dict[str, Any]) -> bool:
    """Whether the agent was only asked: he was gone before the agent who asked him."""
    gap = between(_left_at(content), left.get(str(content.get("PreviousContactId"))))
    return gap is not None and gap > 0


def _handle_s(row: dict[str, Any]) -> float:
    parts = ("AgentInteractionDuration", "CustomerHoldDuration", "AfterContactWorkDuration")
    return float(sum(row[p] or 0.0 for p in parts))


def _outcome(row: dict[str, Any], content: dict[str, Any]) -> str:
    if not row["DisconnectTimestamp"]:
        return "open"
    if content.get("NextContactId") and (row["ConnectedToAgentTimestamp"] or row["EnqueueTimestamp"]):
        return "transferred"
    if row["ConnectedToAgentTimestamp"]:
        return "handled"
    return "abandoned" if row["EnqueueTimestamp"] else "contained"
