"""Repair: absences out, few changes in, each worth more than it asks; breaks of a plan placed anew."""

import pandas as pd
import pytest
from revision_small import LATE, MORNING, absent, plan, three_mornings, week
from scheduling_small import at, centre, contract, shift_rows

from wfo.errors import TableError
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.rebreak import rebreak
from wfo.scheduling.repair import RepairInputs, repair
from wfo.scheduling.repair_settings import RepairSettings
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week_value import WeekValue

FREE = RepairSettings(price_shift=0, price_breaks=0)
FEW_HOURS = {"the_centre": centre(usual=contract(week_h={"min": 0, "max": 24}, days={"min": 0, "max": 5}))}


def _cheap(the_week):
    """Nobody costs much, so that no hour is saved for its wage."""
    the_week.agents["cost_per_h"] = 0.5
    return the_week


def _repaired(absences, the_plan, the_week, how=FREE):
    return repair(RepairInputs(the_week, the_plan, absences), how, seed=1)


def _checked(result, the_week):
    return check_schedule(
        result.tables["schedule"], centre=the_week.centre, agents=the_week.agents,
        availability=result.tables["availability"], grid=the_week.grid,
        agent_skills=the_week.agent_skills, routing=the_week.routing,
    )  # fmt: skip


def test_the_gap_is_filled_by_moving_the_one_who_is_worth_least_where_he_is():
    # two are wanted in the morning and none later; a2 works late for nothing
    the_week = _cheap(week(lambda hour, weekday: 2 * (weekday == 0 and 7 <= hour < 13), **FEW_HOURS))
    the_plan = plan([("a0", 0, MORNING), ("a1", 0, MORNING), ("a2", 0, LATE)])
    result = _repaired(absent(("a0", "time_off", (0, "00:00"), (0, "23:59"))), the_plan, the_week)
    changes = result.frame()
    assert changes["what"].tolist()[:2] == ["time_off", "moved"]
    assert changes["agent_id"].tolist()[:2] == ["a0", "a2"]
    assert changes["after"][1].startswith("07:00–13:00")
    assert _checked(result, the_week).empty
    assert result.meta.facts["won_back"] == pytest.approx(changes["gain"].iloc[1:].sum(), abs=0.02)


def test_every_gain_is_the_difference_of_the_plans_values():
    the_week = week(**FEW_HOURS)
    the_plan = three_mornings()
    result = _repaired(absent(("a0", "time_off", (0, "00:00"), (0, "23:59"))), the_plan, the_week)
    before, after = (
        WeekValue(the_week, ScheduleSettings(), p).total for p in (the_plan, result.tables["schedule"])
    )
    assert result.frame()["gain"].sum() == pytest.approx(after - before, abs=0.05)


def test_a_change_that_is_worth_less_than_its_price_is_not_made():
    the_week = _cheap(week(lambda hour, weekday: 2 * (weekday == 0 and 7 <= hour < 13), **FEW_HOURS))
    the_plan = plan([("a0", 0, MORNING), ("a1", 0, MORNING), ("a2", 0, LATE)])
    gone = absent(("a0", "time_off", (0, "00:00"), (0, "23:59")))
    gain = _repaired(gone, the_plan, the_week).frame()["gain"][1]
    below, above = (
        _repaired(gone, the_plan, the_week, FREE.model_copy(update={"price_shift": gain + d}))
        for d in (-0.5, 0.5)
    )
    assert "moved" in below.frame()["what"].tolist()
    assert "moved" not in above.frame()["what"].tolist()
    none = _repaired(gone, the_plan, the_week, FREE.model_copy(update={"most_shifts": 0}))
    assert none.meta.facts["changed_shifts"] == 0


def test_part_of_a_day_away_leaves_the_rest_of_the_shift():
    the_week = week(**FEW_HOURS)
    result = _repaired(absent(("a0", "time_off", (0, "11:00"), (0, "15:00"))), three_mornings(), the_week)
    own = result.tables["schedule"].query("agent_id == 'a0'")
    monday = own[own["shift_id"].str.endswith("07-07")]
    assert monday["kind"].tolist() == ["work", "break", "work", "time_off"]
    assert result.frame()["after"][0] == "07:00–13:00 (leave 11:00–13:00)"
    assert _checked(result, the_week).empty


def test_what_no_plan_can_keep_is_left_and_named():
    strict = week(the_centre=centre(usual=contract(week_h={"min": 18, "max": 18}, days={"min": 3, "max": 3})))
    result = _repaired(absent(("a0", "unavailable", (0, "00:00"), (6, "23:59"))), three_mornings(), strict)
    assert result.meta.status == "infeasible"
    assert any("a0: 0 paid hours" in reason for reason in result.meta.reasons)
    assert set(result.tables["breaches"]["agent_id"]) == {"a0"}


