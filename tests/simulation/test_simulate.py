"""What holds of every simulation."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_centres import QUEUES, START, always_there, demand, landing, one_queue, random_centre

from wfo.domain.centre import Centre, Queue
from wfo.forecasting.propagation import expected_volume, links_of
from wfo.simulation.options import OldWork, SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.timegrid import TimeGrid

MINUTE = 60_000


@settings(max_examples=40, deadline=None)
@given(st.integers(100, 10_000))
def test_no_contact_is_lost(seed):
    paths, staffing, options = random_centre(seed)
    counts = simulate(paths, staffing, seed=seed, options=options)
    kinds = counts.fresh + counts.carried + counts.follow_ups + counts.redials
    np.testing.assert_array_equal(counts.offered, kinds)
    np.testing.assert_array_equal(counts.offered, counts.answered + counts.abandoned + counts.left)
    called = [d.queue for d in options.diallers] + list(options.later.calls)
    dialled = np.isin(np.arange(len(paths.queues)), called)
    np.testing.assert_array_equal(counts.fresh[:, ~dialled], paths.fresh[:, ~dialled])
    assert (counts.fresh[:, dialled] >= paths.fresh[:, dialled]).all()
    np.testing.assert_array_equal(counts.carried, paths.carried)
    assert (counts.abandoned_short <= counts.abandoned).all()
    assert (counts.in_target <= counts.answered).all()
    assert (counts.backlog >= 0).all()
    assert (counts.busy_ms.sum(axis=(1, 2)) <= counts.duty_ms.sum(axis=(1, 2))).all()


def test_same_seed_same_counts_whatever_the_threads():
    paths, staffing, options = random_centre(5)
    one = simulate(paths, staffing, seed=9, options=replace(options, threads=1))
    two = simulate(paths, staffing, seed=9, options=replace(options, threads=2))
    other = simulate(paths, staffing, seed=10, options=options)
    for name in (f.name for f in fields(one)):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert (one.handle_ms != other.handle_ms).any()


def test_a_contact_has_the_same_luck_when_others_come():
    """More fresh contacts in an interval leave the work of those there were unchanged."""
    paths, staffing = one_queue(30, 200, np.inf, 40, days=1, n=1)
    more = replace(paths, fresh=paths.fresh + (np.arange(paths.grid.n) == 40).astype(np.int32))
    first, second = (simulate(p, staffing, seed=1) for p in (paths, more))
    elsewhere = np.arange(paths.grid.n) != 40
    np.testing.assert_array_equal(first.handle_ms[..., elsewhere], second.handle_ms[..., elsewhere])
    assert second.handle_ms[..., 40].sum() > first.handle_ms[..., 40].sum()


def test_absent_agents_are_the_same_in_two_schedules():
    paths, staffing = one_queue(60, 200, 60.0, 30, days=1, n=20)
    _, fewer = one_queue(60, 200, 60.0, 29, days=1, n=20)
    options = SimulationOptions(absence=0.3)
    counts, less = (simulate(paths, s, seed=1, options=options) for s in (staffing, fewer))
    day = 24 * 60 * MINUTE
    present, without = (c.duty_ms.sum(axis=(1, 2)) / day for c in (counts, less))
    assert set(np.round(present - without, 9)) <= {0.0, 1.0}
    assert present.mean() == pytest.approx(21.0, abs=2.0)


def test_nobody_on_duty_and_nobody_gives_up_leaves_everyone():
    paths, _ = one_queue(20, 200, np.inf, 1, days=1, n=1)
    nobody = always_there(paths.grid, Centre(queues={"voice": Queue(channel="voice", law="immediate")}), 0)
    counts = simulate(paths, nobody, seed=1)
    np.testing.assert_array_equal(counts.left, counts.offered)
    impatient = simulate(replace(paths, patience_s=np.array([30.0])), nobody, seed=1)
    np.testing.assert_array_equal(impatient.abandoned, impatient.offered)


def _one_agent(rows, queue, fresh, **laws):
    """One agent with segments (start, end, kind) in minutes and one queue of 15-minute intervals."""
    grid = TimeGrid(START, 15, fresh.shape[2])
    at = pd.Timestamp(grid.start)
    schedule = pd.DataFrame(
        {
            "agent_id": "a",
            "start": [at + pd.Timedelta(minutes=s) for s, _, _ in rows],
            "end": [at + pd.Timedelta(minutes=e) for _, e, _ in rows],
            "kind": [k for _, _, k in rows],
            "schedule_date": START.date(),
            "queues": [[]] * len(rows),
        }
    )
    centre = Centre(queues={"q": queue})
    agents = pd.DataFrame({"agent_id": ["a"]})
    skills = pd.DataFrame({"agent_id": ["a"], "skill": ["s"]})
    routing = pd.DataFrame({"queue": ["q"], "skill": ["s"]})
    staffing = staffing_of(schedule, agents, skills, routing, centre, grid)
    return demand(grid, ("q",), fresh, handle_cv=np.zeros(1), **laws), staffing


def test_a_break_waits_for_the_contact_in_hand_and_takes_no_new_one():
    fresh = np.zeros((1, 1, 8), dtype=np.int32)
    fresh[0, 0, 0] = 3
    work = np.full((1, 8), 1200.0)
    rows = [(0, 30, "work"), (30, 60, "break"), (60, 120, "work")]
    paths, staffing = _one_agent(rows, QUEUES["billing"], fresh, handle_mean_s=work)
    counts = simulate(paths, staffing, seed=1)
    # Two are begun before the break; the second runs into it, the third waits until it is over.
    in_break = counts.duty_ms[0, 0, 2:4].sum()
    assert counts.answered.sum() == 3
    assert counts.busy_ms[0, 0, 4:].sum() == 20 * MINUTE
    assert in_break == counts.busy_ms[0, 0, 2:4].sum()
    assert 0 < in_break <= (15 + 2 * 20 - 30) * MINUTE


def test_who_never_gives_up_is_offered_a_callback_too():
    """As one who would wait for months: all who wait half a minute take it, and are called back."""
    options = SimulationOptions(callback_p=np.array([1.0]), callback_ms=np.array([30_000]))
    found = []
    for patience_s in (np.inf, 1e8):
        paths, staffing = one_queue(30, 300, patience_s, 3, days=1, n=2)
        counts = simulate(paths, staffing, seed=4, options=options)
        found.append((counts.called_back.sum(), counts.answered.sum(), counts.wait_ms.sum()))
    assert found[0] == found[1]
    assert found[0][0] > 100


def test_deferred_work_is_done_earliest_due_first_and_rests_between():
    fresh = np.zeros((1, 1, 16), dtype=np.int32)
    fresh[0, 0, :4] = 1
    work = np.full((1, 16), 900.0)
    paths, staffing = _one_agent([(0, 240, "work")], QUEUES["email"], fresh, handle_mean_s=work)
    due = (np.arange(16)[None, :] + 2) * 15 * MINUTE
    counts = simulate(paths, staffing, seed=1, options=SimulationOptions(due_ms=due, max_occupancy=0.5))
    assert counts.due.sum() == 4
    assert counts.answered.sum() == 4
    # Half of the time is rest: the fourth begins no earlier than three hours' halves after the first.
    assert counts.wait_ms[0, 0, 3] >= (90 - 60) * MINUTE
    assert counts.in_target.sum() < 4


def test_a_chat_agent_holds_so_many_sessions_and_no_more():
    fresh = np.zeros((1, 1, 8), dtype=np.int32)
    fresh[0, 0, 0] = 3
    work = np.full((1, 8), 600.0)
    paths, staffing = _one_agent([(0, 120, "work")], QUEUES["chat"], fresh, handle_mean_s=work)
    counts = simulate(paths, staffing, seed=1)
    # Sessions last 20 minutes; the third waits for a slot.
    assert counts.answered.sum() == 3
    assert 0 < counts.wait_ms.sum() < 20 * MINUTE
    assert counts.handle_ms.sum() == 30 * MINUTE
    assert counts.busy_ms.sum() == pytest.approx(30 * MINUTE, abs=20)


def test_faster_agents_take_less_time():
    fresh = np.full((1, 1, 8), 1, dtype=np.int32)
    paths, staffing = _one_agent([(0, 300, "work")], QUEUES["billing"], fresh)
    fast = replace(staffing, speed=staffing.speed * 2)
    slow, quick = (simulate(paths, s, seed=1).handle_ms.sum() for s in (staffing, fast))
    assert slow == 2 * quick


def test_demand_and_staffing_must_name_the_same_queues():
    paths, staffing, _ = random_centre(1)
    with pytest.raises(ValueError, match="must be the same"):
        simulate(replace(paths, queues=("other", *paths.queues[1:])), staffing, seed=1)


def test_forced_volume_is_the_expectation_of_the_same_laws():
    """Closed hours, follow-ups and redials: simulated means against propagation in expectation."""
    paths, staffing, _ = random_centre(3)
    grid = TimeGrid(START, 15, 96)
    is_open = np.zeros((9, 96), dtype=bool)
    is_open[:, 32:80] = True
    is_open[8] = True
    start, length = landing(is_open, 16)
    fresh = np.where(is_open, 6, 0).astype(np.int32)[None].repeat(60, axis=0)
    paths = demand(
        grid,
        paths.queues,
        fresh,
        carried=np.zeros_like(fresh),
        follow_ups=paths.follow_ups,
        lag_edges_min=paths.lag_edges_min,
        delay_cdf=paths.delay_cdf,
        redial_p=np.full(9, 0.6),
        landing_start=start,
        landing_len=length,
    )
    forced = np.array([0.2, 0.1, 0.3, 0.1] + [0.0] * 5)
    counts = simulate(paths, staffing, seed=2, options=SimulationOptions(forced_abandonment=forced))
    links = links_of(
        paths.follow_ups,
        paths.delay_cdf,
        paths.lag_edges_min,
        paths.redial_p,
        paths.redial_mean_s,
        forced,
        grid.step_min,
    )
    expected = expected_volume(paths.fresh[0].astype(float), links, start, length)
    found = counts.offered.mean(axis=0)
    np.testing.assert_allclose(found.sum(), expected.sum(), rtol=0.005)
    np.testing.assert_allclose(found.sum(axis=1), expected.sum(axis=1), rtol=0.015)


def test_much_old_work_released_at_once_is_done_earliest_due_first():
    """So much that looking for each one's place from the front would take long; nobody is ever late here."""
    n, grid = 60_000, TimeGrid(START, 15, 96)
    paths = demand(grid, ("email",), np.zeros((1, 1, grid.n), dtype=np.int32))
    staffing = always_there(grid, Centre(queues={"email": Queue(channel="email", law="deferred")}), 1)
    rank = np.random.default_rng(5).permutation(n)
    old = OldWork(np.zeros(n, dtype=int), (rank + 2) * 100, np.full(n, 100), np.full(n, 100))
    counts = simulate(paths, staffing, seed=1, options=SimulationOptions(old_work=old, max_occupancy=1.0))
    assert counts.old_in_target.sum() == counts.old_due.sum() == n
