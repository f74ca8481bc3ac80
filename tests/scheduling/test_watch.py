"""A time limit and Ctrl-C end a search with the best schedule so far; progress is told and never falls."""

import signal
import time

import numpy as np
import pandas as pd
import pytest
from scheduling_small import agents, at, cover, grid, inputs

from wfo.effort import Effort
from wfo.scheduling import least_weeks
from wfo.scheduling.bounded import Beside
from wfo.scheduling.build import build_problem
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.linear_bound import linear_bound
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.watch import Watch
from wfo.tables.empty import empty_table


def crowd(n=12):
    """More to do than these can."""
    people, skills = agents(n, skills=(("talk",),))
    week = grid(30)
    return inputs(
        n,
        grid=week,
        agents=people,
        agent_skills=skills,
        cover=cover(week, {"calls": lambda h, d: (n // 3 + 2 * (10 <= h < 15)) if 8 <= h < 18 else 0}),
    )


def no_breach(result, given):
    return check_schedule(
        result.frame(), centre=given.centre, agents=given.agents, grid=given.grid,
        agent_skills=given.agent_skills, routing=given.routing,
    ).empty  # fmt: skip


def test_a_second_is_enough_and_about_a_second_is_taken():
    given = crowd()
    schedule(given, ScheduleSettings(), seed=1, seconds=0.1)  # compiled code is loaded
    begin = time.monotonic()
    result = schedule(given, ScheduleSettings(), seed=1, seconds=1.0)
    assert 0.8 < time.monotonic() - begin < 10.0
    assert result.frame()["agent_id"].nunique() == 12
    assert no_breach(result, given)
    assert result.meta.objective <= result.meta.bound


def test_progress_is_told_in_order_and_ends_with_the_bound():
    told = []
    given = crowd()
    result = schedule(given, ScheduleSettings(), seed=1, effort=Effort.QUICK, tell=told.append)
    assert told[0].phase == "first schedule"
    assert told[0].gap is None
    values = [p.objective for p in told]
    assert values == sorted(values)
    last = told[-1]
    assert (last.objective, last.bound) == (result.meta.objective, result.meta.bound)
    assert last.excess == pytest.approx((last.bound - last.objective) / last.required)


def test_a_bound_is_told_when_it_is_known_and_not_only_in_the_end():
    told = []
    watch = Watch(tell=told.append)
    watch.tell("settled", -12.0)
    assert not watch.look()
    assert [p.bound for p in told] == [None]
    watch.learn(-10.0)
    assert not watch.over()
    assert len(told) == 1
    assert not watch.look()
    assert not watch.look()
    assert [(p.phase, p.objective, p.bound) for p in told[1:]] == [("bound known", -12.0, -10.0)]
    assert told[1].gap == pytest.approx(0.2)
    watch.mute()
    watch.learn(-11.0)
    watch.look()
    assert len(told) == 2


def test_the_linear_program_beside_the_search_gives_a_bound_before_the_search_ends():
    given, told = crowd(), []
    problem = build_problem(given, ScheduleSettings())[0]
    watch = Watch(tell=told.append)
    watch.tell("first schedule", 0.0)
    nobody = np.zeros(len(problem.agent_ids), bool)
    Beside(problem, problem.demand_fine, problem.people, nobody, None, watch).linear()
    watch.look()
    whole = linear_bound(problem, problem.demand_fine, problem.people, nobody)
    assert told[-1].phase == "bound known"
    assert told[-1].bound == max(0.0, whole.value)


def test_telling_changes_nothing():
    given = crowd()
    quiet = schedule(given, ScheduleSettings(), seed=3, effort=Effort.QUICK)
    told = schedule(given, ScheduleSettings(), seed=3, effort=Effort.QUICK, tell=lambda p: None)
    assert quiet.frame().equals(told.frame())


def test_ctrl_c_returns_the_best_schedule_so_far():
    given, pressed = crowd(), []

    def press(progress):
        if progress.phase == "best responses":
            pressed.append(progress.objective)
            signal.raise_signal(signal.SIGINT)

    result = schedule(given, ScheduleSettings(), seed=1, seconds=60.0, tell=press)
    assert len(pressed) == 1
    assert result.meta.objective >= pressed[0]
    assert no_breach(result, given)
    assert any("Ctrl-C" in reason for reason in result.meta.reasons)


def two_away():
    """a1 and a2 have no legal week."""
    rows = [(agent, at(0, "00:00"), at(7, "00:00"), "unavailable", True) for agent in ("a1", "a2")]
    return inputs(4, availability=pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind", "paid"]))


def test_ctrl_c_while_rules_are_bent_keeps_the_plan(monkeypatch):
    looked, conflict_of = [], least_weeks.conflict_of

    def press(given, agent, settings):
        looked.append(agent)
        signal.raise_signal(signal.SIGINT)
        return conflict_of(given, agent, settings)

    monkeypatch.setattr(least_weeks, "conflict_of", press)
    result = schedule(two_away(), ScheduleSettings(), seed=1, effort=Effort.QUICK)
    assert looked == ["a1"]
    assert set(result.frame()["agent_id"]) == {"a0", "a3"}
    about = [reason for reason in result.meta.reasons if "a2" in reason]
    assert len(about) == 1
    assert about[0].startswith("a2: no legal week and so no shift; the search ended before")
    assert any("Ctrl-C" in reason for reason in result.meta.reasons)


def test_agents_whom_the_clock_leaves_no_time_for_are_named():
    plan, reasons, told = least_weeks.with_least_weeks(
        empty_table("schedule"), ["a1", "a2"], two_away(), ScheduleSettings(), Watch(0.0)
    )
    assert plan.empty
    assert told == {"a1", "a2"}
    assert len(reasons) == 1
    assert reasons[0].startswith("a1, a2: no legal week")
    assert "schedule.time_limit_s" in reasons[0]


def test_a_second_ctrl_c_is_an_interruption_and_the_handler_goes_home():
    before = signal.getsignal(signal.SIGINT)
    with Watch() as watch:
        signal.raise_signal(signal.SIGINT)
        assert watch.over()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_shares_of_a_limit():
    assert Watch().left() is None
    assert not Watch().over()
    watch = Watch(1000.0)
    assert np.isclose(watch.left(0.5), 500.0, atol=1.0)
    assert Watch(0.0).over()
