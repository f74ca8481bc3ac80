"""Learn how links are judged from the log: named parents and redials teach it, the rest follows by EM.

Sure links (a named parent, a call again moments after giving up) show how often a follow-up states the
intent of the contact it follows. That fixes how intents speak for a link (`Intents`); how common intents are
fixes how they speak against one. With both held, the rest (which queue follows which, after how long, after
what word) is found by expectation and maximization over all pairs (Dempster, Laird & Rubin 1977), as weights
of record linkage are (Fellegi & Sunter 1969; Winkler 1988), with two differences. A contact has at most one
cause, so its pairs share its odds (Marsan & Lengliné 2008). And links are learnt from pairs that state the
same intent, scaled up by how often links do; pairs of two intents, mostly two needs at a time, teach only
what chance looks like.

Logistic regression on the labels alone would not do: parents are named for replies and some redials, never
for a call after the web, and nothing says of any contact that it has no parent.
"""

from dataclasses import dataclass

import numpy as np

from wfo.chains.link_model import Intents, LinkModel, micro
from wfo.chains.pairs import BINS, OTHER_CASE
from wfo.chains.staging import Staged
from wfo.tables.sql import Sql

MOST_PAIRS = 400_000
_LEAST_SURE = 200
_LEAST_PAIRS = 1_000
_LEAST_ABOVE_CHANCE = 0.05
_MOST_CELLS = 4_000_000
_ROUNDS = 15
_CLIP = 30.0
_PSEUDO_PAIR, _PSEUDO_CELL, _PSEUDO_LEFT = 5.0, 200.0, 5.0
_PSEUDO_INTENT, _PSEUDO_TARGET = 50.0, 3.0


@dataclass(frozen=True)
class _Sample:
    """Pairs of some customers, in order; ``child`` numbers the asking contacts from 0."""

    child: np.ndarray
    source: np.ndarray
    target: np.ndarray
    bin: np.ndarray
    x: np.ndarray
    y: np.ndarray
    left: np.ndarray
    cases: np.ndarray
    hard: np.ndarray

    def per_child(self, weight: np.ndarray) -> np.ndarray:
        """Sum over each child's pairs."""
        return np.bincount(self.child, weights=weight, minlength=int(self.child.max()) + 1)


def agreement(sql: Sql) -> tuple[float | None, int]:
    """How often a sure link states the same intent twice, and over how many; None under a hundred of them."""
    sure, same = sql.rows(
        """SELECT count(*), coalesce(sum(same), 0) FROM (
          SELECT same FROM hard WHERE stated = 1 AND (named = 1 OR redial = 1)
          UNION ALL
          SELECT CASE WHEN p.x = p.y THEN 1 ELSE 0 END FROM pair p LEFT JOIN hard h ON h.child = p.child
            WHERE p.redial = 1 AND p.x > 0 AND p.y > 0 AND h.child IS NULL
        ) s"""
    )[0]
    return (float(same) / sure if sure >= 100 else None), int(sure)


def learn(sql: Sql, staged: Staged, fallback: LinkModel) -> LinkModel:
    """The model the log teaches; ``fallback`` where it has too little to teach one."""
    agree, sure = agreement(sql)
    intents, sources = len(staged.intents), 2 * (len(staged.queues) + 1)
    if agree is None or sure < _LEAST_SURE or intents < 2 or sources**2 // 2 * intents > _MOST_CELLS:
        return fallback
    counted = _counted(sql, staged)
    common = counted.sum(axis=0) / max(counted.sum(), 1.0)
    chance = float((common**2).sum())
    sample = _sample(sql)
    if len(sample.child) < _LEAST_PAIRS or agree < chance + _LEAST_ABOVE_CHANCE:
        return fallback
    # two statements agree if both are right, else as often as intents agree by chance
    misstated = 1.0 - float(np.sqrt((agree - chance) / (1.0 - chance)))
    stated = counted + _PSEUDO_INTENT * common
    stated /= stated.sum(axis=1, keepdims=True)
    true = np.maximum(stated - misstated * common, 1e-4)
    true /= true.sum(axis=1, keepdims=True)
    return _fit(sample, staged, Intents(misstated, common, stated, true, np.empty(0)), (agree, sure))


def _counted(sql: Sql, staged: Staged) -> np.ndarray:
    """Contacts by queue code and intent, shape (T, I)."""
    out = np.zeros((len(staged.queues) + 1, len(staged.intents)))
    rows = sql.arrays(
        "SELECT queue, intent, count(*) AS n FROM contact WHERE intent > 0 GROUP BY 1, 2 ORDER BY 1, 2"
    )
    out[rows["queue"], rows["intent"] - 1] = rows["n"]
    return out


