"""The linear program bounds every schedule, and is the optimum where nothing is rounded."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scheduling_small import agents, at, centre, contract, inputs, no_deferred

from wfo.domain.contract import Break, StartWindow
from wfo.effort import Effort
from wfo.scheduling import linear_bound as module
from wfo.scheduling.bound import Dual, descend
from wfo.scheduling.build import build_problem
from wfo.scheduling.linear_bound import linear_bound
from wfo.scheduling.problem import FORBIDDEN
from wfo.scheduling.search import Roster, seat_all
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.solve import solve

RULES = contract(
    week_h={"min": 4, "max": 12},
    days={"min": 1, "max": 3},
    shift_h={"min": 4, "max": 6},
    start=StartWindow(earliest="08:00", latest="11:00", step_min=60),
    breaks={"pause": Break(minutes=60, paid=False, after_h=1), "rest": Break(minutes=30, paid=True, per_h=6)},
)
NOBODY = np.zeros(3, bool)


def deferred(*rows):
    """Rows (day, from, to, minutes of work, value per minute) of the mail queue."""
    found = [("mail", at(d, begin), at(d, end), 60.0 * work, value) for d, begin, end, work, value in rows]
    frame = pd.DataFrame(found, columns=["queue", "release", "due", "work_s", "value_per_min"])
    return frame.astype({"release": "datetime64[us, UTC]", "due": "datetime64[us, UTC]"})


def built(**changes):
    fields = {"the_centre": centre(usual=RULES), "deferred": deferred((0, "08:00", "12:00", 200, 0.4))}
    return build_problem(inputs(3, **(fields | changes)), ScheduleSettings(price_over=4.0))[0]


def value_of(problem, demand=None, people=None, without=NOBODY):
    answer = linear_bound(problem, demand or problem.demand_fine, people or problem.people, without)
    assert answer is not None
    return answer.value


def with_cut(demand, rhs=6.0, value=50.0):
    """One cut over everybody on Monday morning."""
    classes, slots = demand.class_mask.size, demand.step_n.shape[1]
    in_cut = np.zeros((classes, slots), np.int64)
    in_cut[:, 16:24] = 1
    ends = np.concatenate([[0], np.cumsum(in_cut.ravel())]).astype(np.int64)
    size = int(ends[-1])
    return demand._replace(
        cut_at=ends,
        cut_id=np.zeros(size, np.int64),
        cut_coef=np.full(size, 0.5),
        cut_rhs=np.array([rhs]),
        cut_value=np.array([value]),
    )


def random_roster(problem, demand, people, draw):
    """Everybody's best week at random prices, placed on the demand."""
    roster = Roster(problem, demand, people)
    heads = np.arange(len(problem.agent_ids))
    dual = Dual(demand, people, problem.shifts, heads, np.ones(heads.size), roster.weeks)
    dual.value(draw.uniform(-4.0, 12.0, demand.step_n.shape), np.zeros(demand.cut_rhs.size), 0.0)
    for agent in heads.tolist():
        roster.seat(agent)
    return roster.value


@pytest.mark.parametrize("cells", [100, 10_000])
@pytest.mark.parametrize("objective", ["own", "flat", "cut", "training"])
def test_no_schedule_exceeds_it(monkeypatch, objective, cells):
    monkeypatch.setattr(module, "_MOST_CELLS", cells)
    away = pd.DataFrame(
        [("a0", at(d, "09:00"), at(d, "12:00"), "training") for d in range(5)],
        columns=["agent_id", "start", "end", "kind"],
    )
    problem = built(availability=away if objective == "training" else None)
    demand, people = problem.demand_fine, problem.people
    if objective == "flat":
        demand = problem.flat_fine
        people = people._replace(base=np.where(people.base > FORBIDDEN / 2, 0.0, FORBIDDEN))
    if objective == "cut":
        demand = with_cut(demand)
    bound = value_of(problem, demand, people)
    draw = np.random.default_rng(1)
    best = max(random_roster(problem, demand, people, draw) for _ in range(20))
    assert best <= bound + 1e-6
    assert bound < demand.step_value.sum() + (demand.pool_work * demand.pool_value).sum()


