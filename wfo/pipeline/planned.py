"""A scenario planned: the verbs in their order, rounds included, up to results that are not yet written."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfo.effort import Effort
from wfo.errors import Interrupted
from wfo.pipeline.calls import Progress
from wfo.pipeline.handed_over import handed_over
from wfo.pipeline.leftover import carry_over_of
from wfo.pipeline.manifest import earlier_parts
from wfo.pipeline.published import joined, published_weeks
from wfo.pipeline.source import open_source
from wfo.pipeline.stages import Stages
from wfo.pipeline.store import Stored
from wfo.pipeline.verbs import WITHOUT_PEOPLE
from wfo.pipeline.week import planning_week
from wfo.planning.losses import Prices
from wfo.planning.reasons import People
from wfo.planning.refine import Refined, refine
from wfo.scenario.model import Scenario
from wfo.tables.carry_over import CarryOver
from wfo.tables.data import Data
from wfo.tables.result import Status

CACHE = ".cache"
ROUNDS = {Effort.QUICK: 1, Effort.NORMAL: 2, Effort.LONG: 20}
"""Most rounds by effort; the scenario's own limit holds too."""
FEW_ROUNDS = 2
"""Where more rounds than these are allowed, they go on until targets are reached surely and evenly."""


@dataclass(frozen=True)
class Planned:
    """A plan before it is written.

    Attributes
    ----------
    stages : Stages
    results : dict of str to Stored
        By stage, in the pipeline's order.
    status : str
        ``done``, ``interrupted``, or the stage after which it ended.
    round : int
        The round that was kept.
    missed : tuple of str
        Of each target that the plan still misses: where most, and why.
    rounds : DataFrame or None
        Table ``rounds``; None where nothing was simulated.
    """

    stages: Stages
    results: dict[str, Stored]
    status: str
    round: int
    missed: tuple[str, ...] = ()
    rounds: pd.DataFrame | None = None

    def carry_over(self) -> CarryOver | None:
        """What the week hands to the one after it; None before there is a plan."""
        stages, found = self.stages, self.results
        agents = stages.source.frames.get("agents")
        work = None
        if "place" in found:
            work = stages.left_open(found["forecast"], found.get("evaluate"))
        return carry_over_of(found, stages.week.grid, stages.scenario, agents, stages.before, work)


def planned(
    scenario: Scenario,
    root: Path,
    scratch: Path | None,
    until: str | None,
    effort: Effort,
    data: Data | None,
    progress: Progress,
    before: CarryOver | None = None,
    schedule: Path | None = None,
) -> Planned:
    """Plan; stored results of ``<root>/.cache`` are used, or none where there is a ``scratch`` folder.

    ``before`` is what the week before hands over; without it, what its published run did. A ``schedule`` in
    a file is judged in the place of one that is made.

    Raises
    ------
    InputError
        If the data are wrong.
    Interrupted
        If the user stopped it before there was a plan.
    """
    store = scratch or root / CACHE
    progress("data", "looking")
    source = open_source(scenario, data, store / "data", reuse=scratch is None)
    progress("data", "read" if source.generated else "reused")
    week = planning_week(scenario, source.last)
    folder = root / scenario.stem / scenario.arm
    earlier = earlier_parts(folder)
    published = published_weeks(root, week.first)
    if before is not None:
        both = joined(published, before.last_shifts)
        published = published if both is None else both
    else:
        before = handed_over(root, week.first)
    stages = Stages(
        scenario, source, week, effort, store, scratch is None, earlier, progress, published, before
    )
    if scenario.schedule.cover:
        stages.need(("agents",))
    elif until not in WITHOUT_PEOPLE:
        stages.need()
    results: dict[str, Stored] = {}
    try:
        if schedule is None:
            ended = plan_week(stages, results, until)
        else:
            from wfo.pipeline.given_schedule import judge_week

            judge_week(stages, results, schedule)
            ended = "done", 1, (), None
    except KeyboardInterrupt:
        raise Interrupted(
            "stopped before there was a plan; finished stages are kept and will be reused"
        ) from None
    return Planned(stages, results, *ended)


