"""One-day neighbourhoods: they win where breaks clash, keep every rule and hour, and repeat themselves."""

import numpy as np
import pandas as pd
import pytest
from scheduling_small import agents, at, centre, contract, cover, eight_before, grid, inputs

from wfo.domain.contract import StartWindow
from wfo.scheduling.build import build_problem, week_days
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.day_model import Day, DayModel, solve_day
from wfo.scheduling.neighbourhood import improve_days
from wfo.scheduling.result import schedule_table
from wfo.scheduling.search import Roster, one_pass, seat_all
from wfo.scheduling.settings import ScheduleSettings

_SOLVER_S = 2.0


def busy(hour, weekday):
    """Four positions around noon, two beside it."""
    return (2 + 2 * (10 <= hour < 15)) if weekday < 5 and 8 <= hour < 18 else 0


def crowd(**changes):
    """Six agents who can all do the same, with more to do than they can."""
    people, skills = agents(6, skills=(("talk",),))
    week = grid(15)
    fields = {"grid": week, "agents": people, "agent_skills": skills, "cover": cover(week, {"calls": busy})}
    return inputs(6, **(fields | changes))


def seated(given_inputs, *, spoil=False):
    """Everybody's best response; `spoil`: all breaks as early as they may be."""
    problem, persons, kinds = build_problem(given_inputs, ScheduleSettings())
    size = len(problem.agent_ids)
    roster = Roster(problem, problem.demand, problem.people)
    without = seat_all(roster, problem.no_weeks(), np.zeros(size, bool), np.arange(size))
    assert not without.any()
    one_pass(roster, np.arange(size))
    if spoil:
        for a, d in zip(*np.nonzero(roster.weeks.start >= 0), strict=True):
            kind, k = problem.people.kind[a], roster.weeks.length[a, d]
            n = problem.shifts.break_n[kind, k]
            roster.leave(a)
            roster.weeks.breaks[a, d, :n] = roster.weeks.start[a, d] + problem.shifts.break_lo[kind, k, :n]
            roster.seat(a)
    return roster, problem, persons, kinds


def improve(roster, tries=14):
    return improve_days(roster, tries, _SOLVER_S, 1, np.random.default_rng(1))


def breaches(roster, problem, persons, kinds, given_inputs):
    frame = schedule_table(problem, roster.weeks, persons, kinds, week_days(given_inputs))
    return check_schedule(
        frame,
        centre=given_inputs.centre,
        agents=given_inputs.agents,
        availability=given_inputs.availability,
        published=given_inputs.published,
        grid=given_inputs.grid,
        agent_skills=given_inputs.agent_skills,
        routing=given_inputs.routing,
    )


def test_clashing_breaks_are_parted():
    given_inputs = crowd()
    roster, problem, persons, kinds = seated(given_inputs, spoil=True)
    before, starts = roster.value, roster.weeks.start.copy()
    gain = improve(roster, tries=1)  # the first try moves nothing but breaks
    assert gain > 1.0
    assert roster.value == pytest.approx(before + gain)
    assert np.array_equal(roster.weeks.start, starts)
    assert breaches(roster, problem, persons, kinds, given_inputs).empty
    fresh = Roster(problem, problem.demand, problem.people)
    everyone = np.ones(6, bool)
    seat_all(fresh, roster.weeks, everyone, np.arange(6))
    assert fresh.value == pytest.approx(roster.value)


def test_starts_move_while_days_and_hours_stay():
    given_inputs = crowd()
    roster, problem, persons, kinds = seated(given_inputs)
    late = roster.weeks.start >= 0
    for a, d in zip(*np.nonzero(late), strict=True):
        kind, k = problem.people.kind[a], roster.weeks.length[a, d]
        allowed = np.flatnonzero(problem.people.base[a, d, :, k] > -1e14)
        move = problem.shifts.start[kind, d, allowed[-1]] - roster.weeks.start[a, d]
        roster.leave(a)
        roster.weeks.start[a, d] += move
        roster.weeks.breaks[a, d, : problem.shifts.break_n[kind, k]] += move
        roster.seat(a)
    worked, lengths = roster.weeks.start >= 0, roster.weeks.length.copy()
    starts = roster.weeks.start.copy()
    assert improve(roster) > 10.0
    assert not np.array_equal(roster.weeks.start, starts)
    assert np.array_equal(roster.weeks.start >= 0, worked)
    assert np.array_equal(roster.weeks.length, lengths)
    assert breaches(roster, problem, persons, kinds, given_inputs).empty


@pytest.mark.parametrize(
    "window", [("07:00", "13:00", 60), ("20:00", "02:00", 120)], ids=["by day", "by night"]
)
def test_rules_hold_with_meetings_rest_and_deferred_work(window):
    earliest, latest, step = window
    rules = contract(start=StartWindow(earliest=earliest, latest=latest, step_min=step), rest_h=14)
    mail = pd.DataFrame(
        {
            "queue": "mail",
            "release": [at(0, "08:00"), at(2, "08:00")],
            "due": [at(4, "18:00"), at(6, "18:00")],
            "work_s": [36000.0, 72000.0],
            "value_per_min": [0.5, 0.6],
        }
    ).astype({"release": "datetime64[us, UTC]", "due": "datetime64[us, UTC]"})
    rows = [("a0", at(d, "12:00"), at(d, "13:00"), "meeting") for d in range(7)]
    away = pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"]).assign(paid=True)
    people, skills = agents(6)
    given_inputs = crowd(
        the_centre=centre(usual=rules), agents=people, agent_skills=skills, deferred=mail, availability=away,
        published=eight_before(2),
    )  # fmt: skip
    roster, problem, persons, kinds = seated(given_inputs)
    before = roster.value
    assert improve(roster) >= 0.0
    assert roster.value >= before
    assert breaches(roster, problem, persons, kinds, given_inputs).empty


def test_same_seed_same_days():
    results = []
    for _ in range(2):
        roster, *_ = seated(crowd(), spoil=True)
        improve(roster)
        results.append(roster)
    for one, two in zip(results[0].weeks, results[1].weeks, strict=True):
        assert np.array_equal(one, two)
    assert results[0].value == results[1].value


def test_nobody_at_work_is_no_day():
    problem, *_ = build_problem(crowd(), ScheduleSettings())
    roster = Roster(problem, problem.demand, problem.people)
    assert improve(roster) == 0.0


def test_a_day_without_agents_is_not_solved():
    problem, *_ = build_problem(crowd(), ScheduleSettings())
    roster = Roster(problem, problem.demand, problem.people)
    assert not DayModel(roster, Day(0, [], {})).slots
    assert solve_day(roster, Day(0, [], {}), 1.0, 1) is None
