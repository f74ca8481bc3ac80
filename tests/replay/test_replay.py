"""Weeks forecast again: leak-free, resumable, scored as by hand."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from wfo.errors import InputError
from wfo.pipeline.source import open_source
from wfo.replay import replay as verb
from wfo.replay.accuracy import ALL, accuracy
from wfo.replay.again import as_of_then
from wfo.replay.baselines import baselines
from wfo.replay.forecasts import LEVELS, QUANTILES
from wfo.replay.replay import replay
from wfo.replay.walk import walk
from wfo.replay.weeks import origins
from wfo.report.replay_page import write_replay_page
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.tables.data import Data
from wfo.timegrid import TimeGrid, epoch_min, local_midnight

ZONE = "Europe/Berlin"
LAST = dt.date(2025, 6, 30)
SAID = {
    "demand.overrides": {
        "heat": {"queue": "chat", "start": LAST, "factor": 1.5, "reason": "heat wave", "who": "Ada"},
        "strike": {
            "queue": "email",
            "start": LAST + dt.timedelta(days=1),
            "contacts": 40.0,
            "reason": "post office on strike",
            "who": "Ben",
        },
    }
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("replays")


@pytest.fixture(scope="module")
def frames():
    return {k: v for k, v in sample_centre("tiny").data.items() if k in ("interactions", "queue_intervals")}


@pytest.fixture(scope="module")
def found(runs, frames):
    scenario = load_scenario("tiny", set={"data.sample": None, **SAID})
    return replay(scenario, weeks=2, leads=(1, 2), runs=runs, data=Data(frames))


def test_every_week_and_lead_is_there(found):
    assert [(o.week.first, o.lead) for o in found.origins] == [
        (dt.date(2025, 6, 23), 2),
        (dt.date(2025, 6, 23), 1),
        (LAST, 2),
        (LAST, 1),
    ]
    for origin in found.origins:
        first = origin.week.first - dt.timedelta(weeks=origin.lead - 1)
        assert origin.week.now == local_midnight(first, ZONE)
    assert not found.missing


def test_what_comes_later_changes_no_forecast(runs, found, frames):
    """Everything known after the planning moment of the last week's lead 1 is poisoned, and then some."""
    now = pd.Timestamp(local_midnight(LAST, ZONE))
    log = frames["interactions"]
    later = log["started_at"] >= now
    shifted = log[later].assign(
        interaction_id=lambda f: "P" + f["interaction_id"],
        started_at=lambda f: f["started_at"] + pd.Timedelta("1h"),
    )
    poisoned = pd.concat([log, shifted], ignore_index=True)
    running = (poisoned["started_at"] < now) & (poisoned["ended_at"] > now)
    poisoned.loc[running, "handle_s"] = 99_999.0
    poisoned = poisoned.sort_values("started_at", kind="stable", ignore_index=True)
    scenario = load_scenario("tiny", set={"data.sample": None, **SAID})
    again = replay(
        scenario, weeks=2, leads=(1, 2), runs=runs, data=Data({**frames, "interactions": poisoned})
    )
    said = ["model", "planner", "mean_of_8", "naive", "scale", *QUANTILES]
    pd.testing.assert_frame_equal(again.intervals[said], found.intervals[said])
    of_week = again.intervals["week"] == LAST
    assert again.intervals.loc[of_week, "actual"].sum() > 1.5 * found.intervals.loc[of_week, "actual"].sum()
    # poison that was known then does tell: the test above can fail
    early = log["started_at"] < pd.Timestamp(local_midnight(LAST - dt.timedelta(weeks=3), ZONE))
    known = replay(
        scenario, weeks=2, leads=(1, 2), runs=runs, data=Data({**frames, "interactions": log[~early]})
    )
    assert not np.allclose(known.intervals["model"].sum(), found.intervals["model"].sum(), rtol=1e-3)


