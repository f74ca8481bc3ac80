"""Open files of tables: CSV, Parquet, Excel sheets; as they are, every cell of a CSV as text."""

import csv
import gzip
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from wfo.errors import Problem, TableError
from wfo.tables.csv_files import Piece, csv_pieces, read_csv
from wfo.tables.finding import first_row
from wfo.tables.parquet_parts import facts_of

T = TypeVar("T")
SUFFIXES = (".csv", ".csv.gz", ".parquet", ".xlsx")


@dataclass(frozen=True)
class Raw:
    """A table as it came.

    Attributes
    ----------
    frame : DataFrame
    source : str
        The file as the user gave it; of a workbook ``file.xlsx:sheet``.
    numbers : ndarray of int64
        Row numbers as the user sees them.
    rows : int
        Rows that were read, before lines with nothing in them were left out; empty: as many as the frame has.
    facts : mapping of str to str
        What the file notes of its table.
    faults : ndarray of object, optional
        Why a row cannot be used, empty where it can; none: all can.
    """

    frame: pd.DataFrame
    source: str
    numbers: np.ndarray
    rows: int = -1
    facts: Mapping[str, str] = field(default_factory=dict)
    faults: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.rows < 0:
            object.__setattr__(self, "rows", len(self.frame))

    @property
    def blank(self) -> int:
        """Lines with nothing in them."""
        return self.rows - len(self.frame)


def stem(path: Path) -> str:
    """The file's name without ``.csv``, ``.csv.gz``, ``.parquet`` or ``.xlsx``."""
    suffix = next((s for s in SUFFIXES if path.name.lower().endswith(s)), "")
    return path.name[: len(path.name) - len(suffix)]


def is_table_file(path: Path) -> bool:
    """Whether the file's name ends like a table's; Excel's lock files do not count."""
    return path.name.lower().endswith(SUFFIXES) and not path.name.startswith(("~$", "."))


def open_file(path: Path) -> Raw:
    """Open a CSV or Parquet file.

    Raises
    ------
    TableError
        If the file is missing, empty, broken off or of another format.
    """
    if not path.is_file():
        raise TableError([Problem(str(path), "no such file; check the path")])
    name = path.name.lower()
    if name.endswith(".parquet"):
        raw = _raw(_guarded(path, "Parquet", lambda: pd.read_parquet(path)), path)
        return replace(raw, facts=facts_of(path))
    if name.endswith((".csv", ".csv.gz")):
        frame = _guarded(path, "CSV", lambda: read_csv(path))
        return _raw(frame, path)
    raise TableError([Problem(str(path), f"found another format; allowed: {', '.join(SUFFIXES)}")])


def open_chunks(path: Path, rows: int) -> Iterator[Raw]:
    """Open a CSV or Parquet file in pieces of at most ``rows`` rows; at least one piece, which may be empty.

    A row of a CSV with more cells than the header has its fault beside it.

    Raises
    ------
    TableError
        As `open_file`; also while pieces are taken, where the file breaks off.
    """
    if not path.is_file():
        raise TableError([Problem(str(path), "no such file; check the path")])
    name = path.name.lower()
    if not name.endswith((".parquet", ".csv", ".csv.gz")):
        raise TableError([Problem(str(path), f"found another format; allowed: {', '.join(SUFFIXES)}")])
    kind = "Parquet" if name.endswith(".parquet") else "CSV"
    pieces = _parquet_pieces(path, rows) if kind == "Parquet" else csv_pieces(path, rows)
    begin = 0
    while (found := _guarded(path, kind, lambda: next(pieces, None))) is not None:
        frame, faults = found
        raw = _raw(frame, path, begin=begin)
        yield raw if faults is None else replace(raw, faults=faults[raw.numbers - begin - first_row(path)])
        begin += len(frame)


def _parquet_pieces(path: Path, rows: int) -> Iterator[Piece]:
    with pq.ParquetFile(path) as file:
        if not file.metadata.num_rows:
            yield file.read().to_pandas(), None
        for batch in file.iter_batches(rows):
            yield batch.to_pandas(), None


def open_sheets(path: Path, *, as_written: bool = False) -> Iterator[tuple[str, Raw]]:
    """Sheets of a workbook by name, in the workbook's order.

    Names and headings are in lower case with ``_`` for spaces, unless they are wanted as written.

    Raises
    ------
    TableError
        If the file is missing, empty or no workbook.
    """
    if not path.is_file():
        raise TableError([Problem(str(path), "no such file; check the path")])
    with warnings.catch_warnings():
        # openpyxl warns of formatting it drops, which no table needs.
        warnings.simplefilter("ignore")
        sheets = _guarded(
            path, "Excel", lambda: pd.read_excel(path, sheet_name=None, dtype=object, na_values=[""])
        )
    for sheet, frame in sheets.items():
        named = str(sheet) if as_written else plain_heading(sheet)
        frame.columns = pd.Index([str(c).strip() if as_written else plain_heading(c) for c in frame.columns])
        yield named, _raw(frame, path, f"{path}:{sheet}")


def plain_heading(text: object) -> str:
    """A heading in lower case, with ``_`` for spaces.

    Examples
    --------
    >>> plain_heading(" Handle time ")
    'handle_time'
    """
    return "_".join(str(text).strip().lower().split())


def _raw(frame: pd.DataFrame, path: Path, source: str = "", begin: int = 0) -> Raw:
    """Rows with nothing in them are left out, the others keep their numbers, counted on from ``begin``."""
    label = source or str(path)
    numbers = np.arange(len(frame), dtype=np.int64) + begin + first_row(label)
    if first_row(label) and len(frame.columns):
        empty = frame.isna().all(axis=1).to_numpy()
        if empty.any():
            return Raw(frame[~empty].reset_index(drop=True), label, numbers[~empty], len(frame))
    return Raw(frame, label, numbers)


def _guarded(path: Path, kind: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except pd.errors.EmptyDataError:
        message = "the file is empty; it needs a line with column names"
    except UnicodeDecodeError as error:
        message = f"the text is not UTF-8 (byte {error.start}); save it as 'CSV UTF-8'"
    except pd.errors.ParserError as error:
        message = (
            f"a row does not fit the header ({str(error).strip()}); quote cells that contain the separator"
        )
    except csv.Error as error:
        message = f"cannot be read as CSV ({error}); write it again"
    except (EOFError, zlib.error, gzip.BadGzipFile):
        message = "the compressed file is broken off; write it again"
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        message = (
            f"cannot be read as {kind} ({reason}); it may be broken off or of another format: write it again"
        )
    raise TableError([Problem(str(path), message)])
