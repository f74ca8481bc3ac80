"""A source opened for import, piece by piece: tables in chunks that fit in memory, other formats unfolded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import Problem, TableError
from wfo.tables.account import Tally
from wfo.tables.formats.known import FORMATS
from wfo.tables.formats.part import Part
from wfo.tables.mapping import Mapping
from wfo.tables.source_columns import headed_as_named
from wfo.tables.sources import Raw, open_chunks, open_sheets, plain_heading

CHUNK_ROWS = 500_000
"""Rows of a table file held at a time."""


@dataclass(frozen=True)
class Chunk(Part):
    """Rows of a source: a part, and where it is from.

    Attributes
    ----------
    source : str
        The file as the user gave it.
    """

    source: str = field(kw_only=True)


def chunks(rules: Mapping, mapping: Path, source: Path, tally: Tally) -> Iterator[Chunk]:
    """Rows of a source file, or of the files of a folder whose names fit the mapping, in the order of names.

    The tally counts them as they are read. Tables whose rows are legs come in one piece.

    Raises
    ------
    TableError
        If no file fits, or one cannot be read.
    """
    files = _files(rules, source)
    if rules.format is not None:
        yield _unfolded(rules, mapping, source, files, tally)
        return
    pieces = (_plain(raw, tally) for file in files for raw in _raw(rules, file))
    if rules.legs:
        yield _whole(list(pieces), source)
    else:
        yield from pieces


def _raw(rules: Mapping, file: Path) -> Iterator[Raw]:
    if file.name.lower().endswith(".xlsx"):
        yield _sheet(rules, file)
    else:
        yield from open_chunks(file, CHUNK_ROWS)


def _whole(pieces: list[Chunk], source: Path) -> Chunk:
    """All chunks as one."""
    empty: Counter[str] = Counter()
    for piece in pieces:
        empty.update(piece.empty)
    return Chunk(
        pd.concat([p.frame for p in pieces], ignore_index=True),
        np.concatenate([p.files for p in pieces]),
        np.concatenate([p.numbers for p in pieces]),
        np.concatenate([p.behind for p in pieces]),
        np.concatenate([p.faults for p in pieces]),
        dict(empty),
        source=str(source),
    )


def _files(rules: Mapping, source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    files = sorted(p for p in source.glob(rules.file) if p.is_file() and not p.name.startswith((".", "~$")))
    if not files:
        raise TableError(
            [Problem(str(source), f"found no file named '{rules.file}'; check the mapping's 'file'")]
        )
    return files


def _unfolded(rules: Mapping, mapping: Path, source: Path, files: list[Path], tally: Tally) -> Chunk:
    if rules.format not in FORMATS:
        message = f"format: '{rules.format}' is not known; allowed: {', '.join(FORMATS)}"
        raise TableError([Problem(str(mapping), message)])
    parts = FORMATS[rules.format](files, tally)
    if rules.part not in parts:
        message = f"part: format {rules.format} has no '{rules.part}'; allowed: {', '.join(parts)}"
        raise TableError([Problem(str(mapping), message)])
    part = parts[rules.part]
    own = {each.name: getattr(part, each.name) for each in fields(part)}
    return Chunk(**own, source=str(source))


def _sheet(rules: Mapping, file: Path) -> Raw:
    sheets = dict(open_sheets(file, as_written=True))
    name = rules.part
    if name is None:
        name = next(iter(sheets))
    elif name not in sheets:
        alike = [sheet for sheet in sheets if plain_heading(sheet) == plain_heading(name)]
        if not alike:
            message = f"has no sheet '{name}', which the mapping's 'part' names; found: {', '.join(sheets)}"
            raise TableError([Problem(str(file), message)])
        name = alike[0]
    return replace(sheets[name], frame=headed_as_named(sheets[name].frame, rules))


def _plain(raw: Raw, tally: Tally) -> Chunk:
    rows = len(raw.frame)
    tally.rows += raw.rows
    return Chunk(
        raw.frame.reset_index(drop=True),
        np.full(rows, Path(raw.source).name, dtype=object),
        raw.numbers,
        np.ones(rows, dtype=np.int64),
        np.full(rows, "", dtype=object) if raw.faults is None else raw.faults,
        {"lines with nothing in them": raw.blank} if raw.blank else {},
        source=raw.source,
    )
