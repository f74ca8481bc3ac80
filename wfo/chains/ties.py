"""Ties: which contacts could have caused a contact, in the log and in moved copies of it.

A tie is a pair that states the same intent, or of which one states none: the rule does not lean on the link
model, so that the log and its moved copies are read alike. A contact with a single tie counts whole and is
counted in SQL; only contacts of several ties come as arrays.
"""

from dataclasses import dataclass

import numpy as np

from wfo.chains.pairs import bin_text, moved, pair_text, place
from wfo.chains.settings import ChainSettings
from wfo.chains.staging import Staged
from wfo.tables.sql import Sql
from wfo.timegrid import HOUR_MS, MINUTE_MS

_WEEK_MS = 7 * 24 * HOUR_MS
_SLACK_MS = 6 * HOUR_MS
_LEAST_WINDOWS = 3
MOST_MOVED = 1_000_000
"""Contacts of which a moved copy is made; of larger logs, those of some customers."""


@dataclass(frozen=True)
class Ties:
    """Possible causes of contacts; cells are flat (from, to, bin).

    Attributes
    ----------
    single : ndarray of float64, shape (cells,)
        Links that contacts with one tie stand for, in bins that were seen in full.
    child, cell : ndarray of int64
        Ties of contacts with several, ``child`` numbered from 0.
    seen : ndarray of bool
        Whether the bin was seen in full.
    weight : ndarray of float64
        Links the tie stands for.
    tied, asking : ndarray of int64, shape (Q,)
        Contacts with a tie, and all contacts that ask, by queue.
    """

    single: np.ndarray
    child: np.ndarray
    cell: np.ndarray
    seen: np.ndarray
    weight: np.ndarray
    tied: np.ndarray
    asking: np.ndarray

    def counted(self, density: np.ndarray) -> np.ndarray:
        """Counts by cell, each child shared among its possible causes by density; seen bins alone."""
        if not len(self.child):
            return self.single
        own = density[self.cell]
        total = np.bincount(self.child, weights=own)
        share = self.weight * own / np.maximum(total[self.child], 1e-300)
        return np.asarray(
            self.single + np.bincount(self.cell[self.seen], weights=share[self.seen], minlength=len(density))
        )


@dataclass(frozen=True)
class Rule:
    """By which ties are counted: delay bins (minutes), moment, queues, agreement of intents."""

    edges: np.ndarray
    now_ms: int
    queues: int
    agreement: float

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.queues * self.queues * (len(self.edges) - 1)


def ties_in_log(sql: Sql, rule: Rule) -> Ties:
    """Ties of the log. A hard link is the only cause, and a redial has none."""
    sql.create("settled", "SELECT child FROM link WHERE hard = 1 OR redial = 1")
    soft = _soft("pair", rule)
    hard = """SELECT l.child, c.customer, 0 AS jk, 0 AS ik, c.queue AS target, 0 AS same,
          c.start_ms, c.start_ms - p.start_ms AS lag_ms, p.queue AS origin
        FROM link l JOIN seq c ON c.rid = l.child JOIN seq p ON p.rid = l.parent
        WHERE l.hard = 1 AND l.redial = 0 AND c.pool AND p.cause"""
    _tie_table(sql, f"{soft} UNION ALL {hard}", rule)
    asking = _by_queue(
        sql, "SELECT queue AS q, count(*) AS n FROM seq WHERE pool GROUP BY 1 ORDER BY 1", rule
    )
    ties = _read(sql, rule, asking)
    sql.drop("settled")
    return ties


def least_weeks(settings: ChainSettings) -> int:
    """Whole weeks of log below which no copy of it can be moved far enough.

    Examples
    --------
    >>> least_weeks(ChainSettings(window_h=72.0)), least_weeks(ChainSettings(window_h=240.0))
    (6, 9)
    """
    return _LEAST_WINDOWS * (int(np.ceil(settings.longest_window_h / 168)) + 1)


