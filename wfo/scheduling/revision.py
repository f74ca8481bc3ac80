"""A plan that is changed shift by shift, with its rules and its worth to service kept in sight.

Requests and repairs propose changes; here they are tried against the independent checker and against the
value of the week, and made.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.domain.contract import Contract
from wfo.scheduling.build import week_days
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.leave import leave_days, time_off
from wfo.scheduling.pay import extra_hours
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import Record, frame_of, records_of
from wfo.scheduling.week_value import WeekValue
from wfo.tables.empty import empty_table
from wfo.tables.wages import hourly_wages

Breach = tuple[str, str, str, str]
"""Rule, agent, date (or empty), message."""
_WHOLE = ""


@dataclass(frozen=True)
class Agent:
    """What a change needs to know of somebody."""

    agent_id: str
    name: str
    team: str
    site: str | None
    zone: ZoneInfo
    contract: Contract
    wage_h: float


@dataclass(frozen=True)
class Trial:
    """A change that was tried.

    Attributes
    ----------
    changes : mapping of str to list of Record
        Whole weeks by agent.
    absences : DataFrame
        Rows of ``availability`` that come with it.
    breaches : tuple of Breach
        What no rule complained of before.
    loss : float
        Money lost to service; negative: gained.
    wages : float
        Change of wages.
    """

    changes: Mapping[str, list[Record]]
    absences: pd.DataFrame
    breaches: tuple[Breach, ...]
    loss: float
    wages: float


class Revision:
    """A week's plan under change.

    Parameters
    ----------
    inputs : ScheduleInputs
    plan : DataFrame
        Table ``schedule``, with all that was placed in it.
    settings : ScheduleSettings
    """

    def __init__(self, inputs: ScheduleInputs, plan: pd.DataFrame, settings: ScheduleSettings):
        self.inputs, self._settings = inputs, settings
        self._joins_agents = bool(settings.minimum_staff or settings.team_mix or settings.cover)
        self.value = WeekValue(inputs, settings, plan)
        self.agents = _agents(inputs)
        self.availability = (
            empty_table("availability") if inputs.availability is None else inputs.availability.copy()
        )
        self.records = {agent: list[Record]() for agent in self.agents}
        for agent, rows in plan.groupby("agent_id", sort=True):
            self.records.setdefault(str(agent), []).extend(records_of(rows))
        self._published = _by_agent(inputs.published)
        self._skills = _by_agent(inputs.agent_skills)
        self._people = _by_agent(inputs.agents)
        self._known: dict[str, frozenset[Breach]] = {}

    def plan(self) -> pd.DataFrame:
        """Table ``schedule`` as it is now, by agent and start."""
        return frame_of([r for agent in sorted(self.records) for r in self.records[agent]])

    def local(self, agent: str, minute: int) -> pd.Timestamp:
        """Local time of an agent at a minute since the epoch."""
        return pd.Timestamp(minute * 60, unit="s", tz=self.agents[agent].zone)

    def price(self, agent: str, date: dt.date | None = None) -> dict[int, float]:
        """Money a slot of an agent's work is worth now, by the minute the slot begins.

        With a date: as if the agent did not work on it.
        """
        value, without = self.value, None
        if date is not None:
            day = (r for r in self.records[agent] if r["schedule_date"] == date)
            without = value.slots_of((r["start"], r["end"]) for r in day if r["kind"] == Kind.WORK.value)
        prices = value.prices(agent, without).tolist()
        return {value.start_min + n * value.slot_min: p for n, p in enumerate(prices)}

    def breaches(self, agent: str, records: list[Record], availability: pd.DataFrame) -> frozenset[Breach]:
        """What the checker says of one agent's week."""
        mine = (availability["agent_id"] == agent).to_numpy()
        skills = self._skills.get(agent, self.inputs.agent_skills.iloc[:0])
        return self._checked(
            frame_of(records), self._people[agent], availability[mine], self._published.get(agent), skills
        )

    def known_breaches(self, agent: str) -> frozenset[Breach]:
        """What the checker says of an agent's week as it is."""
        if agent not in self._known:
            self._known[agent] = self.breaches(agent, self.records[agent], self.availability)
        return self._known[agent]

    def whole_breaches(self) -> frozenset[Breach]:
        """What the checker says of the whole plan as it is."""
        if _WHOLE not in self._known:
            self._known[_WHOLE] = self._whole(self.records, self.availability)
        return self._known[_WHOLE]

    def _whole(self, records: Mapping[str, list[Record]], availability: pd.DataFrame) -> frozenset[Breach]:
        plan = frame_of([r for agent in sorted(records) for r in records[agent]])
        inputs = self.inputs
        return self._checked(plan, inputs.agents, availability, inputs.published, inputs.agent_skills)

    def _checked(
        self,
        plan: pd.DataFrame,
        agents: pd.DataFrame,
        availability: pd.DataFrame,
        published: pd.DataFrame | None,
        skills: pd.DataFrame,
    ) -> frozenset[Breach]:
        found = check_schedule(
            plan,
            centre=self.inputs.centre,
            agents=agents,
            availability=availability,
            published=published,
            grid=self.inputs.grid,
            agent_skills=skills,
            routing=self.inputs.routing,
            settings=self._settings if agents is self.inputs.agents else None,
        )
        cells = (found[c] for c in ("rule", "agent_id", "schedule_date", "message"))
        return frozenset(
            (str(rule), str(who), "" if date is None or pd.isna(date) else str(date), str(message))
            for rule, who, date, message in zip(*cells, strict=True)
        )

    def value_loss(self, changes: Mapping[str, list[Record]]) -> float:
        """Money lost to service by new weeks, rules left aside."""
        return self.value.loss(self._slots(changes))

    def try_out(
        self,
        changes: Mapping[str, list[Record]],
        absences: pd.DataFrame | None = None,
        *,
        whole: bool = True,
    ) -> Trial:
        """Try new weeks of agents, with absences that come with them; nothing is kept.

        Each agent's own rules are looked at first; where they hold, and the scenario has rules that join
        agents, those of the whole plan, unless ``whole`` says that they cannot matter.
        """
        extra = empty_table("availability") if absences is None else absences
        rows = self.availability if extra.empty else pd.concat([self.availability, extra], ignore_index=True)
        new: list[Breach] = []
        for agent in sorted(changes):
            new += sorted(self.breaches(agent, changes[agent], rows) - self.known_breaches(agent))
        if whole and not new and self._joins_agents:
            new = sorted(self._whole({**self.records, **changes}, rows) - self.whole_breaches())
        wages = sum(
            self._wages(a, own, rows) - self._wages(a, self.records[a], self.availability)
            for a, own in changes.items()
        )
        return Trial(changes, extra, tuple(new), self.value_loss(changes), float(wages))

    def make(self, trial: Trial) -> None:
        """Make a change that was tried."""
        self.value.accept(self._slots(trial.changes))
        if not trial.absences.empty:
            self.availability = pd.concat([self.availability, trial.absences], ignore_index=True)
        for agent, own in trial.changes.items():
            self.records[agent] = sorted(own, key=lambda r: r["start"])
            self._known.pop(agent, None)
        self._known.pop(_WHOLE, None)

    def _wages(self, agent: str, records: list[Record], availability: pd.DataFrame) -> float:
        """Wages of a week, with premiums and overtime."""
        who, paid = self.agents[agent], [r for r in records if r["paid"]]
        hours = sum(r["end"] - r["start"] for r in paid) / 60
        work = [(r["start"], r["end"]) for r in paid if r["kind"] != Kind.TIME_OFF.value]
        begin, end = np.array(work, np.int64).reshape(-1, 2).T
        leave = self._leave(who, availability) if who.contract.overtime else 0
        return who.wage_h * (hours + extra_hours(who.contract, who.zone.key, begin, end, leave))

    def _leave(self, who: Agent, availability: pd.DataFrame) -> int:
        """Days of leave that count."""
        own = time_off(availability[(availability["agent_id"] == who.agent_id).to_numpy()])
        zone, days = who.zone.key, week_days(self.inputs)
        return len(leave_days(own.get(who.agent_id, ()), who.contract, zone, days))

    def _slots(self, changes: Mapping[str, list[Record]]) -> dict[str, np.ndarray]:
        return {
            agent: self.value.slots_of((r["start"], r["end"]) for r in own if r["kind"] == Kind.WORK.value)
            for agent, own in changes.items()
        }


def _agents(inputs: ScheduleInputs) -> dict[str, Agent]:
    rows = inputs.agents.sort_values("agent_id").to_dict("records")
    wages = hourly_wages(inputs.agents)
    found = {}
    for row in rows:
        agent, site = str(row["agent_id"]), _text(row.get("site"))
        found[agent] = Agent(
            agent, _text(row.get("name")) or agent, _text(row.get("team")), site or None,
            ZoneInfo(inputs.centre.zone_of(site)), inputs.centre.contracts[str(row["contract"])],
            0.0 if wages is None else float(wages[row["agent_id"]]),
        )  # fmt: skip
    return found


def _text(cell: str | float | None) -> str:
    return cell if isinstance(cell, str) else ""


def _by_agent(frame: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    if frame is None or frame.empty:
        return {}
    return {str(agent): rows for agent, rows in frame.groupby("agent_id", sort=True)}
