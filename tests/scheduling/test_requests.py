"""Requests: each kind from both sides, checked by rules, allowance and cost; nothing is lost in silence."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from revision_small import LATE, MORNING, asked, plan, three_mornings, week
from scheduling_small import at, centre, contract, grid, shift_rows

from wfo.errors import TableError
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.request_kinds import KINDS
from wfo.scheduling.request_settings import RequestSettings
from wfo.scheduling.requests import RequestInputs, answer_requests
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week_value import WeekValue

FEW_HOURS = contract(week_h={"min": 0, "max": 24}, days={"min": 0, "max": 5})
GENEROUS = RequestSettings(off_share=1, team_off_share=1, loss_off_h=1e6, loss_swap=1e6)


def _answers(requests, given_plan=None, the_week=None, how=GENEROUS):
    the_week = the_week or week()
    the_plan = three_mornings() if given_plan is None else given_plan
    return answer_requests(RequestInputs(the_week, the_plan, requests), how, seed=1)


def _one(*request, **more):
    result = _answers(asked(("r", *request)), **more)
    return result, result.frame().iloc[0]


def _breaches(result, the_week):
    return check_schedule(
        result.tables["schedule"], centre=the_week.centre, agents=the_week.agents,
        availability=result.tables["availability"], grid=the_week.grid, agent_skills=the_week.agent_skills,
        routing=the_week.routing,
    )  # fmt: skip


def test_a_day_of_leave_gives_the_shift_up_and_costs_what_it_was_worth():
    the_week = week()
    result, answer = _one("a0", "time_off", (0, "07:00"), (0, "13:00"), the_week=the_week)
    assert answer["answer"] == "accept"
    assert answer["changes"] == "a0 Mon 07 Jul: 07:00–13:00 → free"
    left = result.tables["schedule"]
    before, after = (WeekValue(the_week, ScheduleSettings(), p).total for p in (three_mornings(), left))
    assert answer["cost"] == pytest.approx(before - after, abs=0.01)
    assert answer["cost"] > 0
    assert answer["wages"] == 0
    assert _breaches(result, the_week).empty


def test_leave_of_some_hours_stays_in_the_shift_and_is_paid():
    the_week = week()
    result, answer = _one("a0", "time_off", (0, "11:00"), (0, "13:00"), the_week=the_week)
    assert answer["answer"] == "accept"
    rows = result.tables["schedule"].query("agent_id == 'a0'").iloc[:4]
    assert rows["kind"].tolist() == ["work", "break", "work", "time_off"]
    assert rows["paid"].all()
    assert _breaches(result, the_week).empty


def test_leave_that_breaks_a_rule_is_refused_with_the_rule():
    strict = centre(
        usual=contract(week_h={"min": 18, "max": 18}, days={"min": 3, "max": 3}, voluntary_time_off_h=0)
    )
    _, answer = _one("a0", "voluntary_time_off", (0, "07:00"), (0, "13:00"), the_week=week(the_centre=strict))
    assert answer["answer"] == "refuse"
    assert "paid hours in the week; allowed are 18" in answer["reason"]


def test_the_days_allowance_is_counted_and_its_end_is_a_waitlist():
    requests = asked(
        ("r1", "a0", "time_off", (0, "07:00"), (0, "13:00")),
        ("r2", "a1", "time_off", (0, "07:00"), (0, "13:00")),
        ("r3", "a2", "time_off", (1, "07:00"), (1, "13:00")),
    )
    how = GENEROUS.model_copy(update={"off_share": 0.34})
    result = _answers(requests, how=how)
    assert result.frame()["answer"].tolist() == ["accept", "waitlist", "accept"]
    assert result.frame()["day_left"].tolist() == [1, 0, 1]
    assert "allowance of 1 agents" in result.frame()["reason"][1]
    assert result.accepted()["request_id"].tolist() == ["r1", "r3"]


def test_the_teams_allowance_is_its_own():
    the_week = week()
    the_week.agents["team"] = ["x", "x", "y"]
    requests = asked(*((f"r{n}", f"a{n}", "time_off", (0, "07:00"), (0, "13:00")) for n in range(3)))
    result = _answers(requests, the_week=the_week, how=GENEROUS.model_copy(update={"team_off_share": 0.5}))
    assert result.frame()["answer"].tolist() == ["accept", "waitlist", "accept"]
    assert "of x on leave" in result.frame()["reason"][1]


def test_leave_that_service_cannot_bear_waits_and_says_the_money():
    _, answer = _one(
        "a0", "time_off", (0, "07:00"), (0, "13:00"), how=GENEROUS.model_copy(update={"loss_off_h": 0.0})
    )
    assert answer["answer"] == "waitlist"
    assert "service would lose" in answer["reason"]
    nobody_calls = week(need=lambda hour, weekday: int(weekday == 5 and hour == 12))
    _, answer = _one(
        "a0", "time_off", (0, "07:00"), (0, "13:00"), the_week=nobody_calls,
        how=GENEROUS.model_copy(update={"loss_off_h": 0.0}),
    )  # fmt: skip
    assert answer["answer"] == "accept"


def test_a_swap_is_checked_against_both_agents_rules():
    shifts = plan(
        [("a0", 0, MORNING), ("a0", 1, MORNING), ("a1", 0, LATE), ("a1", 1, MORNING), ("a1", 2, MORNING)]
    )
    span = ((0, "00:00"), (0, "23:00"), "a1")
    the_week = week()
    result, answer = _one("a0", "swap", *span, given_plan=shifts, the_week=the_week)
    assert answer["answer"] == "accept"
    assert (
        answer["changes"]
        == "a0 Mon 07 Jul: 07:00–13:00 → 13:00–19:00; a1 Mon 07 Jul: 13:00–19:00 → 07:00–13:00"
    )
    assert not set(_breaches(result, the_week)["agent_id"]) & {"a0", "a1"}
    # after the late shift a0 would start again 12 h later, where 12.5 h are due
    rested = week(the_centre=centre(usual=contract(rest_h=12.5)))
    _, answer = _one("a0", "swap", *span, given_plan=shifts, the_week=rested)
    assert answer["answer"] == "refuse"
    assert "a0, Tue 08 Jul: 12 h of rest before the shift; needed are 12.5" in answer["reason"]


def test_a_swap_of_the_same_shift_is_no_swap():
    shifts = plan([("a0", 0, MORNING), ("a1", 0, MORNING)])
    _, answer = _one("a0", "swap", (0, "00:00"), (0, "23:00"), "a1", given_plan=shifts)
    assert (answer["answer"], answer["changes"]) == ("refuse", "")
    assert answer["reason"] == "both have the same shift then: a swap would change nothing"


def test_a_swap_of_different_contracts_takes_the_breaks_of_the_new_one():
    pair = centre(usual=contract(), other=contract(breaks={}))
    the_week = week(the_centre=pair)
    the_week.agents["contract"] = ["usual", "other", "usual"]
    late = (LATE[0], LATE[1], ())
    shifts = plan([("a0", d, MORNING) for d in range(2)] + [("a1", d, late) for d in range(2)])
    result, answer = _one(
        "a0", "swap", (0, "00:00"), (0, "23:00"), "a1", given_plan=shifts, the_week=the_week
    )
    assert answer["answer"] == "accept"
    rows = result.tables["schedule"]
    monday = rows[rows["shift_id"].str.endswith("07-07")]
    assert monday.groupby("agent_id")["kind"].agg(list).to_dict() == {
        "a0": ["work", "break", "work"],
        "a1": ["work"],
    }
    assert not set(_breaches(result, the_week)["agent_id"]) & {"a0", "a1"}


def test_extra_hours_grow_a_shift_where_they_are_worth_their_wage():
    wanted = week(need=lambda hour, weekday: 3 * (weekday == 0 and 7 <= hour < 15))
    result, answer = _one("a0", "extra_hours", (0, "13:00"), (0, "15:00"), the_week=wanted)
    assert answer["answer"] == "accept"
    assert answer["changes"] == "a0 Mon 07 Jul: 07:00–13:00 → 07:00–15:00"
    # an unpaid lunch of half an hour comes with shifts over six hours
    assert answer["wages"] == pytest.approx(1.5 * 20.0)
    assert answer["cost"] < -30
    assert _breaches(result, wanted).empty
    _, answer = _one("a0", "extra_hours", (3, "07:00"), (3, "13:00"), the_week=wanted)
    assert answer["answer"] == "waitlist"
    assert "it would gain 0.00 EUR and wages cost 120.00 EUR" in answer["reason"]


def test_extra_hours_beyond_a_rule_are_refused():
    _, answer = _one("a0", "extra_hours", (0, "13:00"), (0, "17:00"))
    assert answer["answer"] == "refuse"
    assert "600 min long; allowed are 240 to 480" in answer["reason"]


def test_who_waits_is_looked_at_again_when_another_is_accepted():
    # a1's leave is dear until a2, who costs nothing, comes in addition
    shifts = plan(
        [(a, d, MORNING) for a in ("a0", "a1") for d in (0, 1, 3)] + [("a2", d, MORNING) for d in (0, 1)]
    )
    requests = asked(
        ("r1", "a1", "time_off", (3, "07:00"), (3, "13:00")),
        ("r2", "a2", "extra_hours", (3, "07:00"), (3, "13:00")),
    )
    how = GENEROUS.model_copy(update={"loss_off_h": 5.0})
    the_week = week(lambda hour, weekday: 2 * (weekday == 3 and 7 <= hour < 13))
    the_week.agents["cost_per_h"] = [20.0, 20.0, 0.0]
    assert _answers(requests.iloc[:1], shifts, the_week, how).frame()["answer"].tolist() == ["waitlist"]
    assert _answers(requests, shifts, the_week, how).frame()["answer"].tolist() == ["accept", "accept"]


@pytest.mark.parametrize(
    ("request_row", "where", "said"),
    [
        (("r", "a00", "time_off", (0, "07:00"), (0, "13:00")), "'agent_id'", "did you mean 'a0'?"),
        (("r", "a0", "swap", (0, "07:00"), (0, "13:00"), "a0"), "'with_agent'", "a swap needs another agent"),
        (("r", "a0", "swap", (0, "07:00"), (0, "13:00")), "'with_agent'", "found 'nothing'"),
        (("r", "a0", "swap", (0, "07:00"), (0, "13:00"), "zz"), "'with_agent'", "agent 'zz' is unknown"),
        (("r", "a0", "time_off", (0, "13:00"), (0, "07:00")), "'end'", "does not end after it starts"),
        (("r", "a0", "holiday", (0, "07:00"), (0, "13:00")), "'kind'", "allowed are time_off"),
    ],
)
def test_a_wrong_request_is_named_with_its_row(request_row, where, said):
    with pytest.raises(TableError) as error:
        _answers(asked(("ok", "a1", "time_off", (0, "07:00"), (0, "13:00")), request_row))
    assert len(error.value.problems) == 1
    problem = str(error.value.problems[0])
    assert problem.startswith(f"requests, row 2, column {where}")
    assert said in problem


def test_all_wrong_requests_are_named_at_once():
    rows = asked(
        ("r", "zz", "time_off", (0, "07:00"), (0, "13:00")),
        ("r", "a0", "swap", (0, "13:00"), (0, "07:00"), "a0"),
    )
    with pytest.raises(TableError) as error:
        _answers(rows)
    assert len(error.value.problems) == 4


@pytest.mark.parametrize(
    ("kind", "start", "end", "said"),
    [
        ("time_off", (9, "07:00"), (9, "13:00"), "does not lie in the planned week"),
        ("time_off", (-1, "07:00"), (0, "13:00"), "does not lie in the planned week"),
        ("voluntary_time_off", (4, "07:00"), (4, "13:00"), "no work planned then"),
        ("extra_hours", (0, "08:00"), (0, "09:00"), "works then already"),
        ("extra_hours", (0, "15:00"), (0, "19:00"), "a shift on that day already; ask for hours that touch"),
        ("swap", (5, "00:00"), (5, "23:00"), "neither of the two begins a shift then"),
    ],
)
def test_what_cannot_be_is_refused_in_words(kind, start, end, said):
    _, answer = _one("a0", kind, start, end, "a1" if kind == "swap" else None)
    assert answer["answer"] == "refuse"
    assert said in answer["reason"]


def test_times_are_the_sites_and_leave_counts_by_its_local_day():
    the_week = week(the_centre=centre(usual=FEW_HOURS))
    the_week.agents.loc[0, "site"] = "l"
    shifts = pd.concat(
        [shift_rows("a0", 0, "07:00", "13:00", (("09:00", "09:15", True),), zone="Europe/Lisbon", site="l"),
         plan([("a0", 1, MORNING)]).iloc[:0], plan([("a1", 0, MORNING), ("a2", 0, MORNING)])],
        ignore_index=True,
    )  # fmt: skip
    requests = asked(("r", "a0", "time_off", (0, "08:00"), (0, "14:00")))
    result = _answers(requests, shifts, the_week)
    # 08:00 to 14:00 in Berlin is the whole shift in Lisbon
    assert result.frame()["changes"][0] == "a0 Mon 07 Jul: 07:00–13:00 → free"
    off = result.tables["availability"].iloc[-1]
    assert off["start"] == pd.Timestamp("2025-07-07 00:00", tz="Europe/Lisbon")
    assert off["end"] == pd.Timestamp("2025-07-08 00:00", tz="Europe/Lisbon")


def test_a_day_of_the_clock_change_is_asked_for_and_kept_like_any_other():
    sunday = dt.date(2025, 10, 26)
    changed = grid(first=sunday - dt.timedelta(days=6))
    the_week = week(lambda hour, weekday: 2, grid=changed, the_centre=centre(usual=FEW_HOURS))
    start, end = (pd.Timestamp(f"{sunday} {t}", tz="Europe/Berlin") for t in ("07:00", "13:00"))
    rest, after = start + pd.Timedelta("2h"), start + pd.Timedelta("135min")
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "agent_id": agent, "start": [start, rest, after], "end": [rest, after, end],
                    "schedule_date": [sunday] * 3, "shift_id": f"{agent}/{sunday}", "site": "b",
                    "activity": ["work", "rest", "work"], "kind": ["work", "break", "work"], "paid": True,
                    "locked": False, "queues": [["calls"], [], ["calls"]], "activity_request_id": None,
                }
            )
            for agent in ("a0", "a1")
        ],
        ignore_index=True,
    )  # fmt: skip
    for side in ("start", "end"):
        rows[side] = rows[side].dt.tz_convert("UTC").dt.as_unit("us")
    night = pd.Timestamp(f"{sunday} 00:00", tz="Europe/Berlin")
    frame = pd.DataFrame(
        {
            "request_id": ["whole", "part"], "agent_id": ["a0", "a1"], "kind": "time_off",
            "start": [night, end - pd.Timedelta("2h")], "end": [night + pd.Timedelta("25h"), end],
            "with_agent": None, "received_at": night,
        }
    )  # fmt: skip
    result = _answers(frame, rows, the_week)
    assert result.frame()["answer"].tolist() == ["accept", "accept"]
    assert result.frame()["changes"].tolist() == [
        "a0 Sun 26 Oct: 07:00–13:00 → free",
        "a1 Sun 26 Oct: 07:00–13:00 → 07:00–13:00 (leave 11:00–13:00)",
    ]
    off = result.tables["availability"]
    assert (off["end"] - off["start"]).max() == pd.Timedelta("25h")


KIND = st.sampled_from(sorted(KINDS))


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a0", "a1", "a2"]), KIND, st.integers(0, 3), st.sampled_from([7, 9, 13]),
                  st.sampled_from([2, 4, 6, 12])),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_whatever_is_asked_accepted_requests_leave_no_new_breach(rows):
    the_week = week()
    requests = asked(
        *(
            (f"r{n}", a, kind, (day, f"{hour:02}:00"), (day, f"{min(23, hour + size):02}:00"),
             {"a0": "a1", "a1": "a2", "a2": "a0"}[a])
            for n, (a, kind, day, hour, size) in enumerate(rows)
        )
    )  # fmt: skip
    result = _answers(requests, the_week=the_week)
    assert len(result.frame()) == len(requests)
    assert result.frame()["answer"].isin(["accept", "refuse", "waitlist"]).all()
    assert (result.frame()["reason"].str.len() > 0).all()
    assert _breaches(result, the_week).empty
    assert pd.Timestamp(result.tables["schedule"]["start"].min()) >= at(0, "07:00")
