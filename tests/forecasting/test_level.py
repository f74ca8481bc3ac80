import datetime as dt

import numpy as np
import pytest

from tests.forecasting import small
from wfo.forecasting.calendar import EFFECTS, Days
from wfo.forecasting.level import design_of, fit_level
from wfo.forecasting.profile import shares, weekday_profiles, without_bursts
from wfo.forecasting.structural import walk_level

FIRST, DAYS = dt.date(2024, 1, 1), 553


def planted(seed=1, cv=0.04):
    days = Days.of(small.centre(), FIRST, DAYS + 30)
    design = design_of(days, 0, calendar_effects=True)
    effect = np.zeros(len(EFFECTS))
    effect[EFFECTS.index("month_start")] = np.log(1.08)
    effect[EFFECTS.index("after_closure")] = np.log(1.12)
    beta = np.concatenate([[6.0], np.log([1.25, 1.1, 1.0, 1.0, 0.95, 0.7, 0.55]), effect])
    mean = np.exp(design @ beta)
    rng = np.random.default_rng(seed)
    total = rng.poisson(mean * np.exp(cv * rng.standard_normal(len(mean))))[:DAYS].astype(float)
    holiday = design[:DAYS, 8 + EFFECTS.index("holiday")] > 0
    return total, design, mean, ~holiday


def test_planted_calendar_effects_are_found():
    total, design, mean, usable = planted()
    level = fit_level(total, design[:DAYS], usable, memory_days=200)
    weekday = level.beta[1:8] - level.beta[1:8].mean()
    truth = np.log([1.25, 1.1, 1.0, 1.0, 0.95, 0.7, 0.55])
    np.testing.assert_allclose(weekday, truth - truth.mean(), atol=0.04)
    assert level.beta[8 + EFFECTS.index("month_start")] == pytest.approx(np.log(1.08), abs=0.03)
    assert level.beta[8 + EFFECTS.index("after_closure")] == pytest.approx(np.log(1.12), abs=0.05)
    np.testing.assert_allclose(level.mean(design[DAYS:]).sum(), mean[DAYS:].sum(), rtol=0.02)


def test_each_country_s_holidays_have_a_strength_of_their_own():
    days = Days.of(small.centre(calendar={"holidays": ["DE", "PT"]}), FIRST, DAYS + 200)
    web = 2  # open on all of them
    de, after_de, pt, after_pt = days.effects[web, :, len(EFFECTS) :].T > 0
    assert (de & pt).any()
    assert min((de & ~pt).sum(), (pt & ~de).sum()) >= 5
    truth = 800 * np.where(de, 0.6, 1) * np.where(pt, 0.93, 1) * np.where(after_de, 1.12, 1)
    design, usable = design_of(days, web, calendar_effects=True), np.ones(DAYS, dtype=bool)
    totals = np.random.default_rng(4).poisson(truth, (20, len(truth)))[:, :DAYS].astype(float)
    fitted = [fit_level(total, design[:DAYS], usable, memory_days=120) for total in totals]
    said = np.mean([level.mean(design) for level in fitted], axis=0)
    kinds = {
        "de": de & ~pt,
        "pt": pt & ~de,
        "both": de & pt,
        "after de": after_de & ~pt,
        "after pt": after_pt & ~de & ~after_de,
        "usual": ~(de | pt),
    }
    later = {name: np.flatnonzero(kind[DAYS:]) + DAYS for name, kind in kinds.items()}
    seen = {name: len(rows) for name, rows in later.items() if name != "usual"}
    assert seen == {"de": 2, "pt": 5, "both": 2, "after de": 4, "after pt": 5}
    for name, rows in later.items():
        # in the mean of twenty centres; the priors draw the two countries a little together
        assert said[rows].sum() == pytest.approx(truth[rows].sum(), rel=0.045), name
    one = Days.of(small.centre(), FIRST, DAYS)
    assert one.effects.shape[2] == len(EFFECTS)  # one country: nothing to tell apart


def test_one_wild_day_is_left_out_and_a_new_level_is_followed():
    total, design, mean, usable = planted()
    wild = total.copy()
    wild[-4] *= 3
    level = fit_level(wild, design[:DAYS], usable, memory_days=120)
    assert not level.used[-4]
    assert level.mean(design[DAYS:]).sum() == pytest.approx(mean[DAYS:].sum(), rel=0.03)
    risen = total.copy()
    risen[-28:] *= 1.5
    level = fit_level(risen, design[:DAYS], usable, memory_days=120)
    assert level.mean(design[DAYS:]).sum() > 1.25 * mean[DAYS:].sum()


def test_few_counts_keep_their_mean():
    rng = np.random.default_rng(3)
    total = rng.poisson(0.8, 200).astype(float)
    days = Days.of(small.centre(), FIRST, 200)
    design = design_of(days, 0, calendar_effects=False)
    level = fit_level(total, design, np.ones(200, dtype=bool), memory_days=1e6)
    assert level.mean(design).mean() == pytest.approx(total.mean(), rel=0.06)
    nothing = fit_level(np.zeros(200), design, np.ones(200, dtype=bool), memory_days=120)
    assert nothing.mean(design).max() < 0.05


