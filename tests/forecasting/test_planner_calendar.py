"""The planner's calendar: events, likes, repairs, pay days, adoption, drivers, bursts, outliers."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from tests.forecasting import small
from wfo.errors import InputError, TableError
from wfo.forecasting.calendar import EFFECTS, Days
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.settings import DemandSettings, ForecastSettings

PLAIN = ForecastSettings(method="two_level")


def made(reports, calendar=None, *, settings=PLAIN, week=None, queues=None, **more):
    changes = {"calendar": {"holidays": ["DE"], **(calendar or {})}}
    if queues is not None:
        changes["queues"] = queues
    grid = week or small.week()
    given = ForecastInputs(small.centre(**changes), grid, grid.start, queue_intervals=reports, **more)
    return forecast(given, settings, seed=1)


def days_of(result, queue="voice"):
    frame = result.frame().query("queue == @queue")
    return frame["fresh_mean"].to_numpy().reshape(7, -1).sum(axis=1)


def scaled(reports, dates, factor, queue="voice"):
    day = reports["interval_start"].dt.tz_convert(small.ZONE).dt.date
    hit = day.isin(dates) & (reports["queue"] == queue)
    return reports.assign(offered=reports["offered"].where(~hit, reports["offered"] * factor))


def test_a_bill_run_moves_the_days_after_it_as_it_did_before():
    runs = [dt.date(2025, m, 10) for m in (3, 4, 6)]
    reports = small.reports(200, {"voice": 15.0})
    reports = scaled(reports, runs, 1.5)
    reports = scaled(reports, [d + dt.timedelta(days=1) for d in runs], 1.3)
    bills = {"start": "2025-03-10", "also": ["2025-04-10", "2025-06-10", "2025-07-08"], "lag_days": 1}
    got = days_of(made(reports, {"events": {"bills": bills}}))
    usual = days_of(made(small.reports(200, {"voice": 15.0})))
    np.testing.assert_allclose(got[:6] / usual[:6], [1, 1.5, 1.3, 1, 1, 1], rtol=0.06)
    stated = days_of(made(reports, {"events": {"bills": {**bills, "scale": 2.0}}}))
    np.testing.assert_allclose(stated[:6] / usual[:6], [1, 2.0, 1.3, 1, 1, 1], rtol=0.06)


def test_an_event_like_another_does_as_that_one_did():
    reports = scaled(small.reports(200, {"voice": 15.0}), [dt.date(2025, 5, 7)], 1.8)
    events = {
        "launch": {"start": "2025-05-07"},
        "second launch": {"start": "2025-07-09", "like": "launch"},
        "fair": {"start": "2025-07-11"},
    }
    result = made(reports, {"events": events})
    usual = days_of(made(small.reports(200, {"voice": 15.0})))
    np.testing.assert_allclose(days_of(result)[:6] / usual[:6], [1, 1, 1.8, 1, 1, 1], rtol=0.06)
    assert any(
        note.startswith("event 'fair' has no scale and has not been seen") for note in result.meta.notes
    )
    with pytest.raises(ValidationError, match="'second launch' is like 'lanch', which is no other event"):
        small.centre(calendar={"events": {"second launch": {"start": "2025-07-09", "like": "lanch"}}})


def test_pay_days_and_the_second_day_after_a_closure():
    days = Days.of(small.centre(calendar={"holidays": ["DE"], "pay_days": [15, 31]}), dt.date(2025, 6, 1), 35)
    paid = days.effects[0, :, EFFECTS.index("pay_day")] > 0
    # 15 June 2025 is a Sunday
    assert [d.day for d, p in zip(days.dates, paid, strict=True) if p] == [13, 14, 30, 1]
    second = days.effects[0, :, EFFECTS.index("second_after_closure")] > 0
    assert [d for d, s in zip(days.dates, second, strict=True) if s] == [dt.date(2025, 6, 11)]


def test_a_repaired_day_counts_as_the_planner_says():
    day = dt.date(2025, 7, 3)
    whole = small.reports(60, {"voice": 15.0})
    lost = scaled(whole, [day], 0.2)
    mean = whole["offered"][whole["interval_start"].dt.tz_convert(small.ZONE).dt.date == day].sum()
    fixed = made(lost, {"repairs": {"log lost": {"date": day, "queue": "voice", "contacts": float(mean)}}})
    np.testing.assert_allclose(days_of(fixed), days_of(made(whole)), rtol=0.01)
    assert len(fixed.tables["outliers"]) == 0
    assert (made(lost).tables["outliers"]["schedule_date"] == day).sum() == 1
    with pytest.raises(InputError, match="'voise' is not a queue; the queues are voice, email, web"):
        made(whole, {"repairs": {"typo": {"date": day, "queue": "voise", "contacts": 1.0}}})


def test_a_new_channel_grows_along_its_plan_and_what_came_corrects_it():
    plan = {
        "adoption": {"web": {"start": "2025-07-07", "per_day": 400.0, "half_weeks": 4.0, "like": "voice"}}
    }
    reports = small.reports(120, {"voice": 15.0})
    first = days_of(made(reports, demand=DemandSettings.model_validate(plan)), "web")
    assert first[0] == pytest.approx(400 * 1.25 * 7 / 6.25 * (6 / 7) * 0.5 / 28 * np.log(2), rel=0.12)
    assert first[4] > 4 * first[0]
    later = {"adoption": {"web": {**plan["adoption"]["web"], "start": "2025-05-12"}}}
    web = small.reports(56, {"web": 6.0})
    both = pd.concat([reports, web.assign(offered=web["offered"])], ignore_index=True)
    seen = made(both, demand=DemandSettings.model_validate(later))
    # by hand: the plan weighs as much as five days of its 400
    came, share = web["offered"].sum(), 1 - 2 ** -((np.arange(63) + 0.5) / 28)
    level = 400 * (came + 2000) / (400 * share[:56].sum() + 2000)
    assert days_of(seen, "web").sum() == pytest.approx(level * share[56:].sum(), rel=0.03)
    assert seen.meta.facts["method"]["web"] == "adoption"


def test_unknown_queues_of_new_channels_and_cohorts_are_named():
    typed = {
        "adoption": {
            "fax": {"start": "2025-07-07", "per_day": 4.0},
            "web": {"start": "2025-07-07", "per_day": 400.0, "like": "voise"},
        },
        "cohorts": {"firms": {"customers": 1.0, "contacts": {"letter": 1.0}}},
    }
    with pytest.raises(InputError) as caught:
        made(small.reports(30, {"voice": 15.0}), demand=DemandSettings.model_validate(typed))
    assert [(p.where, p.message.split(";")[0]) for p in caught.value.problems] == [
        ("demand.cohorts.firms.contacts.letter", "'letter' is not a queue"),
        ("demand.adoption.fax", "'fax' is not a queue"),
        ("demand.adoption.web.like", "'voise' is not a queue"),
    ]


def test_a_driver_moves_its_days_and_its_doubt_widens_them():
    rng = np.random.default_rng(8)
    reports = small.reports(200, {"voice": 15.0, "email": 8.0})
    dates = [small.WEEK + dt.timedelta(days=k) for k in range(-200, 7)]
    booked = pd.Series(rng.lognormal(6, 0.4, 207), index=dates)
    day = reports["interval_start"].dt.tz_convert(small.ZONE).dt.date
    moved = np.where(reports["queue"] == "voice", day.map(booked / booked.median()) ** 0.5, 1.0)
    reports = reports.assign(offered=rng.poisson(reports["offered"] * moved).astype(float))
    frame = pd.DataFrame({"driver": "bookings", "schedule_date": dates, "value": booked.to_numpy()})
    frame["queues"] = [["voice"]] * len(frame)
    with_it = made(reports, drivers=frame)
    usual = made(reports)
    ratio = days_of(with_it)[:6] / days_of(usual)[:6]
    truth = (booked.to_numpy()[-7:-1] / booked.median()) ** 0.5
    assert np.corrcoef(ratio, truth)[0, 1] > 0.97
    np.testing.assert_allclose(np.log(ratio / ratio.mean()), np.log(truth / truth.mean()), atol=0.12)
    np.testing.assert_allclose(days_of(with_it, "email"), days_of(usual, "email"), rtol=1e-6)
    doubt = made(reports, drivers=frame.assign(value_sd=0.5 * frame["value"]))
    assert doubt.day_cv()[0] > with_it.day_cv()[0] + 0.03
    np.testing.assert_allclose(days_of(doubt), days_of(with_it))
    with pytest.raises(TableError, match="values are missing or not finite"):
        made(reports, drivers=frame.assign(value=np.nan))
    with pytest.raises(TableError, match="'fax' is not a queue"):
        made(reports, drivers=frame.assign(queues=[["fax"]] * len(frame)))
    few = made(reports, drivers=frame.tail(20))
    assert any("driver 'bookings': 13 days of history" in note for note in few.meta.notes)


def test_a_driver_known_later_is_left_out():
    reports = small.reports(100, {"voice": 15.0})
    dates = [small.WEEK + dt.timedelta(days=k) for k in range(-100, 7)]
    value = np.random.default_rng(9).lognormal(6, 0.4, 107)
    frame = pd.DataFrame({"driver": "bookings", "schedule_date": dates, "value": value})
    late = frame.assign(
        known_at=pd.Timestamp("2025-07-07", tz=small.ZONE).tz_convert("UTC") + pd.Timedelta(1, "s")
    )
    np.testing.assert_array_equal(days_of(made(reports, drivers=late)), days_of(made(reports)))


def test_bursts_of_a_channel_nobody_controls_stay_in_mean_and_spread():
    queues = small.centre().model_dump()["queues"]
    reports = small.reports(200, {"voice": 15.0})
    hit = [small.WEEK - dt.timedelta(days=k) for k in range(5, 190, 20)]
    stormy = scaled(reports, hit, 3.0)
    calm = made(stormy, queues=queues)
    queues["voice"]["controlled"] = False
    wild = made(stormy, queues=queues)
    kind = wild.tables["outliers"].query("queue == 'voice'")["kind"]
    assert (kind == "day").sum() == pytest.approx(10 * 6 / 7, abs=2)
    p = (kind == "day").sum() / (200 * 6 / 7)
    np.testing.assert_allclose(days_of(wild)[:6] / days_of(calm)[:6], 1 + 2 * p, rtol=0.03)
    paths = wild.sample(2000, seed=2).fresh[:, 0].reshape(2000, 7, -1).sum(axis=2)[:, 1:6]
    usual = days_of(calm)[1:6]
    assert (paths > 2 * usual).mean() == pytest.approx(p, rel=0.35)
    assert paths.mean() == pytest.approx(days_of(wild)[1:6].mean(), rel=0.02)


def test_what_is_left_out_is_shown():
    reports = small.reports(100, {"voice": 15.0})
    local = reports["interval_start"].dt.tz_convert(small.ZONE)
    outage = (local.dt.date == dt.date(2025, 6, 26)) & (local.dt.hour >= 10) & (local.dt.hour < 13)
    lost = local.dt.date == dt.date(2025, 6, 18)
    sunday = (local.dt.date == dt.date(2025, 6, 22)) & (local.dt.hour == 12)
    offered = reports["offered"].where(~(outage | lost), 0.0).where(~sunday, 7.0)
    bad = scaled(reports.assign(offered=offered), [dt.date(2025, 7, 2)], 3.0)
    result = made(bad)
    shown = result.tables["outliers"].set_index("schedule_date")
    assert shown["kind"].to_dict() == {
        dt.date(2025, 6, 18): "lost",
        dt.date(2025, 6, 22): "closed",
        dt.date(2025, 6, 26): "gap",
        dt.date(2025, 7, 2): "day",
    }
    assert shown.loc[dt.date(2025, 6, 26), "minutes"] == 180
    assert shown.loc[dt.date(2025, 6, 26), "expected"] == pytest.approx(180, rel=0.1)
    assert shown.loc[dt.date(2025, 6, 22), "actual"] == 28
    np.testing.assert_allclose(days_of(result), days_of(made(reports)), rtol=0.02)
