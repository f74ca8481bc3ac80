"""One agent's shift as rows of a schedule: built with breaks, cut for leave, taken out."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.contract import Contract
from wfo.scheduling.shift_lengths import SPLIT, Length, length_of
from wfo.tables.contracts import RUN
from wfo.timegrid import epoch_min, from_epoch_min

Record = dict[str, Any]
Span = tuple[int, int]
"""First minute since the epoch and the first after it."""
Rest = tuple[int, int, str, bool]
"""Start and end in minutes since the epoch, name, whether it is paid."""
COLUMNS = list(RUN["schedule"].names)
_TEXT = tuple(c.name for c in RUN["schedule"].columns if c.type in ("text", "enum"))


def frame_of(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Records with ``start`` and ``end`` in minutes since the epoch, as table ``schedule``."""
    frame = pd.DataFrame(list(records), columns=COLUMNS)
    for side in ("start", "end"):
        frame[side] = from_epoch_min(frame[side].to_numpy(np.int64))
    for name in _TEXT:
        frame[name] = frame[name].astype("str")
    for name in ("paid", "locked"):
        frame[name] = frame[name].astype(bool)
    return frame


def records_of(rows: pd.DataFrame) -> list[Record]:
    """Rows of a schedule as records with times in minutes since the epoch, in order of time."""
    rows = rows.reindex(columns=COLUMNS).assign(start=epoch_min(rows["start"]), end=epoch_min(rows["end"]))
    return [{str(k): v for k, v in r.items()} for r in rows.sort_values("start").to_dict("records")]


def shifts_of(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Records by shift, in order of time; shifts that are nothing but time off are none."""
    found: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda r: r["start"]):
        found.setdefault(str(record["shift_id"]), []).append(record)
    return {name: own for name, own in found.items() if any(r["kind"] != Kind.TIME_OFF.value for r in own)}


def span_of(shift: Sequence[Record]) -> Span:
    """First minute of a shift and the first after it."""
    return min(r["start"] for r in shift), max(r["end"] for r in shift)


def is_gap(record: Record) -> bool:
    """Whether a row is the free time between the parts of a split shift."""
    return bool(record["kind"] == Kind.BREAK.value and record["activity"] == SPLIT)


def parts_of(shift: Sequence[Record]) -> tuple[Span, ...]:
    """The span of a shift, or the spans of both parts of a split one."""
    first, last = span_of(shift)
    gap = next((r for r in shift if is_gap(r)), None)
    return ((first, last),) if gap is None else ((first, gap["start"]), (gap["end"], last))


def place_breaks(
    contract: Contract,
    parts: Sequence[Span],
    slot_min: int,
    price: Mapping[int, float],
    taken: Sequence[Span] = (),
) -> list[Rest] | None:
    """Where the breaks of a shift cost service least.

    Parameters
    ----------
    contract : Contract
    parts : sequence of (int, int)
        The shift, or the parts of a split one; each part has the breaks of a shift of its length.
    slot_min : int
    price : mapping of int to float
        Money a slot of the agent's work is worth, by the minute the slot begins; nothing where it is missing.
    taken : sequence of (int, int)
        Spans in which no break may lie: activities that stay.

    Returns
    -------
    list or None
        Breaks in order, the free time between parts among them; None where the contract's breaks do not fit.
    """
    out: list[Rest] = [(one[1], two[0], SPLIT, False) for one, two in pairwise(parts)]
    for begin, end in parts:
        length = length_of(contract, end - begin, slot_min) if (end - begin) % slot_min == 0 else None
        rests = None if length is None else _placed(length, begin, slot_min, price, taken)
        if rests is None:
            return None
        out += rests
    return sorted(out)


def _placed(
    length: Length, begin: int, slot_min: int, price: Mapping[int, float], taken: Sequence[Span]
) -> list[Rest] | None:
    """Breaks of a part where they cost least."""
    out: list[Rest] = []
    for rest in length.breaks:
        best: tuple[float, int] | None = None
        for first in range(rest.first, rest.last + 1):
            at = begin + first * slot_min
            stop = at + rest.slots * slot_min
            if any(a < stop and at < b for a, b in (*taken, *((x[0], x[1]) for x in out))):
                continue
            cost = sum(price.get(m, 0.0) for m in range(at, stop, slot_min))
            if best is None or cost < best[0] - 1e-9:
                best = (cost, at)
        if best is None:
            return None
        out.append((best[1], best[1] + rest.slots * slot_min, rest.name, rest.paid))
    return out


def build_shift(
    agent_id: str,
    date: dt.date,
    span: tuple[int, int],
    rests: Sequence[Rest],
    *,
    site: str | None,
    queues: Sequence[str],
    kept: Sequence[Record] = (),
    locked: bool = False,
) -> list[Record]:
    """Partition of a shift into breaks, activities that stay, and work between them.

    Parameters
    ----------
    span : (int, int)
        Minutes since the epoch.
    rests : sequence of Rest
    kept : sequence of Record
        Activities inside the shift; disjoint from the breaks.
    """
    head = {
        "agent_id": agent_id, "schedule_date": date, "shift_id": f"{agent_id}/{date.isoformat()}",
        "site": site, "locked": locked, "activity_request_id": None, "main_queue": None,
    }  # fmt: skip
    rest_rows = [
        {**head, "start": a, "end": b, "activity": name, "kind": Kind.BREAK.value, "paid": paid, "queues": []}
        for a, b, name, paid in rests
    ]
    stay = [{**record, **{k: head[k] for k in ("agent_id", "schedule_date", "shift_id")}} for record in kept]
    work = {"activity": "work", "kind": Kind.WORK.value, "paid": True, "queues": list(queues)}
    out: list[Record] = []
    now = span[0]
    for item in sorted([*rest_rows, *stay], key=lambda r: r["start"]):
        if item["start"] > now:
            out.append({**head, **work, "start": now, "end": item["start"]})
        out.append(item)
        now = item["end"]
    if now < span[1]:
        out.append({**head, **work, "start": now, "end": span[1]})
    return out


def cut_leave(shift: Sequence[Record], begin: int, end: int, *, name: str, paid: bool) -> list[Record]:
    """A shift with its work and activities inside a span turned into leave; breaks stay breaks."""
    out: list[Record] = []
    for record in shift:
        low, high = max(begin, record["start"]), min(end, record["end"])
        if record["kind"] == Kind.BREAK.value or low >= high:
            out.append(record)
            continue
        leave = {
            **record, "start": low, "end": high, "activity": name, "kind": Kind.TIME_OFF.value, "paid": paid,
            "queues": [], "activity_request_id": None,
        }  # fmt: skip
        if record["start"] < low:
            out.append({**record, "end": low})
        out.append(leave)
        if high < record["end"]:
            out.append({**record, "start": high})
    return out