def test_profiles_are_the_planted_shape_and_stay_in_open_steps():
    rng = np.random.default_rng(2)
    weekday = np.arange(140) % 7
    is_open = np.zeros((140, 96), dtype=bool)
    is_open[:, 32:80] = True
    is_open[weekday == 5, 64:] = False
    is_open[weekday == 6] = False
    shape = np.where(is_open, 1 + np.sin(np.arange(96) / 12) ** 2, 0.0)
    shape /= np.maximum(shape.sum(axis=1, keepdims=True), 1e-9)
    for volume, error in ((40_000, 0.01), (60, 0.12)):
        cube = rng.poisson(volume * shape).astype(float)
        used = is_open.any(axis=1)
        profile = weekday_profiles(cube, weekday, used, is_open, memory_days=60, step_min=15)
        for w in range(6):
            found = shares(profile[w], is_open[w])
            assert found.sum() == pytest.approx(1.0)
            assert (found[~is_open[w]] == 0).all()
            assert np.abs(found - shape[w]).sum() < 2 * error
    np.testing.assert_allclose(
        shares(np.zeros(4), np.array([True, True, False, True])), [1 / 3, 1 / 3, 0, 1 / 3]
    )


def test_a_shape_of_more_taken_off_than_came_is_what_came():
    edges = np.array([[20.0, 0, 0, -18, -18, 0, 0, 20]])
    opened = np.ones((1, 8), dtype=bool)
    for step_min in (5, 15, 60):
        for factor in (1, 10, 100):
            profile = weekday_profiles(
                factor * edges, np.zeros(1), opened[:, 0], opened, memory_days=60, step_min=step_min
            )
            found = shares(profile[0], opened[0])
            assert found[3:5].max() == 0
            assert found[[0, 7]] == pytest.approx(found[0])
            assert found[0] > 0.35


def test_a_weekday_of_its_own_shape_keeps_it_where_all_days_add_up_to_next_to_nothing():
    rng, weekday = np.random.default_rng(5), np.arange(70) % 7
    shape = np.r_[np.full(24, 3.0), np.full(24, 1.0)]
    cube = np.where((weekday == 0)[:, None], 40 * shape, rng.normal(0.0, 3.0, (70, 48)))
    weight, rest = np.exp(-(70 - np.arange(70)) / 60), weekday != 0
    cube[rest] -= ((weight @ cube).sum() - 0.5) / (weight[rest].sum() * 48)
    assert (weight @ cube).sum() == pytest.approx(0.5)
    opened = np.ones((70, 48), dtype=bool)
    profile = weekday_profiles(cube, weekday, opened[:, 0], opened, memory_days=60, step_min=30)
    assert np.abs(shares(profile[0], opened[0]) - shape / shape.sum()).sum() < 0.1


def test_an_evening_of_a_broken_service_does_not_shape_other_evenings():
    week = np.tile(np.r_[np.full(10, 20.0), np.full(10, 10.0)], (6, 1))
    cube = week.copy()
    cube[4, 18:] = 120.0
    calm = without_bursts(cube, np.outer(cube.sum(axis=1), week[0] / week[0].sum()), 0 * cube)
    assert (calm[4, 18:] < 25).all()
    np.testing.assert_array_equal(np.delete(calm, 4, axis=0), np.delete(week, 4, axis=0))
    assert without_bursts(week, week, 0 * week) is week
    # a day that is busy as a whole is none, nor are three contacts where hardly one is expected
    assert without_bursts(3 * week, 3 * week, 0 * week).sum() == 3 * week.sum()
    few = np.full((1, 20), 0.2)
    assert without_bursts(few + 3 * np.eye(20)[:1], few, 0 * few).max() == 3.2


def test_totals_from_which_more_was_taken_than_came_keep_their_mean():
    """A queue that mostly gets what others cause: three contacts a day of its own among twenty."""
    days = Days.of(small.centre(), FIRST, 77)
    design, usable = design_of(days, 2, calendar_effects=True), np.ones(70, dtype=bool)
    rng = np.random.default_rng(7)
    taken = np.full(70, 17.0)
    totals = rng.poisson(20.0, (200, 70)) - taken
    assert (totals < 0).mean() > 0.2
    said = {"regression": [], "walk": [], "cut at 0": []}
    for total in totals:
        level = fit_level(total, design[:70], usable, memory_days=120, taken=taken)
        said["regression"].append(level.mean(design)[70:].mean())
        flat = np.full(70, level.mean(design)[:70].mean())
        walk = walk_level(total, flat, usable, taken)
        said["walk"].append(flat[0] * np.exp(walk))
        cut = fit_level(np.maximum(total, 0.0), design[:70], usable, memory_days=120)
        said["cut at 0"].append(cut.mean(design)[70:].mean())
    for name in ("regression", "walk"):
        error = np.std(said[name]) / np.sqrt(len(totals))
        assert abs(np.mean(said[name]) - 3.0) < 0.15 + 2 * error, name
    assert np.mean(said["cut at 0"]) > 3.3  # the mean of what is cut lies higher


@pytest.mark.parametrize(("fresh", "caused"), [(3.0, 17.0), (2.6, 60.0), (5.0, 100.0), (1.0, 100.0)])
def test_the_walk_of_few_among_many_that_were_caused_stays_by_them(fresh, caused):
    """Flat days, each seed by itself; no more came than was taken off: no walk, and none of its own."""
    days, used = 84, np.ones(84, dtype=bool)
    totals = np.random.default_rng(1).poisson(fresh + caused, (100, days)) - caused
    walks = [walk_level(t, np.full(days, fresh), used, np.full(days, caused)) for t in totals]
    assert [w is None for w in walks] == (totals.sum(axis=1) <= 0).tolist()
    said = np.array([0.0 if w is None else fresh * np.exp(w) for w in walks])
    of_mean = np.sqrt((fresh + caused) / days)  # standard error of the best there is, the mean of the days
    assert np.sqrt(np.mean((said - fresh) ** 2)) < 1.6 * of_mean
    assert abs(said.mean() - fresh) < 0.15 + 2 * said.std() / np.sqrt(len(said))
    followed = said[totals.sum(axis=1) > 0]
    assert followed.min() >= 0.0999 * fresh
    assert followed.max() < fresh + 5 * of_mean
