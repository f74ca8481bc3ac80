"""Object-centric event logs, OCEL 2.0 in JSON: read, and write.

Source: OCEL 2.0 specification (Berti et al., 2023): lists of object types, event types, objects and events;
an event names its type, its instant, its attributes and the objects it has to do with.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from wfo.tables.account import Tally
from wfo.tables.formats.part import Part, PartBuilder, Refused, unfolded
from wfo.tables.formats.records import json_records

ABOUT = "object:"
"""Columns named so hold the object of that type an event has to do with."""
FURTHER = "further_objects"
_EVERY = ("id", "type", "time")


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Unfold event logs: the part ``events``.

    Columns are ``id``, ``type``, ``time``, each attribute's name, ``object:<type>`` for the first object of
    each type, and ``further_objects``, ``type=id|…``, for those that stand behind a first one.
    """
    events = PartBuilder(("id", "type", "time", FURTHER))
    for path in files:
        kinds = {
            str(r.content["id"]): str(r.content.get("type"))
            for r in json_records([path], Tally(), ("objects",))
            if r.content.get("id") is not None
        }
        for record in json_records([path], tally, ("events",)):
            row, fault = unfolded(record, partial(_event, kinds=kinds))
            if row is None:
                events.refuse(record, fault)
            else:
                events.add(record, row)
    return {"events": events.part()}


def _event(content: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    missing = [key for key in _EVERY if not content.get(key)]
    if missing:
        raise Refused(f"no {missing[0]}")
    row = {key: content[key] for key in _EVERY}
    for attribute in content.get("attributes") or []:
        name = str(attribute.get("name"))
        row[f"attribute:{name}" if name in (*_EVERY, FURTHER) else name] = attribute.get("value")
    further = []
    for related in content.get("relationships") or []:
        name = str(related.get("objectId"))
        kind = kinds.get(name, "unknown")
        if row.setdefault(f"{ABOUT}{kind}", name) != name:
            further.append(f"{kind}={name}")
    return {**row, FURTHER: "|".join(further)}


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
