"""The bound and the search against every joint week of two agents."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scheduling_small import at, centre, contract, inputs, no_deferred

from wfo.domain.contract import Break, StartWindow
from wfo.effort import Effort
from wfo.scheduling.build import build_problem
from wfo.scheduling.problem import FORBIDDEN
from wfo.scheduling.search import Roster
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.solve import solve

RULES = contract(
    week_h={"min": 4, "max": 8},
    days={"min": 1, "max": 2},
    shift_h=4,
    start=StartWindow(earliest="08:00", latest="10:00", step_min=60),
    breaks={"pause": Break(minutes=60, paid=False, after_h=1)},
)
SETTINGS = ScheduleSettings(price_over=4.0)


def joint_weeks(problem):
    """All legal weeks of each agent as (day, start, break) lists; two days are open."""
    people, shifts = problem.people, problem.shifts
    for agent in range(len(problem.agent_ids)):
        kind = people.kind[agent]
        days = []
        for d in range(7):
            day = [None]
            for i in range(shifts.start_n[kind, d]):
                if people.base[agent, d, i, 0] > FORBIDDEN / 2:
                    start = shifts.start[kind, d, i]
                    ends = range(start + shifts.break_lo[kind, 0, 0], start + shifts.break_hi[kind, 0, 0] + 1)
                    day += [(d, start, b) for b in ends]
            days.append(day)
        weeks = itertools.product(*days)
        legal = ([s for s in week if s is not None] for week in weeks)
        units = shifts.paid[kind, 0]
        yield [
            week
            for week in legal
            if people.days_lo[agent] <= len(week) <= people.days_hi[agent]
            and people.paid_lo[agent] <= units * len(week) <= people.paid_hi[agent]
        ]


def best_by_hand(problem):
    """Optimum over all joint weeks."""
    best = -np.inf
    for weeks in itertools.product(*joint_weeks(problem)):
        roster = Roster(problem, problem.demand, problem.people)
        for agent, week in enumerate(weeks):
            for d, start, rest in week:
                roster.weeks.start[agent, d] = start
                roster.weeks.breaks[agent, d, 0] = rest
            roster.seat(agent)
        best = max(best, roster.value)
    return best


def closed(n):
    """Everybody is away but on Monday and Tuesday."""
    rows = [(f"a{i}", at(2, "00:00"), at(7, "00:00"), "unavailable") for i in range(n)]
    return pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"])


@settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(
    values=st.lists(st.integers(0, 60), min_size=24, max_size=24),
    seed=st.integers(0, 9),
)
def test_search_finds_the_optimum_and_the_bound_holds(values, seed):
    rows = []
    for n, value in enumerate(values):
        queue, hour = ("calls", "sales")[n % 2], 8 + (n // 2) % 6
        rows.append((queue, at(n // 12, f"{hour:02d}:00"), 1, float(value), False))
        rows.append((queue, at(n // 12, f"{hour:02d}:30"), 1, float(value), False))
    cover = pd.DataFrame(rows, columns=["queue", "interval_start", "step", "value", "hard"])
    cover = cover.astype({"interval_start": "datetime64[us, UTC]"})
    given_inputs = inputs(2, centre(usual=RULES), cover=cover, deferred=no_deferred(), availability=closed(2))
    problem, _, _ = build_problem(given_inputs, SETTINGS)
    wanted = best_by_hand(problem)
    found = solve(problem, problem.no_weeks(), np.zeros(2, bool), seed=seed, limits=Effort.QUICK.limits)
    assert found.objective == pytest.approx(wanted, abs=1e-6)
    assert found.bound >= wanted - 1e-6
    assert found.flat_bound <= found.flat_objective + 1e-9
