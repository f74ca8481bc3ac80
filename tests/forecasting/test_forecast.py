import datetime as dt
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.forecasting import small
from wfo.domain.lever import Lever
from wfo.errors import InputError, TableError
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.laws import read_laws
from wfo.forecasting.propagation import expected_volume, links_of
from wfo.forecasting.result import ForecastResult
from wfo.forecasting.settings import DemandSettings, ForecastSettings, QueueDemand
from wfo.tables.contracts import RUN
from wfo.tables.result import Status
from wfo.timegrid import TimeGrid

FRESH = {"voice": 12.0, "email": 6.0, "web": 15.0}
REDIAL = {"voice": {"p": 0.5, "mean_s": 600.0}}


@cache
def contacts():
    return small.played(FRESH, 98, lost=0.05)


def inputs(**changes):
    given = ForecastInputs(
        centre=small.centre(),
        grid=small.week(),
        now=small.week().start,
        interactions=contacts(),
        kernel=small.kernel(small.RATES),
        redial=REDIAL,
    )
    return replace(given, **changes)


@cache
def result():
    return forecast(inputs(), ForecastSettings(), seed=1)


def weekly(frame, column):
    return frame.groupby("queue", sort=False)[column].sum()


def test_the_table_keeps_its_contract():
    frame = result().frame()
    assert list(frame.columns) == list(RUN["forecast"].names)
    assert len(frame) == 3 * 672
    assert frame["interval_start"].dtype == "datetime64[us, UTC]"
    assert not frame.isna().any().any()
    assert (frame["volume_p10"] <= frame["volume_p50"]).all()
    assert (frame["volume_p50"] <= frame["volume_p90"]).all()
    np.testing.assert_allclose(frame["volume_mean"], frame["fresh_mean"] + frame["followup_mean"])


def test_planted_fresh_demand_and_volume_are_found():
    frame = result().frame()
    mondays = 1.25
    open_a_day = {"voice": 48, "email": 40, "web": 96}
    days = {"voice": 5 + mondays, "email": 4 + mondays, "web": 6 + mondays}
    came = contacts()
    plain_weeks = came[came["started_at"] >= pd.Timestamp("2025-06-11", tz="UTC")]
    span = (small.week().start - dt.datetime(2025, 6, 11, tzinfo=dt.UTC)).days / 7
    for queue, mean in FRESH.items():
        planted = mean * open_a_day[queue] * days[queue]
        assert weekly(frame, "fresh_mean")[queue] == pytest.approx(planted, rel=0.04)
        usual = (plain_weeks["queue"] == queue).sum() / span
        assert weekly(frame, "volume_mean")[queue] == pytest.approx(usual, rel=0.05)


def test_a_centre_without_queues_is_refused():
    with pytest.raises(InputError, match="a centre needs at least one queue"):
        forecast(inputs(centre=small.centre(queues={})), ForecastSettings(), seed=1)


def test_reports_without_handle_time_say_nothing_of_it():
    """Every other report lacks its handle time, and one its answered calls: the mean is that of the rest."""
    counts = small.reports(28, {"email": 6.0})
    counts["handle_s_total"] = 240.0 * counts["answered"]
    counts.loc[::2, "handle_s_total"] = np.nan
    counts.loc[counts.index[1], ["answered", "handle_s_total"]] = [np.nan, 5000.0]
    found = forecast(inputs(interactions=None, queue_intervals=counts), ForecastSettings(), seed=1)
    frame = found.frame()
    assert frame.loc[frame["queue"] == "email", "handle_s_mean"].unique() == pytest.approx([240.0])


def test_closed_intervals_are_empty():
    frame = result().frame()
    local = frame["interval_start"].dt.tz_convert(small.ZONE)
    closed = (frame["queue"] == "voice") & (
        (local.dt.hour < 8) | (local.dt.hour >= 20) | (local.dt.day_of_week == 6)
    )
    closed |= (frame["queue"] == "email") & (
        (local.dt.hour < 8) | (local.dt.hour >= 18) | (local.dt.day_of_week > 4)
    )
    volumes = [
        c for c in frame.columns if c.endswith(("_mean", "_p10", "_p50", "_p90")) and "handle" not in c
    ]
    assert (frame.loc[closed, volumes] == 0).all().all()
    assert (frame.loc[~closed, "volume_mean"] > 0).all()
    paths = result().sample(5, 2)
    shut = closed.to_numpy().reshape(3, -1)
    assert (paths.fresh[:, shut] == 0).all()
    assert (paths.carried[:, shut] == 0).all()