def test_scores_by_hand(found):
    row = _score(found, queue="chat", lead=1, method="model", grain="interval", week=str(LAST))
    cells = found.intervals[
        (found.intervals["queue"] == "chat")
        & (found.intervals["lead"] == 1)
        & (found.intervals["week"] == LAST)
    ]
    error = cells["model"] - cells["actual"]
    assert row["wape"] == pytest.approx(error.abs().sum() / cells["actual"].sum())
    assert row["bias"] == pytest.approx(error.sum() / cells["actual"].sum())
    assert row["mase"] == pytest.approx(error.abs().mean() / cells["scale"].mean())
    inside = (cells["actual"] >= cells["q100"]) & (cells["actual"] <= cells["q900"])
    assert row["cover_80"] == pytest.approx(inside.mean())
    assert row["cover_80_low"] <= row["cover_80"] <= row["cover_80_high"]
    naive = (cells["naive"] - cells["actual"]).abs().sum() / cells["actual"].sum()
    assert row["added_over_naive"] == pytest.approx(naive - row["wape"])
    loss = [
        np.maximum(p * (cells["actual"] - cells[c]), (p - 1) * (cells["actual"] - cells[c])).mean()
        for p, c in zip(LEVELS, QUANTILES, strict=True)
    ]
    assert row["pinball"] == pytest.approx(np.mean(loss) / cells["actual"].mean())
    assert cells["actual"].sum() > 50


def _score(found, **key):
    table = found.accuracy
    for name, value in key.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_the_staffed_queues_are_pooled_and_days_are_sums(found):
    whole = _score(found, queue=ALL, lead=1, method="model", grain="day", week=ALL)
    parts = found.accuracy[
        (found.accuracy["lead"] == 1)
        & (found.accuracy["method"] == "model")
        & (found.accuracy["grain"] == "interval")
        & (found.accuracy["week"] == ALL)
        & found.accuracy["queue"].isin(["voice_billing", "chat", "email"])
    ]
    assert whole["contacts"] == pytest.approx(parts["contacts"].sum())
    assert set(found.accuracy["queue"]) == {ALL, "voice_billing", "chat", "email", "web"}


def test_the_forecast_is_nearer_than_the_same_weekdays_last_week(found):
    for grain in ("interval", "day"):
        ours, naive = (
            _score(found, queue=ALL, lead=1, method=m, grain=grain, week=ALL) for m in ("model", "naive")
        )
        assert ours["wape"] < naive["wape"]


@pytest.mark.heavy
def test_of_a_larger_centre_it_is_nearer_than_the_mean_of_eight_same_weekdays(runs):
    data = sample_centre("standard").data
    given = Data({name: data[name] for name in ("interactions", "queue_intervals")})
    scenario = load_scenario("sample", set={"data.sample": None})
    larger = replay(scenario, weeks=3, leads=(1,), runs=runs / "larger", data=given)
    for grain in ("interval", "day"):
        ours, mean = (
            _score(larger, queue=ALL, lead=1, method=m, grain=grain, week=ALL) for m in ("model", "mean_of_8")
        )
        assert ours["wape"] < 0.97 * mean["wape"]
        assert abs(ours["bias"]) < 0.03


def test_baselines_are_the_same_weekdays_before(frames, found):
    log = frames["interactions"]
    now = local_midnight(LAST, ZONE)
    chat = log[(log["queue"] == "chat") & (log["started_at"] < pd.Timestamp(now))]
    at = pd.Timestamp("2025-07-03 15:30", tz=ZONE).tz_convert("UTC")
    counts = [
        chat["started_at"]
        .between(
            at - pd.Timedelta(weeks=k), at - pd.Timedelta(weeks=k) + pd.Timedelta("15min"), inclusive="left"
        )
        .sum()
        for k in range(1, 9)
    ]
    # no clock change lies in these weeks
    cell = found.intervals[
        (found.intervals["queue"] == "chat")
        & (found.intervals["interval_start"] == at)
        & (found.intervals["lead"] == 1)
    ].iloc[0]
    assert cell["naive"] == counts[0]
    assert cell["mean_of_8"] == pytest.approx(np.mean(counts))


