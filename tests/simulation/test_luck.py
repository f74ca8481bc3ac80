"""Draws of contacts: laws, independence, words."""

import lucky
import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from wfo.compiled import entry
from wfo.simulation import luck
from wfo.simulation.normal import normal_quantile

BASE = np.uint64(lucky.replication_word(np.uint64(3), np.uint64(0)))
STREAM = np.uint64(lucky.stream_word(BASE, np.uint64(77), 1000))
WORDS = [np.uint64(lucky.fresh_word(STREAM, k)) for k in range(6000)]


@entry("simulation")
def _quantile(p):
    return normal_quantile(p)


def test_the_normal_quantile_is_exact():
    for p in (1e-300, 1e-20, 1e-9, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.9, 0.99, 1 - 1e-9):
        assert _quantile(p) == pytest.approx(ndtri(p), rel=1e-14, abs=1e-15)


def test_draws_are_uniform_and_those_of_two_purposes_are_independent():
    draws = np.array(
        [[lucky.chance(w, place) for place in (luck._HANDLE, luck._PATIENCE, luck._REDIAL)] for w in WORDS]
    )
    for column in draws.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    assert np.abs(np.corrcoef(draws.T) - np.eye(3)).max() < 0.05
    assert np.abs(np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1]) < 0.05


def test_laws_have_their_moments():
    """Lognormal by median and sigma, exponential, redials conditioned on 30 minutes, follow-ups."""
    handle = np.array(
        [lucky.handle_ms(w, 60_000.0 * np.exp(-0.5 * np.log(2.0)), np.sqrt(np.log(2.0))) for w in WORDS]
    )
    assert handle.mean() == pytest.approx(60_000, rel=0.05)
    assert handle.std() == pytest.approx(60_000, rel=0.15)
    assert (
        stats.kstest(
            np.log(handle / 60_000) / np.sqrt(np.log(2)), "norm", (-0.5 * np.sqrt(np.log(2)), 1)
        ).pvalue
        > 1e-4
    )
    patience = np.array([lucky.patience_ms(w, 90_000.0) for w in WORDS])
    assert stats.kstest(patience / 90_000, "expon").pvalue > 1e-4
    delay = np.array([lucky.redial_delay_ms(w, 600_000.0) for w in WORDS])
    assert delay.max() <= luck.REDIAL_CUT_MS
    cut = 3.0
    assert delay.mean() / 600_000 == pytest.approx(1 - cut * np.exp(-cut) / (1 - np.exp(-cut)), rel=0.05)
    for queue in (0, 1, 7):
        assert np.mean([lucky.follows_up(w, queue, 0, 0.3) for w in WORDS]) == pytest.approx(0.3, abs=0.03)


def test_contacts_have_different_words():
    other = np.uint64(lucky.stream_word(BASE, np.uint64(78), 1000))
    words = {int(w) for w in WORDS} | {int(lucky.fresh_word(other, k)) for k in range(6000)}
    words |= {int(lucky.redial_word(w)) for w in WORDS} | {
        int(lucky.follow_up_word(w, q, 0)) for w in WORDS for q in (0, 1)
    }
    assert len(words) == 5 * 6000