def _sample(sql: Sql) -> _Sample:
    every = max(1, -(-int(sql.value("SELECT count(*) FROM pair")) // MOST_PAIRS))
    rows = sql.arrays(
        f"""SELECT p.customer, p.jk, p.source, p.target, p.bin, p.x, p.y,
          3 * p.resolved + p.promise AS left_code, p.cases,
          CASE WHEN h.child IS NULL THEN 0 WHEN h.parent = p.parent THEN 2 ELSE 1 END AS hard
        FROM pair p LEFT JOIN hard h ON h.child = p.child WHERE p.customer % {every} = 0
        ORDER BY p.customer, p.jk, p.ik"""
    )
    codes = {k: v.astype(np.int64) for k, v in rows.items()}
    new = np.diff(codes.pop("customer"), prepend=-1) != 0
    new |= np.diff(codes.pop("jk"), prepend=-1) != 0
    codes["left"] = codes.pop("left_code")
    return _Sample(child=np.cumsum(new) - 1, **codes)


def _fit(s: _Sample, staged: Staged, noisy: Intents, sure: tuple[float, int]) -> LinkModel:
    targets = len(staged.queues) + 1
    sources = 2 * targets
    same, unsaid = (s.x == s.y) & (s.x > 0), (s.x == 0) | (s.y == 0)
    settled = s.hard > 0
    link = np.where(settled, s.hard == 2, np.where(same, 0.8, np.where(unsaid, 0.3, 0.02))).astype(np.float64)
    alone = np.maximum(0.0, 1.0 - s.per_child(link))
    combined = np.stack([s.source, s.x, s.target, s.y])
    combination, which = np.unique(combined, axis=1, return_inverse=True)
    gap = left = case = np.empty(0)
    for _ in range(_ROUNDS):
        by_link = np.where(same, link / sure[0], np.where(unsaid, link, 0.0))
        by_chance = alone[s.child]
        gap, queue_pair = _gap_term(s, by_link, by_chance, sources, targets)
        noisy = _with_targets(noisy, s, np.where(same, by_link, 0.0), queue_pair)
        left = _left_term(s, by_link, by_chance, sources)
        case = _case_term(s, by_link, by_chance)
        score = gap[s.source, s.target, s.bin] + noisy.log_odds(*combination)[which]
        score += left[s.source, s.left] + case[s.cases]
        odds = np.exp(np.clip(score, -_CLIP, _CLIP))
        total = 1.0 + s.per_child(odds)
        link = np.where(settled, s.hard == 2, odds / total[s.child]).astype(np.float64)
        alone = np.where(s.per_child(settled) > 0, 0.0, 1.0 / total)
    return LinkModel(
        source="learnt",
        queues=staged.queues,
        intents=staged.intents,
        gap=micro(gap),
        left=micro(left.reshape(sources, 3, 3)),
        case=(int(micro(case[0])), int(micro(case[1])), 0),
        redial=0,
        noisy=noisy,
        same=0,
        other=0,
        facts={
            "agreement": round(sure[0], 6),
            "sure_links": sure[1],
            "misstated": round(noisy.misstated, 6),
            "pairs": len(s.child),
        },
    )


def _shares(
    code: np.ndarray, size: int, weight: np.ndarray, pseudo: float, prior: np.ndarray | None = None
) -> np.ndarray:
    """Shares of codes, drawn towards a prior (even by default) worth ``pseudo`` counts."""
    counts = np.bincount(code, weights=weight, minlength=size)
    base = np.full(size, 1.0 / size) if prior is None else prior
    return np.asarray((counts + pseudo * base) / (counts.sum() + pseudo))


def _gap_term(
    s: _Sample, by_link: np.ndarray, by_chance: np.ndarray, sources: int, targets: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds by source, target and bin with the prior odds; and links' shares by source and target."""
    queue_pair = s.source * targets + s.target
    cell = queue_pair * BINS + s.bin
    shares = []
    pairs = np.empty(0)
    for weight in (by_chance, by_link):
        pairs = _shares(queue_pair, sources * targets, weight, _PSEUDO_PAIR)
        bins = _shares(s.bin, BINS, weight, _PSEUDO_PAIR)
        prior = (pairs[:, None] * bins[None, :]).ravel()
        shares.append(_shares(cell, len(prior), weight, _PSEUDO_CELL, prior))
    odds = np.log(by_link.sum() / max(by_chance.sum(), 1.0))
    term = odds + np.log(shares[1] / shares[0])
    return term.reshape(sources, targets, BINS), pairs.reshape(sources, targets)


def _with_targets(noisy: Intents, s: _Sample, weight: np.ndarray, queue_pair: np.ndarray) -> Intents:
    """Where follow-ups of each intent go, relative to where all go."""
    sources, targets = queue_pair.shape
    intents = len(noisy.common)
    cell = (s.source * intents + np.maximum(s.x - 1, 0)) * targets + s.target
    counts = np.bincount(cell, weights=weight, minlength=sources * intents * targets)
    counts = counts.reshape(sources, intents, targets)
    base = queue_pair / queue_pair.sum(axis=1, keepdims=True)
    share = (counts + _PSEUDO_TARGET * base[:, None, :]) / (
        counts.sum(axis=2, keepdims=True) + _PSEUDO_TARGET
    )
    relative = share / base[:, None, :]
    return Intents(noisy.misstated, noisy.common, noisy.stated, noisy.true, relative)


def _left_term(s: _Sample, by_link: np.ndarray, by_chance: np.ndarray, sources: int) -> np.ndarray:
    """Log-odds by source of what the earlier contact left, shape (S, 9)."""
    logs = []
    for weight in (by_chance, by_link):
        base = _shares(s.source, sources, weight, 1.0)
        share = _shares(s.source * 9 + s.left, sources * 9, weight, _PSEUDO_LEFT, np.repeat(base / 9, 9))
        logs.append(np.log(share.reshape(sources, 9) / base[:, None]))
    return np.asarray(logs[1] - logs[0])


def _case_term(s: _Sample, by_link: np.ndarray, by_chance: np.ndarray) -> np.ndarray:
    """Log-odds of no case and another case; the same case is a hard link."""
    differ = np.minimum(s.cases, OTHER_CASE)
    shares = [_shares(differ, 2, weight, 2.0) for weight in (by_chance, by_link)]
    return np.append(np.log(shares[1] / shares[0]), 0.0)
