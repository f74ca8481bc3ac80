"""Checks a schedule against every rule, without a line of the solver's code."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.scheduling.rules import RULES, Case, Member, Segment, Shift
from wfo.timegrid import TimeGrid

COLUMNS = ["rule", "agent_id", "schedule_date", "message"]


def check_schedule(
    schedule: pd.DataFrame,
    *,
    centre: Centre,
    agents: pd.DataFrame,
    availability: pd.DataFrame | None = None,
    published: pd.DataFrame | None = None,
    grid: TimeGrid | None = None,
    agent_skills: pd.DataFrame | None = None,
    routing: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Breaches of a week's schedule.

    Parameters
    ----------
    schedule, agents, availability, published, agent_skills, routing : DataFrame
        After the table contracts; time off inside a shift is part of it.
    centre : Centre
    grid : TimeGrid, optional
        The planning week; without it the week begins with the schedule's first date.

    Returns
    -------
    DataFrame
        ``rule, agent_id, schedule_date, message``; empty when all rules hold.
    """
    case = _case(schedule, centre, agents, availability, published, grid, agent_skills, routing)
    rows = [(name, *breach) for name, rule in RULES.items() for breach in rule(case)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["schedule_date"] = frame["schedule_date"].astype(object)
    return frame


def _case(
    schedule: pd.DataFrame, centre: Centre, agents: pd.DataFrame, availability: pd.DataFrame | None,
    published: pd.DataFrame | None, grid: TimeGrid | None, agent_skills: pd.DataFrame | None,
    routing: pd.DataFrame | None,
) -> Case:  # fmt: skip
    """Frames by agent."""
    work = schedule[_in_shifts(schedule)].sort_values(["agent_id", "start", "end"])
    days = _days(work, centre, grid)
    shifts = _shifts(work)
    known = set(agents["agent_id"].astype(str))
    old = _published(published, days)
    absent, free, fixed = _availability(availability)
    skills = None
    if agent_skills is not None:
        skills = _sets(agent_skills["agent_id"], agent_skills["skill"])
    members = []
    for row in agents.sort_values("agent_id").to_dict("records"):
        agent = str(row["agent_id"])
        site = centre.sites.get(str(row.get("site")))
        members.append(
            Member(
                agent,
                centre.contracts[str(row["contract"])],
                ZoneInfo(site.zone if site else centre.zone),
                tuple(shifts.get(agent, ())),
                tuple(old.get(agent, ())),
                tuple(absent.get(agent, ())),
                tuple(free.get(agent, ())),
                tuple(fixed.get(agent, ())),
                None if skills is None else skills.get(agent, frozenset()),
            )  # fmt: skip
        )
    unknown = tuple((a, s.date) for a, own in sorted(shifts.items()) if a not in known for s in own)
    routes = None if routing is None else _sets(routing["queue"], routing["skill"])
    return Case(centre, tuple(members), days, unknown, routes)


def _in_shifts(schedule: pd.DataFrame) -> np.ndarray:
    """Rows that are part of a shift: all but the time off of days that have nothing else."""
    other = (schedule["kind"] != "time_off").to_numpy()
    worked = set(zip(schedule.loc[other, "agent_id"], schedule.loc[other, "shift_id"], strict=True))
    same = [key in worked for key in zip(schedule["agent_id"], schedule["shift_id"], strict=True)]
    return np.asarray(other | np.array(same, dtype=bool))


def _sets(keys: pd.Series, values: pd.Series) -> dict[str, frozenset[str]]:
    """Values by key."""
    found: dict[str, set[str]] = {}
    for key, value in zip(keys, values, strict=True):
        found.setdefault(str(key), set()).add(str(value))
    return {key: frozenset(own) for key, own in found.items()}


def _days(work: pd.DataFrame, centre: Centre, grid: TimeGrid | None) -> tuple[dt.date, ...]:
    if grid is not None:
        first = grid.start.astimezone(ZoneInfo(centre.zone)).date()
    elif len(work):
        first = min(work["schedule_date"])
    else:
        return ()
    return tuple(first + dt.timedelta(days=n) for n in range(7))


def _shifts(work: pd.DataFrame) -> dict[str, list[Shift]]:
    """Shifts of each agent in order of start."""
    found: dict[str, list[Shift]] = {}
    grouped: dict[tuple[str, str], list[Segment]] = {}
    dates: dict[tuple[str, str], dt.date] = {}
    locked = work["locked"].fillna(False).astype(bool) if "locked" in work else pd.Series(False, work.index)
    columns = (
        work[c] for c in ("agent_id", "shift_id", "schedule_date", "start", "end", "kind", "paid", "queues")
    )
    for agent, shift, date, start, end, kind, paid, queues, fixed in zip(*columns, locked, strict=True):
        named = () if queues is None else tuple(queues)
        grouped.setdefault((agent, shift), []).append(
            Segment(start, end, kind, bool(paid), bool(fixed), named)
        )
        dates.setdefault((agent, shift), date)
    for key, segments in grouped.items():
        found.setdefault(key[0], []).append(Shift(key[0], dates[key], tuple(segments)))
    return {agent: sorted(own, key=lambda s: s.start) for agent, own in found.items()}


def _published(
    frame: pd.DataFrame | None, days: tuple[dt.date, ...]
) -> dict[str, list[tuple[dt.date, pd.Timestamp]]]:
    found: dict[str, list[tuple[dt.date, pd.Timestamp]]] = {}
    if frame is None or frame.empty or not days:
        return found
    before = frame[(frame["kind"] != "time_off") & (frame["schedule_date"] < days[0])]
    ends = before.groupby(["agent_id", "schedule_date"], sort=True)["end"].max().reset_index()
    for agent, date, end in zip(ends["agent_id"], ends["schedule_date"], ends["end"], strict=True):
        found.setdefault(str(agent), []).append((date, end))
    return found


def _availability(frame: pd.DataFrame | None) -> tuple[dict[str, list], dict[str, list], dict[str, list]]:
    """Absences, declared availability and locked shifts by agent."""
    absent: dict[str, list] = {}
    free: dict[str, list] = {}
    fixed: dict[str, list] = {}
    if frame is not None:
        frame = frame.sort_values(["agent_id", "start"])
        for agent, start, end, kind in zip(
            *(frame[c] for c in ("agent_id", "start", "end", "kind")), strict=True
        ):
            if kind in ("unavailable", "time_off"):
                absent.setdefault(str(agent), []).append((start, end, kind))
            elif kind == "available":
                free.setdefault(str(agent), []).append((start, end))
            elif kind == "locked_shift":
                fixed.setdefault(str(agent), []).append((start, end))
    return absent, free, fixed
