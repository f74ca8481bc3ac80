"""Replay: the last weeks forecast again as if they were to come, and what each forecast was worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfo.errors import RunError
from wfo.pipeline.store import put_folder
from wfo.replay.accuracy import accuracy
from wfo.replay.again import as_of_then, asked_of
from wfo.replay.collect import Progress, together, write_facts
from wfo.replay.forecasts import ForecastAgain
from wfo.replay.weeks import LEADS, Missing, Origin
from wfo.scenario.model import Scenario
from wfo.tables.data import Data
from wfo.tables.parquet import write_frame

Finisher = Callable[["Replay", Path], object]


@dataclass(frozen=True)
class Replay:
    """What a replay found.

    Attributes
    ----------
    folder : Path
    scenario : Scenario
    origins : tuple of Origin
        Those played.
    missing : tuple of Missing
        Weeks and leads that could not be.
    accuracy, intervals, days, overrides : DataFrame
    """

    folder: Path
    scenario: Scenario
    origins: tuple[Origin, ...]
    missing: tuple[Missing, ...]
    accuracy: pd.DataFrame
    intervals: pd.DataFrame
    days: pd.DataFrame
    overrides: pd.DataFrame


def replay(
    scenario: Scenario | Path | str,
    *,
    weeks: int = 8,
    leads: Sequence[int] = LEADS,
    runs: Path | str = Path("runs"),
    jobs: int = 1,
    data: Data | None = None,
    finishers: Sequence[Finisher] = (),
    progress: Progress | None = None,
) -> Replay:
    """Forecast the last weeks of the data again, each only from what was known before it.

    What was finished is kept: a replay that was stopped goes on where it was.

    Parameters
    ----------
    scenario : Scenario, or path or name of a scenario file
    weeks : int
        How many of the last whole weeks.
    leads : sequence of int
        Weeks of lead.
    runs : Path
        Folder of all runs; the replay lands in ``<runs>/<scenario>/<arm>@replay/``.
    jobs : int
        Processes.
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
        If none of them had a forecast.
    """
    chosen = as_of_then(scenario)
    asked = asked_of(chosen, weeks=weeks, leads=leads, runs=runs, data=data)
    again = ForecastAgain(chosen, asked.source, asked.cache)
    played, tables = asked.played(again, jobs=jobs, progress=progress)
    if not tables:
        raise RunError("no week could be forecast: " + "; ".join(str(m) for m in asked.left))
    whole = together(tables, ("intervals", "days", "overrides"))
    found = Replay(
        Path(runs) / chosen.stem / f"{chosen.arm}@replay",
        chosen,
        played,
        tuple(asked.left),
        accuracy(whole["intervals"], whole["days"], chosen.centre.staffed_ids or chosen.centre.queue_ids),
        **whole,
    )
    put_folder(found.folder, lambda into: _write(found, into, finishers))
    return found


def _write(found: Replay, folder: Path, finishers: Sequence[Finisher]) -> None:
    found.accuracy.to_csv(folder / "accuracy.csv", index=False)
    found.overrides.to_csv(folder / "overrides.csv", index=False)
    write_frame(found.intervals, folder / "intervals.parquet")
    write_frame(found.days, folder / "days.parquet")
    write_facts(folder, found.scenario, found.origins, found.missing)
    for finish in finishers:
        finish(found, folder)
