"""The index of stories: one SQLite file in which a customer's contacts lie side by side.

Contacts are clustered by customer and time, so a story is one seek and one short read in any log;
every name a customer goes by leads to it: customer ids, keys (phone number, e-mail address, handle),
interactions and chains.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wfo.timegrid import epoch_ms

SHOWN = ("queue", "outcome", "agent_id", "intent", "disposition", "resolved", "wait_s", "handle_s")
"""Columns of interactions kept beside channel, direction and time."""
VERSION = 1
_BLOCK = 200_000
_SCHEMA = f"""
CREATE TABLE contact (
  person INTEGER, at_ms INTEGER, interaction_id TEXT, end_ms INTEGER, chain INTEGER, role TEXT, channel TEXT,
  direction TEXT, promise_ms INTEGER, {", ".join(SHOWN)}, PRIMARY KEY (person, at_ms, interaction_id)
) WITHOUT ROWID;
CREATE TABLE chain (
  person INTEGER, chain INTEGER, chain_id TEXT, customer_id TEXT, status TEXT, intent TEXT, true_intent TEXT,
  PRIMARY KEY (person, chain)
) WITHOUT ROWID;
CREATE TABLE name (name TEXT, person INTEGER, PRIMARY KEY (name, person)) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""


def write_index(path: Path, interactions: pd.DataFrame, chains: pd.DataFrame, members: pd.DataFrame) -> None:
    """Write the index of a log's stories; what was at ``path`` is replaced when it is done.

    Parameters
    ----------
    path : Path
    interactions, chains, members : DataFrame
        As in the table contracts; contacts of no chain (outgoing ones) are told by their customer.
    """
    beside = path.with_name(path.name + ".part")
    beside.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    people = _people(interactions, chains, members)
    file = sqlite3.connect(beside)
    try:
        file.executescript("PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        file.executescript(_SCHEMA)
        _insert(file, "chain", _chain_rows(chains, people))
        _insert(file, "contact", _contact_rows(interactions, people))
        _insert(file, "name", _name_rows(interactions, chains, people))
        file.commit()
    finally:
        file.close()
    beside.replace(path)


@dataclass(frozen=True)
class _People:
    """Who each chain and each contact belongs to, as numbers.

    Attributes
    ----------
    of_chain, of_contact : ndarray of int64
        Person by row of ``chains`` and of ``interactions``.
    chain : ndarray of int64
        Row in ``chains`` by contact; −1 for contacts of no chain.
    role : ndarray of object
        By contact.
    """

    of_chain: np.ndarray
    of_contact: np.ndarray
    chain: np.ndarray
    role: np.ndarray


def _people(interactions: pd.DataFrame, chains: pd.DataFrame, members: pd.DataFrame) -> _People:
    place = pd.Index(members["interaction_id"]).get_indexer(pd.Index(interactions["interaction_id"]))
    row = pd.Index(chains["chain_id"]).get_indexer(pd.Index(members["chain_id"]))
    # One more entry at the end, which a place of −1 takes.
    chain = np.append(row, -1)[place]
    role = np.append(members["role"].to_numpy(dtype=object), [None])[place]
    known, names = pd.factorize(chains["customer_id"])
    # Whoever is not known is a person of their own in every chain, and in every contact of no chain.
    of_chain = np.where(known >= 0, known, len(names) + np.arange(len(chains)))
    of_contact = np.where(chain >= 0, np.append(of_chain, 0)[chain], -1)
    # A contact of no chain belongs to whom its id, else its key, is found with in chains.
    for column in ("customer_id", "customer_key"):
        if column in interactions.columns:
            of_contact = np.where(of_contact < 0, _as_elsewhere(interactions[column], of_contact), of_contact)
    alone = len(names) + len(chains) + np.arange(len(interactions))
    return _People(of_chain, np.where(of_contact < 0, alone, of_contact), chain, role)


def _as_elsewhere(names: pd.Series, person: np.ndarray) -> np.ndarray:
    """Person with whom a contact's name is found in chains; −1 where with nobody, or with several."""
    known = names.notna().to_numpy() & (person >= 0)
    pairs = pd.DataFrame({"name": names[known].to_numpy(), "person": person[known]}).drop_duplicates()
    only = pairs.drop_duplicates("name", keep=False)
    place = pd.Index(only["name"]).get_indexer(pd.Index(names))
    return np.append(only["person"].to_numpy(), -1)[place]


def _insert(file: sqlite3.Connection, table: str, blocks: Iterator[Sequence[list[Any]]]) -> None:
    for columns in blocks:
        marks = ", ".join("?" * len(columns))
        file.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", zip(*columns, strict=True))


def _blocks(order: np.ndarray) -> Iterator[np.ndarray]:
    for begin in range(0, len(order), _BLOCK):
        yield order[begin : begin + _BLOCK]


def _chain_rows(chains: pd.DataFrame, people: _People) -> Iterator[Sequence[list[Any]]]:
    texts = ("chain_id", "customer_id", "status", "intent", "true_intent")
    for rows in _blocks(np.lexsort([np.arange(len(chains)), people.of_chain])):
        yield [people.of_chain[rows].tolist(), rows.tolist(), *(_cells(chains, c, rows) for c in texts)]


def _contact_rows(contacts: pd.DataFrame, people: _People) -> Iterator[Sequence[list[Any]]]:
    at = epoch_ms(contacts["started_at"])
    for rows in _blocks(np.lexsort([at, people.of_contact])):
        yield [
            people.of_contact[rows].tolist(),
            at[rows].tolist(),
            _cells(contacts, "interaction_id", rows),
            _moments(contacts, "ended_at", rows),
            people.chain[rows].tolist(),
            people.role[rows].tolist(),
            _cells(contacts, "channel", rows),
            _cells(contacts, "direction", rows),
            _moments(contacts, "promise_due", rows),
            *(_cells(contacts, column, rows) for column in SHOWN),
        ]


def _name_rows(
    interactions: pd.DataFrame, chains: pd.DataFrame, people: _People
) -> Iterator[Sequence[list[Any]]]:
    parts = [
        pd.DataFrame({"name": chains[c], "person": people.of_chain}) for c in ("chain_id", "customer_id")
    ]
    for column in ("interaction_id", "customer_id", "customer_key"):
        if column in interactions.columns:
            parts.append(pd.DataFrame({"name": interactions[column], "person": people.of_contact}))
    names = pd.concat(parts, ignore_index=True).dropna().drop_duplicates()
    # In the order of the key, so that the tree grows at its end.
    names = names.sort_values(["name", "person"], ignore_index=True)
    for rows in _blocks(np.arange(len(names))):
        yield [names["name"].iloc[rows].tolist(), names["person"].iloc[rows].tolist()]


def _cells(frame: pd.DataFrame, column: str, rows: np.ndarray) -> list[Any]:
    if column not in frame.columns:
        return [None] * len(rows)
    values = frame[column].iloc[rows].astype(object)
    return values.where(values.notna(), None).tolist()


def _moments(frame: pd.DataFrame, column: str, rows: np.ndarray) -> list[Any]:
    if column not in frame.columns:
        return [None] * len(rows)
    moments = frame[column].iloc[rows]
    known = moments.notna().to_numpy()
    out = np.full(len(rows), None, dtype=object)
    out[known] = epoch_ms(moments[known])
    return out.tolist()
