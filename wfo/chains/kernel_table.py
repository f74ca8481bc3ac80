"""The propagation kernel: follow-ups that one served contact causes, by queue, queue and delay.

Each bin is divided by the parents whose delay could be seen in full before the planning moment
(right-censoring). What hides follow-ups is put right:

- Identity. Only anchored contacts are counted (`Identity`), parents and children alike; since a follow-up of
  an anchored contact is itself anchored as often as the contacts of its queue are, the rate is divided by
  that queue's share (not so where ``known_by`` says that customers are always known).
- Stated intent. Follow-ups that state another intent are not told from new needs. How often they state the
  same one is seen where a link does not rest on it (named parents and redials), and links by intent are
  divided by it.
- Hidden steps. A follow-up of a contact that is itself not known seems to follow the one before: what is
  counted, N, holds whole walks over hidden contacts. With h the hidden share of a queue, l the abandoned one
  and p the redials of these, N = R (1 + h ((1 − l) N + l p D)) with D the walks that go on from a redial;
  it is solved for R.
"""

import numpy as np
import pandas as pd

from wfo.chains.kernel import Counts
from wfo.chains.staging import ABANDONED, Staged
from wfo.metrics.intervals import Z80
from wfo.tables.sql import Sql
from wfo.timegrid import MINUTE_MS

_NOISE_SD = 2.0
_LEAST_RATE = 0.005


def kernel_table(counts: Counts, redial: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Table ``kernel``: r with 10 % and 90 % points, where links exceed what chance explains.

    A pair of queues enters where its excess is above two standard deviations of its count and worth 0.005;
    bins below zero are set to zero and the others scaled, so that the pair's total is kept.
    """
    edges = counts.edges_min
    known = np.maximum(counts.known_share, 1e-9)[None, :, None]
    weight = (counts.parents > 0)[:, None, :] / (np.maximum(counts.parents, 1)[:, None, :] * known)
    rate = (counts.links - counts.background) * weight
    sd = np.sqrt(counts.links + counts.background) * weight
    total, noise = rate.sum(axis=2), np.sqrt((sd**2).sum(axis=2))
    rate = np.maximum(rate, 0.0)
    rate *= (total / np.maximum(rate.sum(axis=2), 1e-300))[:, :, None]
    kept = (total > _NOISE_SD * noise) & (total >= _LEAST_RATE)
    step = _one_step(np.where(kept, total, 0.0), counts, redial)
    kept &= step >= _LEAST_RATE
    shrink = np.where(kept, step / np.maximum(total, 1e-300), 0.0)[:, :, None]
    rate, sd = rate * shrink, sd * shrink
    pairs = np.argwhere(kept)
    bins = len(edges) - 1
    source, target = np.repeat(pairs[:, 0], bins), np.repeat(pairs[:, 1], bins)
    lag = np.tile(np.arange(bins), len(pairs))
    names = np.array(counts.queues, dtype=object)
    r, spread = rate[source, target, lag], Z80 * sd[source, target, lag]
    frame = pd.DataFrame(
        {
            "from_queue": pd.Series(names[source], dtype="str"),
            "to_queue": pd.Series(names[target], dtype="str"),
            "lag_min": edges[1:][lag],
            "r": r,
            "low": np.maximum(r - spread, 0.0),
            "high": r + spread,
        }
    )
    return frame.sort_values(["from_queue", "to_queue", "lag_min"], ignore_index=True)


def redials(sql: Sql, staged: Staged, counts: Counts, redial_min: float) -> dict[str, dict[str, float]]:
    """Redials by queue that had abandoned contacts: ``p``, ``mean_s`` and ``abandoned``.

    Counted like the kernel: known identities whose redial time has passed, divided by the share of known
    contacts. The delay runs from giving up to the next call; its mean is over those within the redial time.
    """
    seen = (
        f"p.outcome = {ABANDONED} AND p.pool AND p.end_ms + {int(redial_min * MINUTE_MS)} <= {staged.now_ms}"
    )
    lost = dict(sql.rows(f"SELECT p.queue, count(*) FROM seq p WHERE {seen} GROUP BY 1 ORDER BY 1"))
    again = {
        queue: (int(n), float(ms))
        for queue, n, ms in sql.rows(
            f"""SELECT p.queue, count(*), sum(c.start_ms - p.end_ms) FROM link l
            JOIN seq c ON c.rid = l.child JOIN seq p ON p.rid = l.parent
            WHERE l.redial = 1 AND c.pool AND {seen} GROUP BY 1 ORDER BY 1"""
        )
    }
    out = {}
    for queue, gone in lost.items():
        n, ms = again.get(queue, (0, 0.0))
        p = min(1.0, n / gone / max(float(counts.known_share[queue - 1]), 1e-9))
        mean_s = ms / n / 1000 if n else redial_min * 60 / 2
        out[staged.queues[queue - 1]] = {"p": p, "mean_s": mean_s, "abandoned": int(gone)}
    return out


def _one_step(total: np.ndarray, counts: Counts, redial: dict[str, dict[str, float]]) -> np.ndarray:
    """R of one step from walks over hidden contacts, shape (Q, Q); see the module's notes."""
    hidden = 1.0 - np.clip(counts.known_share, 0.0, 1.0)
    again = np.array([redial.get(q, {}).get("p", 0.0) for q in counts.queues])
    lost = counts.abandoned
    one = np.eye(len(hidden))
    on = (1.0 - lost)[:, None] * total
    after_redial = np.linalg.solve(one - np.diag(hidden * lost * again), one + hidden[:, None] * on)
    walk = one + hidden[:, None] * (on + (lost * again)[:, None] * after_redial)
    return np.asarray(np.linalg.solve(walk.T, total.T).T)
