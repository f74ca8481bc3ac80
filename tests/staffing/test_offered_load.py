"""Modified offered load against its integral, and what it must conserve."""

import numpy as np
import pytest
from scipy.stats import lognorm

from wfo.staffing.load import modified_offered_load, stationary


def _by_quadrature(arrivals: np.ndarray, handle_s: float, cv: float, step_s: float) -> np.ndarray:
    """The integral on a fine clock: arrivals times P(still busy), open from the first interval on."""
    sigma = np.sqrt(np.log1p(cv * cv))
    law = lognorm(sigma, scale=handle_s * np.exp(-sigma * sigma / 2))
    fine = 10.0
    before = int(40 * handle_s / fine)
    rate = np.r_[np.full(before, arrivals[0]), np.repeat(arrivals, int(step_s / fine))] / step_s
    busy = law.sf((np.arange(before) + 0.5) * fine) * fine
    half = np.convolve(rate, busy)[: rate.size]
    load = half + 0.0
    load[1:] = (half[1:] + half[:-1]) / 2
    return load[before:].reshape(arrivals.size, -1).mean(axis=1)


@pytest.mark.parametrize(("handle_s", "cv"), [(300.0, 0.9), (1800.0, 0.6), (900.0, 1.2)])
def test_equals_the_integral(handle_s: float, cv: float) -> None:
    hours = np.arange(40) / 4
    arrivals = 60 + 50 * np.sin(hours / 10 * 2 * np.pi)
    handle = np.full(arrivals.size, handle_s)
    found = modified_offered_load(arrivals, handle, cv, np.ones(arrivals.size, dtype=bool), 900.0)
    np.testing.assert_allclose(found, _by_quadrature(arrivals, handle_s, cv, 900.0), rtol=5e-3)


def test_constant_arrivals_give_the_stationary_load_from_the_first_interval_on() -> None:
    is_open = np.r_[np.zeros(8, dtype=bool), np.ones(40, dtype=bool), np.zeros(8, dtype=bool)]
    arrivals = np.where(is_open, 30.0, 0.0)
    handle = np.full(arrivals.size, 1200.0)
    found = modified_offered_load(arrivals, handle, 0.9, is_open, 900.0)
    np.testing.assert_allclose(found, stationary(arrivals, handle, 900.0), rtol=1e-9)


def test_no_work_is_lost_when_the_queue_stays_open() -> None:
    arrivals = np.zeros(96)
    arrivals[10:20] = 7.0
    handle = np.full(96, 700.0)
    found = modified_offered_load(arrivals, handle, 0.9, np.ones(96, dtype=bool), 900.0)
    assert found.sum() * 900 == pytest.approx(arrivals.sum() * 700)
    assert found.argmax() > 10


def test_constant_handle_time() -> None:
    arrivals = np.r_[np.zeros(4), 9.0, np.zeros(5)]
    found = modified_offered_load(arrivals, np.full(10, 1350.0), 0.0, np.ones(10, dtype=bool), 900.0)
    # each busy 22.5 min: 450 s fall into the own interval on average, 787.5 s and 112.5 s into the next two
    np.testing.assert_allclose(found[4:7] * 900 / 9, [450.0, 787.5, 112.5])


def test_each_day_opens_with_its_own_rate() -> None:
    is_open = np.tile(np.r_[np.zeros(4, dtype=bool), np.ones(8, dtype=bool)], 2)
    arrivals = np.where(is_open, np.r_[np.full(12, 10.0), np.full(12, 20.0)], 0.0)
    found = modified_offered_load(arrivals, np.full(24, 3600.0), 0.5, is_open, 900.0)
    assert found[4] == pytest.approx(40.0)
    assert found[16] == pytest.approx(80.0)


def test_a_queue_never_open_has_no_load() -> None:
    none = np.zeros(5, dtype=bool)
    assert not modified_offered_load(np.ones(5), np.full(5, 300.0), 0.9, none, 900.0).any()
