"""Repair and breaks anew where agents sit in two zones and the clocks change on the day of the absence."""

import datetime as dt

import pandas as pd
import pytest
from scheduling_small import centre, contract, grid, inputs

from wfo.effort import Effort
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.moved_breaks import rebreak_told
from wfo.scheduling.rebreak import rebreak
from wfo.scheduling.repair import RepairInputs, repair
from wfo.scheduling.repair_settings import RepairSettings
from wfo.scheduling.schedule import schedule
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week_value import WeekValue

ZONES = {"b": "Europe/Berlin", "l": "Europe/Lisbon"}
FREE = RepairSettings(price_shift=0, price_breaks=0)


def _every_day(hour, weekday):
    return int(7 <= hour < 20)


def _week(first):
    usual = contract(week_h={"min": 0, "max": 40}, days={"min": 0, "max": 6}, weekends=None)
    week = inputs(
        6, centre(usual=usual), {"calls": _every_day, "sales": lambda h, d: int(d < 5 and 9 <= h < 15)},
        grid=grid(first=first),
    )  # fmt: skip
    week.agents["cost_per_h"] = 0.5
    return week


def _checked(plan, week, availability):
    return check_schedule(
        plan, centre=week.centre, agents=week.agents, availability=availability, grid=week.grid,
        agent_skills=week.agent_skills, routing=week.routing,
    )  # fmt: skip


@pytest.fixture(scope="module", params=[dt.date(2025, 10, 20), dt.date(2025, 3, 24)], ids=["long", "short"])
def planned(request):
    """A week whose Sunday has 25 or 23 hours, as the scheduler plans it."""
    week = _week(request.param)
    return week, schedule(week, ScheduleSettings(), seed=1, effort=Effort.QUICK).frame()


def _clocks(plan, week):
    """Local start and end of every shift, by agent."""
    zone = week.agents.set_index("agent_id")["site"].map(ZONES)
    spans = plan[plan["kind"] != "time_off"].groupby(["agent_id", "schedule_date"])
    spans = spans.agg(start=("start", "min"), end=("end", "max")).reset_index()
    return [
        (agent, date, *(side.tz_convert(zone[agent]) for side in (start, end)))
        for agent, date, start, end in spans.itertuples(index=False)
    ]


def test_absences_on_the_day_of_the_change_are_repaired_by_the_walls_clock(planned):
    week, plan = planned
    sunday = max(plan["schedule_date"])
    assert len(set(week.agents["site"])) == 2
    on_duty = sorted(a for a, day, *_ in _clocks(plan, week) if day == sunday)
    assert on_duty
    zones = week.agents.set_index("agent_id")["site"].map(ZONES)
    gone = [
        (a, *(pd.Timestamp(f"{sunday} {t}", tz=zones[a]).tz_convert("UTC") for t in ("00:00", "23:30")))
        for a in on_duty[:2]
    ]
    absences = pd.DataFrame(gone, columns=["agent_id", "start", "end"]).assign(kind="time_off", paid=True)
    result = repair(RepairInputs(week, plan, absences), FREE, seed=1)
    new = result.tables["schedule"]
    assert _checked(new, week, result.tables["availability"]).empty
    assert result.meta.facts["won_back"] > 0
    for agent, date, start, end in _clocks(new, week):
        assert (start.hour, start.minute) in {(7, 0), (9, 0), (11, 0), (13, 0)}
        assert start.date() == date
        assert (end - start) / pd.Timedelta(hours=1) in {4, 6, 8}
        assert agent not in on_duty[:2] or date != sunday
    texts = result.frame().loc[result.frame()["what"] == "called in", "after"]
    assert all(text[:5] in {"07:00", "09:00", "11:00", "13:00"} for text in texts)


def test_breaks_anew_keep_all_rules_in_both_zones(planned):
    week, plan = planned
    told = rebreak_told(week, plan, ScheduleSettings(), price=0.0, seed=1)
    new = rebreak(week, plan, ScheduleSettings())
    assert _checked(new, week, None).empty
    pd.testing.assert_frame_equal(told.tables["schedule"], new)
    before, after = (WeekValue(week, ScheduleSettings(), frame).total for frame in (plan, new))
    assert told.meta.facts["gain"] == pytest.approx(after - before, abs=0.01)
    assert after >= before - 1e-9
    spans = [f.groupby("shift_id").agg(s=("start", "min"), e=("end", "max")) for f in (plan, new)]
    pd.testing.assert_frame_equal(*spans)
