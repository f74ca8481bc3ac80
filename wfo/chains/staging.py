"""Staging: interactions of any width, as a frame or Parquet, read as inbound contacts of fixed columns.

The SQL of chains is laid out in steps, each a ``SELECT`` that a later one reads:

======================  ==============================================  ===============================
table                   one row                                         made by
======================  ==============================================  ===============================
``raw``                 an inbound interaction before the moment        `stage` (a view)
``node``, ``named``     an identity: customer id or typed key           `wfo.chains.identity`
``contact``             a contact, all codes integers                   `contacts`
``seq``                 a contact of a known customer, ``k`` its place  `wfo.chains.pairs`
``pair``                a contact and an earlier one that may cause it  `wfo.chains.pairs`
``link``                a contact and its predecessor                   `wfo.chains.linking`
``multi``               a contact of a chain of several, its root       `wfo.chains.linking`
``member``, ``chain``   what leaves the engine                          `wfo.chains.assemble`
======================  ==============================================  ===============================

Codes: 0 is "not known"; queues are numbered from 1 in the order of the centre, channels and intents from 1 in
the order of their names. Times are milliseconds, money is in ten-thousandths, scores are in millionths: all
integers, so sums do not depend on their order. Words that differ between engines come from `Dialect`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from wfo.chains.settings import ChainSettings
from wfo.chains.taxonomy import UNKNOWN
from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem
from wfo.tables.contracts import INPUTS
from wfo.tables.given import register_checked
from wfo.tables.sql import Source, Sql
from wfo.timegrid import HOUR_MS, epoch_ms

NEVER, FOREVER = -(2**62), 2**62
MONEY = 10_000
OUTCOMES = ("handled", "abandoned", "contained", "transferred", "open", "ignored")
HANDLED, ABANDONED, CONTAINED, TRANSFERRED, OPEN, IGNORED = range(6)
SERVED = f"({HANDLED}, {CONTAINED}, {TRANSFERRED})"
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
_DOUBLINGS = 8
"""Chains of outgoing contacts up to 2^8 long are followed; longer ones, and rings, name no parent."""
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


def contacts(
    sql: Sql, staged: Staged, centre: Centre, settings: ChainSettings, agents: pd.DataFrame | None
) -> None:
    """Make the table ``contact`` from ``raw`` and ``named``, the identities of `wfo.chains.identity`.

    A case of more customers or contacts than the caps, or whose id is a placeholder, is nobody's. A parent
    that is an outgoing contact stands for the incoming one that it answered, through any outgoing between.
    """
    wide, answers = _wide_cases(sql, settings), _answered(sql)
    _codes(sql, "queue_code", staged.queues, {"staffed": np.array(staged.staffed[1:], dtype=bool)})
    planned = [q.handle_s or 0.0 for q in centre.queues.values()]
    _codes(sql, "plan_code", staged.queues, {"plan_s": np.array(planned, dtype=np.float64)})
    each = [round(settings.contact_cost.get(c, 0.0) * MONEY) for c in staged.channels]
    _codes(sql, "channel_code", staged.channels, {"each": np.array(each, dtype=np.int64)})
    windows = [int(settings.window_of(i) * HOUR_MS) for i in staged.intents]
    _codes(sql, "intent_code", staged.intents, {"window_ms": np.array(windows, dtype=np.int64)})
    wage = _wages(sql, agents, settings.wage_per_h)
    outcome = " ".join(f"WHEN '{name}' THEN {code}" for code, name in enumerate(OUTCOMES))
    served = "r.outcome IN ('handled', 'contained', 'transferred')"
    human = f"({served} AND coalesce(q.staffed, TRUE))"
    cost = (
        f"CASE WHEN {human} THEN CAST(round(coalesce(r.handle_s, p.plan_s, 0.0) / 3600 "
        f"* coalesce(w.cost_per_h, {wage!r}) * {MONEY}) AS BIGINT) ELSE 0 END + coalesce(h.each, 0)"
    )
    sql.tally(
        "contact",
        "rid",
        f"""
        SELECT r.interaction_id, d.customer,
          coalesce(d.usable, FALSE) AS known, coalesce(d.over_cap, FALSE) AS capped,
          r.customer_id IS NOT NULL AS has_id,
          r.started_ms AS start_ms, greatest(r.started_ms, coalesce(r.ended_ms, r.started_ms)) AS end_ms,
          {small("CASE WHEN r.ended_ms < r.started_ms THEN 1 ELSE 0 END")} AS backward,
          CAST(coalesce(q.code, 0) AS SMALLINT) AS queue, CAST(coalesce(h.code, 0) AS SMALLINT) AS channel,
          coalesce(i.code, 0) AS intent,
          {small("CASE WHEN r.resolved THEN 2 WHEN NOT r.resolved THEN 1 ELSE 0 END")} AS resolved,
          {small(f"CASE r.outcome {outcome} ELSE {len(OUTCOMES)} END")} AS outcome,
          {small(f"CASE WHEN {human} THEN 1 ELSE 0 END")} AS human,
          {"coalesce(a.answers, r.parent_id) AS parent_id" if answers else "r.parent_id"},
          {"CASE WHEN z.case_id IS NULL THEN r.case_id END AS case_id" if wide else "r.case_id"},
          r.promise_ms,
          coalesce(i.window_ms, {int(settings.window_h * HOUR_MS)}) AS window_ms, {cost} AS cost
        FROM (SELECT *, {node_name()} AS name FROM raw) r
        LEFT JOIN named d ON d.name = r.name AND r.started_ms >= d.from_ms AND r.started_ms < d.to_ms
        LEFT JOIN queue_code q ON q.name = r.queue
        LEFT JOIN plan_code p ON p.name = r.queue
        LEFT JOIN channel_code h ON h.name = r.channel
        LEFT JOIN intent_code i ON i.name = r.intent
        LEFT JOIN wage w ON w.agent_id = r.agent_id
        {"LEFT JOIN wide_case z ON z.case_id = r.case_id" if wide else ""}
        {"LEFT JOIN answer a ON a.sent = r.parent_id" if answers else ""}
        """,
    )


def _wide_cases(sql: Sql, settings: ChainSettings) -> bool:
    """Make ``wide_case``, the cases that are nobody's; whether there are any."""
    nobody = f" OR lower(trim(case_id)) IN ({quoted(settings.placeholders)})" if settings.placeholders else ""
    sql.create(
        "wide_case",
        f"""SELECT case_id FROM (SELECT case_id, {node_name()} AS name FROM raw WHERE case_id IS NOT NULL) c
        GROUP BY case_id
        HAVING count(DISTINCT name) > {settings.key_cap} OR count(*) > {settings.customer_cap}{nobody}""",
    )
    return bool(sql.value("SELECT count(*) FROM wide_case"))


