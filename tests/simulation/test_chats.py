"""Chats whose agent is the faster the fewer he holds: by hand, and beside the published Markov chain."""

import numpy as np
import pytest
from small_centres import START, always_there, demand

from wfo.domain.centre import Centre, Queue
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import play_trace, simulate
from wfo.simulation.trace import Trace
from wfo.timegrid import TimeGrid


def chats(session_s, agents, *, days, patience_s=np.inf, per_interval=0):
    grid = TimeGrid(START, 15, 96 * days)
    queue = Queue(channel="chat", law="concurrent", concurrency=len(session_s), session_s=session_s)
    paths = demand(
        grid,
        ("chat",),
        np.full((1, 1, grid.n), per_interval, dtype=np.int32),
        handle_mean_s=np.full((1, grid.n), session_s[-1] / len(session_s)),
        patience_s=np.array([patience_s]),
    )
    return paths, always_there(grid, Centre(queues={"chat": queue}), agents)


def test_a_chat_goes_on_twice_as_fast_while_it_is_alone():
    """A begins alone, B joins at 10 s; A is done at 90, until when C, who came at 20, waits."""
    laws, staffing = chats((100.0, 200.0), 1, days=1)
    trace = Trace(
        queue=np.zeros(3, dtype=np.int64),
        arrival_ms=np.array([0, 10_000, 20_000]),
        handle_s=np.array([50.0, 50.0, 1.0]),
        patience_s=np.full(3, np.inf),
    )
    counts = play_trace(trace, laws, staffing, seed=1)
    assert counts.wait_ms.sum() == 70_000
    # from 90 s on B has 20 s left and C 2: C is done at 92 and B, alone again, 9 s later
    assert counts.busy_ms.sum() == (90_000 + 91_000 + 2_000) / 2


def test_chats_go_to_whoever_holds_fewest():
    """Two agents, two chats: each works at his fastest."""
    laws, staffing = chats((100.0, 200.0), 2, days=1)
    trace = Trace(np.zeros(2, dtype=np.int64), np.array([0, 0]), np.full(2, 50.0), np.full(2, np.inf))
    counts = play_trace(trace, laws, staffing, seed=1)
    assert counts.busy_ms.sum() == 2 * 50_000 / 2


def test_the_published_markov_chain():
    """Least-loaded chain of 13 agents, K = 3, open times 480, 560, 680 s: within noise of 120 days."""
    days, rng = 120, np.random.default_rng(5)
    laws, staffing = chats((480.0, 560.0, 680.0), 13, days=days, patience_s=240.0)
    size = rng.poisson(200 * 24 * days)
    trace = Trace(
        queue=np.zeros(size, dtype=np.int64),
        arrival_ms=rng.integers(0, days * 86_400_000, size=size),
        handle_s=rng.exponential(680 / 3, size=size),
        patience_s=np.full(size, np.nan),
    )
    options = SimulationOptions(threshold_ms=np.array([45_000]))
    counts = play_trace(trace, laws, staffing, seed=5, options=options)
    offered, abandoned, in_target = (
        a[0, 0].reshape(days, -1).sum(axis=1) for a in (counts.offered, counts.abandoned, counts.in_target)
    )
    held = 3 * counts.busy_ms[0, 0].reshape(days, -1).sum(axis=1) / (13 * 86_400_000)
    for days_of, exact, at_most in (
        (abandoned / offered, 0.0530432446, 0.003),
        (in_target / offered, 0.8503183894, 0.006),
        (held, 2.6029519006, 0.01),
    ):
        error = days_of.std(ddof=1) / np.sqrt(days)
        assert error < at_most
        assert days_of.mean() == pytest.approx(exact, abs=3.5 * error)


def test_open_times_by_number_held_change_nothing_where_all_slots_are_taken():
    """One slot: the only ratio is that of itself, so the queue is plain, to the bit."""
    served = []
    for session in ((300.0,), (77.0,)):
        paths, staffing = chats(session, 3, days=1, per_interval=9)
        paths = demand(paths.grid, paths.queues, paths.fresh)
        served.append(simulate(paths, staffing, seed=2).wait_ms.tolist())
    assert served[0] == served[1]
