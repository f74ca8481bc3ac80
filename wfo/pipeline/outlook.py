"""The outlook of a scenario's centre: its data opened, the year forecast, a folder of what came out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wfo.forecasting.long_range import Outlook, long_range
from wfo.pipeline.planned import CACHE
from wfo.pipeline.source import open_source
from wfo.pipeline.store import put_folder
from wfo.pipeline.week import planning_week
from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.tables.data import Data


@dataclass(frozen=True)
class OutlookRun:
    """A finished outlook.

    Attributes
    ----------
    folder : Path
    scenario : Scenario
    outlook : Outlook
    """

    folder: Path
    scenario: Scenario
    outlook: Outlook


Finisher = Callable[[OutlookRun, Path], object]
"""Gets the outlook and its folder before it is put in place; writes files people open."""


def outlook(
    scenario: Scenario | Path | str,
    *,
    months: int = 12,
    runs: Path | str = Path("runs"),
    data: Data | None = None,
    finishers: Sequence[Finisher] = (),
) -> OutlookRun:
    """Forecast the weeks and months after the planning moment.

    Parameters
    ----------
    scenario : Scenario, or path or name of a scenario file
    months : int
        Whole months.
    runs : Path
        Folder of all runs; the outlook lands in ``<runs>/<scenario>/<arm>@outlook/``.
    data : Data, optional
        Frames of a program, instead of the scenario's source.
    finishers : sequence of callable

    Raises
    ------
    InputError
        If no queue has enough history, or the data are wrong.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    source = open_source(chosen, data, Path(runs) / CACHE / "data")
    now = planning_week(chosen, source.last).now
    reports, log = source.known("queue_intervals", now), source.known("interactions", now)
    found = long_range(chosen.centre, now, reports, log, chosen.demand, months=months)
    done = OutlookRun(Path(runs) / chosen.stem / f"{chosen.arm}@outlook", chosen, found)

    def write(into: Path) -> None:
        found.table.to_csv(into / "outlook.csv", index=False)
        for finish in finishers:
            finish(done, into)

    put_folder(done.folder, write)
    return done
