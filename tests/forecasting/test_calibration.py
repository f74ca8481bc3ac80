"""Four of five intervals and days come out between the low and the high that were stated for them."""

import datetime as dt

import numpy as np
import pytest

from tests.forecasting import small
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.settings import ForecastSettings
from wfo.timegrid import epoch_min

ORIGINS, SPREAD = 10, 0.15


@pytest.fixture(scope="module")
def weeks():
    """What came and what was forecast from each origin: intervals, and days of the paths."""
    days = 7 * (30 + ORIGINS)
    reports = small.reports(days, {"voice": 15.0}, seed=3)
    day = reports["interval_start"].dt.tz_convert(small.ZONE).dt.normalize()
    rng = np.random.default_rng(4)
    factor = dict(zip(day.unique(), rng.lognormal(-(SPREAD**2) / 2, SPREAD, days), strict=True))
    mean = (reports["offered"] > 0) * 15.0 * np.where(day.dt.day_of_week == 0, 1.25, 1.0) * day.map(factor)
    reports["offered"] = rng.poisson(mean).astype(float)
    came, stated, sums = [], [], []
    for back in range(1, ORIGINS + 1):
        grid = small.week(small.WEEK - dt.timedelta(weeks=back))
        known = epoch_min(reports["interval_start"]) < grid.start_min
        given = ForecastInputs(small.centre(), grid, grid.start, queue_intervals=reports[known])
        result = forecast(given, ForecastSettings(), seed=back)
        voice = result.frame().query("queue == 'voice'").set_index("interval_start")
        week = reports.set_index("interval_start")["offered"].reindex(voice.index)
        came.append(week.to_numpy())
        stated.append(voice[["volume_mean", "volume_p10", "volume_p90"]].to_numpy())
        sums.append(result.sample(200, seed=back).fresh[:, 0].reshape(200, 7, 96).sum(axis=2))
    return np.array(came), np.array(stated), np.array(sums)


def test_intervals(weeks):
    came, stated, _ = weeks
    mean, low, high = np.moveaxis(stated, 2, 0)
    opened = mean > 0
    assert (came[opened] < low[opened]).mean() == pytest.approx(0.08, abs=0.04)
    assert (came[opened] > high[opened]).mean() == pytest.approx(0.08, abs=0.04)


def test_days(weeks):
    came, _, sums = weeks
    days = came.reshape(ORIGINS, 7, 96).sum(axis=2)[:, :6]
    low, high = np.quantile(sums[:, :, :6], [0.1, 0.9], axis=1)
    # 60 days: two standard errors are a tenth
    assert ((days >= low) & (days <= high)).mean() == pytest.approx(0.8, abs=0.11)
