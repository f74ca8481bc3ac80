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
    days = {d["day"]: d["p_met"] for d in plan.meta.facts["day_chances"]}
    return days, plan.hours().loc["voice", "position_hours"]


def test_each_open_day_has_a_chance() -> None:
    days, _ = _plan(0.1)
    assert list(days) == [f"2025-07-{d:02d}" for d in range(7, 12)]
    assert all(0.2 < p < 0.98 for p in days.values())


@pytest.mark.parametrize("cv", [0.05, 0.2])
def test_wanted_confidence_is_reached_and_costs_hours(cv: float) -> None:
    usual, hours = _plan(cv)
    sure, more = _plan(cv, day_confidence=0.9)
    assert min(usual.values()) < 0.9 <= min(sure.values())
    assert more > hours


def test_a_chance_no_plan_reaches_ends() -> None:
    days, _ = _plan(1.5, day_confidence=0.999, mixture_points=1)
    assert min(days.values()) < 0.999


def test_level_days_are_surer_the_more_people_there_are() -> None:
    few, _ = _plan(0.0)
    many, _ = _plan(0.0, day_confidence=0.95)
    assert np.mean(list(many.values())) > np.mean(list(few.values()))
