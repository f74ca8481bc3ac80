"""The outlook of a year against planted growth, season and drift."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.forecasting import small
from wfo.errors import InputError
from wfo.forecasting.long_range import long_range
from wfo.forecasting.settings import DemandSettings
from wfo.timegrid import TimeGrid, local_midnight

FIRST = dt.date(2021, 7, 1)
NOW = dt.date(2024, 7, 1)
DAYS = (dt.date(2025, 8, 10) - FIRST).days


def planted(seed=1, *, growth=0.1, season=0.15, drift=0.04, per_day=400.0):
    """Expected and drawn contacts of days: growth, a wave of the year, weekdays, a wandering level."""
    rng = np.random.default_rng(seed)
    dates = [FIRST + dt.timedelta(days=k) for k in range(DAYS)]
    years = np.arange(DAYS) / 365.25
    turn = 2 * np.pi * np.array([d.timetuple().tm_yday for d in dates]) / 365.25
    weekday = np.array([1.25, 1.1, 1.05, 1.0, 1.0, 0.6, 0.5])[[d.weekday() for d in dates]]
    level = np.zeros(DAYS // 7 + 1)
    for w in range(1, len(level)):
        level[w] = 0.8 * level[w - 1] + 0.6 * drift * rng.standard_normal()
    mean = per_day * (1 + growth) ** years * np.exp(season * np.sin(turn)) * weekday
    drawn = rng.poisson(mean * np.exp(level[np.arange(DAYS) // 7]))
    return dates, mean, drawn


def reports(dates, drawn, until=NOW, since=FIRST):
    keep = [since <= d < until for d in dates]
    starts = [
        local_midnight(d, small.ZONE) + dt.timedelta(hours=12) for d, k in zip(dates, keep, strict=True) if k
    ]
    return pd.DataFrame(
        {
            "queue": "web",
            "interval_start": pd.DatetimeIndex(starts).as_unit("us"),
            "interval_min": 60,
            "offered": drawn[np.array(keep)].astype(float),
        }
    )


def outlook(frame, demand=None, **given):
    now = local_midnight(NOW, small.ZONE)
    return long_range(small.centre(calendar={}), now, frame, None, demand or DemandSettings(), **given)


def test_an_older_system_that_counted_otherwise_does_not_move_the_outlook():
    dates, _, drawn = planted(1, growth=0.0, drift=0.0)
    table, now = reports(dates, drawn), local_midnight(NOW, small.ZONE)
    found = {}
    for days, factor in ((100, 1.0), (100, 1.1), (7, 1.0), (7, 1.1)):
        since = pd.Timestamp(now) - pd.Timedelta(days=days)
        log = small.log(table[table["interval_start"] >= since].reset_index(drop=True))
        told = table.assign(offered=table["offered"] * factor)
        given = long_range(small.centre(calendar={}), now, told, log, DemandSettings())
        months = given.table.query("grain == 'month' and queue == 'web'")["volume_mean"].to_numpy()
        found[days, factor] = months, given.growth["web"]
    np.testing.assert_allclose(found[100, 1.1][0], found[100, 1.0][0], rtol=0.015)
    assert found[100, 1.1][1] == pytest.approx(found[100, 1.0][1], abs=0.005)
    assert found[100, 1.1][1] == pytest.approx(0.0, abs=0.02)
    # a week of log is too little to tell the step from a change: the reports' level is kept for the most part
    np.testing.assert_allclose(found[7, 1.1][0], 1.1 * found[7, 1.0][0], rtol=0.03)


def truth_of(rows, dates, values):
    number = {d: k for k, d in enumerate(dates)}
    return np.array([values[number[r.start] : number[r.end]].sum() for r in rows.itertuples()])


def test_months_of_a_year_with_growth_and_season_over_many_centres():
    errors, naive, inside, weeks_inside = [], [], [], []
    for seed in range(12):
        dates, _, drawn = planted(seed)
        table = outlook(reports(dates, drawn)).table
        months, weeks = (table[(table["grain"] == g) & (table["queue"] == "web")] for g in ("month", "week"))
        assert len(months) == 13
        assert len(weeks) >= 52
        came = truth_of(months, dates, drawn)
        errors.append(np.abs(months["volume_mean"] - came).sum() / came.sum())
        naive.append(np.abs(months["year_before"] - came).sum() / came.sum())
        inside.append(((came >= months["low"]) & (came <= months["high"])).mean())
        by_week = truth_of(weeks, dates, drawn)
        weeks_inside.append(((by_week >= weeks["low"]) & (by_week <= weeks["high"])).mean())
    assert np.mean(errors) < 0.5 * np.mean(naive)
    assert np.mean(errors) < 0.05
    assert 0.65 < np.mean(inside) < 0.95
    assert 0.7 < np.mean(weeks_inside) < 0.92


def test_weeks_and_months_come_of_the_same_days():
    dates, _, drawn = planted()
    table = outlook(reports(dates, drawn)).table
    weeks = table[table["grain"] == "week"]
    assert (pd.to_datetime(weeks["start"]).dt.day_of_week == 0).all()
    months = table[table["grain"] == "month"]
    whole = (pd.to_datetime(months["end"]) - pd.to_datetime(months["start"])).dt.days
    per_day = months["volume_mean"].sum() / whole.sum()
    assert weeks["volume_mean"].mean() / 7 == pytest.approx(per_day, rel=0.05)


def test_growth_as_seen_as_said_and_by_cohorts():
    dates, _, drawn = planted(3)
    frame = reports(dates, drawn)
    seen = outlook(frame)
    assert seen.growth["web"] == pytest.approx(0.1, abs=0.04)
    said = outlook(frame, DemandSettings.model_validate({"queues": {"web": {"growth": 0.5}}}))
    assert said.growth["web"] == pytest.approx(0.5)
    last = [o.table[(o.table["grain"] == "month")]["volume_mean"].iloc[-1] for o in (seen, said)]
    assert last[1] / last[0] == pytest.approx(1.5 / (1 + seen.growth["web"]), rel=0.03)
    cohorts = {
        "young": {"customers": 1000, "growth": 1.0, "contacts": {"web": 3.0}},
        "old": {"customers": 9000, "growth": -0.1, "contacts": {"web": 1.0}},
    }
    mixed = outlook(frame, DemandSettings.model_validate({"cohorts": cohorts}))
    assert mixed.growth["web"] == pytest.approx((3000 * 2.0 + 9000 * 0.9) / 12000 - 1)


def test_growth_is_that_of_a_year_however_far_the_outlook_reaches():
    dates, _, drawn = planted(3)
    frame = reports(dates, drawn)
    said = DemandSettings.model_validate({"queues": {"web": {"growth": 0.5}}})
    for months in (1, 3, 12):
        assert outlook(frame, said, months=months).growth["web"] == pytest.approx(0.5)
    assert outlook(frame, months=1).growth["web"] == pytest.approx(outlook(frame).growth["web"])


def test_less_than_two_years_says_so_and_less_than_eight_weeks_is_refused():
    dates, _, drawn = planted()
    half = outlook(reports(dates, drawn, since=dt.date(2024, 1, 1)))
    assert any("under two years" in note for note in half.notes)
    wide, narrow = (
        (t["high"] / t["low"]).iloc[-1] for t in (half.table, outlook(reports(dates, drawn)).table)
    )
    assert wide > narrow
    with pytest.raises(InputError, match="under 8 weeks"):
        outlook(reports(dates, drawn, since=dt.date(2024, 6, 1)))
    with pytest.raises(InputError, match="from 1 to 36"):
        outlook(reports(dates, drawn), months=40)
    unknown = DemandSettings.model_validate({"cohorts": {"a": {"customers": 1, "contacts": {"fax": 1}}}})
    with pytest.raises(InputError, match="demand.cohorts.a.contacts.fax: 'fax' is not a queue"):
        outlook(reports(dates, drawn), unknown)


def test_a_queue_that_closes_on_sundays_has_none_there():
    grid = TimeGrid.of_days(NOW - dt.timedelta(days=200), 200, zone=small.ZONE, step_min=60)
    local = grid.local(small.ZONE)
    here = (local.day_of_week < 6) & (local.hour == 10)
    frame = pd.DataFrame(
        {"queue": "voice", "interval_start": grid.starts[here], "interval_min": 60, "offered": 100.0}
    )
    week = outlook(frame).table.query("grain == 'week'").iloc[0]
    assert week["volume_mean"] == pytest.approx(600.0, rel=0.02)
