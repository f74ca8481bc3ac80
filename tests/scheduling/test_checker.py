"""Every rule from both sides: a schedule that keeps it, and one that breaks it and nothing else."""

import datetime as dt

import pandas as pd
import pytest
from scheduling_small import BREAKS, MONDAY, ROUTING, agents, at, centre, contract, grid, shift_rows

from wfo.domain.centre import Skill
from wfo.domain.contract import Break, Overtime, Period, ShiftType, Split, StartWindow, Weekends
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.rules import RULES
from wfo.scheduling.settings import MinimumStaff, ScheduleSettings, TeamMix

LUNCH = (("11:00", "11:30", False), ("13:00", "13:15", True))
SHORT = (("10:00", "10:15", True),)


def eight(agent, day, start="09:00", end="17:00", **columns):
    breaks = (("10:30", "10:45", True), ("12:00", "12:30", False), ("14:30", "14:45", True))
    return shift_rows(agent, day, start, end, breaks, **columns)


def four(agent, day, start="09:00", end="13:00", breaks=(("10:30", "10:45", True),), **columns):
    return shift_rows(agent, day, start, end, breaks, **columns)


def late(agent, day):
    breaks = (("12:30", "12:45", True), ("14:00", "14:30", False), ("16:30", "16:45", True))
    return shift_rows(agent, day, "11:00", "19:00", breaks)


def week(*shifts):
    return pd.concat(shifts, ignore_index=True)


GOOD = week(eight("a0", 0), eight("a0", 2))


def availability(*rows):
    frame = pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"])
    return frame.assign(paid=True)


def published(days_before, start="09:00", end="17:00"):
    return week(*[eight("a0", -n, start, end) for n in days_before])


def ruled(**rules):
    """The checked contract with more rules."""
    plain = {"start": StartWindow(earliest="07:00", latest="13:00", step_min=120)}
    return {"centre": centre(usual=contract(**(plain | rules)))}


def same_start():
    return ruled(start=StartWindow(earliest="07:00", latest="13:00", step_min=120, variance_min=0))


def speed(slowness):
    """Everybody so slow; the centre allows 1.25."""
    base = centre(usual=contract(start=StartWindow(earliest="07:00", latest="13:00", step_min=120)))
    _, skills = agents(1)
    limited = base.model_copy(update={"skills": {"talk": Skill(slowest=1.25)}})
    return {"centre": limited, "agent_skills": skills.assign(speed=slowness)}


def meeting_inside(schedule, kind):
    """The first hour of the first shift as a row of its own."""
    first = schedule.iloc[[0]]
    return pd.concat(
        [first.assign(end=at(0, "10:00"), kind=kind, activity="meeting", queues=[[]]),
         first.assign(start=at(0, "10:00")), schedule.iloc[1:]],
        ignore_index=True,
    )  # fmt: skip


def split(free_from, free_to):
    """Two parts of four hours with free time between them."""
    parts = [four("a0", 0), four("a0", 0)]
    parts[1][["start", "end"]] += pd.Timestamp(f"2025-07-07 {free_to}") - pd.Timestamp("2025-07-07 09:00")
    gap = (
        parts[0]
        .iloc[[0]]
        .assign(
            start=at(0, free_from),
            end=at(0, free_to),
            kind="break",
            activity="split",
            paid=False,
            queues=[[]],
        )
    )
    return week(parts[0], gap, parts[1])


def lunch_in(low, high):
    """Lunch in a window of hours after the start; it is from the third hour on in the schedules here."""
    return BREAKS | {"lunch": Break(minutes=30, paid=False, over_h=6, window_h={"min": low, "max": high})}


EARLY = {"early": ShiftType(earliest="07:00", latest="09:00")}
LATE = {"late": ShiftType(earliest="11:00", latest="13:00")}
TURNS = {"shift_types": EARLY | LATE, "not_after": {"late": ("early",)}}
IN_TURN = {"shift_types": EARLY | LATE, "rotation": ("early", "late"), "weekends": None}


def staff(number, hours):
    return ScheduleSettings(minimum_staff={"door": MinimumStaff(agents=number, hours=(hours,), skill="talk")})


def wanted(**cover):
    return ScheduleSettings.model_validate({"cover": cover})


def mix(months):
    return ScheduleSettings(team_mix={"old hands": TeamMix(share=0.5, months=months)})


