"""Checks a schedule against every rule, without a line of the solver's code."""

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.scheduling.rule_case import Case, Member, Segment, Shift
from wfo.scheduling.rules import RULES
from wfo.scheduling.settings import ScheduleSettings
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
    settings: ScheduleSettings | None = None,
) -> pd.DataFrame:
    """Breaches of a week's schedule.

    Parameters
    ----------
    schedule, agents, availability, published, agent_skills, routing : DataFrame
        After the table contracts; time off inside a shift is part of it.
    centre : Centre
    grid : TimeGrid, optional
        The planning week; without it the week begins with the schedule's first date.
    settings : ScheduleSettings, optional
        Minimum staff, team mix, cover by kind of shift, the scenario's limit on starts; without them these
        are not checked.

    Returns
    -------
    DataFrame
        ``rule, agent_id, schedule_date, message``; empty when all rules hold.
    """
    case = _case(schedule, centre, agents, availability, published, grid, agent_skills, routing)
    if settings is not None:
        case = replace(
            case,
            minimum_staff=settings.minimum_staff,
            team_mix=settings.team_mix,
            shift_cover=settings.cover,
            spread_min=settings.start_variance_min,
        )
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
    old, leave = _published(published, days)
    absent, free, fixed, busy = _availability(availability)
    skills = None
    if agent_skills is not None:
        skills = _sets(agent_skills["agent_id"], agent_skills["skill"])
    slow = _slow(agent_skills, centre)
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
                tuple(busy.get(agent, ())),
                frozenset(leave.get(agent, ())),
                slow.get(agent, frozenset()),
                _text(row.get("team")),
                _text(row.get("site")),
                _date(row.get("hire_date")),
                str(row["contract"]),
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
    names = ("agent_id", "shift_id", "schedule_date", "start", "end", "kind", "paid", "queues", "activity")
    given = [work[name] if name in work else pd.Series(None, work.index, dtype=object) for name in names]
    for agent, shift, date, start, end, kind, paid, queues, activity, fixed in zip(
        *given, locked, strict=True
    ):
        named = tuple(queues) if isinstance(queues, list | tuple | np.ndarray) else ()
        grouped.setdefault((str(agent), shift), []).append(
            Segment(start, end, kind, bool(paid), bool(fixed), named, str(activity))
        )
        dates.setdefault((str(agent), shift), date)
    for key, segments in grouped.items():
        found.setdefault(key[0], []).append(Shift(key[0], dates[key], tuple(segments)))
    return {agent: sorted(own, key=lambda s: s.start) for agent, own in found.items()}


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _date(value: Any) -> dt.date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()


def _slow(agent_skills: pd.DataFrame | None, centre: Centre) -> dict[str, frozenset[str]]:
    """Skills in which agents are slower than the centre allows."""
    if agent_skills is None or "speed" not in agent_skills:
        return {}
    limits = {name: skill.slowest for name, skill in centre.skills.items() if skill.slowest is not None}
    rows = zip(agent_skills["agent_id"], agent_skills["skill"], agent_skills["speed"], strict=True)
    found = [(a, s) for a, s, speed in rows if s in limits and speed > limits[s] + 1e-9]
    return _sets(pd.Series([a for a, _ in found]), pd.Series([s for _, s in found]))


def _published(
    frame: pd.DataFrame | None, days: tuple[dt.date, ...]
) -> tuple[dict[str, list[Shift]], dict[str, set[dt.date]]]:
    """Shifts of the published weeks before, and days of time off in them, by agent."""
    if frame is None or frame.empty or not days:
        return {}, {}
    before = frame[frame["schedule_date"] < days[0]]
    off = before[before["kind"] == "time_off"]
    leave: dict[str, set[dt.date]] = {}
    for agent, date in zip(off["agent_id"], off["schedule_date"], strict=True):
        leave.setdefault(str(agent), set()).add(date)
    work = before[before["kind"] != "time_off"].sort_values(["agent_id", "start", "end"])
    return _shifts(work), leave


def _availability(frame: pd.DataFrame | None) -> tuple[dict[str, list], ...]:
    """Absences, declared availability, locked shifts and meetings by agent."""
    absent: dict[str, list] = {}
    free: dict[str, list] = {}
    fixed: dict[str, list] = {}
    busy: dict[str, list] = {}
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
            else:
                busy.setdefault(str(agent), []).append((start, end))
    return absent, free, fixed, busy
