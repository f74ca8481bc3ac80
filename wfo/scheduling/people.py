"""Agents' frames to persons: contract, absences, wishes, and the published weeks around the planning week."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from wfo.domain.contract import Contract
from wfo.domain.hours import DAY_MIN, DAYS, clock_min
from wfo.scheduling.fairness import accounts
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.leave import counted_days, leave_days, time_off
from wfo.scheduling.settings import ScheduleSettings
from wfo.tables.wages import hourly_wages
from wfo.timegrid import epoch_min

_BUSY = ("meeting", "training")
_YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Worked:
    """A published shift; instants in minutes since the epoch."""

    date: dt.date
    begin: int
    end: int
    paid_min: int


@dataclass
class WeekAgent:
    """What the frames say of one agent; instants in minutes since the epoch.

    Attributes
    ----------
    agent_id, site, zone, contract_id, team : str
    contract : Contract
    weekend : tuple of int
        Weekdays of the weekend in order, Monday 0.
    cost_per_h : float
    tenure_years : float
        At the week's first day; 0 where the hire date is not known.
    beyond_h : float
        Unpopular hours the agent has had beyond a fair share.
    blocked, allowed, locked : list of (int, int)
        Half-open spans: absences, declared availability, fixed shifts.
    busy : list of (int, int, str, bool)
        Meetings and trainings with name and paid.
    leave : list of int
        Days of the week whose whole start window time off covers.
    before : list of Worked
        Shifts of the published weeks before, in order.
    leave_before : set of date
        Days of time off in the published weeks before.
    planned : dict
        Where this week has been published already: its shift by date; None: it has not.
    wishes : list of (date, int, int, str, float)
        Local start window in minutes, kind of shift (empty: any), weight (negative: against).
    """

    agent_id: str
    site: str
    zone: str
    contract_id: str
    contract: Contract
    cost_per_h: float
    team: str = ""
    weekend: tuple[int, ...] = (5, 6)
    tenure_years: float = 0.0
    beyond_h: float = 0.0
    blocked: list[tuple[int, int]] = field(default_factory=list)
    allowed: list[tuple[int, int]] = field(default_factory=list)
    locked: list[tuple[int, int]] = field(default_factory=list)
    busy: list[tuple[int, int, str, bool]] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)
    before: list[Worked] = field(default_factory=list)
    leave_before: set[dt.date] = field(default_factory=set)
    planned: dict[dt.date, tuple[int, int]] | None = None
    wishes: list[tuple[dt.date, int, int, str, float]] = field(default_factory=list)

    @property
    def days_off(self) -> int:
        """Days of leave that count against the contract's days."""
        return counted_days(self.contract, len(self.leave))

    @property
    def free_from(self) -> int:
        """Minute at which the rest after the last published shift is over; 0: there is none."""
        return self.before[-1].end + round(self.contract.rest_h * 60) if self.before else 0


def read_people(
    inputs: ScheduleInputs, days: tuple[dt.date, ...], settings: ScheduleSettings
) -> list[WeekAgent]:
    """Agents in order of id, with all that concerns them in the week."""
    people: dict[str, WeekAgent] = {}
    rows = inputs.agents.sort_values("agent_id").to_dict("records")
    wages = hourly_wages(inputs.agents)
    weekend = tuple(DAYS.index(day) for day in inputs.centre.weekend)
    for row in rows:
        site, team = _text(row, "site"), _text(row, "team")
        people[str(row["agent_id"])] = WeekAgent(
            str(row["agent_id"]), site, inputs.centre.zone_of(site), str(row["contract"]),
            inputs.centre.contracts[str(row["contract"])],
            0.0 if wages is None else float(wages[row["agent_id"]]),
            team, weekend, _tenure(row.get("hire_date"), days[0]),
        )  # fmt: skip
    _read_availability(inputs.availability, people)
    _read_published(inputs.published, people, days)
    _read_wishes(inputs.wishes, people)
    _find_leave(inputs.availability, people, days)
    if settings.price_unfair > 0.0:
        for agent, beyond_min in accounts(inputs, settings, days[0]).items():
            people[agent].beyond_h = beyond_min / 60
    return list(people.values())