def test_paths_have_the_table_s_mean():
    paths = result().sample(600, 11)
    frame = result().frame()
    noise = 5 * result().day_cv().max() / np.sqrt(600)
    np.testing.assert_allclose(
        paths.fresh.mean(axis=0).sum(axis=1), weekly(frame, "fresh_mean"), rtol=noise + 0.003
    )
    links = links_of(
        paths.follow_ups,
        paths.delay_cdf,
        paths.lag_edges_min,
        paths.redial_p,
        paths.redial_mean_s,
        paths.planned_abandonment,
        15,
    )
    base = (paths.fresh + paths.carried).mean(axis=0)
    volume = expected_volume(base, links, paths.landing_start, paths.landing_len)
    np.testing.assert_allclose(volume.sum(axis=1), result().expected().sum(axis=1), rtol=noise + 0.003)


def test_same_inputs_same_result_and_a_saved_one_draws_the_same(tmp_path):
    again = forecast(inputs(), ForecastSettings(), seed=1)
    for name, frame in result().tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[name], check_exact=True)
    assert result().state == again.state
    result().save(tmp_path / "forecast")
    loaded = ForecastResult.load(tmp_path / "forecast")
    ours, theirs = result().sample(3, 5), loaded.sample(3, 5)
    for name in (
        "fresh",
        "carried",
        "follow_ups",
        "delay_cdf",
        "landing_start",
        "handle_mean_s",
        "patience_s",
    ):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert loaded.grid == small.week()
    assert loaded.laws().n == 0


def test_laws_are_the_centre_s():
    laws = result().laws()
    assert laws.queues == ("voice", "email", "web")
    assert laws.planned_abandonment.tolist() == [0.05, 0.0, 0.0]
    assert laws.patience_s.tolist() == [120.0, np.inf, np.inf]
    assert laws.redial_p.tolist() == [0.5, 0.0, 0.0]
    assert laws.follow_ups[2, 0] == pytest.approx(0.2)
    np.testing.assert_allclose(laws.delay_cdf[2, 0], [0.2, 0.5, 1.0])


def test_a_target_of_all_abandoned_is_none_and_volume_is_stated_at_what_is_planned():
    centre = small.centre()
    voice = centre.queues["voice"].model_copy(update={"targets": {"abandonment": "<= 100%"}})
    asks_nothing = centre.model_copy(update={"queues": {**centre.queues, "voice": voice}})
    laws = read_laws(asks_nothing, None, {}, None, None, 0.03, [])
    assert laws.planned_abandonment.tolist() == [0.03, 0.0, 0.0]


def test_of_joined_targets_volume_is_stated_at_the_least_abandonment():
    def laws(target):
        queues = small.centre().model_dump()["queues"]
        queues["voice"]["targets"] = {"abandonment": target}
        return read_laws(small.centre(queues=queues), None, {}, None, None, 0.03, [])

    for target in ("<= 8% per day and <= 5%", "<= 5% and <= 8% per day", "<= 5% and <= 100% per day"):
        assert laws(target).planned_abandonment.tolist() == [0.05, 0.0, 0.0]
    for target in ("<= 1% report", "<= 1% report and <= 100% per day"):
        assert laws(target).planned_abandonment.tolist() == [0.03, 0.0, 0.0]
    assert laws("<= 1% report and <= 5% per day").planned_abandonment.tolist() == [0.05, 0.0, 0.0]
    with pytest.raises(InputError, match=r"queues\.voice\.targets\.abandonment: .*has no unit"):
        laws("5")


