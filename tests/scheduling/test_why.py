"""What the next hour buys, what would help, why a shift is there: each against planted truth."""

import datetime as dt

import numpy as np
import pytest
from revision_small import LATE, MORNING, plan, week
from scheduling_small import at, centre, contract, inputs

from wfo.scheduling.helps import next_hours, what_would_help
from wfo.scheduling.relax_settings import RelaxSettings
from wfo.scheduling.revision import Revision
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week_value import WeekValue
from wfo.scheduling.why import alternatives, why_shift

MONDAY = dt.date(2025, 7, 7)


def _revision(the_week, shifts):
    return Revision(the_week, plan(shifts), ScheduleSettings())


def test_the_value_of_a_plan_is_the_sum_of_the_steps_it_covers():
    the_week = week(lambda hour, weekday: 2 * (weekday == 0 and 7 <= hour < 13))
    value = WeekValue(the_week, ScheduleSettings(), plan([("a0", 0, MORNING), ("a1", 0, MORNING)]))
    # steps of 12 and 6 in twelve half hours, less both steps in half of the half hour of the break
    assert value.total == pytest.approx(12 * (12 + 6) - 0.5 * (12 + 6))
    lost = value.loss({"a0": np.zeros(0, np.int64)})
    assert lost == pytest.approx(12 * 6 - 0.5 * 6)
    assert value.total == pytest.approx(11.5 * 18)


def test_the_next_hour_is_worth_most_where_a_step_is_missing():
    the_week = week(
        lambda hour, weekday: 2 if weekday == 0 and 10 <= hour < 11 else int(weekday == 0 and 7 <= hour < 13)
    )
    hours = next_hours(_revision(the_week, [("a0", 0, MORNING)]))
    # between 09:00 and 09:15 the one agent rests: a quarter hour of the first step
    assert dict(zip(hours["start"], hours["value"], strict=True)) == {
        at(0, "10:00"): 12.0,
        at(0, "09:00"): 6.0,
    }


def test_hours_come_by_what_they_are_worth_to_whoever_gets_most_from_them():
    needs = {
        "calls": lambda hour, weekday: 2 * (weekday == 0 and 8 <= hour < 11),
        "sales": lambda hour, weekday: int(weekday == 0 and 10 <= hour < 11),
    }
    the_week = inputs(2, needs=needs)
    hours = next_hours(_revision(the_week, [("a0", 0, MORNING)]), most=2)
    # at 10:00 who sells wins the first step of sales, who does not a second step of calls
    assert hours["start"].tolist() == [at(0, "10:00"), at(0, "09:00")]
    assert hours["value"].tolist() == sorted(hours["value"], reverse=True)
    assert hours["queues"].iloc[0] == "calls|sales"


def test_an_agent_who_starts_before_his_window_helps_by_what_is_missing_there():
    the_week = week(lambda hour, weekday: int(weekday == 0 and 5 <= hour < 13), n=1)
    revision = _revision(the_week, [("a0", 0, LATE)])
    assert what_would_help(revision, RelaxSettings(price_rule_h=0)).empty is False
    early = week(lambda hour, weekday: int(weekday == 0 and 5 <= hour < 11), n=1)
    revision = _revision(early, [("a0", 0, MORNING)])
    helps = what_would_help(revision, RelaxSettings(price_rule_h=3.0))
    bent = helps[helps["text"].str.startswith("let a0 start")]
    assert bent["text"].tolist() == ["let a0 start at Mon 07 Jul 05:00"]
    # two hours of the first step won; the break moves with the shift
    assert bent["gain"].item() == pytest.approx(48.0)
    assert bent["cost"].item() == pytest.approx(6.0)


def test_one_more_agent_is_worth_his_shift_less_his_wage():
    the_week = week(lambda hour, weekday: 2 * (weekday == 3 and 7 <= hour < 13), n=1)
    the_week.agents["cost_per_h"] = 5.0
    helps = what_would_help(_revision(the_week, [("a0", 3, MORNING)]), RelaxSettings())
    one = helps[helps["text"].str.startswith("one more usual")].iloc[0]
    assert "Thu 10 Jul" in one["text"]
    assert one["net"] == pytest.approx(one["gain"] - one["cost"], abs=0.011)
    assert one["net"] > 0


def test_alternatives_are_valued_exactly_and_rules_named():
    rules = contract(week_h={"min": 0, "max": 24}, days={"min": 0, "max": 5})
    need = lambda hour, weekday: int(weekday == 0 and 7 <= hour < 13)  # noqa: E731
    the_week = week(need, n=1, the_centre=centre(usual=rules))
    revision = _revision(the_week, [("a0", 0, MORNING), ("a0", 1, MORNING)])
    found = {a.text: a for a in alternatives(revision, "a0", MONDAY)}
    assert set(found) == {"09:00–15:00", "11:00–17:00", "13:00–19:00", "free"}
    # two hours of the first step are lost; the break can wait until nobody calls
    assert found["09:00–15:00"].loss == pytest.approx(4 * 12.0 - 6.0)
    assert found["13:00–19:00"].breaks == ()
    tight = week(lambda hour, weekday: 1, n=1, the_centre=centre(usual=contract(rest_h=14)))
    found = {
        a.text: a
        for a in alternatives(_revision(tight, [("a0", 0, MORNING), ("a0", 1, MORNING)]), "a0", MONDAY)
    }
    assert "rest" in found["13:00–19:00"].breaks
    assert "rest" not in found["09:00–15:00"].breaks


def test_why_a_shift_is_there_says_what_would_be_lost_and_what_bars_others():
    the_week = week(lambda hour, weekday: int(weekday == 0 and 7 <= hour < 13), n=1,
                    the_centre=centre(usual=contract(rest_h=14)))  # fmt: skip
    said = why_shift(_revision(the_week, [("a0", 0, MORNING), ("a0", 1, MORNING)]), "a0", MONDAY)
    text = "\n".join(said)
    assert "why 07:00–13:00" in text
    assert "without it service would lose 138.00 EUR" in text
    assert "a free day would break days worked and week hours" in text
    assert "rest bars" in text
    assert why_shift(_revision(the_week, [("a0", 0, MORNING)]), "a0", MONDAY + dt.timedelta(days=3)) == []
