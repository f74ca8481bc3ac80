"""Which breaks differ between two plans of one week, in words, and what service gains by it."""

from typing import ClassVar

import pandas as pd

from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.rebreak import rebreak
from wfo.scheduling.revision import Revision
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import Record, shifts_of
from wfo.scheduling.week_value import WeekValue
from wfo.scheduling.wording import local_text
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta, Result, Status


class RebreakResult(Result):
    """Tables ``changes`` (breaks by shift, before and after), ``schedule`` and ``availability``."""

    MAIN: ClassVar[str] = "changes"


def rebreak_told(
    week: ScheduleInputs, plan: pd.DataFrame, settings: ScheduleSettings, *, price: float, seed: int
) -> RebreakResult:
    """Place breaks anew and tell what has moved.

    Parameters
    ----------
    week, plan, settings, price
        As in `rebreak`.
    seed : int
        Nothing here is drawn; it is kept with the result.

    Returns
    -------
    RebreakResult
        ``meta.facts`` has ``gain``, money that service wins.
    """
    new = rebreak(week, plan, settings, price=price)
    old, now = Revision(week, plan, settings), Revision(week, new, settings)
    rows = []
    for agent in sorted(old.records):
        zone, later = old.agents[agent].zone.key, shifts_of(now.records[agent])
        for name, shift in shifts_of(old.records[agent]).items():
            before, after = _breaks(shift, zone), _breaks(later[name], zone)
            if before != after:
                rows.append((agent, shift[0]["schedule_date"], before, after))
    gain = WeekValue(week, settings, new).total - WeekValue(week, settings, plan).total
    absences = empty_table("availability") if week.availability is None else week.availability
    changes = pd.DataFrame(rows, columns=["agent_id", "schedule_date", "before", "after"])
    tables = {"changes": changes, "schedule": new, "availability": absences}
    return RebreakResult(tables, Meta(Status.FEASIBLE, seed=seed, facts={"gain": round(gain, 2)}))


def _breaks(shift: list[Record], zone: str) -> str:
    parts = sorted((r["start"], r["end"], r["activity"]) for r in shift if r["kind"] == "break")
    return ", ".join(f"{local_text(a, zone)[-5:]}–{local_text(b, zone)[-5:]} {name}" for a, b, name in parts)