def test_baselines_pass_over_closed_excluded_and_empty_days():
    from tests.forecasting import small

    spec = small.centre(calendar={"holidays": ["DE"], "excluded_days": ["2025-06-23"]})
    past = TimeGrid.of_days(small.WEEK - dt.timedelta(weeks=8), 56, zone=ZONE, step_min=60)
    day = past.local_day_number(ZONE)
    history = pd.DataFrame(
        {
            "queue": np.repeat(["voice", "email", "web"], past.n),
            "interval_start": past.starts[np.tile(np.arange(past.n), 3)],
            "offered": np.tile(np.where(day == 49, 0.0, 1.0 + day), 3),
        }
    )
    week = TimeGrid.of_days(small.WEEK, 7, zone=ZONE, step_min=60)
    table = baselines(spec, history, week)
    monday_noon = table.iloc[12]
    # Mondays are days 0, 7 … 49: 49 is empty, 42 excluded, 28 is Whit Monday, on which voice is closed
    assert monday_noon["naive"] == 36.0
    assert monday_noon["mean_of_8"] == np.mean([1, 8, 15, 22, 36])


def test_overrides_are_logged_and_scored(found):
    said = found.overrides[found.overrides["lead"] == 1].set_index("override")
    assert set(said["who"]) == {"Ada", "Ben"}
    assert said.loc["strike", "planner"] == pytest.approx(40.0, rel=0.02)
    assert said.loc["heat", "planner"] == pytest.approx(1.5 * said.loc["heat", "model"], rel=0.02)
    for row in said.itertuples():
        model, planner = abs(row.model - row.actual), abs(row.planner - row.actual)
        assert row.right == ("planner" if planner < model else "model")
        assert row.saved == pytest.approx(model - planner)
    planner = found.accuracy[found.accuracy["method"] == "planner"]
    assert set(planner["week"]) == {ALL, str(LAST)}


def test_the_page_shows_scores_and_overrides(found, tmp_path):
    page = write_replay_page(found, tmp_path).read_text(encoding="utf-8")
    for text in (
        "all staffed queues",
        "heat wave",
        "who was right",
        "Better than mean of 8",
        "a week ahead",
        "vegaEmbed",
    ):
        assert text.lower() in page.lower()


