"""Pooled positions: between the load and what queues need alone."""

import numpy as np
import pandas as pd
import pytest

from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.settings import ForecastSettings
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.staffing.settings import StaffSettings
from wfo.staffing.staff import StaffInputs, staff
from wfo.timegrid import TimeGrid


@pytest.fixture(scope="module")
def inputs():
    sample = sample_centre("tiny")
    grid = TimeGrid(sample.now, 30, 7 * 48)
    history = ForecastInputs(sample.centre, grid, sample.now, interactions=sample.data["interactions"])
    return StaffInputs(
        sample.centre,
        grid,
        load_scenario("tiny").specs(),
        forecast(history, ForecastSettings(), seed=1),
        sample.data["routing"],
        sample.data["agent_skills"],
    )


def at_once(tables):
    need = tables["requirement"]
    return need[need["law"] != "deferred"].groupby("interval_start")[["positions", "offered_load"]].sum()


def test_pooling_needs_no_more_than_queues_alone_and_no_less_than_the_load(inputs):
    tables = staff(inputs, StaffSettings(), seed=1).tables
    alone, pooled = at_once(tables), tables["pooled"].groupby("interval_start")["positions"].sum()
    assert (pooled.index == alone.index).all()
    assert (pooled <= alone["positions"]).all()
    assert (pooled >= np.ceil(alone["offered_load"] - 1e-9)).all()


def test_queues_that_share_nobody_are_not_pooled(inputs):
    skills = inputs.agent_skills
    one_each = skills.drop_duplicates("agent_id").reset_index(drop=True)
    apart = StaffInputs(
        inputs.centre, inputs.grid, inputs.specs, inputs.forecast, inputs.routing, pd.DataFrame(one_each)
    )
    tables = staff(apart, StaffSettings(), seed=1).tables
    assert tables["pooled"]["queues"].map(len).max() == 1
    assert tables["pooled"]["positions"].sum() == pytest.approx(at_once(tables)["positions"].sum(), rel=0.02)
