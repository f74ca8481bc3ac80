"""The SQL engine: tables of any size by DuckDB, out of core, the same answer at every run.

What is asked is plain ``SELECT`` text that DuckDB and Spark 4 read alike: joins, ``GROUP BY``, ``CASE`` and
window functions over columns, no arrays, no ``QUALIFY``, integer sums. The few words in which the two differ
come from `Dialect`. A second engine needs the methods of `Sql` and a dialect of its own, and no other text.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from wfo.errors import InputError, Problem

Source = pd.DataFrame | Path | str | Sequence[Path]
"""A frame, a Parquet file or several of them."""


@dataclass(frozen=True)
class Dialect:
    """Words in which SQL engines differ; these are DuckDB's.

    Attributes
    ----------
    ms : str
        Template of milliseconds since the epoch of an instant ``{0}``.
    instant : str
        Template of the instant (UTC) of milliseconds ``{0}``.
    number : str
        A number for each row, in no particular order.
    divide : str
        Template of the whole part of ``{0}`` by ``{1}``, both not negative.
    """

    ms: str = "epoch_ms({0})"
    instant: str = "make_timestamptz(({0}) * 1000)"
    number: str = "row_number() OVER ()"
    divide: str = "({0}) // ({1})"


class Sql:
    """A session over named tables.

    Parameters
    ----------
    memory : str
        Most memory of the engine; what does not fit goes to disk.
    threads : int
    folder : Path, optional
        Where it spills to; a temporary folder by default.

    Examples
    --------
    >>> with Sql() as sql:
    ...     sql.register("t", pd.DataFrame({"x": [3, 1, 2]}))
    ...     sql.frame("SELECT x FROM t WHERE x > 1 ORDER BY x")["x"].tolist()
    [2, 3]
    """

    def __init__(self, *, memory: str = "3GB", threads: int = 2, folder: Path | None = None) -> None:
        self.dialect = Dialect()
        self._spill = tempfile.TemporaryDirectory(dir=folder, prefix="wfo-sql-")
        self._held: dict[str, pa.Table] = {}
        config: dict[str, Any] = {
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": self._spill.name,
            "preserve_insertion_order": False,
        }
        self._db = duckdb.connect(config=config)
        self.run("SET TimeZone = 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session and remove what it spilled."""
        self._db.close()
        self._held.clear()
        self._spill.cleanup()

    def register(self, name: str, source: Source) -> None:
        """Make a frame, or Parquet files, readable as a table.

        Raises
        ------
        InputError
            If a file is missing or is no Parquet file.
        """
        if isinstance(source, pd.DataFrame):
            self.hold(name, pa.Table.from_pandas(source, preserve_index=False))
            return
        paths = [Path(source)] if isinstance(source, Path | str) else [Path(p) for p in source]
        files = ", ".join("'" + p.as_posix().replace("'", "''") + "'" for p in paths)
        try:
            self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet([{files}])")
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            where = ", ".join(str(p) for p in paths)
            raise InputError(
                [Problem(where, f"cannot be read as Parquet ({said}); write it anew")]
            ) from error

    def hold(self, name: str, columns: pa.Table | Mapping[str, np.ndarray]) -> None:
        """Make arrays of equal length readable as a table."""
        table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
        self._held[name] = table
        self._db.register(name, table)

    def columns(self, name: str) -> tuple[str, ...]:
        """Columns of a table."""
        rows = self._db.execute(f"DESCRIBE SELECT * FROM {name}").fetchall()
        return tuple(row[0] for row in rows)

    def run(self, text: str) -> None:
        """Run a statement without an answer."""
        self._db.execute(text).fetchall()

    def create(self, name: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` as a table, in place of an earlier one."""
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")

    def drop(self, *names: str) -> None:
        """Forget tables made by `create`."""
        for name in names:
            self.run(f"DROP TABLE IF EXISTS {name}")

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """Rows of a small answer."""
        return list(self._db.execute(select).fetchall())

    def value(self, select: str) -> Any:
        """The one cell of an answer."""
        return self.rows(select)[0][0]

    def arrays(self, select: str) -> dict[str, np.ndarray]:
        """Numeric columns of an answer without empty cells, in the order it asks for."""
        table = self._db.sql(select).to_arrow_table()
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def frame(self, select: str) -> pd.DataFrame:
        """An answer as a frame after the table contracts; it must say its order.

        Raises
        ------
        ValueError
            If the text has no ``ORDER BY``.
        """
        if "ORDER BY" not in select:
            raise ValueError("a table that leaves the engine says its order: add ORDER BY its key")
        frame = self._db.sql(select).to_arrow_table().to_pandas()
        for name in frame.columns:
            if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
                frame[name] = frame[name].dt.tz_convert("UTC").dt.as_unit("us")
        return frame

    def write(self, select: str, path: Path) -> None:
        """Write an answer to a Parquet file without holding it in memory."""
        where = path.as_posix().replace("'", "''")
        self.run(f"COPY ({select}) TO '{where}' (FORMAT parquet, COMPRESSION zstd)")
