"""Open files of tables: CSV, Parquet, Excel sheets; as they are, every cell of a CSV as text."""

import csv
import gzip
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from wfo.errors import Problem, TableError
from wfo.tables.finding import first_row

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
    """

    frame: pd.DataFrame
    source: str
    numbers: np.ndarray


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
        return _raw(_guarded(path, "Parquet", lambda: pd.read_parquet(path)), path)
    if name.endswith((".csv", ".csv.gz")):
        frame = _guarded(path, "CSV", lambda: _read_csv(path))
        return _raw(frame, path)
    raise TableError([Problem(str(path), f"found another format; allowed: {', '.join(SUFFIXES)}")])


def open_sheets(path: Path) -> Iterator[tuple[str, Raw]]:
    """Sheets of a workbook by name, in the workbook's order; headings in lower case with ``_`` for spaces.

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
        frame.columns = pd.Index([_heading(c) for c in frame.columns])
        yield _heading(sheet), _raw(frame, path, f"{path}:{sheet}")


def _heading(text: object) -> str:
    return "_".join(str(text).strip().lower().split())


def _raw(frame: pd.DataFrame, path: Path, source: str = "") -> Raw:
    """Rows with nothing in them are left out, the others keep their numbers."""
    label = source or str(path)
    numbers = np.arange(len(frame), dtype=np.int64) + first_row(label)
    if first_row(label) and len(frame.columns):
        empty = frame.isna().all(axis=1).to_numpy()
        if empty.any():
            return Raw(frame[~empty].reset_index(drop=True), label, numbers[~empty])
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
    except (EOFError, zlib.error, gzip.BadGzipFile):
        message = "the compressed file is broken off; write it again"
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        message = (
            f"cannot be read as {kind} ({reason}); it may be broken off or of another format: write it again"
        )
    raise TableError([Problem(str(path), message)])


def _read_csv(path: Path) -> pd.DataFrame:
    header, separator = _header(path)
    frame = pd.read_csv(
        path,
        sep=separator,
        dtype="str",
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8-sig",
        skip_blank_lines=False,
    )
    if not isinstance(frame.index, pd.RangeIndex):
        raise pd.errors.ParserError(f"rows have more cells than the header's {len(header)}")
    # pandas renames a second column of one name; under its own name it is reported.
    frame.columns = pd.Index(header)
    return frame


def _header(path: Path) -> tuple[list[str], str]:
    """Column names and the separator, the one of ``, ; tab`` that the header has most of."""
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:
        line = lines.readline()
        if not line.strip():
            raise pd.errors.EmptyDataError(path.name)
        separator = max(",;\t", key=line.count)
        lines.seek(0)
        return [c.strip() for c in next(csv.reader(lines, delimiter=separator))], separator
