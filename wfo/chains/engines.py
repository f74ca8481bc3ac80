"""The SQL engine that suits a log: in memory, from disk where it is large, or Spark."""

from pathlib import Path

from wfo.chains.settings import ChainSettings
from wfo.tables.duck import DuckSql
from wfo.tables.duck_on_disk import DuckOnDisk
from wfo.tables.given import rows_of
from wfo.tables.sql import Source, Sql

_ROW_BYTES = 200
"""Memory that a contact takes on its way, with what is made of it."""


def engine(given: Source, settings: ChainSettings, folder: Path | None = None) -> Sql:
    """Open the engine for a log.

    Parameters
    ----------
    given : frame, Parquet file or several of them
    settings : ChainSettings
    folder : Path, optional
        Where a large log is worked on; a temporary folder by default.

    Raises
    ------
    InputError
        If a file is missing or is no Parquet file.
    MissingExtra, RunError
        If Spark is asked for, and it is not installed or does not start.
    """
    if settings.engine == "spark":
        from wfo.tables.spark import SparkSql

        return SparkSql()
    large = rows_of(given) * _ROW_BYTES > settings.memory_gb * 1e9
    memory = f"{settings.memory_gb * 1000:.0f}MB"
    return DuckOnDisk(memory=memory, folder=folder) if large else DuckSql(memory=memory)
