"""Erlang A where patience is long beside the time between contacts, up to where nobody ever gives up."""

import math

import numpy as np
import pytest

from wfo.staffing.erlang import erlang_b, performance, required_positions
from wfo.staffing.gamma import log_lower
from wfo.staffing.long_patience import integrals, log_top
from wfo.staffing.queue_law import _waiting_sums

QUADRATURE = [
    # contacts/s, handle s, patience s, positions, within s: P(wait), P(abandon), ASA s, answered within; the
    # density of the virtual wait integrated with 40 digits, states below n summed one by one
    (0.1, 180, 2e7, 20, 20, 0.550759, 2.4782e-06, 49.564, 0.558991),
    (0.1, 180, 1e9, 18, 20, 0.999601, 7.97545e-05, 79755.8, 0.000558845),
    (0.1, 180, 1e9, 17, 20, 1.0, 0.0555556, 5.71584e7, 0.0),
    (0.1, 180, 1e15, 19, 20, 0.749779, 1.3496e-13, 134.96, 0.329068),
    (0.1, 180, 1e15, 17, 1e14, 1.0, 0.0555556, 5.71584e13, 0.944444),
    (1e3, 600, 1e3, 100, 20, 1.0, 0.999833, 8696.52, 0.0),
    (50, 300, 1e5, 15000, 30, 0.948184, 0.000338296, 33.8315, 0.523572),
    (50, 300, 1e5, 15010, 30, 0.876194, 0.000172419, 17.2418, 0.802463),
]


@pytest.mark.parametrize("row", QUADRATURE)
def test_figures_are_those_of_forty_digits(row):
    rate, handle, patience, n, within, *told = row
    found = performance(rate * 3600, handle, n, patience_s=patience, within_s=within)
    ours = [float(v) for v in (found.p_wait, found.p_abandon, found.asa_s, found.answered_in)]
    assert ours == pytest.approx(told, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("c", [1e6, 3e7])
@pytest.mark.parametrize("load", [0.2, 0.9, 0.999, 1.0, 1.001, 1.1, 1.5])
def test_integrals_are_the_sums_over_the_number_ahead(c, load):
    eta = c * load
    left, seconds = _waiting_sums(c, eta, 1.0)
    mass, gone, _, waited = integrals(c, eta, 0.0)
    assert gone / mass == pytest.approx(left, rel=1e-11)
    assert waited / mass == pytest.approx(seconds, rel=1e-11)
    assert log_top(c, eta) + math.log(mass) == pytest.approx(log_lower(c, eta), rel=1e-10, abs=1e-10)


def test_longer_and_longer_patience_ends_in_erlang_c_where_that_is_stable():
    endless = performance(360, 180, [19, 20, 30])
    almost = performance(360, 180, [19, 20, 30], patience_s=1e18)
    for name in ("p_wait", "asa_s", "mean_wait_s", "answered_in", "occupancy"):
        np.testing.assert_allclose(getattr(almost, name), getattr(endless, name), rtol=1e-9)
    assert required_positions(360, 180, patience_s=1e18, service_level=0.8) == required_positions(
        360, 180, service_level=0.8
    )


@pytest.mark.parametrize("patience", [0.0, 1e-6, 1.0, 1e5, 1e9, 1e15, math.inf])
@pytest.mark.parametrize("handle", [1e-3, 1.0, 180.0, 604_800.0])
def test_nothing_is_undefined_slow_or_worse_with_more_people(handle, patience):
    rate = np.array([1e-6, 1.0, 1e4, 3.6e8])[:, None, None]
    n = np.array([0, 1, 1.5, 10, 1e3, 1e6])[None, :, None]
    within = np.array([0.0, 20.0, 1e6, 1e12])[None, None, :]
    found = performance(rate, handle, n, patience_s=patience, within_s=within)
    for name in ("p_wait", "p_abandon", "occupancy", "answered_in", "abandoned_in", "virtual_in"):
        share = getattr(found, name)
        assert ((share >= 0.0) & (share <= 1.0)).all(), name
    assert (found.asa_s >= 0.0).all()
    assert (np.diff(found.answered_in, axis=1) >= -1e-7).all()
    assert (np.diff(found.answered_in, axis=2) >= -1e-9).all()
    assert (found.answered_in + found.abandoned_in <= 1.0 + 1e-9).all()


@pytest.mark.parametrize("lines", [1, 10, 1000, 100_000])
@pytest.mark.parametrize("patience", [0.0, 120.0, 1e9, math.inf])
def test_lines_as_many_as_positions_are_erlang_b_at_any_load(lines, patience):
    rate = np.array([1e-9, 1e-6, 1.0, 1e4, 1e9])
    found = performance(rate, 180, lines, patience_s=patience, lines=lines)
    for name in ("p_wait", "p_abandon", "mean_wait_s", "abandoned_in"):
        np.testing.assert_allclose(getattr(found, name), 0.0, atol=1e-12)
    np.testing.assert_allclose(found.p_blocked, erlang_b(rate / 20, lines), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(found.answered_in, 1.0 - found.p_blocked, atol=1e-12)


def test_targets_that_ask_nothing_are_met_by_nobody_and_a_stable_queue_by_the_load():
    assert required_positions(500, 3600) == 0
    assert required_positions(500, 3600, max_occupancy=0.85) == 589
    assert required_positions(500, 3600, service_level=1e-9) == 501
    assert required_positions(500, 3600, service_level=1 - 1e-12) > 600


def test_more_lines_than_are_ever_taken_change_no_search():
    """All wait here, and a probability of waiting above 1 by rounding once failed the target of at most 1."""
    asked = {"patience_s": 100, "service_level": 0.8}
    assert required_positions(1e6, 600, lines=200_000, **asked) == required_positions(1e6, 600, **asked)
