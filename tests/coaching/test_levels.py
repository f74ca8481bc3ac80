import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.coaching.levels import fit_levels, level_table


def _planted(seed, *, agents=120, per_agent=5, raters=8, agent_sd=4.0, noise_sd=12.0, rater_sd=3.0):
    rng = np.random.default_rng(seed)
    truth = 75 + agent_sd * rng.standard_normal(agents)
    agent = np.repeat(np.arange(agents), per_agent)
    rater = rng.integers(0, raters, len(agent))
    bias = rater_sd * rng.standard_normal(raters)
    score = truth[agent] + bias[rater] + noise_sd * rng.standard_normal(len(agent))
    return truth, agent, rater, score


@pytest.fixture(autouse=True)
def _library_warnings_are_errors():
    # the library turns its own warnings back on when it is first imported
    import statsmodels.regression.mixed_linear_model  # noqa: F401

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_balanced_scores_by_one_rater_have_the_closed_form():
    agents, each = 40, 6
    truth, agent, rater, score = _planted(3, agents=agents, per_agent=each, raters=1, agent_sd=8)
    fit = fit_levels(agent, rater, score, agents)
    table = score.reshape(agents, each)
    own = table.mean(axis=1)
    within = table.var(axis=1, ddof=1).mean()
    between = own.var(ddof=1) - within / each
    share = between / (between + within / each)
    assert fit.noise_sd**2 == pytest.approx(within, rel=1e-3)
    assert fit.agent_sd**2 == pytest.approx(between, rel=1e-3)
    assert np.allclose(fit.level, own.mean() + share * (own - own.mean()), atol=0.01)
    error = within / each * share + (1 - share) ** 2 * (between + within / each) / agents
    assert np.allclose(fit.sd**2, error, rtol=1e-3)
    assert len(truth) == len(fit.level)


def test_the_unit_of_the_scores_is_of_no_account():
    _, agent, rater, score = _planted(6, agents=30)
    fit, small = fit_levels(agent, rater, score, 30), fit_levels(agent, rater, score / 1000, 30)
    assert fit.agent_sd > 0
    assert np.allclose(small.level, fit.level / 1000, rtol=1e-6)
    assert np.allclose(small.sd, fit.sd / 1000, rtol=1e-6)


def test_agents_no_more_apart_than_luck_have_one_level():
    rng = np.random.default_rng(0)
    agent = np.repeat(np.arange(10), 4)
    score = np.tile([60.0, 70.0, 80.0, 90.0], 10) + 0.1 * rng.standard_normal(40)
    fit = fit_levels(agent, np.zeros(40, int), score, 11)
    assert fit.agent_sd == 0
    assert np.allclose(fit.level, score.mean())
    assert np.allclose(fit.sd, score.std(ddof=1) / np.sqrt(40))


def test_scores_that_never_repeat_say_nothing_of_agents():
    fit = fit_levels(np.arange(5), np.zeros(5, int), np.array([50.0, 60, 70, 80, 90]), 5)
    assert fit.agent_sd == 0
    assert fit.level.tolist() == [70.0] * 5


def test_shrunken_levels_are_nearer_the_truth_than_raw_means():
    better, inside, all_levels = 0, 0, 0
    for seed in range(10):
        truth, agent, rater, score = _planted(seed)
        fit = fit_levels(agent, rater, score, len(truth))
        raw = np.bincount(agent, weights=score) / np.bincount(agent)
        shift = truth.mean() - fit.level.mean()
        better += np.sqrt(np.mean((fit.level + shift - truth) ** 2)) < 0.75 * np.sqrt(
            np.mean((raw - truth) ** 2)
        )
        inside += (np.abs(fit.level - truth) <= 1.2816 * fit.sd).sum()
        all_levels += len(truth)
    assert better == 10
    assert inside / all_levels == pytest.approx(0.8, abs=0.08)


def test_the_worst_of_many_do_not_improve_on_paper():
    truth, agent, rater, score = _planted(1, agents=300, rater_sd=0.0)
    fit = fit_levels(agent, rater, score, 300)
    raw = np.bincount(agent, weights=score) / np.bincount(agent)
    worst = np.argsort(raw)[:30]
    assert (truth[worst] - raw[worst]).mean() > 4
    assert abs((truth[worst] - fit.level[worst]).mean()) < 1.5


def test_a_strict_rater_is_not_held_against_the_agent():
    rng = np.random.default_rng(2)
    agent = np.repeat(np.arange(60), 8)
    rater = np.where(np.arange(len(agent)) % 8 < np.where(agent < 30, 6, 2), 0, 1)
    score = (
        70 - 10.0 * (rater == 0) + 3 * rng.standard_normal(60)[agent] + 6 * rng.standard_normal(len(agent))
    )
    fit = fit_levels(agent, rater, score, 60)
    raw = np.bincount(agent, weights=score) / 8
    assert raw[30:].mean() - raw[:30].mean() > 3.5
    assert abs(fit.level[30:].mean() - fit.level[:30].mean()) < 2


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.floats(0, 100)), min_size=1, max_size=25))
def test_any_scores_give_levels_between_mean_and_reason(rows):
    agent, rater, score = (np.array(column) for column in zip(*rows, strict=True))
    fit = fit_levels(agent, rater, score, 5)
    assert np.isfinite(fit.level).all()
    assert np.isfinite(fit.sd).all()
    assert (fit.sd >= 0).all()
    assert fit.evaluations.tolist() == np.bincount(agent, minlength=5).tolist()


def test_an_agent_never_scored_stands_at_the_mean_with_the_widest_interval():
    _, agent, rater, score = _planted(4, agents=50, agent_sd=10)
    fit = fit_levels(agent, rater, score, 51)
    assert fit.level[50] == pytest.approx(fit.level[:50].mean(), abs=1.0)
    assert fit.sd[50] == fit.sd.max()


def test_scores_of_other_scales_are_points_of_100():
    frame = pd.DataFrame(
        {
            "agent_id": ["a", "a", "b", "b"],
            "evaluator_id": ["x"] * 4,
            "behaviour": ["listening"] * 4,
            "score": [4.0, 4.0, 2.0, 2.0],
            "max_score": [5.0] * 4,
        }
    )
    levels, spread = level_table(frame, ["a", "b", "c"])
    assert levels["agent_id"].tolist() == ["a", "b", "c"]
    assert 40 <= levels["level"][1] < levels["level"][2] < levels["level"][0] <= 80
    assert set(spread) == {"listening"}
