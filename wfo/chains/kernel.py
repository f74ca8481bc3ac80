"""The propagation kernel: follow-ups that one served contact causes, by queue, queue and delay.

A link found in the log is a follow-up or a coincidence (an independent new need within the window).
Coincidences are measured by a control: the same contacts moved by whole weeks around the log, beside
contacts that cannot have caused them. With c the share of moved contacts that find a predecessor and U the
contacts without one, the contacts that are truly fresh are U ÷ (1 − c), and their coincidences are taken
off the links, bin by bin.

Where several earlier contacts could have caused one, it is shared among them by the kernel itself, repeated
until it stands (stochastic declustering; Marsan & Lengliné 2008): the best-scoring one alone would favour
the recent.

Each bin is divided by the parents whose delay could be seen in full before the planning moment
(right-censoring). What hides follow-ups is put right:

- Identity. Only anchored contacts are counted (`Identity`), parents and children alike; since a follow-up of
  an anchored contact is itself anchored as often as the contacts of its queue are, the rate is divided by
  that queue's share (not so where ``known_by`` says that customers are always known).
- Stated intent. Follow-ups that state another intent are not told from new needs. How often they state the
  same one is seen where a link does not rest on it (named parents and redials), and links by intent are
  divided by it.

Delays run from the parent's start to the child's start.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.chains.contacts import MINUTE_MS, Contacts
from wfo.chains.linking import Asking, Links
from wfo.chains.settings import ChainSettings
from wfo.chains.ties import Rule, Ties, controls_of, intent_agreement, ties_of
from wfo.timegrid import epoch_ms

LAG_MIN = (0, 15, 30, 60, 120, 240, 480, 1440, 2880, 4320, 5760, 7200, 8640, 10080)
_ROUNDS = 30
_Z10 = 1.2816
_NOISE_SD = 2.0
_LEAST_RATE = 0.005


@dataclass(frozen=True)
class Counts:
    """What the kernel is made of; Q queues, B delay bins.

    Attributes
    ----------
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
    agreement : float
        Probability that a follow-up states the intent of the contact it follows.
    controls : int
        Moved copies of the log behind the background; 0 where the log is too short.
    """

    edges_min: np.ndarray
    links: np.ndarray
    background: np.ndarray
    parents: np.ndarray
    known_share: np.ndarray
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


def count(contacts: Contacts, links: Links, now: dt.datetime, settings: ChainSettings) -> Counts:
    """Count links and coincidences by queue, queue and delay."""
    edges = lag_edges_min(settings.window_h)
    queues, now_ms = len(contacts.queues), _ms(now)
    shape = (queues, queues, len(edges) - 1)
    pool = np.flatnonzero(contacts.anchored & (contacts.queue >= 0))
    agreement = intent_agreement(contacts, links)
    rule = Rule(edges, now_ms, agreement, settings)
    found = ties_of(contacts, Asking(pool, contacts.start_ms[pool], pool), links, rule)
    moved = controls_of(contacts, pool, now_ms, settings)
    control = [ties_of(contacts, asking, None, rule) for asking in moved]
    factor = _fresh_per_moved(links, pool, found, control, queues)
    width = np.tile(np.diff(edges), queues * queues)
    parents = _parents(contacts, edges, now_ms)
    scale = np.broadcast_to(1.0 / np.maximum(parents, 1)[:, None, :], shape).ravel()
    density = np.ones(len(width))
    for _ in range(_ROUNDS):
        direct = found.counted(density)
        by_chance = sum((c.counted(density) for c in control), np.zeros(len(width)))
        by_chance = (by_chance.reshape(shape) * factor[None, :, None]).ravel()
        density = np.maximum(direct - by_chance, 1e-3) * scale / width
    # Contacts over the cap are no one's children: to count them as unknown would raise every other's rate.
    all_of = np.bincount(contacts.queue[(contacts.queue >= 0) & ~contacts.capped], minlength=queues)
    known_share = np.bincount(contacts.queue[pool], minlength=queues) / np.maximum(all_of, 1)
    if settings.known_by == "customer":
        known_share = np.ones(queues)
    return Counts(
        edges_min=edges,
        links=direct.reshape(shape),
        background=by_chance.reshape(shape),
        parents=parents,
        known_share=known_share,
        agreement=agreement,
        controls=len(control),
    )


def kernel_table(counts: Counts, contacts: Contacts) -> pd.DataFrame:
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
    pairs = np.argwhere((total > _NOISE_SD * noise) & (total >= _LEAST_RATE))
    bins = len(edges) - 1
    source, target = np.repeat(pairs[:, 0], bins), np.repeat(pairs[:, 1], bins)
    lag = np.tile(np.arange(bins), len(pairs))
    names = np.array(contacts.queues, dtype=object)
    r, spread = rate[source, target, lag], _Z10 * sd[source, target, lag]
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


def redials(
    contacts: Contacts, links: Links, counts: Counts, now: dt.datetime, redial_min: float
) -> dict[str, dict[str, float]]:
    """Redials by queue that had abandoned contacts: ``p``, ``mean_s`` and ``abandoned``.

    Counted like the kernel: known identities whose redial time has passed, divided by the share of known
    contacts. The delay runs from giving up to the next call; its mean is over those within the redial time.
    """
    over = contacts.end_ms + redial_min * MINUTE_MS <= _ms(now)
    seen = contacts.abandoned & contacts.anchored & over
    child = np.flatnonzero(links.redial & contacts.anchored)
    child = child[seen[links.parent[child]]]
    queue = contacts.queue[links.parent[child]]
    delay_s = (contacts.start_ms[child] - contacts.end_ms[links.parent[child]]) / 1000
    out = {}
    for q, name in enumerate(contacts.queues):
        lost, again = int((seen & (contacts.queue == q)).sum()), queue == q
        if lost:
            p = min(1.0, float(again.sum()) / lost / max(float(counts.known_share[q]), 1e-9))
            mean_s = float(delay_s[again].mean()) if again.any() else redial_min * 60 / 2
            out[name] = {"p": p, "mean_s": mean_s, "abandoned": lost}
    return out


def _ms(moment: dt.datetime) -> int:
    return int(epoch_ms(pd.DatetimeIndex([moment]))[0])


def _parents(contacts: Contacts, edges: np.ndarray, now_ms: int) -> np.ndarray:
    out = np.zeros((len(contacts.queues), len(edges) - 1), dtype=np.int64)
    for q in range(len(contacts.queues)):
        starts = np.sort(contacts.start_ms[(contacts.queue == q) & contacts.served & contacts.anchored])
        out[q] = np.searchsorted(starts, now_ms - edges[1:] * MINUTE_MS, side="right")
    return out


def _fresh_per_moved(
    links: Links, pool: np.ndarray, found: Ties, control: list[Ties], queues: int
) -> np.ndarray:
    """Truly fresh contacts for each moved one, by queue, shape (Q,): what scales the controls to the log."""
    alone = np.bincount(found.queue[~(found.tied | (links.parent[pool] >= 0))], minlength=queues)
    moved = sum((np.bincount(c.queue, minlength=queues) for c in control), np.zeros(queues))
    tied = sum((np.bincount(c.queue[c.tied], minlength=queues) for c in control), np.zeros(queues))
    chance = tied / np.maximum(moved, 1)
    return np.asarray(alone / np.maximum(1 - chance, 1e-9) / np.maximum(moved, 1))
