"""Shifts, spans, changes and breaches in the planner's words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from wfo.scheduling.revision import Breach, Revision
from wfo.scheduling.shift_rows import Record, Span, parts_of, shifts_of


def local_text(minute: int, zone: str) -> str:
    """``Mon 07 Jul 09:00`` of a minute since the epoch."""
    return f"{pd.Timestamp(minute * 60, unit='s', tz=ZoneInfo(zone)):%a %d %b %H:%M}"


def span_text(begin: int, end: int, zone: str) -> str:
    """``Mon 07 Jul 09:00 – 17:30``; the second date is said where it differs."""
    first, last = local_text(begin, zone), local_text(end, zone)
    return f"{first} – {last[-5:] if first[:10] == last[:10] else last}"


def some_of(names: Sequence[str], most: int = 8) -> str:
    """``A001, A002 and 12 more``."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def breach_text(breach: Breach) -> str:
    """``A012, Mon 07 Jul: 9 h of rest before the shift; needed are 11``."""
    _, agent, date, message = breach
    day = f", {dt.date.fromisoformat(date):%a %d %b}" if date else ""
    return f"{agent or 'the plan'}{day}: {message}"


def parts_text(parts: Sequence[Span], zone: str) -> str:
    """``09:00–12:00, 15:00–18:00`` of parts of a shift, minutes since the epoch."""
    return ", ".join(f"{local_text(a, zone)[-5:]}–{local_text(b, zone)[-5:]}" for a, b in parts)


def shift_text(shift: Sequence[Record], zone: str) -> str:
    """``09:00–17:30``, a split shift by its parts, with leave in it named."""
    text = parts_text(parts_of(shift), zone)
    leave = [(r["start"], r["end"]) for r in _joined([r for r in shift if r["kind"] == "time_off"])]
    return text + (f" (leave {parts_text(leave, zone)})" if leave else "")


def changes_text(revision: Revision, changes: Mapping[str, Sequence[Record]]) -> str:
    """Every day that changes, by agent: ``A012 Mon 07 Jul: 09:00–17:30 → free``."""
    parts = []
    for agent in sorted(changes):
        zone = revision.agents[agent].zone.key
        before, after = (_by_date(shifts_of(own), zone) for own in (revision.records[agent], changes[agent]))
        for day in sorted(set(before) | set(after)):
            old, new = before.get(day, "free"), after.get(day, "free")
            if old != new:
                parts.append(f"{agent} {day:%a %d %b}: {old} → {new}")
    return "; ".join(parts)


def _by_date(shifts: Mapping[str, list[Record]], zone: str) -> dict[dt.date, str]:
    return {shift[0]["schedule_date"]: shift_text(shift, zone) for shift in shifts.values()}


def _joined(rows: Sequence[Record]) -> list[Record]:
    """Rows that follow each other as one."""
    out: list[Record] = []
    for row in sorted(rows, key=lambda r: r["start"]):
        if out and out[-1]["end"] == row["start"]:
            out[-1] = {**out[-1], "end": row["end"]}
        else:
            out.append(row)
    return out
