"""The kernel against the naive simulator: equal counts, to the millisecond."""

import numpy as np
import pytest
from oracle import Oracle
from small_centres import random_centre

from wfo.draws import Purpose, uniforms, words
from wfo.simulation.simulate import simulate

BY_INTERVAL = (
    "offered",
    "fresh",
    "carried",
    "follow_ups",
    "redials",
    "answered",
    "abandoned",
    "abandoned_short",
    "balked",
    "called_back",
    "in_target",
    "due",
    "left",
    "backlog",
    "wait_ms",
    "handle_ms",
)
LATER = (
    "step_begun",
    "step_again",
    "step_left",
    "step_wait_ms",
    "step_work_ms",
    "list_people",
    "list_calls",
    "list_reached",
    "list_dropped",
    "list_exhausted",
    "chases",
)


@pytest.mark.parametrize("seed", range(60))
def test_counts_equal_those_of_the_naive_simulator(seed):
    demand, staffing, options = random_centre(seed)
    counts = simulate(demand, staffing, seed=seed, options=options)
    for r in range(demand.n):
        draw = uniforms(words(seed, r), staffing.shift_word, int(Purpose.ABSENCE))
        oracle = Oracle(demand, staffing, options, seed, r, draw < options.absence)
        found = oracle.run()
        for name in BY_INTERVAL:
            ours = getattr(counts, name)[r]
            theirs = np.zeros_like(ours)
            for (what, q, t), amount in found.items():
                if what == name:
                    theirs[q, t] += int(amount)
            np.testing.assert_array_equal(ours, theirs, err_msg=f"{name}, replication {r}")
        for name in ("old_due", "old_in_target", "old_left"):
            theirs = [int(found[name, q, 0]) for q in range(len(demand.queues))]
            assert getattr(counts, name)[r].tolist() == theirs, name
        theirs = [int(oracle.chased[q]) for q in range(len(demand.queues))]
        assert counts.chases[r].tolist() == theirs
        later = options.later
        for name in ("begun", "again", "left", "wait", "work"):
            ours = getattr(counts, f"step_{name}" + "_ms" * (name in ("wait", "work")))[r]
            assert ours.tolist() == [int(oracle.steps[key, name]) for key in later.step_rows()], name
        for name in ("people", "calls", "reached", "dropped", "exhausted"):
            theirs = [int(oracle.lists[*key, name]) for key in later.list_rows()]
            assert getattr(counts, f"list_{name}")[r].tolist() == theirs, name
        for ours, theirs in ((counts.busy_ms[r], oracle.busy_ms), (counts.duty_ms[r], oracle.duty_ms)):
            expected = np.zeros_like(ours)
            for at, amount in theirs.items():
                expected[at] += amount
            np.testing.assert_array_equal(ours, expected)


def test_the_random_cases_are_not_trivial():
    """Together they have every kind of contact, abandonment, lateness, leftovers and old work."""
    total = dict.fromkeys((*BY_INTERVAL, *LATER, "old_due", "old_in_target", "old_left"), 0)
    for seed in range(60):
        demand, staffing, options = random_centre(seed)
        counts = simulate(demand, staffing, seed=seed, options=options)
        for name in total:
            total[name] += int(getattr(counts, name).sum())
    assert min(total.values()) > 10, total
