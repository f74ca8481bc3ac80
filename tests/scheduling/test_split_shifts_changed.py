"""Split shifts under requests, repair and breaks placed anew: the free time between the parts stays free."""

import itertools

import pandas as pd
import pytest
from revision_small import MORNING, absent, asked, plan, week
from scheduling_small import at, centre, contract, shift_rows

from wfo.domain.contract import Split
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.rebreak import rebreak
from wfo.scheduling.repair import RepairInputs, repair
from wfo.scheduling.repair_settings import RepairSettings
from wfo.scheduling.request_settings import RequestSettings
from wfo.scheduling.requests import RequestInputs, answer_requests
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week_value import WeekValue

RULES = {"week_h": {"min": 0, "max": 24}, "days": {"min": 0, "max": 5}, "shift_step_min": 60}
WHOLE = contract(**RULES)
SPLIT = contract(**RULES, split=Split(gap_h={"min": 3, "max": 5}, part_h={"min": 2, "max": 4}))
GENEROUS = RequestSettings(off_share=1, team_off_share=1, loss_off_h=1e6, loss_swap=1e6)
DAY = ((0, "00:00"), (0, "23:00"))


def split_shift(agent, day, one, two, breaks=()):
    """Rows of a shift of two parts, (start, end) each."""
    rows = shift_rows(agent, day, one[0], two[1], sorted([(one[1], two[0], False), *breaks]))
    gap = (rows["start"] == at(day, one[1])).to_numpy()
    rows.loc[gap, "activity"] = "split"
    return rows.assign(activity_request_id=None, main_queue=None)


MONDAY = split_shift("a0", 0, ("07:00", "10:00"), ("13:00", "16:00"))


def two(need=lambda hour, weekday: 2 * (weekday == 0 and 7 <= hour < 19), others=SPLIT):
    """Agents a0 (split shifts) and a1."""
    the_week = week(need, n=2, the_centre=centre(usual=SPLIT, other=others))
    the_week.agents["contract"] = ["usual", "other"]
    the_week.agents["cost_per_h"] = 0.5
    return the_week


def answered(*request, the_plan=MONDAY, the_week=None, how=GENEROUS):
    the_week = two() if the_week is None else the_week
    result = answer_requests(RequestInputs(the_week, the_plan, asked(("r", *request))), how, seed=1)
    assert checked(result.tables["schedule"], the_week, result.tables["availability"]) == []
    return result.frame().iloc[0], result.tables["schedule"]


def checked(rows, the_week, availability=None):
    found = check_schedule(
        rows, centre=the_week.centre, agents=the_week.agents, availability=availability, grid=the_week.grid,
        agent_skills=the_week.agent_skills, routing=the_week.routing,
    )  # fmt: skip
    return found["message"].tolist()


def gaps(rows):
    return [(r.start, r.end, r.paid) for r in rows.itertuples() if r.activity == "split"]


def test_a_split_shift_is_given_to_who_is_free():
    answer, rows = answered("a0", "swap", *DAY, "a1")
    assert answer["answer"] == "accept"
    there = "07:00–10:00, 13:00–16:00"
    assert answer["changes"] == f"a0 Mon 07 Jul: {there} → free; a1 Mon 07 Jul: free → {there}"
    assert set(rows["agent_id"]) == {"a1"}
    assert gaps(rows) == [(at(0, "10:00"), at(0, "13:00"), False)]
    assert rows["kind"].tolist() == ["work", "break", "work"]


def test_who_has_no_split_shifts_does_not_get_one():
    answer, _ = answered("a0", "swap", *DAY, "a1", the_week=two(others=WHOLE))
    assert answer["answer"] == "refuse"
    assert "a1, Mon 07 Jul: a split shift; the contract has none" in answer["reason"]


