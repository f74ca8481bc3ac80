"""Object-centric event logs, OCEL 2.0 in JSON: read, and write.

Source: OCEL 2.0 specification (Berti et al., 2023): lists of object types, event types, objects and events;
an event names its type, its instant, its attributes and the objects it has to do with.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from wfo.tables.formats.part import Part, PartBuilder
from wfo.tables.formats.records import json_records

ABOUT = "object:"
"""Columns named so hold the object of that type an event has to do with."""


def read(files: Iterable[Path]) -> dict[str, Part]:
    """Unfold event logs: the part ``events``.

    Columns are ``id``, ``type``, ``time``, each attribute's name, and ``object:<type>`` for the first object
    of each type.
    """
    events = PartBuilder(("id", "type", "time"))
    for path in files:
        kinds = {
            str(r.content["id"]): str(r.content.get("type"))
            for r in json_records([path], ("objects",))
            if r.content.get("id") is not None
        }
        for record in json_records([path], ("events",)):
            fault = record.fault or _fault(record.content)
            if fault:
                events.refuse(record, fault)
            else:
                events.add(record, _event(record.content, kinds))
    return {"events": events.part()}


def _fault(content: dict[str, Any]) -> str:
    missing = [key for key in ("id", "type", "time") if not content.get(key)]
    return f"no {missing[0]}" if missing else ""


def _event(content: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    row = {key: content[key] for key in ("id", "type", "time")}
    for attribute in content.get("attributes") or []:
        row[str(attribute.get("name"))] = attribute.get("value")
    for related in content.get("relationships") or []:
        name = str(related.get("objectId"))
        row.setdefault(f"{ABOUT}{kinds.get(name, 'unknown')}", name)
    return row


_OBJECTS = {"customer_id": "customer", "chain_id": "chain", "agent_id": "agent", "queue": "queue"}
_TYPES = {"f": "float", "i": "integer", "b": "boolean", "M": "time"}


def ocel_log(interactions: pd.DataFrame) -> dict[str, Any]:
    """An object-centric log of contacts.

    Parameters
    ----------
    interactions : DataFrame
        After the table contract; a column ``chain_id`` makes chains objects.

    Returns
    -------
    dict
        Ready for ``json.dump``: one event a contact, its type the channel; customers, chains, agents and
        queues are objects, every other column with a value is an attribute.
    """
    about: dict[str, str] = {
        column: kind for column, kind in _OBJECTS.items() if column in interactions.columns
    }
    skip = {"interaction_id", "channel", "started_at", *about}
    attributes = {
        str(c): _TYPES.get(interactions[c].dtype.kind, "string") for c in interactions if c not in skip
    }
    objects = [
        {"id": f"{kind}:{name}", "type": kind, "attributes": [], "relationships": []}
        for column, kind in about.items()
        for name in sorted(interactions[column].dropna().unique())
    ]
    described = [{"name": name, "type": kind} for name, kind in attributes.items()]
    channels = sorted(interactions["channel"].unique())
    return {
        "objectTypes": [{"name": kind, "attributes": []} for kind in about.values()],
        "eventTypes": [{"name": channel, "attributes": described} for channel in channels],
        "objects": objects,
        "events": [_written(row, about, attributes) for row in interactions.to_dict("records")],
    }


def _written(row: dict[Any, Any], about: dict[str, str], attributes: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row["interaction_id"],
        "type": row["channel"],
        "time": row["started_at"].isoformat(),
        "attributes": [
            {"name": name, "value": _value(row[name])} for name in attributes if not pd.isna(row[name])
        ],
        "relationships": [
            {"objectId": f"{kind}:{row[column]}", "qualifier": kind}
            for column, kind in about.items()
            if not pd.isna(row[column])
        ],
    }


def _value(cell: Any) -> Any:
    if isinstance(cell, pd.Timestamp):
        return cell.isoformat()
    return cell.item() if hasattr(cell, "item") else cell
