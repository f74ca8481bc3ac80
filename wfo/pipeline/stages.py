"""The verbs in order, each with its inputs built from the data and from the stages before it.

A verb's module is imported when the verb has to run; a run that finds everything stored imports none of them.
"""

from typing import TYPE_CHECKING, cast

import pandas as pd

from wfo.domain.centre import Calendar, Centre
from wfo.effort import Effort
from wfo.pipeline.calls import Calls
from wfo.pipeline.handed_over import backlog_with, hash_of, sessions_with
from wfo.pipeline.hashing import frame_hash
from wfo.pipeline.published import joined
from wfo.pipeline.store import Stored
from wfo.pipeline.told import search_told
from wfo.tables.result import Result

if TYPE_CHECKING:
    from wfo.forecasting.result import ForecastResult


class Stages(Calls):
    """The verbs of one run."""

    def chains(self) -> Stored:
        """Interactions put together into chains; not available from counts alone."""
        centre = _without_people(self.scenario.centre).model_copy(update={"calendar": Calendar()})
        inputs = self._data("interactions", "identity_links", "identity_splits", "agents")
        inputs |= {"centre": centre.model_dump_json()}

        def make() -> Result:
            from wfo.chains.build_chains import ChainInputs, build_chains

            interactions, links = self._table("interactions"), self._table("identity_links")
            splits = self._table("identity_splits")
            given = ChainInputs(centre, interactions, self.week.now, links, self._table("agents"), splits)
            return build_chains(given, self.scenario.chains, seed=self.scenario.seed)

        return self._call("chains", self.scenario.chains, inputs | {"now": self.week.now.isoformat()}, make)

    def insight(self, chains: Stored) -> Stored:
        """What the chains say should be repaired."""
        centre = _without_people(self.scenario.centre).model_copy(update={"calendar": Calendar()})
        taxonomy = self.scenario.chains.intents
        inputs = self._data("interactions") | {
            "centre": centre.model_dump_json(),
            "now": self.week.now.isoformat(),
            "taxonomy": repr((taxonomy, self.scenario.chains.window_h)),
            "chains": chains.content,
        }

        def make() -> Result:
            from wfo.insight.insight import InsightInputs, insight

            given = InsightInputs(
                centre=centre,
                now=self.week.now,
                interactions=self._contacts(chains),
                chains=chains.tables["chains"],
                chain_members=chains.tables["chain_members"],
                taxonomy=taxonomy,
                identity_coverage=float(chains.meta.facts.get("identity_coverage", 0.0)),
                window_h=self.scenario.chains.window_h,
            )
            return insight(given, self.scenario.insight, seed=self.scenario.seed)

        return self._call("insight", self.scenario.insight, inputs, make)

    def forecast(self, chains: Stored) -> Stored:
        """What comes in the planning week."""
        scenario = self.scenario
        centre = _without_people(scenario.centre)
        levers = scenario.levers()
        inputs = self._data("interactions", "queue_intervals", "drivers", "agents") | {
            "centre": centre.model_dump_json(),
            "week": repr((self.week.now, self.week.grid)),
            "demand": scenario.demand.model_dump_json(),
            "initiatives": repr(levers),
            "chains": chains.content,
        }

        def make() -> Result:
            from wfo.forecasting.forecast import ForecastInputs, forecast

            available = len(chains.tables["kernel"]) > 0 or len(chains.tables["chain_members"]) > 0
            given = ForecastInputs(
                centre=centre,
                grid=self.week.grid,
                now=self.week.now,
                interactions=self._contacts(chains),
                chain_members=chains.tables["chain_members"] if available else None,
                kernel=chains.tables["kernel"] if available else None,
                redial=chains.result.state.get("redial") if available else None,
                queue_intervals=self._table("queue_intervals"),
                drivers=self._table("drivers"),
                agents=self._table("agents"),
                demand=scenario.demand,
                levers=levers,
            )
            return forecast(given, scenario.forecast, seed=scenario.seed)

        return self._call("forecast", scenario.forecast, inputs, make)

    def staff(self, forecast: Stored) -> Stored:
        """Positions, what each further one is worth, and deferred work."""
        inputs = self._data("routing", "agent_skills", "interactions", "agent_states") | self._common()
        inputs |= {"forecast": forecast.content, "handed over": hash_of(self.before, "backlog")}

        def make() -> Result:
            from wfo.staffing.staff import StaffInputs, staff

            given = StaffInputs(
                centre=self.scenario.centre,
                grid=self.week.grid,
                specs=self.scenario.specs(),
                forecast=_forecast(forecast),
                routing=self._must("routing"),
                agent_skills=self._must("agent_skills"),
                backlog=self.backlog(forecast),
                agent_states=self._table("agent_states"),
            )
            return staff(given, self.scenario.staff, seed=self.scenario.seed)

        return self._call("staff", self.scenario.staff, inputs, make)

    def schedule(
        self, staff: Stored, *, round_: int, cuts: pd.DataFrame | None, start_from: Stored | None
    ) -> Stored:
        """Named agents' weeks."""
        tables = ("agents", "agent_skills", "routing", "availability", "wishes", "published_schedule")
        inputs = self._data(*tables) | self._common()
        inputs |= {
            "published weeks": frame_hash(self.published),
            "handed over": hash_of(self.before, "fairness"),
            "staff": staff.content,
            "cuts": "none" if cuts is None else frame_hash(cuts),
            "start": "none" if start_from is None else start_from.hashes["schedule"],
        }

        def make() -> Result:
            from wfo.scheduling.inputs import ScheduleInputs
            from wfo.scheduling.schedule import schedule

            given = ScheduleInputs(
                centre=self.scenario.centre,
                grid=self.week.grid,
                agents=self._must("agents"),
                agent_skills=self._must("agent_skills"),
                routing=self._must("routing"),
                cover=staff.tables["cover"],
                deferred=staff.tables["deferred"],
                cuts=staff.tables["cuts"] if cuts is None else cuts,
                availability=self._table("availability"),
                wishes=self._table("wishes"),
                published=joined(self._table("published_schedule"), self.published),
                start_from=None if start_from is None else start_from.tables["schedule"],
                requirement=staff.tables["requirement"],
                fairness=None if self.before is None or self.before.fairness.empty else self.before.fairness,
            )
            return schedule(given, self.scenario.schedule, seed=self.scenario.seed, effort=effort, tell=tell)

        said = "schedule" if round_ == 1 else f"schedule (round {round_})"
        tell = search_told(self.progress, said, self.scenario.centre.currency)
        # A later round only repairs a good schedule, for which the quick search is enough.
        effort = Effort.QUICK if start_from is not None and self.effort is Effort.NORMAL else self.effort
        return self._call("schedule", self.scenario.schedule, inputs, make, round_, effort=effort.value)

    def team(self) -> Stored:
        """The week of a fixed-shift team, which no forecast moves."""
        tables = ("agents", "availability", "wishes", "published_schedule")
        inputs = self._data(*tables) | self._common()
        inputs |= {
            "published weeks": frame_hash(self.published),
            "handed over": hash_of(self.before, "fairness"),
        }

        def make() -> Result:
            from wfo.scheduling.inputs import ScheduleInputs
            from wfo.scheduling.schedule import schedule
            from wfo.tables.empty import empty_table

            given = ScheduleInputs(
                centre=self.scenario.centre,
                grid=self.week.grid,
                agents=self._must("agents"),
                agent_skills=empty_table("agent_skills"),
                routing=empty_table("routing"),
                cover=empty_table("cover"),
                deferred=empty_table("deferred"),
                availability=self._table("availability"),
                wishes=self._table("wishes"),
                published=joined(self._table("published_schedule"), self.published),
                fairness=None if self.before is None or self.before.fairness.empty else self.before.fairness,
            )
            settings, seed = self.scenario.schedule, self.scenario.seed
            return schedule(given, settings, seed=seed, effort=self.effort, tell=tell)

        tell = search_told(self.progress, "schedule", self.scenario.centre.currency)
        return self._call("schedule", self.scenario.schedule, inputs, make, effort=self.effort.value)

    def coach(self, schedule: Stored, played: Stored | None, *, round_: int) -> Stored:
        """Who is coached on what, worth how much; ``played`` is a round whose simulated prices hold here."""
        prices = _prices(schedule, played)
        inputs = self._data("agents", "evaluations", "coaching_sessions", "interactions") | self._common()
        inputs |= {"prices": frame_hash(prices), "handed over": hash_of(self.before, "doses")}
        inputs |= {"schedule": schedule.content} | self._data("agent_skills")

        def make() -> Result:
            from wfo.coaching.coach import CoachInputs, coach

            given = CoachInputs(
                centre=self.scenario.centre,
                grid=self.week.grid,
                agents=self._must("agents"),
                evaluations=self._table("evaluations"),
                coaching_sessions=sessions_with(self._table("coaching_sessions"), self.before),
                interactions=self._table("interactions"),
                prices=prices,
                schedule=schedule.tables["schedule"],
                agent_skills=self._must("agent_skills"),
            )
            return coach(given, self.scenario.coach, seed=self.scenario.seed, effort=self.effort)

        return self._call("coach", self.scenario.coach, inputs, make, round_, effort=self.effort.value)

    def place(
        self, staff: Stored, schedule: Stored, coach: Stored, played: Stored | None, *, round_: int
    ) -> Stored:
        """Coaching, meetings and training put into the schedule at least cost."""
        prices = _prices(schedule, played)
        inputs = self._data("agents", "agent_skills", "routing") | self._common()
        inputs |= {"staff": staff.content, "schedule": schedule.content, "coach": coach.content}
        inputs |= {"prices": frame_hash(prices)}

        def make() -> Result:
            from wfo.scheduling.place import PlaceInputs, place

            given = PlaceInputs(
                centre=self.scenario.centre,
                grid=self.week.grid,
                agents=self._must("agents"),
                schedule=schedule.tables["schedule"],
                activity_requests=coach.tables["activity_requests"],
                prices=prices,
                cover=staff.tables["cover"],
                deferred=staff.tables["deferred"],
                agent_skills=self._must("agent_skills"),
                routing=self._must("routing"),
                coaching=coach.tables["coaching"],
            )
            return place(given, self.scenario.place, seed=self.scenario.seed, effort=self.effort)

        return self._call("place", self.scenario.place, inputs, make, round_, effort=self.effort.value)

    def evaluate(
        self,
        chains: Stored,
        forecast: Stored,
        staff: Stored,
        schedule: Stored,
        coach: Stored,
        place: Stored,
        *,
        round_: int,
    ) -> Stored:
        """The plan simulated: the scorecard, with the chance of meeting each target."""
        inputs = self._data("agents", "agent_skills", "routing", "interactions") | self._common()
        inputs |= {
            "chains": chains.content,
            "forecast": forecast.content,
            "staff": staff.hashes["requirement"],
            "prices": schedule.hashes["prices"],
            "coach": coach.hashes["state"],
            "place": place.content,
            "initiatives": str(self.scenario.initiative_cost),
            "handed over": hash_of(self.before, "backlog"),
        }

        def make() -> Result:
            from wfo.evaluation.evaluate import EvaluateInputs, evaluate

            given = EvaluateInputs(
                centre=self.scenario.centre,
                grid=self.week.grid,
                specs=self.scenario.specs(),
                forecast=_forecast(forecast),
                schedule=place.tables["schedule"],
                agents=self._must("agents"),
                agent_skills=self._must("agent_skills"),
                routing=self._must("routing"),
                requirement=staff.tables["requirement"],
                backlog=self.backlog(forecast),
                chains=chains.tables["chains"],
                chain_members=chains.tables["chain_members"],
                coaching=place.tables["coaching"],
                due=tuple(coach.result.state["due"]),
                initiative_cost=self.scenario.initiative_cost,
                prices=schedule.tables["prices"],
            )
            return evaluate(given, settings, seed=self.scenario.seed, replications=replications)

        settings, replications = self.scenario.evaluate, self.scenario.replications
        if settings.unscheduled_shrinkage == self.scenario.staff.unscheduled_shrinkage:
            # nothing else is said, so what staffing found to be lost strikes here too
            lost = staff.result.state["unscheduled"]
            settings = settings.model_copy(update={"unscheduled_shrinkage": lost})
        return self._call("evaluate", settings, inputs, make, round_, replications=replications)

    def backlog(self, forecast: Stored) -> pd.DataFrame:
        """Deferred work open at the week's start, what comes before a later week included."""
        if "backlog" not in self._tables:
            from wfo.pipeline.backlog import backlog_at, with_gap

            interactions, centre = self._table("interactions"), self.scenario.centre
            specs = self.scenario.specs()
            now, promise_days = self.week.now, self.scenario.staff.promise_days
            own = backlog_at(interactions, centre, specs, now, self.week.grid, promise_days=promise_days)
            own = with_gap(own, _forecast(forecast), centre, specs, now, promise_days=promise_days)
            self._tables["backlog"] = backlog_with(own, self.before)
        return self._must("backlog")

    def _contacts(self, chains: Stored) -> pd.DataFrame | None:
        """Interactions with the intents that the chains read where none was stated."""
        log = self._table("interactions")
        if log is None or "intents" not in chains.tables:
            return log
        from wfo.chains.intents.engage import as_read

        return as_read(log, chains.tables["intents"], self.scenario.chains.intents)

    def _common(self) -> dict[str, str]:
        specs = self.scenario.specs()
        return {
            "centre": self.scenario.centre.model_dump_json(),
            "week": repr(self.week.grid),
            "targets": repr(specs),
        }


def _forecast(stored: Stored) -> "ForecastResult":
    return cast("ForecastResult", stored.result)


def _prices(schedule: Stored, played: Stored | None) -> pd.DataFrame:
    """The schedule's prices; what an earlier round's play found surely above zero stands in their place."""
    own = schedule.tables["prices"]
    if played is None:
        return own
    from wfo.evaluation.price_table import joined_prices

    found = played.tables["prices"]
    return joined_prices(found[(found["source"] == "simulated").to_numpy()], own)


def _without_people(centre: Centre) -> Centre:
    """The centre as demand sees it, so that a change of contracts does not touch the forecast."""
    return centre.model_copy(update={"contracts": {}, "skills": {}})
