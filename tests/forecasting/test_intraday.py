"""The day in progress: shrunken, against planted factors and by hand."""

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.forecasting import small
from wfo.errors import InputError
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.intraday import intraday
from wfo.forecasting.settings import ForecastSettings

NOON = small.week().start + dt.timedelta(hours=12)


def restless(rows):
    """Reports whose days come out 15 % above or below, all of a day alike, and much like the day before."""
    rng = np.random.default_rng(5)
    day = pd.DatetimeIndex(rows["interval_start"]).tz_convert(small.ZONE).normalize()
    number = np.asarray((day - day.min()).days)
    score = rng.standard_normal(number.max() + 1)
    for d in range(1, len(score)):
        score[d] = 0.6 * score[d - 1] + 0.8 * score[d]
    return rows.assign(
        offered=rng.poisson(rows["offered"] * np.exp(0.15 * score - 0.011)[number]).astype(float)
    )


@cache
def of_week(kernel: bool = True):
    given = ForecastInputs(
        small.centre(),
        small.week(),
        small.week().start,
        queue_intervals=restless(small.reports(120, {"voice": 12.0, "email": 6.0, "web": 4.0})),
        kernel=small.kernel(small.RATES) if kernel else None,
    )
    return forecast(given, ForecastSettings(), seed=1)


def came(scale: dict[str, float], until=NOON):
    frame = of_week().frame()
    rows = frame[(frame["interval_start"] < until) & frame["queue"].isin(scale)]
    return rows[["queue", "interval_start"]].assign(offered=rows["volume_mean"] * rows["queue"].map(scale))


def voice(table, day=0):
    local = pd.DatetimeIndex(table["interval_start"]).tz_convert(small.ZONE)
    here = (table["queue"] == "voice").to_numpy() & (local.date == small.WEEK + dt.timedelta(days=day))
    return table[here]


def test_what_came_as_expected_moves_nothing():
    table = intraday(of_week(), came({"voice": 1.0, "email": 1.0, "web": 1.0}), NOON)
    np.testing.assert_allclose(table["updated_mean"], table["volume_mean"], rtol=1e-9, atol=1e-9)
    assert table["interval_start"].min() == pd.Timestamp(NOON)


def test_a_busy_morning_moves_less_than_its_ratio_and_the_days_after_less_still():
    table = intraday(of_week(), came({"voice": 1.3}), NOON)
    today, tomorrow, later = (voice(table, d)["factor"].to_numpy() for d in (0, 1, 5))
    rest = voice(table)
    assert (today > 1.0).all()
    assert rest["updated_mean"].sum() < 1.3 * rest["volume_mean"].sum()
    assert today[-1] <= today[0]
    assert 1.0 <= tomorrow[-1] < today[-1]
    assert 1.0 <= later[-1] <= tomorrow[-1]


def test_the_estimate_by_hand_for_one_queue():
    """One queue, its first half-day alone: the credibility formula v ÷ (v + noise)."""
    result = of_week(kernel=False)
    factors, grid = result.day_factors(), result.grid
    v = factors.half_cv[0] ** 2

    def told(minutes):
        known = minutes // grid.step_min
        mean = result.expected()[0, :known]
        rows = pd.DataFrame({"queue": "voice", "interval_start": grid.starts[:known], "offered": 1.2 * mean})
        noise = (mean.sum() + ((factors.interval_cv[0] * mean) ** 2).sum()) / mean.sum() ** 2
        table = intraday(result, rows, grid.start + dt.timedelta(minutes=minutes))
        return voice(table)["factor"], v / (v + noise) * 0.2

    whole, gain = told(int(factors.split_min[0]))
    np.testing.assert_allclose(whole, 1 + factors.half_correlation * gain)
    part, gain = told(10 * 60)
    # the first hours also mislead by their timing
    assert 1 < part.iloc[0] <= 1 + gain
    assert part.iloc[-1] == pytest.approx(1 + factors.half_correlation * (part.iloc[0] - 1))


def test_few_contacts_move_little():
    early = small.week().start + dt.timedelta(hours=8, minutes=15)
    first = voice(intraday(of_week(), came({"voice": 1.3}, early), early))["factor"].iloc[0]
    later = voice(intraday(of_week(), came({"voice": 1.3}), NOON))["factor"].iloc[0]
    assert 1.0 < first < later


def test_it_is_nearer_than_no_update_and_than_the_ratio_on_planted_days():
    """Days drawn from the forecast's own law: over many, the update errs least."""
    result = of_week()
    grid = result.grid
    _, paths = result.volume_paths(200, 11)
    known = grid.locate(pd.DatetimeIndex([pd.Timestamp(NOON)]))[0]
    today = np.flatnonzero((grid.local_day_number(small.ZONE) == 0) & (np.arange(grid.n) >= known))
    errors = np.zeros(3)
    for path in paths:
        rows = pd.DataFrame(
            {
                "queue": np.repeat(result.queues, known),
                "interval_start": grid.starts[np.tile(np.arange(known), len(result.queues))],
                "offered": path[:, :known].ravel(),
            }
        )
        table = voice(intraday(result, rows, NOON))
        rest = path[0, today].sum()
        ratio = path[0, :known].sum() / result.expected()[0, :known].sum()
        said = table["volume_mean"].sum(), ratio * table["volume_mean"].sum(), table["updated_mean"].sum()
        errors += np.square(np.array(said) - rest)
    assert errors[2] < 0.97 * errors[0]
    assert errors[2] < 0.97 * errors[1]


@pytest.mark.parametrize(
    ("rows", "at", "message"),
    [
        ({"offered": [-1.0]}, NOON, "negative or missing"),
        ({"offered": [np.nan]}, NOON, "negative or missing"),
        ({"offered": [1.0]}, NOON + dt.timedelta(days=8), "not within the week"),
        ({"offered": [1.0]}, NOON.replace(tzinfo=None), "no time zone"),
    ],
)
def test_bad_input_is_told(rows, at, message):
    frame = pd.DataFrame({"queue": ["voice"], "interval_start": [pd.Timestamp(NOON)], **rows})
    with pytest.raises(InputError, match=message):
        intraday(of_week(), frame, at)
