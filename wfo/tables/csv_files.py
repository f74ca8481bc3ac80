"""CSV files as they are, every cell as text; rows that do not fit the header are told one by one."""

import csv
import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd
from pandas.io.parsers import TextFileReader

Piece = tuple[pd.DataFrame, np.ndarray | None]
"""Rows, and why some cannot be used."""
_TOO_MANY = "Error tokenizing data. C error: Expected"
"""How pandas begins its word on a row with more cells than the header."""


def read_csv(path: Path) -> pd.DataFrame:
    """All rows of a file."""
    with _reader(path, None) as reader:
        return _as_headed(reader.read(), path)


def _reader(path: Path, rows: int | None) -> TextFileReader:
    return pd.read_csv(
        path,
        sep=_header(path)[1],
        dtype="str",
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8-sig",
        skip_blank_lines=False,
        iterator=True,
        chunksize=rows,
    )


def _as_headed(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    header = _header(path)[0]
    if not isinstance(frame.index, pd.RangeIndex):
        raise pd.errors.ParserError(f"rows have more cells than the header's {len(header)}")
    # pandas renames a second column of one name; under its own name it is reported.
    frame.columns = pd.Index(header)
    return frame.reset_index(drop=True)


def _header(path: Path) -> tuple[list[str], str]:
    """Column names and the separator, the one of ``, ; tab`` that the header has most of."""
    with _text(path) as lines:
        line = lines.readline()
        if not line.strip():
            raise pd.errors.EmptyDataError(path.name)
        separator = max(",;\t", key=line.count)
        lines.seek(0)
        return [c.strip() for c in next(csv.reader(lines, delimiter=separator))], separator


def csv_pieces(path: Path, rows: int) -> Iterator[Piece]:
    """Rows of a file, at most ``rows`` at a time."""
    done = 0
    try:
        with _reader(path, rows) as reader:
            for frame in reader:
                yield _as_headed(frame, path), None
                done += len(frame)
    except pd.errors.ParserError as error:
        if _TOO_MANY not in str(error) and "more cells" not in str(error):
            raise
        yield from _careful_pieces(path, rows, done)


def _careful_pieces(path: Path, rows: int, done: int) -> Iterator[Piece]:
    """Rows of a CSV after the first ``done``, one by one: those with too many cells get their fault."""
    header, separator = _header(path)
    with _text(path) as lines:
        reader = islice(csv.reader(lines, delimiter=separator, strict=True), done + 1, None)
        while cells := list(islice(reader, rows)):
            faults = np.full(len(cells), "", dtype=object)
            for place, row in enumerate(cells):
                if len(row) > len(header):
                    said = f"{len(row)} cells, the header has {len(header)}"
                    faults[place] = f"{said}; quote cells that contain the separator"
                cells[place] = [*row, *[""] * (len(header) - len(row))][: len(header)]
            frame = pd.DataFrame(cells, columns=pd.Index(header), dtype="str")
            yield frame.mask(frame == ""), faults


def _text(path: Path) -> TextIO:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
