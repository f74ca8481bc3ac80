"""Run a scenario: the verbs in order, with stored results reused, and a folder of what came out."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from wfo.effort import Effort
from wfo.errors import InputError, Interrupted
from wfo.pipeline.known import actuals
from wfo.pipeline.leftover import carry_over_of
from wfo.pipeline.manifest import earlier_parts, manifest_of
from wfo.pipeline.run_folder import results_of, tables_of, write_run
from wfo.pipeline.source import FUTURE, Source, open_source
from wfo.pipeline.stages import STAGES, Progress, Stages
from wfo.pipeline.store import Stored
from wfo.pipeline.week import PlanningWeek, planning_week
from wfo.planning.refine import Refined, refine
from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.tables.data import Data
from wfo.tables.result import Result, Status

CACHE = ".cache"
ROUNDS = {Effort.QUICK: 1, Effort.NORMAL: 2, Effort.LONG: 20}
"""Most rounds by effort; the scenario's own limit holds too."""


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    folder : Path or None
        Where it lies; None where there is no feasible plan and nothing was written.
    scenario : Scenario
    week : PlanningWeek
    results : mapping of str to Result
        By stage, in the pipeline's order; tables are read when they are asked for.
    manifest : mapping
    """

    folder: Path | None
    scenario: Scenario
    week: PlanningWeek
    results: Mapping[str, Result]
    manifest: Mapping[str, Any]
    _stored: Mapping[str, Stored] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> Status:
        """The worst thing that happened: infeasible, interrupted, or done."""
        for result in self.results.values():
            if result.meta.status is Status.INFEASIBLE:
                return Status.INFEASIBLE
        return Status.INTERRUPTED if self.manifest["status"] == "interrupted" else Status.DONE

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why there is no plan, or what it falls short of, in the planner's words."""
        return tuple(reason for result in self.results.values() for reason in result.meta.reasons)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the run's tables."""
        return tuple(tables_of(self._stored))

    def frame(self, name: str = "scorecard") -> pd.DataFrame:
        """A table of the run.

        Raises
        ------
        InputError
            If the run has none of that name.
        """
        if name not in self.tables:
            raise InputError(f"the run has no table '{name}'; it has {', '.join(self.tables)}")
        return results_of(self._stored, name)


Finisher = Callable[[Run, Path], None]
"""Gets the run and its folder before it is put in place; writes files people open."""