def test_a_split_shift_and_a_whole_one_of_the_same_span_are_swapped():
    one = split_shift("a0", 0, ("07:00", "09:00"), ("12:00", "14:00"))
    whole = (("09:00", "09:15", True), ("11:00", "11:30", False))
    both = pd.concat([one, plan([("a1", 0, ("07:00", "14:00", whole))])], ignore_index=True)
    answer, rows = answered("a0", "swap", *DAY, "a1", the_plan=both)
    assert answer["answer"] == "accept"
    assert "a0 Mon 07 Jul: 07:00–09:00, 12:00–14:00 → 07:00–14:00" in answer["changes"]
    assert [r.agent_id for r in rows.itertuples() if r.activity == "split"] == ["a1"]
    same = pd.concat([one, split_shift("a1", 0, ("07:00", "09:00"), ("12:00", "14:00"))], ignore_index=True)
    answer, _ = answered("a0", "swap", *DAY, "a1", the_plan=same)
    assert "both have the same shift" in answer["reason"]


def test_extra_hours_grow_a_part_and_the_free_time_is_not_paid():
    answer, rows = answered("a0", "extra_hours", (0, "16:00"), (0, "17:00"))
    assert answer["answer"] == "accept"
    assert answer["changes"].endswith("→ 07:00–10:00, 13:00–17:00")
    # an hour, less nothing: the paid rest of a part of four hours is paid
    assert answer["wages"] == pytest.approx(0.5)
    assert gaps(rows) == gaps(MONDAY)


def test_extra_hours_apart_make_a_whole_shift_a_split_one_where_the_contract_has_such():
    early = plan([("a0", 0, ("07:00", "11:00", (("08:30", "08:45", True),)))])
    answer, rows = answered("a0", "extra_hours", (0, "14:00"), (0, "16:00"), the_plan=early)
    assert answer["answer"] == "accept"
    assert gaps(rows) == [(at(0, "11:00"), at(0, "14:00"), False)]
    answer, rows = answered("a0", "extra_hours", (0, "16:00"), (0, "19:00"), the_plan=early)
    assert answer["answer"] == "accept"
    assert gaps(rows) == [(at(0, "11:00"), at(0, "16:00"), False)]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("10:00", "11:00", "2 h free inside it; allowed are 3 to 5"),
        ("10:00", "13:00", "540 min long; allowed are 240 to 480"),
        ("11:00", "12:00", "the shift would have three parts"),
        ("17:00", "18:00", "the shift would have three parts"),
        ("16:00", "18:00", "a part of 5 h; allowed are 2 to 4"),
        ("08:00", "10:00", "works then already"),
        ("14:00", "15:00", "works then already"),
    ],
)
def test_extra_hours_that_cannot_be_are_refused_in_words(start, end, said):
    answer, rows = answered("a0", "extra_hours", (0, start), (0, end))
    assert answer["answer"] == "refuse"
    assert said in answer["reason"]
    assert gaps(rows) == gaps(MONDAY)


def test_whatever_hours_are_asked_for_the_work_is_what_was_and_what_was_asked():
    before = _worked(MONDAY)
    for first, last in itertools.combinations(range(7, 20, 2), 2):
        answer, rows = answered("a0", "extra_hours", (0, f"{first:02}:00"), (0, f"{last:02}:00"))
        wanted = before | set(range(first * 4, last * 4)) if answer["answer"] == "accept" else before
        rests = rows[(rows["kind"] == "break") & (rows["activity"] != "split")]
        assert _worked(rows) | _quarters(rests) == wanted


def _worked(rows):
    return _quarters(rows[rows["kind"] == "work"])


