"""Chains and their members as tables."""

import numpy as np
import pyarrow as pa

from wfo.chains.staging import ABANDONED, IGNORED, MONEY, OPEN, Staged
from wfo.tables.sql import Sql

_PATH_STEPS = 12
_BASE = 16
"""A path is a number to this base, one digit a contact; channels are fewer."""
_WIDE = 100_000
"""Intents are fewer."""


def assemble(sql: Sql, staged: Staged) -> None:
    """Make ``step`` (contacts of chains of several, in their order) and ``chain`` (all chains).

    A chain is named after its first interaction. Younger than its window at the planning moment, or with a
    contact not yet ended, it is open and never counted as resolved; of nothing but mentions that nobody
    answered, it is ignored and counts neither as resolved nor as not.
    """
    # joined first and ordered then: both at once do not fit into the memory of a small engine
    sql.create(
        "walk",
        """SELECT c.rid, m.root, c.interaction_id, c.start_ms, c.end_ms, c.channel, c.intent, c.outcome,
          c.human, c.window_ms, c.cost, CASE WHEN c.known THEN c.customer END AS customer
        FROM multi m JOIN contact c ON c.rid = m.node""",
    )
    sql.create(
        "step",
        """SELECT *,
          CAST(row_number() OVER (PARTITION BY root ORDER BY start_ms, interaction_id) AS BIGINT) AS position,
          lead(start_ms) OVER (PARTITION BY root ORDER BY start_ms, interaction_id) AS next_ms
        FROM walk""",
    )
    sql.drop("walk")
    digits = " ".join(f"WHEN {n + 1} THEN {_BASE**n}" for n in range(_PATH_STEPS))
    sql.create(
        "chain",
        f"""SELECT c.interaction_id AS chain_id, c.customer, c.first_intent, c.last_intent, c.first_ms,
          c.last_ms, CASE WHEN c.ongoing = 1 OR c.until_ms > {staged.now_ms} THEN 'open'
            WHEN c.last_outcome = {ABANDONED} THEN 'abandoned' WHEN c.last_outcome = {IGNORED} THEN 'ignored'
            ELSE 'resolved' END AS status,
          c.contacts, c.human, c.steps, c.mask, c.cost
        FROM (
          SELECT h.interaction_id, h.customer, g.first_intent, g.last_intent, g.first_ms, g.last_ms,
            g.until_ms, g.last_outcome, g.ongoing, g.contacts, g.human, g.cost, g.steps, g.mask
          FROM (SELECT root, interaction_id, customer FROM step WHERE position = 1) h JOIN (
          SELECT root,
            coalesce(min(CASE WHEN intent > 0 THEN position * {_WIDE} + intent END), 0) % {_WIDE}
              AS first_intent,
            coalesce(max(CASE WHEN intent > 0 THEN position * {_WIDE} + intent END), 0) % {_WIDE}
              AS last_intent,
            min(start_ms) AS first_ms, max(end_ms) AS last_ms, max(end_ms + window_ms) AS until_ms,
            coalesce(max(CASE WHEN outcome <> {IGNORED} THEN position * 10 + outcome END) % 10, {IGNORED})
              AS last_outcome,
            max(CASE WHEN outcome = {OPEN} THEN 1 ELSE 0 END) AS ongoing, count(*) AS contacts,
            CAST(sum(human) AS BIGINT) AS human, CAST(sum(cost) AS BIGINT) AS cost,
            CAST(sum(channel * CASE position {digits} ELSE 0 END) AS BIGINT) AS steps,
            bit_or(CAST(power(2, channel) AS BIGINT)) AS mask
          FROM step GROUP BY root) g ON g.root = h.root
          UNION ALL
          SELECT c.interaction_id, CASE WHEN c.known THEN c.customer END, c.intent, c.intent, c.start_ms,
            c.end_ms, c.end_ms + c.window_ms, c.outcome, CASE WHEN c.outcome = {OPEN} THEN 1 ELSE 0 END, 1,
            c.human, c.cost, c.channel, CAST(power(2, c.channel) AS BIGINT)
          FROM contact c LEFT JOIN multi m ON m.node = c.rid WHERE m.node IS NULL
        ) c""",
    )
    _hold_paths(sql, staged.channels)
    intents = {
        "code": pa.array(np.arange(len(staged.intents) + 1)),
        "name": pa.array([None, *staged.intents]),
    }
    sql.hold("intent_name", pa.table(intents))