def test_locked_shifts_and_activities_stay():
    the_week = _cheap(week(lambda hour, weekday: 2 * (weekday == 0 and 7 <= hour < 13), **FEW_HOURS))
    the_plan = plan([("a0", 0, MORNING), ("a1", 0, MORNING), ("a2", 0, LATE)])
    the_plan.loc[the_plan["agent_id"] == "a2", "locked"] = True
    result = _repaired(absent(("a0", "time_off", (0, "00:00"), (0, "23:59"))), the_plan, the_week)
    assert "a2" not in result.frame()["agent_id"].tolist()


def test_an_absence_on_a_free_day_changes_nothing_and_is_told():
    result = _repaired(
        absent(("a0", "time_off", (4, "00:00"), (4, "23:59"))), three_mornings(), week(**FEW_HOURS)
    )
    assert result.frame()[["before", "after", "gain"]].to_numpy().tolist() == [["free", "absent", 0.0]]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("zz", "time_off", (0, "00:00"), (0, "12:00")), "agent 'zz' is unknown"),
        (("a0", "meeting", (0, "00:00"), (0, "12:00")), "an absence is time_off or unavailable"),
        (("a0", "time_off", (0, "12:00"), (0, "12:00")), "does not end after it starts"),
    ],
)
def test_wrong_absences_are_named_with_their_row(row, said):
    with pytest.raises(TableError) as error:
        _repaired(absent(("a1", "time_off", (0, "00:00"), (0, "12:00")), row), three_mornings(), week())
    assert len(error.value.problems) == 1
    assert str(error.value.problems[0]).startswith("availability, row 2")
    assert said in str(error.value.problems[0])


def test_the_same_absences_give_the_same_repair():
    gone = absent(("a0", "time_off", (0, "00:00"), (1, "23:59")))
    one, other = (_repaired(gone, three_mornings(), week(**FEW_HOURS)) for _ in range(2))
    pd.testing.assert_frame_equal(one.frame(), other.frame())
    pd.testing.assert_frame_equal(one.tables["schedule"], other.tables["schedule"])


def test_breaks_leave_the_peak_and_nothing_else_moves():
    # everybody rests at 09:00, when a third person is wanted; earlier and later one is enough
    busy = week(
        lambda hour, weekday: 3 if weekday == 0 and 9 <= hour < 10 else int(weekday == 0 and 7 <= hour < 13)
    )
    the_plan = plan([(a, 0, MORNING) for a in ("a0", "a1", "a2")])
    new = rebreak(busy, the_plan, ScheduleSettings())
    rests = new[(new["kind"] == "break").to_numpy()]["start"]
    assert ((rests >= at(0, "09:00")) & (rests < at(0, "10:00"))).sum() <= 1
    spans = [frame.groupby("shift_id").agg(s=("start", "min"), e=("end", "max")) for frame in (the_plan, new)]
    pd.testing.assert_frame_equal(*spans)
    worth = [WeekValue(busy, ScheduleSettings(), frame).total for frame in (the_plan, new)]
    assert worth[1] > worth[0]
    again = rebreak(busy, new, ScheduleSettings())
    assert again["start"].tolist() == new["start"].tolist()


def test_breaks_do_not_move_for_less_than_their_price_or_in_locked_shifts():
    busy = week(
        lambda hour, weekday: 3 if weekday == 0 and 9 <= hour < 10 else int(weekday == 0 and 7 <= hour < 13)
    )
    the_plan = plan([(a, 0, MORNING) for a in ("a0", "a1", "a2")])
    same = rebreak(busy, the_plan, ScheduleSettings(), price=1e6)
    assert same["start"].tolist() == the_plan.sort_values(["agent_id", "start"])["start"].tolist()
    locked = rebreak(busy, the_plan.assign(locked=True), ScheduleSettings())
    assert locked["start"].tolist() == same["start"].tolist()


def test_a_session_in_the_shift_stays_where_breaks_move():
    busy = week(
        lambda hour, weekday: 3 if weekday == 0 and 9 <= hour < 10 else int(weekday == 0 and 7 <= hour < 13)
    )
    rows = shift_rows("a0", 0, *MORNING)
    session = rows.iloc[[2]].assign(end=at(0, "10:00"), activity="coaching", kind="off_phone")
    rest = rows.iloc[[2]].assign(start=at(0, "10:00"))
    session["queues"] = [[]]
    rows = pd.concat([rows.iloc[:2], session, rest], ignore_index=True)
    new = rebreak(busy, rows.assign(activity_request_id=None), ScheduleSettings())
    kept = new[(new["activity"] == "coaching").to_numpy()]
    assert (kept["start"].item(), kept["end"].item()) == (at(0, "09:15"), at(0, "10:00"))
    assert (new["start"].iloc[1:].to_numpy() == new["end"].iloc[:-1].to_numpy()).all()
