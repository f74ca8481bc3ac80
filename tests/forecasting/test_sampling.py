import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from wfo.forecasting.dispersion import Residuals, day_factors, interval_spread, nearest_correlation
from wfo.forecasting.poisson import poisson_counts
from wfo.forecasting.sampling import DayFactors, draw_carried, draw_fresh, wild_scales
from wfo.timegrid import TimeGrid

ZONE = "Europe/Berlin"
WEEKS = np.arange(7000) // 7
GRID = TimeGrid.of_days(dt.date(2025, 7, 7), 7, zone=ZONE, step_min=60)
LAW = DayFactors(
    half_cv=np.array([0.2, 0.1]),
    half_correlation=0.6,
    day_correlation=0.5,
    queue_correlation=np.array([[1.0, 0.4], [0.4, 1.0]]),
    interval_cv=np.array([0.0, 0.1]),
    split_min=np.array([720, 780]),
    burst_p=np.zeros(2),
    burst_size=np.zeros(2),
    day_spread=np.zeros((2, 0)),
)
MEAN = np.full((2, GRID.n), 500.0)


def by_day(counts):
    return counts.reshape(len(counts), 2, 7, 24).sum(axis=3)


def test_spread_and_correlations_of_days_are_those_asked_for():
    counts = draw_fresh(MEAN, LAW, GRID, ("a", "b"), ZONE, n=4000, seed=3)
    days = by_day(counts).astype(float)
    assert days.mean() == pytest.approx(24 * 500, rel=0.005)
    poisson_var = 1 / (24 * 500)
    cv = np.sqrt((days.std(axis=0) / days.mean(axis=0)) ** 2 - poisson_var).mean(axis=1)
    assert cv[0] == pytest.approx(LAW.day_cv[0], rel=0.04)
    share = 2 * 0.6 / 1.6  # of a day's variance that both halves share
    ahead = np.mean([np.corrcoef(days[:, 0, d], days[:, 0, d + 1])[0, 1] for d in range(6)])
    assert ahead == pytest.approx(0.5 * share, abs=0.03)
    between = np.mean([np.corrcoef(days[:, 0, d], days[:, 1, d])[0, 1] for d in range(7)])
    assert between == pytest.approx(0.4 * share, abs=0.04)
    halves = counts[:, 0].reshape(-1, 7, 2, 12).sum(axis=3)
    assert np.corrcoef(halves[:, 2, 0], halves[:, 2, 1])[0, 1] == pytest.approx(0.6, abs=0.04)


def test_wild_days_keep_mean_and_spread_and_make_tails_heavy():
    law, grid = replace(LAW, wild=4.0), TimeGrid.of_days(dt.date(2025, 7, 7), 28, zone=ZONE, step_min=60)
    mean = np.full((2, grid.n), 500.0)
    logs = []
    for drawn in (LAW, law):
        days = (
            draw_fresh(mean, drawn, grid, ("a", "b"), ZONE, n=2000, seed=3)
            .reshape(2000, 2, 28, 24)
            .sum(axis=3)
        )
        assert days.mean() == pytest.approx(24 * 500, rel=0.005)
        logs.append(np.log(days[:, 0].ravel() / 12000))
    plain, heavy = logs
    assert heavy.std() == pytest.approx(plain.std(), rel=0.05)
    scores = [np.mean((x - x.mean()) ** 4) / x.var() ** 2 for x in logs]
    usual, wild = wild_scales(4.0)
    assert scores[0] == pytest.approx(3.0, abs=0.15)
    assert scores[1] == pytest.approx(3 * (0.9 * usual**4 + 0.1 * wild**4), rel=0.1)
    assert 0.9 * usual**2 + 0.1 * wild**2 == pytest.approx(1.0)


def test_tails_are_found_where_they_are():
    rng = np.random.default_rng(4)
    mean = np.full((1, 600, 2), 5000.0)
    for ratio, low, high in ((1.0, 1.0, 1.5), (4.0, 3.0, 5.0)):
        far = np.where(rng.random(600) < 0.1, ratio, 1.0)
        factor = np.exp(0.05 * far * rng.standard_normal(600))
        came = rng.poisson(mean * factor[None, :, None]).astype(float)
        found = day_factors(Residuals(came, mean, came, WEEKS[:600]), np.zeros(1), np.array([720]))
        assert low <= found.wild <= high


def test_paths_do_not_depend_on_how_many_are_drawn_and_grow_with_the_mean():
    few = draw_fresh(MEAN, LAW, GRID, ("a", "b"), ZONE, n=3, seed=3)
    many = draw_fresh(MEAN, LAW, GRID, ("a", "b"), ZONE, n=8, seed=3)
    np.testing.assert_array_equal(few, many[:3])
    more = draw_fresh(MEAN * 1.1, LAW, GRID, ("a", "b"), ZONE, n=3, seed=3)
    assert (more >= few).all()
    assert (draw_fresh(MEAN * 0, LAW, GRID, ("a", "b"), ZONE, n=2, seed=3) == 0).all()
    carried = draw_carried(MEAN, GRID, ("a", "b"), n=400, seed=3)
    assert carried.mean() == pytest.approx(500, rel=0.005)
    assert carried.var() == pytest.approx(500, rel=0.02)


