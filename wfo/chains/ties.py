"""Ties: which contacts could have caused a contact, in the log and in moved copies of it."""

from dataclasses import dataclass

import numpy as np

from wfo.chains.contacts import MINUTE_MS, Contacts
from wfo.chains.linking import Asking, Links, candidates, is_redial
from wfo.chains.settings import ChainSettings

_WEEK_MS = 7 * 24 * 60 * MINUTE_MS
_SLACK_MS = 6 * 60 * MINUTE_MS
_LEAST_WINDOWS = 3
_LEAST_PAIRS = 100
_LEAST_AGREEMENT = 0.5


@dataclass(frozen=True)
class Ties:
    """Possible causes of contacts.

    ``child`` and ``cell``: number of the contact and flat (from, to, bin) of each tie; ``seen``: whether
    the bin was seen in full; ``weight``: links the tie stands for; ``queue``: of each contact, tied or not.
    """

    child: np.ndarray
    cell: np.ndarray
    seen: np.ndarray
    weight: np.ndarray
    queue: np.ndarray

    @property
    def tied(self) -> np.ndarray:
        """Whether each contact has a possible cause."""
        return np.bincount(self.child, minlength=len(self.queue)) > 0

    def counted(self, density: np.ndarray) -> np.ndarray:
        """Counts by cell, each child shared among its possible causes by density; seen bins alone."""
        own = density[self.cell]
        total = np.bincount(self.child, weights=own, minlength=len(self.queue))
        share = self.weight * own / np.maximum(total[self.child], 1e-300)
        return np.bincount(self.cell[self.seen], weights=share[self.seen], minlength=len(density))


@dataclass(frozen=True)
class Rule:
    """By which ties are made."""

    edges: np.ndarray
    now_ms: int
    agreement: float
    settings: ChainSettings


def intent_agreement(contacts: Contacts, links: Links) -> float:
    """How often a follow-up states the intent of the contact it follows.

    Counted over named parents and redials; 1 where fewer than a hundred of them state both intents.
    """
    sure = np.flatnonzero((contacts.parent >= 0) | (links.redial & ~links.hard))
    before, after = contacts.intent[links.parent[sure]], contacts.intent[sure]
    both = (before >= 0) & (after >= 0)
    if both.sum() < _LEAST_PAIRS:
        return 1.0
    return max(_LEAST_AGREEMENT, float((before == after)[both].mean()))


def ties_of(contacts: Contacts, asking: Asking, links: Links | None, rule: Rule) -> Ties:
    """Possible causes of each asking contact: served, anchored contacts.

    A hard link is the only cause, and a redial has none. Moved copies have no links (``links`` None).
    """
    pairs = candidates(contacts, asking, rule.settings)
    child, parent = pairs.asking, pairs.parent
    settled = np.zeros(len(asking.row), dtype=bool)
    if links is None:
        again = is_redial(contacts, parent, asking.row[child], asking.start_ms[child], rule.settings)
        settled[child[again]] = True
    else:
        settled = links.hard[asking.row] | links.redial[asking.row]
    soft = ~settled[child]
    child, parent = child[soft], parent[soft]
    by_intent = contacts.intent[parent] == contacts.intent[asking.row[child]]
    weight = np.where(by_intent & (contacts.intent[parent] >= 0), 1.0 / rule.agreement, 1.0)
    if links is not None:
        hard = np.flatnonzero(links.hard[asking.row] & ~links.redial[asking.row])
        child = np.concatenate([child, hard])
        parent = np.concatenate([parent, links.parent[asking.row[hard]]])
        weight = np.concatenate([weight, np.ones(len(hard))])
    bins, queues = len(rule.edges) - 1, len(contacts.queues)
    lag_min = (asking.start_ms[child] - contacts.start_ms[parent]) / MINUTE_MS
    b = np.searchsorted(rule.edges, lag_min, side="right") - 1
    keep = contacts.served[parent] & contacts.anchored[parent] & (contacts.queue[parent] >= 0)
    keep &= (b >= 0) & (b < bins)
    child, parent, weight, b = child[keep], parent[keep], weight[keep], b[keep]
    cell = (contacts.queue[parent] * queues + contacts.queue[asking.row[child]]) * bins + b
    seen = contacts.start_ms[parent] + rule.edges[b + 1] * MINUTE_MS <= rule.now_ms
    return Ties(child, cell, seen, weight, contacts.queue[asking.row])


def controls_of(contacts: Contacts, pool: np.ndarray, now_ms: int, settings: ChainSettings) -> list[Asking]:
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