def test_no_follow_ups_found_is_told_from_no_chains():
    notes = []
    laws = read_laws(small.centre(), small.kernel({}), {}, None, None, 0.03, notes)
    assert (laws.follow_ups == 0).all()
    assert notes == ["no follow-ups beyond chance were found: every contact but redials counts as fresh"]
    lever = Lever(what="follow_ups", factor=0.5)
    refused = forecast(inputs(kernel=small.kernel({}), levers=(lever,)), ForecastSettings(), seed=1)
    assert refused.meta.status is Status.INFEASIBLE
    assert "no follow-ups beyond chance" in refused.meta.reasons[0]


def test_halving_web_to_voice_moves_voice_by_its_follow_ups():
    lever = Lever(what="follow_ups", factor=0.5, from_queue="web", queue="voice")
    changed = forecast(inputs(levers=(lever,)), ForecastSettings(), seed=1)
    before, after = result().frame(), changed.frame()
    np.testing.assert_array_equal(before["fresh_mean"], after["fresh_mean"])
    np.testing.assert_array_equal(result().state["carried"], changed.state["carried"])
    saved = weekly(before, "volume_mean") - weekly(after, "volume_mean")
    # web contacts of the week cause 0.1 fewer calls each, but those due from Saturday evening on come later;
    # each call would have caused 0.095 follow-ups and 0.025 redials
    web = weekly(after, "volume_mean")["web"]
    per_call = 1 / (1 - 0.1 * 0.95 - 0.5 * 0.05)
    assert saved["web"] == 0
    assert 0.7 * 0.1 * web * per_call < saved["voice"] < 0.1 * web * per_call


def test_a_lever_that_began_before_the_log_is_in_what_was_measured():
    always = Lever(what="follow_ups", factor=0.5, from_queue="web", queue="voice", start=dt.date(2020, 1, 1))
    frame = forecast(inputs(levers=(always,)), ForecastSettings(), seed=1).frame()
    pd.testing.assert_frame_equal(frame, result().frame(), check_exact=False, rtol=1e-9)


def test_other_levers_and_the_planner_s_factors():
    levers = (
        Lever(what="fresh", factor=2.0, queue="email", start=dt.date(2025, 7, 9), end=dt.date(2025, 7, 9)),
        Lever(what="handle_time", factor=0.9, queue="voice"),
    )
    demand = DemandSettings(scale=1.1, queues={"web": QueueDemand(scale=0.5)})
    frame = forecast(inputs(levers=levers, demand=demand), ForecastSettings(), seed=1).frame()
    ratio = (frame["fresh_mean"] / result().frame()["fresh_mean"]).to_numpy().reshape(3, 7, 96)
    assert np.nanmax(ratio[0]) == pytest.approx(1.1)
    np.testing.assert_allclose(np.nanmean(ratio[1, :5], axis=1), [1.1, 1.1, 2.2, 1.1, 1.1])
    np.testing.assert_allclose(ratio[2], 0.55)
    handle = frame["handle_s_mean"] / result().frame()["handle_s_mean"]
    assert handle[frame["queue"] == "voice"].to_numpy() == pytest.approx(0.9)


def test_an_event_scales_its_day_and_its_past_is_not_learnt_from():
    content = small.centre().model_dump()
    content["calendar"]["events"] = {
        "mailing": {"start": "2025-07-08", "queues": ["voice"], "scale": 1.5},
        "outage": {"start": "2025-06-30", "end": "2025-07-04", "queues": ["email"]},
    }
    spec = small.centre(**{"queues": content["queues"], "calendar": content["calendar"]})
    flooded = contacts()
    last = flooded[
        (flooded["queue"] == "email") & (flooded["started_at"] >= pd.Timestamp("2025-06-30", tz="UTC"))
    ]
    flooded = pd.concat([flooded, last, last], ignore_index=True)
    # its own follow-ups left out: they would follow the flood
    kernel = small.kernel({("web", "voice"): 0.2})
    frame = forecast(
        inputs(centre=spec, interactions=flooded, kernel=kernel), ForecastSettings(), seed=1
    ).frame()
    usual = forecast(inputs(kernel=kernel), ForecastSettings(), seed=1).frame()
    fresh, base = (f["fresh_mean"].to_numpy().reshape(3, 7, 96).sum(axis=2) for f in (frame, usual))
    np.testing.assert_allclose(fresh[0, :6] / base[0, :6], [1, 1.5, 1, 1, 1, 1])
    np.testing.assert_allclose(fresh[1, :5], base[1, :5], rtol=0.03)


