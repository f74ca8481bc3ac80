"""The head count is right once: the base week needs what the agents can give, and hardly more."""

import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.staffing.staff import StaffInputs, staff
from wfo.timegrid import TimeGrid


def needed_h(sample, scenario):
    """Hours on queue of the planning week: positions of calls and chats, and the work of deferred queues.

    Volumes are the mean of the same weekdays, so that the arithmetic stands whatever a better forecast says.
    """
    centre, log = sample.centre, sample.data["interactions"]
    grid = TimeGrid.of_days(sample.now.date().replace(day=7), 7, zone=centre.zone, step_min=15)
    chains = build_chains(ChainInputs(centre, log, sample.now), ChainSettings())
    volume = forecast(
        ForecastInputs(
            centre,
            grid,
            sample.now,
            interactions=log,
            chain_members=chains.tables["chain_members"],
            kernel=chains.tables["kernel"],
            redial=chains.state["redial"],
            queue_intervals=sample.data["queue_intervals"],
        ),
        scenario.forecast.model_copy(update={"method": "same_weekday_mean"}),
        seed=1,
    )
    tables = staff(
        StaffInputs(
            centre, grid, scenario.specs(), volume, sample.data["routing"], sample.data["agent_skills"]
        ),
        scenario.staff,
        seed=1,
    ).tables
    need = tables["requirement"]
    at_once = need.loc[need["law"] != "deferred", "positions_with_shrinkage"].sum() / 4
    return at_once + tables["deferred"]["work_s"].sum() / 3600


def available_h(sample, scenario):
    """Hours on queue the contracts give at the most, after scheduled shrinkage and paid breaks."""
    at_most = {
        "full_time": 37.5
    }  # five shifts of eight hours with half an hour unpaid; 38.5 cannot be reached
    hours = sample.data["agents"]["contract"].map(
        lambda name: at_most.get(name, sample.centre.contracts[name].week_h.max)
    )
    kept = 1.0
    for share in scenario.staff.scheduled_shrinkage.values():
        kept *= 1 - share
    paid_breaks = 15 / (4 * 60)  # fifteen minutes in four hours
    return hours.sum() * kept * (1 - paid_breaks)


@pytest.mark.parametrize(("preset", "low", "high"), [("standard", 0.97, 1.02), ("hard", 1.02, 1.06)])
def test_the_base_week_needs_what_the_agents_can_give(preset, low, high):
    sample, scenario = sample_centre(preset), load_scenario("sample.yaml")
    assert low <= needed_h(sample, scenario) / available_h(sample, scenario) <= high
