"""A plan simulated, with inputs from all the stages before it; a search for a better plan goes by them too.

The verb's module is imported when it has to run; a run that finds everything stored does not import it.
"""

from typing import TYPE_CHECKING

from wfo.pipeline.demand_stages import DemandStages, forecast_of
from wfo.pipeline.handed_over import hash_of
from wfo.pipeline.store import Stored
from wfo.tables.result import Result

if TYPE_CHECKING:
    from wfo.evaluation.evaluate import EvaluateInputs


class JudgedStages(DemandStages):
    """What a plan comes to."""

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
        made = (chains, forecast, staff, schedule, coach, place)

        def make() -> Result:
            from wfo.evaluation.evaluate import evaluate

            given = self._judged_by(*made)
            return evaluate(given, settings, seed=self.scenario.seed, replications=replications)

        settings, replications = (
            self.scenario.evaluated(staff.result.state["unscheduled"]),
            self.scenario.replications,
        )
        return self._call(
            "evaluate", settings, self._judged_hashed(*made), make, round_, replications=replications
        )

    def _judged_by(
        self, chains: Stored, forecast: Stored, staff: Stored, schedule: Stored, coach: Stored, place: Stored
    ) -> "EvaluateInputs":
        from wfo.evaluation.evaluate import EvaluateInputs

        return EvaluateInputs(
            centre=self.scenario.centre,
            grid=self.week.grid,
            specs=self.scenario.specs(),
            forecast=forecast_of(forecast),
            schedule=place.tables["schedule"],
            agents=self._must("agents"),
            agent_skills=self._must("agent_skills"),
            routing=self._must("routing"),
            requirement=staff.tables["requirement"],
            backlog=self.backlog(forecast),
            chains=chains.tables["chains"],
            chain_metrics=chains.tables["chain_metrics"],
            coaching=place.tables["coaching"],
            interactions=self._table("interactions"),
            due=tuple(coach.result.state["due"]),
            initiative_cost=self.scenario.initiative_cost,
            prices=schedule.tables["prices"],
            availability=self._table("availability"),
        )

    def _judged_hashed(
        self, chains: Stored, forecast: Stored, staff: Stored, schedule: Stored, coach: Stored, place: Stored
    ) -> dict[str, str]:
        """What `_judged_by` is made from, as parts of a key."""
        return {
            **self._data("agents", "agent_skills", "routing", "interactions", "availability"),
            **self._common(),
            "chains": chains.content,
            "forecast": forecast.content,
            "staff": staff.hashes["requirement"],
            "prices": schedule.hashes["prices"],
            "coach": coach.hashes["state"],
            "place": place.content,
            "initiatives": str(self.scenario.initiative_cost),
            "promise days": str(self.scenario.staff.promise_days),
            "handed over": hash_of(self.before, "backlog"),
        }
