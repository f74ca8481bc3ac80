"""Patterns of days: rules against plain counting, safety against playing on, automata against patterns."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.scheduling.day_rules import (
    PATTERNS,
    RULES,
    DayRules,
    Past,
    diagram,
    legal_patterns,
    past_after,
    safe_patterns,
)

ANY = frozenset(range(8))


def runs(days, value):
    """Start and length of each run of a value."""
    at = 0
    for key, group in itertools.groupby(days):
        size = len(list(group))
        if key == value:
            yield at, size
        at += size


def by_hand(rules, before, days):
    """Whether the rules hold on the days of this week, three weeks before it known; from a Monday."""
    line = [*before, *days]
    if sum(days) not in rules.counts:
        return False
    for value, low, high in ((1, rules.on_min, rules.on_max), (0, rules.off_min, rules.off_max)):
        for at, size in runs(line, value):
            over = size > high and at + size > len(before)
            short = size < low and len(before) <= at + size < len(line)
            if over or short:
                return False
    if rules.of:
        worked = [any(line[7 * w + d] for d in rules.weekend) for w in range(len(line) // 7)]
        if worked[-1] and sum(worked[-rules.of :]) > rules.worked:
            return False
        if rules.whole and len({days[d] for d in rules.weekend}) > 1:
            return False
    return True


def past_of(rules, before):
    past = Past()
    for week in range(len(before) // 7):
        past = past_after(rules, past, int("".join(str(int(d)) for d in before[7 * week : 7 * week + 7]), 2))
    return past


RULES_STRATEGY = st.builds(
    DayRules,
    counts=st.sets(st.integers(0, 7), min_size=1).map(frozenset),
    on_min=st.integers(1, 3),
    on_max=st.integers(3, 8),
    off_min=st.integers(1, 2),
    off_max=st.integers(2, 9),
    worked=st.integers(0, 2),
    of=st.integers(0, 3),
    whole=st.booleans(),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(rules=RULES_STRATEGY, before=st.lists(st.booleans(), min_size=21, max_size=21))
def test_patterns_are_those_that_counting_allows(rules, before):
    # A run that was broken before this week's first day is none of this week's.
    before = [int(d) for d in before]
    if rules.off_max < 9 and max(size for _, size in runs([*before, 1], 0) or [(0, 0)]) > rules.off_max:
        return
    if max((size for _, size in runs(before, 1)), default=0) > rules.on_max:
        return
    legal = legal_patterns(rules, past_of(rules, before))
    for pattern in range(128):
        days = PATTERNS[pattern].astype(int).tolist()
        assert legal[pattern] == by_hand(rules, before, days), (before, days)


def plays(rules, past, weeks):
    """Whether so many legal weeks can follow, by trying them."""
    if weeks == 0:
        return True
    return any(
        plays(rules, past_after(rules, past, int(n)), weeks - 1)
        for n in np.flatnonzero(legal_patterns(rules, past))
    )


def test_weekend_in_two_halves():
    """A week that begins on Sunday: its first day ends a weekend, its last begins another."""
    rules = DayRules(ANY, worked=1, of=2, weekend=(0, 6), first=6)
    assert rules.straddles
    assert rules.parts == ((0,), (6,))
    both = PATTERNS[:, 0] & PATTERNS[:, 6]
    fresh = legal_patterns(rules, Past(begun=0))
    assert not (fresh & both).any()
    assert (fresh | both).all()
    counted = legal_patterns(rules, Past(begun=1))  # the weekend of Sunday counts already
    assert (counted == ~PATTERNS[:, 6]).all()
    whole = legal_patterns(DayRules(ANY, worked=2, of=2, whole=True, weekend=(0, 6), first=6), Past(begun=1))
    assert (whole == PATTERNS[:, 0]).all()
    after = past_after(rules, Past(begun=0), int("0000001", 2))
    assert (after.weekends, after.begun) == (0, 1)


def test_full_week_after_a_weekend_worked():
    """Five days in a row, five a week, every other weekend: a Sunday worked last kills the next week."""
    rules = DayRules(frozenset({5}), on_max=5, worked=1, of=2)
    late, early = (int(text, 2) for text in ("0011111", "1111100"))
    legal, safe = legal_patterns(rules, Past()), safe_patterns(rules, Past())
    assert legal[late]
    assert not legal_patterns(rules, past_after(rules, Past(), late)).any()
    assert not safe[late]
    assert safe[early]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(rules=RULES_STRATEGY, seed=st.integers(0, 2**20))
def test_safe_is_what_can_be_played_on(rules, seed):
    safe = safe_patterns(rules, Past())
    for pattern in np.random.default_rng(seed).choice(128, 4, replace=False):
        after = past_after(rules, Past(), int(pattern))
        if safe[pattern]:
            assert plays(rules, after, 3)
        else:
            assert not lasts(rules, after, 200)


def lasts(rules, past, weeks):
    """Whether any sequence of so many weeks exists, by the set of pasts that can be reached."""
    here = {past}
    for _ in range(weeks):
        here = {past_after(rules, p, int(n)) for p in here for n in np.flatnonzero(legal_patterns(rules, p))}
        if not here or len(here) > 40:
            return bool(here)
    return True


def test_leave_is_no_day_off_too_many():
    rules = DayRules(ANY, off_max=2)
    three_off = int("1100011", 2)
    assert not legal_patterns(rules, Past())[three_off]
    assert legal_patterns(rules, Past(), leave=0b0010000)[three_off]


@pytest.mark.parametrize("seed", range(20))
def test_automaton_reads_exactly_the_legal_patterns(seed):
    legal = np.random.default_rng(seed).random(128) < (0.02, 0.5, 0.98)[seed % 3]
    legal[5] = True
    step = diagram(legal)
    for pattern, wanted in enumerate(legal):
        node = 0
        for day in range(7):
            node = -1 if node < 0 else step[day, node, int(PATTERNS[pattern, day])]
        assert (node == 0) == wanted


def test_automaton_is_small():
    five_of_seven = PATTERNS.sum(axis=1) == 5
    assert diagram(five_of_seven).shape[1] == 3  # days off taken so far, no more


def test_every_rule_is_tried_alone():
    """Each rule forbids something that all others allow."""
    cases = {
        "days_in_week": DayRules(frozenset({5})),
        "days_in_row": DayRules(ANY, on_max=3),
        "days_off_in_row": DayRules(ANY, off_min=2),
        "weekends": DayRules(ANY, worked=1, of=2, whole=True),
    }
    assert set(cases) == {rule.__name__ for rule in RULES}
    for name, rules in cases.items():
        counts = {rule.__name__: rule(rules, Past()).sum() for rule in RULES}
        assert {n for n, count in counts.items() if count < 128} == {name}
