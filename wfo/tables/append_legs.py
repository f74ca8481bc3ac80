"""Legs that come after others of their contact: the contacts they belong to are folded anew, of all legs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfo.tables.contracts import INPUTS
from wfo.tables.import_keys import hash_rows
from wfo.tables.legs import first_legs, fold_legs, name_legs
from wfo.tables.records_beside import leg_columns

_PARENT = "parent_id"


def legs_kept(there: Path, new: pd.DataFrame, table: str) -> pd.DataFrame:
    """New legs; one that names none goes on with what its earlier record named.

    Parameters
    ----------
    there : Path
        Legs that are there.
    new : DataFrame
        Legs that come, with the columns of `wfo.tables.records_beside.kept_beside`.
    table : str
    """
    links = _links(there, table)
    earlier = pd.DataFrame(
        links[leg_columns(links)].to_numpy(), index=hash_rows(links[_key(table)]), columns=leg_columns(links)
    )
    earlier = earlier[~earlier.index.duplicated()].reindex(hash_rows(new[_key(table)]))
    silent = new[leg_columns(new)].isna().all(axis=1).to_numpy()
    filled = {
        c: new[c].mask(silent, earlier[c].set_axis(new.index)) for c in leg_columns(new) if c in earlier
    }
    return new.assign(**filled)


def regrouped(there: Path, new: pd.DataFrame, table: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Contacts that new legs touch, made of old and new legs.

    Parameters
    ----------
    there : Path
        Legs that are there.
    new : DataFrame
        From `legs_kept`; each takes the place of an old one with its key.
    table : str
        ``interactions`` or ``segments``.

    Returns
    -------
    rows : DataFrame
        Rows of the table.
    names : ndarray of object
        Names of all legs in them, and of those that gave way: rows of the table under these are replaced.
    """
    links = _links(there, table)
    again = np.isin(hash_rows(links[_key(table)]), hash_rows(new[_key(table)]))
    both = pd.concat([links[~again], new[[c for c in links if c in new]]], ignore_index=True)
    first, steps = _first(both)
    fresh = np.arange(len(both)) >= len(links) - again.sum()
    before, _ = _first(links)
    touched = np.isin(first, first[fresh])
    touched[~fresh] |= np.isin(before, before[again])[~again]
    touched = np.isin(first, first[touched])
    name = both["interaction_id"].to_numpy(dtype=object)
    if _PARENT in both:
        # A contact names its parent by the first leg, which may be another one now.
        touched |= both[_PARENT].isin(name[touched]).to_numpy()
        touched = np.isin(first, first[touched])
    old = _rows(there, np.flatnonzero(~again)[touched[~fresh]])
    rows = pd.concat([old, new], ignore_index=True)
    rows = rows.drop(columns=leg_columns(rows))
    if _PARENT in rows:
        root = pd.Series(name[first], index=pd.Index(name, dtype=object))
        known = root[~root.index.duplicated()].reindex(pd.Index(rows[_PARENT], dtype=object)).to_numpy()
        rows[_PARENT] = rows[_PARENT].mask(pd.notna(known), known).astype("str")
    place = np.cumsum(touched) - 1
    at, step = place[first[touched]], steps[touched]
    if table == "segments":
        return name_legs(rows, at, step), name[touched]
    return fold_legs(rows, at, step, np.ones(len(rows), dtype=np.int64))[0], name[touched]


def _key(table: str) -> list[str]:
    return list(INPUTS[table].key)


def _links(there: Path, table: str) -> pd.DataFrame:
    """Keys, parents and legs of the legs."""
    names = pq.read_schema(there).names
    wanted = [
        n for n in names if n in (*_key(table), _PARENT) or n in leg_columns(pd.DataFrame(columns=names))
    ]
    return pq.read_table(there, columns=wanted).to_pandas()


def _first(links: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """First legs; those that go in a circle, which one import alone does not show, stay by themselves."""
    first, steps = first_legs(links["interaction_id"], [links[c] for c in leg_columns(links)])
    return np.where(first < 0, np.arange(len(first)), first), steps


def _rows(there: Path, places: np.ndarray) -> pd.DataFrame:
    """Rows of a file by their places in it."""
    begin, found = 0, []
    with pq.ParquetFile(there) as file:
        for batch in file.iter_batches():
            here = places[(places >= begin) & (places < begin + len(batch))] - begin
            found.append(pa.Table.from_batches([batch]).take(pa.array(here)))
            begin += len(batch)
        whole = pa.concat_tables(found) if found else file.schema_arrow.empty_table()
    return whole.to_pandas()