CASES = {
    "known_agents": (GOOD, {}, week(GOOD, four("zz", 0)), {}),
    "partition": (GOOD, {}, GOOD.drop(index=2), {}),
    "one_shift_a_day": (
        GOOD,
        {},
        GOOD.assign(schedule_date=GOOD["schedule_date"] + dt.timedelta(days=1)),
        {},
    ),
    "shift_length": (GOOD, {}, week(eight("a0", 0), eight("a0", 2, end="17:30")), {}),
    "start_window": (GOOD, {}, week(eight("a0", 0), eight("a0", 2, start="09:30", end="17:30")), {}),
    "locked_shifts": (
        GOOD,
        {"availability": availability(("a0", at(0, "09:00"), at(0, "17:00"), "locked_shift"))},
        GOOD,
        {"availability": availability(("a0", at(1, "09:00"), at(1, "17:00"), "locked_shift"))},
    ),
    "break_count": (
        GOOD,
        {},
        week(eight("a0", 0), eight("a0", 2), four("a0", 3, breaks=())),
        {},
    ),
    "break_position": (GOOD, {}, week(GOOD, four("a0", 3, breaks=(("09:30", "09:45", True),))), {}),
    "week_hours": (GOOD, {}, week(four("a0", 0), four("a0", 2)), {}),
    "days_worked": (
        GOOD,
        {},
        week(*[four("a0", d) for d in range(6)]),
        {},
    ),
    "rest": (
        GOOD,
        {"published": published([1], "05:00", "15:00")},
        GOOD,
        {"published": published([1], "15:00", "23:59")},
    ),
    "days_in_row": (
        GOOD,
        {"published": published([1, 2, 4])},
        GOOD,
        {"published": published([1, 2, 3, 4, 5, 6])},
    ),
    "weekends": (
        week(eight("a0", 0), eight("a0", 5)),
        {"published": published([3])},
        week(eight("a0", 0), eight("a0", 5)),
        {"published": published([2])},
    ),
    "absences": (
        GOOD,
        {"availability": availability(("a0", at(0, "17:00"), at(0, "19:00"), "unavailable"))},
        GOOD,
        {"availability": availability(("a0", at(0, "16:59"), at(0, "19:00"), "unavailable"))},
    ),
    "skills": (GOOD, {}, week(eight("a0", 0), eight("a0", 2, queues=("calls", "mail"))), {}),
    "proficiency": (GOOD, speed(1.2), GOOD, speed(1.3)),
    "meetings": (
        meeting_inside(GOOD, "off_phone"),
        {"availability": availability(("a0", at(0, "09:00"), at(0, "10:00"), "meeting"))},
        meeting_inside(GOOD, "work"),
        {"availability": availability(("a0", at(0, "09:00"), at(0, "10:00"), "meeting"))},
    ),
    "split_shift": (
        week(split("13:00", "17:00"), eight("a0", 2)),
        ruled(split=Split(gap_h={"min": 4, "max": 5}, part_h=4)),
        week(split("13:00", "16:00"), eight("a0", 2)),
        ruled(split=Split(gap_h={"min": 4, "max": 5}, part_h=4)),
    ),
    "day_hours": (GOOD, ruled(day_h=7.5), GOOD, ruled(day_h=7.25)),
    "shift_type": (
        GOOD,
        ruled(shift_types=EARLY),
        week(eight("a0", 0), late("a0", 2)),
        ruled(shift_types=EARLY),
    ),
    "break_window": (GOOD, ruled(breaks=lunch_in(2.5, 4)), GOOD, ruled(breaks=lunch_in(3.25, 6))),
    "overtime": (
        week(*[eight("a0", d) for d in (0, 1, 2, 3)]),
        ruled(overtime=Overtime(max_h=6)),
        week(*[eight("a0", d) for d in (0, 1, 2, 3)]),
        ruled(overtime=Overtime(max_h=5)),
    ),
    "voluntary_time_off": (
        week(four("a0", 0), four("a0", 2)),
        ruled(voluntary_time_off_h=4),
        week(four("a0", 0), four("a0", 2)),
        ruled(voluntary_time_off_h=3),
    ),
    "period_hours": (
        GOOD,
        ruled(period=Period(weeks=2, max_h=30)) | {"published": published([2, 4])},
        GOOD,
        ruled(period=Period(weeks=2, max_h=29)) | {"published": published([2, 4])},
    ),
    "days_off_in_row": (
        week(eight("a0", 0), eight("a0", 3)),
        ruled(min_days_off_in_row=2, max_days_off_in_row=3),
        week(eight("a0", 0), eight("a0", 2)),
        ruled(min_days_off_in_row=2, max_days_off_in_row=4),
    ),
    "whole_weekends": (
        week(eight("a0", 5), eight("a0", 6)),
        ruled(weekends=Weekends(worked=1, of=2, whole=True)),
        week(eight("a0", 0), eight("a0", 6)),
        ruled(weekends=Weekends(worked=1, of=2, whole=True)),
    ),
    "succession": (
        week(eight("a0", 0), late("a0", 1)),
        ruled(**TURNS),
        week(late("a0", 0), eight("a0", 1)),
        ruled(**TURNS),
    ),
    "rotation": (
        week(eight("a0", 0), eight("a0", 2)),
        ruled(**IN_TURN) | {"published": late("a0", -3)},
        week(eight("a0", 0), eight("a0", 2)),
        ruled(**IN_TURN) | {"published": published([3])},
    ),
    "start_variance": (
        GOOD,
        same_start(),
        week(eight("a0", 0), late("a0", 2)),
        same_start(),
    ),
    "minimum_staff": (
        GOOD,
        {"settings": staff(1, "Mon 10:00-10:30")},
        GOOD,
        {"settings": staff(1, "Mon 10:00-10:35")},
    ),
    "shift_cover": (
        week(eight("a0", 0), eight("a0", 2)),
        ruled(shift_types=EARLY) | {"settings": wanted(early={"agents": 1, "days": ["Mon", "Wed"]})},
        week(eight("a0", 0), eight("a0", 3)),
        ruled(shift_types=EARLY) | {"settings": wanted(early={"agents": 1, "days": ["Mon", "Wed"]})},
    ),
    "team_mix": (GOOD, {"settings": mix(12)}, GOOD, {"settings": mix(60)}),
}