def run(
    scenario: Scenario | Path | str,
    *,
    runs: Path | str = Path("runs"),
    until: str | None = None,
    effort: Effort | str | None = None,
    cache: bool = True,
    data: Data | None = None,
    finishers: Iterable[Finisher] = (),
    progress: Progress | None = None,
) -> Run:
    """Plan the week of a scenario.

    Parameters
    ----------
    scenario : Scenario, or path or name of a scenario file
    runs : Path
        Folder of all runs; this one lands in ``<runs>/<scenario>/<arm>/``.
    until : str, optional
        Stop after this stage.
    effort : Effort, optional
        How hard solvers try; empty: as the scenario says.
    cache : bool
        Whether stored results are reused and kept.
    data : Data, optional
        Frames of a program, instead of the scenario's source.
    finishers : iterable of callable
        Get the run and its folder and add files people open.
    progress : callable, optional
        Gets each stage's name and what is happening.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        If the scenario or the data are wrong; every problem at once.
    Interrupted
        If the user stopped it; what was best so far has been written.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if until is not None and until not in STAGES:
        raise InputError(f"there is no stage '{until}'; write one of {', '.join(STAGES)}")
    root = Path(runs)
    scratch = None if cache else Path(tempfile.mkdtemp(prefix="wfo-"))
    try:
        made = _planned(
            chosen, root, scratch, until, Effort(effort or chosen.effort), data, progress or _silent
        )
        return _written(made, root, finishers)
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


@dataclass(frozen=True)
class _Made:
    """A plan before it is written."""

    stages: Stages
    results: dict[str, Stored]
    status: str
    round: int


def _silent(stage: str, message: str) -> None:
    """Say nothing."""


def _planned(
    scenario: Scenario,
    root: Path,
    scratch: Path | None,
    until: str | None,
    effort: Effort,
    data: Data | None,
    progress: Progress,
) -> _Made:
    store = scratch or root / CACHE
    progress("data", "looking")
    source = open_source(scenario, data, store / "data", reuse=scratch is None)
    progress("data", "read" if source.generated else "reused")
    week = planning_week(scenario, source.last)
    folder = root / scenario.stem / scenario.arm
    earlier = earlier_parts(folder)
    stages = Stages(scenario, source, week, effort, store, scratch is None, earlier, progress)
    if until not in ("chains", "forecast"):
        stages.need()
    results: dict[str, Stored] = {}
    try:
        status, round_ = _all(stages, results, until)
    except KeyboardInterrupt:
        raise Interrupted(
            "stopped before there was a plan; finished stages are kept and will be reused"
        ) from None
    return _Made(stages, results, status, round_)


def _all(stages: Stages, results: dict[str, Stored], until: str | None) -> tuple[str, int]:
    """Run the verbs into ``results``; returns how it ended and which round was kept."""
    chains = results["chains"] = stages.chains()
    if until == "chains":
        return until, 0
    forecast = results["forecast"] = stages.forecast(chains)
    if until == "forecast":
        return until, 0
    staff = results["staff"] = stages.staff(forecast)
    if until == "staff" or staff.meta.status is Status.INFEASIBLE:
        return until or "staff", 0
    rounds = _Rounds(stages, chains, forecast, staff)
    if until in ("schedule", "coach", "place"):
        results["schedule"] = rounds.schedule(round_=1, cuts=None, start_from=None)
        if until != "schedule" and results["schedule"].meta.status is not Status.INFEASIBLE:
            results["coach"] = rounds.coach(results["schedule"], round_=1)
            if until == "place":
                results["place"] = rounds.place(results["schedule"], results["coach"], round_=1)
        return until, 1
    return _refined(stages, results, rounds, staff)


def _refined(stages: Stages, results: dict[str, Stored], rounds: "_Rounds", staff: Stored) -> tuple[str, int]:
    settings = stages.scenario.staff
    frames = {name: stages.source.frames[name] for name in ("agents", "routing")}
    refined = refine(
        rounds,
        rounds=min(stages.scenario.schedule.rounds, ROUNDS[stages.effort]),
        base_cuts=staff.tables["cuts"],
        price_abandoned=settings.price_abandoned,
        price_late=settings.price_late,
        **frames,
    )
    if not isinstance(refined, Refined):
        results["schedule"] = refined
        return "schedule", 0
    best = refined.best
    for name in ("schedule", "coach", "place", "evaluate"):
        results[name] = getattr(best, name)
    return "interrupted" if refined.stopped else "done", best.number


@dataclass(frozen=True)
class _Rounds:
    """The four verbs of a round, as the loop of planning calls them."""

    stages: Stages
    chains: Stored
    forecast: Stored
    staff: Stored

    def schedule(self, *, round_: int, cuts: pd.DataFrame | None, start_from: Stored | None) -> Stored:
        return self.stages.schedule(self.staff, round_=round_, cuts=cuts, start_from=start_from)

    def coach(self, schedule: Stored, *, round_: int) -> Stored:
        return self.stages.coach(schedule, round_=round_)

    def place(self, schedule: Stored, coach: Stored, *, round_: int) -> Stored:
        return self.stages.place(self.staff, schedule, coach, round_=round_)

    def evaluate(self, place: Stored, *, round_: int) -> Stored:
        return self.stages.evaluate(self.chains, self.forecast, self.staff, place, round_=round_)


def _written(made: _Made, root: Path, finishers: Iterable[Finisher]) -> Run:
    stages, results = made.stages, made.results
    scenario, week = stages.scenario, stages.week
    entries = stages.entries
    manifest = manifest_of(
        scenario, stages.source, week, stages.effort.value, entries, made.round, made.status
    )
    folder = root / scenario.stem / scenario.arm
    plain = {name: stored.result for name, stored in results.items()}
    infeasible = any(result.meta.status is Status.INFEASIBLE for result in plain.values())
    done = Run(None if infeasible else folder, scenario, week, plain, manifest, results)
    if infeasible:
        return done
    stages.progress("report", "writing")
    finish = [lambda into, f=finisher: f(done, into) for finisher in finishers]
    extra = _extra(stages.source, week, made)
    write_run(folder, scenario, manifest, results, extra, carry_over_of(results, week.grid), finish)
    if made.status == "interrupted":
        raise Interrupted(f"stopped; the best plan so far is in {folder}")
    return done


def _extra(source: Source, week: PlanningWeek, made: _Made) -> dict[str, pd.DataFrame]:
    """Tables beside the results: what came in the week, where it is known, and who is planned."""
    extra: dict[str, pd.DataFrame] = {}
    if made.status not in ("chains",):
        future = source.whole(FUTURE)
        came = actuals(
            source.whole("interactions") if future is None else future,
            source.whole("queue_intervals"),
            week.grid,
        )
        if came is not None:
            extra["actuals"] = came
    if "agents" in source.frames:
        columns = ["agent_id", "name", "team", "site", "contract", "role"]
        agents = source.frames["agents"]
        extra["agents"] = agents[[c for c in columns if c in agents.columns]].sort_values("agent_id")
    return extra