def ties_of_moved(sql: Sql, staged: Staged, settings: ChainSettings, rule: Rule) -> list[Ties]:
    """Ties of two copies of the log moved by a third and two thirds of its weeks; none of a short log."""
    size, first = sql.rows("SELECT count(*), min(start_ms) FROM seq WHERE pool")[0]
    if not size:
        return []
    weeks = (rule.now_ms - int(first) + _SLACK_MS) // _WEEK_MS
    if weeks < least_weeks(settings):
        return []
    every = max(1, -(-int(size) // MOST_MOVED))
    out = []
    place(sql, f"customer % {every} = 0")
    for shift in (weeks // 3, 2 * weeks // 3):
        moved(sql, staged, every=every, weeks=weeks, shift=shift)
        sql.create("moved_pair", pair_text(sql, settings, asking="moved"))
        sql.create("settled", "SELECT DISTINCT child FROM moved_pair WHERE redial = 1")
        _tie_table(sql, _soft("moved_pair", rule), rule)
        asking = _by_queue(sql, "SELECT queue AS q, count(*) AS n FROM moved GROUP BY 1 ORDER BY 1", rule)
        out.append(_read(sql, rule, asking))
    sql.drop("placed", "moved", "moved_pair", "settled")
    return out


def _soft(pairs: str, rule: Rule) -> str:
    return f"""SELECT p.child, p.customer, p.jk, p.ik, p.target,
          CASE WHEN p.x = p.y AND p.x > 0 THEN 1 ELSE 0 END AS same, p.start_ms, p.lag_ms,
          CAST(floor(p.source / 2) AS BIGINT) AS origin
        FROM {pairs} p LEFT JOIN settled s ON s.child = p.child
        WHERE p.counts AND s.child IS NULL AND (p.x = p.y OR p.x = 0 OR p.y = 0)
          AND p.lag_ms >= 0 AND p.lag_ms < {int(rule.edges[-1]) * MINUTE_MS}"""


def _tie_table(sql: Sql, text: str, rule: Rule) -> None:
    """Make ``tie``, each with its cell and whether it was seen, and ``tied``: how many each child has."""
    upper = rule.edges[1:].tolist()
    bins = bin_text("lag_ms", [edge * MINUTE_MS for edge in upper[:-1]])
    ends = " ".join(f"WHEN {n} THEN {edge * MINUTE_MS}" for n, edge in enumerate(upper))
    sql.create(
        "tie",
        f"""SELECT child, customer, jk, ik, start_ms, target, same,
          ((origin - 1) * {rule.queues} + target - 1) * {len(upper)} + bin AS cell,
          CASE WHEN start_ms - lag_ms + CASE bin {ends} END <= {rule.now_ms} THEN 1 ELSE 0 END AS seen
        FROM (SELECT *, {bins} AS bin FROM ({text}) u WHERE lag_ms < {upper[-1] * MINUTE_MS}) t""",
    )
    sql.create(
        "tied",
        """SELECT child, count(*) AS ties, min(target) AS target, min(cell) AS cell, min(same) AS same,
          min(seen) AS seen FROM tie GROUP BY child""",
    )


def _read(sql: Sql, rule: Rule, asking: np.ndarray) -> Ties:
    one = sql.arrays(
        "SELECT cell, same, count(*) AS n FROM tied WHERE ties = 1 AND seen = 1 GROUP BY 1, 2 ORDER BY 1, 2"
    )
    single = np.zeros(rule.cells)
    np.add.at(single, one["cell"].astype(np.int64), one["n"] * _weight(one["same"], rule))
    many = sql.arrays(
        """SELECT t.child, t.cell, t.seen, t.same FROM tie t JOIN tied d ON d.child = t.child AND d.ties > 1
        ORDER BY t.customer, t.jk, t.start_ms, t.target, t.child, t.ik"""
    )
    new = np.diff(many["child"], prepend=-1) != 0
    tied = "SELECT target AS q, count(*) AS n FROM tied GROUP BY 1 ORDER BY 1"
    return Ties(
        single=single,
        child=np.cumsum(new) - 1,
        cell=many["cell"].astype(np.int64),
        seen=many["seen"].astype(bool),
        weight=_weight(many["same"], rule),
        tied=_by_queue(sql, tied, rule),
        asking=asking,
    )


def _weight(same: np.ndarray, rule: Rule) -> np.ndarray:
    return np.where(same == 1, 1.0 / rule.agreement, 1.0)


def _by_queue(sql: Sql, text: str, rule: Rule) -> np.ndarray:
    """Counts ``n`` by queue code ``q``, shape (Q,)."""
    rows = sql.arrays(text)
    out = np.zeros(rule.queues + 1, dtype=np.int64)
    out[rows["q"].astype(np.int64)] = rows["n"]
    return out[1:]
