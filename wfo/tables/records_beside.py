"""What is kept beside a table so that a later import can be added: how late its records are, and its legs.

``records/<table>.parquet`` has the keys and instants of a mapping that keeps the latest record,
``legs/<table>.parquet`` every leg as it came, before legs were folded.
"""

from collections.abc import Mapping as MappingOf
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from wfo.tables.contracts import Table
from wfo.tables.convert import text_of
from wfo.tables.import_keys import hash_rows, instants
from wfo.tables.mapping import Mapping

RECORDS, LEGS = "records", "legs"
"""Folders beside the tables."""
_AT, _LEG = "record_at", "leg_"


def kept_beside(
    rules: Mapping, table: Table, typed: pd.DataFrame, source: pd.DataFrame
) -> MappingOf[str, pd.DataFrame]:
    """What is kept of rows beside their table, by folder.

    Parameters
    ----------
    rules : Mapping
    table : Table
    typed, source : DataFrame
        The rows kept, before legs are folded, and their source columns, index 0 … n−1.
    """
    kept = {}
    if rules.keep_latest is not None:
        kept[RECORDS] = typed[list(table.key)].assign(**{_AT: instants(source[rules.keep_latest])})
    if rules.legs:
        legs = {f"{_LEG}{i}": text_of(source[column]) for i, column in enumerate(rules.legs, start=1)}
        kept[LEGS] = typed.assign(**legs)
    return kept


def leg_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that name the row a row goes on with, the best first."""
    return sorted(c for c in frame.columns if str(c).startswith(_LEG))


class Known:
    """How late the records are that a table is made of.

    Parameters
    ----------
    path : Path
        Of the folder `RECORDS`; none: nothing is known.
    key : tuple of str
    """

    def __init__(self, path: Path, key: tuple[str, ...]) -> None:
        hashes, moments = [np.empty(0, dtype=np.uint64)], [np.empty(0, dtype=np.int64)]
        if path.is_file():
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches():
                    frame = batch.to_pandas()
                    hashes.append(hash_rows(frame[list(key)]))
                    moments.append(_epoch(frame[_AT]))
        hashed = np.concatenate(hashes)
        order = np.argsort(hashed, kind="stable")
        self._hashes, self._moments = hashed[order], np.concatenate(moments)[order]

    def later(self, hashes: np.ndarray, moments: pd.Series) -> np.ndarray:
        """Whether a record of the same key is there that is later than the one given, shape (n,)."""
        place = np.searchsorted(self._hashes, hashes)
        late = np.zeros(len(hashes), dtype=bool)
        inside = np.flatnonzero(place < len(self._hashes))
        same = inside[self._hashes[place[inside]] == hashes[inside]]
        late[same] = self._moments[place[same]] > _epoch(moments)[same]
        return late


def _epoch(moments: pd.Series) -> np.ndarray:
    """Microseconds since 1970; a moment that is missing comes before all others."""
    return moments.dt.as_unit("us").astype("int64").to_numpy()
