"""Keys seen over all chunks of an import: which row repeats one, which is superseded by a later record."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wfo.tables.contracts import Table
from wfo.tables.convert import text_of
from wfo.tables.mapping import Mapping

if TYPE_CHECKING:
    from wfo.tables.import_rows import Judged


class SeenKeys:
    """Keys of the rows kept so far, as 64-bit hashes: 8 bytes a row."""

    def __init__(self) -> None:
        self._hashes = np.empty(0, dtype=np.uint64)

    def repeated(self, table: Table, frame: pd.DataFrame) -> np.ndarray:
        """Whether a row's key has come before, here or in an earlier frame, shape (rows,)."""
        key = list(table.key)
        known = frame[key].notna().all(axis=1).to_numpy()
        hashes = hash_rows(frame[key])
        before = self.known(hashes)
        again = pd.Series(hashes).duplicated().to_numpy()
        # Both runs are nearly in order, which the stable sort uses.
        new = np.sort(hashes[known & ~again & ~before])
        self._hashes = np.sort(np.concatenate([self._hashes, new]), kind="stable")
        return known & (before | again)

    def add(self, hashes: np.ndarray) -> None:
        """Take keys for seen."""
        # sorted, not by numpy's set operations: those hash, and take a hundred times as long for keys
        both = np.sort(np.concatenate([self._hashes, np.sort(hashes)]), kind="stable")
        self._hashes = both[np.append(both[1:] != both[:-1], values=True)[: len(both)]]

    def known(self, hashes: np.ndarray) -> np.ndarray:
        """Whether hashes of keys have been seen, shape (n,)."""
        place = np.searchsorted(self._hashes, hashes)
        found = np.zeros(len(hashes), dtype=bool)
        inside = place < len(self._hashes)
        found[inside] = self._hashes[place[inside]] == hashes[inside]
        return found


def hash_rows(frame: pd.DataFrame) -> np.ndarray:
    """A 64-bit hash of each row, shape (rows,)."""
    return pd.util.hash_pandas_object(frame.astype("str"), index=False).to_numpy(dtype=np.uint64)


def instants(cells: pd.Series) -> pd.Series:
    """Instants of a column of times, as ``datetime64[us, UTC]``; missing where there is none."""
    when = pd.to_datetime(text_of(cells), errors="coerce", utc=True, format="ISO8601")
    return when.dt.as_unit("us")


def superseded(rules: Mapping, table: Table, source: Iterable["Judged"]) -> np.ndarray:
    """Whether a later record of the same key follows somewhere in the source, one a source row.

    The latest by the mapping's ``keep_latest`` wins; of two equally late ones the one that comes last. A
    record that cannot be read, or breaks a rule, supersedes nothing.

    Parameters
    ----------
    rules : Mapping
    table : Table
    source : iterable of Judged
        All chunks of the source.
    """
    hashes, moments, sound = [], [], []
    for judged in source:
        hashes.append(hash_rows(judged.typed[list(table.key)]))
        moments.append(instants(judged.chunk.frame[rules.keep_latest]).astype("int64").to_numpy())
        sound.append(judged.readable)
    hashed, moment, readable = (np.concatenate(part) for part in (hashes, moments, sound))
    order = np.lexsort((np.arange(len(hashed)), moment, readable, hashed))
    last = np.append(hashed[order][1:] != hashed[order][:-1], values=True)[: len(order)]
    late = readable.copy()
    late[order[last]] = False
    return late
