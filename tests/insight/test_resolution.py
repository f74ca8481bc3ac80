"""Resolved in truth: the product-limit estimate against counting, and young contacts never counted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.insight.resolution import DAY_MS, kept, resolution


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=1, max_size=40), st.integers(1, 20))
def test_without_young_ones_it_is_the_plain_share(rows, until):
    time = np.array([t for t, _ in rows], dtype=float)
    event = np.array([e for _, e in rows])
    everything = np.where(event, time, 1000.0)
    share, low, high = kept(everything, event, until)
    assert share == pytest.approx(1 - np.mean(event & (time <= until)))
    assert low <= share + 1e-12
    assert high >= share - 1e-12


def test_young_ones_are_censored_as_kaplan_and_meier_do():
    # Their own worked pattern: at risk 6 then 3; 1 − 1/6, then times 1 − 1/3.
    time = np.array([1, 2, 2, 3, 4, 5], dtype=float)
    event = np.array([True, False, False, True, False, False])
    assert kept(time, event, 3.5)[0] == pytest.approx(5 / 6 * 2 / 3)


def test_the_interval_covers_a_planted_rate():
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(300):
        again = rng.exponential(10.0, 120)
        seen = rng.uniform(2, 12, 120)
        _, low, high = kept(np.minimum(again, seen), again <= seen, 5.0)
        inside += low <= np.exp(-0.5) <= high
    assert 0.74 <= inside / 300 <= 0.86


def test_word_against_truth_by_queue():
    day = DAY_MS
    steps = pd.DataFrame(
        {
            "queue": ["voice"] * 5 + ["web"],
            "outcome": ["handled", "handled", "handled", "abandoned", "handled", "contained"],
            "last": [False, True, True, True, True, True],
            "resolved": [True, True, None, None, False, None],
            "start_ms": [0, 2 * day, 0, 0, 0, 0],
            "end_ms": [0, 2 * day, 0, 0, 0, 0],
            "known": True,
            "human": [True] * 5 + [False],
        }
    )
    window = np.full(len(steps), 7 * day)
    table = resolution(steps, 30 * day, (1, 7), window).set_index("queue")
    assert table.loc["voice", "contacts"] == 4
    assert table.loc["voice", "by_word"] == pytest.approx(2 / 3)
    assert table.loc["voice", "false_success"] == pytest.approx(1 / 2)
    assert table.loc["voice", ["by_day_1", "by_day_7"]].tolist() == [1.0, pytest.approx(3 / 4)]
    assert np.isnan(table.loc["web", "by_word"])
    assert (table["identity_coverage"] == 1).all()
    assert table["containment"].to_dict() == {"voice": pytest.approx(np.nan, nan_ok=True), "web": 1.0}
    # a further contact of nobody cannot show what followed it: it changes coverage alone
    strange = steps.tail(1).assign(queue="voice", outcome="handled", resolved=True, known=False, human=True)
    more = resolution(pd.concat([steps, strange], ignore_index=True), 30 * day, (1, 7), np.append(window, 0))
    row = more.set_index("queue").loc["voice"]
    assert row["identity_coverage"] == pytest.approx(5 / 6)
    assert row.drop("identity_coverage").equals(table.loc["voice"].drop("identity_coverage"))


def test_false_success_leaves_the_young_out():
    """Ten marked resolved: five a month old, two of them followed after a day; five new and still quiet."""
    day = DAY_MS
    old = {"start_ms": 0, "end_ms": 0, "resolved": True, "last": True, "outcome": "handled"}
    rows = [old] * 3 + [{**old, "last": False}, {**old, "start_ms": day, "end_ms": day, "resolved": None}] * 2
    rows += [{**old, "start_ms": 30 * day, "end_ms": 30 * day}] * 5
    steps = pd.DataFrame(rows).assign(queue="voice", known=True, human=True)
    table = resolution(steps, 30 * day + 1, (7,), np.full(len(steps), 7 * day))
    assert table["false_success"].item() == pytest.approx(2 / 5)


def test_contained_needs_a_contact_that_ended_well_and_quiet_after_it():
    day = DAY_MS
    steps = pd.DataFrame(
        {
            "outcome": ["contained", "handled", "contained", "abandoned", "contained", "contained"],
            "last": [False, True, True, True, True, True],
            "start_ms": [0, 2 * day, 0, 0, 29 * day, 0],
            "end_ms": [0, 2 * day, 0, 0, 29 * day, 0],
            "known": [True, True, True, True, True, False],
            "human": [False, True, False, False, False, False],
            "queue": ["web", "voice", "web", "web", "web", "web"],
            "resolved": None,
        }
    )
    table = resolution(steps, 30 * day, (7,), np.full(6, 7 * day)).set_index("queue")
    assert table.loc["web", "containment"] == pytest.approx(
        1 / 3
    )  # followed, quiet, gave up; young, of nobody
    short = resolution(steps, 30 * day, (7,), np.full(6, 0.5 * day)).set_index("queue")
    assert short.loc["web", "containment"] == pytest.approx(3 / 4)
