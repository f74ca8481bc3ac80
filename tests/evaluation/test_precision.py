"""How surely means are known: weeks for a wanted precision, intervals of the mean; idle agents told."""

import numpy as np
import pytest
from test_evaluate import Forecast, inputs

from wfo.evaluation.evaluate import evaluate
from wfo.evaluation.measures import mean_interval
from wfo.evaluation.settings import EvaluateSettings

SETTINGS = EvaluateSettings(absence="none", prices=False)
BUSY = Forecast(rate=(90.0, 70.0))


def weekly(found):
    """Service of voice in each simulated week."""
    runs = found.tables["replications"]
    sums = runs[runs["queue"] == "voice"].groupby("replication")[["in_time", "of"]].sum()
    return sums["in_time"].to_numpy(), sums["of"].to_numpy()


def half(found):
    top, bottom = (a[:, None] for a in weekly(found))
    low, high = mean_interval(top, bottom, SETTINGS.interval)
    return float(high[0] - low[0]) / 2


def test_weeks_are_added_until_the_precision_wanted():
    given = inputs(agents=8, forecast=BUSY)
    few = evaluate(given, SETTINGS, seed=1, replications=5)
    wanted = half(evaluate(given, SETTINGS, seed=1, replications=10)) / 2
    precise = SETTINGS.model_copy(update={"precision": wanted})
    found = evaluate(given, precise, seed=1, replications=5)
    assert half(few) > wanted >= half(found)
    assert found.meta.facts["replications"] > 20
    assert len(weekly(found)[0]) == found.meta.facts["replications"]
    assert f"±{100 * wanted:.2f} wanted" in found.meta.notes[-1]
    # the weeks are the same weeks, and more of them
    assert weekly(found)[0][:5].tolist() == weekly(few)[0].tolist()


def test_most_replications_is_a_cap_and_what_was_reached_is_said():
    given = inputs(agents=8, forecast=BUSY)
    capped = SETTINGS.model_copy(update={"precision": 1e-6, "most_replications": 17})
    found = evaluate(given, capped, seed=1, replications=3)
    assert found.meta.facts["replications"] == 17
    assert f"known to ±{100 * half(found):.2f} points after 17" in found.meta.notes[-1]
    one = evaluate(given, capped.model_copy(update={"most_replications": 1}), seed=1, replications=1)
    assert one.meta.facts["replications"] == 1


def test_without_a_wanted_precision_as_many_as_told():
    assert evaluate(inputs(), SETTINGS, seed=1, replications=3).meta.facts["replications"] == 3


def test_the_interval_of_the_mean_holds_the_truth_as_often_as_it_says():
    """Binomial service of random volumes: 80 % intervals from 12 weeks cover the mean in 80 % of cases."""
    rng, cases, n = np.random.default_rng(4), 4000, 12
    bottom = rng.poisson(80, size=(n, cases))
    low, high = mean_interval(rng.binomial(bottom, 0.7), bottom, 0.8)
    covered = ((low <= 0.7) & (high >= 0.7)).mean()
    assert covered == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / cases))


def test_intervals_of_the_mean_of_nothing_are_empty():
    low, high = mean_interval(np.zeros((1, 2)), np.ones((1, 2)), 0.8)
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    low, _ = mean_interval(np.zeros((3, 1)), np.zeros((3, 1)), 0.8)
    assert np.isnan(low).all()


def test_intervals_and_days_say_what_is_known_of_their_mean():
    few, many = (
        evaluate(inputs(agents=8, forecast=BUSY), SETTINGS, seed=1, replications=n) for n in (10, 90)
    )
    for name, value in (("intervals", "service_level"), ("days", "predicted")):
        widths = []
        for found in (few, many):
            rows = found.tables[name]
            rows = rows[rows["queue"] == "voice"].dropna(subset=[value])
            assert (rows["mean_low"] <= rows[value] + 1e-12).all()
            assert (rows["mean_high"] >= rows[value] - 1e-12).all()
            widths.append((rows["mean_high"] - rows["mean_low"]).mean())
        # the mean is known three times as well from nine times as many weeks
        assert widths[0] / widths[1] == pytest.approx(3.0, rel=0.35)


def test_agents_with_work_and_no_skill_are_told():
    given = inputs(agents=8)
    assert evaluate(given, SETTINGS, seed=1, replications=2).meta.reasons == ()
    without = given.agent_skills[~given.agent_skills["agent_id"].isin(["a1", "a3"])]
    found = evaluate(
        type(given)(**{**vars(given), "agent_skills": without}), SETTINGS, seed=1, replications=2
    )
    assert len(found.meta.reasons) == 1
    assert found.meta.reasons[0].startswith("2 scheduled agents serve no queue")
    assert "a1, a3; give them a skill" in found.meta.reasons[0]
