"""Check a log that an engine reads where it lies: its schema, and its cells in one pass."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfo.errors import InputError, Problem
from wfo.tables.contracts import Column, Table
from wfo.tables.finding import show
from wfo.tables.sql import Source, Sql, parquet_files

_ALLOWED = {
    "text": ("text", "whole numbers"),
    "enum": ("text",),
    "time": ("instants",),
    "number": ("numbers", "whole numbers"),
    "bool": ("true or false",),
}
_WRITE = {
    "text": "text; write identifiers as text, so that they keep their zeros and find each other",
    "enum": "text; write one of the words of the table",
    "time": "instants with an offset from UTC; write them as timestamps in UTC",
    "number": "numbers; write them without unit",
    "bool": "true or false; write booleans",
}
_NAMED = 5
"""At most so many words are named; the rest is counted."""


def register_checked(sql: Sql, name: str, source: Source, table: Table, used: Sequence[str]) -> None:
    """Make a log readable in an engine, and refuse what is not as the table, every problem at once.

    Parameters
    ----------
    sql : Sql
    name : str
        What the log is called there.
    source : Source
    table : Table
    used : sequence of str
        Columns that will be read; others may hold anything.

    Raises
    ------
    InputError
        If a file is no Parquet file, a column that every row needs is missing, a column is of the wrong type
        or holds times without an offset, cells that every row needs are empty, a word is unknown, or a number
        is below zero or endless.
    """
    columns = [c for c in table.columns if c.name in used]
    problems = [p for where, kinds in _kinds(source, table) for p in _wrong_kinds(where, kinds, columns)]
    if problems:
        raise InputError(problems)
    sql.register(name, source)
    where = table.name if isinstance(source, pd.DataFrame) else ", ".join(map(str, parquet_files(source)))
    problems = list(_wrong_cells(sql, name, where, columns))
    if problems:
        raise InputError(problems)


def _kinds(source: Source, table: Table) -> Iterator[tuple[str, dict[str, str]]]:
    """What the columns of each file hold, by name."""
    if isinstance(source, pd.DataFrame):
        yield table.name, {str(c): _kind(_arrow_type(source[c])) for c in source.columns}
        return
    for file in files_of(source):
        schema = _about(file).schema.to_arrow_schema()
        yield str(file), {f.name: _kind(f.type) for f in schema}


def rows_of(source: Source) -> int:
    """Rows of a log, without reading it.

    Raises
    ------
    InputError
        If a file is missing or is no Parquet file.
    """
    if isinstance(source, pd.DataFrame):
        return len(source)
    return sum(_about(file).num_rows for file in files_of(source))


def files_of(source: Path | str | Sequence[Path]) -> list[Path]:
    """Parquet files of a source that is no frame; of a folder those in it, by name."""
    paths = parquet_files(source)
    return [f for path in paths for f in (sorted(path.glob("*.parquet")) if path.is_dir() else [path])]


def _about(file: Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(file)
    except PermissionError as error:
        message = "no right to read it (permission denied); give this user the right"
        raise InputError([Problem(str(file), message)]) from error
    except (OSError, pa.ArrowException) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"cannot be read as Parquet ({said}); it may be broken off: write it anew"
        raise InputError([Problem(str(file), message)]) from error


def _arrow_type(values: pd.Series) -> pa.DataType:
    known = values.dropna().head(1000) if values.dtype == object else values.iloc[:0]
    return pa.array(known, from_pandas=True).type


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_timestamp(kind):
        return "times without an offset" if kind.tz is None else "instants"
    tests = {
        "text": (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
        "whole numbers": (pa.types.is_integer,),
        "numbers": (pa.types.is_floating, pa.types.is_decimal),
        "true or false": (pa.types.is_boolean,),
        "nothing": (pa.types.is_null,),
    }
    return next((word for word, of in tests.items() if any(test(kind) for test in of)), str(kind))


def _wrong_kinds(where: str, kinds: dict[str, str], columns: Iterable[Column]) -> Iterator[Problem]:
    for column in columns:
        found = kinds.get(column.name)
        place = f"{where}, column '{column.name}'"
        if found is None and not column.optional:
            yield Problem(place, f"is missing; found: {', '.join(kinds)}; map it or add it")
        elif found not in (None, "nothing", *_ALLOWED[column.type]):
            yield Problem(place, f"found {found}; allowed: {_WRITE[column.type]}")


def _wrong_cells(sql: Sql, name: str, where: str, columns: Iterable[Column]) -> Iterator[Problem]:
    """Problems of cells; one pass counts them, a second names them where there are any."""
    have = set(sql.columns(name))
    faults = [fault for c in columns if c.name in have for fault in _faults(c)]
    sums = ", ".join(f"coalesce(sum(CASE WHEN {bad} THEN 1 ELSE 0 END), 0)" for _, bad, _ in faults)
    if not faults:
        return
    for count, (column, bad, allowed) in zip(sql.rows(f"SELECT {sums} FROM {name}")[0], faults, strict=True):
        if not count:
            continue
        words = sql.rows(
            f"""SELECT CAST({column} AS STRING) AS word, count(*) AS n FROM {name} WHERE {bad}
            GROUP BY CAST({column} AS STRING) ORDER BY n DESC, word"""
        )
        named = ", ".join(show(word) for word, _ in words[:_NAMED]) + (", …" if len(words) > _NAMED else "")
        rows = f"{int(count):,} row{'s' if count > 1 else ''}"
        yield Problem(f"{where}, column '{column}'", f"found {named} in {rows}; {allowed}")


def _faults(column: Column) -> Iterator[tuple[str, str, str]]:
    """Column, condition in SQL, and what is allowed."""
    name = column.name
    if not column.optional:
        empty = (
            f"{name} IS NULL" if column.type == "time" else f"({name} IS NULL OR CAST({name} AS STRING) = '')"
        )
        yield name, empty, "every row needs a value; fill it in or remove the rows"
    if column.type == "enum":
        words = column.values  # noqa: PD011
        listed = ", ".join(f"'{word}'" for word in (*words, ""))
        yield name, f"{name} NOT IN ({listed})", f"allowed: {', '.join(words)}; write one of them"
    if column.type == "number" and name.endswith("_s"):
        bad = f"(CAST({name} AS DOUBLE) < 0 OR CAST({name} AS DOUBLE) = CAST('Infinity' AS DOUBLE))"
        yield name, bad, "allowed: a number of 0 or more; correct it or leave it empty"