def _answered(sql: Sql) -> bool:
    """Let every row of ``answer`` name what was answered in the end; whether there are any."""
    for _ in range(_DOUBLINGS):
        if not sql.value("SELECT count(*) FROM answer a JOIN answer b ON b.sent = a.answers"):
            break
        sql.create(
            "answer",
            """SELECT a.sent, coalesce(b.answers, a.answers) AS answers
            FROM answer a LEFT JOIN answer b ON b.sent = a.answers""",
        )
    return bool(sql.value("SELECT count(*) FROM answer"))


def key_name(row: str) -> str:
    """Node name of the key that a row of ``raw`` shows; empty where it shows none."""
    return f"'k' || coalesce({row}.key_type, 'key') || ':' || {row}.customer_key"


def node_name() -> str:
    """Node name of the identity a row of ``raw`` shows first: its customer id, else its typed key."""
    return f"coalesce('i' || customer_id, {key_name('raw')})"


def _codes(sql: Sql, name: str, values: Sequence[str], more: Mapping[str, np.ndarray]) -> None:
    columns = {
        "name": pa.array(values, type=pa.string()),
        "code": pa.array(np.arange(1, len(values) + 1, dtype=np.int32)),
    }
    sql.hold(name, pa.table({**columns, **{key: pa.array(column) for key, column in more.items()}}))


def _wages(sql: Sql, agents: pd.DataFrame | None, usual: float) -> float:
    """Make ``wage`` and return what stands for a wage that is not known: the mean of the others."""
    if agents is None or "cost_per_h" not in agents.columns:
        agents = pd.DataFrame({"agent_id": pd.Series(dtype="str"), "cost_per_h": pd.Series(dtype="float64")})
    known = agents[["agent_id", "cost_per_h"]].astype({"agent_id": "str", "cost_per_h": "float64"})
    known = known.dropna().drop_duplicates("agent_id").sort_values("agent_id")
    sql.register("wage", known)
    return round(float(known["cost_per_h"].mean()), 6) if len(known) else usual
