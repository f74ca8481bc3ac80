"""Full replay: past weeks planned again, what came played through the plans, promise against reality."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfo.effort import Effort
from wfo.errors import RunError
from wfo.pipeline.source import Source
from wfo.pipeline.store import put_folder
from wfo.replay.again import Asked, as_of_then, asked_of
from wfo.replay.calibration import gap_table, reliability_table, skill_table
from wfo.replay.collect import Progress, together, write_facts
from wfo.replay.frontier import compared, level_table
from wfo.replay.ladder import PLANNERS, LadderAgain
from wfo.replay.plans import NO_CONTACTS, TABLES, PlanAgain
from wfo.replay.then import timeless
from wfo.replay.weeks import Missing, Origin
from wfo.scenario.model import Scenario
from wfo.tables.data import Data
from wfo.tables.parquet import write_frame

Finisher = Callable[["FullReplay", Path], object]
NOT_TWICE = (
    "The contacts that came are played as they came. Redials and follow-ups are among them, caused by the "
    "service that customers really had; the simulator causes none besides, so nothing is counted twice, and "
    "what better or worse service would have caused later is not in these figures."
)
ABSENT = (
    "Absence strikes whole shifts of the plan, as many as make up the share of work time that people really "
    "lost on each day, where agents' states are known; else each with the share that staffing assumed."
)


@dataclass(frozen=True)
class FullReplay:
    """What a full replay found.

    Attributes
    ----------
    folder : Path
    scenario : Scenario
    origins : tuple of Origin
        Those played.
    missing : tuple of Missing
        Weeks and leads that could not be, and why.
    promises, chances, causes, patience, costs, notes : DataFrame
        Of all weeks.
    gaps, reliability, skill : DataFrame
        Calibration over all weeks.
    ladder, levels, saved : DataFrame
        Of the planners, empty where they were not asked for.
    assumptions : tuple of str
    """

    folder: Path
    scenario: Scenario
    origins: tuple[Origin, ...]
    missing: tuple[Missing, ...]
    promises: pd.DataFrame
    chances: pd.DataFrame
    causes: pd.DataFrame
    patience: pd.DataFrame
    costs: pd.DataFrame
    notes: pd.DataFrame
    gaps: pd.DataFrame
    reliability: pd.DataFrame
    skill: pd.DataFrame
    ladder: pd.DataFrame
    levels: pd.DataFrame
    saved: pd.DataFrame
    assumptions: tuple[str, ...]


def full_replay(
    scenario: Scenario | Path | str,
    *,
    weeks: int = 8,
    leads: Sequence[int] = (1,),
    runs: Path | str = Path("runs"),
    effort: Effort | None = None,
    jobs: int = 1,
    ladder: bool = False,
    data: Data | None = None,
    finishers: Sequence[Finisher] = (),
    progress: Progress | None = None,
) -> FullReplay:
    """Plan the last weeks of the data again from what was known, and play what came through each plan.

    What was finished is kept: a replay that was stopped goes on where it was.

    Parameters
    ----------
    scenario : Scenario, or path or name of a scenario file
    weeks : int
        How many of the last whole weeks.
    leads : sequence of int
        Weeks of lead.
    runs : Path
        Folder of all runs; the replay lands in ``<runs>/<scenario>/<arm>@replay-plan/``.
    effort : Effort, optional
        Of every solver and every planner; empty: as the scenario says.
    jobs : int
        Processes.
    ladder : bool
        Whether other planners plan the same weeks too.
    data : Data, optional
        Frames of a program, instead of the scenario's source.
    finishers : sequence of callable
        Get the replay and its folder before it is put in place and add files people open.
    progress : callable, optional

    Raises
    ------
    InputError
        If no week can be replayed.
    RunError
        If no single contacts are known, or none of the weeks had a plan.
    """
    given = as_of_then(scenario)
    # what one more agent would save is no part of any promise
    chosen = given.model_copy(update={"evaluate": given.evaluate.model_copy(update={"prices": False})})
    chosen = chosen.placed(origins=given.origins, stem=given.stem, arm=given.arm)
    asked = asked_of(chosen, weeks=weeks, leads=leads, runs=runs, data=data, needs=_contacts)
    tries = effort or chosen.effort
    again = PlanAgain(chosen, asked.source, asked.cache, tries)
    played, tables = asked.played(again, jobs=jobs, progress=progress)
    if not tables:
        raise RunError("no week could be played: " + "; ".join(str(m) for m in asked.left))
    whole = together(tables, TABLES)
    rungs = _rungs(asked, played, tries, jobs, progress) if ladder else pd.DataFrame()
    levels = level_table(rungs, chosen) if len(rungs) else pd.DataFrame()
    found = FullReplay(
        folder=Path(runs) / chosen.stem / f"{chosen.arm}@replay-plan",
        scenario=chosen,
        origins=played,
        missing=tuple(asked.left),
        **whole,
        gaps=gap_table(whole["promises"]),
        reliability=reliability_table(whole["chances"]),
        skill=skill_table(whole["chances"]),
        ladder=rungs,
        levels=levels,
        saved=compared(levels, "d") if len(levels) else pd.DataFrame(),
        assumptions=(NOT_TWICE, ABSENT, *_known(timeless(asked.source)), f"Solver effort: {tries.value}."),
    )
    put_folder(found.folder, lambda into: _write(found, into, finishers))
    return found


def _contacts(source: Source) -> None:
    if "interactions" not in source.frames:
        raise RunError(NO_CONTACTS)


def _rungs(
    asked: Asked, played: Sequence[Origin], tries: Effort, jobs: int, progress: Progress | None
) -> pd.DataFrame:
    """The weeks that were played, by every planner."""
    again = LadderAgain(asked.scenario, asked.source, asked.cache, tries)
    _, tables = asked.played(again, jobs=jobs, progress=progress, only=played, who="planners: ")
    return together(tables, ("ladder",))["ladder"] if tables else pd.DataFrame()


def _known(tables: tuple[str, ...]) -> tuple[str, ...]:
    if not tables:
        return ()
    return (f"Taken as they are today, as no row says since when it was known: {', '.join(tables)}.",)


def _write(found: FullReplay, folder: Path, finishers: Sequence[Finisher]) -> None:
    names = ("promises", "chances", "causes", "patience", "costs", "notes", "gaps", "reliability", "skill")
    rungs = ("ladder", "levels", "saved") if len(found.ladder) else ()
    for name in (*names, *rungs):
        frame = getattr(found, name)
        frame.to_csv(folder / f"{name}.csv", index=False)
        write_frame(frame, folder / f"{name}.parquet")
    more = {"assumptions": list(found.assumptions), "planners": dict(PLANNERS) if rungs else {}}
    write_facts(folder, found.scenario, found.origins, found.missing, **more)
    for finish in finishers:
        finish(found, folder)
