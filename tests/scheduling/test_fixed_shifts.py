"""Fixed-shift teams: optimal where brute force can tell, legal by the checker, bounded, the same again."""

import signal

import numpy as np
import pytest
from fixed_shifts_small import EARLY, LATE, NIGHT, all_plans, least_penalty, team
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.effort import Effort
from wfo.errors import InputError
from wfo.scheduling.fixed_shifts.arrays import to_arrays
from wfo.scheduling.fixed_shifts.check import breaches, penalty
from wfo.scheduling.fixed_shifts.pricer import Pricer
from wfo.scheduling.fixed_shifts.problem import (
    Before,
    Cover,
    FixedShiftProblem,
    Person,
    ShiftType,
    Wish,
)
from wfo.scheduling.fixed_shifts.solve import schedule_fixed_shifts
from wfo.tables.result import Status

befores = st.one_of(
    st.none(),
    st.builds(Before, days_on=st.integers(1, 4), shift=st.sampled_from(["early", "night"])),
    st.builds(Before, days_off=st.integers(1, 3)),
)


@st.composite
def persons(draw, name="Ann"):
    low = draw(st.integers(0, 3)) * 480
    least = draw(st.integers(1, 2))
    return Person(
        name,
        minutes=(low, low + draw(st.integers(0, 4)) * 240 + 120),
        days_on=(least, least + draw(st.integers(0, 3))),
        min_days_off=draw(st.integers(1, 3)),
        max_weekends=draw(st.one_of(st.none(), st.integers(0, 2))),
        max_shifts=draw(st.dictionaries(st.sampled_from(["early", "late", "night"]), st.integers(0, 3))),
        off=frozenset(draw(st.sets(st.integers(0, 5), max_size=2))),
        before=draw(befores),
    )


@settings(max_examples=60, deadline=None)
@given(persons(), st.integers(0, 6), st.integers(0, 1000))
def test_cheapest_plan_is_the_cheapest_of_all_legal_ones(person, first_weekday, seed):
    one = FixedShiftProblem(6, (EARLY, LATE, NIGHT), (person,), (), (), first_weekday)
    arrays = to_arrays(one)
    cost = np.random.default_rng(seed).integers(-20, 20, (6, 3)).astype(float)
    least, plans = Pricer(arrays).cheapest(0, cost, arrays.allow[0], 3)
    number = {"early": 0, "late": 1, "night": 2}
    legal = list(all_plans(one, person))
    costs = [sum(cost[d, number[name]] for d, name in own.items()) for own in legal]
    assert least == min(costs, default=np.inf)
    names = ["early", "late", "night"]
    for plan in plans:
        assert {d: names[s] for d, s in enumerate(plan) if s < 3} in legal


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_small_teams_are_planned_best(data):
    staff = tuple(data.draw(persons(name)) for name in ("Ann", "Bo"))
    days = data.draw(st.integers(3, 4))
    staff = tuple(
        Person(
            p.name, (0, p.minutes[1]), p.days_on, p.min_days_off, p.max_weekends, {}, frozenset(), p.before
        )
        if p.before is None or p.before.shift != "night"
        else Person(p.name, (0, p.minutes[1]))
        for p in staff
    )
    wishes = (Wish("Ann", 1, "late", 3), Wish("Bo", 2, "early", 2, wanted=False))
    one = team(staff, days, 1, wishes)
    result = schedule_fixed_shifts(one, seed=1)
    best = least_penalty(one)
    if best is None:
        assert result.status is Status.INFEASIBLE
    else:
        assert not breaches(one, result.rota)
        assert result.penalty == penalty(one, result.rota) == best
        assert result.bound <= best


def _fortnight(persons: int = 8) -> FixedShiftProblem:
    draws = np.random.default_rng(3)
    staff = tuple(
        Person(f"P{n}", (3800, 4800), (2, 5), 2, 1, {"late": 5}, frozenset({int(draws.integers(14))}))
        for n in range(persons)
    )
    wishes = tuple(
        Wish(p.name, int(d), "early", int(draws.integers(1, 4)), bool(draws.integers(2)))
        for p in staff
        for d in draws.choice(14, 4, replace=False)
    )
    return team(staff, 14, 3, wishes)


def test_a_fortnight_is_legal_and_near_its_bound_and_the_same_again():
    one = _fortnight()
    told = []
    result = schedule_fixed_shifts(one, seed=1, tell=told.append)
    assert not breaches(one, result.rota)
    assert penalty(one, result.rota) == result.penalty
    assert 0 < result.bound <= result.penalty
    assert result.gap < 0.02
    assert told[0].phase == "first plan"
    assert told[-1].objective == -result.penalty
    assert schedule_fixed_shifts(one, seed=1) == result


def test_a_time_limit_of_a_moment_still_gives_a_legal_plan():
    one = _fortnight()
    result = schedule_fixed_shifts(one, seed=1, seconds=0.001)
    assert result.status is Status.FEASIBLE
    assert not breaches(one, result.rota)
    assert result.bound <= result.penalty == penalty(one, result.rota)


def test_quick_effort_is_no_better_than_long():
    one = _fortnight(5)
    quick = schedule_fixed_shifts(one, seed=1, effort=Effort.QUICK)
    normal = schedule_fixed_shifts(one, seed=1)
    assert normal.penalty <= quick.penalty
    assert quick.bound <= normal.penalty


