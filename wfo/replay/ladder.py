"""A ladder of planners for the same week: each adds one thing, under the same rules and solver effort."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from wfo.domain.centre import Law
from wfo.effort import Effort
from wfo.errors import RunError
from wfo.forecasting.result import ForecastResult
from wfo.forecasting.sampling import DayFactors
from wfo.metrics.specs import SERVICE
from wfo.pipeline.hashing import digest, source_hash
from wfo.pipeline.stages import Stages
from wfo.pipeline.store import Stored, open_stored, save_stored
from wfo.replay.again import Again
from wfo.replay.baselines import baselines
from wfo.replay.erlang_c import erlang_c_requirement, flat_cover, scaled_work
from wfo.replay.kept import kept
from wfo.replay.plans import past_week, stages_then
from wfo.replay.realised import PastWeek, values
from wfo.replay.rounds import with_cuts
from wfo.replay.weeks import Origin
from wfo.scenario.model import Scenario
from wfo.scheduling.pay import wages
from wfo.simulation.counts import Counts
from wfo.staffing.result import StaffResult
from wfo.tables.result import Result, Status

PLANNERS: Mapping[str, str] = {
    "a": "mean of 8 weeks, Erlang C",
    "b": "our forecast, Erlang C",
    "c": "our forecast and staffing",
    "d": "all of ours, with cuts from the simulation",
    "e": "clairvoyant: true volumes, our staffing",
}
"""Who plans, and with what; the scheduler, its rules and its effort are the same for all."""
LEVELS = (0.4, 1.0, 2.5, 6.0)
"""How dear a contact served late or lost is to a planner, as a factor: each planner's own frontier. The last
is for plain planners, who need it to serve as well as others."""
COLUMNS = ("planner", "level", "queue", "metric", "value", "of", "cost", "abandoned", "late")
_CODE = ("replay", "evaluation", "simulation", "planning", "staffing", "scheduling", "forecasting")


@dataclass(frozen=True)
class LadderAgain(Again):
    """Plays an origin by every planner at every level, and the week's real contacts through each plan.

    Attributes
    ----------
    effort : Effort
    planners : tuple of str
        Of `PLANNERS`.
    levels : tuple of float
    """

    effort: Effort
    planners: tuple[str, ...] = tuple(PLANNERS)
    levels: tuple[float, ...] = LEVELS

    def __call__(self, origin: Origin) -> Mapping[str, pd.DataFrame]:
        """Table ``ladder``: `COLUMNS` after ``week`` and ``lead``.

        Raises
        ------
        RunError
            If a planner finds no plan; with its reasons.
        """
        stages = stages_then(self.scenario, self.source, origin, self.effort, self.cache)
        stages.need()
        forecast = stages.forecast(stages.chains())
        if forecast.meta.status is Status.INFEASIBLE:
            raise RunError("no forecast: " + "; ".join(forecast.meta.reasons))
        asked = [self.scenario.model_dump_json(), origin.lead, self.effort, self.planners, self.levels]
        key = digest([forecast.content, self.source.key, asked, source_hash(*_CODE)])
        folder = self.cache / "replay" / f"ladder-{key[:32]}"
        return kept(folder, ("ladder",), lambda: {"ladder": self._table(origin, forecast)})

    def _table(self, origin: Origin, forecast: Stored) -> pd.DataFrame:
        week: PastWeek | None = None
        rows = []
        for level in self.levels:
            priced = with_prices(self.scenario, level)
            stages = stages_then(priced, self.source, origin, self.effort, self.cache)
            chains = stages.chains()
            staffed = stages.staff(forecast)
            lost = float(staffed.result.state["unscheduled"])
            if week is None:
                settings = self.scenario.evaluated(lost)
                result = cast("ForecastResult", forecast.result)
                asked = staffed.tables["requirement"]
                week = past_week(self.scenario, self.source, origin.week.grid, result, asked, settings)
            for planner in self.planners:
                schedule = self._plan(planner, stages, chains, forecast, staffed, week, level)
                rows.append(_judged(week, schedule, forecast).assign(planner=planner, level=level))
        table = pd.concat(rows, ignore_index=True)[list(COLUMNS)]
        table.insert(0, "week", origin.week.first)
        table.insert(1, "lead", origin.lead)
        return table

    def _plan(
        self,
        planner: str,
        stages: Stages,
        chains: Stored,
        forecast: Stored,
        staffed: Stored,
        week: PastWeek,
        level: float,
    ) -> pd.DataFrame:
        if planner in ("a", "b"):
            asked = self._plain(stages, forecast, staffed, level, mean=planner == "a")
            return _scheduled(stages, asked)
        if planner == "d":
            return with_cuts(stages, chains, forecast, staffed)
        if planner == "e":
            return _scheduled(stages, stages.staff(self._known(stages, forecast, week)))
        return _scheduled(stages, staffed)

    def _plain(
        self, stages: Stages, forecast: Stored, staffed: Stored, level: float, *, mean: bool
    ) -> Stored:
        """What a planner with Erlang C asks for, as a stored result of staffing."""
        result = cast("ForecastResult", forecast.result)
        centre, grid = self.scenario.centre, stages.week.grid
        expected, deferred = result.expected(), staffed.tables["deferred"]
        if mean:
            usual = baselines(centre, forecast.tables["history"], grid)["mean_of_8"].fillna(0.0)
            of_mean = usual.to_numpy(dtype=np.float64).reshape(expected.shape)
            whole = np.maximum(expected.sum(axis=1), 1e-9)
            factors = dict(zip(result.queues, (of_mean.sum(axis=1) / whole).tolist(), strict=True))
            expected, deferred = of_mean, scaled_work(deferred, factors)
        agents = stages.source.frames["agents"]
        wage = (
            float(agents["cost_per_h"].mean()) if "cost_per_h" in agents else self.scenario.staff.price_left_h
        )
        need = erlang_c_requirement(
            centre,
            grid,
            self.scenario.specs(),
            result.laws(),
            expected,
            unscheduled=float(staffed.result.state["unscheduled"]),
            easing=1.0 / level,
        )
        tables = {
            **{name: staffed.tables[name] for name in ("pooled", "shrinkage")},
            "requirement": need,
            "deferred": deferred,
            "cover": flat_cover(need, wage, grid.step_min),
        }
        made = StaffResult(tables=tables, meta=staffed.meta, state=dict(staffed.result.state))
        return self._keep(made, ["erlang c", staffed.content, forecast.content, level, mean])

    def _known(self, stages: Stages, forecast: Stored, week: PastWeek) -> Stored:
        """The forecast of somebody who knew how many contacts would come in each interval."""
        result = cast("ForecastResult", forecast.result)
        grid = stages.week.grid
        came = np.zeros((len(result.queues), grid.n))
        trace = week.reality.trace
        np.add.at(came, (trace.queue, trace.arrival_ms // (grid.step_min * 60_000)), 1.0)
        return self._keep(known_volumes(result, came), ["clairvoyant", forecast.content])

    def _keep(self, result: Result, parts: Sequence[object]) -> Stored:
        key = digest([*parts, self.source.key, source_hash(*_CODE)])
        folder = self.cache / "ladder" / key[:32]
        if (folder / "result.json").is_file():
            return open_stored(folder, type(result))
        return save_stored(folder, result)


def with_prices(scenario: Scenario, level: float) -> Scenario:
    """The scenario to which late and lost contacts are dearer by a factor, late deferred work included."""
    staff = scenario.staff.model_copy(
        update={
            "price_late": scenario.staff.price_late * level,
            "price_abandoned": scenario.staff.price_abandoned * level,
        }
    )
    return scenario.model_copy(update={"staff": staff})


def known_volumes(forecast: ForecastResult, came: np.ndarray) -> ForecastResult:
    """A forecast that states what came, shape (Q, T), with certainty for each interval's mean."""
    table = forecast.tables["forecast"].assign(volume_mean=came.ravel(), fresh_mean=came.ravel())
    factors = forecast.day_factors()
    certain = {
        name: np.zeros_like(getattr(factors, name))
        for name in ("half_cv", "interval_cv", "burst_p", "day_spread")
    }
    state = {**forecast.state, "factors": DayFactors(**{**factors.__dict__, **certain}).state()}
    return ForecastResult(tables={**forecast.tables, "forecast": table}, meta=forecast.meta, state=state)


