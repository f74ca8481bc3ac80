"""People kept for queues served at once while deferred work can wait."""

import numpy as np
import pandas as pd
import pytest
from small_centres import QUEUES, START, demand

from wfo.domain.centre import Centre
from wfo.simulation.options import OldWork, SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.staffing.erlang import performance
from wfo.timegrid import TimeGrid

CENTRE = Centre(queues={"billing": QUEUES["billing"], "email": QUEUES["email"]})
FOUR = Centre(queues={name: QUEUES[name] for name in ("billing", "sales", "email", "cases")})
MINUTE = 60_000


def _staffing(grid, agents, mains=("",), centre=CENTRE):
    """Agents who are always there and serve all queues; main queues go round."""
    names = [f"a{k}" for k in range(agents)]
    schedule = pd.DataFrame(
        {
            "agent_id": names,
            "start": pd.Timestamp(grid.start),
            "end": pd.Timestamp(grid.end),
            "schedule_date": grid.start.date(),
            "kind": "work",
            "main_queue": [mains[k % len(mains)] or None for k in range(agents)],
        }
    )
    skills = pd.DataFrame({"agent_id": names, "skill": "all"})
    routing = pd.DataFrame({"queue": list(centre.queue_ids), "skill": "all"})
    return staffing_of(schedule, pd.DataFrame({"agent_id": names}), skills, routing, centre, grid)


def _kept(grid, people):
    return np.vstack([np.full(grid.n, float(people)), np.zeros(grid.n)])


def _old(pieces, minutes, due_min):
    whole = np.full(pieces, 1, dtype=np.int64)
    return OldWork(whole, whole * due_min * MINUTE, whole * minutes * MINUTE)


@pytest.mark.parametrize("kept", [12, 14])
def test_calls_wait_as_if_only_those_kept_for_them_were_there(kept):
    """Six more have work that never ends, in pieces so long that who ends one hardly ever takes a call."""
    grid = TimeGrid(START, 15, 96 * 7)
    fresh = np.zeros((4, 2, grid.n), dtype=np.int32)
    fresh[:, 0] = np.random.default_rng(1).poisson(50, size=(4, grid.n))
    paths = demand(
        grid,
        CENTRE.queue_ids,
        fresh,
        handle_mean_s=np.full((2, grid.n), 180.0),
        patience_s=np.array([300.0, np.inf]),
    )
    options = SimulationOptions(
        old_work=_old(1000, 600, 60 * 24 * 90), kept=_kept(grid, kept), deferred_waits=1.0, max_occupancy=1.0
    )
    counts = simulate(paths, _staffing(grid, kept + 6), seed=4, options=options)
    offered = counts.offered[:, 0, 8:].sum()
    law = performance(200, 180.0, kept, patience_s=300.0, within_s=20.0)
    assert counts.old_left.sum() < 4 * (1000 - 6 * 16)
    assert counts.abandoned[:, 0, 8:].sum() / offered == pytest.approx(float(law.p_abandon), abs=0.004)
    assert counts.in_target[:, 0, 8:].sum() / offered == pytest.approx(float(law.answered_in), abs=0.015)


@pytest.mark.parametrize(("waits", "begun"), [(0.0, 0), (0.5, 2), (1.0, 4)])
def test_work_that_has_waited_long_enough_is_taken_by_who_is_kept(waits, begun):
    """Due after an hour; the only agent is kept, no call comes, he looks anew every quarter of an hour."""
    grid = TimeGrid(START, 15, 8)
    paths = demand(grid, CENTRE.queue_ids, np.zeros((1, 2, grid.n), dtype=np.int32))
    options = SimulationOptions(
        old_work=_old(1, 10, 60), kept=_kept(grid, 1), deferred_waits=waits, max_occupancy=1.0
    )
    counts = simulate(paths, _staffing(grid, 1), seed=1, options=options)
    expected = np.zeros(grid.n)
    expected[begun] = 10 * MINUTE
    np.testing.assert_array_equal(counts.busy_ms[0].sum(axis=0), expected)


