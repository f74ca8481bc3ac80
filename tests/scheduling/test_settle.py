"""Soft demand against its definition; settled weeks against a bound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_small import agents, cover, grid, inputs

from wfo.scheduling.build import build_problem
from wfo.scheduling.linear_bound import linear_bound
from wfo.scheduling.search import Roster, first_weeks, one_pass, seat_all
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.settle import settle, softened
from wfo.scheduling.watch import Watch


def problem_of(n=12, fall=1.0):
    """Two peaks a day, for agents with hours to choose."""
    people, skills = agents(n, skills=(("talk",),))
    week = grid(30)
    asked = cover(
        week,
        {"calls": lambda h, d: n // 2 if h in (9, 10, 15, 16) else n // 4 if 7 <= h < 20 else 0},
        fall=fall,
    )
    return build_problem(
        inputs(n, grid=week, agents=people, agent_skills=skills, cover=asked), ScheduleSettings()
    )[0]


def seated(problem):
    nobody, order = np.zeros(len(problem.agent_ids), bool), np.arange(len(problem.agent_ids))
    weeks, without = first_weeks(problem, problem.demand, problem.people, problem.no_weeks(), nobody, order)
    roster = Roster(problem, problem.demand, problem.people)
    seat_all(roster, weeks, ~without, order)
    return roster, order[~without]


def one_cell(demand, values, over):
    """The demand with one queue, one slot and these steps."""
    value = np.array(values, float)
    return demand._replace(
        step_n=np.array([[value.size]]), step_at=np.zeros((1, 1), np.int64), step_value=value,
        over=np.array([over]),
    )  # fmt: skip


DEMAND = problem_of(3).demand
FALLING = st.lists(st.floats(0.0, 20.0), min_size=1, max_size=8).map(lambda v: sorted(v, reverse=True))


@settings(deadline=None)
@given(FALLING, st.floats(0.1, 5.0), st.floats(0.0, 1.0), st.floats(0.05, 2.0))
def test_soft_worth_is_the_derivative_of_the_envelope(values, over, share, width):
    price = np.array([[share * (values[0] + over) - over]])
    demand = one_cell(DEMAND, values, over)
    soft = softened(demand, price, width)
    steps = soft.demand.step_value
    assert steps.size == soft.demand.step_n[0, 0]
    assert np.all(np.diff(steps) <= 1e-9)
    assert steps.max() <= values[0] + 1e-9
    assert steps.min() >= -over - 1e-9
    # max over y of F(y) + p (n - y) - (n - y)^2 / 2s at middles of units: its derivative is p + (y - n) / s
    slope = width * len(values) / (values[0] + over)
    y = np.linspace(-10.0, len(values) + 40.0, 200_001)
    gain = np.interp(y, np.arange(len(values) + 1), np.concatenate([[0.0], np.cumsum(values)]))
    gain += np.where(y < 0, y * values[0], 0.0) - over * np.maximum(0.0, y - len(values))
    for unit in range(min(steps.size, 4)):
        n = unit + 0.5
        best = y[np.argmax(gain + price[0, 0] * (n - y) - (n - y) ** 2 / (2 * slope))]
        asked = np.clip(price[0, 0] + (best - n) / slope, -over, values[0])
        assert steps[unit] == pytest.approx(asked, abs=3 * (y[1] - y[0]) / slope + 1e-6)


def test_hard_in_the_end():
    soft = softened(DEMAND, np.full(DEMAND.step_n.shape, 1.0), 0.0).demand
    assert np.array_equal(soft.step_n, DEMAND.step_n)
    cells = zip(soft.step_at.ravel(), DEMAND.step_at.ravel(), DEMAND.step_n.ravel(), strict=True)
    for new, old, n in cells:
        assert np.allclose(soft.step_value[new : new + n], DEMAND.step_value[old : old + n])


def test_a_price_that_holds_stays():
    demand = one_cell(DEMAND, [10.0] * 6, 1.0)
    for price in (-0.5, 0.0, 4.0, 9.5):
        soft = softened(demand, np.array([[price]]), 0.7)
        assert soft.price(np.array([[6]]))[0, 0] == pytest.approx(price)
        assert soft.price(np.array([[4]]))[0, 0] > price
        assert soft.price(np.array([[8]]))[0, 0] < price


def test_cells_without_steps_keep_their_price():
    price = np.full(DEMAND.step_n.shape, 3.25)
    soft = softened(DEMAND, price, 0.5)
    none = DEMAND.step_n == 0
    assert none.any()
    assert np.all(soft.price(np.zeros(price.shape, np.int64))[none] == 3.25)
    assert np.all(soft.demand.step_n[none] == 0)


def test_settled_weeks_are_better_than_answers_alone_and_below_the_bound():
    problem = problem_of(24)
    alone, movers = seated(problem)
    while one_pass(alone, movers) > 1e-6:
        pass
    roster, movers = seated(problem)
    price = settle(roster, movers, 30, Watch(), 1.0)
    assert price.shape == problem.demand.step_n.shape
    assert roster.value > alone.value + 1e-6
    again = Roster(problem, problem.demand, problem.people)
    seat_all(again, roster.weeks, np.ones(24, bool), np.arange(24))
    assert again.value == pytest.approx(roster.value)
    assert (
        roster.value <= linear_bound(problem, problem.demand_fine, problem.people, np.zeros(24, bool)).value
    )


def test_settling_never_loses_and_repeats_itself():
    first, movers = seated(problem_of(9, fall=0.8))
    before = first.value
    settle(first, movers, 6, Watch(), 1.0)
    assert first.value >= before
    second, movers = seated(problem_of(9, fall=0.8))
    settle(second, movers, 6, Watch(), 1.0)
    assert all(np.array_equal(a, b) for a, b in zip(first.weeks, second.weeks, strict=True))


def test_nothing_to_settle():
    roster, movers = seated(problem_of(6))
    assert settle(roster, movers[:0], 5, Watch(), 1.0) is None
    assert settle(roster, movers, 5, Watch(0.0), 1.0) is None


def test_a_time_limit_ends_it():
    roster, movers = seated(problem_of(6))
    watch = Watch(0.3)
    settle(roster, movers, 1, watch, 1.0)
    assert watch.elapsed < 3.0
