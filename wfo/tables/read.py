"""Read a centre's data: a folder, a workbook, files or frames by table name; checked."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.errors import Problem, TableError
from wfo.tables.check import TABLES, checked, missing_columns, unknown_table
from wfo.tables.contracts import INPUTS
from wfo.tables.data import Data, Origin
from wfo.tables.sources import Raw, is_table_file, open_file, open_sheets, stem

_FOUND = (*INPUTS, "schedule")
"""Tables taken from a folder or workbook by their names. Other tables of a run come by a mapping alone: the
run's workbook has a sheet ``coaching`` for people."""


def read_data(
    source: "Path | str | Mapping[str, Path | str | pd.DataFrame]", *, timezone: str | None = None
) -> Data:
    """Read and check the tables of a centre.

    Parameters
    ----------
    source : path or mapping
        A folder whose files are named after tables (``interactions.csv``, ``.csv.gz``, ``.parquet``; a
        workbook ``.xlsx`` has one sheet a table), a workbook, or a mapping of table name to file or frame.
    timezone : str, optional
        Zone of times without an offset; without it they are refused. A column ``utc_offset_min`` (minutes
        east of UTC, or ``<column>_utc_offset_min``) says it row by row.

    Returns
    -------
    Data
        Frames with the dtypes of `wfo.tables.convert`, rows in the order they came.

    Raises
    ------
    TableError
        With every problem of every table: file, row, column, what was found, what is allowed, what to do; and
        with the tables as far as they could be read, unreadable cells missing.

    Examples
    --------
    >>> import pandas as pd
    >>> routing = pd.DataFrame({"queue": ["voice", "chat"], "skill": ["talk", "write"]})
    >>> read_data({"routing": routing})["routing"].shape
    (2, 2)
    """
    problems = _zone_problems(timezone)
    frames: dict[str, pd.DataFrame] = {}
    origins: dict[str, Origin] = {}
    for name, opened in _tables(source):
        if isinstance(opened, TableError):
            problems += opened.problems
            continue
        if name in origins:
            problems.append(
                Problem(opened.source, f"table '{name}' is also in {origins[name].source}; keep one of them")
            )
            continue
        origins[name] = Origin(opened.source, opened.numbers, opened.facts)
        frame, new = checked(name, opened.frame, opened.source, timezone=timezone, numbers=opened.numbers)
        problems += new
        if not new or (name in TABLES and not missing_columns(TABLES[name], opened.frame, opened.source)):
            frames[name] = frame
    if not frames and not problems:
        problems.append(
            Problem(str(source), "found no table; files are named after tables: interactions.csv, agents.csv")
        )
    if problems:
        raise TableError(problems, Data(frames, origins))
    return Data({name: frames[name] for name in TABLES if name in frames}, origins)


def _zone_problems(timezone: str | None) -> list[Problem]:
    try:
        if timezone is not None:
            ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        message = f"found '{timezone}', which is no time zone; write an IANA name such as Europe/Berlin"
        raise TableError([Problem("timezone", message)]) from None
    return []


def _tables(
    source: "Path | str | Mapping[str, Path | str | pd.DataFrame]",
) -> Iterator[tuple[str, Raw | TableError]]:
    if isinstance(source, Mapping):
        for name, given in source.items():
            yield from _named(name, given)
        return
    path = Path(source)
    if path.is_dir():
        for file in sorted(p for p in path.iterdir() if is_table_file(p)):
            yield from _found(file)
    elif path.is_file():
        yield from _found(path)
    else:
        yield "", TableError([Problem(str(path), "no such file or folder; check the path")])


def _named(name: str, given: "Path | str | pd.DataFrame") -> Iterator[tuple[str, Raw | TableError]]:
    """A table under the name the caller gave it."""
    if isinstance(given, pd.DataFrame):
        yield name, Raw(given, name, np.arange(len(given), dtype=np.int64))
        return
    path = Path(given)
    try:
        if path.name.lower().endswith(".xlsx"):
            sheets = list(open_sheets(path))
            wanted = [raw for sheet, raw in sheets if sheet == name] or [raw for _, raw in sheets[:1]]
            yield name, wanted[0]
        else:
            yield name, open_file(path)
    except TableError as error:
        yield name, error


def _found(path: Path) -> Iterator[tuple[str, Raw | TableError]]:
    """The tables of a file found in a folder; a name near a table's is a slip, any other is not ours."""
    try:
        opened = list(open_sheets(path)) if path.name.lower().endswith(".xlsx") else [(stem(path), None)]
        for name, raw in opened:
            if name in _FOUND:
                yield name, raw or open_file(path)
            elif name not in TABLES and get_close_matches(name, _FOUND, n=1):
                yield name, TableError([Problem(raw.source if raw else str(path), unknown_table(name))])
    except TableError as error:
        yield stem(path), error
