"""The SQL engine of one machine: DuckDB, out of core, the same answer at every run."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from wfo.errors import InputError, Problem, RunError
from wfo.tables.sql import Dialect, Source, Sql, contract_frame, ordered, parquet_files

_PIECE = 122_880
"""Rows of a piece of a held table: DuckDB's own row group."""
_WORDS = 1_000
"""Values of a column that a file keeps as numbers of words; ids are more, and looking them up takes time."""


class DuckSql(Sql):
    """A session of DuckDB, its tables in memory as long as they fit (`wfo.tables.duck_on_disk`: in files).

    Parameters
    ----------
    memory : str
        Most memory of the engine; what does not fit goes to disk.
    threads : int
    folder : Path, optional
        Where it spills to; a temporary folder by default.

    Examples
    --------
    >>> with DuckSql() as sql:
    ...     sql.register("t", pd.DataFrame({"x": [3, 1, 2]}))
    ...     sql.frame("SELECT x FROM t WHERE x > 1 ORDER BY x")["x"].tolist()
    [2, 3]
    """

    dialect = Dialect(
        ms="epoch_ms({0})",
        instant="make_timestamptz(({0}) * 1000)",
        divide="({0}) // ({1})",
    )

    def __init__(
        self,
        *,
        memory: str = "3GB",
        threads: int = 2,
        folder: Path | None = None,
    ) -> None:
        self._memory = memory
        self._spill = tempfile.TemporaryDirectory(dir=folder, prefix="wfo-sql-")
        self._held: dict[str, pa.Table] = {}
        self._tallied: set[str] = set()
        config: dict[str, Any] = {
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": self._spill.name,
            "preserve_insertion_order": False,
        }
        self._db = duckdb.connect(config=config)
        self._run("SET TimeZone = 'UTC'")

    def close(self) -> None:
        """End the session and remove what it spilled."""
        self._db.close()
        self._held.clear()
        self._spill.cleanup()

    def register(self, name: str, source: Source) -> None:
        """Make a frame, or Parquet files, readable as a table (`Sql.register`)."""
        if isinstance(source, pd.DataFrame):
            self.hold(name, pa.Table.from_pandas(source, preserve_index=False))
            return
        paths = parquet_files(source)
        files = ", ".join(f"'{escaped(p)}'" for p in paths)
        try:
            self.view(name, f"SELECT * FROM read_parquet([{files}], union_by_name = {len(paths) > 1})")
        except duckdb.Error as error:
            said = _first_line(error)
            where = ", ".join(str(p) for p in paths)
            raise InputError(
                [Problem(where, f"cannot be read as Parquet ({said}); write it anew")]
            ) from error

    def hold(self, name: str, columns: pa.Table | Mapping[str, np.ndarray]) -> None:
        """Make arrays of equal length readable as a table."""
        table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
        # in pieces, which threads share
        table = pa.Table.from_batches(table.to_batches(max_chunksize=_PIECE), table.schema)
        self._held[name] = table
        self._db.register(name, table)

    def columns(self, name: str) -> tuple[str, ...]:
        """Columns of a table."""
        rows = self._db.execute(f"DESCRIBE SELECT * FROM {name}").fetchall()
        return tuple(row[0] for row in rows)

    def view(self, name: str, select: str) -> None:
        """Name a ``SELECT``, asked anew each time it is read."""
        self._run(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")

    def create(self, name: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` as a table, in place of an earlier one."""
        if name in self._tallied:
            self._make(f"{name}_new", select)
            self.drop(name)
            self._run(f"ALTER TABLE {name}_new RENAME TO {name}")
            return
        self._make(name, select)

    def drop(self, *names: str) -> None:
        """Forget tables."""
        for name in names:
            if self._held.pop(name, None) is not None:
                self._db.unregister(name)
            elif name in self._tallied:
                self._tallied.discard(name)
                self._run(f"DROP VIEW {name}")
                self._run(f"DROP TABLE {name}_rows")
            else:
                self._run(f"DROP TABLE IF EXISTS {name}")

    def tally(self, name: str, column: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` with a first column of whole numbers (`Sql.tally`).

        The numbers are those that rows have in the engine anyway: to count them would take one thread.
        """
        self.create(f"{name}_rows", select)
        self.view(name, f"SELECT rowid AS {column}, * FROM {name}_rows")
        self._tallied.add(name)

    def number(self, name: str, column: str, select: str, order: str) -> None:
        """Keep the answer of a ``SELECT`` with a first column that counts from 0 in an order without ties.

        Rows are kept in the order asked for, so their numbers are those the engine gives them.
        """
        self.tally(name, column, f"SELECT * FROM ({select}) q ORDER BY {order}")

    def components(self, name: str, edges: str) -> None:
        """Make a table (node, root) of nodes that edges join (`Sql.components`), by scipy."""
        node, root = _components(**self.arrays(edges))
        self.hold("wfo_components", {"node": node, "root": root})
        # a table of the engine, not an array beside it: it counts to its memory and may go to disk
        self.create(name, "SELECT * FROM wfo_components")
        self.drop("wfo_components")

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """Rows of a small answer."""
        with self._said():
            return list(self._db.execute(select).fetchall())

    def arrays(self, select: str) -> dict[str, np.ndarray]:
        """Numeric columns of an answer without empty cells, in the order it asks for."""
        with self._said():
            table = self._db.sql(select).to_arrow_table()
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def frame(self, select: str) -> pd.DataFrame:
        """An answer as a frame after the table contracts; it must say its order."""
        with self._said():
            return contract_frame(self._db.sql(ordered(select)).to_arrow_table())

    def write(self, select: str, path: Path) -> None:
        """Write an answer to a Parquet file without holding it in memory.

        Where joins and sorting do not fit side by side, the answer is kept first and sorted then.
        """
        options = f"TO '{escaped(path)}' (FORMAT parquet, DICTIONARY_SIZE_LIMIT {_WORDS})"
        try:
            self._copy(f"COPY ({select}) {options}")
        except duckdb.OutOfMemoryException:
            body, order = select.rsplit("ORDER BY", 1)
            self.create("wfo_unsorted", body)
            with self._said():
                self._copy(f"COPY (SELECT * FROM wfo_unsorted ORDER BY {order}) {options}")
            self.drop("wfo_unsorted")
        except duckdb.IOException as error:
            said = _full(path) if _no_room(error) else f"{path} cannot be written: {_first_line(error)}"
            raise RunError(said) from error

    def _copy(self, text: str) -> None:
        self._db.execute(text).fetchall()

    def _make(self, name: str, select: str) -> None:
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")

    def _run(self, text: str) -> None:
        with self._said():
            self._db.execute(text).fetchall()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say plainly that memory or disk do not suffice."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            message = f"{self._memory} of memory are too little for a log of this size: give the engine more"
            raise RunError(f"{message} (chains.memory_gb)") from error
        except duckdb.IOException as error:
            if not _no_room(error):
                raise
            raise RunError(_full(Path(self._spill.name))) from error


def escaped(path: Path) -> str:
    """A path as the inside of a word of SQL."""
    return path.as_posix().replace("'", "''")


def _no_room(error: duckdb.IOException) -> bool:
    return any(word in str(error) for word in ("No space left", "max_temp_directory_size"))


def _full(path: Path) -> str:
    return f"the disk of {path} is full: make room there, or work in a folder on another disk"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _components(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes that edges join, rising, and the smallest node of the component of each; nothing is kept long."""
    size = int(max(a.max(), b.max())) + 1 if len(a) else 0
    joined = np.zeros(size, dtype=bool)
    joined[a] = joined[b] = True
    node = np.flatnonzero(joined)
    place = np.cumsum(joined, dtype=np.int32 if size < 2**31 else np.int64)
    # places count from 1, so there is a first that nothing joins
    graph = coo_array(
        (np.ones(len(a), dtype=np.int8), (place[a], place[b])), shape=(len(node) + 1, len(node) + 1)
    )
    del a, b, place, joined
    count, component = connected_components(graph, directed=False)
    del graph
    # nodes rise, so the first of a component is its smallest
    component = component[1:]
    smallest = np.full(count, size, dtype=np.int64)
    np.minimum.at(smallest, component, node)
    return node, smallest[component]