def test_an_event_that_goes_on_keeps_the_factor_seen_so_far():
    reports = small.reports(90, {"voice": 10.0, "email": 5.0})
    since = (reports["interval_start"] >= pd.Timestamp("2025-07-02", tz=small.ZONE)) & (
        reports["queue"] == "voice"
    )
    offered = reports["offered"].where(~since, reports["offered"] * 1.4)
    events = {"billing error": {"start": "2025-07-02", "end": "2025-07-08"}, "fair": {"start": "2025-07-11"}}

    def with_events(events):
        given = ForecastInputs(
            small.centre(calendar={"holidays": ["DE"], "events": events}),
            small.week(),
            small.week().start,
            queue_intervals=reports.assign(offered=offered),
        )
        return forecast(given, ForecastSettings(), seed=1)

    found = with_events(events)
    without = with_events({name: {**event, "scale": 1.0 + 1e-9} for name, event in events.items()})
    days, usual = (r.expected().reshape(3, 7, 96).sum(axis=2) for r in (found, without))
    np.testing.assert_allclose(days[0, :6] / usual[0, :6], [1.4, 1.4, 1, 1, 1, 1], rtol=0.07)
    np.testing.assert_allclose(days[1, :5] / usual[1, :5], 1.0, rtol=0.12)
    assert (
        "event 'fair' has no scale and has not been seen: its days are planned as usual ones"
        in found.meta.notes
    )


@pytest.mark.parametrize("first", [dt.date(2025, 6, 23), dt.date(2025, 6, 9)])
def test_a_gap_of_two_or_four_weeks_is_bridged(first):
    now = small.week(first).start
    early = forecast(inputs(now=now), ForecastSettings(), seed=1)
    np.testing.assert_allclose(
        weekly(early.frame(), "volume_mean"), weekly(result().frame(), "volume_mean"), rtol=0.05
    )
    assert np.sum(early.state["carried"]) == pytest.approx(np.sum(result().state["carried"]), rel=0.1)


def test_a_week_with_a_clock_change_has_its_own_intervals():
    first = dt.date(2025, 10, 20)
    frame = forecast(inputs(grid=small.week(first)), ForecastSettings(), seed=1).frame()
    assert len(frame) == 3 * (672 + 4)
    local = frame["interval_start"].dt.tz_convert(small.ZONE)
    opened = frame[(frame["queue"] == "voice") & (frame["fresh_mean"] > 0)]
    assert local[opened.index].dt.hour.min() == 8
    assert local[opened.index].dt.hour.max() == 19


def test_the_week_that_loses_an_hour_keeps_its_days():
    first = dt.date(2025, 3, 24)
    reports = small.reports(120, {"voice": 10.0, "web": 8.0}, end=first)
    given = ForecastInputs(
        small.centre(), small.week(first), small.week(first).start, queue_intervals=reports
    )
    frame = forecast(given, ForecastSettings(), seed=1).frame()
    assert len(frame) == 3 * (672 - 4)
    local = frame["interval_start"].dt.tz_convert(small.ZONE)
    days = frame.groupby(["queue", local.dt.day])["volume_mean"].sum()
    # the clock jumps on Sunday 30 March, before voice would open and on a day on which it does not
    np.testing.assert_allclose(days["voice"], [600, 480, 480, 480, 480, 480, 0], rtol=0.06)
    np.testing.assert_allclose(days["web"][30], 8 * 96, rtol=0.06)
    assert not ((frame["queue"] == "web") & (frame["volume_mean"] == 0)).any()


def test_a_holiday_closes_the_queues_that_keep_it():
    first = dt.date(2025, 4, 14)
    reports = small.reports(120, {"voice": 10.0, "web": 8.0}, end=first)
    given = ForecastInputs(
        small.centre(), small.week(first), small.week(first).start, queue_intervals=reports
    )
    frame = forecast(given, ForecastSettings(), seed=1).frame()
    good_friday = frame[frame["interval_start"].dt.tz_convert(small.ZONE).dt.day == 18]
    assert weekly(good_friday, "volume_mean")["voice"] == 0
    assert weekly(good_friday, "volume_mean")["web"] == pytest.approx(8 * 96, rel=0.1)


