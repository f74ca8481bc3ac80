"""Staging: interactions of any width, as a frame or Parquet, read as inbound contacts of fixed columns.

The SQL of chains is laid out in steps, each a ``SELECT`` that a later one reads:

======================  ==============================================  ===============================
table                   one row                                         made by
======================  ==============================================  ===============================
``raw``                 an inbound interaction before the moment        `stage` (a view)
``node``, ``named``     an identity: customer id or typed key           `wfo.chains.identity`
``contact``             a contact, all codes integers                   `wfo.chains.contacts`
``seq``                 a contact of a known customer                   `wfo.chains.contacts` (a view)
``pair``                a contact and an earlier one that may cause it  `wfo.chains.pairs`
``link``                a contact and its predecessor                   `wfo.chains.linking`
``multi``               a contact of a chain of several, its root       `wfo.chains.linking`
``chain``               a chain; contacts with it leave as its members  `wfo.chains.assemble`
======================  ==============================================  ===============================

Codes: 0 is "not known"; queues are numbered from 1 in the order of the centre, channels and intents from 1 in
the order of their names. Times are milliseconds, money is in ten-thousandths, scores are in millionths: all
integers, so sums do not depend on their order. Words that differ between engines come from `Dialect`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from wfo.chains.settings import ChainSettings
from wfo.chains.taxonomy import UNKNOWN
from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem
from wfo.tables.contracts import INPUTS
from wfo.tables.given import register_checked
from wfo.tables.sql import Source, Sql
from wfo.timegrid import epoch_ms

NEVER, FOREVER = -(2**62), 2**62
MONEY = 10_000
OUTCOMES = ("handled", "abandoned", "contained", "transferred", "open", "ignored")
HANDLED, ABANDONED, CONTAINED, TRANSFERRED, OPEN, IGNORED = range(6)
SERVED = tuple(OUTCOMES[code] for code in (HANDLED, CONTAINED, TRANSFERRED))
_TEXT = (
    "interaction_id",
    "customer_id",
    "customer_key",
    "key_type",
    "channel",
    "queue",
    "direction",
    "outcome",
    "intent",
    "parent_id",
    "case_id",
    "agent_id",
)
_TIMES = ("started_at", "ended_at", "promise_due")
_NUMBERS = ("handle_s",)
_USED = (*_TEXT, *_TIMES, *_NUMBERS, "resolved", "controlled")


@dataclass(frozen=True)
class Staged:
    """What the codes of a staged log stand for.

    Attributes
    ----------
    now_ms : int
    queues, channels, intents : tuple of str
        Names of codes 1, 2, …
    staffed : tuple of bool
        By queue code, from 0: served by people.
    rows, inbound : int
        Interactions read, and inbound ones before the moment.
    """

    now_ms: int
    queues: tuple[str, ...]
    channels: tuple[str, ...]
    intents: tuple[str, ...]
    staffed: tuple[bool, ...]
    rows: int
    inbound: int


def moment_ms(now: dt.datetime) -> int:
    """Milliseconds since the epoch of an aware instant."""
    return int(epoch_ms(pd.DatetimeIndex([now]))[0])


def stage(
    sql: Sql, interactions: Source, centre: Centre, now: dt.datetime, settings: ChainSettings
) -> Staged:
    """Make the view ``raw``.

    Parameters
    ----------
    sql : Sql
    interactions : frame, Parquet file or several of them
    centre : Centre
    now : datetime
        Planning moment.
    settings : ChainSettings

    Raises
    ------
    InputError
        If an interaction id stands twice, or as `wfo.tables.given.register_checked`.
    """
    if isinstance(interactions, pd.DataFrame):
        interactions = interactions[[c for c in interactions if c in _USED]]
    register_checked(sql, "given", interactions, INPUTS["interactions"], _USED)
    have = set(sql.columns("given"))
    now_ms = moment_ms(now)
    sql.view("raw", _raw(sql, have, now_ms, settings.unanswered))
    sql.create("answer", _answers(sql, have, now_ms))
    rows, inbound = sql.value("SELECT count(*) FROM given"), sql.value("SELECT count(*) FROM raw")
    _refuse_twice(sql, inbound)
    return Staged(
        now_ms=now_ms,
        queues=centre.queue_ids,
        channels=_distinct(sql, "channel"),
        intents=_distinct(sql, "intent"),
        staffed=(True, *(q.staffed for q in centre.queues.values())),
        rows=rows,
        inbound=inbound,
    )


def _answers(sql: Sql, have: set[str], now_ms: int) -> str:
    """Outgoing contacts and what they answer: ``sent, answers``."""
    if "parent_id" not in have:
        return "SELECT CAST(NULL AS STRING) AS sent, CAST(NULL AS STRING) AS answers WHERE 1 = 0"
    started = sql.dialect.ms.format("started_at")
    return f"""
        SELECT CAST(interaction_id AS STRING) AS sent, min(CAST(parent_id AS STRING)) AS answers FROM given
        WHERE direction = 'out' AND {started} < {now_ms} AND nullif(CAST(parent_id AS STRING), '') IS NOT NULL
        GROUP BY CAST(interaction_id AS STRING)"""


def _raw(sql: Sql, have: set[str], now_ms: int, silent: Sequence[str]) -> str:
    cells = {c: c if c in have else "NULL" for c in _TEXT}
    if silent and {"controlled", "intent", "outcome"} <= have:
        cells["outcome"] = (
            f"CASE WHEN NOT controlled AND intent IN ({quoted(silent)}) THEN 'ignored' ELSE outcome END"
        )
    # Empty text is no name, an intent that is called unknown is none, and what is not a number is not known.
    cells["intent"] = f"nullif(CAST({cells['intent']} AS STRING), '{UNKNOWN}')"
    parts = [f"nullif(CAST({cell} AS STRING), '') AS {c}" for c, cell in cells.items()]
    for c in _TIMES:
        ms = sql.dialect.ms.format(c) if c in have else "NULL"
        parts.append(f"CAST({ms} AS BIGINT) AS {c.split('_')[0]}_ms")
    parts += [
        f"nullif(CAST({c if c in have else 'NULL'} AS DOUBLE), CAST('NaN' AS DOUBLE)) AS {c}"
        for c in _NUMBERS
    ]
    parts.append(f"CAST({'resolved' if 'resolved' in have else 'NULL'} AS BOOLEAN) AS resolved")
    started = sql.dialect.ms.format("started_at")
    return f"SELECT {', '.join(parts)} FROM given WHERE direction = 'in' AND {started} < {now_ms}"


def small(cell: str) -> str:
    """A number under a hundred in one byte: rows that are narrow are sorted and joined sooner."""
    return f"CAST({cell} AS TINYINT)"


def quoted(words: Sequence[str]) -> str:
    """Words as the inside of an SQL list."""
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)


def _refuse_twice(sql: Sql, inbound: int) -> None:
    if sql.value("SELECT count(DISTINCT interaction_id) FROM raw") == inbound:
        return
    twice = sql.rows(
        "SELECT interaction_id FROM raw GROUP BY interaction_id HAVING count(*) > 1 ORDER BY interaction_id"
    )
    names = ", ".join(str(row[0]) for row in twice[:5])
    message = f"{len(twice)} interaction_id stand twice ({names}); each may stand once: remove them"
    raise InputError([Problem("interactions", message)])


def _distinct(sql: Sql, column: str) -> tuple[str, ...]:
    rows = sql.rows(f"SELECT DISTINCT {column} FROM raw WHERE {column} IS NOT NULL ORDER BY {column}")
    return tuple(str(row[0]) for row in rows)


def key_name(row: str) -> str:
    """Node name of the key that a row of ``raw`` shows; empty where it shows none."""
    return f"'k' || coalesce({row}.key_type, 'key') || ':' || {row}.customer_key"


def node_name() -> str:
    """Node name of the identity a row of ``raw`` shows first: its customer id, else its typed key."""
    return f"coalesce('i' || customer_id, {key_name('raw')})"
