"""The assignment kept while agents come and go against linear programs over the same slots."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_small import ROUTING, at, inputs, no_deferred
from scipy.optimize import linprog

from wfo.scheduling.build import build_problem
from wfo.scheduling.search import Roster, cooling, counter, one_pass, ruin_and_recreate, seat_all
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.state import keep, restore


def best_assignment(roster):
    """Value of the best assignment of who is on duty, slot by slot, by a linear program."""
    demand, on = roster.demand, roster.state.on.sum(axis=2).astype(float)
    on = on[:, demand.class_mask > 0]
    masks = demand.class_mask[demand.class_mask > 0]
    total = 0.0
    for t in range(on.shape[0]):
        total -= demand.over[0] * on[t].sum()
        steps = [
            (q, demand.step_value[demand.step_at[q, t] + k])
            for q in range(demand.step_n.shape[0])
            for k in range(demand.step_n[q, t])
        ]
        if not steps or not on[t].any():
            continue
        pairs = [(c, n) for c in range(masks.size) for n, (q, _) in enumerate(steps) if (masks[c] >> q) & 1]
        # One variable: an agent of class c takes step n, and is not idle.
        gains = [-steps[n][1] - demand.over[0] for _, n in pairs]
        by_class = [[float(c == own) for c, _ in pairs] for own in range(masks.size)]
        by_step = [[float(n == own) for _, n in pairs] for own in range(len(steps))]
        limits = np.concatenate([on[t], np.ones(len(steps))])
        total -= linprog(gains, A_ub=np.array(by_class + by_step), b_ub=limits).fun
    return total


def two_queues(steps):
    """Cover of two queues in three intervals, values from a list of lists."""
    rows = []
    for n, values in enumerate(steps):
        queue, interval = ("calls", "sales")[n % 2], at(0, "09:00") + pd.Timedelta(minutes=30 * (n // 2))
        rows += [(queue, interval, k + 1, v, False) for k, v in enumerate(sorted(values, reverse=True))]
    frame = pd.DataFrame(rows, columns=["queue", "interval_start", "step", "value", "hard"])
    return frame.astype({"interval_start": "datetime64[us, UTC]", "value": "float64"})


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    steps=st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=3), min_size=6, max_size=6),
    seed=st.integers(0, 1000),
)
def test_assignment_is_optimal_after_any_coming_and_going(steps, seed):
    problem, _, _ = build_problem(
        inputs(5, cover=two_queues(steps), deferred=no_deferred()), ScheduleSettings()
    )
    roster = Roster(problem, problem.demand, problem.people)
    order = np.arange(5)
    seat_all(roster, problem.no_weeks(), np.zeros(5, bool), order)
    for agent in np.random.default_rng(seed).integers(0, 5, 6):
        one_pass(roster, np.array([agent]))
    base = sum(_base(problem, roster, a) for a in order)
    assert roster.value - base == pytest.approx(best_assignment(roster), abs=1e-6)
    for agent in order:
        roster.leave(agent)
    assert roster.value == pytest.approx(0.0, abs=1e-6)


def _base(problem, roster, agent):
    total, kind = 0.0, problem.people.kind[agent]
    for d in range(7):
        if roster.weeks.start[agent, d] >= 0:
            i = list(problem.shifts.start[kind, d]).index(roster.weeks.start[agent, d])
            total += problem.people.base[agent, d, i, roster.weeks.length[agent, d]]
    return total


def mail(work_h=20.0, day=0, until=4, value=0.5):
    return pd.DataFrame(
        {
            "queue": ["mail"] * 2,
            "release": [at(day, "08:00"), at(day + 1, "08:00")],
            "due": [at(until, "18:00"), at(until, "18:00")],
            "work_s": [work_h * 1800] * 2,
            "value_per_min": [value] * 2,
        }
    ).astype({"release": "datetime64[us, UTC]", "due": "datetime64[us, UTC]"})


def test_deferred_work_is_done_once_in_its_window():
    problem, _, _ = build_problem(inputs(6, deferred=mail()), ScheduleSettings())
    roster = Roster(problem, problem.demand, problem.people)
    order = np.arange(6)
    seat_all(roster, problem.no_weeks(), np.zeros(6, bool), order)
    ruin_and_recreate(roster, order, cooling(5.0, 60), 3, counter(1))
    demand, state = roster.demand, roster.state
    done = state.work.sum(axis=0)
    assert np.allclose(done + state.left, demand.pool_work)
    assert done.sum() > 0
    for p in range(done.size):
        outside = np.ones(problem.n_slots, bool)
        outside[demand.pool_from[p] : demand.pool_to[p]] = False
        assert not state.work[outside, p].any()
    units = state.units[:, problem.queues.index("mail")]
    assert (state.done[:, problem.queues.index("mail")] <= units + 1e-9).all()
    assert (state.on.sum(axis=2).sum() == on_duty(problem, roster)).all()


def on_duty(problem, roster):
    """Agent-slots at work inside the week, breaks left out."""
    total = 0
    for a in range(len(problem.agent_ids)):
        kind = problem.people.kind[a]
        for d in range(7):
            start, k = roster.weeks.start[a, d], roster.weeks.length[a, d]
            if start >= 0:
                inside = min(problem.n_slots, start + problem.shifts.length[kind, k]) - start
                total += inside - problem.shifts.break_len[kind, k, : problem.shifts.break_n[kind, k]].sum()
    return total


def test_undone_trial_leaves_no_trace():
    problem, _, _ = build_problem(inputs(6, deferred=mail()), ScheduleSettings())
    roster = Roster(problem, problem.demand, problem.people)
    seat_all(roster, problem.no_weeks(), np.zeros(6, bool), np.arange(6))
    one_pass(roster, np.arange(6))
    before = [array.copy() for array in roster.state[:8]]
    value = roster.value
    keep(roster.state)
    for agent in (1, 3):
        roster.leave(agent)
    roster.refill()
    assert roster.value != value
    restore(roster.demand, roster.state)
    assert roster.value == value
    for array, was in zip(roster.state[:8], before, strict=True):
        assert np.array_equal(array, was)


def test_cut_draws_people():
    asked = pd.DataFrame(
        {
            "cut": "noon",
            "skill_set": [["sell"]],
            "interval_start": [at(6, "12:00")],
            "coefficient": 1.0,
            "rhs": 2.0,
            "value": 5000.0,
        }
    )
    problem, _, _ = build_problem(inputs(6, cuts=asked, deferred=no_deferred()), ScheduleSettings())
    roster = Roster(problem, problem.demand, problem.people)
    assert roster.value == -10000.0
    seat_all(roster, problem.no_weeks(), np.zeros(6, bool), np.arange(6))
    one_pass(roster, np.arange(6))
    assert roster.state.level[0] >= 2.0
    assert roster.value > -5000.0
    assert set(ROUTING["skill"]) == {"talk", "sell", "write"}
