"""Rules about who is on duty together, one function each; nothing here is shared with the solver."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.hours import parse_hours
from wfo.scheduling.rule_case import Breach, Case, Member
from wfo.scheduling.rules_of_shifts import type_name
from wfo.scheduling.settings import Group

_STEP_MIN = 5
_MINUTE = pd.Timedelta(minutes=1)


def minimum_staff(case: Case) -> Iterator[Breach]:
    """As many agents of a group are on duty as the scenario asks for, whatever the demand."""
    for name, rule in case.minimum_staff.items():
        count = _on_duty(case, [m for m in case.members if _belongs(m, rule)])
        yield from _told(case, rule.hours, count < rule.agents, name, f"fewer than {rule.agents} on duty")


def team_mix(case: Case) -> Iterator[Breach]:
    """Of the agents of a group on duty, so large a share is experienced as the scenario asks for."""
    for name, rule in case.team_mix.items():
        own = [m for m in case.members if _belongs(m, rule)]
        everybody = _on_duty(case, own)
        experienced = _on_duty(case, [m for m in own if _has_months(m, case, rule.months)])
        short = experienced < rule.share * everybody - 1e-9
        yield from _told(case, rule.hours, short, name, f"less than {100 * rule.share:g} % experienced")


def shift_cover(case: Case) -> Iterator[Breach]:
    """As many agents start a kind of shift on its days as the scenario asks for."""
    for name, row in case.shift_cover.items():
        kind = row.shift or name
        for day in case.days:
            if f"{day:%a}" not in row.days:
                continue
            there = sum(
                shift.date == day and type_name(member, shift) == kind
                for member in case.members
                for shift in member.shifts
            )
            if there < row.agents:
                yield "", day, f"'{kind}': {there} agents; wanted are {row.agents}"


def _belongs(member: Member, group: Group) -> bool:
    """Whether an agent is in a group."""
    has_skill = group.skill is None or member.skills is None or group.skill in member.skills
    return (
        has_skill
        and all(
            wanted is None or wanted == own
            for wanted, own in ((group.team, member.team), (group.site, member.site))
        )
        and (group.contract is None or group.contract == member.contract_id)
    )


def _has_months(member: Member, case: Case, months: float) -> bool:
    """Whether so many months have passed since the hire date, on the week's first day."""
    return member.hired is not None and (case.days[0] - member.hired).days >= months * 365.25 / 12


def _edge(case: Case, day: dt.date) -> pd.Timestamp:
    return pd.Timestamp(dt.datetime.combine(day, dt.time()), tz=ZoneInfo(case.centre.zone))


def _on_duty(case: Case, members: list[Member]) -> np.ndarray:
    """Agents at work by step of five minutes of the week."""
    if not case.days:
        return np.zeros(0, np.int64)
    begin = _edge(case, case.days[0])
    size = round((_edge(case, case.days[-1] + dt.timedelta(days=1)) - begin) / _MINUTE) // _STEP_MIN
    change = np.zeros(size + 1, np.int64)
    for member in members:
        for segment in (s for shift in member.shifts for s in shift.segments if s.kind == "work"):
            first = round((segment.start - begin) / _MINUTE) // _STEP_MIN
            last = round((segment.end - begin) / _MINUTE) // _STEP_MIN
            change[min(max(0, first), size)] += 1
            change[min(max(0, last), size)] -= 1
    return np.cumsum(change)[:size]


def _told(case: Case, hours: tuple[str, ...], short: np.ndarray, name: str, what: str) -> Iterator[Breach]:
    """One breach a day: from when to when, and for how long in all."""
    windows = parse_hours(hours)
    if not case.days:
        return
    begin = _edge(case, case.days[0])
    by_day: dict[dt.date, list[str]] = {}
    for n in np.flatnonzero(short).tolist():
        local = (begin + n * _STEP_MIN * _MINUTE).tz_convert(case.centre.zone)
        minute = local.hour * 60 + local.minute
        own, before = windows.get(local.weekday(), ()), windows.get((local.weekday() - 1) % 7, ())
        if any(a <= minute < b for a, b in own) or any(a <= minute + 1440 < b for a, b in before):
            by_day.setdefault(local.date(), []).append(f"{local:%H:%M}")
    for day, times in by_day.items():
        yield "", day, f"'{name}': {what} for {len(times) * _STEP_MIN} min, first at {times[0]}"
