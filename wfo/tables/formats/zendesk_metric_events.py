"""Zendesk's ticket metric events: waits rebuilt from the moments a clock was started, paused and stopped.

Each instance of the metric ``reply_time`` is one turn of the customer that waits for a reply: it begins with
its first ``activate``, runs until ``pause``, runs on with the next ``activate`` and ends with ``fulfill``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wfo.tables.account import Tally
from wfo.tables.formats.moments import epoch_s, iso
from wfo.tables.formats.part import Part, PartBuilder
from wfo.tables.formats.records import Record, json_records

_METRIC = "reply_time"
_CLOCK = ("activate", "pause", "fulfill")
_OTHER = ("apply_sla", "apply_group_sla", "breach", "update_status", "measure")


@dataclass
class _Turn:
    first: Record
    events: list[tuple[float, int, str]] = field(default_factory=list)


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Fold files of metric events into turns: the part ``turns``."""
    turns = PartBuilder(("turn", "ticket_id", "started", "answered", "wait_s", "paused_s", "outcome"))
    clocks: dict[tuple[str, str], _Turn] = {}
    silent: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in json_records(files, tally, ("ticket_metric_events",)):
        fault = record.fault or _fault(record.content)
        if fault:
            turns.refuse(record, fault)
            continue
        content = record.content
        key = (str(content["ticket_id"]), str(content["instance_id"]))
        if content["type"] in _CLOCK:
            moment = epoch_s(content["time"])
            assert moment is not None
            turn = clocks.setdefault(key, _Turn(record))
            turn.events.append((moment, _CLOCK.index(content["type"]), content["type"]))
        else:
            silent[key].append(record)
    for key, turn in clocks.items():
        _add(turns, key, turn, behind=len(turn.events) + len(silent.pop(key, [])))
    for records in silent.values():
        for record in records:
            turns.refuse(record, "an event of a clock that never started")
    return {"turns": turns.part()}


def _fault(content: dict[str, Any]) -> str:
    missing = [k for k in ("ticket_id", "metric", "instance_id", "type", "time") if content.get(k) is None]
    if missing:
        return f"no {missing[0]}"
    if content["metric"] != _METRIC:
        return f"metric {content['metric']}: turns are rebuilt from {_METRIC} alone"
    if content["type"] not in (*_CLOCK, *_OTHER):
        return f"unknown type {content['type']}"
    return "" if epoch_s(content["time"]) is not None else "time without an offset or unreadable"


def _add(turns: PartBuilder, key: tuple[str, str], turn: _Turn, *, behind: int) -> None:
    """Run the clock over the turn's events in the order of time."""
    running: float | None = None
    waited = 0.0
    fulfilled: float | None = None
    events = sorted(turn.events)
    for moment, _, what in events:
        if what == "activate" and running is None:
            running = moment
        elif what != "activate" and running is not None:
            waited += moment - running
            running = None
        if what == "fulfill":
            fulfilled = moment
    begun = events[0][0]
    if events[0][2] != "activate":
        turns.refuse(turn.first, "its clock was never started", behind=behind)
        return
    open_still = fulfilled is None
    turns.add(
        turn.first,
        {
            "turn": f"{key[0]}/{key[1]}",
            "ticket_id": key[0],
            "started": iso(begun),
            "answered": iso(fulfilled),
            "wait_s": None if open_still else waited,
            "paused_s": None if fulfilled is None else fulfilled - begun - waited,
            "outcome": "open" if open_still else "handled",
        },
        behind=behind,
    )
