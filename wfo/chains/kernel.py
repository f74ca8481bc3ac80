"""Counts behind the propagation kernel: links and coincidences by queue, queue and delay.

A link found in the log is a follow-up or a coincidence (an independent new need within the window).
Coincidences are measured by a control: the same contacts moved by whole weeks around the log, beside
contacts that cannot have caused them. With c the share of moved contacts that find a predecessor and U the
contacts without one, the contacts that are truly fresh are U ÷ (1 − c), and their coincidences are taken
off the links, bin by bin.

Where several earlier contacts could have caused one, it is shared among them by the kernel itself, repeated
until it stands (stochastic declustering; Marsan & Lengliné 2008): the best-scoring one alone would favour
the recent.

`wfo.chains.kernel_table` makes the kernel of them. Delays run from the parent's start to the child's start.
"""

from dataclasses import dataclass

import numpy as np

from wfo.chains.settings import ChainSettings
from wfo.chains.staging import ABANDONED, IGNORED, Staged
from wfo.chains.ties import Rule, Ties, ties_in_log, ties_of_moved
from wfo.tables.sql import Sql
from wfo.timegrid import MINUTE_MS

LAG_MIN = (0, 15, 30, 60, 120, 240, 480, 1440, 2880, 4320, 5760, 7200, 8640, 10080)
_ROUNDS = 30
_LEAST_AGREEMENT = 0.5


@dataclass(frozen=True)
class Counts:
    """What the kernel is made of; Q queues, B delay bins.

    Attributes
    ----------
    queues : tuple of str
    edges_min : ndarray of int64, shape (B + 1,)
        Edges of the delay bins.
    links : ndarray of float64, shape (Q, Q, B)
        Links from served parents.
    background : ndarray of float64, shape (Q, Q, B)
        Coincidences expected among them.
    parents : ndarray of int64, shape (Q, B)
        Served anchored contacts whose delays up to the bin's upper edge could be seen.
    known_share : ndarray of float64, shape (Q,)
        Probability that a follow-up of an anchored contact is anchored: the share of such contacts, those of
        customers over the cap left out of both; 1 where customers are known once and for all.
    abandoned : ndarray of float64, shape (Q,)
        Share of contacts that were given up.
    agreement : float
        Probability that a follow-up states the intent of the contact it follows.
    controls : int
        Moved copies of the log behind the background; 0 where the log is too short.
    """

    queues: tuple[str, ...]
    edges_min: np.ndarray
    links: np.ndarray
    background: np.ndarray
    parents: np.ndarray
    known_share: np.ndarray
    abandoned: np.ndarray
    agreement: float
    controls: int


def lag_edges_min(window_h: float) -> np.ndarray:
    """Edges of the delay bins in minutes, first 0, last the window; int64, shape (B + 1,).

    Examples
    --------
    >>> lag_edges_min(24.0).tolist()
    [0, 15, 30, 60, 120, 240, 480, 1440]
    """
    window = round(window_h * 60)
    return np.array([e for e in LAG_MIN if e < window] + [window], dtype=np.int64)


def count(sql: Sql, staged: Staged, agreement: float | None, settings: ChainSettings) -> Counts:
    """Count links and coincidences by queue, queue and delay, from ``seq``, ``pair`` and ``link``."""
    edges = lag_edges_min(settings.longest_window_h)
    queues = len(staged.queues)
    shape = (queues, queues, len(edges) - 1)
    agree = 1.0 if agreement is None else max(_LEAST_AGREEMENT, agreement)
    rule = Rule(edges, staged.now_ms, queues, agree)
    found = ties_in_log(sql, rule)
    alone = _alone(sql, found, queues)
    control = ties_of_moved(sql, staged, settings, rule)
    factor = _fresh_per_moved(alone, control, queues)
    parents = _parents(sql, edges, staged.now_ms, queues)
    width = np.tile(np.diff(edges), queues * queues)
    scale = np.broadcast_to(1.0 / np.maximum(parents, 1)[:, None, :], shape).ravel()
    density = np.ones(len(width))
    direct = by_chance = np.zeros(len(width))
    for _ in range(_ROUNDS):
        direct = found.counted(density)
        by_chance = sum((c.counted(density) for c in control), np.zeros(len(width)))
        by_chance = (by_chance.reshape(shape) * factor[None, :, None]).ravel()
        density = np.maximum(direct - by_chance, 1e-3) * scale / width
    share, abandoned = _shares(sql, found.asking, queues)
    return Counts(
        queues=staged.queues,
        edges_min=edges,
        links=direct.reshape(shape),
        background=by_chance.reshape(shape),
        parents=parents,
        known_share=np.ones(queues) if settings.known_by == "customer" else share,
        abandoned=abandoned,
        agreement=agree,
        controls=len(control),
    )


def _alone(sql: Sql, found: Ties, queues: int) -> np.ndarray:
    """Pool contacts by queue without a tie and without a link, shape (Q,)."""
    # one join at a time: two of them side by side ask for more memory than a small engine has
    sql.create(
        "untied",
        "SELECT l.child FROM link l LEFT JOIN tied t ON t.child = l.child WHERE t.child IS NULL",
    )
    rows = sql.arrays(
        """SELECT s.queue AS q, count(*) AS n FROM seq s JOIN untied u ON u.child = s.rid
        WHERE s.pool GROUP BY 1 ORDER BY 1"""
    )
    sql.drop("untied")
    out = np.zeros(queues + 1)
    out[rows["q"].astype(np.int64)] = rows["n"]
    return np.asarray(found.asking - found.tied - out[1:])


def _shares(sql: Sql, pool: np.ndarray, queues: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of contacts that are anchored, and of those given up, by queue.

    Contacts over the cap are no one's children: to count them as unknown would raise every other's rate.
    """
    everyone, lost = np.zeros(queues + 1), np.zeros(queues + 1)
    for queue, n, given_up in sql.rows(
        f"""SELECT queue, count(*), sum(CASE WHEN outcome = {ABANDONED} THEN 1 ELSE 0 END) FROM contact
        WHERE queue > 0 AND NOT capped AND outcome <> {IGNORED} GROUP BY 1 ORDER BY 1"""
    ):
        everyone[queue], lost[queue] = n, int(given_up)
    base = np.maximum(everyone[1:], 1)
    return pool / base, lost[1:] / base


def _parents(sql: Sql, edges: np.ndarray, now_ms: int, queues: int) -> np.ndarray:
    upper = edges[1:].tolist()
    ages = " ".join(f"WHEN {now_ms} - start_ms < {edge * MINUTE_MS} THEN {n}" for n, edge in enumerate(upper))
    out = np.zeros((queues + 1, len(upper) + 1), dtype=np.int64)
    for queue, age, n in sql.rows(
        f"""SELECT queue, CASE {ages} ELSE {len(upper)} END AS age, count(*) FROM seq
        WHERE cause GROUP BY 1, 2 ORDER BY 1, 2"""
    ):
        out[queue, age] = n
    # a bin is seen in full by parents that are older than its upper edge
    return np.asarray(np.cumsum(out[1:, ::-1], axis=1)[:, ::-1][:, 1:])


def _fresh_per_moved(alone: np.ndarray, control: list[Ties], queues: int) -> np.ndarray:
    """Truly fresh contacts for each moved one, by queue, shape (Q,): what scales the controls to the log."""
    moved = sum((c.asking for c in control), np.zeros(queues))
    tied = sum((c.tied for c in control), np.zeros(queues))
    chance = tied / np.maximum(moved, 1)
    return np.asarray(alone / np.maximum(1 - chance, 1e-9) / np.maximum(moved, 1))
