"""Calls of the pipeline's stages: inputs read once, results stored by key and found again."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from pydantic import BaseModel

from wfo.effort import Effort
from wfo.errors import InputError, Problem, StoreError, TableError
from wfo.pipeline.keys import Stage, key_of
from wfo.pipeline.source import Source
from wfo.pipeline.store import Stored, open_stored, save_stored
from wfo.pipeline.verbs import VERBS
from wfo.pipeline.week import PlanningWeek
from wfo.scenario.model import Scenario
from wfo.scheduling.watch import STOPPED
from wfo.tables.carry_over import CarryOver
from wfo.tables.result import Result

LOG = logging.getLogger(__name__)
Progress = Callable[[str, str], None]
"""Gets a stage's name and what is happening, in words."""

STAGES = {name: Stage(name, *where) for name, where in VERBS.items()}
SEARCH = Stage("search", "planning", "wfo.planning.search_result:SearchResult")
"""Changes of a placed plan; no stage that a run can end after, as only missed targets ask for it."""
NEEDED = ("agents", "agent_skills", "routing")
"""Tables without which nobody can be planned."""


@dataclass(frozen=True)
class Entry:
    """One call of a stage, as the manifest tells it."""

    stage: str
    round: int
    key: str
    parts: Mapping[str, str]
    seconds: float
    reused: bool
    why: str
    stored: Stored


@dataclass
class Calls:
    """What one run has called, and the data it reads.

    Attributes
    ----------
    scenario : Scenario
    source : Source
    week : PlanningWeek
    effort : Effort
    cache : Path
        Folder of stored results.
    reuse : bool
        Whether stored results may be used.
    earlier : mapping
        Key parts of the run before, by ``stage/round``.
    progress : callable
    published : DataFrame
        Weeks published before from the same runs folder.
    before : CarryOver or None
        What the week before hands over.
    entries : list of Entry
        What has been called, in order.
    """

    scenario: Scenario
    source: Source
    week: PlanningWeek
    effort: Effort
    cache: Path
    reuse: bool
    earlier: Mapping[str, Mapping[str, str]]
    progress: Progress
    published: pd.DataFrame
    before: CarryOver | None = None
    entries: list[Entry] = field(default_factory=list)
    _tables: dict[str, pd.DataFrame | None] = field(default_factory=dict)

    def need(self, names: tuple[str, ...] = NEEDED) -> None:
        """Raise `TableError` where tables are missing, all of them at once."""
        missing = [name for name in names if name not in self.source.frames]
        if missing:
            raise TableError([Problem(name, "this table is missing; add it to the data") for name in missing])

    def release(self) -> None:
        """Forget the tables read so far."""
        self._tables.clear()
        self.source.frames.release()

    def _table(self, name: str) -> pd.DataFrame | None:
        if name not in self._tables:
            self._tables[name] = self.source.known(name, self.week.now)
        return self._tables[name]

    def _must(self, name: str) -> pd.DataFrame:
        frame = self._table(name)
        if frame is None:
            raise InputError([Problem(name, "this table is missing; add it to the data")])
        return frame

    def _data(self, *names: str) -> dict[str, str]:
        return {name: self.source.hash_of(name, self.week.now) for name in names}

    def _call(
        self,
        name: str,
        settings: BaseModel,
        inputs: Mapping[str, str],
        make: Callable[[], Result],
        round_: int = 1,
        **rest: object,
    ) -> Stored:
        """Find a stored result of the same key, else make and store one."""
        stage = SEARCH if name == SEARCH.name else STAGES[name]
        key = key_of(stage, settings.model_dump(mode="json"), inputs, seed=self.scenario.seed, **rest)
        folder = self.cache / name / key.word
        began = time.perf_counter()
        stored = self._stored(folder, stage) if self.reuse else None
        why = (
            "reused"
            if stored
            else "cache off"
            if not self.reuse
            else key.why_not(self.earlier.get(f"{name}/{round_}"))
        )
        said = name if round_ == 1 else f"{name} (round {round_})"
        if stored is None:
            self.progress(said, why)
            result = make()
            if any(reason.startswith(STOPPED) for reason in result.meta.reasons):
                # Not what these inputs give: the next run must not find it.
                folder = folder.with_name(f"{folder.name}-stopped")
            stored = save_stored(folder, result)
        seconds = time.perf_counter() - began
        self.entries.append(Entry(name, round_, key.word, key.parts, seconds, why == "reused", why, stored))
        self.progress(said, "reused" if why == "reused" else f"done in {seconds:.1f} s")
        return stored

    def _stored(self, folder: Path, stage: Stage) -> Stored | None:
        if not (folder / "result.json").is_file():
            return None
        try:
            return open_stored(folder, stage.kind)
        except StoreError as error:
            LOG.warning("a stored result is made anew: %s", error)
            return None
