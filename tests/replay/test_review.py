"""Last week's review: what was planned beside what came, and a split that adds up."""

import datetime as dt
import json
import shutil

import numpy as np
import pandas as pd
import pytest

from wfo.pipeline.review import last_week
from wfo.pipeline.review_steps import STEPS, steps_of
from wfo.pipeline.source import open_source
from wfo.pipeline.week import PlanningWeek
from wfo.report.review import queue_rows
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.staffing.erlang import performance
from wfo.tables.data import Data
from wfo.tables.history import interval_counts
from wfo.tables.parquet import write_frame
from wfo.timegrid import TimeGrid, local_midnight

ZONE = "Europe/Berlin"
FIRST = dt.date(2025, 6, 30)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A runs folder in which the sample's own last week is published, planned as it came but for chats."""
    runs = tmp_path_factory.mktemp("runs")
    sample = sample_centre("tiny")
    scenario = load_scenario("tiny")
    grid = TimeGrid.of_days(FIRST, 7, zone=ZONE, step_min=15)
    log = sample.data["interactions"]
    queues = scenario.centre.staffed_ids
    forecast, seen, days = [], [], []
    for queue in queues:
        own = log[log["queue"] == queue]
        at = grid.locate(own["started_at"])
        came = np.bincount(at[(at >= 0) & (at < grid.n)], minlength=grid.n).astype(float)
        factor = 0.5 if queue == "chat" else 1.0
        forecast.append(
            pd.DataFrame(
                {
                    "queue": queue,
                    "interval_start": grid.starts,
                    "volume_mean": came * factor,
                    "handle_s_mean": own["handle_s"].mean(),
                }
            )
        )
        seen.append(pd.DataFrame({"queue": queue, "interval_start": grid.starts, "scheduled": 2.0}))
        dates = [FIRST + dt.timedelta(days=d) for d in range(7)]
        days.append(pd.DataFrame({"queue": queue, "day": dates, "predicted": 0.9}))
    plan = sample.data["published_schedule"]
    plan = plan[[d >= FIRST for d in plan["schedule_date"]]].reset_index(drop=True)
    folder = runs / "published" / FIRST.isoformat() / "v1"
    folder.mkdir(parents=True)
    tables = {"forecast": pd.concat(forecast), "intervals": pd.concat(seen), "days": pd.concat(days)}
    for name, frame in {**tables, "schedule": plan}.items():
        write_frame(frame.reset_index(drop=True), folder / f"{name}.parquet")
    return runs, scenario, sample


def review(published, data, week=None):
    runs, scenario, _ = published
    source = open_source(scenario, Data(data), runs / ".cache" / "data")
    nxt = FIRST + dt.timedelta(weeks=1)
    now = local_midnight(nxt, ZONE)
    grid = TimeGrid.of_days(nxt, 7, zone=ZONE, step_min=15)
    return last_week(runs, source, week or PlanningWeek(now, nxt, grid), scenario)


def test_planned_and_came_by_queue_and_day(published):
    sample = published[2]
    found = review(published, dict(sample.data))
    table = found["review"]
    chat = table[table["queue"] == "chat"]
    assert chat["volume"].sum() == pytest.approx(2 * chat["volume_planned"].sum())
    log = sample.data["interactions"]
    begin = pd.Timestamp(local_midnight(FIRST, ZONE))
    own = log[(log["queue"] == "chat") & (log["started_at"] >= begin)]
    assert chat["volume"].sum() == len(own)
    took = np.average(chat["handle"].dropna(), weights=chat.loc[chat["handle"].notna(), "volume"])
    assert took == pytest.approx(own["handle_s"].mean(), rel=0.1)
    # half as many chats were planned as came: volume is what cost service
    assert (chat["by_volume"] < 0).all()
    # the week's work is that of its contacts and of none else: nothing is in hand on Monday at midnight
    done = log[(log["queue"] == "voice_billing") & (log["started_at"] >= begin) & log["answered_at"].notna()]
    worked = table.loc[table["queue"] == "voice_billing", ["work", "work_planned"]].sum()
    assert worked["work"] == pytest.approx(done["handle_s"].sum() / 3600, rel=1e-6)
    planned = table["volume_planned"] * table["handle_planned"] / 3600
    np.testing.assert_allclose(table["work_planned"], planned.fillna(0.0), rtol=1e-9)
    split = table.dropna(subset=["by_volume", "realised"])
    np.testing.assert_allclose(
        split[[*STEPS, "rest"]].sum(axis=1), split["realised"] - split["promised"], atol=1e-12
    )
    voice = table[table["queue"] == "voice_billing"]
    np.testing.assert_allclose(voice["by_volume"], 0.0, atol=1e-12)
    kept = found["review_adherence"]
    assert kept["adherence"].between(0.5, 1.0).all()
    assert kept["conformance"].between(0.5, 1.2).all()
    agents = found["review_agents"]
    assert (agents.groupby("day")["agent_id"].nunique().to_numpy() == kept["agents"].to_numpy()).all()
    for name in ("scheduled_min", "adherent_min", "work_min", "worked_min"):
        np.testing.assert_allclose(agents.groupby("day")[name].sum(), kept[name])
    assert {r["queue"] for r in queue_rows(table)} == {"voice billing", "chat", "email"}
    assert table.loc[table["queue"] == "email", "realised"].isna().all()