def check(schedule, **changes):
    people, skills = agents(1)
    people["agent_id"] = "a0"
    people["hire_date"] = dt.date(2022, 7, 1)
    fixed = {
        "centre": centre(usual=contract(start=StartWindow(earliest="07:00", latest="13:00", step_min=120))),
        "agents": people,
        "grid": grid(),
        "agent_skills": skills,
        "routing": ROUTING,
    }
    return check_schedule(schedule, **(fixed | changes))


def test_every_rule_has_both_sides():
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", list(CASES))
def test_kept(rule):
    schedule, changes, _, _ = CASES[rule]
    assert check(schedule, **changes).empty


@pytest.mark.parametrize("rule", list(CASES))
def test_broken(rule):
    _, _, schedule, changes = CASES[rule]
    assert set(check(schedule, **changes)["rule"]) == {rule}


def test_overlap_is_no_partition():
    doubled = pd.concat([GOOD, GOOD.iloc[[2]]], ignore_index=True)
    assert "partition" in set(check(doubled)["rule"])


def test_shift_outside_declared_availability():
    frame = availability(("a0", at(0, "08:00"), at(0, "18:00"), "available"))
    breaches = check(GOOD, availability=frame)
    assert breaches["rule"].tolist() == ["absences"]
    assert breaches["schedule_date"].tolist() == [MONDAY + dt.timedelta(days=2)]


def test_time_off_takes_its_share_of_hours():
    # Two of five days off leave 0.6 of 12 to 24 hours, and two hours of room.
    off = availability(("a0", at(3, "00:00"), at(5, "00:00"), "time_off"))
    assert check(week(eight("a0", 0)), availability=off).empty
    assert check(week(*[eight("a0", d) for d in range(3)]), availability=off)["rule"].tolist() == [
        "week_hours"
    ]


def test_locked_shift_may_be_odd():
    odd = four("a0", 0, start="09:30", end="14:20", breaks=(), locked=True)
    fixed = availability(("a0", at(0, "09:30"), at(0, "14:20"), "locked_shift"))
    rules = check(week(odd, eight("a0", 2)), availability=fixed)["rule"].tolist()
    assert rules == ["break_count"]  # 4 h 50 min has one break due, none was taken


def test_overnight_shift_belongs_to_its_first_day():
    night = centre(
        usual=contract(start=StartWindow(earliest="21:00", latest="23:00", step_min=60), weekends=None)
    )
    rows = [
        shift_rows("a0", d, "22:00", "22:00", zone="Europe/Berlin").assign(
            start=at(d, "22:00"), end=at(d + 1, "04:00")
        )
        for d in (0, 2)
    ]
    fixed = night.contracts["usual"].model_copy(update={"breaks": {}})
    bare = night.model_copy(update={"contracts": {"usual": fixed}})
    assert check(week(*rows), centre=bare).empty


def test_weekend_rule_reads_the_right_window():
    rule = centre(usual=contract(weekends=Weekends(worked=1, of=3)))
    schedule = week(eight("a0", 0), eight("a0", 5))
    assert check(schedule, centre=rule, published=published([9])).empty is False
    assert check(schedule, centre=rule, published=published([16])).empty


def test_leave_inside_a_shift_is_part_of_it():
    rests = (("10:30", "10:45", True),)
    rows = shift_rows("a0", 0, "09:00", "13:00", rests)
    leave = rows.iloc[[-1]].assign(start=at(0, "12:00"), activity="time_off", kind="time_off")
    left = pd.concat([rows.iloc[:-1], rows.iloc[[-1]].assign(end=at(0, "12:00")), leave], ignore_index=True)
    people, _ = agents(1)
    off = pd.DataFrame(
        {"agent_id": ["a0"], "start": [at(0, "12:00")], "end": [at(0, "13:00")], "kind": ["time_off"]}
    )

    def found(schedule):
        breaches = check_schedule(schedule, centre=centre(), agents=people, availability=off, grid=grid())
        return set(breaches["rule"]) - {"week_hours", "days_worked"}

    assert found(left) == set()
    assert found(rows) == {"absences"}
    assert found(left.iloc[:-1]) == {"shift_length", "break_count"}
