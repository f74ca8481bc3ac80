"""Check that the tables of a centre know each other: queues, skills, contracts, sites, agents."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.domain.closures import closed_days
from wfo.domain.hours import DAY_MIN, parse_hours
from wfo.errors import Problem
from wfo.tables.data import Data
from wfo.tables.finding import ROWS_NAMED
from wfo.tables.service_level import service_notes

_QUEUE_TABLES = ("interactions", "segments", "queue_intervals", "routing", "work_items")
_NOBODY = (
    "has no rows, so nobody can be planned; add a row for each agent (agent_id, contract, site, cost_per_h)"
)
_NO_SKILLS = (
    "has no rows, so nobody can serve any queue; add a row for each agent and skill (agent_id, skill)"
)
_AGENT_TABLES = ("agent_skills", "availability", "wishes", "requests")


def check_references(data: Data, centre: Centre) -> list[Problem]:
    """Names in the data that the centre or the other tables do not know, and queues that nobody can serve.

    Parameters
    ----------
    data : Data
    centre : Centre

    Returns
    -------
    list of Problem
        Each stops a plan; what only deserves a word is in `notes`.
    """
    problems: list[Problem] = []
    for table in _QUEUE_TABLES:
        problems += _unknown(data, table, "queue", centre.queues, "queue", "add it to centre.queues")
    for table in ("routing", "agent_skills"):
        problems += _unknown(data, table, "skill", centre.skills, "skill", "add it to centre.skills")
    problems += _unknown(
        data, "agents", "contract", centre.contracts, "contract", "add it to centre.contracts"
    )
    problems += _unknown(data, "agents", "site", centre.sites, "site", "add it to centre.sites")
    if "agents" in data:
        known = data["agents"]["agent_id"].dropna().tolist()
        if not len(data["agents"]):
            return [*problems, Problem(data.source("agents"), _NOBODY)]
        for table in _AGENT_TABLES:
            problems += _unknown(
                data, table, "agent_id", known, "agent", "add it to agents or remove these rows"
            )
    return problems + _unserved(data, centre)


def notes(data: Data, centre: Centre) -> list[Problem]:
    """What a planner should know and may leave: contacts while closed, agents without skills."""
    found = [*_while_closed(data, centre), *service_notes(data)]
    if {"agents", "agent_skills"} <= set(data):
        agents = data["agents"]
        idle = sorted(set(agents["agent_id"]) - set(data["agent_skills"]["agent_id"]))
        if idle:
            found.append(
                Problem(data.source("agents"), f"{len(idle)} have no skill and serve no queue: {_some(idle)}")
            )
    if {"routing", "agent_skills"} <= set(data):
        empty = sorted(set(data["routing"]["skill"]) - set(data["agent_skills"]["skill"]))
        if empty:
            found.append(Problem(data.source("routing"), f"nobody has these skills: {_some(empty)}"))
    if {"agents", "interactions"} <= set(data) and "agent_id" in data["interactions"].columns:
        seen = data["interactions"]["agent_id"].dropna().unique().tolist()
        gone = sorted(set(seen) - set(data["agents"]["agent_id"]))
        if gone:
            message = (
                f"{len(gone)} agents answered contacts but are not in agents, so not planned: {_some(gone)}"
            )
            found.append(Problem(data.source("interactions"), message))
    return found


def outside_hours(centre: Centre, queue: str, moments: pd.Series) -> np.ndarray:
    """Whether a queue is closed at each instant by its hours, holidays or closed days, shape (moments,).

    A window belongs to the day it starts on, so a closed day also closes the hours after its midnight.

    Parameters
    ----------
    centre : Centre
    queue : str
    moments : Series
        Aware instants.
    """
    local = moments.dt.tz_convert(centre.zone)
    minute = (local.dt.hour * 60 + local.dt.minute).to_numpy()
    weekday = local.dt.day_of_week.to_numpy()
    date = local.dt.tz_localize(None).dt.normalize()
    dates = (date, date - pd.Timedelta(days=1))
    years = {int(year) for days in dates for year in days.dt.year.unique()}
    closed = pd.DatetimeIndex(sorted(closed_days(centre, queue, years)))
    today, night = (~days.isin(closed).to_numpy(dtype=bool) for days in dates)
    opened = np.zeros(len(moments), dtype=bool)
    for day, windows in parse_hours(centre.queues[queue].hours).items():
        for begin, end in windows:
            opened |= today & (weekday == day) & (minute >= begin) & (minute < end)
            opened |= night & (weekday == (day + 1) % 7) & (minute < end - DAY_MIN)
    return ~opened


def _unknown(
    data: Data, table: str, column: str, known: Iterable[str], what: str, repair: str
) -> Iterator[Problem]:
    if table not in data or column not in data[table].columns:
        return
    values = data[table][column]
    allowed = list(known)
    at = np.flatnonzero((values.notna() & ~values.isin(allowed)).to_numpy())
    # First row and number of rows of each name, in the order they come.
    strange = pd.DataFrame({"name": values.to_numpy()[at], "row": at}).groupby("name", sort=False)["row"]
    kinds = strange.agg(["min", "size"])
    for value, row, rows in kinds.iloc[:ROWS_NAMED].itertuples():
        close = get_close_matches(str(value), allowed, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"{repair}; known: {_some(allowed)}"
        more = f", here and in {rows - 1:,} more row{'s' if rows > 2 else ''}" if rows > 1 else ""
        message = f"found {what} '{value}', which is unknown{more}; {hint}"
        yield Problem(data.where(table, int(row), column), message)
    rest = kinds.iloc[ROWS_NAMED:]
    if len(rest):
        message = f"and {len(rest):,} more unknown names in {rest['size'].sum():,} rows; {repair}"
        yield Problem(f"{data.source(table)}, column '{column}'", message)


def _unserved(data: Data, centre: Centre) -> list[Problem]:
    if not {"routing", "agent_skills"} <= set(data):
        return []
    able = set(data["agent_skills"]["skill"])
    if not able:
        return [Problem(data.source("agent_skills"), _NO_SKILLS)]
    routing = data["routing"]
    problems = []
    for queue in centre.staffed_ids:
        rows = np.flatnonzero((routing["queue"] == queue).to_numpy())
        skills = routing["skill"].iloc[rows].dropna().tolist()
        if not skills:
            message = f"no row says which skill serves queue '{queue}'; add one, or set its law to unstaffed"
            problems.append(Problem(data.source("routing"), message))
        elif able.isdisjoint(skills):
            message = (
                f"queue '{queue}' is served by {_some(skills)}, which nobody has; give the skill to agents"
            )
            problems.append(Problem(data.where("routing", int(rows[0]), "skill"), message))
    return problems


def _while_closed(data: Data, centre: Centre) -> Iterator[Problem]:
    if "interactions" in data:
        contacts = data["interactions"]
        contacts = contacts[contacts["direction"] == "in"]
        table, moment, count = "interactions", "started_at", pd.Series(1.0, index=contacts.index)
    elif "queue_intervals" in data:
        contacts = data["queue_intervals"]
        table, moment, count = "queue_intervals", "interval_start", contacts["offered"]
    else:
        return
    for queue in centre.queue_ids:
        spec = centre.queues[queue]
        # Deferred work waits for the next opening; only who waits in person meets a closed door.
        if spec.law.value not in ("immediate", "concurrent"):
            continue
        mine = contacts["queue"] == queue
        n = int(count[mine][outside_hours(centre, queue, contacts.loc[mine, moment])].sum())
        if n:
            share = n / max(1.0, float(count[mine].sum()))
            came = f"{n:,} contacts ({share:.1%}) came to '{queue}' outside its opening hours"
            yield Problem(data.source(table), f"{came}; they are kept and not staffed")


def _some(names: Iterable[str], most: int = 8) -> str:
    shown = [str(n) for n in names]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