def chains_text(sql: Sql) -> str:
    """Table ``chains``."""
    instant = sql.dialect.instant
    return f"""
        SELECT c.chain_id, l.label AS customer_id, a.name AS intent, b.name AS true_intent,
          {instant.format("c.first_ms")} AS first_at, {instant.format("c.last_ms")} AS last_at, c.status,
          CAST(c.contacts AS BIGINT) AS contacts, CAST(c.human AS BIGINT) AS human_contacts,
          p.channels, p.path, CAST(c.contacts - 1 AS BIGINT) AS failed_before,
          CAST(c.cost AS DOUBLE) / {MONEY} AS cost
        FROM chain c LEFT JOIN label l ON l.customer = c.customer
        JOIN intent_name a ON a.code = c.first_intent JOIN intent_name b ON b.code = c.last_intent
        JOIN path p ON p.steps = c.steps AND p.mask = c.mask
          AND p.long = CASE WHEN c.contacts > {_PATH_STEPS} THEN 1 ELSE 0 END
        ORDER BY chain_id"""


def members_text() -> str:
    """Table ``chain_members``; a chain of one contact bears its name."""
    return f"""
        SELECT interaction_id, chain_id, position, role, parent_interaction, link_p,
          CAST(cost AS DOUBLE) / {MONEY} AS cost FROM (
          SELECT chain_id AS interaction_id, chain_id, CAST(1 AS BIGINT) AS position, 'fresh' AS role,
            CAST(NULL AS STRING) AS parent_interaction, CAST(NULL AS DOUBLE) AS link_p, cost
          FROM chain WHERE contacts = 1
          UNION ALL
          SELECT s.interaction_id, r.interaction_id, s.position,
            CASE WHEN k.child IS NULL THEN 'fresh' WHEN k.redial = 1 THEN 'redial' ELSE 'follow_up' END,
            p.interaction_id, k.p, s.cost
          FROM step s
          JOIN (SELECT root, interaction_id FROM step WHERE position = 1) r ON r.root = s.root
          LEFT JOIN link k ON k.child = s.rid LEFT JOIN step p ON p.rid = k.parent
        ) m ORDER BY interaction_id"""


def _hold_paths(sql: Sql, channels: tuple[str, ...]) -> None:
    """Make ``path``: the words of each path that occurs."""
    if len(channels) >= _BASE:
        raise ValueError(f"{len(channels)} channels; a path takes at most {_BASE - 1}")
    found = sql.arrays(
        f"""SELECT DISTINCT steps, mask, CASE WHEN contacts > {_PATH_STEPS} THEN 1 ELSE 0 END AS long
        FROM chain ORDER BY 1, 2, 3"""
    )
    words = [_words(int(s), int(m), bool(g), channels) for s, m, g in zip(*found.values(), strict=True)]
    text = {
        "path": pa.array([w[0] for w in words], pa.string()),
        "channels": pa.array([w[1] for w in words], pa.string()),
    }
    sql.hold("path", pa.table({**{k: pa.array(v) for k, v in found.items()}, **text}))


def _words(steps: int, mask: int, long: bool, channels: tuple[str, ...]) -> tuple[str, str]:
    """``web>voice>voice`` and ``web|voice``; channels seen only after the path's end follow by name."""
    codes = []
    while steps:
        codes.append(steps % _BASE)
        steps //= _BASE
    later = [n for n in range(1, len(channels) + 1) if mask >> n & 1 and n not in codes]
    path = ">".join(channels[n - 1] for n in codes) + (">…" if long else "")
    return path, "|".join(channels[n - 1] for n in dict.fromkeys(codes + later))
