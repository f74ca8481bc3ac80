"""Histories as they come, thin, empty, broken: each gives a forecast with its reasons, or a refusal."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.forecasting import small
from wfo.domain.centre import Centre
from wfo.errors import TableError
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.history import read_history
from wfo.forecasting.settings import ForecastSettings
from wfo.timegrid import TimeGrid, epoch_min


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


def logged_since(reports, hours, *, factor=1.0):
    """Reports times a factor, and a log of the same contacts that begins so many hours before the week."""
    cut = small.week().start - pd.Timedelta(hours=hours)
    log = small.log(reports[reports["interval_start"] >= cut].reset_index(drop=True))
    return log, reports.assign(offered=reports["offered"] * factor)


@pytest.mark.parametrize("method", ["auto", "two_level", "structural", "glm"])
def test_a_log_of_days_does_not_set_the_level_alone(method):
    reports = small.reports(400, {"voice": 15.0}).query("queue == 'voice'").reset_index(drop=True)
    rng = np.random.default_rng(2)
    days = np.exp(0.05 * rng.standard_normal(401))[epoch_min(reports["interval_start"]) // (24 * 60) % 401]
    reports["offered"] = np.rint(reports["offered"] * days)
    grid = small.week()
    plain = voice(made(reports, method=method)).sum()
    # half a Saturday, and whole days and such a half before the Monday: Sunday is closed
    for hours in (30, 48, 54, 78, 7 * 24 + 11, 30 * 24 + 11):
        log, told = logged_since(reports, hours)
        given = ForecastInputs(small.centre(), grid, grid.start, interactions=log, queue_intervals=told)
        found = voice(forecast(given, ForecastSettings(method=method), seed=1)).sum()
        assert found == pytest.approx(plain, rel=0.015), hours


def test_a_day_within_which_the_log_begins_is_counted_whole():
    reports = small.reports(30, {"voice": 15.0}).query("queue == 'voice'").reset_index(drop=True)
    log, told = logged_since(reports, 5 * 24 + 11, factor=3.0)
    grid, first = small.week(), 24  # of 30 days; its 13:00 is 131 hours before the week

    def by_day(table):
        history = read_history(small.centre(), 15, grid.start, log, table, reach_days=400)
        assert history.covered[0].all()
        return history, history.by_day(history.offered)[0].sum(axis=1)

    true = reports["offered"].to_numpy().reshape(30, 96)
    history, went_on = by_day(told)
    assert history.log_day[0] == first + 1
    np.testing.assert_allclose(went_on, true.sum(axis=1) * np.where(np.arange(30) <= first, 3, 1))
    stopped = told[told["interval_start"] < grid.start - pd.Timedelta(hours=131)]
    history, joined = by_day(stopped.reset_index(drop=True))
    assert history.log_day[0] == first
    np.testing.assert_allclose(joined[:first], 3 * true[:first].sum(axis=1))
    np.testing.assert_allclose(joined[first], 3 * true[first, :52].sum() + true[first, 52:].sum())
    np.testing.assert_allclose(joined[first + 1 :], true[first + 1 :].sum(axis=1))


def test_a_queue_whose_reports_end_early_is_named():
    both = small.reports(200, {"voice": 15.0, "email": 5.0})
    end = small.week().start - pd.Timedelta(days=60)
    early = both[(both["queue"] == "voice") | (both["interval_start"] < end)].reset_index(drop=True)
    said = " ".join(made(early).meta.notes)
    assert "email: its data end on 2025-05-07, 60 days before the week; what is between is bridged" in said
    assert "voice: its data end" not in said
    assert "bridged" not in " ".join(made(both).meta.notes)
    far = small.week(small.WEEK + dt.timedelta(days=35))
    given = ForecastInputs(small.centre(), far, small.week().start, queue_intervals=both)
    notes = forecast(given, ForecastSettings(), seed=1).meta.notes
    assert [n for n in notes if "bridged" in n] == [
        "the week begins 35 days after the planning moment; what is between is bridged"
    ]


@pytest.mark.parametrize("method", ["auto", "two_level", "structural", "glm", "same_weekday_mean"])
def test_a_forecast_does_not_learn_from_excluded_days(method):
    reports = small.reports(200, {"voice": 15.0}).query("queue == 'voice'").reset_index(drop=True)
    out = [small.WEEK - dt.timedelta(days=k) for k in (2, 3, 4, 5, 6, 16, 17, 31, 40, 45)]
    day = reports["interval_start"].dt.tz_convert(small.ZONE).dt.date
    tripled = reports.assign(offered=reports["offered"] * np.where(day.isin(out), 3.0, 1.0))
    calendar = {"holidays": ["DE"], "excluded_days": out}
    plain, found = (
        voice(made(table, centre=small.centre(calendar=calendar), method=method))
        for table in (reports, tripled)
    )
    np.testing.assert_array_equal(found, plain)
    assert found.sum() == pytest.approx(48 * 6.25 * 15, rel=0.02)
    assert voice(made(tripled, method=method)).sum() > 1.03 * found.sum()  # nobody is told of them
