"""Run a scenario: the verbs in order, with stored results reused, and a folder of what came out."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from wfo.effort import Effort
from wfo.errors import InputError, Interrupted, Problem
from wfo.pipeline.calls import Progress
from wfo.pipeline.kept import folder_of, is_kept, made_from, note_files
from wfo.pipeline.known import actuals
from wfo.pipeline.manifest import manifest_of
from wfo.pipeline.planned import Planned, planned
from wfo.pipeline.review import last_week
from wfo.pipeline.run_folder import results_of, tables_of, write_run
from wfo.pipeline.source import FUTURE, Source
from wfo.pipeline.store import Stored
from wfo.pipeline.verbs import VERBS, silent
from wfo.pipeline.week import PlanningWeek
from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.tables.carry_over import CarryOver
from wfo.tables.data import Data
from wfo.tables.result import Result, Status


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
    unchanged : bool
        Whether the folder held this very run already and was left as it is.
    """

    folder: Path | None
    scenario: Scenario
    week: PlanningWeek
    results: Mapping[str, Result]
    manifest: Mapping[str, Any]
    _stored: Mapping[str, Stored] = field(default_factory=dict, repr=False)
    unchanged: bool = False

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
        of_stages = [reason for result in self.results.values() for reason in result.meta.reasons]
        return (*of_stages, *self.manifest.get("missed", ()))

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

    def __repr__(self) -> str:
        where = "not written" if self.folder is None else str(self.folder)
        return f"<Run {self._title}: {self.status.value}, {len(self.tables)} tables, {where}>"

    def _repr_html_(self) -> str:
        reasons = "".join(f"<li>{escape(reason)}</li>" for reason in self.reasons)
        card = self.frame().to_html(index=False) if "scorecard" in self.tables else ""
        return f"<p><b>{escape(repr(self)[1:-1])}</b></p><ul>{reasons}</ul>{card}"

    @property
    def _title(self) -> str:
        return f"{self.scenario.name} · {self.scenario.arm}, week of {self.week.first:%a %d %b %Y}"


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
    before: CarryOver | None = None,
    schedule: Path | str | None = None,
) -> Run:
    """Plan the week of a scenario.

    Parameters
    ----------
    scenario : Scenario, or path or name of a scenario file
    runs : Path
        Folder of all runs; this one lands in ``<runs>/<scenario>/<arm>/``, or beside it as
        ``<arm>@until-<stage>`` or ``<arm>@interrupted`` where a fuller run is there.
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
    before : CarryOver, optional
        What the week before hands over; empty: what its published run did.
    schedule : Path, optional
        File of a schedule, ours or another program's, that is judged in the place of one that is made; the
        run lands in ``<arm>+<file>``, with what the checker finds in table ``breaches``.

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
    if until is not None and until not in VERBS:
        raise InputError(f"there is no stage '{until}'; write one of {', '.join(VERBS)}")
    given = None if schedule is None else Path(schedule)
    if given is not None:
        if until is not None or chosen.schedule.cover:
            text = "a schedule from a file is judged to the end; leave out 'until' and schedule.cover"
            raise InputError([Problem("schedule", text)])
        chosen = _beside(chosen, given)
    root = Path(runs)
    scratch = None if cache else Path(tempfile.mkdtemp(prefix="wfo-"))
    try:
        tries = Effort(effort or chosen.effort)
        made = planned(chosen, root, scratch, until, tries, data, progress or silent, before, given)
        done = _written(made, root, tuple(finishers), anew=scratch is not None)
        if scratch is not None:
            for result in done.results.values():
                dict(result.tables)  # read while they are there
        return done
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)


def _beside(scenario: Scenario, schedule: Path) -> Scenario:
    """The scenario whose run lands beside its own, as ``<arm>+<file>``."""
    word = re.sub(r"[^\w.-]+", "_", schedule.stem)
    return scenario.placed(origins=scenario.origins, stem=scenario.stem, arm=f"{scenario.arm}+{word}")


def _written(made: Planned, root: Path, finishers: tuple[Finisher, ...], *, anew: bool) -> Run:
    stages, results = made.stages, made.results
    scenario, week = stages.scenario, stages.week
    entries = stages.entries
    manifest = manifest_of(
        scenario, stages.source, week, stages.effort.value, entries, made.round, made.status, made.missed
    )
    plain = {name: stored.result for name, stored in results.items()}
    infeasible = any(result.meta.status is Status.INFEASIBLE for result in plain.values())
    if infeasible:
        return Run(None, scenario, week, plain, manifest, results)
    folder = folder_of(root, scenario, made.status)
    word, named = made_from(manifest, scenario), [f"{f.__module__}.{f.__qualname__}" for f in finishers]
    if not anew and is_kept(folder, word, named):
        stages.progress("report", "reused: nothing changed")
        return Run(folder, scenario, week, plain, manifest, results, unchanged=True)
    stages.progress("report", "writing")
    done = Run(folder, scenario, week, plain, manifest, results)
    finish = [
        *(lambda into, f=f: f(done, into) for f in finishers),
        lambda into: note_files(into, word, named),
    ]
    extra = _extra(stages.source, week, made)
    if "schedule" in results:
        extra |= last_week(root, stages.source, week, scenario)
    write_run(folder, scenario, manifest, results, extra, made.carry_over(), finish)
    if made.status == "interrupted":
        raise Interrupted(f"stopped; the best plan so far is in {folder}")
    return done


def _extra(source: Source, week: PlanningWeek, made: Planned) -> dict[str, pd.DataFrame]:
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
    if made.rounds is not None:
        extra["rounds"] = made.rounds
    return extra
