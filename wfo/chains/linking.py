"""Which earlier contact of the same customer a contact continues.

Each contact is linked to its best-scoring predecessor among the customer's last few within the window. Hard
links (a named parent, the same case) come first. The score is the logistic of a sum of log-odds
(`LinkWeights`).
"""

from dataclasses import dataclass

import numpy as np

from wfo.chains.contacts import HOUR_MS, MINUTE_MS, Contacts
from wfo.chains.settings import ChainSettings


@dataclass(frozen=True)
class Links:
    """The predecessor of each of n contacts.

    Attributes
    ----------
    parent : ndarray of int64
        Index of the contact continued, −1 for a fresh one.
    probability : ndarray of float64
        Of the link; 1 for hard links, NaN for fresh contacts.
    redial : ndarray of bool
        The link follows an abandoned contact of the same channel within the redial time.
    hard : ndarray of bool
        The parent was named, or shares the case.
    """

    parent: np.ndarray
    probability: np.ndarray
    redial: np.ndarray
    hard: np.ndarray


@dataclass(frozen=True)
class Asking:
    """Contacts that look for a predecessor; in the time-shifted control they are moved copies.

    Attributes
    ----------
    row : ndarray of int64
        Index of the contact in `Contacts`.
    start_ms : ndarray of int64
        When it starts.
    before : ndarray of int64
        Number of contacts that come before it in the order of `Contacts`: its candidates end there.
    moved : bool
        Whether it is a moved copy: case ids then say nothing.
    """

    row: np.ndarray
    start_ms: np.ndarray
    before: np.ndarray
    moved: bool = False


@dataclass(frozen=True)
class Pairs:
    """Asking contacts and possible predecessors, shape (pairs,).

    Attributes
    ----------
    asking, parent : ndarray of int64
        Index into `Asking`, and of the contact.
    score : ndarray of float64
        Log-odds of the link.
    """

    asking: np.ndarray
    parent: np.ndarray
    score: np.ndarray


def link(contacts: Contacts, settings: ChainSettings) -> Links:
    """Link all contacts: the named parent, else the same case, else the best score."""
    rows = np.arange(len(contacts))
    parent, score = best_predecessors(contacts, Asking(rows, contacts.start_ms, rows), settings)
    named = np.where(contacts.parent >= 0, contacts.parent, _same_case(contacts))
    hard = named >= 0
    parent = np.where(hard, named, parent)
    probability = np.where(hard, 1.0, np.where(parent >= 0, 1.0 / (1.0 + np.exp(-score)), np.nan))
    linked = parent >= 0
    redial = np.zeros(len(contacts), dtype=bool)
    redial[linked] = is_redial(contacts, parent[linked], rows[linked], contacts.start_ms[linked], settings)
    return Links(parent, probability, redial, hard)


def best_predecessors(
    contacts: Contacts, asking: Asking, settings: ChainSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Best-scoring predecessor of each asking contact, and its log-odds.

    Returns
    -------
    parent : ndarray of int64
        −1 where no candidate is above the threshold.
    score : ndarray of float64
        Log-odds of the best candidate, −inf without one; of equal scores the later contact wins.
    """
    pairs = candidates(contacts, asking, settings)
    parent, score = np.full(len(asking.row), -1, dtype=np.int64), np.full(len(asking.row), -np.inf)
    order = np.lexsort([-pairs.parent, -pairs.score, pairs.asking])
    first = order[np.r_[True, np.diff(pairs.asking[order]) > 0]] if len(order) else order
    parent[pairs.asking[first]] = pairs.parent[first]
    score[pairs.asking[first]] = pairs.score[first]
    return parent, score


def candidates(contacts: Contacts, asking: Asking, settings: ChainSettings) -> Pairs:
    """Every pair above the threshold among the customer's last few contacts within the window."""
    least = float(np.log(settings.threshold / (1 - settings.threshold)))
    active = np.arange(len(asking.row))
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for back in range(1, settings.predecessors + 1):
        candidate = asking.before[active] - back
        same = (candidate >= 0) & (contacts.customer[candidate] == contacts.customer[asking.row[active]])
        active, candidate = active[same], candidate[same]
        if not len(active):
            break
        score = _score(contacts, candidate, asking, active, settings)
        good = score > least
        found.append((active[good], candidate[good], score[good]))
    if not found:
        none = np.empty(0, dtype=np.int64)
        return Pairs(none, none, np.empty(0))
    return Pairs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def is_redial(
    contacts: Contacts, parent: np.ndarray, child: np.ndarray, start_ms: np.ndarray, settings: ChainSettings
) -> np.ndarray:
    """Whether each child calls again after its parent was abandoned."""
    gap = start_ms - contacts.end_ms[parent]
    soon = (gap >= 0) & (gap <= settings.redial_min * MINUTE_MS)
    return np.asarray(
        contacts.abandoned[parent] & soon & (contacts.channel[parent] == contacts.channel[child])
    )


def _score(
    contacts: Contacts, i: np.ndarray, asking: Asking, active: np.ndarray, settings: ChainSettings
) -> np.ndarray:
    """Log-odds that the asking contacts continue contacts ``i``; −inf beyond the window."""
    w = settings.weights
    j, start = asking.row[active], asking.start_ms[active]
    gap_h = np.maximum(start - contacts.end_ms[i], 0) / HOUR_MS
    value = w.base + w.gap * np.log1p(gap_h / w.gap_h)
    value += _agreement(contacts.intent[i], contacts.intent[j], w.same_intent, w.other_intent)
    if not asking.moved:
        value += _agreement(contacts.case[i], contacts.case[j], w.same_case, w.other_case)
    value += np.select(
        [contacts.resolved[i] == 1, contacts.resolved[i] == 0], [-w.unresolved, w.unresolved], 0.0
    )
    value += w.open_promise * (contacts.promise_ms[i] > start)
    value += w.unstaffed_to_staffed * (~contacts.staffed[i] & contacts.staffed[j])
    value += w.redial * is_redial(contacts, i, j, start, settings)
    return np.where(gap_h <= settings.window_h, value, -np.inf)


def _agreement(left: np.ndarray, right: np.ndarray, same: float, other: float) -> np.ndarray:
    both = (left >= 0) & (right >= 0)
    return np.where(both, np.where(left == right, same, other), 0.0)


def _same_case(contacts: Contacts) -> np.ndarray:
    """Index of the contact before with the same case id, −1 where there is none."""
    out = np.full(len(contacts), -1, dtype=np.int64)
    rows = np.flatnonzero(contacts.case >= 0)
    rows = rows[np.lexsort([rows, contacts.start_ms[rows], contacts.case[rows]])]
    earlier, later = rows[:-1], rows[1:]
    follows = (contacts.case[earlier] == contacts.case[later]) & (
        contacts.start_ms[earlier] < contacts.start_ms[later]
    )
    out[later[follows]] = earlier[follows]
    return out