def _text(row: dict[Any, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else str(value)


def _tenure(hired: Any, first: dt.date) -> float:
    """Years since the hire date."""
    if hired is None or pd.isna(hired):
        return 0.0
    return float(max(0, (first - pd.Timestamp(hired).date()).days) / _YEAR_DAYS)


def _read_availability(frame: pd.DataFrame | None, people: dict[str, WeekAgent]) -> None:
    if frame is None or frame.empty:
        return
    frame = frame.sort_values(["agent_id", "start", "kind"])
    paid = frame["paid"].fillna(True).astype(bool) if "paid" in frame else pd.Series(True, frame.index)
    spans = zip(epoch_min(frame["start"]).tolist(), epoch_min(frame["end"]).tolist(), strict=True)
    for agent, kind, span, is_paid in zip(frame["agent_id"], frame["kind"], spans, paid, strict=True):
        person = people.get(str(agent))
        if person is None:
            continue
        if kind in ("unavailable", "time_off"):
            person.blocked.append(span)
        elif kind == "available":
            person.allowed.append(span)
        elif kind == "locked_shift":
            person.locked.append(span)
        elif kind in _BUSY:
            person.busy.append((*span, str(kind), bool(is_paid)))


def _find_leave(frame: pd.DataFrame | None, people: dict[str, WeekAgent], days: tuple[dt.date, ...]) -> None:
    """Days off in the sense of hours."""
    for agent, spans in time_off(frame).items():
        if agent in people:
            person = people[agent]
            person.leave.extend(leave_days(spans, person.contract, person.zone, days))


def _read_published(
    frame: pd.DataFrame | None, people: dict[str, WeekAgent], days: tuple[dt.date, ...]
) -> None:
    """Shifts before the week bind; those of the week itself are what a new plan should change little."""
    if frame is None or frame.empty:
        return
    begin, end = epoch_min(frame["start"]), epoch_min(frame["end"])
    rows = frame.assign(begin=begin, stop=end, paid_min=(end - begin) * frame["paid"].to_numpy(bool))
    off = (rows["kind"] == "time_off").to_numpy()
    for agent, date in zip(rows.loc[off, "agent_id"], rows.loc[off, "schedule_date"], strict=True):
        if str(agent) in people and date < days[0]:
            people[str(agent)].leave_before.add(date)
    shifts = rows[~off].groupby(["agent_id", "schedule_date"], sort=True)
    found = shifts.agg(begin=("begin", "min"), stop=("stop", "max"), paid=("paid_min", "sum")).reset_index()
    again = (found["schedule_date"] >= days[0]) & (found["schedule_date"] <= days[-1])
    if again.any():
        for own in people.values():
            own.planned = {}
    for agent, date, first, last, paid in found.itertuples(index=False):
        person = people.get(str(agent))
        if person is None or date > days[-1]:
            continue
        if date < days[0]:
            person.before.append(Worked(date, int(first), int(last), int(paid)))
        elif person.planned is not None:
            person.planned[date] = (int(first), int(last))


def _read_wishes(frame: pd.DataFrame | None, people: dict[str, WeekAgent]) -> None:
    if frame is None or frame.empty:
        return
    for row in frame.to_dict("records"):
        person = people.get(str(row["agent_id"]))
        if person is not None:
            low, high = wish_window(row)
            weight = float(row["weight"]) * (1.0 if row["sense"] == "for" else -1.0)
            person.wishes.append((row["schedule_date"], low, high, _text(row, "shift"), weight))


def wish_window(row: dict[Any, Any]) -> tuple[int, int]:
    """Local start window of a wish in minutes; without clock times it is the whole day."""
    low, high = row.get("start_earliest"), row.get("start_latest")
    return (
        0 if not isinstance(low, str) or not low else clock_min(low),
        DAY_MIN if not isinstance(high, str) or not high else clock_min(high),
    )
