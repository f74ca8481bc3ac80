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
(right-censoring). Only contacts of known identity are counted, parents and children alike; since a child of a
known parent is itself unknown as often as the contacts of its queue are, the rate is divided by that
queue's share of known contacts (not so where ``known_by`` says that customers are always known). Delays run
from the parent's start to the child's start.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.chains.contacts import MINUTE_MS, Contacts
from wfo.chains.linking import Asking, Links, candidates, is_redial
from wfo.chains.settings import ChainSettings
from wfo.timegrid import epoch_ms

LAG_MIN = (0, 15, 30, 60, 120, 240, 480, 1440, 2880, 4320, 5760, 7200, 8640, 10080)
_WEEK_MS = 7 * 24 * 60 * MINUTE_MS
_SLACK_MS = 6 * 60 * MINUTE_MS
_LEAST_WINDOWS = 3
_ROUNDS = 30
_Z10 = 1.2816
_NOISE_SD = 2.0


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
        Served contacts of known identity whose delays up to the bin's upper edge could be seen.
    known_share : ndarray of float64, shape (Q,)
        Probability that a follow-up of a known contact is known: the share of contacts with known identity,
        those of customers over the cap left out of both; 1 where customers are known once and for all.
    controls : int
        Moved copies of the log behind the background; 0 where the log is too short.
    """

    edges_min: np.ndarray
    links: np.ndarray
    background: np.ndarray
    parents: np.ndarray
    known_share: np.ndarray
    controls: int


@dataclass(frozen=True)
class _Ties:
    """Possible causes of contacts.

    ``child`` and ``cell``: number of the contact and flat (from, to, bin) of each tie; ``seen``: whether
    the bin was seen in full; ``queue``: of each contact, tied or not.
    """

    child: np.ndarray
    cell: np.ndarray
    seen: np.ndarray
    queue: np.ndarray

    @property
    def tied(self) -> np.ndarray:
        """Whether each contact has a possible cause."""
        return np.bincount(self.child, minlength=len(self.queue)) > 0

    def counted(self, density: np.ndarray) -> np.ndarray:
        """Counts by cell, each child shared among its possible causes by density; seen bins alone."""
        weight = density[self.cell]
        total = np.bincount(self.child, weights=weight, minlength=len(self.queue))
        share = weight / np.maximum(total[self.child], 1e-300)
        return np.bincount(self.cell[self.seen], weights=share[self.seen], minlength=len(density))


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
    pool = np.flatnonzero(contacts.known & (contacts.queue >= 0))
    found = _ties(contacts, Asking(pool, contacts.start_ms[pool], pool), links, edges, now_ms, settings)
    moved = _controls(contacts, pool, now_ms, settings)
    control = [_ties(contacts, asking, None, edges, now_ms, settings) for asking in moved]
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
        edges, direct.reshape(shape), by_chance.reshape(shape), parents, known_share, controls=len(control)
    )


def kernel_table(counts: Counts, contacts: Contacts) -> pd.DataFrame:
    """Table ``kernel``: r with 10 % and 90 % points, where links exceed what chance explains.

    A pair of queues enters where its excess is above two standard deviations of its count; bins below zero
    are set to zero and the others scaled, so that the pair's total is kept.
    """
    edges = counts.edges_min
    known = np.maximum(counts.known_share, 1e-9)[None, :, None]
    weight = (counts.parents > 0)[:, None, :] / (np.maximum(counts.parents, 1)[:, None, :] * known)
    rate = (counts.links - counts.background) * weight
    sd = np.sqrt(counts.links + counts.background) * weight
    total, noise = rate.sum(axis=2), np.sqrt((sd**2).sum(axis=2))
    rate = np.maximum(rate, 0.0)
    rate *= (total / np.maximum(rate.sum(axis=2), 1e-300))[:, :, None]
    pairs = np.argwhere((total > _NOISE_SD * noise) & (total > 0))
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
    seen = contacts.abandoned & contacts.known & over
    child = np.flatnonzero(links.redial & contacts.known)
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
        starts = np.sort(contacts.start_ms[(contacts.queue == q) & contacts.served & contacts.known])
        out[q] = np.searchsorted(starts, now_ms - edges[1:] * MINUTE_MS, side="right")
    return out


def _ties(
    contacts: Contacts,
    asking: Asking,
    links: Links | None,
    edges: np.ndarray,
    now_ms: int,
    settings: ChainSettings,
) -> _Ties:
    """Possible causes of each asking contact: served contacts of known identity.

    A hard link is the only cause, and a redial has none. Moved copies have no links (``links`` None).
    """
    pairs = candidates(contacts, asking, settings)
    child, parent = pairs.asking, pairs.parent
    if links is None:
        again = is_redial(contacts, parent, asking.row[child], asking.start_ms[child], settings)
        settled = np.zeros(len(asking.row), dtype=bool)
        settled[child[again]] = True
    else:
        settled = links.hard[asking.row] | links.redial[asking.row]
    open_ = ~settled[child]
    child, parent = child[open_], parent[open_]
    if links is not None:
        hard = np.flatnonzero(links.hard[asking.row] & ~links.redial[asking.row])
        child = np.concatenate([child, hard])
        parent = np.concatenate([parent, links.parent[asking.row[hard]]])
    keep = contacts.served[parent] & contacts.known[parent] & (contacts.queue[parent] >= 0)
    child, parent = child[keep], parent[keep]
    bins, queues = len(edges) - 1, len(contacts.queues)
    lag_min = (asking.start_ms[child] - contacts.start_ms[parent]) / MINUTE_MS
    b = np.searchsorted(edges, lag_min, side="right") - 1
    inside = (b >= 0) & (b < bins)
    child, parent, b = child[inside], parent[inside], b[inside]
    cell = (contacts.queue[parent] * queues + contacts.queue[asking.row[child]]) * bins + b
    seen = contacts.start_ms[parent] + edges[b + 1] * MINUTE_MS <= now_ms
    return _Ties(child, cell, seen, contacts.queue[asking.row])


def _controls(contacts: Contacts, pool: np.ndarray, now_ms: int, settings: ChainSettings) -> list[Asking]:
    """Two copies of the log moved by a third and two thirds of its weeks; none where it is too short."""
    if not len(pool):
        return []
    weeks = (now_ms - int(contacts.start_ms.min()) + _SLACK_MS) // _WEEK_MS
    if weeks < _LEAST_WINDOWS * (int(np.ceil(settings.window_h / 168)) + 1):
        return []
    pool = pool[contacts.start_ms[pool] >= now_ms - weeks * _WEEK_MS]
    return [_moved(contacts, pool, weeks, shift, now_ms) for shift in (weeks // 3, 2 * weeks // 3)]


def _moved(contacts: Contacts, pool: np.ndarray, weeks: int, shift: int, now_ms: int) -> Asking:
    """Copies of the contacts moved by whole weeks, those past the end coming in at the beginning."""
    first = now_ms - weeks * _WEEK_MS
    start = first + (contacts.start_ms[pool] - first + shift * _WEEK_MS) % (weeks * _WEEK_MS)
    origin = int(min(contacts.start_ms.min(), first))
    span = now_ms - origin + 1
    key = contacts.customer * span + (contacts.start_ms - origin)
    before = np.searchsorted(key, contacts.customer[pool] * span + (start - origin), side="left")
    return Asking(pool, start, before.astype(np.int64), moved=True)


def _fresh_per_moved(
    links: Links, pool: np.ndarray, found: _Ties, control: list[_Ties], queues: int
) -> np.ndarray:
    """Truly fresh contacts for each moved one, by queue, shape (Q,): what scales the controls to the log."""
    alone = np.bincount(found.queue[~(found.tied | (links.parent[pool] >= 0))], minlength=queues)
    moved = sum((np.bincount(c.queue, minlength=queues) for c in control), np.zeros(queues))
    tied = sum((np.bincount(c.queue[c.tied], minlength=queues) for c in control), np.zeros(queues))
    chance = tied / np.maximum(moved, 1)
    return np.asarray(alone / np.maximum(1 - chance, 1e-9) / np.maximum(moved, 1))
