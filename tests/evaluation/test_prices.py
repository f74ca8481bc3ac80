"""What one more agent would save, against plays in which he works a single hour."""

import numpy as np
import pandas as pd
from test_evaluate import GRID, Forecast, inputs

from wfo.evaluation.evaluate import evaluate
from wfo.evaluation.play import play
from wfo.evaluation.price_table import joined_prices
from wfo.evaluation.prices import APART, EXTRA, losses, price_weeks
from wfo.evaluation.settings import EvaluateSettings
from wfo.simulation.staffing import staffing_of
from wfo.tables.contracts import RUN

SETTINGS = EvaluateSettings(absence="none")
BUSY = Forecast(rate=(100.0, 60.0))


def test_a_busy_hour_has_the_price_that_one_more_agent_in_that_hour_alone_saves():
    """Direct plays with one more agent from 10 to 11 and from 14 to 15, losses of the whole two days."""
    given = inputs(agents=6, forecast=BUSY)
    table = evaluate(given, SETTINGS, seed=1, replications=30).tables["prices"]
    assert tuple(table.columns) == RUN["prices"].names
    assert set(table["source"]) == {"simulated"}
    assert (table["low"] <= table["value_per_agent_min"]).all()
    paths = BUSY.sample(30, 1)
    people = (given.agents, given.agent_skills, given.routing, given.centre, GRID)
    base = staffing_of(given.schedule, *people)

    def lost(staffing):
        played = play(given.centre, GRID, given.specs, paths, staffing, None, SETTINGS, seed=1)
        return losses(played, base.law, SETTINGS).sum(axis=1)

    before = lost(base)
    found = 0
    for hour in (10, 14):
        start = pd.Timestamp(GRID.start) + pd.Timedelta(hours=hour)
        row = given.schedule.iloc[[0]].assign(
            agent_id=EXTRA, start=start, end=start + pd.Timedelta(hours=1), queues=[[]]
        )
        own = pd.DataFrame(
            {"agent_id": [EXTRA], "skill": [given.agent_skills["skill"].iloc[0]], "priority": [1]}
        )
        skills = pd.concat([given.agent_skills, own], ignore_index=True)
        more = staffing_of(
            pd.concat([given.schedule, row], ignore_index=True), given.agents, skills, *people[2:]
        )
        direct = (before - lost(more)).mean() / 60
        here = table[(table["interval_start"] == start) & (table["skill"] == own["skill"].iloc[0])].iloc[0]
        if direct > 0:
            found += 1
            assert here["low"] <= direct <= here["high"]
            assert abs(here["value_per_agent_min"] - direct) <= 0.15 * direct
    assert found == 2


def test_where_nobody_waits_nobody_more_is_worth_anything():
    given = inputs(agents=40, forecast=Forecast(rate=(10.0, 10.0)))
    table = evaluate(given, SETTINGS, seed=1, replications=5).tables["prices"]
    staffed = table["interval_start"].dt.tz_convert("Europe/Berlin").dt.hour.between(10, 14)
    assert (table.loc[staffed, "value_per_agent_min"] == 0.0).all()


def test_prices_may_be_left_out():
    quiet = EvaluateSettings(prices=False)
    assert evaluate(inputs(), quiet, seed=1, replications=2).tables["prices"].empty


def test_only_sure_simulated_prices_stand_in_the_place_of_the_schedules():
    at = GRID.starts[:3]
    names = ["skill", "interval_start", "value_per_agent_min", "low", "high", "source"]
    dual = pd.DataFrame([("s", t, 1.0, 0.5, 1.5, "dual") for t in at], columns=names)
    rows = [("s", at[0], 2.0, 0.1, 3.9, "simulated"), ("s", at[1], 2.0, -0.1, 4.1, "simulated")]
    out = joined_prices(pd.DataFrame(rows, columns=names), dual)
    assert out["source"].tolist() == ["simulated", "dual", "dual"]
    assert np.allclose(out["value_per_agent_min"], [2.0, 1.0, 1.0])


def test_prices_take_a_bounded_share_of_the_weeks():
    """One skill plays everything three times; many skills play fewer weeks, two at least."""
    assert price_weeks(50, 1, 4.0) == 50
    for skills in (2, 7, 19):
        weeks = price_weeks(50, skills, 4.0)
        assert APART * skills * weeks <= 4.0 * 50
        assert APART * skills * (weeks + 1) > 4.0 * 50
    assert price_weeks(4, 30, 4.0) == 2
    assert price_weeks(1, 1, 4.0) == 1


def test_prices_from_fewer_weeks_are_those_of_the_first_weeks():
    given = inputs(agents=6, forecast=BUSY)
    few = SETTINGS.model_copy(update={"prices_effort": 0.5})
    found = evaluate(given, few, seed=1, replications=60)
    assert "played in 10 of the 60 weeks" in " ".join(found.meta.notes)
    ten = evaluate(given, SETTINGS, seed=1, replications=10).tables["prices"]
    pd.testing.assert_frame_equal(found.tables["prices"], ten)
