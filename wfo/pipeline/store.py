"""Stored results by key: each in a folder of its own, read back lazily.

What a stage returned is always read back from its folder, so that a fresh and a reused result are the same.
"""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from wfo.errors import StoreError
from wfo.pipeline.hashing import file_hash
from wfo.tables.parquet import read_frame
from wfo.tables.result import SCHEMA_VERSION, Meta, Result, Status

_HASHES = "hashes.json"


class LazyFrames(Mapping[str, pd.DataFrame]):
    """Parquet tables of a folder, each read when it is first asked for and kept until `release`."""

    def __init__(self, folder: Path, names: tuple[str, ...]):
        self.folder, self.names = folder, names
        self._read: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.names:
            raise KeyError(name)
        if name not in self._read:
            try:
                self._read[name] = read_frame(self.folder / f"{name}.parquet")
            except (OSError, ValueError) as error:
                raise StoreError(f"{self.folder / name}.parquet cannot be read: {error}") from error
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def release(self) -> None:
        """Forget what has been read."""
        self._read.clear()


@dataclass(frozen=True)
class Stored:
    """A stage's result in its folder.

    Attributes
    ----------
    folder : Path
    result : Result
        Its tables are read when they are asked for.
    hashes : mapping of str to str
        Content hashes by table; ``state`` for the model.
    """

    folder: Path
    result: Result
    hashes: Mapping[str, str]

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The result's tables."""
        return self.result.tables

    @property
    def meta(self) -> Meta:
        """The result's provenance."""
        return self.result.meta

    @cached_property
    def content(self) -> str:
        """One word for all tables and the state."""
        return " ".join(f"{name}:{self.hashes[name]}" for name in sorted(self.hashes))


def open_stored(folder: Path, kind: type[Result]) -> Stored:
    """Open a stored result.

    Raises
    ------
    StoreError
        If it is not whole, or of another schema version.
    """
    try:
        content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        hashes = json.loads((folder / _HASHES).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder} cannot be read: {error}") from error
    if content["schema_version"] != SCHEMA_VERSION:
        raise StoreError(
            f"{folder} has schema version {content['schema_version']}, expected {SCHEMA_VERSION}"
        )
    meta = content["meta"]
    for name in ("reasons", "notes"):
        meta[name] = tuple(meta[name])
    frames = LazyFrames(folder, tuple(content["tables"]))
    return Stored(folder, kind(frames, Meta(**{**meta, "status": Status(meta["status"])}), state), hashes)


def save_stored(folder: Path, result: Result) -> Stored:
    """Write a result with the hashes of its tables, whole or not at all, and open it."""

    def write(into: Path) -> None:
        result.save(into)
        hashes = {name: file_hash(into / f"{name}.parquet") for name in sorted(result.tables)}
        hashes["state"] = file_hash(into / "state.json")
        (into / _HASHES).write_text(json.dumps(hashes, sort_keys=True), encoding="utf-8")

    put_folder(folder, write)
    return open_stored(folder, type(result))


def put_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a folder beside, then put it in place; what was there is replaced.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", dir=folder.parent))
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}") from error
    old = beside.with_name(f"{beside.name}.old")
    try:
        write(beside)
        beside.chmod(0o755)
        if folder.exists():
            folder.replace(old)
        beside.replace(folder)
    except OSError as error:
        if old.exists() and not folder.exists():
            old.replace(folder)
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        for leftover in (beside, old):
            with contextlib.suppress(OSError):
                shutil.rmtree(leftover)
