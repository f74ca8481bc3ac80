"""Reasons: for each target that stays missed after the rounds, where it is missed most, and why."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wfo.domain.centre import Centre
from wfo.evaluation.paid import paid_hours_by_agent
from wfo.metrics.specs import SERVICE, Grain
from wfo.planning.losses import Prices, interval_losses, missed_contacts
from wfo.planning.on_duty import agents_away, agents_on_duty
from wfo.scheduling.demand import proficient

HOUR = pd.Timedelta(hours=1)
_SHARES = (*SERVICE, "abandonment")


@dataclass(frozen=True)
class People:
    """Who could serve.

    Attributes
    ----------
    centre : Centre
        Its contracts say how many hours an agent works at most.
    agents, agent_skills, routing : DataFrame
        After the table contracts.
    """

    centre: Centre
    agents: pd.DataFrame
    agent_skills: pd.DataFrame
    routing: pd.DataFrame

    def skilled(self, queue: str) -> set[str]:
        """Agents with a skill that serves a queue."""
        skills = set(self.routing.loc[(self.routing["queue"] == queue).to_numpy(), "skill"])
        own = self.agent_skills[self.agent_skills["skill"].isin(skills).to_numpy()]
        return set(own["agent_id"]) & set(self.agents["agent_id"])

    def skill_sets(self) -> frozenset[frozenset[str]]:
        """Skills that single agents have, each set once; those too slow for some are told apart."""
        found = set()
        for rows in (self.agent_skills, proficient(self.agent_skills, self.centre)):
            found |= {frozenset(own) for own in rows.groupby("agent_id")["skill"].agg(list)}
        return frozenset(found)

    def with_hours_left(self, schedule: pd.DataFrame) -> set[str]:
        """Agents whose contract leaves at least an hour beyond what they are scheduled for."""
        worked = paid_hours_by_agent(schedule)
        rows = zip(self.agents["agent_id"], self.agents["contract"], strict=True)
        contracts = self.centre.contracts
        return {
            agent
            for agent, name in rows
            if name in contracts and float(worked.get(agent, 0.0)) + 1.0 <= contracts[name].week_h.max + 1e-9
        }


@dataclass(frozen=True)
class Asked:
    """What a round was asked for in cuts, and the schedule that came of it."""

    number: int
    cuts: pd.DataFrame
    schedule: pd.DataFrame


def reasons_missed(
    missed: pd.DataFrame,
    intervals: pd.DataFrame,
    schedule: pd.DataFrame,
    *,
    people: People,
    prices: Prices,
    asked: Sequence[Asked],
    runs: pd.DataFrame | None = None,
) -> tuple[str, ...]:
    """A sentence for each target that stays missed: how far, the worst hour, why nobody more is there.

    Parameters
    ----------
    missed : DataFrame
        Rows of the scorecard.
    intervals : DataFrame
        Simulated means of the plan that is kept.
    schedule : DataFrame
        That plan.
    people : People
    prices : Prices
    asked : sequence of Asked
        Rounds that had cuts, in order.
    runs : DataFrame, optional
        Table ``replications``; by how many contacts targets of days are missed.
    """
    out = []
    for row in missed.sort_values(["scope", "metric", "grain"]).to_dict("records"):
        queue, metric = str(row["scope"]), str(row["metric"])
        own = intervals[(intervals["queue"] == queue).to_numpy()]
        days = None if runs is None else runs[(runs["queue"] == queue).to_numpy()]
        head = (
            f"{metric.replace('_', ' ')} of {queue} per {row['grain']} stays missed: "
            f"{_figure(metric, row['predicted'])} expected, target {_figure(metric, row['target'])}, "
            f"met with {_chance(row['p_met'])} probability{_missing(metric, row, own, days)}"
        )
        start = _worst_hour(own, prices)
        if start is None:
            out.append(f"{head}; no contact is lost or late, so that more people are not asked for")
            continue
        local = start.tz_convert(people.centre.zone)
        why = _why(queue, start, schedule, people, asked)
        out.append(f"{head}; worst {local:%a %H:%M}–{local + HOUR:%H:%M}: {why}")
    return tuple(out)


def _chance(p: float) -> str:
    """A probability, no more certain than a simulation can be."""
    return "< 5 %" if p < 0.05 else "> 95 %" if p > 0.95 else f"{100 * p:.0f} %"


def _missing(metric: str, row: Mapping[Hashable, Any], own: pd.DataFrame, runs: pd.DataFrame | None) -> str:
    """How many contacts more in time would do, or that chance decides where the mean is at the target."""
    if metric not in SERVICE:
        return ""
    if row["grain"] != Grain.WEEK.value:
        if runs is None or row["grain"] != Grain.DAY.value:
            return ""
        more = max(1, math.ceil(missed_contacts(runs, metric, row["target"], Grain.DAY) - 1e-9))
        return f" (on its days {more} contact{'s' if more > 1 else ''} in all are missing to it in the mean)"
    short = (row["target"] - row["predicted"]) * float(own["of"].sum())
    if short <= 0.0:
        return " (the mean is at the target, chance decides the single week)"
    more = math.ceil(short - 1e-9)
    return f" ({more} more contact{'s' if more > 1 else ''} a week in time would do)"


def _worst_hour(intervals: pd.DataFrame, prices: Prices) -> pd.Timestamp | None:
    """Start of the hour that loses most, the earliest of equals; None where nothing is lost."""
    if intervals.empty:
        return None
    hours = pd.DatetimeIndex(intervals["interval_start"]).floor("h")
    by_hour = pd.Series(interval_losses(intervals, prices), index=hours).groupby(level=0).sum()
    most = int(by_hour.to_numpy().argmax())
    return pd.DatetimeIndex(by_hour.index)[most] if by_hour.iloc[most] > 0.0 else None


def _why(
    queue: str, start: pd.Timestamp, schedule: pd.DataFrame, people: People, asked: Sequence[Asked]
) -> str:
    """Why nobody more serves a queue in an hour."""
    skilled, end = people.skilled(queue), start + HOUR
    there = agents_on_duty(schedule, queue, start, end) & skilled
    if not skilled:
        return "nobody is skilled for it"
    rest = skilled - there - agents_away(schedule, start, end)
    if not rest:
        others = " and the others on leave" if len(there) < len(skilled) else ""
        return f"no one skilled is free: of {len(skilled)}, {len(there)} are on duty{others}"
    if not rest & people.with_hours_left(schedule):
        return (
            f"hours are exhausted: of the skilled, {len(there)} on duty, {len(rest)} more already at the "
            "hours of the contract"
        )
    round_ = _asked_there(queue, start, asked)
    if round_ is None:
        return f"{len(there)} skilled are on duty, and no round was left in which more were asked for"
    came = agents_on_duty(round_.schedule, queue, start, end) & skilled
    if len(came) > len(there):
        return (
            f"more were asked for in round {round_.number} and came ({len(came)} instead of {len(there)}), "
            "but that plan cost more in all"
        )
    return (
        f"the cut did not help: more were asked for in round {round_.number}, and {len(came)} of "
        f"{len(skilled)} skilled are on duty; rules, or worth elsewhere, keep the others away"
    )


def _asked_there(queue: str, start: pd.Timestamp, asked: Sequence[Asked]) -> Asked | None:
    """The last round that was asked for more of a queue in an hour."""
    for round_ in reversed(asked):
        cuts = round_.cuts
        own = cuts["cut"].astype(str).str.startswith(f"{queue}/")
        within = (cuts["interval_start"] >= start) & (cuts["interval_start"] < start + HOUR)
        if bool((own & within).any()):
            return round_
    return None


def _figure(metric: str, value: float) -> str:
    return f"{100 * value:.1f} %" if metric in _SHARES else f"{value:.0f} s"
