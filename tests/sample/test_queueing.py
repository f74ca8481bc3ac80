"""The past's queue: against a plain event-by-event count, and its laws."""

import numpy as np
import pytest

from wfo.sample.queueing import ABANDONED, HANDLED, OPEN, run_queue

HORIZON = 30 * 86400.0


def play(at, *, servers=1, patience=np.inf, handle=100.0, redial=0.0, p=0.0, seed=0, hours=None):
    """One voice queue, always open unless told, agents who never leave, unit draws unless told."""
    never = np.full(servers, HORIZON)
    n, capacity = len(at), 4 * len(at) + 10
    rng = np.random.default_rng(seed)
    opens = np.array([0.0]) if hours is None else np.arange(30) * 86400.0 + hours[0]
    closes = np.array([HORIZON]) if hours is None else np.arange(30) * 86400.0 + hours[1]
    laws = (
        np.array([0]), np.array([handle]), np.array([patience]), np.ones(1),
        np.full((1, 1), p), np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1)), np.full((1, 1), -1),
        np.zeros(1), np.zeros(1, dtype=np.int64), 1.3, redial, 480.0, 1800.0, 7200.0, 2.5, 240.0,
    )  # fmt: skip
    draws = (
        np.ones(capacity),
        np.ones(capacity),
        np.ones(capacity),
        rng.random((capacity, 5)),
        rng.normal(size=capacity),
    )
    return run_queue(
        (np.asarray(at, float), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)),
        HORIZON,
        (np.array([0, len(opens)]), opens, closes),
        (np.array([0, servers]), np.arange(servers), np.arange(servers + 1), np.zeros(servers), never),
        np.ones((1, servers), dtype=bool),
        np.ones((servers, 5)),
        np.zeros((servers, 5)),
        laws,
        draws,
        np.zeros((1, 6), dtype=np.int64),
        np.zeros(1),
    )  # fmt: skip


@pytest.mark.parametrize("servers", [1, 3])
@pytest.mark.parametrize("patience", [np.inf, 60.0])
def test_waits_are_those_of_first_come_first_served(servers, patience):
    at = np.sort(np.random.default_rng(3).random(300) * 12000.0 / servers)
    _, _, _, _, _, _, _, wait, start, _, end, _, outcome, _ = play(at, servers=servers, patience=patience)
    free = [0.0] * servers
    for k, moment in enumerate(at):
        best = min(range(servers), key=free.__getitem__)
        ready = max(free[best], moment)
        if ready - moment > patience:
            assert outcome[k] == ABANDONED
            assert (wait[k], end[k]) == (patience, moment + patience)
        else:
            assert outcome[k] == HANDLED
            assert (start[k], end[k]) == (ready, ready + 100.0)
            free[best] = ready + 100.0
    assert (ABANDONED in outcome) == (patience < np.inf)


def test_redials_come_within_half_an_hour_and_at_the_stated_share():
    at = np.arange(2000) * 1000.0
    out = play(at, patience=1.0, handle=5000.0, redial=0.45, seed=4)
    arrival, parent, outcome = out[0], out[3], out[12]
    child = np.flatnonzero(parent >= 0)
    assert (outcome[parent[child]] == ABANDONED).all()
    assert len(child) / (outcome == ABANDONED).sum() == pytest.approx(0.45, abs=0.03)
    gap = arrival[child] - (arrival[parent[child]] + 1.0)
    assert gap.min() >= 0
    assert gap.max() <= 1800


def test_follow_ups_at_the_stated_share_and_delay():
    at = np.sort(np.random.default_rng(1).random(20000) * 10 * 86400.0)
    out = play(at, servers=400, p=0.2, seed=5)
    arrival, parent, before, work, end = out[0], out[3], out[6], out[9], out[10]
    child = np.flatnonzero(parent >= 0)
    assert len(child) / len(arrival) == pytest.approx(0.2, abs=0.01)
    lag = (arrival[child] - end[parent[child]]) / 86400.0
    assert (lag >= 0).all()
    assert (lag < 0.5).mean() == pytest.approx(0.5, abs=0.02)
    assert lag[lag > 0.5].mean() == pytest.approx(2.5, abs=0.05)
    assert work[before > 0] == pytest.approx(130.0)


def test_what_is_due_while_closed_lands_soon_after_the_next_opening():
    hours = (8 * 3600.0, 10 * 3600.0)
    at = np.concatenate([d * 86400.0 + np.linspace(*hours, 200, endpoint=False) for d in range(5)])
    arrival, parent = (play(at, servers=50, p=0.4, hours=hours, seed=6)[k] for k in (0, 3))
    of_day = arrival % 86400.0
    assert (of_day >= hours[0]).all()
    assert (of_day < hours[1]).all()
    assert (parent >= 0).any()


def test_without_anyone_on_duty_contacts_stay_open():
    out = play(np.arange(5) * 10.0, servers=0)
    assert (out[12] == OPEN).all()
    assert np.isinf(out[8]).all()
