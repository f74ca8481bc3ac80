"""Weeks for agents who have no legal one: the cheapest rules bent or requests set aside, and named."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from wfo.scheduling.build import build_problem, week_days
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.conflicts import conflict_of, least_violation
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.problem import FORBIDDEN
from wfo.scheduling.result import schedule_table
from wfo.scheduling.revision import Breach
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.watch import Watch
from wfo.scheduling.week import plan_week
from wfo.scheduling.week_value import WeekValue
from wfo.scheduling.wording import breach_text, some_of

_TIME_SHARE = 1.1


def with_least_weeks(
    plan: pd.DataFrame,
    agents: Sequence[str],
    inputs: ScheduleInputs,
    settings: ScheduleSettings,
    watch: Watch | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...], frozenset[str]]:
    """Give agents without a legal week the one that violates least, where service needs them most.

    Parameters
    ----------
    plan : DataFrame
        Table ``schedule`` of all others.
    agents : sequence of str
    inputs : ScheduleInputs
    settings : ScheduleSettings
    watch : Watch, optional
        Ends this too: after Ctrl-C, or a tenth of the time limit beyond it, nobody further is looked at.

    Returns
    -------
    schedule : DataFrame
        By agent and start.
    reasons : tuple of str
        Each conflict with the agents who have it; for each agent, those who get no shift together where they
        are alike, what was bent, and every breach.
    told : frozenset of str
        The agents whom the reasons explain.
    """
    value, unseen = WeekValue(inputs, settings, plan), frozenset[str]()
    parts, reasons = [plan], list[str]()
    alike, idle = dict[str, list[str]](), dict[str, list[str]]()
    for n, agent in enumerate(agents):
        if watch is not None and watch.over(_TIME_SHARE):
            unseen = frozenset(agents[n:])
            break
        conflict = conflict_of(inputs, agent, settings)
        relaxed = least_violation(inputs, agent, settings)
        if conflict is None or relaxed is None:
            continue
        own, changes = relaxed
        rows = _week(own, settings, value.prices(agent))
        alike.setdefault(conflict.why(inputs.centre.currency), []).append(agent)
        bent, breaches = "; ".join(changes), _breaches(rows, inputs, agent)
        if rows.empty:
            idle.setdefault(f"({bent}); {_texts(breaches)}", []).append(agent)
            continue
        reasons.append(f"{agent}: planned all the same ({bent}); {_texts(breaches, agent)}")
        parts.append(rows)
    for text, who in idle.items():
        gets = "gets" if len(who) == 1 else "get"
        reasons.append(f"{some_of(who)}: {gets} no shift in this week, which bends least {text}")
    reasons += [_not_looked_at(sorted(unseen))] if unseen else []
    reasons = [*(f"{some_of(who)}: {why}" for why, who in alike.items()), *reasons]
    both = pd.concat(parts, ignore_index=True) if len(parts) > 1 else plan
    told = frozenset(agent for who in alike.values() for agent in who)
    return both.sort_values(["agent_id", "start"], ignore_index=True), tuple(reasons), told | unseen


def _not_looked_at(agents: Sequence[str]) -> str:
    return (
        f"{some_of(agents)}: no legal week and so no shift; the search ended before the least rules to bend "
        "were looked for; raise schedule.time_limit_s, leave it out, or let the search end by itself"
    )


def _week(inputs: ScheduleInputs, settings: ScheduleSettings, price: np.ndarray) -> pd.DataFrame:
    """The one agent's best week at prices of slots, as rows."""
    problem, persons, kinds = build_problem(inputs, settings)
    people, shifts = problem.people, problem.shifts
    worth = np.zeros(max(people.off.shape[1], problem.n_slots + 2 * int(shifts.length.max(initial=1))))
    worth[: price.size] = price
    weeks = problem.no_weeks()
    if plan_week(0, worth, people, shifts, weeks.start[0], weeks.length[0], weeks.breaks[0]) <= FORBIDDEN / 2:
        weeks = problem.no_weeks()
    return schedule_table(problem, weeks, persons, kinds, week_days(inputs))


def _breaches(rows: pd.DataFrame, inputs: ScheduleInputs, agent: str) -> list[Breach]:
    """What the checker says of the agent's week, by the rules as they are."""
    mine = inputs.agents[(inputs.agents["agent_id"] == agent).to_numpy()]
    own = dataclasses.replace(inputs, agents=mine)
    found = check_schedule(
        rows, centre=own.centre, agents=mine, availability=own.availability, published=own.published,
        grid=own.grid, agent_skills=own.agent_skills, routing=own.routing,
    )  # fmt: skip
    return [
        (str(b["rule"]), agent, str(b["schedule_date"] or ""), str(b["message"]))
        for b in found.to_dict("records")
    ]


def _texts(breaches: list[Breach], agent: str = "") -> str:
    """The breaches, each with the agent; those of agents who are told together without."""
    texts = (breach_text(b) if agent else breach_text(b).removeprefix(b[1]).lstrip(",: ") for b in breaches)
    return "; ".join(texts) or "no rule is broken by it"
