"""A finished run opened again, with the data it was made from, so that questions can be asked of its plan."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfo.errors import InputError, Problem, StoreError
from wfo.pipeline.manifest import read_manifest
from wfo.pipeline.planned import CACHE
from wfo.pipeline.published import joined, published_weeks
from wfo.pipeline.source import Source, open_source
from wfo.pipeline.week import PlanningWeek
from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.scheduling.inputs import ScheduleInputs
from wfo.tables.empty import empty_table
from wfo.tables.parquet import read_frame
from wfo.timegrid import TimeGrid

_NEEDED = ("schedule", "cover", "deferred")
_OF_A_TEAM = ("schedule",)
"""Tables a fixed-shift team's run must have: no demand of queues is behind it."""


@dataclass(frozen=True)
class Reopened:
    """A run's plan and what it was made from.

    Attributes
    ----------
    folder : Path
    scenario : Scenario
    week : PlanningWeek
    source : Source
    inputs : ScheduleInputs
        As the scheduler read them.
    plan : DataFrame
        Table ``schedule`` with all that was placed in it.
    """

    folder: Path
    scenario: Scenario
    week: PlanningWeek
    source: Source
    inputs: ScheduleInputs
    plan: pd.DataFrame

    def table(self, name: str) -> pd.DataFrame | None:
        """A table of the run's folder; None where there is none."""
        path = self.folder / f"{name}.parquet"
        return read_frame(path) if path.is_file() else None


def reopen(folder: Path, runs: Path) -> Reopened:
    """Open a run.

    Parameters
    ----------
    folder : Path
        A run folder with a schedule, published or not; a revised one has its own absences.
    runs : Path
        Folder of all runs; published weeks before the run's week bind it.

    Raises
    ------
    InputError
        If the folder holds no schedule.
    StoreError
        If a file of the run cannot be read.
    """
    manifest = read_manifest(folder)
    scenario = load_scenario(folder / "scenario.yaml") if manifest else None
    team = scenario is not None and bool(scenario.schedule.cover)
    needed = _OF_A_TEAM if team else _NEEDED
    missing = [name for name in needed if not (folder / f"{name}.parquet").is_file()]
    if scenario is None or missing:
        names = ", ".join(f"{name}.parquet" for name in missing) or "manifest.json"
        raise InputError([Problem(str(folder), f"{names} missing; name a run that has a schedule")])
    source = open_source(scenario, None, runs / CACHE / "data")
    try:
        first, now = dt.date.fromisoformat(manifest["week_start"]), dt.datetime.fromisoformat(manifest["now"])
    except (KeyError, ValueError) as error:
        raise StoreError(f"{folder / 'manifest.json'} cannot be read: {error}") from error
    grid = TimeGrid.of_days(first, 7, zone=scenario.centre.zone, step_min=scenario.week.grid_min)
    frames = {name: empty_table(name) for name in _NEEDED if team}
    frames |= {name: read_frame(folder / f"{name}.parquet") for name in needed}
    beside = {n: folder / f"{n}.parquet" for n in ("requirement", "availability")}
    own = {name: read_frame(path) for name, path in beside.items() if path.is_file()}
    inputs = ScheduleInputs(
        centre=scenario.centre,
        grid=grid,
        agents=source.frames["agents"],
        agent_skills=source.frames.get("agent_skills", empty_table("agent_skills")),
        routing=source.frames.get("routing", empty_table("routing")),
        cover=frames["cover"],
        deferred=frames["deferred"],
        availability=own.get("availability", source.known("availability", now)),
        wishes=source.known("wishes", now),
        published=joined(source.known("published_schedule", now), published_weeks(runs, first)),
        requirement=own.get("requirement"),
    )
    return Reopened(folder, scenario, PlanningWeek(now, first, grid), source, inputs, frames["schedule"])
