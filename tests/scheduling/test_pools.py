"""Deferred work as pools: laid anew, agents who came one by one leave none that they could do."""

import numpy as np
import pandas as pd
from scheduling_small import agents, at, cover, grid, inputs

from wfo.scheduling.build import build_problem
from wfo.scheduling.search import Roster, seat_all
from wfo.scheduling.settings import ScheduleSettings


def handed_in(*releases, work_h=2.0):
    """Mail that comes at these times of the week and is all due after Friday."""
    rows = [("mail", at(*when), at(4, "18:00"), 3600.0 * work_h, 1.0) for when in releases]
    return pd.DataFrame(rows, columns=["queue", "release", "due", "work_s", "value_per_min"])


def of_one_due(*releases, n=2):
    people, skills = agents(n, skills=(("write",),))
    week = grid(30)
    nothing = cover(week, {"calls": lambda hour, day: 0})
    given = inputs(
        n, grid=week, agents=people, agent_skills=skills, cover=nothing, deferred=handed_in(*releases)
    )
    return build_problem(given, ScheduleSettings())[0]


def test_who_comes_late_does_not_take_the_work_of_who_came_early():
    """The agent of Wednesday is counted in first, and Monday's work is left for the agent of Monday."""
    problem = of_one_due((0, "08:00"), (2, "08:00"))
    roster = Roster(problem, problem.demand, problem.people)
    weeks, hours = problem.no_weeks(), problem.shifts.length[0] * problem.slot_min
    for agent, day in ((0, 2), (1, 0)):
        kind = problem.people.kind[agent]
        weeks.start[agent, day] = problem.shifts.start[kind, day, 0]
        weeks.length[agent, day] = int(np.flatnonzero(hours == 240)[0])
        weeks.breaks[agent, day] = (
            weeks.start[agent, day] + problem.shifts.break_lo[kind, weeks.length[agent, day]]
        )
    seat_all(roster, weeks, np.ones(2, bool), np.array([0, 1]))
    assert roster.state.left.sum() > 0.1
    roster.relay()
    assert roster.state.left.sum() < 1e-9
