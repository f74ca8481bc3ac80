"""First weeks spread; the search repeats itself and never falls."""

import numpy as np
from scheduling_small import agents, cover, grid, inputs

from wfo.scheduling.build import build_problem
from wfo.scheduling.search import (
    Roster,
    cooling,
    counter,
    first_weeks,
    levelled,
    one_pass,
    ruin_and_recreate,
    seat_all,
)
from wfo.scheduling.settings import ScheduleSettings


def flat_problem(n=24):
    """Every missing agent costs the same, and all are needed."""
    people, skills = agents(n, skills=(("talk",),))
    week = grid(30)
    asked = cover(week, {"calls": lambda h, d: n // 2 if 7 <= h < 21 else 0}, fall=1.0)
    given = inputs(n, grid=week, agents=people, agent_skills=skills, cover=asked)
    return build_problem(given, ScheduleSettings())[0]


def nobody(problem):
    return np.zeros(len(problem.agent_ids), bool)


def test_levelled_steps_fall_and_are_worth_the_same_together():
    demand = flat_problem().demand
    steps = levelled(demand)
    for at, n in zip(demand.step_at.ravel(), demand.step_n.ravel(), strict=True):
        own = steps.step_value[at : at + n]
        assert np.all(np.diff(own) < 0)
        assert np.isclose(own.sum(), demand.step_value[at : at + n].sum())


def test_first_weeks_spread():
    problem = flat_problem()
    order = np.arange(len(problem.agent_ids))
    plain = Roster(problem, problem.demand, problem.people)
    seat_all(plain, problem.no_weeks(), nobody(problem), order)
    weeks, without = first_weeks(
        problem, problem.demand, problem.people, problem.no_weeks(), nobody(problem), order
    )
    spread = Roster(problem, problem.demand, problem.people)
    seat_all(spread, weeks, ~without, order)
    assert not without.any()
    # Where it is needed everywhere, the least covered slot has more agents.
    needed = problem.demand.step_n[0] > 0
    assert np.quantile(spread.state.units[needed, 0], 0.2) >= np.quantile(plain.state.units[needed, 0], 0.2)


def test_given_weeks_stay_as_they_are():
    problem = flat_problem(6)
    roster = Roster(problem, problem.demand, problem.people)
    seat_all(roster, problem.no_weeks(), nobody(problem), np.arange(6))
    kept, without = first_weeks(
        problem, problem.demand, problem.people, roster.weeks, ~nobody(problem), np.arange(6)
    )
    assert kept is roster.weeks
    assert not without.any()


def test_trials_repeat_themselves_and_never_end_lower():
    problem = flat_problem(8)
    values = []
    for _ in range(2):
        roster = Roster(problem, problem.demand, problem.people)
        seat_all(roster, problem.no_weeks(), nobody(problem), np.arange(8))
        before = roster.value
        assert one_pass(roster, np.arange(8)) >= 0.0
        middle = roster.value
        ruin_and_recreate(roster, np.arange(8), cooling(20.0, 200), 3, counter(5))
        assert before <= middle <= roster.value
        values.append((roster.value, roster.weeks.start.tobytes(), roster.weeks.breaks.tobytes()))
        again = Roster(problem, problem.demand, problem.people)
        seat_all(again, roster.weeks, ~nobody(problem), np.arange(8))
        assert np.isclose(again.value, roster.value)
    assert values[0] == values[1]


def test_cooling_falls_to_a_hundredth():
    warmths = np.concatenate(cooling(50.0, 1000))
    assert warmths.size == 1000
    assert warmths[0] == 50.0
    assert np.all(np.diff(warmths) < 0)
    assert 0.5 < warmths[-1] < 0.51
