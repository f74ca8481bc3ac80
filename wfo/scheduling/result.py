"""The schedule as tables, and the result that answers questions about it."""

import datetime as dt
from typing import ClassVar

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind as Activity
from wfo.scheduling.people import WeekAgent, wish_window
from wfo.scheduling.problem import WeekProblem, Weeks
from wfo.scheduling.shifts import Kind, type_of
from wfo.tables.contracts import RUN
from wfo.tables.result import Result
from wfo.timegrid import from_epoch_min

WISHES_MET = (
    "agent_id", "schedule_date", "start_earliest", "start_latest", "shift", "sense", "weight", "met"
)  # fmt: skip
"""Columns of table ``wishes_met``."""


class ScheduleResult(Result):
    """Named shifts, what a further agent-minute is worth, and whose wishes are met."""

    MAIN: ClassVar[str] = "schedule"

    def paid_hours(self) -> pd.DataFrame:
        """Paid hours and days by agent."""
        rows = self.frame()
        hours = (rows["end"] - rows["start"]).dt.total_seconds() / 3600 * rows["paid"]
        table = (
            rows.assign(paid_h=hours)
            .groupby("agent_id")
            .agg(paid_h=("paid_h", "sum"), days=("schedule_date", "nunique"))
        )
        return table.reset_index()


_Row = tuple[str, int, int, int, str, str, bool]


def _segments(
    person: WeekAgent, begin: int, end: int, rests: list[tuple[int, int, str, bool]]
) -> list[tuple[int, int, str, str, bool]]:
    """Partition of a shift in minutes: breaks, fixed activities, work between them."""
    items = [(a, b, name, Activity.BREAK.value, paid) for a, b, name, paid in rests]
    items += [
        (max(a, begin), min(b, end), name, Activity.OFF_PHONE.value, paid)
        for a, b, name, paid in person.busy
        if a < end and begin < b
    ]
    rows, now = [], begin
    for item in sorted(items):
        start = max(now, item[0])
        if start > now:
            rows.append((now, start, "work", Activity.WORK.value, True))
        if item[1] > start:
            rows.append((start, *item[1:]))
            now = item[1]
    if end > now:
        rows.append((now, end, "work", Activity.WORK.value, True))
    return rows


def schedule_table(
    problem: WeekProblem,
    weeks: Weeks,
    persons: list[WeekAgent],
    kinds: list[Kind],
    dates: tuple[dt.date, ...],
) -> pd.DataFrame:
    """Every shift as rows that partition it."""

    def minute(slot: int) -> int:
        return problem.start_min + int(slot) * problem.slot_min

    records = []
    for a, person in enumerate(persons):
        kind = kinds[int(problem.people.kind[a])]
        queues = list(problem.class_queues[int(problem.people.class_id[a])])
        for d in np.flatnonzero(weeks.start[a] >= 0):
            length = kind.lengths[int(weeks.length[a, d])]
            begin = minute(weeks.start[a, d])
            end = begin + length.slots * problem.slot_min
            rests = [
                (minute(s), minute(s + b.slots), b.name, b.paid)
                for s, b in zip(weeks.breaks[a, d], length.breaks, strict=False)
            ]
            locked = (begin, end) in person.locked
            shift_id = f"{person.agent_id}/{dates[d].isoformat()}"
            for start, stop, activity, what, paid in _segments(person, begin, end, rests):
                records.append(
                    (person.agent_id, start, stop, dates[d], shift_id, person.site or None, activity, what,
                     paid, locked, list(queues) if what == Activity.WORK.value else [], None, None)
                )  # fmt: skip
    frame = pd.DataFrame(records, columns=list(RUN["schedule"].names))
    for side in ("start", "end"):
        frame[side] = from_epoch_min(frame[side].to_numpy(np.int64))
    for name in ("agent_id", "shift_id", "site", "activity", "kind", "activity_request_id", "main_queue"):
        frame[name] = frame[name].astype("str")
    for name in ("paid", "locked"):
        frame[name] = frame[name].astype(bool)
    return frame


def wishes_table(
    wishes: pd.DataFrame | None,
    problem: WeekProblem,
    weeks: Weeks,
    persons: list[WeekAgent],
    kinds: list[Kind],
    dates: tuple[dt.date, ...],
) -> pd.DataFrame:
    """Each wish with ``met``; one against a window is met on a free day, one for it is not."""
    if wishes is None or wishes.empty:
        return pd.DataFrame(columns=WISHES_MET)
    number = {p.agent_id: n for n, p in enumerate(persons)}
    records = []
    for row in wishes.sort_values(["agent_id", "schedule_date"]).to_dict("records"):
        if str(row["agent_id"]) not in number or row["schedule_date"] not in dates:
            continue
        a, d = number[str(row["agent_id"])], dates.index(row["schedule_date"])
        slot, inside = int(weeks.start[a, d]), False
        if slot >= 0:
            local = pd.Timestamp(
                (problem.start_min + slot * problem.slot_min) * 60, unit="s", tz=persons[a].zone
            )
            low, high = wish_window(row)
            length = kinds[int(problem.people.kind[a])].lengths[int(weeks.length[a, d])]
            minute = local.hour * 60 + local.minute + 1440 * (local.date() - dates[d]).days
            wanted, names = row.get("shift"), list(persons[a].contract.shift_types)
            inside = low <= minute <= high
            if isinstance(wanted, str) and wanted:
                kind = type_of(persons[a].contract, minute, length.slots * problem.slot_min)
                inside &= kind > 0 and names[kind - 1] == wanted
        met = inside == (row["sense"] == "for")
        records.append(tuple(row.get(c) for c in WISHES_MET[:-1]) + (met,))
    return pd.DataFrame(records, columns=WISHES_MET)
