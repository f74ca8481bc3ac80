"""Keys seen over all chunks of an import: which row repeats one, which is superseded by a later record."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wfo.errors import Problem, TableError
from wfo.tables.contracts import Table
from wfo.tables.convert import text_of
from wfo.tables.import_source import Chunk
from wfo.tables.mapping import Mapping


class SeenKeys:
    """Keys of the rows kept so far, as 64-bit hashes: 8 bytes a row."""

    def __init__(self) -> None:
        self._hashes = np.empty(0, dtype=np.uint64)

    def repeated(self, table: Table, frame: pd.DataFrame) -> np.ndarray:
        """Whether a row's key has come before, here or in an earlier frame, shape (rows,)."""
        key = list(table.key)
        known = frame[key].notna().all(axis=1).to_numpy()
        hashes = hash_rows(frame[key])
        place = np.searchsorted(self._hashes, hashes)
        before = np.zeros(len(frame), dtype=bool)
        inside = place < len(self._hashes)
        before[inside] = self._hashes[place[inside]] == hashes[inside]
        again = pd.Series(hashes).duplicated().to_numpy()
        # Both runs are nearly in order, which the stable sort uses.
        new = np.sort(hashes[known & ~again & ~before])
        self._hashes = np.sort(np.concatenate([self._hashes, new]), kind="stable")
        return known & (before | again)


def hash_rows(frame: pd.DataFrame) -> np.ndarray:
    """A 64-bit hash of each row, shape (rows,)."""
    return pd.util.hash_pandas_object(frame.astype("str"), index=False).to_numpy(dtype=np.uint64)


def superseded(rules: Mapping, mapping: str, table: Table, source: Iterable[Chunk]) -> np.ndarray:
    """Whether a later record of the same key follows somewhere in the source, one a source row.

    The latest by the mapping's ``keep_latest`` wins; of two equally late ones the one that comes last.

    Raises
    ------
    TableError
        If the key does not come from plain columns, or there is no such column.
    """
    columns = [rule.from_ for name in table.key if (rule := rules.columns[name]).from_ is not None]
    if not columns:
        message = f"keep_latest needs {' + '.join(table.key)} to come from a source column"
        raise TableError([Problem(mapping, message)])
    hashes, moments = [], []
    for chunk in source:
        missing = [c for c in (*columns, rules.keep_latest) if c not in chunk.frame.columns]
        if missing:
            message = f"has no column '{missing[0]}', which the mapping names"
            raise TableError([Problem(chunk.source, message)])
        hashes.append(hash_rows(chunk.frame[columns]))
        when = pd.to_datetime(
            text_of(chunk.frame[rules.keep_latest]), errors="coerce", utc=True, format="ISO8601"
        )
        moments.append(when.dt.as_unit("us").astype("int64").to_numpy())
    hashed, moment = np.concatenate(hashes), np.concatenate(moments)
    order = np.lexsort((np.arange(len(hashed)), moment, hashed))
    last = np.append(hashed[order][1:] != hashed[order][:-1], values=True)
    late = np.ones(len(hashed), dtype=bool)
    late[order[last]] = False
    return late