@pytest.mark.parametrize(("mains", "at_once"), [(("",), 2), (("billing", "email"), 2), (("billing",), 2)])
def test_only_those_beyond_are_given_work(mains, at_once):
    """Of four two are kept; whoever keeps to the deferred queue is free for it in any case."""
    grid = TimeGrid(START, 15, 4)
    paths = demand(grid, CENTRE.queue_ids, np.zeros((1, 2, grid.n), dtype=np.int32))
    options = SimulationOptions(
        old_work=_old(9, 15, 6000), kept=_kept(grid, 2), deferred_waits=1.0, max_occupancy=1.0
    )
    counts = simulate(paths, _staffing(grid, 4, mains), seed=1, options=options)
    assert counts.busy_ms[0].sum(axis=0).tolist() == [at_once * 15 * MINUTE] * grid.n


def test_nobody_is_kept_where_nothing_is_said():
    grid = TimeGrid(START, 15, 4)
    paths = demand(grid, CENTRE.queue_ids, np.zeros((1, 2, grid.n), dtype=np.int32))
    options = SimulationOptions(old_work=_old(9, 15, 6000), deferred_waits=1.0, max_occupancy=1.0)
    counts = simulate(paths, _staffing(grid, 4), seed=1, options=options)
    assert counts.busy_ms[0].sum(axis=0).tolist() == [60 * MINUTE, 60 * MINUTE, 15 * MINUTE, 0]


@pytest.mark.parametrize(
    ("mains", "free"), [(("",), 0), (("billing", "sales"), 0), (("billing", ""), 0), (("", "", ""), 1)]
)
def test_who_keeps_to_no_queue_is_counted_once(mains, free):
    """Two are kept for calls of billing and two for sales; four or, in the last case, five serve both."""
    grid, people = TimeGrid(START, 15, 4), 4 + free
    paths = demand(grid, FOUR.queue_ids, np.zeros((1, 4, grid.n), dtype=np.int32))
    kept = np.repeat([[2.0], [2.0], [0.0], [0.0]], grid.n, axis=1)
    work = np.full(9, 2, dtype=np.int64)
    old = OldWork(work, work * 3000 * MINUTE, np.full(9, 15 * MINUTE))
    options = SimulationOptions(old_work=old, kept=kept, deferred_waits=1.0, max_occupancy=1.0)
    counts = simulate(paths, _staffing(grid, people, mains, FOUR), seed=1, options=options)
    assert counts.busy_ms[0].sum(axis=0).tolist() == [free * 15 * MINUTE] * grid.n


def test_work_that_hurries_does_not_wait_behind_what_is_due_before_it_and_does_not():
    """The one agent is kept. E-mail due in 4 h hurries after 2; a case that comes then, due in 1 h, not."""
    grid = TimeGrid(START, 15, 16)
    fresh = np.zeros((1, 4, grid.n), dtype=np.int32)
    fresh[0, 3, 8] = 1
    paths = demand(
        grid, FOUR.queue_ids, fresh, handle_mean_s=np.full((4, grid.n), 60.0), handle_cv=np.zeros(4)
    )
    kept = np.repeat([[1.0], [0.0], [0.0], [0.0]], grid.n, axis=1)
    due = np.broadcast_to((np.arange(grid.n) * 15 + 60) * MINUTE, (4, grid.n))
    old = OldWork(np.array([2]), np.array([240 * MINUTE]), np.array([10 * MINUTE]))
    options = SimulationOptions(old_work=old, due_ms=due, kept=kept, deferred_waits=0.5, max_occupancy=1.0)
    counts = simulate(paths, _staffing(grid, 1, centre=FOUR), seed=1, options=options)
    assert counts.busy_ms[0].sum(axis=0)[8] == 10 * MINUTE
    assert counts.busy_ms[0].sum() == 11 * MINUTE