def test_it_is_the_optimum_where_everything_is_whole():
    rules = contract(
        week_h=4,
        shift_h=4,
        days=1,
        start=StartWindow(earliest="09:00", latest="09:00", step_min=60),
        breaks={},
    )
    hours = [
        ("calls", at(d, f"{h:02d}:{m}"), 1, 5.0 + d, False)
        for d in range(2)
        for h in range(9, 13)
        for m in ("00", "30")
    ]
    cover = pd.DataFrame(hours, columns=["queue", "interval_start", "step", "value", "hard"])
    cover = cover.astype({"interval_start": "datetime64[us, UTC]"})
    given = inputs(1, centre(usual=rules), cover=cover, deferred=no_deferred())
    problem, _, _ = build_problem(given, ScheduleSettings(price_over=4.0))
    found = solve(problem, problem.no_weeks(), np.zeros(1, bool), seed=1, limits=Effort.QUICK.limits)
    bound = value_of(problem, without=np.zeros(1, bool))
    assert found.objective == pytest.approx(bound, rel=1e-6)
    assert found.bound == pytest.approx(found.objective, rel=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_the_search_finds_in_a_quiet_week_stays_below(seed):
    busy = np.random.default_rng(seed).integers(0, 2, size=(7, 24))
    needs = {
        "calls": lambda h, d: int(d < 5 and 8 <= h < 17 and busy[d, int(h)]),
        "sales": lambda h, d: int(d < 4 and 9 <= h < 15 and busy[6 - d, int(h)]),
    }
    problem = built(
        needs=needs, deferred=deferred((0, "08:00", "12:00", 25, 0.4), (2, "09:00", "15:00", 40, 0.4))
    )
    found = solve(problem, problem.no_weeks(), NOBODY, seed=seed, limits=Effort.QUICK.limits)
    assert found.objective <= value_of(problem)
    people = problem.people._replace(base=np.where(problem.people.base > FORBIDDEN / 2, 0.0, FORBIDDEN))
    flat = 10.0 * problem.required_slots - value_of(problem, problem.flat_fine, people)
    assert flat <= found.flat_objective
    assert found.bound <= value_of(problem)
    assert found.flat_bound >= flat - 1e-6


def test_a_cut_never_raises_it():
    problem = built()
    values = [value_of(problem)]
    values += [value_of(problem, with_cut(problem.demand_fine, rhs)) for rhs in (2.0, 6.0, 30.0)]
    assert all(b <= a + 1e-6 * abs(a) for a, b in itertools.pairwise(values))
    assert values[-1] < values[0] - 1.0


def test_a_forbidden_shift_never_raises_it():
    problem, before = built(), np.inf
    base = problem.people.base.copy()
    for day in range(4):
        bound = value_of(problem, people=problem.people._replace(base=base.copy()))
        assert bound <= before + 1e-6 * abs(bound)
        before = bound
        base[:, day, 1:] = FORBIDDEN


def test_wages_that_differ_within_a_group_are_counted_by_agent():
    problem = built()
    people = problem.people
    one_class = people._replace(class_id=np.zeros_like(people.class_id), kind=np.zeros_like(people.kind))
    paid = problem.shifts.paid[0].astype(float)
    costs = np.array([1.0, 1.2, 1.4])[:, None, None, None] * paid
    alike = one_class._replace(
        base=np.where(people.base[:1] > FORBIDDEN / 2, -1.2 * paid, FORBIDDEN).repeat(3, 0)
    )
    apart = one_class._replace(base=np.where(people.base[:1] > FORBIDDEN / 2, -costs, FORBIDDEN))
    free = one_class._replace(base=np.where(people.base[:1] > FORBIDDEN / 2, -paid, FORBIDDEN).repeat(3, 0))
    assert value_of(problem, people=alike) - 1e-3 <= value_of(problem, people=apart)
    assert value_of(problem, people=apart) < value_of(problem, people=free)


def test_prices_bound_at_least_as_well():
    problem = built()
    answer = linear_bound(problem, problem.demand_fine, problem.people, NOBODY)
    heads = np.arange(3)
    dual = Dual(problem.demand_fine, problem.people, problem.shifts, heads, np.ones(3), problem.no_weeks())
    value, _, _ = dual.value(np.maximum(answer.price, dual.floor), answer.cut_price, 0.0)
    assert value <= answer.value + 1e-3


def test_units_used_in_part_do_not_break_the_bound_at_prices():
    hours = [
        (f"{h:02d}:{m}", f"{h + (m == '30'):02d}:{'00' if m == '30' else '30'}")
        for h in range(8, 15)
        for m in ("00", "30")
    ]
    scraps = deferred(*((d, begin, end, 5, 0.2) for d in range(4) for begin, end in hours))
    fixed = contract(week_h=8, shift_h=4, days=2, start=RULES.start, breaks={})
    people, skills = agents(2, skills=(("write",),))
    empty = inputs(1).cover.iloc[:0]
    problem = built(
        the_centre=centre(usual=fixed), agents=people, agent_skills=skills, deferred=scraps, cover=empty
    )
    demand, people = problem.demand_fine, problem.people
    roster = Roster(problem, demand, people)
    assert not seat_all(roster, problem.no_weeks(), np.zeros(2, bool), np.arange(2)).any()
    dual = Dual(demand, people, problem.shifts, np.arange(2), np.ones(2), problem.no_weeks())
    for start in (dual.floor, np.zeros_like(dual.floor)):
        bound, price, _ = descend(dual, start, np.zeros(0), roster.value, 30)
        assert bound >= roster.value - 1e-6
        assert (price >= dual.floor).all()
    below, _, _ = dual.value(np.full_like(dual.floor, -demand.over[0]), np.zeros(0), 0.0)
    assert below < roster.value


def test_the_solver_stopping_early_is_no_bound(monkeypatch):
    monkeypatch.setattr(module, "_ITERATIONS", 1)
    problem = built()
    assert linear_bound(problem, problem.demand_fine, problem.people, NOBODY) is None
    found = solve(problem, problem.no_weeks(), np.zeros(3, bool), seed=1, limits=Effort.QUICK.limits)
    assert found.bound >= found.objective
