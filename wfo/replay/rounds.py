"""Rounds of a planner of the ladder: schedule and simulation in turn, with cuts where a target is missed."""

from dataclasses import dataclass
from typing import cast

import pandas as pd

from wfo.errors import RunError
from wfo.evaluation.evaluate import EvaluateInputs, evaluate
from wfo.forecasting.result import ForecastResult
from wfo.pipeline.stages import Stages
from wfo.pipeline.store import Stored
from wfo.planning.losses import Prices
from wfo.planning.reasons import People
from wfo.planning.refine import Refined, refine
from wfo.planning.round import Answer

ROUNDS = 2


@dataclass(frozen=True)
class _Rounds:
    """Schedule and simulation, without coaching: as the loop of planning calls them.

    Simulated without the log: it foretells containment alone, which no schedule moves and no round is
    judged by.
    """

    stages: Stages
    chains: Stored
    forecast: Stored
    staffed: Stored

    def schedule(self, *, round_: int, cuts: pd.DataFrame | None, start_from: Answer | None) -> Answer:
        start = start_from if isinstance(start_from, Stored) else None
        return self.stages.schedule(self.staffed, round_=round_, cuts=cuts, start_from=start)

    def coach(self, schedule: Answer, *, round_: int, played: Answer | None) -> Answer:
        return schedule

    def place(self, schedule: Answer, coach: Answer, *, round_: int, played: Answer | None) -> Answer:
        return schedule

    def evaluate(self, schedule: Answer, coach: Answer, place: Answer, *, round_: int) -> Answer:
        scenario, source = self.stages.scenario, self.stages.source
        settings = scenario.evaluated(float(self.staffed.result.state["unscheduled"]))
        inputs = EvaluateInputs(
            centre=scenario.centre,
            grid=self.stages.week.grid,
            specs=scenario.specs(),
            forecast=cast("ForecastResult", self.forecast.result),
            schedule=place.tables["schedule"],
            agents=source.frames["agents"],
            agent_skills=source.frames["agent_skills"],
            routing=source.frames["routing"],
            requirement=self.staffed.tables["requirement"],
            backlog=self.stages.backlog(self.forecast),
            availability=source.known("availability", self.stages.week.now),
        )
        return evaluate(inputs, settings, seed=scenario.seed, replications=scenario.replications)

    def search(
        self, schedule: Answer, coach: Answer, place: Answer, evaluate: Answer, *, round_: int, thorough: bool
    ) -> Answer:
        return place  # this planner has cuts alone


def with_cuts(stages: Stages, chains: Stored, forecast: Stored, staffed: Stored) -> pd.DataFrame:
    """Schedule of the best round, chosen as the loop of planning chooses it, without coaching.

    Raises
    ------
    RunError
        If there is no schedule; with its reasons.
    """
    settings = stages.scenario.staff
    frames = {name: stages.source.frames[name] for name in ("agents", "agent_skills", "routing")}
    found: Refined[Answer] | Answer = refine(
        _Rounds(stages, chains, forecast, staffed),
        rounds=ROUNDS,
        people=People(stages.scenario.centre, **frames),
        deferred=staffed.tables["deferred"],
        prices=Prices(settings.price_abandoned, settings.price_late, stages.scenario.specs()),
    )
    if not isinstance(found, Refined):
        raise RunError("no schedule: " + "; ".join(found.meta.reasons))
    return found.best.schedule.tables["schedule"]
