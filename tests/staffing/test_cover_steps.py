"""Step values: pooled drops of a cost curve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from wfo.staffing.mixture import COLUMNS, cost_curves, day_points, fewest_positions
from wfo.staffing.steps import step_values

ONE = np.ones((1, 1))


def _values(curve: list[float], present: float = 1.0, hard: int = 0, most: int | None = None) -> np.ndarray:
    size = np.array([len(curve)])
    most = len(curve) - 1 if most is None else most
    row, step, value = step_values(
        np.array(curve, dtype=float),
        np.array([0]),
        size,
        np.array([present]),
        np.array([hard]),
        np.array([most]),
    )
    np.testing.assert_array_equal(step, np.arange(1, step.size + 1))
    assert not row.any()
    return value


def test_convex_curves_keep_their_drops() -> None:
    np.testing.assert_allclose(_values([10, 6, 3, 1, 0.5]), [4, 3, 2, 0.5])


def test_late_gains_are_pooled() -> None:
    np.testing.assert_allclose(_values([10, 9, 4, 3]), [3, 3, 1])


def test_a_scheduled_position_counts_as_far_as_it_is_present() -> None:
    np.testing.assert_allclose(_values([10, 6, 3, 1], present=0.8, most=3), [3.2, 2.6, 2.0])


def test_negligible_steps_end_unless_a_target_is_hard() -> None:
    assert _values([1000, 500, 499, 498.5]).size == 1
    assert _values([1000, 500, 499, 498.5], hard=2).size == 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=4, max_size=15, unique=True))
def test_values_are_the_lower_convex_hull(cost: list[float]) -> None:
    curve = np.sort(np.array(cost))[::-1].copy()
    curve[1:-1] = np.random.default_rng(len(cost)).permutation(curve[1:-1])
    value = _values(curve.tolist(), hard=len(cost) - 1)
    points = np.c_[np.arange(curve.size), curve]
    top = np.r_[points, [[0, 1e4], [curve.size - 1, 1e4]]]
    corners = sorted(int(i) for i in ConvexHull(top).vertices if i < curve.size)
    hull = np.interp(np.arange(curve.size), corners, curve[corners])
    np.testing.assert_allclose(value, np.maximum(0, -np.diff(hull)), atol=1e-6)


def _row(**values: float) -> np.ndarray:
    base = {
        "rate": 0.04,
        "handle_s": 360.0,
        "patience_s": 150.0,
        "within_s": 20.0,
        "short_s": 5.0,
        "level": 0.8,
        "max_occupancy": 1.0,
        "max_asa_s": np.inf,
        "max_abandonment": 1.0,
        "slots": 1.0,
        "contacts": 36.0,
        "price_abandoned": 8.0,
        "price_late": 2.0,
        "price_service": 0.0,
        "price_left": 0.0,
        "room": np.inf,
    }
    return np.array([[{**base, **values}[c] for c in COLUMNS]])


def test_interpolation_far_below_the_load_is_close() -> None:
    row, queue = _row(rate=0.5), np.array([0])
    factors, weights = day_points(np.array([0.06]), 5)
    size = np.array([230])
    curve = cost_curves(row, queue, factors, weights, ONE, np.array([0]), size)
    exact = [
        cost_curves(row, queue, factors, weights, ONE, np.array([0]), np.array([n + 1]))[-1]
        for n in (0, 17, 55, 101, 125, 126, 180)
    ]
    np.testing.assert_allclose(curve[[0, 17, 55, 101, 125, 126, 180]], exact, rtol=2e-3)


def test_days_that_differ_need_more_people() -> None:
    rows = np.repeat(_row(rate=0.15), 3, axis=0)
    factors, weights = day_points(np.array([0.0, 0.1, 0.25]), 7)
    needed = fewest_positions(rows, np.arange(3), factors, weights, np.ones((3, 2)))
    assert needed[0] < needed[1] < needed[2]


@pytest.mark.parametrize("cv", [0.0, 0.06, 0.3])
def test_day_points_have_mean_one_and_the_spread_asked_for(cv: float) -> None:
    factors, weights = day_points(np.array([cv]), 9)
    assert float(factors[0] @ weights) == pytest.approx(1)
    assert float(factors[0] ** 2 @ weights) == pytest.approx(1 + cv * cv, rel=1e-5)


def test_a_target_no_number_meets_is_marked() -> None:
    factors, weights = day_points(np.array([0.0]), 1)
    assert fewest_positions(_row(max_abandonment=0.0), np.array([0]), factors, weights, ONE)[0] == -1
