"""One week planned again from what was known before it, and what really came played through that plan."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from wfo.effort import Effort
from wfo.errors import RunError
from wfo.evaluation.play import play
from wfo.evaluation.settings import EvaluateSettings
from wfo.metrics.specs import CENTRE
from wfo.pipeline.backlog import backlog_at
from wfo.pipeline.hashing import digest, source_hash
from wfo.pipeline.planned import plan_week
from wfo.pipeline.source import Source
from wfo.pipeline.stages import Stages
from wfo.pipeline.store import Stored
from wfo.pipeline.verbs import silent
from wfo.replay.again import Again
from wfo.replay.causes import cause_table
from wfo.replay.chances import chance_table
from wfo.replay.fractional import fractional_schedule
from wfo.replay.kept import kept
from wfo.replay.promises import promise_table, unscheduled_days
from wfo.replay.realised import PastWeek, values
from wfo.replay.reality import Reality, reality_of
from wfo.replay.then import then
from wfo.replay.weeks import Origin
from wfo.scenario.model import Scenario
from wfo.simulation.links import links_of
from wfo.staffing.lost_by_day import lost_by_day
from wfo.tables.empty import empty_table
from wfo.timegrid import TimeGrid

if TYPE_CHECKING:
    from wfo.forecasting.result import ForecastResult

TABLES = ("promises", "chances", "causes", "patience", "costs", "notes")
NO_CONTACTS = (
    "no single contacts are known (table interactions), only counts: from them a week can be forecast again "
    "(--until forecast), not played"
)
MIGHT = 40
"""Replications of what might have been."""
_CODE = ("replay", "evaluation", "simulation")


@dataclass(frozen=True)
class PlanAgain(Again):
    """Plays an origin through all stages, and then its real contacts through the plan.

    Attributes
    ----------
    effort : Effort
    """

    effort: Effort

    def __call__(self, origin: Origin) -> Mapping[str, pd.DataFrame]:
        """Tables `TABLES` of the week; stored ones are used.

        Raises
        ------
        RunError
            If there is no plan; with its reasons.
        """
        stages = stages_then(self.scenario, self.source, origin, self.effort, self.cache)
        results: dict[str, Stored] = {}
        stages.need()
        plan_week(stages, results, insight=False)
        if "evaluate" not in results:
            reasons = [text for stored in results.values() for text in stored.meta.reasons]
            raise RunError("no plan: " + "; ".join(reasons or ["no reason was given"]))
        content = {name: stored.content for name, stored in results.items()}
        key = digest([content, self.source.key, origin.lead, source_hash(*_CODE)])
        folder = self.cache / "replay" / f"plan-{key[:32]}"
        return kept(folder, TABLES, lambda: self._tables(origin, stages, results))

    def _tables(
        self, origin: Origin, stages: Stages, results: Mapping[str, Stored]
    ) -> dict[str, pd.DataFrame]:
        centre, grid = self.scenario.centre, origin.week.grid
        forecast = cast("ForecastResult", results["forecast"].result)
        queues = forecast.queues
        unscheduled = float(results["staff"].result.state["unscheduled"])
        settings = self.scenario.evaluated(unscheduled)
        requirement = results["staff"].tables["requirement"]
        week = past_week(self.scenario, self.source, grid, forecast, requirement, settings)
        schedule = results["place"].tables["schedule"]
        counts = week.came(schedule)
        came = values(counts, centre, queues, grid)
        evaluated = results["evaluate"].tables
        lost = days_without_data(week.reality, queues, grid, centre.zone)
        promises = promise_table(evaluated["scorecard"], evaluated["days"], came, lost, centre)
        backlog = stages.backlog(results["forecast"])
        laws = forecast.laws()
        might = {
            name: values(
                week.might(schedule, laws, MIGHT, handle_times=true, backlog=backlog), centre, queues, grid
            )
            for name, true in (("volumes", False), ("handle_times", True))
        }
        might["fractional"] = _fractional(week, forecast, unscheduled, backlog, self.scenario.seed)
        notes = pd.concat(
            [week.reality.notes, unscheduled_days(schedule, came, centre, grid)], ignore_index=True
        )
        tables = {
            "promises": promises,
            "chances": chance_table(evaluated["replications"], promises),
            "causes": cause_table(promises, might, centre),
            "patience": _patience(week.reality, self.scenario),
            "costs": _costs(evaluated["scorecard"]),
            "notes": notes,
        }
        for table in tables.values():
            table.insert(0, "week", origin.week.first)
            table.insert(1, "lead", origin.lead)
        return tables


def stages_then(scenario: Scenario, source: Source, origin: Origin, effort: Effort, cache: Path) -> Stages:
    """The verbs at a planning moment that has been, on what was known then."""
    today = origin.week.now.astimezone(origin.week.grid.local(scenario.centre.zone)[0].tzinfo).date()
    return Stages(
        scenario,
        then(source, today),
        origin.week,
        effort,
        cache,
        True,
        {},
        silent,
        empty_table("schedule"),
    )


def past_week(
    scenario: Scenario,
    source: Source,
    grid: TimeGrid,
    forecast: "ForecastResult",
    requirement: pd.DataFrame,
    settings: EvaluateSettings,
) -> PastWeek:
    """What really came in a week, who there is, and how it is judged.

    Raises
    ------
    RunError
        If there is no log of single contacts.
    """
    log = source.whole("interactions")
    if log is None:
        raise RunError(NO_CONTACTS)
    centre, specs = scenario.centre, scenario.specs()
    agents, skills, routing = (source.frames[n] for n in ("agents", "agent_skills", "routing"))
    links = links_of(skills, routing, forecast.queues, grid)
    speed = {
        (agent, forecast.queues[q]): link.speed
        for agent, served in links.items()
        for q, link in served.items()
        if link.speed != 1.0
    }
    known = source.known("interactions", grid.start)
    promise_days = scenario.staff.promise_days
    return PastWeek(
        centre=centre,
        grid=grid,
        specs=specs,
        settings=settings,
        agents=agents,
        agent_skills=skills,
        routing=routing,
        requirement=requirement,
        backlog=backlog_at(known, centre, specs, grid.start, grid, promise_days=promise_days),
        reality=reality_of(log, centre, grid, forecast.laws(), forecast.expected(), speed),
        lost=lost_by_day(source.whole("agent_states"), grid, centre.zone, scenario.staff.states),
        seed=scenario.seed,
        availability=source.whole("availability"),
    )


def days_without_data(reality: Reality, queues: tuple[str, ...], grid: TimeGrid, zone: str) -> pd.DataFrame:
    """Days without data: ``queue, day``."""
    dates: list[dt.date] = grid.local_dates(zone)
    rows = [(queues[q], dates[d]) for q, d in np.argwhere(reality.lost).tolist()]
    return pd.DataFrame(rows, columns=["queue", "day"])


def _fractional(
    week: PastWeek,
    forecast: "ForecastResult",
    unscheduled: float,
    backlog: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """What the positions asked for would be promised, before they become people and shifts."""
    centre, grid = week.centre, week.grid
    schedule, skills = fractional_schedule(
        week.requirement, week.routing, 1.0 - unscheduled, grid, centre.zone
    )
    staffing = replace(week, agent_skills=skills, agents=skills[["agent_id"]]).staffing(schedule)
    paths = forecast.sample(MIGHT, seed)
    counts = play(
        centre, grid, week.specs, paths, staffing, backlog, week.settings, seed=seed,
        requirement=week.requirement,
    )  # fmt: skip
    return values(counts, centre, forecast.queues, grid)


def _patience(reality: Reality, scenario: Scenario) -> pd.DataFrame:
    rows = []
    for spec in scenario.specs():
        own = reality.patience.get(spec.scope)
        if own is not None and spec.metric == "service_level" and spec.within_s is not None:
            rows.append(
                (
                    spec.scope,
                    own.waited,
                    own.abandoned,
                    own.mean_s,
                    spec.within_s,
                    own.after(spec.within_s),
                    own.exponential_after(spec.within_s),
                )
            )
    names = ["queue", "waits", "abandoned", "mean_s", "seconds", "waiting_seen", "waiting_exponential"]
    return pd.DataFrame(rows, columns=names)


def _costs(scorecard: pd.DataFrame) -> pd.DataFrame:
    own = scorecard[(scorecard["metric"] == "cost") & (scorecard["scope"] == CENTRE)]
    return pd.DataFrame({"cost": own["predicted"].astype("float64").to_numpy()})
