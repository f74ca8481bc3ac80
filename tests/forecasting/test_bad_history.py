"""Histories as they come, thin, empty, broken: each gives a forecast with its reasons, or a refusal."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.forecasting import small
from wfo.domain.centre import Centre
from wfo.errors import TableError
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.settings import ForecastSettings
from wfo.timegrid import TimeGrid


def made(reports, *, centre=None, week=None, **settings):
    grid = week or small.week()
    given = ForecastInputs(centre or small.centre(), grid, grid.start, queue_intervals=reports)
    return forecast(given, ForecastSettings(**settings), seed=1)


def voice(result):
    return result.frame().query("queue == 'voice'")["volume_mean"].to_numpy()


@pytest.mark.parametrize("method", ["auto", "two_level", "structural", "glm", "seasonal_naive"])
@pytest.mark.parametrize("days", [5, 21, 30])
def test_three_weeks_and_less_are_forecast_in_every_way(method, days):
    result = made(small.reports(days, {"voice": 15.0}), method=method)
    volume = voice(result)
    assert np.isfinite(volume).all()
    assert volume.sum() == pytest.approx(48 * 6.25 * 15, rel=0.12)
    assert any("history" in note and note.startswith("voice") for note in result.meta.notes) == (days < 30)


@pytest.mark.parametrize("method", ["auto", "two_level", "structural", "glm"])
def test_ten_contacts_in_half_a_year(method):
    reports = small.reports(182, {"voice": 15.0}).query("queue == 'voice'").reset_index(drop=True)
    opened = np.flatnonzero(reports["offered"] > 0)
    offered = np.zeros(len(reports))
    offered[opened[:: len(opened) // 9][:10]] = 1.0
    result = made(reports.assign(offered=offered), method=method)
    assert voice(result).sum() == pytest.approx(10 / 26, rel=0.35)
    assert any("hardly more than how many come" in note for note in result.meta.notes)
    assert result.sample(50, seed=1).fresh.max() <= 10


def test_all_zeros_are_a_forecast_of_none_that_says_so():
    reports = small.reports(60, {"voice": 15.0}).assign(offered=0.0)
    result = made(reports)
    assert voice(result).sum() == 0
    assert any("voice: no contact of its own" in note for note in result.meta.notes)
    assert result.tables["methods"].query("queue == 'voice'")["method"].tolist() == ["none"]


def test_negative_counts_are_refused_and_fractions_are_taken():
    reports = small.reports(60, {"voice": 15.0})
    with pytest.raises(TableError, match="counts are negative or missing"):
        made(reports.assign(offered=reports["offered"] - 30))
    part = voice(made(reports.assign(offered=reports["offered"] * 0.25)))
    assert part.sum() == pytest.approx(voice(made(reports)).sum() / 4, rel=0.02)


def test_a_week_without_data_is_a_gap_and_not_a_week_of_zeros():
    reports = small.reports(120, {"voice": 15.0})
    local = reports["interval_start"].dt.tz_convert(small.ZONE).dt.date
    gap = (local >= dt.date(2025, 6, 9)) & (local < dt.date(2025, 6, 16))
    whole, holed = voice(made(reports)), voice(made(reports[~gap].reset_index(drop=True)))
    assert holed.sum() == pytest.approx(whole.sum(), rel=0.02)


def test_contacts_while_closed_are_told():
    reports = small.reports(60, {"voice": 15.0})
    night = reports["interval_start"].dt.tz_convert(small.ZONE).dt.hour == 22
    result = made(reports.assign(offered=reports["offered"].where(~night, 3.0)))
    assert any("of its contacts came while it is closed" in note for note in result.meta.notes)
    closed = voice(result).reshape(7, 96)[:, 88:92]
    assert (closed == 0).all()


@pytest.mark.parametrize("first", [dt.date(2025, 3, 24), dt.date(2025, 10, 20)])
def test_a_queue_that_never_closes_keeps_its_days_through_a_clock_change(first):
    queue = {"channel": "voice", "law": "immediate", "hours": "always"}
    centre = Centre.model_validate({"zone": small.ZONE, "queues": {"voice": queue}})
    grid = TimeGrid.of_days(first - dt.timedelta(days=120), 120, zone=small.ZONE, step_min=15)
    hour = np.asarray(grid.local(small.ZONE).hour)
    rng = np.random.default_rng(1)
    offered = rng.poisson(8 + 6 * np.sin(np.pi * hour / 24)).astype(float)
    reports = pd.DataFrame(
        {"queue": "voice", "interval_start": grid.starts, "interval_min": 15, "offered": offered}
    )
    week = small.week(first)
    result = made(reports, centre=centre, week=week)
    day = week.local_day_number(small.ZONE)
    sums = np.bincount(day, voice(result))
    assert len(np.unique(np.bincount(day))) == 2
    np.testing.assert_allclose(sums, offered.sum() / 120, rtol=0.08)
    paths = result.sample(200, seed=1).fresh[:, 0].mean(axis=0)
    assert paths.sum() == pytest.approx(sums.sum(), rel=0.01)


def test_days_and_weeks_are_sums_of_their_intervals():
    result = made(small.reports(90, {"voice": 15.0, "email": 5.0}))
    expected, paths = result.volume_paths(400, seed=1)
    frame = result.frame()
    np.testing.assert_allclose(expected.ravel(), frame["volume_mean"])
    week = paths.sum(axis=2)
    np.testing.assert_allclose(week.mean(axis=0)[:2], expected.sum(axis=1)[:2], rtol=0.02)
    assert week[:, 0].std() > np.sqrt(expected[0].sum())


@pytest.mark.parametrize("method", ["auto", "two_level", "structural", "glm"])
def test_an_older_system_that_counted_otherwise_does_not_move_the_level(method):
    days, since = 400, 100
    reports = small.reports(days, {"voice": 15.0}).query("queue == 'voice'").reset_index(drop=True)
    cut = small.week().start - pd.Timedelta(days=since)
    log = small.log(reports[reports["interval_start"] >= cut].reset_index(drop=True))
    more = reports.assign(offered=reports["offered"] * 1.1)
    grid = small.week()
    given = ForecastInputs(small.centre(), grid, grid.start, interactions=log, queue_intervals=more)
    found = voice(forecast(given, ForecastSettings(method=method), seed=1)).sum()
    alone = ForecastInputs(small.centre(), grid, grid.start, interactions=log)
    short = voice(forecast(alone, ForecastSettings(method=method), seed=1)).sum()
    assert found == pytest.approx(48 * 6.25 * 15, rel=0.015)
    assert found == pytest.approx(short, rel=0.015)