def test_what_was_finished_is_not_made_again(runs, found, frames, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("this week was kept and should not be judged again")

    monkeypatch.setattr(verb.ForecastAgain, "_judged", refuse)
    scenario = load_scenario("tiny", set={"data.sample": None, **SAID})
    again = replay(scenario, weeks=2, leads=(1, 2), runs=runs, data=Data(frames))
    pd.testing.assert_frame_equal(again.accuracy, found.accuracy)
    facts = json.loads((again.folder / "replay.json").read_text(encoding="utf-8"))
    assert facts["weeks"] == ["2025-06-23", "2025-06-30"]
    assert facts["leads"] == [1, 2]


def test_two_processes_find_the_same(runs, found, frames):
    scenario = load_scenario("tiny", set={"data.sample": None, **SAID})
    again = replay(scenario, weeks=2, leads=(1, 2), runs=runs, data=Data(frames), jobs=2)
    pd.testing.assert_frame_equal(again.intervals, found.intervals)


def test_weeks_that_cannot_be_are_named(runs, frames):
    scenario = load_scenario("tiny", set={"data.sample": None})
    log = frames["interactions"]
    gap = (log["started_at"] >= pd.Timestamp("2025-06-16", tz=ZONE)) & (
        log["started_at"] < pd.Timestamp("2025-06-23", tz=ZONE)
    )
    early = log["started_at"] >= pd.Timestamp("2025-05-26", tz=ZONE)
    source = open_source(scenario, Data({"interactions": log[~gap & early]}), runs / "data")
    asked, missing = origins(scenario, source, weeks=4, leads=(1, 4))
    assert [str(m) for m in missing] == [
        "week of 2025-06-09, lead 4: 0 days of data before the planning moment; it needs 14",
        "week of 2025-06-16: the data have no contact in it",
        "week of 2025-06-23, lead 4: 7 days of data before the planning moment; it needs 14",
    ]
    assert [(o.week.first.day, o.lead) for o in asked] == [(9, 1), (30, 4), (23, 1), (30, 1)]
    with pytest.raises(InputError, match="no week can be replayed: week of 2025-06-30, lead 9"):
        origins(scenario, source, weeks=1, leads=(9,))
    with pytest.raises(InputError, match="at least one week"):
        origins(scenario, source, weeks=0)


def test_a_week_in_which_the_data_end_is_no_whole_week(runs, frames):
    scenario = load_scenario("tiny", set={"data.sample": None})
    log = frames["interactions"]
    source = open_source(
        scenario,
        Data({"interactions": log[log["started_at"] < pd.Timestamp("2025-07-02", tz=ZONE)]}),
        runs / "data",
    )
    asked, missing = origins(scenario, source, weeks=2, leads=(1,))
    assert [o.week.first.isoformat() for o in asked] == ["2025-06-16", "2025-06-23"]
    assert [str(m) for m in missing] == ["week of 2025-06-30: the data end on 2025-07-01, before it does"]


def test_a_week_that_fails_does_not_stop_the_walk(runs, frames):
    scenario = load_scenario("tiny", set={"data.sample": None})
    source = open_source(scenario, Data(frames), runs / "data")
    asked, _ = origins(scenario, source, weeks=2, leads=(1,))

    def play(origin):
        if origin.week.first == LAST:
            raise InputError("nothing known")
        return origin.week.first

    steps = list(walk(asked, play))
    assert [(s.outcome, s.failed) for s in steps] == [(dt.date(2025, 6, 23), ""), (None, "nothing known")]
    with pytest.raises(InputError, match="jobs must be at least 1"):
        list(walk(asked, play, jobs=0))


def test_assumptions_about_the_planned_week_are_not_replayed():
    levers = {
        "now": {"what": "fresh", "factor": 2.0},
        "dated": {"what": "fresh", "factor": 3.0, "start": dt.date(2025, 6, 1)},
    }
    scenario = as_of_then(
        load_scenario("tiny", set={"demand.scale": 1.2, "initiatives": {"x": {"levers": levers}}})
    )
    assert scenario.demand.scale == 1.0
    assert [lever.factor for lever in scenario.levers()] == [3.0]


def test_lost_and_excluded_days_are_not_judged(runs, frames):
    log = frames["interactions"]
    day = pd.DatetimeIndex(log["started_at"]).tz_convert(ZONE).date
    lost = (day == LAST + dt.timedelta(days=2)) & (log["queue"] == "web").to_numpy()
    changes = {"data.sample": None, "centre.calendar.excluded_days": ["2025-07-01"]}
    done = replay(
        load_scenario("tiny", set=changes),
        weeks=1,
        leads=(1,),
        runs=runs,
        data=Data({"interactions": log[~lost]}),
    )
    dates = {q: set(part["schedule_date"].astype(str)) for q, part in done.days.groupby("queue")}
    assert "2025-07-01" not in dates["web"] | dates["chat"]
    assert "2025-07-02" not in dates["web"]
    assert "2025-07-02" in dates["chat"]


def test_intervals_of_a_perfect_forecast():
    grid = TimeGrid.of_days(LAST, 7, zone=ZONE, step_min=60)
    cells = pd.DataFrame(
        {"week": LAST, "lead": 1, "queue": "a", "interval_start": grid.starts, "actual": 5.0, "scale": 2.0}
    )
    cells["schedule_date"] = grid.local(ZONE).date
    for name in ("model", "planner", *QUANTILES):
        cells[name] = cells["actual"]
    cells["naive"], cells["mean_of_8"] = 4.0, 6.0
    table = accuracy(cells, cells, ["a"])
    best = table[(table["method"] == "model") & (table["queue"] == ALL) & (table["week"] == ALL)].iloc[0]
    assert best[["wape", "bias", "mase", "pinball"]].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert best["cover_80"] == 1.0
    assert best["added_over_naive"] == pytest.approx(0.2)
    worst = table[(table["method"] == "naive") & (table["queue"] == ALL) & (table["week"] == ALL)].iloc[0]
    assert worst["mase"] == 0.5
    assert worst["bias"] == pytest.approx(-0.2)
    assert np.isnan(worst["cover_80"])
    assert epoch_min(cells["interval_start"])[0] == grid.start_min