@pytest.mark.parametrize("step_min", [15, 30])
def test_counts_alone_give_the_same_review_where_they_hold_as_much(published, step_min):
    sample = published[2]
    log = sample.data["interactions"]
    counts = interval_counts(log, step_min=step_min)
    in_time = log[(log["wait_s"] <= 20) & (log["outcome"] != "abandoned")]
    timely = interval_counts(in_time, step_min=step_min).set_index(["queue", "interval_start"])["answered"]
    counts["answered_in_target"] = timely.reindex(
        counts.set_index(["queue", "interval_start"]).index
    ).to_numpy()
    counts["answered_in_target"] = counts["answered_in_target"].fillna(0.0)
    given = {name: frame for name, frame in sample.data.items() if name != "interactions"}
    ours = review(published, {**given, "queue_intervals": counts})["review"]
    whole = review(published, dict(sample.data))["review"]
    same = ["queue", "day", "volume", "realised", "of"] + ["handle"] * (step_min == 15)
    voice = [table[table["queue"] == "voice_billing"].reset_index(drop=True) for table in (ours, whole)]
    pd.testing.assert_frame_equal(*(table[same] for table in voice))
    np.testing.assert_allclose(voice[0]["handle"], voice[1]["handle"], rtol=0.02)
    assert ours["work"].isna().all()
    bare = review(published, {**given, "queue_intervals": counts.drop(columns="abandoned_short")})["review"]
    assert bare["realised"].isna().all()


def test_absence_of_the_week_shows_as_shrinkage(published):
    sample = published[2]
    states = sample.data["agent_states"]
    monday = states["start"].dt.tz_convert(ZONE).dt.date == FIRST
    work = states["state"] == "on_queue"
    away = states.assign(
        state=states["state"].where(~(monday & work & (states["agent_id"] < "A010")), "sick")
    )
    table = review(published, {**sample.data, "agent_states": away})["review"]
    chat = table[table["queue"] == "chat"].set_index("day")
    assert chat.loc[FIRST, "lost"] > 0.3
    assert chat.loc[FIRST, "by_shrinkage"] < -0.05


def test_nothing_to_review_is_no_error(published):
    sample = published[2]
    states = {k: v for k, v in sample.data.items() if k != "agent_states"}
    found = review(published, states)
    assert "review_adherence" not in found
    assert found["review"]["hours"].isna().all()
    first = FIRST + dt.timedelta(weeks=4)
    later = PlanningWeek(
        local_midnight(first, ZONE), first, TimeGrid.of_days(first, 7, zone=ZONE, step_min=15)
    )
    assert review(published, dict(sample.data), later) == {}
    nxt = FIRST + dt.timedelta(weeks=1)
    grid = TimeGrid.of_days(nxt, 7, zone=ZONE, step_min=15)
    early = PlanningWeek(local_midnight(FIRST + dt.timedelta(days=2), ZONE), nxt, grid)
    assert review(published, dict(sample.data), early) == {}


def _by_volume(scenario, patience_s, queue="chat"):
    """A day on which half as much again came as 10 positions were planned for."""
    grid = TimeGrid.of_days(FIRST, 1, zone=ZONE, step_min=15)
    arrays = {
        "planned": np.full(grid.n, 20.0), "handle_planned": np.full(grid.n, 300.0),
        "came": np.full(grid.n, 30.0), "handle": np.full(grid.n, 300.0), "positions": np.full(grid.n, 10.0),
    }  # fmt: skip
    steps = steps_of(queue, arrays, 0.0, np.nan, np.nan, patience_s, scenario, grid)
    assert steps[1:] == (0.0, 0.0, 0.0)
    return steps[0]


def test_the_split_counts_short_abandons_and_room_in_line_as_service_does():
    settings = {
        "centre.queues.voice_billing.short_abandon_s": "0",
        "centre.queues.voice_billing.patience_s": "60",
    }
    plain = load_scenario("tiny", set=settings)
    # M/M/10+M at 6.67 and 10 Erlangs with a patience of 60 s, and with endless patience
    after, before = (performance(rate, 300, 10, patience_s=60) for rate in (120, 80))
    whole = after.service_level() - before.service_level()
    assert _by_volume(plain, 60.0, "voice_billing") == pytest.approx(float(whole))
    endless = _by_volume(plain, np.inf, "voice_billing")
    assert endless < _by_volume(plain, 60.0, "voice_billing") - 0.1
    # who gives up within 5 s is left out of service, more of them where more came
    short = load_scenario("tiny", set={**settings, "centre.queues.voice_billing.short_abandon_s": "5"})
    assert _by_volume(short, 60.0, "voice_billing") > _by_volume(plain, 60.0, "voice_billing")
    # with no room in line nobody waits, and who finds all busy is lost
    full = load_scenario("tiny", set={**settings, "centre.queues.voice_billing.most_waiting": "0"})
    blocked = _erlang_b(10, 10.0) - _erlang_b(10, 20 / 3)
    assert _by_volume(full, np.inf, "voice_billing") == pytest.approx(-blocked)


def _erlang_b(positions, load):
    """The recursion that every textbook has."""
    out = 1.0
    for n in range(1, positions + 1):
        out = load * out / (n + load * out)
    return out


def test_the_split_takes_the_patience_of_the_published_plan(published, tmp_path):
    runs, scenario, sample = published
    shutil.copytree(runs / "published", tmp_path / "published")
    folder = tmp_path / "published" / FIRST.isoformat() / "v1"
    queues = list(scenario.centre.queues)

    def chats(patience_s):
        told = {"queues": queues, "patience_s": [patience_s] * len(queues)}
        (folder / "forecast_model.json").write_text(json.dumps(told))
        table = review((tmp_path, scenario, sample), dict(sample.data))["review"]
        return table.loc[table["queue"] == "chat", "by_volume"]

    # twice as many chats as planned: the more patient, the longer everybody's wait
    assert (chats(30.0) > chats(None)).all()
