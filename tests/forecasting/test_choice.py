"""Ways of forecasting: each finds what was planted for it, and the choice follows the past."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tests.forecasting import small
from wfo.domain.centre import Centre
from wfo.forecasting.calendar import EFFECTS, Days
from wfo.forecasting.choice import candidates, fit, past_totals, trials, weights_by
from wfo.forecasting.fitting import fit_as
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.glm import fit_totals, spline_profiles
from wfo.forecasting.level import design_of
from wfo.forecasting.model import day_totals
from wfo.forecasting.past import Past
from wfo.forecasting.record import Record
from wfo.forecasting.ridge import ridge
from wfo.forecasting.settings import ForecastSettings
from wfo.forecasting.structural import walk_level, walk_speeds
from wfo.forecasting.ways import Candidate, Method
from wfo.forecasting.yearly import yearly_course

FIRST = dt.date(2023, 1, 2)
OPEN = Centre.model_validate(
    {"zone": "UTC", "queues": {"voice": {"channel": "voice", "law": "immediate", "hours": "always"}}}
)


def past_of_totals(total: np.ndarray, ahead: int = 28) -> Past:
    """Days of one step each."""
    days = len(total)
    return Past(
        cube=total[None, :, None],
        total=total[None],
        taken=np.zeros((1, days, 1)),
        offered=total[None, :, None],
        is_open=np.ones((1, days, 1), dtype=bool),
        usable=np.ones((1, days), dtype=bool),
        days=Days.of(OPEN, FIRST, days + ahead),
        first_day=FIRST,
        step_min=1440,
        growth=np.zeros((1, days + ahead)),
        start_per_day=np.zeros(1),
        like=np.array([-1]),
        lost=np.zeros((1, days), dtype=bool),
        notes=(),
    )


def test_a_walking_level_is_followed_and_then_chosen():
    rng = np.random.default_rng(1)
    level = 6 + np.cumsum(0.08 * rng.standard_normal(400))
    past = past_of_totals(rng.poisson(np.exp(level)).astype(float))
    found = trials(past, 0, 400, ForecastSettings())
    assert max(found, key=lambda t: t.weight).candidate.method is Method.STRUCTURAL
    walking = sum(t.weight for t in found if t.candidate.method is Method.STRUCTURAL)
    assert walking > 0.9
    assert sum(t.weight for t in found) == pytest.approx(1.0)
    steady = past_of_totals(rng.poisson(500.0, 400).astype(float))
    assert day_totals(
        steady, 0, fit(steady, 0, 400, ForecastSettings()), np.arange(400, 407)
    ) == pytest.approx(500.0, rel=0.03)


def test_a_mean_of_weekdays_is_that_of_their_days_where_less_came_than_was_due():
    rng = np.random.default_rng(2)
    cube = rng.poisson(1.0, (80, 24)) - 0.6  # children expected of earlier contacts are taken off
    past = replace(
        past_of_totals(np.maximum(cube.sum(axis=1), 0.0)),
        cube=cube[None],
        is_open=np.ones((1, 80, 24), dtype=bool),
    )
    for weeks in (1, 8):
        model = fit_as(past, 0, 80, Candidate(Method.SAME_WEEKDAY_MEAN, weeks=weeks), ForecastSettings())
        last = past.total[0, : 80 - 7 * weeks - 1 : -1]
        assert model.profile.sum() == pytest.approx(last.sum() / weeks)
        assert model.profile.min() >= 0


def test_a_forecast_is_its_ways_by_their_weights():
    rng = np.random.default_rng(8)
    past = past_of_totals(rng.poisson(200 + 50 * np.sin(np.arange(160) / 20)).astype(float))
    settings, ahead = ForecastSettings(), np.arange(160, 167)
    by_hand = sum(
        t.weight * day_totals(past, 0, fit_as(past, 0, 160, t.candidate, settings), ahead)
        for t in trials(past, 0, 160, settings)
        if t.weight > 0
    )
    np.testing.assert_allclose(day_totals(past, 0, fit(past, 0, 160, settings), ahead), by_hand)


def test_weights_are_equal_at_first_and_then_follow_the_errors_of_weeks_that_are_over():
    errors = np.array([[0.1, 0.2], [0.3, 0.1], [0.1, 0.2]])
    record = Record((21, 14, 7), 0, errors, errors, ())
    assert weights_by(record, 13).tolist() == [0.5, 0.5]
    one = np.array([10.0, 5.0])
    np.testing.assert_allclose(weights_by(record, 14), one / one.sum())
    three = np.array([0.5 / 3, 0.5 / 3]) ** -3
    np.testing.assert_allclose(weights_by(record, 28), three / three.sum())
    sure = Record((7,) * 12, 0, np.tile([0.1, 0.3], (12, 1)), np.zeros((12, 2)), ())
    assert weights_by(sure, 14).tolist() == [1.0, 0.0]
    for wrong in (np.nan, np.inf):
        unknown = Record((7,), 0, np.array([[wrong, 0.2, 0.2]]), np.zeros((1, 3)), ())
        assert weights_by(unknown, 14).tolist() == [0.0, 0.5, 0.5]
        nothing = Record((7,), 0, np.full((1, 2), wrong), np.zeros((1, 2)), ())
        assert weights_by(nothing, 14).tolist() == [0.5, 0.5]


def test_a_queue_of_which_less_came_than_was_due_has_errors_and_weights():
    """Voice has one contact a week of its own and gets some 300 that others cause."""
    week = small.week()
    contacts = small.played({"voice": 0.004, "email": 0.5, "web": 2.0}, 84, seed=2)
    given = ForecastInputs(
        small.centre(), week, week.start, interactions=contacts, kernel=small.kernel(small.RATES)
    )
    methods = forecast(given, ForecastSettings(), seed=1).tables["methods"]
    assert np.isfinite(methods[["wape_pct", "bias_pct", "weight"]].to_numpy(dtype=float)).all()
    np.testing.assert_allclose(methods.groupby("queue")["weight"].sum(), 1.0)
    less = np.array([-2.0, 1.0] * 20)
    assert walk_level(less, np.ones(40), np.ones(40, dtype=bool), np.full(40, 3.0)) is None


def test_past_weeks_are_put_together_by_what_was_known_then():
    rng = np.random.default_rng(9)
    total = rng.poisson(300.0, 110).astype(float)
    later = total.copy()
    later[80:] *= 3
    settings = ForecastSettings()
    one, two = (
        past_totals(past_of_totals(t), 0, 110, settings, lead_days=7, most=26) for t in (total, later)
    )
    early = [start for start in one if start <= 80]
    assert len(early) > 5
    for start in early:
        np.testing.assert_array_equal(one[start], two[start])


def test_the_walk_is_followed_at_the_speed_that_was_planted():
    rng = np.random.default_rng(2)
    walk = np.cumsum(0.05 * rng.standard_normal(1500))
    total = np.exp(8 + walk + 0.1 * rng.standard_normal(1500))
    flat, used, ratios = np.full(1500, np.exp(8.0)), np.ones(1500, dtype=bool), np.linspace(-10, 3, 131)
    _, weight, _, _ = walk_speeds(total, flat, used, ratios)
    assert weight.sum() == pytest.approx(1.0)
    assert weight @ ratios == pytest.approx(np.log(0.25), abs=0.4)
    assert walk_level(total, flat, used) == pytest.approx(walk[-1], abs=0.15)
    assert walk_level(total, flat, np.arange(1500) < 6) is None


@pytest.mark.parametrize(("noise", "step"), [(0.1, 0.03), (0.05, 0.08), (0.2, 0.0)])
def test_the_walk_is_that_of_statsmodels(noise, step):
    rng = np.random.default_rng(11)
    logs = np.cumsum(step * rng.standard_normal(400)) + noise * rng.standard_normal(400)
    total, mean, used = np.exp(8 + logs), np.full(400, np.exp(8.0)), rng.random(400) < 0.7
    used[0] = True
    theirs = UnobservedComponents(np.where(used, logs, np.nan), level="llevel")
    ratios = np.array([-6.0, -4.0, -2.0, 0.0, 2.0])
    level, weight, _, _ = walk_speeds(total, mean, used, ratios)
    # the noise's variance integrated out on a fine grid of it, as ours is in closed form
    noises = np.exp(np.linspace(-9, 1, 400))
    likely = np.array([[theirs.loglike([v, v * np.exp(x)]) for v in noises] for x in ratios])
    posterior = np.exp(likely - likely.max()).sum(axis=1)
    np.testing.assert_allclose(weight, posterior / posterior.sum(), atol=0.02)
    for x, at in zip(ratios, level, strict=True):
        smoothed = theirs.smooth([noise**2, noise**2 * np.exp(x)])
        assert at == pytest.approx(smoothed.filtered_state[0, -1], abs=1e-3)


def test_a_walk_of_skewed_counts_is_not_too_low():
    rng = np.random.default_rng(12)
    mean, used = np.full(400, 20.0), np.ones(400, dtype=bool)
    total = rng.poisson(rng.gamma(2.0, 10.0, (20, 400))).astype(float)
    assert np.log(np.maximum(total, 0.5) / 20).mean() < -0.25
    levels = np.array([walk_level(t, mean, used) for t in total])
    assert np.exp(levels).mean() == pytest.approx(1.0, abs=0.05)
    assert walk_level(np.zeros(400), mean, used) is None


def test_origins_know_nothing_of_what_came_later():
    rng = np.random.default_rng(3)
    total = rng.poisson(300.0, 200).astype(float)
    later = total.copy()
    later[150:] *= 3
    for way in sum(candidates(ForecastSettings()), ()):
        one, two = (fit_as(past_of_totals(t), 0, 150, way, ForecastSettings()) for t in (total, later))
        ahead = np.arange(150, 157)
        a, b = (day_totals(past_of_totals(t), 0, m, ahead) for t, m in ((total, one), (later, two)))
        np.testing.assert_array_equal(a, b)
    one, two = (trials(past_of_totals(t), 0, 150, ForecastSettings()) for t in (total, later))
    assert [t.wape for t in one if t.weeks] == [t.wape for t in two if t.weeks]


def test_plain_means_are_always_shown_and_a_stated_method_is_kept():
    past = past_of_totals(np.random.default_rng(4).poisson(100.0, 120).astype(float))
    for method in ("auto", "two_level", "structural", "glm", "same_weekday_mean", "seasonal_naive"):
        settings = ForecastSettings(method=method)
        shown = [t.candidate.method for t in trials(past, 0, 120, settings)]
        assert {Method.SAME_WEEKDAY_MEAN, Method.SEASONAL_NAIVE} <= set(shown)
        if method != "auto":
            assert fit(past, 0, 120, settings).method == method
            assert [t.weight for t in trials(past, 0, 120, settings)] == [1.0, *[0.0] * (len(shown) - 1)]


def test_ridge_without_priors_is_the_negative_binomial_mode():
    rng = np.random.default_rng(5)
    x = np.hstack([np.ones((300, 1)), rng.standard_normal((300, 2))])
    y = rng.poisson(np.exp(x @ [3.0, 0.2, -0.1])).astype(float)
    got = ridge(x, y, offset=np.zeros(300), weight=np.ones(300), sd=np.full(3, 1e4))
    mean = np.exp(x @ got)
    score = x.T @ ((y - mean) / (1 + 0.01 * mean))
    np.testing.assert_allclose(score, 0.0, atol=1e-3)
    plain = GLM(y, x, family=Poisson()).fit().params
    np.testing.assert_allclose(got, plain, atol=0.01)


def test_glm_leaves_out_what_its_other_columns_say():
    days = Days.of(small.centre(calendar={"holidays": ["DE", "PT"]}), FIRST, 800)
    design = design_of(days, 2, calendar_effects=True)
    german = design[:, 8 + len(EFFECTS)] > 0
    total = np.random.default_rng(6).poisson(800 * np.where(german, 0.6, 1.0)).astype(float)
    # days of one country or of both come to all holidays: a column too many
    beta = fit_totals(total, design, np.ones(800, dtype=bool), memory_days=1e6)
    assert np.exp(design @ beta)[german] == pytest.approx(np.full(german.sum(), 480), rel=0.1)


def test_glm_finds_weekdays_and_a_shape():
    rng = np.random.default_rng(6)
    days = Days.of(small.centre(), FIRST, 300)
    design = design_of(days, 0, calendar_effects=True)
    effect = np.where(design[:, 8 + EFFECTS.index("month_end")] > 0, 1.2, 1.0)
    mean = 800 * np.where(days.weekday == 0, 1.3, 1.0) * effect
    total = rng.poisson(mean).astype(float)
    beta = fit_totals(total, design, np.ones(300, dtype=bool), memory_days=1e6)
    assert beta[8 + EFFECTS.index("month_end")] == pytest.approx(np.log(1.2), abs=0.04)
    assert beta[1] - beta[2] == pytest.approx(np.log(1.3), abs=0.02)
    # a column that is there on all days but two tells nothing but those two
    early = np.column_stack([design, np.arange(300) < 298])
    risen = np.where(np.arange(300) < 298, total, 2 * total)
    beta = fit_totals(risen, early, np.ones(300, dtype=bool), memory_days=1e6)
    assert beta[-1] == 0
    assert np.exp(early @ beta)[-28:].mean() < 1.1 * mean[-28:].mean()
    assert fit_totals(total[:15], design[:15], np.ones(15, dtype=bool), memory_days=100) is None
    shape = 1 + np.sin(np.arange(96) / 96 * np.pi)
    cube = rng.poisson(np.outer(total, shape / shape.sum())).astype(float)
    opened = np.ones((300, 96), dtype=bool)
    used = np.ones(300, dtype=bool)
    found = spline_profiles(cube, days.weekday, used, opened, memory_days=1e6, step_min=15)
    part = found / found.sum(axis=1, keepdims=True)
    # 22 coefficients from 35,000 contacts of a weekday: 2 % of noise
    assert np.abs(part - shape / shape.sum()).sum(axis=1).max() < 0.03


def test_the_course_of_a_year_needs_two_years_and_is_found():
    rng = np.random.default_rng(7)
    dates = [FIRST + dt.timedelta(days=k) for k in range(1000)]
    turn = 2 * np.pi * np.array([d.timetuple().tm_yday - 1 for d in dates]) / 365.25
    planted = 0.3 * np.sin(turn)
    total = rng.poisson(400 * np.exp(planted + np.arange(1000) / 365 * 0.1))[:800].astype(float)
    design = np.ones((800, 1))
    design = np.hstack([design, np.zeros((800, 7 + len(EFFECTS)))])
    course = yearly_course(total, 0 * total, design, np.ones(800, dtype=bool), dates)
    np.testing.assert_allclose(course - course.mean(), planted - planted.mean(), atol=0.04)
    assert yearly_course(total[:500], 0 * total[:500], design[:500], np.ones(500, dtype=bool), dates) is None


def test_candidates_have_labels_of_their_own():
    ways = sum(candidates(ForecastSettings()), ())
    assert len({w.label for w in ways}) == len(ways)
    assert replace(ways[0], drivers=False).label.endswith("no drivers)")
    bare = replace(ways[0], calendar=False)
    assert bare.label.endswith("drift 14 d, no calendar effects but holidays)")
    grown = Candidate(
        Method.ADOPTION, calendar=False, yearly=False
    )  # its level is its plan's on holidays too
    assert grown.label == "adoption (memory 120 d, no calendar effects, no yearly course)"
    assert Candidate(Method.SAME_WEEKDAY_MEAN).label == "same_weekday_mean (8 weeks)"


def test_a_holiday_is_as_strong_as_it_was_whatever_weeks_without_one_say():
    """Holidays halve a queue that nothing else in the calendar moves: the mixture does not forget them."""
    spec = OPEN.model_copy(update={"calendar": OPEN.calendar.model_copy(update={"holidays": ("IT",)})})
    days = Days.of(spec, FIRST, 428)
    holiday = days.effects[0, :, EFFECTS.index("holiday")] > 0
    plain = design_of(days, 0, calendar_effects=False)[:, 8:]
    assert (np.flatnonzero(plain.any(axis=0)) == [EFFECTS.index("holiday")]).all()
    assert (plain.any(axis=1) == holiday).all()
    mean = np.where(holiday, 300.0, 600.0)
    rng = np.random.default_rng(3)
    total = rng.poisson(mean * np.exp(0.05 * rng.standard_normal(428)))[:400].astype(float)
    past = replace(past_of_totals(total), days=days)
    said = day_totals(past, 0, fit(past, 0, 358, ForecastSettings()), np.arange(358, 379))
    assert holiday[358:379].sum() == 3  # Saint Stephen's, New Year, Epiphany
    assert said[holiday[358:379]] == pytest.approx(300.0, rel=0.15)