def test_interval_reports_alone_run_through():
    reports = small.reports(120, {"voice": 10.0, "email": 4.0, "web": 8.0})
    alone = forecast(
        ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=reports),
        ForecastSettings(),
        seed=1,
    )
    assert alone.meta.status is Status.DONE
    assert any("chains are not available" in note for note in alone.meta.notes)
    frame = alone.frame()
    assert (frame["followup_mean"] == 0).all()
    assert weekly(frame, "volume_mean")["voice"] == pytest.approx(10 * 48 * 6.25, rel=0.03)
    assert weekly(frame, "volume_mean")["web"] == pytest.approx(8 * 96 * 7.25, rel=0.03)


def test_earlier_reports_and_the_log_join_without_a_step():
    log = contacts()
    cut = pd.Timestamp("2025-05-26", tz=small.ZONE)
    early = log[log["started_at"] < cut]
    counts = early.groupby([early["queue"], early["started_at"].dt.floor("15min")]).size()
    reports = counts.rename("offered").rename_axis(["queue", "interval_start"]).reset_index()
    reports = reports.assign(interval_min=15, offered=lambda f: f["offered"].astype(float))
    joined = forecast(
        inputs(interactions=log[log["started_at"] >= cut].reset_index(drop=True), queue_intervals=reports),
        ForecastSettings(method="two_level"),
        seed=1,
    )
    whole = forecast(inputs(), ForecastSettings(method="two_level"), seed=1)
    np.testing.assert_allclose(
        weekly(joined.frame(), "fresh_mean"), weekly(whole.frame(), "fresh_mean"), rtol=0.01
    )


def test_coarse_and_fine_reports_agree():
    fine = small.reports(90, {"voice": 10.0})
    coarse = fine.assign(interval_start=fine["interval_start"].dt.floor("30min"))
    coarse = coarse.groupby(["queue", "interval_start"], as_index=False)[["offered", "abandoned"]].sum()
    both = [
        forecast(
            ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=reports),
            ForecastSettings(),
            seed=1,
        ).frame()
        for reports in (fine, coarse.assign(interval_min=30))
    ]
    np.testing.assert_allclose(weekly(both[1], "volume_mean"), weekly(both[0], "volume_mean"), rtol=1e-6)


def test_little_history_is_a_plain_mean_and_none_is_zero():
    reports = small.reports(10, {"voice": 10.0})
    given = ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=reports)
    short = forecast(given, ForecastSettings(), seed=1)
    notes = "\n".join(short.meta.notes)
    assert "voice: under 2 weeks of history" in notes
    assert "email: no history" in notes
    assert weekly(short.frame(), "volume_mean")["voice"] == pytest.approx(10 * 48 * 6, rel=0.12)
    assert weekly(short.frame(), "volume_mean")["email"] == 0
    silent = forecast(replace(given, queue_intervals=reports.assign(offered=0.0)), ForecastSettings(), seed=1)
    assert "voice: no contact of its own in its open hours; its fresh demand counts as 0" in silent.meta.notes
    assert silent.expected().sum() == 0
    nothing = forecast(replace(given, queue_intervals=None), ForecastSettings(), seed=1)
    assert nothing.expected().sum() == 0
    assert nothing.sample(2, 1).fresh.sum() == 0


def test_two_weeks_tell_weekdays_apart_and_a_note_says_how_little_that_is():
    reports = small.reports(14, {"voice": 10.0})
    given = ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=reports)
    result = forecast(given, ForecastSettings(), seed=1)
    assert "voice: 14 days of history; what sets weekdays and dates apart is uncertain" in result.meta.notes
    days = result.expected()[0].reshape(7, 96).sum(axis=1)
    np.testing.assert_allclose(days[:6], [600, 480, 480, 480, 480, 480], rtol=0.1)
    assert days[6] == 0


