"""What a schedule is paid: against counting by the minute, and what the search holds shifts to cost."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from revision_small import three_mornings, week
from scheduling_small import MONDAY, agents, at, centre, contract, inputs, shift_rows

from wfo.domain.contract import Break, Overtime, Premium
from wfo.effort import Effort
from wfo.scheduling.pay import wages
from wfo.scheduling.revision import Revision
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import records_of
from wfo.tables.wages import hourly_wages, without_wage

DAYS = tuple(MONDAY + dt.timedelta(days=n) for n in range(7))
NIGHT = Premium(hours=("Mon-Sun 00:00-06:00", "Mon-Sun 22:00-24:00"), share=0.25)
SUNDAY = Premium(hours=("Sun 00:00-24:00",), share=0.5)


def paid(rows, agents, rules, **more):
    return wages(rows, agents, centre(usual=rules), days=DAYS, **more)


def by_minutes(rows, rules, zone="Europe/Berlin"):
    """Paid hours and premiums' hours' worth, minute by minute on the local clock."""
    worth = 0.0
    for start, end, is_paid in rows[["start", "end", "paid"]].itertuples(index=False):
        for moment in pd.date_range(start, end, freq="min", inclusive="left"):
            local = moment.astimezone(ZoneInfo(zone))
            share = 1.0
            share += NIGHT.share * (local.hour < 6 or local.hour >= 22) * ("night" in rules.premiums)
            share += SUNDAY.share * (local.weekday() == 6) * ("sunday" in rules.premiums)
            worth += share / 60 * is_paid
    return worth


def test_premiums_are_paid_by_the_minute_of_paid_time() -> None:
    rules = contract(premiums={"night": NIGHT, "sunday": SUNDAY})
    rows = pd.concat(
        [
            shift_rows("a0", 5, "20:00", "23:30", (("22:00", "22:30", False),)),
            shift_rows("a0", 6, "04:00", "08:30", (("05:45", "06:15", True),)),
        ]
    )
    found = paid(rows, agents(1)[0].assign(cost_per_h=20.0), rules)
    assert found == pytest.approx(20.0 * by_minutes(rows, rules))
    assert found > 20.0 * by_minutes(rows, contract())


def test_overtime_begins_above_the_weeks_hours_and_earlier_beside_leave() -> None:
    rules = contract(week_h=16, days=2, overtime=Overtime(max_h=10, premium=0.5), breaks={})
    rows = pd.concat([shift_rows("a0", day, "07:00", "15:00") for day in range(3)])
    people = agents(1)[0].assign(cost_per_h=10.0)
    assert paid(rows, people, rules) == pytest.approx(10.0 * (24 + 0.5 * 8))
    off = pd.DataFrame(
        {"agent_id": ["a0"], "start": [at(4, "00:00")], "end": [at(5, "00:00")], "kind": "time_off"}
    )
    # one day of two on leave: eight hours and a shift step of two are usual
    assert paid(rows, people, rules, availability=off) == pytest.approx(10.0 * (24 + 0.5 * 14))
    leave = rows.assign(kind=np.where(rows["schedule_date"] == MONDAY, "time_off", rows["kind"]))
    assert paid(leave, people, rules) == pytest.approx(10.0 * 24)  # paid leave is no overtime


@pytest.mark.parametrize("premium", [0.1, 0.5])
def test_the_search_pays_what_the_schedule_is_paid(premium: float) -> None:
    """Where nothing is asked for and nothing else has a price, the objective is the wages."""
    rules = contract(
        premiums={"all": Premium(hours=("Mon-Fri 00:00-24:00",), share=premium), "sunday": SUNDAY},
        breaks={"rest": Break(minutes=30, paid=True)},
    )
    given = inputs(2, centre(usual=rules), {"calls": lambda h, d: 0})
    found = schedule(given, ScheduleSettings(price_over=0.0, price_unfair=0.0), seed=1, effort=Effort.QUICK)
    cost = wages(found.frame(), given.agents, given.centre, days=DAYS)
    assert cost is not None
    assert cost > 0
    assert found.meta.objective == pytest.approx(-cost, abs=0.01)


def test_a_change_of_plan_is_paid_premiums_too() -> None:
    rules = contract(
        premiums={"late": Premium(hours=("Mon-Sun 12:00-24:00",), share=0.5)}, overtime=Overtime(max_h=9)
    )
    given = week(the_centre=centre(usual=rules))
    revision = Revision(given, three_mornings(), ScheduleSettings())
    later = pd.concat([shift_rows("a0", day, "11:00", "19:00") for day in range(4)]).assign(
        activity_request_id=None, main_queue=None
    )
    trial = revision.try_out({"a0": records_of(later)})
    after = pd.concat([later, three_mornings(("a1", "a2"))])
    before, now = (wages(p, given.agents, given.centre, days=DAYS) for p in (three_mornings(), after))
    assert trial.wages == pytest.approx(now - before)
    plain = contract(overtime=Overtime(max_h=9))
    assert now > wages(after, given.agents, centre(usual=plain), days=DAYS)


def test_who_has_no_wage_costs_the_mean_of_the_others() -> None:
    people = agents(3)[0].assign(cost_per_h=[10.0, None, 30.0])
    rows = pd.concat([shift_rows(f"a{n}", 0, "07:00", "11:00") for n in range(3)])
    assert paid(rows, people, contract()) == pytest.approx(4 * 60.0)
    assert without_wage(people) == ["a1"]
    assert paid(rows, people.assign(cost_per_h=None), contract()) is None
    assert hourly_wages(people.drop(columns="cost_per_h")) is None
    assert without_wage(people.drop(columns="cost_per_h")) == ["a0", "a1", "a2"]