def _scheduled(stages: Stages, staffed: Stored) -> pd.DataFrame:
    found = stages.schedule(staffed, round_=1, cuts=None, start_from=None)
    if found.meta.status is Status.INFEASIBLE:
        raise RunError("no schedule: " + "; ".join(found.meta.reasons))
    return found.tables["schedule"]


def _judged(week: PastWeek, schedule: pd.DataFrame, forecast: Stored) -> pd.DataFrame:
    """Realised service by queue, with the wages of the whole plan and the contacts lost and late."""
    queues = cast("ForecastResult", forecast.result).queues
    counts = week.came(schedule)
    found = values(counts, week.centre, queues, week.grid)
    own = found[found["day"].isna() & found["metric"].isin(SERVICE)]
    lost = {q: lost_and_late(counts, k, week.centre.queues[q].law) for k, q in enumerate(queues)}
    days = week.grid.local_dates(week.centre.zone)
    paid = wages(schedule, week.agents, week.centre, days=days, availability=week.availability)
    return own[["queue", "metric", "value", "of"]].assign(
        cost=np.nan if paid is None else paid,
        abandoned=[lost[q][0] for q in own["queue"]],
        late=[lost[q][1] for q in own["queue"]],
    )


def lost_and_late(counts: Counts, q: int, law: Law) -> tuple[float, float]:
    """Contacts of a queue that gave up, and those answered late or, of deferred work, not done by due."""
    judged = (counts.due if law is Law.DEFERRED else counts.answered)[:, q].sum()
    return float(counts.abandoned[:, q].sum()), float(judged - counts.in_target[:, q].sum())
