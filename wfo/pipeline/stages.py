"""The verbs of one run: those of demand, then people's weeks, each with inputs built from those before.

A verb's module is imported when the verb has to run; a run that finds everything stored imports none of them.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from wfo.effort import Effort
from wfo.pipeline.handed_over import hash_of, sessions_with
from wfo.pipeline.hashing import frame_hash
from wfo.pipeline.judged_stages import JudgedStages
from wfo.pipeline.published import joined
from wfo.pipeline.store import Stored
from wfo.pipeline.told import search_told
from wfo.tables.result import Result

if TYPE_CHECKING:
    from wfo.scheduling.inputs import ScheduleInputs


class Stages(JudgedStages):
    """The verbs of one run."""

    def schedule(
        self, staff: Stored, *, round_: int, cuts: pd.DataFrame | None, start_from: Stored | None
    ) -> Stored:
        """Named agents' weeks."""
        inputs = self._people_hashed("agent_skills", "routing") | {
            "staff": staff.content,
            "cuts": "none" if cuts is None else frame_hash(cuts),
            "start": "none" if start_from is None else start_from.hashes["schedule"],
        }

        def make() -> Result:
            from wfo.scheduling.schedule import schedule

            given = replace(
                self._rules(staff),
                cuts=cuts,
                start_from=None if start_from is None else start_from.tables["schedule"],
            )
            return schedule(given, self.scenario.schedule, seed=self.scenario.seed, effort=effort, tell=tell)

        said = "schedule" if round_ == 1 else f"schedule (round {round_})"
        tell = search_told(self.progress, said, self.scenario.centre.currency)
        # A later round only repairs a good schedule, for which the quick search is enough.
        effort = Effort.QUICK if start_from is not None and self.effort is Effort.NORMAL else self.effort
        return self._call("schedule", self.scenario.schedule, inputs, make, round_, effort=effort.value)

    def team(self) -> Stored:
        """The week of a fixed-shift team, which no forecast moves."""

        def make() -> Result:
            from wfo.scheduling.schedule import schedule

            settings, seed = self.scenario.schedule, self.scenario.seed
            return schedule(self._people(), settings, seed=seed, effort=self.effort, tell=tell)

        tell = search_told(self.progress, "schedule", self.scenario.centre.currency)
        inputs = self._people_hashed()
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
        inputs = self._data("agents", "agent_skills") | self._common()
        inputs |= {"staff": staff.hashes["cover"], "schedule": schedule.content, "coach": coach.content}
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
                agent_skills=self._must("agent_skills"),
                coaching=coach.tables["coaching"],
            )
            return place(given, self.scenario.place, seed=self.scenario.seed, effort=self.effort)

        return self._call("place", self.scenario.place, inputs, make, round_, effort=self.effort.value)

    def search(
        self,
        chains: Stored,
        forecast: Stored,
        staff: Stored,
        schedule: Stored,
        coach: Stored,
        place: Stored,
        evaluate: Stored,
        *,
        round_: int,
        thorough: bool,
    ) -> Stored:
        """A placed plan with single changes by which it is nearer to its targets."""
        made = (chains, forecast, staff, schedule, coach, place)
        inputs = self._judged_hashed(*made) | self._people_hashed("agent_skills", "routing")
        judged, settings = self.scenario.evaluated(staff.result.state["unscheduled"]), self.scenario.staff
        inputs |= {"staff": staff.content, "simulation": judged.model_dump_json()}
        inputs |= {"lost and late": f"{settings.price_abandoned} {settings.price_late}"}

        def make() -> Result:
            from wfo.planning.local_search import SearchInputs, local_search
            from wfo.planning.losses import Prices

            given = SearchInputs(
                week=self._rules(staff),
                rules=self.scenario.schedule,
                weeks=self._judged_by(*made),
                settings=judged,
                prices=Prices(settings.price_abandoned, settings.price_late, self.scenario.specs()),
                card=evaluate.tables["scorecard"],
                placed={name: place.tables[name] for name in ("placements", "coaching")},
            )
            return local_search(
                given, seed=self.scenario.seed, effort=self.effort, thorough=thorough, tell=tell
            )

        def tell(words: str) -> None:
            self.progress(f"search (round {round_})", words)

        rest = {"effort": self.effort.value, "thorough": thorough}
        return self._call("search", self.scenario.schedule, inputs, make, round_, **rest)

    def _rules(self, staff: Stored) -> "ScheduleInputs":
        """The week as the scheduler reads it."""
        return replace(
            self._people(),
            agent_skills=self._must("agent_skills"),
            routing=self._must("routing"),
            cover=staff.tables["cover"],
            deferred=staff.tables["deferred"],
            requirement=staff.tables["requirement"],
        )

    def _people(self) -> "ScheduleInputs":
        """The agents, when they can work and what is published of them; nobody asks for anything yet."""
        from wfo.scheduling.inputs import ScheduleInputs
        from wfo.tables.empty import empty_table

        return ScheduleInputs(
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

    def _people_hashed(self, *more: str) -> dict[str, str]:
        """What `_people` is made from, as parts of a key, with ``more`` tables."""
        hashed = self._data("agents", *more, "availability", "wishes", "published_schedule") | self._common()
        hashed["published weeks"] = frame_hash(self.published)
        hashed["handed over"] = hash_of(self.before, "fairness")
        return hashed


def _prices(schedule: Stored, played: Stored | None) -> pd.DataFrame:
    """The schedule's prices; what an earlier round's play found surely above zero stands in their place."""
    own = schedule.tables["prices"]
    if played is None:
        return own
    from wfo.evaluation.price_table import joined_prices

    found = played.tables["prices"]
    return joined_prices(found[(found["source"] == "simulated").to_numpy()], own)
