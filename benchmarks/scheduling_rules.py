"""What each family of rules costs: none of them, each alone on top of none, all that hold together.

Called by ``scheduling.py --rules``. In every row the same people, work and wages. Money is counted from the
schedule itself, the same way in every row: 10 for a missing and 1 for an idle agent-interval, 5 for a paid
one, overtime and premiums on top. How far a rule binds is told by the plan without any rule: how many of its
agents, or days where the rule joins agents, would be in breach.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scheduling_cases import OVER, UNDER
from scheduling_rules_case import WAGE_H, Week, bare
from scheduling_rules_families import Family, families, laid_over
from scheduling_rules_weighed import paid_h

from wfo.effort import Effort
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.result import ScheduleResult
from wfo.scheduling.schedule import schedule
from wfo.scheduling.watch import Progress


@dataclass(frozen=True)
class Planned:
    """A week, its plan, and how long that took.

    Attributes
    ----------
    first_s, all_s, cpu_s : float
        Seconds of the search to its first schedule (nan: it told none), of the whole call, of the processor.
    """

    week: Week
    result: ScheduleResult
    first_s: float
    all_s: float
    cpu_s: float


def table(agents: int, effort: Effort, alone: bool = True) -> Iterator[dict[str, object]]:
    """Rows of no rules, of each family (unless not `alone`), and of all that hold together."""
    every, week = families(agents), bare(agents)
    none = planned(week, effort)
    yield row("none of the rules", none, none)
    for family in every if alone else ():
        own = planned(laid_over(week, [family]), effort)
        yield row(family.name, own, none) | {"binds": binds(family, own, none)}
    both = [family for family in every if family.with_all]
    apart = [family for family in both if not family.joins]
    yield row("all but the two that join agents", planned(laid_over(week, apart), effort), none)
    yield row("all at once", planned(laid_over(week, both), effort), none)


def planned(week: Week, effort: Effort) -> Planned:
    """The plan of a week by effort, so that it repeats itself."""
    first: list[float] = []

    def note(progress: Progress) -> None:
        if progress.phase == "first schedule":
            first.append(progress.seconds)

    begin, cpu = time.perf_counter(), time.process_time()
    result = schedule(*week, seed=1, effort=effort, tell=note)
    told = first[0] if first else float("nan")
    return Planned(week, result, told, time.perf_counter() - begin, time.process_time() - cpu)


def row(name: str, own: Planned, none: Planned) -> dict[str, object]:
    """Time, money and breaches of a plan."""
    meta, (money, missing, idle, paid_h) = own.result.meta, _money(own)
    more = money / _money(none)[0] - 1.0
    return {
        "rules": name,
        "first s": f"{own.first_s:.2f}",
        "all s": f"{own.all_s:.1f}",
        "CPU s": f"{own.cpu_s:.1f}",
        "missing h": f"{missing / 4:,.0f}",
        "idle h": f"{idle / 4:,.0f}",
        "paid h": f"{paid_h:,.0f}",
        "money": f"{money:,.0f}",
        "above none": "" if own is none else f"{more:+.1%}",
        "gap": f"{meta.gap:.2%}",
        "excess": f"{(meta.bound - meta.objective) / meta.facts['slots_needed']:.2%}",
        "breaches": len(breaches(own.week, own.result.frame())),
        "without a week": round(len(own.week[0].agents) - meta.facts["agents_planned"]),
        "binds": "",
    }


def breaches(week: Week, rows: pd.DataFrame) -> pd.DataFrame:
    """What the checker says of a plan by the rules of a week."""
    inputs, settings = week
    return check_schedule(
        rows, centre=inputs.centre, agents=inputs.agents, availability=inputs.availability,
        published=inputs.published, grid=inputs.grid, agent_skills=inputs.agent_skills,
        routing=inputs.routing, settings=settings,
    )  # fmt: skip


def binds(family: Family, own: Planned, none: Planned) -> str:
    """How far a family's rules reach: who would break them, who uses them, what they are weighed for."""
    if family.kind == "rule":
        found = breaches(own.week, none.result.frame())
        if family.joins:
            return f"{found['schedule_date'].nunique()} of 7 days without it"
        return f"{found['agent_id'].nunique() / len(own.week[0].agents):.0%} of agents without it"
    if family.kind == "freedom":
        return f"{_using(own):.0%} of agents use it"
    without, there = (family.weighed(plan.result.frame(), own.week) for plan in (none, own))
    return f"{there} for {without}"


def _money(plan: Planned) -> tuple[float, float, float, float]:
    """Money, missing and idle agent-intervals, paid hours."""
    inputs, rows = plan.week[0], plan.result.frame()
    need = inputs.cover.groupby(["queue", "interval_start"]).size()
    there = plan.result.tables["assignment"].set_index(["queue", "interval_start"])["positions"]
    useful = float(np.minimum(need, there.reindex(need.index, fill_value=0.0)).sum())
    minutes = ((rows["end"] - rows["start"]).dt.total_seconds() / 60).to_numpy()
    missing = len(inputs.cover) - useful
    idle = minutes[(rows["kind"] == "work").to_numpy()].sum() / 15 - useful
    hours, extra = paid_h(rows, plan.week)
    return missing * UNDER + idle * OVER + (hours + extra) * WAGE_H, missing, idle, hours


def _using(plan: Planned) -> float:
    """Share of agents with a split shift, with overtime, or below their least hours."""
    inputs, rows = plan.week[0], plan.result.frame()
    hours = plan.result.paid_hours().set_index("agent_id")["paid_h"]
    split = set(rows.loc[rows["activity"] == "split", "agent_id"])
    count = 0
    for agent, contract in zip(inputs.agents["agent_id"], inputs.agents["contract"], strict=True):
        rule, paid = inputs.centre.contracts[contract], float(hours.get(agent, 0.0))
        over = rule.overtime is not None and paid > rule.week_h.max + 1e-6
        count += agent in split or over or paid < rule.week_h.min - 1e-6
    return count / len(inputs.agents)