def test_same_weekday_mean_is_the_mean_of_the_last_same_weekdays():
    reports = small.reports(70, {"voice": 10.0})
    given = ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=reports)
    frame = forecast(given, ForecastSettings(method="same_weekday_mean", mean_weeks=3), seed=1).frame()
    at = pd.Timestamp("2025-07-10 10:15", tz=small.ZONE).tz_convert("UTC")
    past = [at - pd.Timedelta(weeks=w) for w in (1, 2, 3)]
    voice = reports[reports["queue"] == "voice"].set_index("interval_start")["offered"]
    found = frame[(frame["queue"] == "voice") & (frame["interval_start"] == at)]["volume_mean"].item()
    assert found == pytest.approx(voice[past].mean())


def test_lost_days_are_not_learnt_from():
    reports = small.reports(60, {"voice": 10.0})
    day = reports["interval_start"].dt.tz_convert(small.ZONE).dt.strftime("%m-%d")
    gone = reports.assign(offered=reports["offered"].where(~day.isin(["07-01", "07-02"]), 0.0))
    given = ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=gone)
    frame = forecast(given, ForecastSettings(), seed=1)
    assert "voice: 2 open days without a contact left out as lost data" in frame.meta.notes
    assert weekly(frame.frame(), "volume_mean")["voice"] == pytest.approx(10 * 48 * 6.25, rel=0.04)


def test_bad_input_is_refused_with_every_problem():
    bad = small.reports(30, {"voice": 10.0})
    bad.loc[[3, 5], "offered"] = -1.0
    bad.loc[7, "interval_min"] = 7
    given = ForecastInputs(small.centre(), small.week(), small.week().start, queue_intervals=bad)
    with pytest.raises(TableError) as error:
        forecast(given, ForecastSettings(), seed=1)
    assert "queue_intervals, row 4, column 'offered': 2 counts are negative" in str(error.value)
    assert "row 8, column 'interval_min': 7 minutes do not fit" in str(error.value)
    fax = Lever(what="fresh", factor=1.0, queue="fax")
    unknown = inputs(levers=(fax,), demand=DemandSettings(queues={"post": QueueDemand()}))
    with pytest.raises(InputError, match="lever 1: 'fax' is not a queue") as error:
        forecast(unknown, ForecastSettings(), seed=1)
    assert "demand.queues.post" in str(error.value)
    with pytest.raises(InputError, match="plan a later week"):
        forecast(inputs(now=small.week().end), ForecastSettings(), seed=1)


def test_endless_chains_are_infeasible():
    endless = forecast(inputs(kernel=small.kernel({("voice", "voice"): 1.2})), ForecastSettings(), seed=1)
    assert endless.meta.status is Status.INFEASIBLE
    assert "chains would never end" in endless.meta.reasons[0]
    assert list(endless.frame().columns) == list(RUN["forecast"].names)
    with pytest.raises(InputError, match="never end"):
        endless.sample(1, 1)


def test_handle_time_by_hour_and_patience_from_waits():
    log = contacts()
    hour = log["started_at"].dt.tz_convert(small.ZONE).dt.hour
    rng = np.random.default_rng(4)
    mean = np.where(hour < 12, 200.0, 400.0)
    sigma = np.sqrt(np.log(1 + 0.9**2))
    handle = mean * np.exp(sigma * rng.standard_normal(len(log)) - sigma**2 / 2)
    wait = np.minimum(rng.exponential(40.0, len(log)), 60.0)
    queues = small.centre().model_dump()["queues"]
    queues["voice"]["patience_s"] = None
    worked = log.assign(handle_s=handle, wait_s=np.where(log["outcome"] == "abandoned", 30.0, wait))
    found = forecast(
        inputs(centre=small.centre(queues=queues), interactions=worked), ForecastSettings(), seed=1
    )
    laws = found.laws()
    at = TimeGrid.local(laws.grid, small.ZONE).hour
    assert laws.handle_mean_s[0, at == 9].mean() == pytest.approx(200, rel=0.08)
    assert laws.handle_mean_s[0, at == 15].mean() == pytest.approx(400, rel=0.08)
    assert (laws.handle_mean_s[2] == 0).all()
    voice = worked[
        (worked["queue"] == "voice")
        & (worked["started_at"] > worked["started_at"].max() - pd.Timedelta(days=90))
    ]
    assert laws.patience_s[0] == pytest.approx(
        voice["wait_s"].sum() / (voice["outcome"] == "abandoned").sum(), rel=0.02
    )
