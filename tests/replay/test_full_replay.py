"""Plans of past weeks: leak-free, judged by what came, resumable, and what cannot be played is told."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from wfo.effort import Effort
from wfo.errors import RunError
from wfo.pipeline.source import open_source
from wfo.replay.again import as_of_then
from wfo.replay.frontier import level_table
from wfo.replay.full import full_replay
from wfo.replay.ladder import LadderAgain, known_volumes
from wfo.replay.then import then, timeless
from wfo.replay.weeks import origins
from wfo.report.promise_page import write_promise_page
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.tables.data import Data
from wfo.timegrid import local_midnight

ZONE = "Europe/Berlin"
LAST = dt.date(2025, 6, 30)
SET = {"data.sample": None, "forecast.method": "two_level", "replications": 5, "staff.correction_weeks": 0}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("replays")


@pytest.fixture(scope="module")
def frames():
    return dict(sample_centre("tiny").data.items())


@pytest.fixture(scope="module")
def found(runs, frames):
    scenario = load_scenario("tiny", set=SET)
    return full_replay(
        scenario,
        weeks=1,
        runs=runs,
        effort=Effort.QUICK,
        data=Data(frames),
        finishers=(write_promise_page,),
    )


def test_promise_and_reality_of_every_queue(found, frames):
    week = found.promises[found.promises["grain"] == "week"]
    service = week[week["metric"].isin(("service_level", "response_within"))].set_index("queue")
    assert set(service.index) == {"voice_billing", "chat", "email"}
    assert service[["promised", "realised", "p_met"]].notna().all(axis=None)
    assert (service["status"] == "judged").all()
    log = frames["interactions"]
    came = log[(log["queue"] == "chat") & (log["started_at"] >= pd.Timestamp(local_midnight(LAST, ZONE)))]
    volume = week[(week["queue"] == "chat") & (week["metric"] == "volume")]["realised"].iloc[0]
    told = found.notes[(found.notes["queue"] == "chat")]["contacts"].sum()
    assert volume + told == len(came)
    steps = found.causes[["fractional", "rounding", "forecast", "handle_time", "luck"]].sum(axis=1)
    np.testing.assert_allclose(steps, found.causes["realised"])
    assert any("availability" in line for line in found.assumptions)


def test_what_comes_later_changes_no_promise_but_reality(runs, frames, found):
    now = pd.Timestamp(local_midnight(LAST, ZONE))
    log, states = frames["interactions"], frames["agent_states"]
    later = log["started_at"] >= now
    again = log[later].assign(
        interaction_id=lambda f: "P" + f["interaction_id"],
        started_at=lambda f: f["started_at"] + pd.Timedelta("10min"),
        ended_at=lambda f: f["ended_at"] + pd.Timedelta("40min"),
        handle_s=lambda f: f["handle_s"] * 3,
    )
    plan = frames["published_schedule"]
    earlier = np.array([day < LAST for day in plan["schedule_date"]])
    poisoned = {
        **frames,
        "interactions": pd.concat([log, again]).sort_values("started_at", ignore_index=True),
        "agent_states": states.assign(state=states["state"].where(states["end"] <= now, "sick")),
        "published_schedule": plan[earlier].reset_index(drop=True),
        "evaluations": frames["evaluations"].assign(
            score=lambda f: f["score"].where(f["evaluated_at"] <= now, 0.0)
        ),
    }
    scenario = load_scenario("tiny", set=SET)
    other = full_replay(scenario, weeks=1, runs=runs / "poisoned", effort=Effort.QUICK, data=Data(poisoned))
    said = ["queue", "metric", "day", "promised", "low", "high", "p_met", "target"]
    pd.testing.assert_frame_equal(other.promises[said], found.promises[said])
    pd.testing.assert_frame_equal(other.costs, found.costs)
    key = (found.promises["metric"] == "volume") & (found.promises["grain"] == "week")
    assert (other.promises.loc[key, "realised"] > 1.5 * found.promises.loc[key, "realised"]).all()


def test_the_folder_holds_tables_and_a_page_that_needs_no_network(found):
    facts = json.loads((found.folder / "replay.json").read_text(encoding="utf-8"))
    assert facts["weeks"] == ["2025-06-30"]
    assert len(pd.read_csv(found.folder / "promises.csv")) == len(found.promises)
    page = (found.folder / "replay.html").read_text(encoding="utf-8")
    assert "does the plan come true?" in page
    assert "Where the miss came from" in page
    assert "<script src" not in page


def test_weeks_without_enough_history_are_named_and_counts_alone_are_refused(runs, frames):
    scenario = load_scenario("tiny", set=SET)
    counts = {k: v for k, v in frames.items() if k != "interactions"}
    with pytest.raises(RunError, match="--until forecast"):
        full_replay(scenario, weeks=1, runs=runs, effort=Effort.QUICK, data=Data(counts))


def test_a_published_week_of_later_is_not_known(frames, runs):
    scenario = load_scenario("tiny", set=SET)
    source = open_source(scenario, Data(frames), runs / ".cache" / "data")
    now = local_midnight(LAST, ZONE)
    cut = then(source, LAST)
    assert max(cut.known("published_schedule", now)["schedule_date"]) < LAST
    assert max(source.known("published_schedule", now)["schedule_date"]) >= LAST
    assert cut.hash_of("published_schedule", now) != source.hash_of("published_schedule", now)
    assert cut.hash_of("interactions", now) == source.hash_of("interactions", now)
    assert "agents" in timeless(source)
    assert "interactions" not in timeless(source)


@pytest.mark.heavy
def test_planners_differ_in_what_they_know_alone(runs, frames):
    scenario = as_of_then(load_scenario("tiny", set={**SET, "evaluate.prices": False}))
    source = open_source(scenario, Data(frames), runs / ".cache" / "data")
    (origin,), _ = origins(scenario, source, weeks=1, leads=(1,))
    play = LadderAgain(scenario, source, runs / ".cache", Effort.QUICK, levels=(1.0,))
    table = play(origin)["ladder"]
    levels = level_table(table, scenario).set_index("planner")
    assert list(levels.index) == ["a", "b", "c", "d", "e"]
    assert levels["service"].between(0.5, 1.0).all()
    assert levels["cost"].gt(0).all()
    pd.testing.assert_frame_equal(play(origin)["ladder"], table)


def test_the_clairvoyant_is_certain_of_what_came():
    import wfo
    from wfo.forecasting.settings import ForecastSettings
    from wfo.timegrid import TimeGrid

    sample = sample_centre("tiny")
    grid = TimeGrid.of_days(LAST, 7, zone=ZONE, step_min=30)
    now = local_midnight(LAST, ZONE)
    known = sample.data.before(now)["interactions"]
    given = wfo.ForecastInputs(sample.centre, grid, now, interactions=known)
    forecast = wfo.forecast(given, ForecastSettings(method="two_level"), seed=1)
    came = np.arange(4 * grid.n, dtype=float).reshape(4, grid.n)
    certain = known_volumes(forecast, came)
    np.testing.assert_array_equal(certain.expected(), came)
    assert certain.day_cv().max() == 0.0
    assert forecast.day_cv().max() > 0.0


def test_the_command_line_refuses_what_does_not_go_together():
    from click.testing import CliRunner

    from wfo.cli.replay import command

    runner = CliRunner()
    both = runner.invoke(command, ["tiny", "--until", "forecast", "--ladder"])
    assert both.exit_code == 2
    assert "leave out --until forecast" in both.output
    leads = runner.invoke(command, ["tiny", "--lead", "0"])
    assert leads.exit_code == 2
    assert "write 1,2,4" in leads.output
