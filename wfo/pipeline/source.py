"""The data of a run: found, checked once, kept as Parquet, read table by table when a stage needs it."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem, TableError
from wfo.pipeline.hashing import digest, file_hash, frame_hash, source_hash, versions
from wfo.pipeline.known import known_table
from wfo.pipeline.room import too_large
from wfo.pipeline.store import LazyFrames, put_folder
from wfo.scenario.model import Scenario
from wfo.tables.data import Data, Origin
from wfo.tables.parquet import write_frame
from wfo.tables.references import check_references, notes

FUTURE = "_future"
"""Interactions after the planning moment, where the sample knows them; for comparison alone."""
_SAMPLE_PARTS = ("sample", "domain", "tables", "timegrid.py", "draws.py")
_READ_PARTS = ("tables", "domain")


@dataclass(frozen=True)
class Source:
    """Checked tables and what identifies them.

    Attributes
    ----------
    key : str
        Hash of the content.
    frames : LazyFrames
    hashes : mapping of str to str
        Hashes of the files or frames given; for the sample, of what generates it.
    last : datetime or None
        When the last contact came.
    notes : tuple of str
        What a planner should know about the data.
    generated : bool
        Whether the tables had to be made or read anew.
    """

    key: str
    frames: LazyFrames
    hashes: Mapping[str, str]
    last: dt.datetime | None
    notes: tuple[str, ...]
    generated: bool

    def known(self, name: str, now: dt.datetime) -> pd.DataFrame | None:
        """A table as known at ``now``; None where there is none."""
        return known_table(name, self.frames[name], now) if name in self.frames else None

    def whole(self, name: str) -> pd.DataFrame | None:
        """A table with everything in it; None where there is none."""
        return self.frames.get(name)

    def hash_of(self, name: str, now: dt.datetime) -> str:
        """What identifies a table as known at ``now``."""
        return digest([self.key, name, now.isoformat()]) if name in self.frames else "none"


def open_source(scenario: Scenario, data: Data | None, cache: Path, *, reuse: bool = True) -> Source:
    """Find the scenario's data; generate or read them only where the cache has none of that content.

    Parameters
    ----------
    scenario : Scenario
    data : Data or None
        Frames given by a program; they take precedence over the scenario's own source.
    cache : Path
        Folder of cached data.
    reuse : bool
        Whether cached data may be used.

    Raises
    ------
    InputError
        If there is no source, or the tables do not fit the scenario; with every problem.
    """
    hashes = _hashes(scenario, data)
    key = digest([hashes, scenario.data.timezone, _names(scenario.centre)])[:32]
    folder = cache / key
    generated = not (reuse and (folder / "facts.json").is_file())
    if generated:
        large = [] if data is not None or scenario.data.sample else too_large(_files(scenario))
        if large:
            raise TableError(large)
        tables = _made(scenario, data)
        remarks = _checked(tables, scenario.centre)
        put_folder(folder, lambda into: _write(into, tables, remarks))
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    last = dt.datetime.fromisoformat(facts["last"]) if facts["last"] else None
    return Source(
        key, LazyFrames(folder, tuple(facts["tables"])), hashes, last, tuple(facts["notes"]), generated
    )


def _names(centre: Centre) -> list[object]:
    """What the check of the data against the centre depends on."""
    laws = {q: (spec.law, spec.hours) for q, spec in centre.queues.items()}
    return [
        laws,
        list(centre.skills),
        list(centre.contracts),
        list(centre.sites),
        centre.zone,
        centre.calendar,
    ]


def _hashes(scenario: Scenario, data: Data | None) -> dict[str, str]:
    given = scenario.data
    if data is not None:
        return {name: frame_hash(frame) for name, frame in data.items()}
    if given.sample:
        return {"sample": digest([given.sample, source_hash(*_SAMPLE_PARTS), versions()])}
    files = _files(scenario)
    missing = [
        Problem(str(path), "no such file or folder; check data.folder and data.files")
        for path in files
        if not path.is_file()
    ]
    if missing:
        raise TableError(missing)
    return {str(path): file_hash(path) for path in files} | {"reader": source_hash(*_READ_PARTS)}


def _files(scenario: Scenario) -> list[Path]:
    given = scenario.data
    if not given.given:
        raise InputError(
            "the scenario names no data; set data.sample (standard, tiny, hard), data.folder or data.files"
        )
    found: list[Path] = []
    if given.folder:
        folder = Path(given.folder)
        found += sorted(p for p in folder.iterdir() if p.is_file()) if folder.is_dir() else [folder]
    return [*found, *(Path(p) for _, p in sorted(given.files.items()))]


def _made(scenario: Scenario, data: Data | None) -> Data:
    given = scenario.data
    if data is not None:
        return data
    if given.sample:
        from wfo.sample.sample_centre import sample_centre

        sample = sample_centre(given.sample)
        return Data({**sample.data, FUTURE: sample.truth.future})
    from wfo.tables.read import read_data

    problems: list[Problem] = []
    tables: dict[str, pd.DataFrame] = {}
    origins: dict[str, Origin] = {}
    sources: list[Path | dict[str, Path]] = [Path(given.folder)] if given.folder else []
    if given.files:
        sources.append({name: Path(path) for name, path in given.files.items()})
    for source in sources:
        try:
            found = read_data(source, timezone=given.timezone)
        except TableError as error:
            problems += error.problems
            found = error.readable if isinstance(error.readable, Data) else Data({})
        tables |= found
        origins |= {name: found.origins[name] for name in found}
    made = Data(tables, origins)
    if problems:
        # What the tables name is checked too as far as they could be read, so that all is told at once.
        raise TableError([*problems, *check_references(made, scenario.centre)])
    return made


def _checked(data: Data, centre: Centre) -> list[str]:
    problems = check_references(data, centre)
    if problems:
        raise TableError(problems)
    return [str(note) for note in notes(data, centre)]


def _write(folder: Path, tables: Mapping[str, pd.DataFrame], remarks: list[str]) -> None:
    for name, frame in tables.items():
        write_frame(frame, folder / f"{name}.parquet")
    last = _last(tables)
    facts = {"tables": list(tables), "last": last.isoformat() if last else None, "notes": remarks}
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def _last(tables: Mapping[str, pd.DataFrame]) -> dt.datetime | None:
    """When the last contact came; of counts, the start of the last interval that has any."""
    moments = []
    if "interactions" in tables and len(tables["interactions"]):
        moments.append(tables["interactions"]["started_at"].max())
    elif "queue_intervals" in tables:
        counts = tables["queue_intervals"]
        moments += [counts.loc[counts["offered"] > 0, "interval_start"].max()] if len(counts) else []
    return moments[0].to_pydatetime() if moments and not pd.isna(moments[0]) else None
