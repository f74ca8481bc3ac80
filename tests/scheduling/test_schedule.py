"""Whole weeks: legal by the checker, near the bound, the same twice, and told when there is none."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scheduling_small import (
    MONDAY,
    ROUTING,
    ZONE,
    agents,
    at,
    centre,
    contract,
    cover,
    eight_before,
    grid,
    inputs,
    office,
)

from wfo.domain.contract import StartWindow
from wfo.effort import Effort
from wfo.errors import InputError
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings
from wfo.tables.contracts import RUN
from wfo.tables.result import Status

QUICK = Effort.QUICK


def plan(given_inputs, seed=1, effort=QUICK, **wanted):
    return schedule(given_inputs, ScheduleSettings(**wanted), seed=seed, effort=effort)


def breaches(result, given_inputs):
    return check_schedule(
        result.frame(),
        centre=given_inputs.centre,
        agents=given_inputs.agents,
        availability=given_inputs.availability,
        published=given_inputs.published,
        grid=given_inputs.grid,
        agent_skills=given_inputs.agent_skills,
        routing=given_inputs.routing,
    )


def mail():
    return pd.DataFrame(
        {
            "queue": "mail",
            "release": [at(0, "08:00"), at(2, "08:00")],
            "due": [at(4, "18:00"), at(4, "18:00")],
            "work_s": [36000.0, 18000.0],
            "value_per_min": [0.5, 0.6],
        }
    ).astype({"release": "datetime64[us, UTC]", "due": "datetime64[us, UTC]"})


def availability(*rows):
    return pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"]).assign(paid=True)


def test_tables_are_after_the_contract():
    given_inputs = inputs(4, deferred=mail())
    result = plan(given_inputs)
    frame = result.frame()
    assert tuple(frame.columns) == RUN["schedule"].names
    assert tuple(result.tables["prices"].columns) == RUN["prices"].names
    assert str(frame["start"].dtype) == "datetime64[us, UTC]"
    assert len(result.tables["prices"]) == 3 * given_inputs.grid.n
    assert (result.tables["prices"]["low"] <= result.tables["prices"]["high"]).all()
    assert frame.equals(frame.sort_values(["agent_id", "start"], ignore_index=True))
    assert breaches(result, given_inputs).empty
    assert result.meta.bound >= result.meta.objective
    assert result.meta.status in (Status.FEASIBLE, Status.OPTIMAL)


def test_same_inputs_same_weeks():
    first, second = (plan(inputs(4, deferred=mail())) for _ in range(2))
    for name in first.tables:
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name])
    assert first.meta == second.meta


def test_objective_is_what_the_weeks_are_worth():
    given_inputs = inputs(3)
    result = plan(given_inputs, price_over=30.0)
    work = result.frame()[result.frame()["kind"] == "work"]
    local = given_inputs.grid.starts
    value = 0.0
    able = {q: set(ROUTING.loc[ROUTING["queue"] == q, "skill"]) for q in ("calls", "sales")}
    skills = given_inputs.agent_skills.groupby("agent_id")["skill"].agg(set)
    for moment in pd.date_range(
        local[0], local[-1] + pd.Timedelta(minutes=30), freq="15min", inclusive="left"
    ):
        now = work[(work["start"] <= moment) & (moment < work["end"])]
        steps = given_inputs.cover[given_inputs.cover["interval_start"] == moment.floor("30min")]
        value += best_match([skills[a] for a in now["agent_id"]], steps, able)
    hours = result.paid_hours()["paid_h"].sum()
    assert result.meta.objective == pytest.approx(value - 20.0 * hours, abs=0.01)


def best_match(people, steps, able):
    """Best value of three people at most on the steps of a quarter of an hour; an idle one costs 7.50."""
    best = 0.0
    options = [("", -7.5)] + [(q, None) for q in able]

    def value(load):
        total = 0.0
        for q, n in load.items():
            worth = np.sort(steps.loc[steps["queue"] == q, "value"].to_numpy())[::-1] / 2
            total += worth[:n].sum() - 7.5 * max(0, n - worth.size)
        return total

    def search(i, load, idle):
        nonlocal best
        if i == len(people):
            best = max(best, value(load) - 7.5 * idle)
            return
        for q, _ in options:
            if not q:
                search(i + 1, load, idle + 1)
            elif able[q] & people[i]:
                search(i + 1, load | {q: load.get(q, 0) + 1}, idle)

    best = -1e9
    search(0, {}, 0)
    return best


@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_never_breaks_a_rule(data):
    draw = data.draw
    rules = contract(
        week_h={"min": 8, "max": draw(st.sampled_from([20, 30, 40]))},
        days={"min": 1, "max": draw(st.integers(2, 6))},
        rest_h=draw(st.sampled_from([8, 11, 14])),
        max_days_in_row=draw(st.integers(2, 6)),
        start=draw(
            st.sampled_from(
                [
                    StartWindow(earliest="07:00", latest="13:00", step_min=60),
                    StartWindow(earliest="20:00", latest="02:00", step_min=120),
                ]
            )
        ),
    )
    rows = []
    for agent in ("a0", "a1", "a2"):
        for _ in range(draw(st.integers(0, 2))):
            day, hour = draw(st.integers(0, 6)), draw(st.integers(0, 18))
            kind = draw(st.sampled_from(["unavailable", "time_off", "meeting", "training"]))
            begin = at(day, f"{hour:02d}:00")
            rows.append((agent, begin, begin + pd.Timedelta(hours=draw(st.integers(1, 5))), kind))
    given_inputs = inputs(
        3,
        centre(usual=rules),
        availability=availability(*rows),
        published=eight_before(draw(st.integers(0, 6))),
        deferred=mail(),
    )
    result = plan(given_inputs, seed=draw(st.integers(0, 99)))
    assert breaches(result, given_inputs).empty or result.meta.reasons
    named = " ".join(result.meta.reasons)
    assert all(a in named for a in breaches(result, given_inputs)["agent_id"])
    assert result.meta.bound >= result.meta.objective - 1e-6


def test_published_weeks_are_respected():
    given_inputs = inputs(1, published=eight_before(6))
    result = plan(given_inputs)
    assert breaches(result, given_inputs).empty
    assert MONDAY not in set(result.frame()["schedule_date"])


def test_locked_shift_stands():
    fixed = availability(("a0", at(2, "08:30"), at(2, "14:30"), "locked_shift"))
    given_inputs = inputs(2, availability=fixed)
    result = plan(given_inputs)
    own = result.frame()[(result.frame()["agent_id"] == "a0") & result.frame()["locked"]]
    assert own["start"].min() == at(2, "08:30")
    assert own["end"].max() == at(2, "14:30")
    assert breaches(result, given_inputs).empty


def test_meeting_becomes_off_phone_time():
    rows = [("a0", at(d, "14:00"), at(d, "15:00"), "meeting") for d in range(7)]
    given_inputs = inputs(2, centre(usual=contract(shift_h=8)), availability=availability(*rows))
    result = plan(given_inputs)
    off = result.frame()[result.frame()["kind"] == "off_phone"]
    assert len(off)
    assert set(off["activity"]) == {"meeting"}
    assert all(queues == [] for queues in off["queues"])
    assert breaches(result, given_inputs).empty


def test_wish_decides_between_equal_days():
    flat = cover(grid(), {"calls": lambda h, d: 1 if d < 5 and 7 <= h < 21 else 0})
    wish = pd.DataFrame(
        {
            "agent_id": ["a0", "a0"],
            "schedule_date": [MONDAY, MONDAY + dt.timedelta(days=1)],
            "start_earliest": ["11:00", None],
            "start_latest": ["13:00", None],
            "sense": ["for", "against"],
            "weight": [10.0, 10.0],
        }
    )
    given_inputs = inputs(1, cover=flat, wishes=wish)
    result = plan(given_inputs, price_paid_hour=0.0)
    assert result.tables["wishes_met"]["met"].all()
    starts = result.frame().groupby("schedule_date")["start"].min()
    assert starts[MONDAY].tz_convert(ZONE).hour >= 11
    assert MONDAY + dt.timedelta(days=1) not in starts.index


def test_a_schedule_to_start_from_is_kept_or_bettered():
    given_inputs = inputs(4, deferred=mail())
    first = plan(given_inputs)
    again = plan(inputs(4, deferred=mail(), start_from=first.frame()), seed=9)
    assert again.meta.objective >= first.meta.objective - 1e-6
    assert breaches(again, given_inputs).empty


def test_a_start_from_another_scenarios_schedule_ends_no_worse_than_without():
    """Its own cover and absences were others: what it has is a start, and not kept where it is worth less."""
    other = inputs(4, cover=cover(grid(), {"calls": lambda h, d: 3 * (d > 2 and 15 <= h < 21)}))
    theirs = plan(other).frame()
    away = pd.DataFrame(
        [("a1", at(3, "00:00"), at(6, "00:00"), "unavailable", False)],
        columns=["agent_id", "start", "end", "kind", "paid"],
    )
    cold = inputs(4, availability=away)
    warm = inputs(4, availability=away, start_from=theirs)
    assert not breaches(plan(other), cold).empty
    first, again = plan(cold), plan(warm)
    assert again.meta.objective >= first.meta.objective - 1e-6
    assert breaches(again, cold).empty
    assert not again.frame().equals(theirs)


def test_shifts_of_a_plan_that_are_locked_stand_when_it_is_planned_again():
    first = plan(inputs(4)).frame()
    spans = first.groupby("shift_id", as_index=False).agg(
        agent_id=("agent_id", "first"), start=("start", "min"), end=("end", "max")
    )
    kept = spans.groupby("agent_id").head(2)
    locks = kept[["agent_id", "start", "end"]].assign(kind="locked_shift", paid=True)
    evening = cover(grid(), {"calls": lambda h, d: 3 * (d < 6 and 13 <= h < 21)})
    again = plan(inputs(4, availability=locks, cover=evening, start_from=first))
    assert breaches(again, inputs(4, availability=locks)).empty
    rows = again.frame()
    now = rows.groupby("shift_id", as_index=False).agg(
        agent_id=("agent_id", "first"), start=("start", "min"), end=("end", "max"), locked=("locked", "all")
    )
    both = kept.merge(now, on=["agent_id", "start", "end"])
    assert len(both) == len(kept)
    assert both["locked"].all()
    assert not now.loc[~now["shift_id"].isin(kept["shift_id"]), "locked"].any()
    free = (
        plan(inputs(4, cover=evening))
        .frame()
        .groupby("shift_id")
        .agg(start=("start", "min"), end=("end", "max"))
    )
    assert len(kept.merge(free, on=["shift_id", "start", "end"])) < len(kept)


def test_clock_change_moves_instants_not_local_starts():
    week = grid(first=dt.date(2025, 3, 24))  # the clocks go forward on Sunday
    given_inputs = inputs(
        2,
        centre(
            usual=contract(
                days={"min": 6, "max": 7}, max_days_in_row=7, weekends=None, week_h={"min": 24, "max": 48}
            )
        ),
        grid=week,
        cover=cover(week, {"calls": lambda h, d: 2 * (8 <= h < 18)}),
    )
    result = plan(given_inputs)
    assert breaches(result, given_inputs).empty
    assert dt.date(2025, 3, 30) in set(result.frame()["schedule_date"])


def test_excess_counts_agent_intervals():
    # One agent, sixteen needed quarter-hours a day at most: what is missed costs ten, what is too much one.
    given_inputs = inputs(1, cover=cover(grid(), {"calls": lambda h, d: int(d < 3 and 9 <= h < 13)}))
    meta = plan(given_inputs).meta
    assert meta.facts["slots_needed"] == 3 * 16
    assert meta.facts["flat_objective"] >= meta.facts["flat_bound"] >= 0
    assert meta.excess == pytest.approx((meta.facts["flat_objective"] - meta.facts["flat_bound"]) / 48)


def test_nobody_is_a_status():
    people, skills = agents(0)
    result = plan(inputs(0, agents=people, agent_skills=skills))
    assert result.meta.status is Status.INFEASIBLE
    assert result.frame().empty
    assert result.meta.reasons == (
        "there are no agents; add a row for each to 'agents', and their skills to 'agent_skills'",
    )


def test_queue_without_a_skilled_agent_is_told():
    result = plan(inputs(1, needs={"mail": office}))
    assert any("'mail'" in r for r in result.meta.reasons)


def test_no_demand_keeps_the_least_hours():
    given_inputs = inputs(2, cover=cover(grid(), {"calls": lambda h, d: 0}))
    result = plan(given_inputs)
    assert breaches(result, given_inputs).empty
    assert (result.paid_hours()["paid_h"] <= 13).all()
    assert result.meta.reasons[0].startswith("nothing is asked for in this week: 'cover' has no position")


def test_agent_without_a_legal_week_is_named_with_the_rule():
    away = availability(("a1", at(0, "00:00"), at(7, "00:00"), "unavailable"))
    result = plan(inputs(3, availability=away))
    told = [r for r in result.meta.reasons if "a1" in r]
    assert told[0].startswith("a1: no week keeps unavailability Sun 06 Jul 23:00")
    assert told[1:] == [
        "a1: gets no shift in this week, which bends least (let it be 0 days; let it be 0 paid hours); "
        "0 paid hours in the week; allowed are 12 to 24; 0 days worked; allowed are 2 to 5"
    ]
    assert result.meta.status is Status.FEASIBLE


def test_agents_alike_without_a_shift_are_told_together_and_no_such_plan_is_optimal():
    away = availability(*(((f"a{n}", at(0, "00:00"), at(7, "00:00"), "unavailable")) for n in (2, 3, 4)))
    result = plan(inputs(5, needs={"calls": lambda h, d: 0}, availability=away))
    told = [r for r in result.meta.reasons if "gets no shift" in r or "get no shift" in r]
    assert len(told) == 1
    assert told[0].startswith("a2, a3, a4: get no shift in this week, which bends least (let it be 0 days")
    assert result.meta.status is Status.FEASIBLE


def test_a_missed_fixed_shift_keeps_the_plan_from_being_optimal():
    twice = availability(
        ("a0", at(0, "07:00"), at(0, "13:00"), "locked_shift"),
        ("a0", at(0, "09:00"), at(0, "15:00"), "locked_shift"),
    )
    result = plan(inputs(3, availability=twice))
    assert result.meta.gap <= 1e-9
    assert result.meta.status is Status.FEASIBLE


def test_agents_who_all_lack_a_week_are_told_together():
    away = availability(*(((f"a{n}", at(0, "00:00"), at(7, "00:00"), "unavailable")) for n in range(3)))
    result = plan(inputs(3, availability=away))
    assert result.meta.status is Status.INFEASIBLE
    assert result.meta.reasons == (
        "3 agents (a0, a1, a2) have no legal week; without the rows 'unavailable' and 'time_off' there would "
        "be one",
    )


def test_a_week_of_leave_for_everybody_is_a_plan_and_told():
    away = availability(*(((f"a{n}", at(0, "00:00"), at(7, "00:00"), "time_off")) for n in range(3)))
    work = pd.DataFrame({"queue": ["mail"], "release": at(0, "08:00"), "due": at(2, "08:00")})
    work = work.assign(work_s=7200.0, value_per_min=1.0)
    result = plan(inputs(3, availability=away, deferred=work))
    assert result.frame().empty
    assert result.meta.status is not Status.INFEASIBLE
    assert result.meta.reasons == (
        "nobody can work in this week: rows 'unavailable' and 'time_off' of 'availability' leave all 3 "
        "agents no shift, and what is asked for stays unserved; shorten those of who should come",
    )


def test_leave_for_everybody_when_nothing_is_asked_leaves_nothing_unserved():
    away = availability(*(((f"a{n}", at(0, "00:00"), at(7, "00:00"), "time_off")) for n in range(3)))
    (reason,) = plan(inputs(3, needs={"calls": lambda h, d: 0}, availability=away)).meta.reasons
    assert reason.startswith("nothing is asked for in this week")


def test_what_staffing_has_said_of_a_week_without_work_is_not_said_again():
    hours = grid().starts
    need = pd.DataFrame({"queue": "calls", "interval_start": hours, "law": "immediate", "offered_load": 0.0})
    need = need.assign(positions=0.0, positions_with_shrinkage=0.0)
    idle = {"needs": {"calls": lambda h, d: 0}}
    assert plan(inputs(2, requirement=need, **idle)).meta.reasons == ()
    (reason,) = plan(inputs(2, requirement=need.assign(offered_load=0.1), **idle)).meta.reasons
    assert reason.startswith("nothing is asked for in this week")


@pytest.mark.parametrize(
    ("rules", "helps"),
    [
        ({"week_h": {"min": 0, "max": 3}}, "without its week_h there would be one"),
        ({"week_h": {"min": 0, "max": 24}, "day_h": 2.0}, "without its day_h there would be one"),
    ],
)
def test_a_contract_that_allows_no_shift_is_named_and_not_availability(rules, helps):
    rules = contract(days={"min": 0, "max": 5}, **rules)
    result = plan(inputs(3, centre(usual=rules)))
    assert result.frame().empty
    assert result.meta.reasons == (
        "nobody can work in this week: the rules of contract 'usual' leave all 3 agents no shift, and what "
        f"is asked for stays unserved; {helps}",
    )


def test_the_rows_that_leave_nobody_a_shift_are_told_apart():
    free = centre(usual=contract(week_h={"min": 0, "max": 24}, days={"min": 0, "max": 5}))
    rows = availability(
        *((f"a{n}", at(0, "02:00"), at(0, "03:00"), "available") for n in (0, 1)),
        ("a2", at(0, "00:00"), at(7, "00:00"), "unavailable"),
        ("a3", at(0, "02:00"), at(0, "03:00"), "available"),
        ("a3", at(0, "00:00"), at(7, "00:00"), "unavailable"),
    )
    told = plan(inputs(4, free, availability=rows)).meta.reasons
    assert len(told) == 3
    assert "rows 'available' of 'availability' leave 2 agents (a0, a1) no shift" in told[0]
    assert "widen" in told[0]
    assert "rows 'unavailable' and 'time_off' of 'availability' leave agent 'a2' no shift" in told[1]
    assert "rows 'available', 'unavailable' and 'time_off' of 'availability' leave agent 'a3'" in told[2]


def test_impossible_contract_is_infeasible():
    rules = contract(week_h=60, days={"min": 5, "max": 5})
    result = plan(inputs(2, centre(usual=rules)))
    assert result.meta.status is Status.INFEASIBLE
    assert any("contract 'usual'" in r and "week_h" in r for r in result.meta.reasons)


def test_unknown_contract_and_double_agent_are_refused_together():
    people, skills = agents(2)
    people = pd.concat([people, people.iloc[[0]].assign(contract="odd")], ignore_index=True)
    with pytest.raises(InputError) as caught:
        plan(inputs(2, agents=people, agent_skills=skills))
    assert len(caught.value.problems) == 2
