"""Rules a table's rows must keep, on frames that already have their types."""

from collections.abc import Iterator

import pandas as pd

from wfo.domain.hours import clock_min
from wfo.tables.contracts import Table
from wfo.tables.finding import Finding, found

_ORDER = (
    ("started_at", "answered_at"),
    ("started_at", "ended_at"),
    ("answered_at", "ended_at"),
    ("started_at", "promise_due"),
    ("queued_at", "answered_at"),
    ("queued_at", "ended_at"),
    ("created_at", "due_at"),
    ("created_at", "done_at"),
    ("sent_at", "answered_at"),
    ("valid_from", "valid_to"),
)
"""The second must not be before the first."""
_POSITIVE = ("speed", "resolution", "max_score", "interval_min", "concurrency", "steps", "minutes")
_COUNTS = (
    "offered",
    "answered",
    "abandoned",
    "abandoned_short",
    "answered_in_target",
    "transfers",
    "score",
    "weight",
    "seq",
    "contacts",
    "evaluations",
)
_SHARES = ("confidence", "sampling_prob", "assignment_prob", "link_p", "p_met")
_DURATIONS = ("_s", "_min", "_h", "_s_total")


def broken(table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    """Findings of every rule that applies to a table: keys, ranges, order of times, overlaps."""
    yield from _duplicates(table, frame)
    yield from broken_rows(table, frame)
    yield from broken_among(table, frame)


def broken_rows(table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    """Findings of the rules that look at one row: ranges, order of times, clocks."""
    yield from _ranges(table, frame)
    yield from _order(table, frame)
    yield from _clocks(frame)


def broken_among(table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    """Findings of the rules that look at neighbours: nothing of one owner overlaps."""
    if table.name in ("schedule", "published_schedule"):
        yield from _overlaps(
            frame, "agent_id", "start", frame["end"], "a schedule is a partition of each shift"
        )
    if table.name == "queue_intervals":
        end = frame["interval_start"] + pd.to_timedelta(frame["interval_min"].fillna(0), unit="min")
        yield from _overlaps(frame, "queue", "interval_start", end, "intervals of one queue must not overlap")


def repeated(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Whether a row's key has come before, shape (rows,); rows with an empty key are not judged."""
    key = list(table.key)
    return frame.duplicated(key, keep="first") & frame[key].notna().all(axis=1)


def _duplicates(table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    last = table.key[-1]
    message = f"this {' + '.join(table.key)} has come before; keep one row of each"
    yield from found(last, frame[last], repeated(table, frame), message)


def _ranges(table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    for column in table.columns:
        name = column.name
        if name not in frame.columns or column.type not in ("number", "int"):
            continue
        values = frame[name]
        if name in _SHARES:
            yield from found(name, values, (values < 0) | (values > 1), "allowed: 0 to 1; write 80 % as 0.8")
        elif name in _POSITIVE:
            yield from found(name, values, values <= 0, "allowed: above 0; correct it")
        elif name in _COUNTS or name.endswith(_DURATIONS):
            yield from found(name, values, values < 0, "allowed: 0 or more; correct it or leave it empty")
    if {"score", "max_score"} <= set(frame.columns):
        above = frame["score"] > frame["max_score"]
        yield from found("score", frame["score"], above, "allowed: at most max_score; correct one of them")


def _order(table: Table, frame: pd.DataFrame) -> Iterator[Finding]:
    for first, second in _ORDER:
        if {first, second} <= set(frame.columns):
            late = frame[second] < frame[first]
            yield from found(second, frame[second], late, f"allowed: not before {first}; correct one of them")
    if {"start", "end"} <= set(frame.columns):
        # An activity of no length would be no segment; only an event of the calendar may be a moment.
        late = (
            frame["end"] < frame["start"]
            if table.name == "business_events"
            else frame["end"] <= frame["start"]
        )
        yield from found("end", frame["end"], late, "allowed: after start; correct one of them")


def _clocks(frame: pd.DataFrame) -> Iterator[Finding]:
    for name in ("start_earliest", "start_latest"):
        if name in frame.columns:
            bad = frame[name].map(_no_clock, na_action="ignore").fillna(value=False).astype(bool)
            yield from found(name, frame[name], bad, "allowed: a time of day; write HH:MM, for example 08:30")


def _no_clock(text: str) -> bool:
    try:
        clock_min(text)
    except ValueError:
        return True
    return False


def _overlaps(frame: pd.DataFrame, owner: str, start: str, end: pd.Series, why: str) -> Iterator[Finding]:
    spans = pd.DataFrame({"owner": frame[owner], "start": frame[start], "end": end}).sort_values(
        ["owner", "start", "end"], kind="stable"
    )
    same = spans["owner"].eq(spans["owner"].shift())
    # A long span may cover several that follow, so the running latest end counts, not the neighbour's.
    before = spans.groupby("owner", sort=False)["end"].cummax().shift()
    twin = spans["start"].eq(spans["start"].shift())
    overlap = (same & (spans["start"] < before) & ~twin).reindex(frame.index)
    yield from found(
        start, frame[start], overlap, f"this overlaps the one before it; {why}; move one of them"
    )
