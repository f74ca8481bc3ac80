"""The planner's own figures: reached, kept apart, and never lost in silence."""

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from tests.forecasting import small
from tests.forecasting.test_forecast import inputs
from wfo.errors import InputError, ScenarioError
from wfo.forecasting.forecast import forecast
from wfo.forecasting.settings import DemandSettings, ForecastSettings
from wfo.scenario.load import load_scenario

SETTINGS = ForecastSettings(paths=20, method="same_weekday_mean")
TUESDAY = small.WEEK + dt.timedelta(days=1)
SIGNED = {"reason": "mailing", "who": "Ada"}


@cache
def result():
    return forecast(inputs(), SETTINGS, seed=1)


def overridden(**given):
    demand = DemandSettings.model_validate({"overrides": {k: {**SIGNED, **v} for k, v in given.items()}})
    return forecast(inputs(demand=demand), SETTINGS, seed=1)


def of_days(made, column="volume_mean"):
    frame = made.frame()
    day = pd.DatetimeIndex(frame["interval_start"]).tz_convert(small.ZONE).date
    return frame.groupby(["queue", day])[column].sum()


def test_the_day_s_whole_volume_becomes_the_planner_s_and_the_model_s_stands_beside():
    made = overridden(mailing={"queue": "voice", "start": TUESDAY, "contacts": 900.0})
    assert of_days(made)["voice", TUESDAY] == pytest.approx(900.0, rel=1e-4)
    np.testing.assert_allclose(made.frame()["model_volume_mean"], result().frame()["volume_mean"])
    row = made.tables["overrides"].iloc[0]
    assert row["model"] == pytest.approx(of_days(result())["voice", TUESDAY])
    assert (row["planner"], row["who"], row["reason"]) == (900.0, "Ada", "mailing")
    assert row["planned"] == pytest.approx(900.0, rel=1e-4)
    before, after = of_days(result()), of_days(made)
    monday, wednesday = small.WEEK, TUESDAY + dt.timedelta(days=1)
    assert after["voice", monday] == pytest.approx(before["voice", monday])
    more = after["voice", TUESDAY] > before["voice", TUESDAY]
    assert (after["voice", wednesday] > before["voice", wednesday]) == more  # their follow-ups


def test_factors_over_several_days_and_queues_hold_together():
    made = overridden(
        a={"queue": "voice", "start": TUESDAY, "end": TUESDAY + dt.timedelta(days=2), "factor": 1.2},
        b={"queue": "email", "start": TUESDAY, "factor": 0.5},
        c={"queue": "web", "start": TUESDAY, "factor": 2.0},
    )
    ratio = of_days(made) / of_days(result())
    for k in range(3):
        assert ratio["voice", TUESDAY + dt.timedelta(days=k)] == pytest.approx(1.2, rel=1e-4)
    assert ratio["email", TUESDAY] == pytest.approx(0.5, rel=1e-4)
    assert ratio["web", TUESDAY] == pytest.approx(2.0, rel=1e-4)
    assert len(made.tables["overrides"]) == 5
    # the paths follow too
    volume, paths = made.volume_paths(100, 3)
    np.testing.assert_allclose(paths.sum(axis=(1, 2)).mean(), volume.sum(), rtol=0.02)


def test_less_than_what_earlier_contacts_cause_cannot_be_had_and_is_told():
    made = overridden(none={"queue": "voice", "start": TUESDAY, "contacts": 0.0})
    left = of_days(made)["voice", TUESDAY]
    assert 0 < left < of_days(result())["voice", TUESDAY]
    assert of_days(made, "fresh_mean")["voice", TUESDAY] == pytest.approx(0.0, abs=1e-9)
    assert any("cannot have 0 contacts" in note for note in made.meta.notes)
    assert made.tables["overrides"]["planned"].iloc[0] == pytest.approx(left)


def test_a_closed_day_stays_closed_and_another_week_is_not_touched():
    sunday = small.WEEK + dt.timedelta(days=6)
    made = overridden(
        closed={"queue": "voice", "start": sunday, "contacts": 100.0},
        later={"queue": "voice", "start": sunday + dt.timedelta(days=1), "contacts": 5.0},
    )
    assert any("voice is closed on 2025-07-13" in note for note in made.meta.notes)
    np.testing.assert_allclose(made.frame()["volume_mean"], result().frame()["volume_mean"])
    assert made.tables["overrides"]["planned"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": {"queue": "voice", "start": TUESDAY, **SIGNED}}, "either factor or contacts"),
        ({"a": {"queue": "voice", "start": TUESDAY, "factor": 1, "contacts": 1, **SIGNED}}, "either factor"),
        ({"a": {"queue": "voice", "start": TUESDAY, "factor": -1, **SIGNED}}, "greater than or equal to 0"),
        (
            {"a": {"queue": "voice", "start": TUESDAY, "factor": 1, "reason": "", "who": "x"}},
            "at least 1 char",
        ),
        ({"a": {"queue": "voice", "start": TUESDAY, "factor": 1, "reason": "x"}}, "who"),
        (
            {k: {"queue": "voice", "start": TUESDAY, "factor": 1, **SIGNED} for k in "ab"},
            "'a' and 'b' are both for voice on 2025-07-08",
        ),
    ],
)
def test_an_override_that_cannot_be_says_why(given, message):
    with pytest.raises(ValidationError, match=message):
        DemandSettings.model_validate({"overrides": given})


def test_its_queue_must_exist_here_and_in_a_scenario():
    with pytest.raises(InputError, match="'fax' is not a queue"):
        overridden(a={"queue": "fax", "start": TUESDAY, "factor": 1.0})
    said = {"demand.overrides": {"a": {"queue": "fax", "start": TUESDAY, "factor": 1.0, **SIGNED}}}
    with pytest.raises(ScenarioError, match="unknown queue 'fax'"):
        load_scenario("tiny", set=said)
