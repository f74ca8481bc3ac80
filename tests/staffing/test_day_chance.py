"""P(day meets target), and positions that meet it with a wanted chance."""

import numpy as np
import pytest
from stand_in import AGENT_SKILLS, ROUTING, StandIn, small_centre, week_grid

from wfo.metrics.specs import parse_target
from wfo.staffing.settings import StaffSettings
from wfo.staffing.staff import StaffInputs, staff


def _plan(cv: float, **chosen: object):
    centre, grid = small_centre(), week_grid()
    forecast = StandIn(centre, grid, {"voice": 20.0}, {"voice": 300.0}, {"voice": cv})
    spec = (parse_target("80% in 20s", metric="service_level", scope="voice"),)
    given = StaffInputs(centre, grid, spec, forecast, ROUTING, AGENT_SKILLS)  # type: ignore[arg-type]
    plan = staff(given, StaffSettings(max_occupancy=1.0, **chosen), seed=1)
    table = plan.tables["day_chances"]
    assert (table["queue"] == "voice").all()
    days = {str(day): p for day, p in zip(table["schedule_date"], table["p_met"], strict=True)}
    return days, plan


def test_each_open_day_has_a_chance() -> None:
    days, _ = _plan(0.1)
    assert list(days) == [f"2025-07-{d:02d}" for d in range(7, 12)]
    assert all(0.2 < p < 0.98 for p in days.values())


@pytest.mark.parametrize("cv", [0.05, 0.2])
def test_wanted_confidence_is_reached_and_costs_hours(cv: float) -> None:
    usual, plan = _plan(cv)
    sure, dearer = _plan(cv, day_confidence=0.9)
    hours, more = (p.hours().loc["voice", "position_hours"] for p in (plan, dearer))
    assert min(usual.values()) < 0.9 <= min(sure.values())
    assert more > hours
    assert not any("day_confidence" in reason for reason in dearer.meta.reasons)
    assert (dearer.tables["day_chances"]["wanted"] == 0.9).all()
    assert plan.tables["day_chances"]["wanted"].isna().all()
    # the load is what comes; that more people are wanted for it does not change it
    for name in ("requirement", "pooled"):
        column = "offered_load" if name == "requirement" else "positions"
        assert dearer.tables[name][column].tolist() == plan.tables[name][column].tolist()


def test_a_chance_no_plan_reaches_ends() -> None:
    days, plan = _plan(1.5, day_confidence=0.999, mixture_points=1)
    assert min(days.values()) < 0.999
    (reason,) = (r for r in plan.meta.reasons if "gets no new contacts" not in r)
    assert reason.startswith("day_confidence 99.9% is not reached for voice on 5 days, least on ")


def test_level_days_are_surer_the_more_people_there_are() -> None:
    few, _ = _plan(0.0)
    many, _ = _plan(0.0, day_confidence=0.95)
    assert np.mean(list(many.values())) > np.mean(list(few.values()))