def test_a_person_without_a_plan_is_named_with_the_rules_in_conflict():
    staff = (Person("Ann", (3360, 3840), (1, 3), 2), Person("Bo", (0, 3360)))
    result = schedule_fixed_shifts(team(staff), seed=1)
    assert result.status is Status.INFEASIBLE
    assert result.reasons == (
        "person 'Ann': no plan keeps at most 3 days on in a row and at least 3360 minutes together; "
        "loosen one of them",
    )


def test_days_before_that_cannot_go_on_are_a_reason():
    worn = Person(
        "Ann", (0, 4800), (3, 3), max_shifts={"early": 0}, before=Before(1, 0, "late"), off=frozenset({0})
    )
    result = schedule_fixed_shifts(team((worn,)), seed=1)
    assert result.status is Status.INFEASIBLE
    assert result.reasons == (
        "person 'Ann': no plan keeps the days before the horizon and 1 days away and at least "
        "3 days on in a row together; loosen one of them",
    )


def test_nobody_needed_costs_nothing():
    one = FixedShiftProblem(7, (EARLY,), (Person("Ann", (0, 4800)),), ())
    result = schedule_fixed_shifts(one, seed=1)
    assert (result.status, result.penalty, result.rota) == (Status.OPTIMAL, 0, {"Ann": {}})


def test_cover_nobody_can_work_is_paid_for():
    one = FixedShiftProblem(
        7, (EARLY, LATE), (Person("Ann", (0, 4800), max_shifts={"late": 0}),), (Cover(3, "late", 2, 7),)
    )
    result = schedule_fixed_shifts(one, seed=1)
    assert (result.penalty, result.bound) == (14, 14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"persons": ()}, "persons: found none; name at least one person"),
        ({"days": 0}, "days: found 0; a horizon has 1 to 1000 days"),
        ({"first_weekday": 7}, "first_weekday: found 7; 0 is Monday, 6 Sunday"),
        ({"shift_types": (EARLY, EARLY)}, "shift type 'early': found 2 of that name; give each its own"),
        (
            {"shift_types": (ShiftType("early", 0),)},
            "shift type 'early': found 0 minutes; a length is above 0",
        ),
        ({"cover": (Cover(9, "early", 1, 1),)}, "found day 9; days are 0 to 6"),
        ({"cover": (Cover(0, "noon", 1, 1),)}, "found shift type 'noon'; there are early, late"),
        ({"cover": (Cover(0, "early", -1, 1),)}, "needed, under and over are 0 or more"),
        ({"cover": (Cover(0, "early", 1, 1),) * 2}, "found twice; name each day and shift type once"),
        ({"wishes": (Wish("Zoe", 0, "early", 1),)}, "found person 'Zoe'; there is none of that name"),
        ({"wishes": (Wish("Ann", 0, "early", -1),)}, "found weight -1; weights are 0 or more"),
        ({"persons": (Person("Ann", (9, 1)),)}, "found minutes from 9 to 1; the least is 0 or more"),
        ({"persons": (Person("Ann", (0, 1), (0, 0)),)}, "found rows of 0 days"),
        ({"persons": (Person("Ann", (0, 1), max_weekends=-1),)}, "found a negative limit"),
        ({"persons": (Person("Ann", (0, 1), off=frozenset({7})),)}, "found day 7 off; days are 0 to 6"),
        ({"persons": (Person("Ann", (0, 1), before=Before()),)}, "found 0 days on and 0 off before"),
    ],
)
def test_bad_teams_are_refused(change, message):
    good = {"days": 7, "shift_types": (EARLY, LATE), "persons": (Person("Ann", (0, 960)),), "cover": ()}
    with pytest.raises(InputError) as error:
        FixedShiftProblem(**{**good, **change})
    assert message in str(error.value)


@settings(max_examples=40, deadline=None)
@given(persons(), st.integers(0, 1000))
def test_limits_kept_by_a_price_give_legal_plans_and_a_bound(person, seed):
    one = FixedShiftProblem(6, (EARLY, LATE, NIGHT), (person,), ())
    arrays = to_arrays(one)
    cost = np.random.default_rng(seed).integers(-20, 20, (6, 3)).astype(float)
    least, exact = Pricer(arrays).cheapest(0, cost, arrays.allow[0])
    bound, plans = Pricer(arrays, most_states=1).cheapest(0, cost, arrays.allow[0])
    assert bound <= least
    names = ["early", "late", "night"]
    for plan in plans:
        assert not breaches(one, {"Ann": {d: names[s] for d, s in enumerate(plan) if s < 3}})
    assert not len(plans) or len(exact)


def test_lengths_without_a_common_divisor_are_refused_before_memory_is():
    types = (ShiftType("a", 479), ShiftType("b", 601))
    one = FixedShiftProblem(364, types, (Person("Ann", (0, 125_000), max_weekends=26),), ())
    with pytest.raises(InputError, match="common divisor is 1 min over 364 days"):
        schedule_fixed_shifts(one, seed=1)


def test_ctrl_c_keeps_the_best_plan_so_far():
    def stop(progress):
        if progress.phase == "first plan":
            signal.raise_signal(signal.SIGINT)

    one = _fortnight()
    result = schedule_fixed_shifts(one, seed=1, tell=stop)
    assert not breaches(one, result.rota)
    assert result.penalty == penalty(one, result.rota)
    assert result.reasons[0].startswith("the search was stopped by Ctrl-C")
