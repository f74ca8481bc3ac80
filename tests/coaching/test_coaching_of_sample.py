"""Levels of the sample centre against its planted truth."""

import datetime as dt

import numpy as np
import pytest

from wfo.coaching.coach import CoachInputs, coach
from wfo.coaching.settings import CoachSettings
from wfo.sample.sample_centre import sample_centre
from wfo.timegrid import TimeGrid


@pytest.fixture(scope="module")
def sample():
    return sample_centre("tiny")


def test_levels_from_few_evaluations_are_nearer_the_truth_than_means(sample):
    data = sample.data.before(sample.now)
    grid = TimeGrid.of_days(dt.date(2025, 7, 7), 7, zone=sample.centre.zone, step_min=15)
    few = data["evaluations"].sort_values("evaluated_at").groupby(["agent_id", "behaviour"]).tail(5)
    inputs = CoachInputs(
        sample.centre,
        grid,
        data["agents"],
        few.reset_index(drop=True),
        data["coaching_sessions"],
        data["interactions"],
    )
    result = coach(inputs, CoachSettings(), seed=1)
    truth = sample.truth.levels
    truth = truth[truth["week"] == truth["week"].max()].set_index(["agent_id", "behaviour"])["level"]
    raw = (100 * few["score"] / few["max_score"]).groupby([few["agent_id"], few["behaviour"]]).mean()
    ours = result.tables["levels"].set_index(["agent_id", "behaviour"])["level"]
    truth, raw = truth.loc[ours.index], raw.loc[ours.index]
    assert np.sqrt(((ours - truth) ** 2).mean()) < 0.8 * np.sqrt(((raw - truth) ** 2).mean())
    assert result.coverage() == 1.0
    assert result.frame()["reason"].str.contains("contacts a week").all()
