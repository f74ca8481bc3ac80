"""The SQL engine of one machine for logs several times larger than its memory: tables lie in files."""

import math
from pathlib import Path

from wfo.tables.duck import DuckSql, escaped

_ROW_BYTES = 200
"""Memory that a row of a table asked for by parts takes while it is sorted and joined."""
_PACKED = "bitpacking,fsst,dict_fsst,dictionary,zstd,chimp,patas,alp,alprd,roaring"


class DuckOnDisk(DuckSql):
    """A session of DuckDB whose tables are files, read by pieces; each is seen by a view of its name.

    A file goes with its table, so that its room is free at once. Of compression only that of repeated values
    is used: tables live for seconds.

    Parameters
    ----------
    memory : str
        Most memory of the engine: a number and MB or GB.
    threads : int
    folder : Path, optional
        Where the files lie; a temporary folder by default.

    Examples
    --------
    >>> with DuckOnDisk(memory="100MB") as sql:
    ...     sql.create("t", "SELECT range AS x FROM range(3)")
    ...     sql.create("t", "SELECT x + 1 AS x FROM t")
    ...     sql.rows("SELECT x FROM t ORDER BY x")
    [(1,), (2,), (3,)]
    """

    def __init__(self, *, memory: str = "3GB", threads: int = 2, folder: Path | None = None) -> None:
        super().__init__(memory=memory, threads=threads, folder=folder)
        self._memory_bytes = _bytes(memory)
        self._stores: dict[str, str] = {}
        self._made = 0
        self._run(f"SET disabled_compression_methods = '{_PACKED}'")
        self._run("PRAGMA disable_checkpoint_on_shutdown")

    def create(self, name: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` as a table, in place of an earlier one."""
        self._store(name, select, "*")

    def passing(self, name: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` that fits into memory there (`Sql.passing`)."""
        super().create(name, select)

    def extend(self, name: str, select: str) -> None:
        """Add the answer of a ``SELECT`` to a table."""
        self._run(f"INSERT INTO {self._stores[name]}.t {select}")

    def parts(self, column: str, rows: int) -> tuple[str, ...]:
        """Conditions that part rows into lots which fit into memory (`Sql.parts`)."""
        lots = math.ceil(rows * _ROW_BYTES / self._memory_bytes)
        return tuple(f"{column} % {lots} = {lot}" for lot in range(lots)) if lots > 1 else ("TRUE",)

    def drop(self, *names: str) -> None:
        """Forget tables, and remove their files."""
        for name in names:
            store = self._stores.pop(name, None)
            if store is None:
                super().drop(name)
            else:
                self._run(f"DROP VIEW {name}")
                self._remove(store)

    def tally(self, name: str, column: str, select: str) -> None:
        """Keep the answer of a ``SELECT`` with a first column of whole numbers (`Sql.tally`)."""
        self._store(name, select, f"rowid AS {column}, *")

    def _store(self, name: str, select: str, columns: str) -> None:
        """Write a table, then show it in place of an earlier one, of which it may be made."""
        self._made += 1
        store = f"kept_{self._made}"
        where = escaped(self._file(store))
        self._run(f"ATTACH '{where}' AS {store} (RECOVERY_MODE no_wal_writes)")
        try:
            self._run(f"CREATE TABLE {store}.t AS {select}")
        except Exception:
            self._remove(store)
            raise
        earlier = self._stores.get(name)
        self._run(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {columns} FROM {store}.t")
        self._stores[name] = store
        if earlier is not None:
            self._remove(earlier)

    def _remove(self, store: str) -> None:
        self._run(f"DETACH {store}")
        self._file(store).unlink(missing_ok=True)

    def _file(self, store: str) -> Path:
        return Path(self._spill.name) / f"{store}.db"


def _bytes(memory: str) -> int:
    """Bytes of a size such as ``3GB``."""
    number, unit = memory[:-2], memory[-2:]
    return round(float(number) * {"MB": 1e6, "GB": 1e9}[unit])