def _quarters(rows):
    """Local quarters of an hour of Monday."""
    edges = [((r.start - at(0, "00:00")).seconds // 900, (r.end - at(0, "00:00")).seconds // 900)
             for r in rows.itertuples()]  # fmt: skip
    return {n for a, b in edges for n in range(a, b)}


def test_leave_of_one_part_leaves_the_other_and_the_free_time():
    for kind in ("time_off", "voluntary_time_off"):
        quiet = two(lambda hour, weekday: int(weekday == 5 and hour == 12))
        answer, rows = answered("a0", kind, (0, "13:00"), (0, "16:00"), the_week=quiet)
        assert answer["answer"] == "accept"
        assert rows["activity"].tolist() == ["work", "split", kind]
        assert answer["changes"].endswith("07:00–10:00, 13:00–16:00 (leave 13:00–16:00)")
    answer, _ = answered("a0", "voluntary_time_off", (0, "10:00"), (0, "13:00"))
    assert "no work planned then" in answer["reason"]
    answer, rows = answered("a0", "time_off", *DAY)
    assert answer["answer"] == "accept"
    assert rows.empty


def test_a_day_of_leave_may_cost_service_by_its_hours_of_work():
    cheap = GENEROUS.model_copy(update={"loss_off_h": 1.0})
    answer, _ = answered("a0", "time_off", *DAY, how=cheap)
    assert answer["answer"] == "waitlist"
    assert "at most 6.00 are allowed" in answer["reason"]


def test_repair_lengthens_a_part_around_the_same_free_time():
    the_week = two(lambda hour, weekday: 2 * (weekday == 0 and (7 <= hour < 10 or 13 <= hour < 17)))
    late = plan([("a1", 0, ("13:00", "19:00", (("15:00", "15:15", True),)))])
    both = pd.concat([MONDAY, late], ignore_index=True)
    gone = absent(("a1", "time_off", *DAY))
    free = RepairSettings(price_shift=0, price_breaks=0)
    result = repair(RepairInputs(the_week, both, gone), free, seed=1)
    changes = result.frame()
    assert changes["what"].tolist()[:2] == ["time_off", "longer"]
    assert changes["before"][1] == "07:00–10:00, 13:00–16:00"
    assert changes["after"][1].startswith("07:00–10:00, 13:00–17:00, breaks ")
    assert gaps(result.tables["schedule"]) == gaps(MONDAY)
    assert checked(result.tables["schedule"], the_week, result.tables["availability"]) == []


def test_repair_makes_a_split_shift_whole_where_that_is_worth_more():
    the_week = two(lambda hour, weekday: 2 * (weekday == 0 and 9 <= hour < 15))
    both = pd.concat([MONDAY, plan([("a1", 0, ("09:00", "15:00", (("11:00", "11:15", True),)))])])
    gone = absent(("a1", "time_off", *DAY))
    free = RepairSettings(price_shift=0, price_breaks=0)
    result = repair(RepairInputs(the_week, both, gone), free, seed=1)
    assert result.frame()["after"][1].startswith("09:00–15:00")
    assert gaps(result.tables["schedule"]) == []
    assert checked(result.tables["schedule"], the_week, result.tables["availability"]) == []


def test_breaks_of_both_parts_move_and_the_free_time_stays():
    rests = (("08:00", "08:15", True), ("15:00", "15:15", True))
    rows = split_shift("a0", 0, ("07:00", "11:00"), ("14:00", "18:00"), rests)
    needed = {8.0, 15.0}
    the_week = two(lambda hour, weekday: int(weekday == 0 and hour in needed))
    assert checked(rows, the_week) == []
    new = rebreak(the_week, rows, ScheduleSettings())
    moved = new[(new["kind"] == "break") & (new["activity"] != "split")]
    assert len(moved) == 2
    assert not {at(0, "08:00"), at(0, "15:00")} & set(moved["start"])
    assert gaps(new) == gaps(rows)
    assert checked(new, the_week) == []
    old, now = (WeekValue(the_week, ScheduleSettings(), p).total for p in (rows, new))
    assert now > old


def test_a_whole_shift_beside_is_as_before():
    answer, _ = answered(
        "a1", "extra_hours", (0, "15:00"), (0, "19:00"), the_plan=plan([("a1", 0, MORNING)]),
        the_week=two(others=WHOLE),
    )  # fmt: skip
    assert answer["reason"] == "there is a shift on that day already; ask for hours that touch it"
