"""Rules that planners set, from the solver's side: what they forbid does not happen, what they price does."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scheduling_small import MONDAY, agents, at, centre, contract, cover, grid, inputs, shift_rows

from wfo.domain.centre import Skill
from wfo.domain.contract import Break, Overtime, Period, Premium, ShiftType, Split, StartWindow, Weekends
from wfo.effort import Effort
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.fairness import account_after, account_table, accounts
from wfo.scheduling.rules import RULES
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import MinimumStaff, ScheduleSettings, TeamMix


def plan(given, **wanted):
    settings = ScheduleSettings(**wanted)
    result = schedule(given, settings, seed=1, effort=Effort.QUICK)
    breaches = check_schedule(
        result.frame(), centre=given.centre, agents=given.agents, availability=given.availability,
        published=given.published, grid=given.grid, agent_skills=given.agent_skills, routing=given.routing,
        settings=settings,
    )  # fmt: skip
    assert result.meta.bound >= result.meta.objective - 1e-6
    return result, breaches


def hours_of(result, agent="a0"):
    table = result.paid_hours().set_index("agent_id")["paid_h"]
    return float(table.get(agent, 0.0))


def starts(result, zone="Europe/Berlin"):
    """Local start by (agent, date)."""
    first = result.frame().groupby(["agent_id", "schedule_date"])["start"].min().dt.tz_convert(zone)
    return {key: moment.hour * 60 + moment.minute for key, moment in first.items()}


EVERY = {
    "weekends of Friday and Saturday": ({"weekends": Weekends(worked=0, of=2)}, {"weekend": ("Fri", "Sat")}),
    "days off in pairs": ({"min_days_off_in_row": 2, "max_days_off_in_row": 4}, {}),
    "runs of days": ({"min_days_in_row": 2, "max_days_in_row": 3}, {}),
    "kinds of shift": (
        {
            "shift_types": {"early": ShiftType(earliest="07:00"), "late": ShiftType(earliest="13:00")},
            "not_after": {"late": ("early",)},
        },
        {},
    ),
    "rotation": (
        {
            "shift_types": {"early": ShiftType(earliest="07:00"), "late": ShiftType(earliest="13:00")},
            "rotation": ("early", "late"),
        },
        {},
    ),
    "one start": ({"start": StartWindow(earliest="07:00", latest="13:00", step_min=120, variance_min=0)}, {}),
    "split shifts": (
        {
            "split": Split(gap_h={"min": 3, "max": 5}, part_h={"min": 2, "max": 4}),
            "shift_h": {"min": 6, "max": 8},
        },
        {},
    ),
    "whole weekends": ({"weekends": Weekends(worked=1, of=2, whole=True)}, {}),
    "rest": ({"rest_h": 18.0}, {}),
    "day hours": ({"day_h": 4.0}, {}),
    "break windows": (
        {"breaks": {"lunch": Break(minutes=30, paid=False, over_h=4, window_h={"min": 3, "max": 5})}},
        {},
    ),
    "period": ({"period": Period(weeks=2, max_h=40)}, {}),
}


HELD = {
    "known_agents": "test_schedule.py::test_unknown_contract_and_double_agent_are_refused_together",
    "partition": "test_schedule.py::test_never_breaks_a_rule",
    "one_shift_a_day": "test_schedule.py::test_never_breaks_a_rule",
    "shift_length": "test_schedule.py::test_never_breaks_a_rule",
    "split_shift": "split shifts",
    "day_hours": "day hours",
    "start_window": "test_schedule.py::test_never_breaks_a_rule",
    "shift_type": "kinds of shift",
    "locked_shifts": "test_schedule.py::test_shifts_of_a_plan_that_are_locked_stand_when_it_is_planned_again",
    "break_count": "test_schedule.py::test_never_breaks_a_rule",
    "break_position": "test_schedule.py::test_never_breaks_a_rule",
    "break_window": "break windows",
    "absences": "test_schedule.py::test_never_breaks_a_rule",
    "skills": "test_schedule.py::test_never_breaks_a_rule",
    "proficiency": "test_rules_in_the_solver.py::test_slow_agents_serve_nothing_by_that_skill",
    "meetings": "test_rules_in_the_solver.py::test_meeting_is_never_cut_in_two",
    "week_hours": "test_schedule.py::test_never_breaks_a_rule",
    "overtime": "test_rules_in_the_solver.py::test_overtime_where_it_pays_and_not_where_it_costs_more",
    "voluntary_time_off": "test_rules_in_the_solver.py::test_voluntary_time_off_where_there_is_nothing_to_do",
    "period_hours": "period",
    "days_worked": "test_schedule.py::test_never_breaks_a_rule",
    "rest": "rest",
    "days_in_row": "runs of days",
    "days_off_in_row": "days off in pairs",
    "weekends": "weekends of Friday and Saturday",
    "whole_weekends": "whole weekends",
    "succession": "kinds of shift",
    "rotation": "rotation",
    "start_variance": "one start",
    "minimum_staff": "test_rules_in_the_solver.py::test_minimum_staff_where_no_work_is",
    "team_mix": "test_rules_in_the_solver.py::test_team_mix_keeps_novices_company",
    "shift_cover": "test_team_schedule.py::test_two_early_two_late_one_night",
}
"""By rule of the checker: the entry of `EVERY`, or the test elsewhere, in which the solver keeps it."""


def test_every_rule_of_the_checker_is_one_that_the_solver_is_seen_to_keep():
    assert set(HELD) == set(RULES)
    named = {place for place in HELD.values() if "::" not in place}
    assert named == set(EVERY)
    for place in set(HELD.values()) - named:
        file, test = place.split("::")
        assert f"def {test}(" in (Path(__file__).parent / file).read_text(encoding="utf-8"), place


def test_the_plan_without_these_rules_would_break_them():
    given = inputs(4)
    rows = plan(given)[0].frame()
    idle = set()
    for name, (rules, place) in EVERY.items():
        other = centre(usual=contract(**rules)).model_copy(update=place)
        if check_schedule(rows, centre=other, agents=given.agents, grid=given.grid).empty:
            idle.add(name)
    assert idle == {"period"}  # 24 hours of the first week leave 16 for the second


def test_rest_counts_from_the_shift_before_the_week():
    """A late Sunday before, work on Monday morning only: nobody begins before the rest is over."""
    late = (("14:30", "14:45", True), ("16:00", "16:30", False), ("18:00", "18:15", True))
    before = shift_rows("a0", -1, "13:00", "21:00", late)
    morning = {"calls": lambda h, d: 2 * (d == 0 and 7 <= h < 13)}
    for rest_h, earliest in ((9.0, 7 * 60), (14.0, 11 * 60)):
        usual = contract(
            rest_h=rest_h, weekends=None, days={"min": 1, "max": 3}, week_h={"min": 4, "max": 24}
        )
        given = inputs(1, centre(usual=usual), morning, published=before)
        result, breaches = plan(given)
        assert breaches.empty
        assert starts(result)["a0", MONDAY] == earliest


@pytest.mark.parametrize(("rules", "place"), EVERY.values(), ids=EVERY)
def test_kept_by_the_checker_and_across_the_boundary(rules, place):
    given_centre = centre(usual=contract(**rules)).model_copy(update=place)
    first = inputs(4, given_centre)
    result, breaches = plan(first)
    assert breaches.empty, breaches["message"].tolist()
    assert len(result.frame())
    week = dt.timedelta(days=7)
    second = inputs(
        4,
        given_centre,
        grid=grid(first=MONDAY + week),
        published=result.frame(),
    )
    later, breaches = plan(second)
    assert breaches.empty, breaches["message"].tolist()
    assert later.frame()["agent_id"].nunique() == 4
    assert not later.meta.reasons


def test_split_shift_covers_two_peaks():
    """Work in the early morning and in the late afternoon only, one agent."""
    two_peaks = {"calls": lambda h, d: int(d < 5 and (7 <= h < 11 or 15 <= h < 19))}
    rules = {"start": StartWindow(earliest="07:00", latest="07:00"), "shift_h": 8, "days": 3, "breaks": {}}
    split = rules | {"split": Split(gap_h={"min": 3, "max": 5}, part_h=4), "shift_step_min": 60}
    plain, _ = plan(inputs(1, centre(usual=contract(**rules)), two_peaks))
    better, breaches = plan(inputs(1, centre(usual=contract(**split)), two_peaks))
    assert breaches.empty
    gaps = better.frame()[better.frame()["activity"] == "split"]
    assert len(gaps) == 3
    assert ((gaps["end"] - gaps["start"]) == pd.Timedelta(hours=4)).all()
    assert not gaps["paid"].any()
    assert better.meta.objective > plain.meta.objective + 100


def test_a_week_leaves_a_legal_week():
    """Five days, at most five in a row, every other weekend: a weekend worked must not end in a full run."""
    rules = {
        "week_h": 37.5,
        "shift_h": 8,
        "days": 5,
        "max_days_in_row": 5,
        "weekends": Weekends(worked=1, of=2),
    }
    given_centre = centre(usual=contract(**rules))
    # Work is worth most from Wednesday to Sunday, which five days in a row would take.
    late = {"calls": lambda h, d: 4 if d >= 2 and 8 <= h < 18 else 0}
    rows, week = None, dt.timedelta(days=7)
    for n in range(4):
        week_grid = grid(first=MONDAY + n * week)
        given = inputs(4, given_centre, late, grid=week_grid, published=rows)
        result, breaches = plan(given)
        assert breaches.empty
        assert not result.meta.reasons
        assert result.frame()["agent_id"].nunique() == 4
        rows = result.frame() if rows is None else pd.concat([rows, result.frame()], ignore_index=True)


def test_overtime_where_it_pays_and_not_where_it_costs_more():
    busy = {"calls": lambda h, d: 3 if 7 <= h < 19 else 0}
    rules = {"week_h": 15, "shift_h": 8, "days": {"min": 2, "max": 5}}
    for premium, hours in ((0.0, 30.0), (0.5, 15.0)):
        extra = contract(**rules, overtime=Overtime(max_h=20, premium=premium))
        result, breaches = plan(inputs(1, centre(usual=extra), busy))
        assert breaches.empty
        assert hours_of(result) == hours
    base, _ = plan(inputs(1, centre(usual=contract(**rules)), busy))
    paid, _ = plan(inputs(1, centre(usual=contract(**rules, overtime=Overtime(max_h=20, premium=0.1))), busy))
    # Four shifts instead of two, each as good as the other: fifteen hours more at 20 an hour and a tenth.
    assert paid.meta.objective == pytest.approx(base.meta.objective * 2 - 15 * 20 * 1.1, abs=0.01)


def test_voluntary_time_off_where_there_is_nothing_to_do():
    quiet = {"calls": lambda h, d: int(d == 0 and 7 <= h < 15)}
    rules = {"week_h": 30, "shift_h": 8, "days": {"min": 1, "max": 5}, "breaks": {}, "rest_h": 11}
    rules |= {"week_h": 32}
    usual, _ = plan(inputs(1, centre(usual=contract(**rules)), quiet))
    free, breaches = plan(inputs(1, centre(usual=contract(**rules, voluntary_time_off_h=16)), quiet))
    assert breaches.empty
    assert (hours_of(usual), hours_of(free)) == (32.0, 16.0)
    assert free.meta.objective > usual.meta.objective


def test_premiums_move_work_to_where_it_is_cheap():
    flat = {"calls": lambda h, d: int(8 <= h < 16)}
    rules = {"days": 2, "week_h": 16, "shift_h": 8, "breaks": {}, "weekends": None, "max_days_in_row": 7}
    rules |= {"start": StartWindow(earliest="08:00", latest="08:00")}
    paid = contract(
        **rules, premiums={"all but the weekend": Premium(hours=("Mon-Fri 00:00-24:00",), share=1.0)}
    )
    result, _ = plan(inputs(1, centre(usual=paid), flat))
    assert {date.weekday() for _, date in starts(result)} == {5, 6}


def test_minimum_staff_where_no_work_is():
    nothing = {"calls": lambda h, d: int(d < 5 and 9 <= h < 17)}
    wanted = {"door": MinimumStaff(agents=1, skill="talk", hours=("Sat 10:00-12:00",))}
    given = inputs(3, centre(usual=contract(weekends=None)), nothing)
    assert "minimum_staff" not in set(plan(given, minimum_staff=wanted)[1]["rule"])
    idle, _ = plan(given)
    short = check_schedule(
        idle.frame(), centre=given.centre, agents=given.agents, grid=given.grid,
        settings=ScheduleSettings(minimum_staff=wanted), agent_skills=given.agent_skills,
    )  # fmt: skip
    assert set(short["rule"]) == {"minimum_staff"}
    assert "'door': fewer than 1 on duty for 120 min" in short["message"].iloc[0]


def test_team_mix_keeps_novices_company():
    people, skills = agents(4, skills=(("talk",),))
    people["hire_date"] = [dt.date(2025, 5, 1)] * 2 + [dt.date(2020, 5, 1)] * 2
    given = inputs(
        4, agents=people, agent_skills=skills, needs={"calls": lambda h, d: int(d < 6 and 7 <= h < 20)}
    )
    wanted = {"old hands": TeamMix(share=0.4, months=12)}
    assert "team_mix" not in set(plan(given, team_mix=wanted)[1]["rule"])
    alone, _ = plan(given)
    breaches = check_schedule(
        alone.frame(), centre=given.centre, agents=people, grid=given.grid,
        settings=ScheduleSettings(team_mix=wanted), agent_skills=skills,
    )  # fmt: skip
    assert set(breaches["rule"]) == {"team_mix"}


def test_slow_agents_serve_nothing_by_that_skill():
    people, skills = agents(2, skills=(("talk",), ("talk", "sell")))
    skills["speed"] = [1.5, 1.5, 1.0]
    slow = centre().model_copy(update={"skills": {"talk": Skill(slowest=1.2)}})
    result, breaches = plan(inputs(2, slow, agents=people, agent_skills=skills))
    assert breaches.empty
    queues = (
        result.frame().groupby("agent_id")["queues"].agg(lambda own: sorted({q for row in own for q in row}))
    )
    assert queues.to_dict() == {"a0": [], "a1": ["sales"]}


def test_fairness_gives_the_bad_hours_to_who_had_few():
    """Two agents, one late shift a day; the one who had all late shifts before gets early ones."""
    rules = {"week_h": 37.5, "shift_h": 8, "days": 5, "weekends": None}
    rules |= {"shift_types": {"early": ShiftType(earliest="07:00"), "late": ShiftType(earliest="13:00")}}
    people, skills = agents(2, site="b")
    here = {"agents": people, "agent_skills": skills}
    two = {"calls": lambda h, d: int(d < 5 and 7 <= h < 21)}
    breaks = (("14:30", "14:45", True), ("16:00", "16:30", False), ("18:00", "18:15", True))
    before = pd.concat(
        [shift_rows("a0", -n, "13:00", "21:00", breaks) for n in range(3, 8)], ignore_index=True
    )
    given = inputs(2, centre(usual=contract(**rules)), two, published=before, **here)
    late = ("Mon-Sun 18:00-24:00",)
    owed = accounts(given, ScheduleSettings(unpopular=late), MONDAY)
    # a1 has not worked, so all of the evenings were a0's share.
    assert owed == {"a0": 0.0, "a1": 0.0}
    early = [shift_rows("a1", -n, "07:00", "15:00", (("08:30", "08:45", True), ("10:00", "10:30", False),
             ("12:30", "12:45", True))) for n in range(3, 8)]  # fmt: skip
    given = inputs(2, centre(usual=contract(**rules)), two, published=pd.concat([before, *early]), **here)
    owed = accounts(given, ScheduleSettings(unpopular=late), MONDAY)
    assert owed["a0"] == pytest.approx(5 * 180 / 2)
    assert owed["a0"] == -owed["a1"]
    fair, breaches = plan(given, unpopular=late, price_unfair=1.0)
    assert breaches.empty
    assert {a for (a, _), minute in starts(fair).items() if minute == 780} == {"a1"}
    after = account_after(owed, fair.frame(), given.agents, given.centre, ScheduleSettings(unpopular=late))
    assert abs(after["a0"]) < abs(owed["a0"])
    table = account_table(after)
    assert table["account"].sum() == pytest.approx(0.0, abs=1e-5)
    handed = inputs(2, centre(usual=contract(**rules)), two, fairness=table, **here)
    assert accounts(handed, ScheduleSettings(unpopular=late), MONDAY)["a1"] == pytest.approx(after["a1"])


def test_seniority_weighs_wishes():
    people, skills = agents(2, skills=(("talk",),))
    people["hire_date"] = [dt.date(2024, 7, 7), dt.date(2015, 7, 7)]
    one = {"calls": lambda h, d: int(d < 5 and 7 <= h < 15), "sales": lambda h, d: 0}
    rules = {"start": StartWindow(earliest="07:00", latest="07:00"), "weekends": None}
    rules |= {"shift_h": 8, "days": {"min": 2, "max": 5}, "week_h": {"min": 15, "max": 37.5}}
    wishes = pd.DataFrame(
        [(a, MONDAY, None, None, "against", 1.0) for a in ("a0", "a1")],
        columns=["agent_id", "schedule_date", "start_earliest", "start_latest", "sense", "weight"],
    )
    given = inputs(2, centre(usual=contract(**rules)), one, agents=people, agent_skills=skills, wishes=wishes)
    result, _ = plan(given, seniority_share=0.5, price_wish=5.0)
    assert {a for a, date in starts(result) if date == MONDAY} == {"a0"}


def test_wish_for_a_kind_of_shift():
    types = {"early": ShiftType(earliest="07:00"), "late": ShiftType(earliest="13:00")}
    wishes = pd.DataFrame(
        [("a0", MONDAY + dt.timedelta(days=d), "late", "for", 9.0) for d in range(5)],
        columns=["agent_id", "schedule_date", "shift", "sense", "weight"],
    )
    given = inputs(1, centre(usual=contract(shift_types=types)), wishes=wishes)
    result, _ = plan(given, price_wish=50.0)
    assert {minute for (_, date), minute in starts(result).items() if date.weekday() < 5} == {780}


def test_published_week_stays_where_change_has_its_price():
    given = inputs(3)
    first, _ = plan(given)
    busier = cover(given.grid, {"calls": lambda h, d: 3 if d < 6 and 11 <= h < 21 else 0})
    changed = inputs(3, cover=busier, published=first.frame())
    free, _ = plan(changed)
    dear, _ = plan(changed, price_change=10_000.0)
    assert starts(dear) == starts(first)
    assert starts(free) != starts(first)


def test_meeting_is_never_cut_in_two():
    meeting = pd.DataFrame(
        [
            ("a0", at(1, "06:30"), at(1, "08:00"), "meeting", True),
            ("a0", at(2, "09:00"), at(2, "10:00"), "meeting", True),
        ],
        columns=["agent_id", "start", "end", "kind", "paid"],
    )
    result, breaches = plan(inputs(1, availability=meeting))
    assert breaches.empty
    rows = result.frame()
    met = rows[rows["activity"] == "meeting"]
    assert all(start == at(2, "09:00") for start in met["start"])
    assert np.all(
        rows.loc[rows["kind"] == "off_phone", "end"] > rows.loc[rows["kind"] == "off_phone", "start"]
    )