@settings(max_examples=80, deadline=None)
@given(st.floats(1e-6, 1 - 1e-6), st.floats(1e-3, 399))
def test_poisson_by_inversion(u, mean):
    found = int(poisson_counts(np.array([u]), np.array(mean))[0])
    exact = int(poisson.ppf(u, mean))
    assert found == exact or abs(poisson.cdf(min(found, exact), mean) - u) < 1e-9


@given(st.floats(0.001, 0.999), st.floats(401, 1e5))
def test_poisson_of_large_means(u, mean):
    assert abs(int(poisson_counts(np.array([u]), np.array(mean))[0]) - poisson.ppf(u, mean)) <= 1


def test_the_law_of_the_factors_is_found_again():
    days, mean = 3000, np.array([400.0, 900.0])
    grid = TimeGrid.of_days(dt.date(2025, 4, 7), 7, zone=ZONE, step_min=60)
    counts = [
        draw_fresh(np.full((2, grid.n), 1.0) * mean[:, None], LAW, grid, ("a", "b"), ZONE, n=1, seed=s)[0]
        for s in range(days // 7)
    ]
    cube = np.array(counts).transpose(1, 0, 2).reshape(2, -1, 24)
    split = [12, 13]
    actual = np.array(
        [[cube[q, :, : split[q]].sum(axis=1), cube[q, :, split[q] :].sum(axis=1)] for q in range(2)]
    ).transpose(0, 2, 1)
    expected = np.array([[s * m, (24 - s) * m] for s, m in zip(split, mean, strict=True)])
    means = np.broadcast_to(expected[:, None, :], actual.shape)
    residuals = Residuals(actual.astype(float), means, means, WEEKS[: actual.shape[1]])
    found = day_factors(residuals, LAW.interval_cv, LAW.split_min)
    np.testing.assert_allclose(found.half_cv, LAW.half_cv, rtol=0.1)
    assert found.half_correlation == pytest.approx(0.6, abs=0.06)
    assert found.day_correlation == pytest.approx(0.5, abs=0.06)
    assert found.queue_correlation[0, 1] == pytest.approx(0.4, abs=0.08)


def test_weeks_whose_level_was_missed_come_out_as_far_as_they_did():
    rng = np.random.default_rng(8)
    weeks, mean = 400, 4000.0
    level = np.repeat(0.05 * rng.standard_normal(weeks), 7)
    came = mean * (1 + level + 0.05 * rng.standard_normal(7 * weeks))
    halves = np.repeat(came[None, :, None] / 2, 2, axis=2)
    means, none = np.full(halves.shape, mean / 2), np.zeros(halves.shape)
    week = WEEKS[: 7 * weeks]
    law = replace(day_factors(Residuals(halves, means, none, week), np.zeros(1), np.array([720])), wild=1.0)
    grid = TimeGrid.of_days(dt.date(2025, 4, 7), 7, zone=ZONE, step_min=60)
    drawn = draw_fresh(np.full((1, grid.n), mean / 24), law, grid, ("a",), ZONE, n=4000, seed=1)
    seen = came.reshape(-1, 7).sum(axis=1).std()
    assert drawn[:, 0].sum(axis=1).std() == pytest.approx(seen, rel=0.05)
    # the same days, had each been forecast alone: no day says anything of another
    alone = day_factors(Residuals(halves, means, none, np.arange(7 * weeks)), np.zeros(1), np.array([720]))
    assert alone.day_correlation == 0.0


def test_pure_poisson_noise_is_no_spread():
    mean = np.full((3, 180, 2), 300.0)
    actual = np.random.default_rng(5).poisson(mean).astype(float)
    found = day_factors(Residuals(actual, mean, mean, WEEKS[:180]), np.zeros(3), np.full(3, 720))
    assert (found.half_cv < 0.03).all()
    assert np.abs(found.queue_correlation - np.eye(3)).max() < 0.25
    cube = np.random.default_rng(6).poisson(20.0, (100, 40)).astype(float)
    assert interval_spread(cube, np.full((100, 40), 20.0), np.full((100, 40), 20.0)) < 0.03


def test_factors_survive_json():
    again = DayFactors.from_state(LAW.state())
    for name in ("half_cv", "queue_correlation", "interval_cv", "split_min"):
        np.testing.assert_array_equal(getattr(again, name), getattr(LAW, name))


def test_nearest_correlation_is_one():
    bad = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    good = nearest_correlation(bad)
    assert np.linalg.eigvalsh(good).min() >= -1e-12
    np.testing.assert_allclose(np.diag(good), 1.0)
