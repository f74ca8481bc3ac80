"""The SQL engine of one machine: DuckDB, out of core, the same answer at every run."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from wfo.errors import InputError, Problem
from wfo.tables.sql import Dialect, Source, Sql, contract_frame, ordered, parquet_files

_PIECE = 122_880
"""Rows of a piece of a held table: DuckDB's own row group."""
_WORDS = 1_000
"""Values of a column that a file keeps as numbers of words; ids are more, and looking them up takes time."""


class DuckSql(Sql):
    """A session of DuckDB.

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

    def __init__(self, *, memory: str = "3GB", threads: int = 2, folder: Path | None = None) -> None:
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
        files = ", ".join("'" + p.as_posix().replace("'", "''") + "'" for p in paths)
        try:
            self.view(name, f"SELECT * FROM read_parquet([{files}], union_by_name = {len(paths) > 1})")
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
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
            self._run(f"CREATE OR REPLACE TEMP TABLE {name}_new AS {select}")
            self.drop(name)
            self._run(f"ALTER TABLE {name}_new RENAME TO {name}")
            return
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")

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
        found = self.arrays(edges)
        a, b = found["a"], found["b"]
        size = int(max(a.max(), b.max())) + 1 if len(a) else 0
        joined = np.zeros(size, dtype=bool)
        joined[a] = joined[b] = True
        node = np.flatnonzero(joined)
        place = np.cumsum(joined, dtype=np.int32) - 1 if size < 2**31 else np.cumsum(joined) - 1
        graph = coo_array(
            (np.ones(len(a), dtype=np.int8), (place[a], place[b])), shape=(len(node), len(node))
        )
        count, component = connected_components(graph, directed=False)
        # nodes rise, so the first of a component is its smallest
        smallest = np.full(count, size, dtype=np.int64)
        np.minimum.at(smallest, component, node)
        self.hold(name, {"node": node, "root": smallest[component]})

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """Rows of a small answer."""
        return list(self._db.execute(select).fetchall())

    def arrays(self, select: str) -> dict[str, np.ndarray]:
        """Numeric columns of an answer without empty cells, in the order it asks for."""
        table = self._db.sql(select).to_arrow_table()
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def frame(self, select: str) -> pd.DataFrame:
        """An answer as a frame after the table contracts; it must say its order."""
        return contract_frame(self._db.sql(ordered(select)).to_arrow_table())

    def write(self, select: str, path: Path) -> None:
        """Write an answer to a Parquet file without holding it in memory.

        Where joins and sorting do not fit side by side, the answer is kept first and sorted then.
        """
        where = path.as_posix().replace("'", "''")
        options = f"TO '{where}' (FORMAT parquet, DICTIONARY_SIZE_LIMIT {_WORDS})"
        try:
            self._run(f"COPY ({select}) {options}")
        except duckdb.OutOfMemoryException:
            body, order = select.rsplit("ORDER BY", 1)
            self.create("wfo_unsorted", body)
            self._run(f"COPY (SELECT * FROM wfo_unsorted ORDER BY {order}) {options}")
            self.drop("wfo_unsorted")

    def _run(self, text: str) -> None:
        self._db.execute(text).fetchall()
