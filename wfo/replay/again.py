"""What every replay starts from: the weeks asked for, the data as they stood, and who plays them again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wfo.pipeline.planned import CACHE
from wfo.pipeline.source import Source, open_source
from wfo.replay.collect import Progress, Tables, collected
from wfo.replay.walk import walk
from wfo.replay.weeks import Missing, Origin, origins
from wfo.scenario.load import load_scenario
from wfo.scenario.model import Scenario
from wfo.tables.data import Data


@dataclass(frozen=True)
class Again:
    """Plays an origin again.

    Attributes
    ----------
    scenario : Scenario
        After `as_of_then`.
    source : Source
    cache : Path
        Folder of stored results.
    """

    scenario: Scenario
    source: Source
    cache: Path


@dataclass(frozen=True)
class Asked(Again):
    """The weeks of a replay and what they are played from.

    Attributes
    ----------
    origins : tuple of Origin
    left : list of Missing
        Weeks and leads that could not be played; `played` adds to it.
    """

    origins: tuple[Origin, ...]
    left: list[Missing]

    def played(
        self,
        play: Callable[[Origin], Tables],
        *,
        jobs: int,
        progress: Progress | None,
        only: Sequence[Origin] | None = None,
        who: str = "",
    ) -> tuple[tuple[Origin, ...], list[Tables]]:
        """Origins that could be played, all or of some ``only``, and their tables."""
        steps = walk(self.origins if only is None else only, play, jobs=jobs)
        return collected(steps, self.left, progress, who=who)


def as_of_then(scenario: Scenario | Path | str) -> Scenario:
    """The scenario without what it only assumes of the week it plans.

    The planner's factors on demand and levers without a first day are about that week alone; overrides and
    levers with dates have their own days.
    """
    given = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    queues = {name: own.model_copy(update={"scale": 1.0}) for name, own in given.demand.queues.items()}
    demand = given.demand.model_copy(update={"scale": 1.0, "queues": queues})
    dated = {
        name: project.model_copy(
            update={"levers": {k: v for k, v in project.levers.items() if v.start is not None}}
        )
        for name, project in given.initiatives.items()
    }
    return given.model_copy(update={"demand": demand, "initiatives": dated})


def asked_of(
    scenario: Scenario,
    *,
    weeks: int,
    leads: Sequence[int],
    runs: Path | str,
    data: Data | None,
    needs: Callable[[Source], None] = lambda source: None,
) -> Asked:
    """Open the data and find the weeks.

    Parameters
    ----------
    scenario : Scenario
        After `as_of_then`.
    weeks : int
        How many of the last whole weeks.
    leads : sequence of int
        Weeks of lead.
    runs : Path
        Folder of all runs.
    data : Data or None
        Frames of a program, instead of the scenario's source.
    needs : callable
        Raises where the data do not hold what this replay needs.

    Raises
    ------
    InputError
        If no week can be replayed.
    """
    cache = Path(runs) / CACHE
    source = open_source(scenario, data, cache / "data")
    needs(source)
    asked, missing = origins(scenario, source, weeks=weeks, leads=leads)
    source.frames.release()
    return Asked(scenario, source, cache, asked, list(missing))