Ended = tuple[str, int, tuple[str, ...], pd.DataFrame | None]
"""How planning ended, which round was kept, why targets stay missed, and the rounds as a table."""


def plan_week(
    stages: Stages, results: dict[str, Stored], until: str | None = None, *, insight: bool = True
) -> Ended:
    """Run the verbs into ``results``; a fixed-shift team has a schedule and nothing before or after it."""
    if stages.scenario.schedule.cover:
        results["schedule"] = stages.team()
        return "done", 1, (), None
    chains = results["chains"] = stages.chains()
    if until == "chains":
        return until, 0, (), None
    if insight:
        results["insight"] = stages.insight(chains)
    if until == "insight":
        return until, 0, (), None
    forecast = results["forecast"] = stages.forecast(chains)
    if until == "forecast" or forecast.meta.status is Status.INFEASIBLE:
        return "forecast", 0, (), None
    staff = results["staff"] = stages.staff(forecast)
    if until == "staff" or staff.meta.status is Status.INFEASIBLE:
        return until or "staff", 0, (), None
    rounds = _Rounds(stages, chains, forecast, staff)
    if until in ("schedule", "coach", "place"):
        results["schedule"] = rounds.schedule(round_=1, cuts=None, start_from=None)
        if until != "schedule" and results["schedule"].meta.status is not Status.INFEASIBLE:
            results["coach"] = rounds.coach(results["schedule"], round_=1, played=None)
            if until == "place":
                made = (results["schedule"], results["coach"])
                results["place"] = rounds.place(*made, round_=1, played=None)
        return until, 1, (), None
    return _refined(stages, results, rounds, staff)


def _refined(stages: Stages, results: dict[str, Stored], rounds: "_Rounds", staff: Stored) -> Ended:
    settings = stages.scenario.staff
    frames = {name: stages.source.frames[name] for name in ("agents", "agent_skills", "routing")}
    most = min(stages.scenario.schedule.rounds, ROUNDS[stages.effort])
    refined = refine(
        rounds,
        rounds=most,
        deferred=staff.tables["deferred"],
        people=People(stages.scenario.centre, **frames),
        prices=Prices(settings.price_abandoned, settings.price_late, stages.scenario.specs()),
        thorough=most > FEW_ROUNDS,
    )
    if not isinstance(refined, Refined):
        results["schedule"] = refined
        return "schedule", 0, (), None
    best = refined.best
    for name in ("schedule", "coach", "place", "evaluate"):
        results[name] = getattr(best, name)
    return "interrupted" if refined.stopped else "done", best.number, refined.reasons, refined.table()


@dataclass(frozen=True)
class _Rounds:
    """The four verbs of a round, as the loop of planning calls them."""

    stages: Stages
    chains: Stored
    forecast: Stored
    staff: Stored

    def schedule(self, *, round_: int, cuts: pd.DataFrame | None, start_from: Stored | None) -> Stored:
        return self.stages.schedule(self.staff, round_=round_, cuts=cuts, start_from=start_from)

    def coach(self, schedule: Stored, *, round_: int, played: Stored | None) -> Stored:
        return self.stages.coach(schedule, played, round_=round_)

    def place(self, schedule: Stored, coach: Stored, *, round_: int, played: Stored | None) -> Stored:
        return self.stages.place(self.staff, schedule, coach, played, round_=round_)

    def evaluate(self, schedule: Stored, coach: Stored, place: Stored, *, round_: int) -> Stored:
        made = (self.chains, self.forecast, self.staff, schedule, coach, place)
        return self.stages.evaluate(*made, round_=round_)

    def search(
        self, schedule: Stored, coach: Stored, place: Stored, evaluate: Stored, *, round_: int, thorough: bool
    ) -> Stored:
        made = (self.chains, self.forecast, self.staff, schedule, coach, place, evaluate)
        return self.stages.search(*made, round_=round_, thorough=thorough)
