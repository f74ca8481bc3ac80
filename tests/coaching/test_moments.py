import numpy as np
import pytest

from wfo.coaching.moments import RATIO_MOST, moments_of


def _moments(agent, rater, score):
    agent, rater = np.array(agent), np.array(rater)
    counts = np.zeros((agent.max() + 1, rater.max() + 1))
    np.add.at(counts, (agent, rater), 1)
    return moments_of(agent, rater, np.array(score, dtype=float), counts)


def test_planted_variances_are_found_with_unequal_counts_and_raters():
    rng = np.random.default_rng(1)
    agent, rater = rng.integers(0, 150, 3000), rng.integers(0, 6, 3000)
    score = 8 * rng.standard_normal(150)[agent] + 5 * rng.standard_normal(6)[rater]
    found = _moments(agent, rater, score + 12 * rng.standard_normal(3000))
    assert found.ratio == pytest.approx((8 / 12) ** 2, rel=0.2)


@pytest.mark.parametrize(
    ("agent", "rater", "score"),
    [
        ([0], [0], [70]),
        ([0, 0, 0], [0, 0, 0], [60, 70, 80]),
        ([0, 1, 2], [0, 0, 0], [60, 70, 80]),
        ([0, 0, 1, 1], [0, 0, 1, 1], [60, 62, 80, 82]),
        ([0, 0, 1, 1], [0, 1, 0, 1], [70, 70, 70, 70]),
        ([0, 0, 1, 1], [0, 0, 0, 0], [60, 80, 60, 80]),
    ],
    ids=["one score", "one agent", "no repeats", "a rater each", "all equal", "all within"],
)
def test_nothing_to_tell_agents_apart(agent, rater, score):
    assert _moments(agent, rater, score).ratio == 0


def test_scores_without_noise_stand_at_the_highest_ratio():
    assert _moments([0, 0, 1, 1], [0, 0, 0, 0], [80, 80, 40, 40]).ratio == RATIO_MOST
