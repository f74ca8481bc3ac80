"""The verbs from the log to positions, each with its inputs built from the data and the stages before it.

A verb's module is imported when the verb has to run; a run that finds everything stored imports none of them.
"""

from typing import TYPE_CHECKING, cast

import pandas as pd

from wfo.domain.calendar import Calendar
from wfo.domain.centre import Centre
from wfo.pipeline.calls import Calls
from wfo.pipeline.handed_over import backlog_with, hash_of, logged_queues
from wfo.pipeline.store import Stored
from wfo.tables.result import Result

if TYPE_CHECKING:
    from wfo.forecasting.result import ForecastResult


class DemandStages(Calls):
    """What customers will need, and the positions it asks for."""

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
                kernel=chains.tables["kernel"],
                redial=chains.result.state.get("redial", {}),
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
                forecast=forecast_of(forecast),
                routing=self._must("routing"),
                agent_skills=self._must("agent_skills"),
                backlog=self.backlog(forecast),
                agent_states=self._table("agent_states"),
            )
            return staff(given, self.scenario.staff, seed=self.scenario.seed)

        return self._call("staff", self.scenario.staff, inputs, make)

    def backlog(self, forecast: Stored) -> pd.DataFrame:
        """Deferred work open at the week's start, what comes before a later week included."""
        if "backlog" not in self._tables:
            from wfo.pipeline.backlog import backlog_at, with_gap

            interactions, centre = self._table("interactions"), self.scenario.centre
            specs = self.scenario.specs()
            now, promise_days = self.week.now, self.scenario.staff.promise_days
            own = backlog_at(interactions, centre, specs, now, self.week.grid, promise_days=promise_days)
            own = with_gap(own, forecast_of(forecast), centre, specs, now, promise_days=promise_days)
            logged = logged_queues(interactions, now, self.week.grid.start)
            self._tables["backlog"] = backlog_with(own, self.before, logged=logged)
        return self._must("backlog")

    def left_open(self, forecast: Stored, played: Stored | None) -> pd.DataFrame:
        """Deferred work open at the week's end; ``played`` is the plan simulated, where it was."""
        from wfo.pipeline.open_after import open_after

        return open_after(
            self.backlog(forecast),
            forecast_of(forecast),
            self.scenario.centre,
            self.scenario.specs(),
            promise_days=self.scenario.staff.promise_days,
            left=None if played is None else played.result.state["left"],
            lists=None if played is None else played.tables.get("call_lists"),
        )

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


def forecast_of(stored: Stored) -> "ForecastResult":
    """A stored forecast as what it is."""
    return cast("ForecastResult", stored.result)


def _without_people(centre: Centre) -> Centre:
    """The centre as demand sees it, so that a change of contracts does not touch the forecast."""
    return centre.model_copy(update={"contracts": {}, "skills": {}})
