"""Cost of failure: sums, brute force over removed kinds, small chains by hand."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.insight.removal import attribute, removal_effects

KINDS = (("web", "bill", False), ("voice", "bill", True), ("chat", "bill", True), ("voice", "move", True))
CHAINS = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), min_size=1, max_size=5),
    min_size=1,
    max_size=25,
)


def steps(chains):
    rows = [
        (f"k{k:03d}", i == len(chain) - 1, *KINDS[kind], float(cost))
        for k, chain in enumerate(chains)
        for i, (kind, cost) in enumerate(chain)
    ]
    return pd.DataFrame(rows, columns=["chain_id", "last", "channel", "intent", "human", "cost"])


@settings(max_examples=80, deadline=None)
@given(CHAINS, st.floats(0, 1))
def test_what_is_caused_is_what_failure_costs_chain_by_chain(chains, share):
    frame = steps(chains)
    done = attribute(frame, np.full(len(frame), share))
    by_chain = pd.DataFrame(
        {"chain": frame["chain_id"], "caused": done.caused, "failure": done.failure, "cost": frame["cost"]}
    )
    sums = by_chain.groupby("chain").sum()
    np.testing.assert_allclose(sums["caused"], sums["failure"], atol=1e-9)
    assert (done.caused >= 0).all()
    assert (done.failure <= frame["cost"] + 1e-9).all()
    assert (done.caused[frame["last"]] == 0).all()
    alone = frame.groupby("chain_id")["last"].transform("size") == 1
    assert (done.failure[alone] == 0).all()


def expected_cost(kind, last, cost, kinds, stop=None):
    """Expected cost of a chain, the fitted chain of kinds walked step by step until nothing is left of it."""
    moves, seen, starts = np.zeros((kinds, kinds)), np.zeros(kinds), np.zeros(kinds)
    begins = np.r_[True, last[:-1]]
    for i in range(len(kind)):
        seen[kind[i]] += 1
        starts[kind[i]] += begins[i]
        if not last[i]:
            moves[kind[i], kind[i + 1]] += 1
    mean = np.array([cost[kind == k].mean() if (kind == k).any() else 0.0 for k in range(kinds)])
    moves = moves / np.maximum(seen, 1)[:, None]
    if stop is not None:
        moves[stop] = 0
    at, total = starts / starts.sum(), 0.0
    for _ in range(3000):
        total += at @ mean
        at = at @ moves
    return total


@settings(max_examples=40, deadline=None)
@given(CHAINS)
def test_removal_saves_what_walking_the_chain_without_the_kind_saves(chains):
    frame = steps(chains)
    kind = pd.factorize(pd.MultiIndex.from_frame(frame[["channel", "intent"]]), sort=True)[0]
    last, cost = frame["last"].to_numpy(), frame["cost"].to_numpy()
    kinds = int(kind.max()) + 1
    each = removal_effects(kind, last, cost, kinds)
    visits = np.bincount(kind, minlength=kinds) / last.sum()
    whole = expected_cost(kind, last, cost, kinds)
    for k in range(kinds):
        saved = whole - expected_cost(kind, last, cost, kinds, stop=k)
        np.testing.assert_allclose(each[k] * visits[k], saved, rtol=1e-6, atol=1e-6)


def test_a_page_that_fails_pays_for_the_call_it_made_needless():
    frame = steps([[(0, 1), (1, 100)], [(0, 1)], [(1, 100)]])
    done = attribute(frame, np.full(4, 0.6))
    np.testing.assert_allclose(done.failure, [1, 60, 0, 0])
    np.testing.assert_allclose(done.caused, [61, 0, 0, 0])


def test_a_call_after_a_call_was_needed_by_a_person_anyway():
    frame = steps([[(1, 40), (1, 30)]])
    done = attribute(frame, np.full(2, 0.6))
    np.testing.assert_allclose(done.failure, [40, 0])
    np.testing.assert_allclose(done.caused, [40, 0])


def test_nothing_costs_nothing():
    done = attribute(steps([]), np.zeros(0))
    assert len(done.caused) == 0
