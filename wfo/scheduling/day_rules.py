"""Which of the 128 patterns of days worked a week may have, given the weeks before and the week after.

Every rule about whole days is a filter on patterns, one named function each. A pattern is *safe* when some
week after it is legal and safe again, so that a published week never leaves an agent without a legal next
one.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

PATTERNS = ((np.arange(128)[:, None] >> np.arange(6, -1, -1)) & 1).astype(bool)
"""Days worked of each pattern, shape (128, 7); the first day is the highest bit."""
_NO_LIMIT = 99


@dataclass(frozen=True)
class DayRules:
    """What a contract says about days; hashable.

    Attributes
    ----------
    counts : frozenset of int
        Days of a week that hours and days allow.
    on_min, on_max, off_min, off_max : int
        Consecutive days worked, consecutive days off.
    worked, of : int
        At most so many weekends worked of so many in a row; ``of`` 0: no rule.
    whole : bool
        A weekend is worked on all of its days or on none.
    weekend : tuple of int
        Days of the week that belong to a weekend, as numbers from the week's first day.
    first : int
        The day on which a weekend begins.
    """

    counts: frozenset[int]
    on_min: int = 1
    on_max: int = _NO_LIMIT
    off_min: int = 1
    off_max: int = _NO_LIMIT
    worked: int = 0
    of: int = 0
    whole: bool = False
    weekend: tuple[int, ...] = (5, 6)
    first: int = 5

    @property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        """Days of each weekend in the week, in order; the first may have begun in the week before."""
        found: list[list[int]] = []
        for day in sorted(self.weekend):
            if not found or day == self.first:
                found.append([])
            found[-1].append(day)
        return tuple(tuple(part) for part in found)

    @property
    def straddles(self) -> bool:
        """Whether the week begins inside a weekend."""
        return 0 in self.weekend and self.first != 0


@dataclass(frozen=True)
class Past:
    """What the days before a week leave behind.

    Attributes
    ----------
    on, off : int
        Days in a row worked, or off, up to the week; both 0: nothing is known.
    idle : int
        The days off among `off` beside leave.
    weekends : int
        Bit n: the n-th last weekend that is over was worked.
    begun : int
        Of a weekend that has begun: 1 worked, 0 not; -1 not known, or none has begun.
    """

    on: int = 0
    off: int = 0
    idle: int = 0
    weekends: int = 0
    begun: int = -1


def days_in_week(rules: DayRules, past: Past, leave: int = 0) -> np.ndarray:
    """Patterns with as many days as hours and days of the week allow."""
    return np.isin(PATTERNS.sum(axis=1), sorted(rules.counts))


def days_in_row(rules: DayRules, past: Past, leave: int = 0) -> np.ndarray:
    """Patterns whose runs of days worked are neither too short nor too long."""
    legal, run = np.ones(128, bool), np.full(128, past.on)
    for on in PATTERNS.T:
        legal &= on | (run == 0) | (run >= rules.on_min)
        run = np.where(on, run + 1, 0)
        legal &= run <= max(rules.on_max, 0)
    return legal


def days_off_in_row(rules: DayRules, past: Past, leave: int = 0) -> np.ndarray:
    """Patterns whose runs of days off are neither too short nor, beside leave, too long."""
    legal, run, idle = np.ones(128, bool), np.full(128, past.off), np.full(128, past.idle)
    for day, on in enumerate(PATTERNS.T):
        legal &= ~on | (run == 0) | (run >= rules.off_min)
        run = np.where(on, 0, run + 1)
        idle = np.where(on, 0, idle + (not leave >> day & 1))
        legal &= idle <= max(rules.off_max, past.idle)
    return legal


def weekends(rules: DayRules, past: Past, leave: int = 0) -> np.ndarray:
    """Patterns with at most ``worked`` of any ``of`` weekends in a row, and whole ones where asked."""
    legal = np.ones(128, bool)
    if not rules.of:
        return legal
    history = np.full(128, past.weekends)
    for n, part in enumerate(rules.parts):
        begun = past.begun if n == 0 and rules.straddles else -1
        days = PATTERNS[:, part]
        now = days.any(axis=1)
        if rules.whole:
            legal &= (days == days[:, :1]).all(axis=1)
            legal &= (begun < 0) | (now == (begun == 1))
        window = history & ((1 << (rules.of - 1)) - 1)
        count = np.array([int(w).bit_count() for w in window])
        legal &= ~now | (begun == 1) | (count + 1 <= rules.worked)
        history = history << 1 | (now | (begun == 1))
    return legal


RULES = (days_in_week, days_in_row, days_off_in_row, weekends)
"""Every rule about whole days."""


def past_after(rules: DayRules, past: Past, pattern: int) -> Past:
    """What a week leaves to the one after it, counted no further than any rule looks."""
    days = PATTERNS[pattern]
    on = off = idle = 0
    on, off, idle = past.on, past.off, past.idle
    for worked in days:
        on, off, idle = (on + 1, 0, 0) if worked else (0, off + 1, idle + 1)
    history, begun = past.weekends, -1
    if rules.of:
        for n, part in enumerate(rules.parts):
            now = bool(days[list(part)].any()) or (n == 0 and rules.straddles and past.begun == 1)
            if part[-1] == 6 and len(part) < len(rules.weekend) and part[0] == rules.first:
                begun = int(now)
            else:
                history = history << 1 | int(now)
    most = rules.off_max if rules.off_max < _NO_LIMIT else rules.off_min
    return Past(
        min(on, max(rules.on_min, rules.on_max if rules.on_max < _NO_LIMIT else 0)),
        min(off, max(rules.off_min, most)),
        min(idle, rules.off_max) if rules.off_max < _NO_LIMIT else 0,
        history & ((1 << max(0, rules.of - 1)) - 1),
        begun,
    )


def legal_patterns(rules: DayRules, past: Past, leave: int = 0) -> np.ndarray:
    """Patterns that keep every rule, bool, shape (128,).

    Parameters
    ----------
    leave : int
        Bit d: leave covers the week's day d, so that a day off there is not counted as too many.
    """
    return np.logical_and.reduce([rule(rules, past, leave) for rule in RULES])


def safe_patterns(usual: DayRules, past: Past) -> np.ndarray:
    """Patterns after which the contract has a legal week, and one after that, and so on; shape (128,).

    Parameters
    ----------
    usual : DayRules
        Of the weeks to come: those of the contract alone.
    """
    safe = _safe_pasts(usual)
    return np.array([_is_safe(usual, past_after(usual, past, n), safe) for n in range(128)])


def _is_safe(rules: DayRules, past: Past, safe: dict[Past, bool]) -> bool:
    """Whether a week can follow, and so on for ever; grows the memory."""
    if past not in safe:
        graph: dict[Past, set[Past]] = {}
        waiting = [past]
        while waiting:
            here = waiting.pop()
            if here in graph or here in safe:
                continue
            graph[here] = {
                past_after(rules, here, int(n)) for n in np.flatnonzero(legal_patterns(rules, here))
            }
            waiting += graph[here]
        alive = set(graph)
        while True:
            kept = {p for p in alive if any(q in alive or safe.get(q, False) for q in graph[p])}
            if kept == alive:
                break
            alive = kept
        safe.update({p: p in alive for p in graph})
    return safe[past]


@lru_cache(maxsize=256)
def _safe_pasts(rules: DayRules) -> dict[Past, bool]:
    """What is known of each past under the rules: whether legal weeks can follow for ever."""
    return {}


def diagram(legal: np.ndarray) -> np.ndarray:
    """The smallest layered automaton that reads exactly the legal patterns.

    Parameters
    ----------
    legal : bool, shape (128,)

    Returns
    -------
    ndarray of int64, shape (7, S, 2)
        Node of the next day's layer after a day off and after a day worked; -1: no legal week goes on so. The
        first node of every layer is 0.
    """
    layers = []
    for day in range(8):
        rests = legal.reshape(1 << day, -1)
        nodes, node_of = np.unique(rests, axis=0, return_inverse=True)
        layers.append((nodes, node_of.ravel()))
    numbers = [np.cumsum(nodes.any(axis=1)) - 1 for nodes, _ in layers]
    step = np.full((7, max(int(n[-1]) + 1 for n in numbers), 2), -1, np.int64)
    for day, ((nodes, node_of), (after, after_of)) in enumerate(pairwise(layers)):
        for prefix in range(1 << day):
            if nodes[node_of[prefix]].any():
                for worked in (0, 1):
                    node = after_of[2 * prefix + worked]
                    target = int(numbers[day + 1][node]) if after[node].any() else -1
                    step[day, numbers[day][node_of[prefix]], worked] = target
    return step
