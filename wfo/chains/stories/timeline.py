"""One customer's story from the index: every channel merged, each contact once, what is open first."""

import datetime as dt
import sqlite3
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from wfo.chains.stories.index import SHOWN, VERSION
from wfo.errors import InputError, StoreError

MOST = 500
"""At most so many contacts are told, the latest; the others are counted."""
_NEAR = 200
_TALKS = ("voice", "chat")
"""Channels whose contact ends with the talk, whatever was promised in it."""


@dataclass(frozen=True)
class Contact:
    """One contact of a story.

    Attributes
    ----------
    interaction_id, role, channel, direction : str
    at, ended : datetime or None
        UTC.
    promise_due : datetime or None
    facts : dict
        queue, outcome, agent_id, intent, disposition, resolved, wait_s and handle_s, None where not known.
    """

    interaction_id: str
    role: str
    channel: str
    direction: str
    at: dt.datetime
    ended: dt.datetime | None
    promise_due: dt.datetime | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Chain:
    """One chain of a story, its contacts in the order of time.

    Attributes
    ----------
    chain_id, status, intent : str or None
        Of contacts outside chains (outgoing ones) ``chain_id`` is None.
    contacts : tuple of Contact
    promise_due : datetime or None
        The next promise that stands while the chain is open.
    """

    chain_id: str | None
    status: str
    intent: str | None
    contacts: tuple[Contact, ...]
    promise_due: dt.datetime | None


@dataclass(frozen=True)
class Story:
    """What a customer has been through.

    Attributes
    ----------
    customer_id : str or None
        None where the customer is not known by an id.
    chains : tuple of Chain
        Those with a promise that stands (the earliest due first), open ones, the others, latest first.
    contacts : int
        All contacts, those not told included.
    """

    customer_id: str | None
    chains: tuple[Chain, ...]
    contacts: int

    def frame(self) -> pd.DataFrame:
        """One row a contact, in the story's order: chain_id, status, role, started_at, channel, … ."""
        rows = [
            {
                "chain_id": chain.chain_id,
                "status": chain.status,
                "role": contact.role,
                "started_at": contact.at,
                "channel": contact.channel,
                "promise_due": contact.promise_due,
                **contact.facts,
                "interaction_id": contact.interaction_id,
            }
            for chain in self.chains
            for contact in chain.contacts
        ]
        return pd.DataFrame(rows)


class Stories:
    """An index of stories, open for reading.

    Parameters
    ----------
    path : Path
        What `wfo.chains.stories.index.write_index` wrote.

    Raises
    ------
    StoreError
        If there is no index of this version.
    """

    def __init__(self, path: Path):
        if not path.is_file():
            raise StoreError(f"{path} is not there; run the scenario first")
        self._file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        if self._file.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            self._file.close()
            raise StoreError(f"{path} is an index of another version; delete it, it is written anew")

    def __enter__(self) -> "Stories":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def timeline(self, name: str, *, most: int = MOST) -> Story:
        """The story of the customer that goes by a name.

        Parameters
        ----------
        name : str
            A customer id, a key (phone number, e-mail address, handle), an interaction or a chain.
        most : int
            At most so many contacts are told, the latest.

        Raises
        ------
        InputError
            If nobody goes by that name, or several do.
        """
        people = self._file.execute("SELECT person FROM name WHERE name = ? LIMIT 6", (name,)).fetchall()
        if not people:
            raise InputError(self._nobody(name))
        if len(people) > 1:
            raise InputError(self._several(name, [person for (person,) in people]))
        return self._story(people[0][0], most)

    def _story(self, person: int, most: int) -> Story:
        # Of ten thousand contacts the last are told without reading the others.
        columns = ", ".join(SHOWN)
        rows = self._file.execute(
            "SELECT chain, interaction_id, role, channel, direction, at_ms, end_ms, promise_ms, "
            f"{columns} FROM contact WHERE person = ? ORDER BY at_ms DESC, interaction_id DESC LIMIT ?",
            (person, most),
        ).fetchall()
        contacts = len(rows)
        if contacts == most:
            count = "SELECT count(*) FROM contact WHERE person = ?"
            contacts = self._file.execute(count, (person,)).fetchone()[0]
        by_chain: dict[int, list[Contact]] = {}
        for chain, *cells in reversed(rows):
            by_chain.setdefault(chain, []).append(_contact(cells))
        chains, customer = [], None
        for chain, told in by_chain.items():
            facts = self._file.execute(
                "SELECT chain_id, customer_id, status, coalesce(true_intent, intent) FROM chain "
                "WHERE person = ? AND chain = ?",
                (person, chain),
            ).fetchone()
            chain_id, known, status, intent = facts or (None, None, "no chain", None)
            customer = customer or known
            chains.append(Chain(chain_id, status, intent, tuple(told), _standing(status, told)))
        return Story(customer, tuple(sorted(chains, key=_first_things_first)), contacts)

    def _nobody(self, name: str) -> str:
        near = self._file.execute(
            "SELECT DISTINCT name FROM ("
            "SELECT name FROM (SELECT name FROM name WHERE name >= ? ORDER BY name LIMIT ?) UNION ALL "
            "SELECT name FROM (SELECT name FROM name WHERE name < ? ORDER BY name DESC LIMIT ?))",
            (name, _NEAR, name, _NEAR),
        ).fetchall()
        close = get_close_matches(name, [n for (n,) in near], 3, 0.7)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        return (
            f"nobody is known as '{name}'; give a customer id, a key (phone number, e-mail address, handle), "
            f"an interaction or a chain{hint}"
        )

    def _several(self, name: str, people: list[int]) -> str:
        ids = [
            self._file.execute("SELECT customer_id FROM chain WHERE person = ? LIMIT 1", (person,)).fetchone()
            for person in people
        ]
        known = sorted({row[0] for row in ids if row and row[0]})
        if known:
            some = f"; some are {', '.join(known[:5])}"
            return f"'{name}' is shared by several customers: give one customer's id{some}"
        of = [
            self._file.execute(
                "SELECT interaction_id FROM contact WHERE person = ? LIMIT 1", (person,)
            ).fetchone()
            for person in people
        ]
        return (
            f"'{name}' is nobody's: it is excluded, shared by too many or has too many contacts "
            "(chains.customer_cap), so each of its contacts stands alone; give one of them, such as "
            f"{', '.join(row[0] for row in of[:3] if row)}"
        )


def _contact(cells: list[Any]) -> Contact:
    interaction_id, role, channel, direction, at, end, promise, *facts = cells
    return Contact(
        interaction_id,
        role or "",
        channel,
        direction,
        _moment(at),
        None if end is None else _moment(end),
        None if promise is None else _moment(promise),
        dict(zip(SHOWN, facts, strict=True)),
    )


def _moment(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC)


def _standing(status: str, told: list[Contact]) -> dt.datetime | None:
    """The earliest promise of an open chain that stands: a call's end keeps none."""
    due = [
        c.promise_due for c in told if c.promise_due is not None and (c.ended is None or c.channel in _TALKS)
    ]
    return min(due) if status == "open" and due else None


def _first_things_first(chain: Chain) -> tuple[int, float, str]:
    latest = -max(c.at.timestamp() for c in chain.contacts)
    if chain.promise_due is not None:
        return 0, chain.promise_due.timestamp(), chain.chain_id or ""
    return (1 if chain.status == "open" else 2), latest, chain.chain_id or ""
