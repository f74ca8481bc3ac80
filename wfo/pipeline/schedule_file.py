"""A schedule from a file, ours or another program's, edited by hand or not."""

import datetime as dt
from pathlib import Path

import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem, TableError
from wfo.tables.check import checked
from wfo.tables.contracts import RUN
from wfo.tables.sources import Raw, open_file, open_sheets
from wfo.timegrid import epoch_min

_LEAST = ("agent_id", "start", "end")
_GAP_MIN = 180
"""Segments of an agent that are nearer than this are one shift, where no column says which shift they are."""


def holds_schedule(path: Path) -> bool:
    """Whether a table is a schedule by its columns: who, from when, to when, and work among the kinds."""
    try:
        frame = _raw(path).frame
    except TableError:
        return False
    if not {*_LEAST} <= {*frame.columns} or "request_id" in frame.columns:
        return False
    return "kind" not in frame.columns or bool((frame["kind"] == Kind.WORK.value).any())


def read_schedule(
    path: Path, *, timezone: str, centre: Centre, agents: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a schedule; what another program leaves out is filled in and said.

    Parameters
    ----------
    path : Path
        CSV, Parquet, or a workbook with a sheet ``schedule`` or one that has the columns needed, which are
        ``agent_id``, ``start`` and ``end``.
    timezone : str
        Of times without an offset.
    centre : Centre
    agents : DataFrame
        ``agent_id`` and, where it is known, ``site``: a shift is dated in its local time.

    Returns
    -------
    schedule : DataFrame
        Table ``schedule``.
    notes : tuple of str
        What was filled in.

    Raises
    ------
    InputError
        With every problem: file, row, column, what was found, what is allowed, what to do.
    """
    raw = _raw(path)
    missing = [name for name in _LEAST if name not in raw.frame.columns]
    if missing:
        found = ", ".join(map(str, raw.frame.columns)) or "none"
        message = f"columns {', '.join(missing)} are missing; found: {found}; rename or add them"
        raise InputError([Problem(raw.source, message)])
    frame, notes = _filled(raw.frame.reset_index(drop=True))
    dated = "schedule_date" in raw.frame.columns and "shift_id" in raw.frame.columns
    if not dated:
        # dates and shifts follow from the times, which must be read first
        frame = frame.assign(schedule_date=dt.date(2000, 1, 1), shift_id="?")
        notes.append("no columns 'schedule_date' and 'shift_id': shifts are told by the gaps between them")
    typed, problems = checked("schedule", frame, raw.source, timezone=timezone, numbers=raw.numbers)
    if problems:
        raise TableError(problems)
    if not dated:
        typed = _dated(typed, centre, agents)
    columns = [*RUN["schedule"].names, *(c for c in typed.columns if c not in RUN["schedule"].names)]
    absent = [c.name for c in RUN["schedule"].columns if c.type == "text" and c.name not in typed]
    ordered = typed.reindex(columns=columns).astype(dict.fromkeys(absent, "str"))
    ordered = ordered.sort_values(["agent_id", "start"], ignore_index=True)
    return ordered[list(RUN["schedule"].names)], tuple(notes)


def _filled(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Columns another program may leave out, with what is taken for them."""
    notes = []
    for name, value in (("kind", Kind.WORK.value), ("paid", True)):
        if name not in frame.columns:
            frame = frame.assign(**{name: value})
            notes.append(f"no column '{name}': every row is taken for {'work' if name == 'kind' else 'paid'}")
    if "activity" not in frame.columns:
        frame = frame.assign(activity=frame["kind"])
    if "locked" not in frame.columns:
        frame = frame.assign(locked=False)
    if "queues" not in frame.columns:
        frame = frame.assign(queues="")
    return frame, notes


def _dated(frame: pd.DataFrame, centre: Centre, agents: pd.DataFrame) -> pd.DataFrame:
    """Shifts by gaps, each dated by its start in the local time of the agent's site."""
    sites = dict(zip(agents["agent_id"], agents["site"], strict=True)) if "site" in agents else {}
    out = frame.sort_values(["agent_id", "start"], ignore_index=True)
    begin, end = epoch_min(out["start"]), epoch_min(out["end"])
    dates, shifts = [], []
    previous, last, date = "", 0, dt.date.min
    for agent, first, stop, start in zip(out["agent_id"], begin, end, out["start"], strict=True):
        if agent != previous or first - last > _GAP_MIN:
            site = centre.sites.get(str(sites.get(agent)))
            date = start.tz_convert(site.zone if site else centre.zone).date()
        previous, last = agent, max(stop, last if agent == previous else stop)
        dates.append(date)
        shifts.append(f"{agent}/{date.isoformat()}")
    out["schedule_date"] = pd.Series(dates, index=out.index, dtype=object)
    return out.assign(shift_id=shifts).astype({"shift_id": "str"})


def _raw(path: Path) -> Raw:
    """The file's table; of a workbook the sheet ``schedule``, else the first that has the columns needed."""
    sheets = dict(open_sheets(path)) if path.name.lower().endswith(".xlsx") else {"schedule": open_file(path)}
    fit = (sheet for sheet in sheets.values() if set(_LEAST) <= set(sheet.frame.columns))
    return sheets.get("schedule") or next(fit, next(iter(sheets.values())))
