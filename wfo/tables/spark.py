"""The SQL engine beyond one machine: Spark 4, from the extra ``spark``."""

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from wfo.errors import InputError, MissingExtra, Problem, RunError
from wfo.tables.sql import Dialect, Source, Sql, contract_frame, ordered, parquet_files
from wfo.tables.stars import stars

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_LEAST_VERSION = 4


class SparkSql(Sql):
    """A session of Spark; each step is kept as Parquet, so that nothing is drawn or numbered twice.

    Parameters
    ----------
    session : SparkSession, optional
        Session to work beside: its settings hold, its tables are left alone, it stays open. By default the
        one that is there, else one with the settings of the machine (``spark-submit``,
        ``spark-defaults.conf``), which is ended.
    folder : Path or str, optional
        Where steps are kept, which every worker can read and write: on a cluster a shared folder or an
        address such as ``s3a://…``. By default what the setting ``spark.wfo.folder`` says, else on one
        machine a temporary folder.

    Raises
    ------
    MissingExtra
        If pyspark is not there.
    RunError
        If Spark does not start, as without Java.
    InputError
        If Spark runs on several machines and no folder is said.
    """

    dialect = Dialect(
        ms="((unix_micros({0}) + 500) DIV 1000)",
        instant="timestamp_millis({0})",
        divide="({0}) DIV ({1})",
    )

    def __init__(self, session: "SparkSession | None" = None, *, folder: Path | str | None = None) -> None:
        there, self._ends = _session() if session is None else (session, False)
        self._session = _beside(there)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        shared = folder or self._session.conf.get("spark.wfo.folder", None)
        if shared is None:
            _only_one_machine(self._session)
            self._temporary = tempfile.TemporaryDirectory(prefix="wfo-spark-")
            shared = Path(self._temporary.name).as_uri()
        self._folder = str(shared)
        self._steps = 0
        self._views: set[str] = set()
        self._kept: dict[str, str] = {}

    def close(self) -> None:
        """Forget all tables, remove what was kept, and end the session if it was opened here."""
        self.drop(*sorted(self._views))
        if self._ends:
            self._session.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    def register(self, name: str, source: Source) -> None:
        """Make a frame, or Parquet files, readable as a table (`Sql.register`)."""
        if isinstance(source, pd.DataFrame):
            self.hold(name, pa.Table.from_pandas(source, preserve_index=False))
            return
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        paths = parquet_files(source)
        try:
            self._view(name, self._session.read.parquet(*(str(p) for p in paths), mergeSchema=len(paths) > 1))
        except (PySparkException, Py4JJavaError) as error:
            said = str(error).splitlines()[0]
            where = ", ".join(str(p) for p in paths)
            raise InputError(
                [Problem(where, f"cannot be read as Parquet ({said}); write it anew")]
            ) from error

    def hold(self, name: str, columns: pa.Table | Mapping[str, np.ndarray]) -> None:
        """Make arrays of equal length readable as a table."""
        table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
        with _by_arrow():
            self._keep(name, self._session.createDataFrame(table))

    def columns(self, name: str) -> tuple[str, ...]:
        """Columns of a table."""
        return tuple(self._session.table(name).columns)

    def view(self, name: str, select: str) -> None:
        """Name a ``SELECT``, asked anew each time it is read."""
        self._view(name, self._session.sql(select))

    def create(self, name: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` as a table, in place of an earlier one."""
        self._keep(name, self._session.sql(select))

    def drop(self, *names: str) -> None:
        """Forget tables."""
        for name in names:
            self._session.catalog.dropTempView(name)
            self._views.discard(name)
            if name in self._kept:
                self._remove(self._kept.pop(name))

    def tally(self, name: str, column: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` with a first column of whole numbers (`Sql.tally`), with gaps."""
        self.create(name, f"SELECT monotonically_increasing_id() AS {column}, q.* FROM ({select}) q")

    def number(self, name: str, column: str, select: str, order: str) -> None:
        """Keep the answer of a ``SELECT`` with a first column that counts from 0 in an order without ties.

        Rows are sorted by ranges, counted within each part, and each part starts where the one before ends:
        no part sees the whole.
        """
        # the upper bits of an id are its part, the lower 33 its place in there
        self.create(
            "wfo_sorted",
            f"""SELECT shiftright(id, 33) AS part, id % {2**33} AS place, q.*
            FROM (SELECT monotonically_increasing_id() AS id, s.* FROM (SELECT * FROM ({select}) u
              ORDER BY {order}) s) q""",
        )
        parts = self.arrays("SELECT part, count(*) AS size FROM wfo_sorted GROUP BY part ORDER BY part")
        starts = np.cumsum(parts["size"]) - parts["size"]
        self.hold("wfo_parts", {"part": parts["part"].astype(np.int64), "start": starts.astype(np.int64)})
        kept = ", ".join(f"s.{c}" for c in self.columns("wfo_sorted") if c not in ("id", "part", "place"))
        self.create(
            name,
            f"""SELECT CAST(p.start + s.place AS BIGINT) AS {column}, {kept}
            FROM wfo_sorted s JOIN wfo_parts p ON p.part = s.part""",
        )
        self.drop("wfo_sorted", "wfo_parts")

    def components(self, name: str, edges: str) -> None:
        """Make a table (node, root) of nodes that edges join (`Sql.components`), by stars."""
        stars(self, name, edges)

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """Rows of a small answer."""
        return [tuple(row) for row in self._session.sql(select).collect()]

    def arrays(self, select: str) -> dict[str, np.ndarray]:
        """Numeric columns of an answer without empty cells, in the order it asks for."""
        table = self._arrow(select)
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def frame(self, select: str) -> pd.DataFrame:
        """An answer as a frame after the table contracts; it must say its order."""
        return contract_frame(self._arrow(ordered(select)))

    def write(self, select: str, path: Path) -> None:
        """Write an answer to a folder of Parquet files, in its order by their names."""
        self._session.sql(select).write.mode("overwrite").parquet(str(path))

    def _arrow(self, select: str) -> pa.Table:
        with _by_arrow():
            return self._session.sql(select).toArrow()

    def _keep(self, name: str, frame: "DataFrame") -> None:
        self._steps += 1
        where = f"{self._folder}/{self._steps:04d}-{name}"
        frame.write.parquet(where)
        self._view(name, self._session.read.schema(frame.schema).parquet(where))
        if name in self._kept:
            self._remove(self._kept[name])
        self._kept[name] = where

    def _remove(self, where: str) -> None:
        """Delete what was kept, wherever it lies."""
        context = self._session.sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(where)
        path.getFileSystem(context._jsc.hadoopConfiguration()).delete(path, True)

    def _view(self, name: str, frame: "DataFrame") -> None:
        frame.createOrReplaceTempView(name)
        self._views.add(name)


def _only_one_machine(session: "SparkSession") -> None:
    master = session.conf.get("spark.master", "")
    if not str(master).startswith("local"):
        message = f"Spark runs on {master}; say in spark.wfo.folder where all its machines can read and write"
        raise InputError([Problem("chains.engine", message)])


def _beside(session: "SparkSession") -> "SparkSession":
    """A session with the same settings and names of its own."""
    fresh = session.newSession()
    for key, value in session.conf.getAll.items():
        if fresh.conf.isModifiable(key):
            fresh.conf.set(key, value)
    return fresh


@contextmanager
def _by_arrow() -> Iterator[None]:
    """Tables go in and out as Arrow: what Spark says of pandas does not matter."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


def _session() -> "tuple[SparkSession, bool]":
    """A session of Spark, and whether it was opened here."""
    try:
        import pyspark
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtra("chains.engine: spark", "spark") from error
    if int(pyspark.__version__.split(".")[0]) < _LEAST_VERSION:
        raise MissingExtra(f"chains.engine: spark (pyspark {pyspark.__version__} is too old)", "spark")
    there = SparkSession.getActiveSession()
    if there is not None:
        return there, False
    builder = SparkSession.builder.appName("wfo").config("spark.sql.session.timeZone", "UTC")
    builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    try:
        with _by_arrow():
            return builder.config("spark.log.level", "ERROR").getOrCreate(), True
    except (PySparkException, OSError) as error:
        said = str(error).splitlines()[0]
        raise RunError(
            f"Spark did not start ({said}); install Java 17 or later, or say chains.engine: duckdb"
        ) from error
