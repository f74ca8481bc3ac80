"""Conflicts: irreducible, found where planted, and every way out leads to a legal week."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from revision_small import week
from scheduling_small import at, centre, contract, eight_before

from wfo.domain.contract import Weekends
from wfo.effort import Effort
from wfo.scheduling.agent_case import alone, bindings, has_week
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.conflicts import _same_bend, conflict_of, irreducible, least_violation
from wfo.scheduling.least_weeks import with_least_weeks
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings
from wfo.tables.empty import empty_table
from wfo.tables.result import Status

SETTINGS = ScheduleSettings()
PRICES = SETTINGS.relax
FIVE = {
    "week_h": {"min": 30, "max": 30},
    "days": {"min": 5, "max": 5},
    "shift_h": {"min": 6, "max": 6},
    "breaks": {},
}


def _rows(*rows):
    return pd.DataFrame(
        [("a0", at(*s), at(*e), kind, True) for kind, s, e in rows],
        columns=["agent_id", "start", "end", "kind", "paid"],
    )


def _inputs(*rows, published=None, **rules):
    return week(
        the_centre=centre(usual=contract(**(FIVE | rules))), availability=_rows(*rows), published=published
    )


def _away(*days):
    return [("unavailable", (d, "00:00"), (d, "23:59")) for d in days]


PLANTED = {
    "absences against the days of a week": (_inputs(*_away(0, 1, 2)), 4),
    "fixed shifts too near for the rest": (
        _inputs(("locked_shift", (0, "19:00"), (1, "01:00")), ("locked_shift", (1, "07:00"), (1, "13:00"))), 3
    ),
    "fixed shifts that contradict each other": (
        _inputs(("locked_shift", (0, "07:00"), (0, "13:00")), ("locked_shift", (0, "09:00"), (0, "15:00"))), 2
    ),
    "leave on a fixed shift": (
        _inputs(("locked_shift", (0, "07:00"), (0, "13:00")), ("time_off", (0, "00:00"), (0, "23:59"))), 2
    ),
    "a meeting beside absences": (_inputs(*_away(0, 1), ("meeting", (2, "00:00"), (2, "23:59"))), 4),
    "trainings on too many days": (
        _inputs(*(("training", (d, "00:00"), (d, "23:59")) for d in range(3))), 4
    ),
    "days in a row with the weeks before": (
        _inputs(*_away(3, 4, 5, 6), published=eight_before(4), week_h={"min": 18, "max": 18},
                days={"min": 3, "max": 3}), None
    ),
    "hours that no number of shifts gives": (_inputs(week_h={"min": 31, "max": 33}), None),
    "weekends and absences": (
        _inputs(*_away(0, 1), weekends=Weekends(worked=0, of=1)), None
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_causes_are_irreducible(name):
    inputs, size = PLANTED[name]
    own = alone(inputs, "a0")
    all_of = bindings(own, "Europe/Berlin")
    kept = irreducible(own, all_of, SETTINGS)
    others = [b for b in all_of if b not in kept]
    bare = own
    for binding in others:
        bare = binding.lift(bare)
    assert kept
    assert not has_week(bare, SETTINGS)
    for binding in kept:
        assert has_week(binding.lift(bare), SETTINGS), binding.text
    if size is not None:
        assert len(kept) <= size


@pytest.mark.parametrize("name", PLANTED)
def test_every_way_out_leads_to_a_legal_week(name):
    conflict = conflict_of(PLANTED[name][0], "a0", SETTINGS)
    assert conflict is not None
    assert conflict.ways_out
    prices = [way.price for way in conflict.ways_out]
    assert prices == sorted(prices)
    for way in conflict.ways_out:
        assert has_week(way.inputs, SETTINGS), way.text


def test_meetings_are_named_and_can_be_set_aside():
    conflict = conflict_of(PLANTED["a meeting beside absences"][0], "a0", SETTINGS)
    assert any(cause.startswith("the meeting Wed") for cause in conflict.causes)
    assert any(way.text.startswith("without the meeting") for way in conflict.ways_out)
    trained = conflict_of(PLANTED["trainings on too many days"][0], "a0", SETTINGS)
    assert sum(cause.startswith("the training") for cause in trained.causes) == 3


def test_an_agent_with_a_week_has_no_conflict():
    assert conflict_of(_inputs(), "a0", SETTINGS) is None


def test_the_rest_is_bent_by_no_more_than_is_needed():
    inputs, _ = PLANTED["fixed shifts too near for the rest"]
    conflict = conflict_of(inputs, "a0", SETTINGS)
    assert "11 h of rest between shifts (usual)" in conflict.causes
    assert any("the fixed shift Mon 07 Jul 19:00" in cause for cause in conflict.causes)
    # from 01:00 to 07:00 there are six hours
    rest = next(way for way in conflict.ways_out if "rest" in way.text)
    assert rest.text == "let it be 6 h of rest"
    assert rest.price == pytest.approx(5 * PRICES.price_rule_h)
    assert "what would do" in conflict.text("EUR")


@pytest.mark.parametrize("name", PLANTED)
def test_the_least_violation_is_a_week_and_says_what_was_bent(name):
    inputs, changes = least_violation(PLANTED[name][0], "a0", SETTINGS)
    assert has_week(inputs, SETTINGS)
    assert changes


def test_two_conflicts_are_both_resolved():
    rows = [
        *_away(3, 4),
        ("locked_shift", (0, "19:00"), (1, "01:00")),
        ("locked_shift", (1, "07:00"), (1, "13:00")),
    ]
    inputs, changes = least_violation(_inputs(*rows, weekends=Weekends(worked=0, of=1)), "a0", SETTINGS)
    assert has_week(inputs, SETTINGS)
    assert len(changes) >= 2


def test_leave_is_counted_by_its_day():
    assert dt.date(2025, 7, 7).weekday() == 0
    conflict = conflict_of(PLANTED["absences against the days of a week"][0], "a0", SETTINGS)
    assert sum("unavailability" in cause for cause in conflict.causes) == 3


def test_who_has_no_legal_week_gets_the_one_that_violates_least_and_it_is_named():
    inputs, _ = PLANTED["fixed shifts too near for the rest"]
    plan, reasons, told = with_least_weeks(empty_table("schedule"), ["a0"], inputs, SETTINGS)
    assert set(plan["agent_id"]) == told == {"a0"}
    assert reasons[0].startswith("a0: no week keeps the fixed shift")
    assert "planned all the same" in reasons[1]
    assert "the locked shift at 19:00 is missing" in reasons[1]
    breaches = check_schedule(
        plan,
        centre=inputs.centre,
        agents=inputs.agents.iloc[:1],
        availability=inputs.availability,
        grid=inputs.grid,
    )
    assert breaches["rule"].tolist() == ["locked_shifts"]


def test_the_schedule_holds_the_least_violation_and_its_reasons():
    inputs, _ = PLANTED["absences against the days of a week"]
    result = schedule(inputs, SETTINGS, seed=1, effort=Effort.QUICK)
    assert set(result.frame()["agent_id"]) == {"a0", "a1", "a2"}
    assert result.meta.status != Status.INFEASIBLE
    assert any("a0: planned all the same" in reason for reason in result.meta.reasons)


def test_one_change_that_resolves_all_is_taken_where_it_is_cheaper_than_several():
    """A fixed shift of twelve hours: six hours more at once, not fewer days and then fewer hours."""
    inputs = _inputs(("locked_shift", (0, "07:00"), (0, "19:00")))
    conflict = conflict_of(inputs, "a0", SETTINGS)
    relaxed, changes = least_violation(inputs, "a0", SETTINGS)
    assert has_week(relaxed, SETTINGS)
    assert changes == (conflict.ways_out[0].text,)


def test_a_rule_bent_twice_is_told_once():
    inputs = _inputs(*_away(0, 1, 2, 3))
    _, changes = least_violation(inputs, "a0", SETTINGS)
    assert sum("paid hours" in change for change in changes) <= 1


def test_an_agent_whose_name_begins_like_a_contract_is_no_fault_of_the_contract():
    given, _ = PLANTED["absences against the days of a week"]
    names = {"a0": "contract a0"}
    frames = {name: getattr(given, name) for name in ("agents", "agent_skills", "availability")}
    named = {name: f.assign(agent_id=f["agent_id"].replace(names)) for name, f in frames.items()}
    result = schedule(dataclasses.replace(given, **named), SETTINGS, seed=1, effort=Effort.QUICK)
    assert result.meta.reasons[0].startswith("contract a0: no week keeps")
    assert result.meta.status is Status.FEASIBLE


def test_agents_with_one_and_the_same_conflict_are_told_in_one_line():
    rows = [(f"a{n}", at(d, "00:00"), at(d, "23:59"), "unavailable", True) for n in (0, 1) for d in (0, 1, 2)]
    away = pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind", "paid"])
    inputs = week(the_centre=centre(usual=contract(**FIVE)), availability=away)
    result = schedule(inputs, SETTINGS, seed=1, effort=Effort.QUICK)
    told = [reason for reason in result.meta.reasons if "no week keeps" in reason]
    assert len(told) == 1
    assert told[0].startswith("a0, a1: no week keeps unavailability")
    assert not any("has no legal week" in reason for reason in result.meta.reasons)


def test_a_fixed_shift_off_the_grid_says_so():
    inputs = _inputs(("locked_shift", (0, "07:07"), (0, "13:07")))
    (cause,) = conflict_of(inputs, "a0", SETTINGS).causes
    assert "not on the plan's grid of" in cause


def test_a_rule_bent_to_both_sides_is_told_twice_and_one_bent_further_once():
    own = alone(_inputs(), "a0")
    start = next(b for b in bindings(own, "Europe/Berlin") if b.name == "start")
    words = [text for text, _, _ in start.bends]
    early, late = ([w for w in words if side in w] for side in ("from", "until"))
    keys = {
        side: {_same_bend(start, f"let it be {w}") for w in own} for side, own in (("e", early), ("l", late))
    }
    assert len(early) > 1
    assert len(late) > 1
    assert len(keys["e"]) == len(keys["l"]) == 1
    assert keys["e"] != keys["l"]
