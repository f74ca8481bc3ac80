"""The bank's week is planned from the calls before it, and compared with what came."""

import html
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bank import ZONE

from wfo.pipeline.run import run
from wfo.report.accuracy import accuracy_rows
from wfo.report.html import write_html
from wfo.report.run_files import RunFiles
from wfo.scenario.load import load_scenario
from wfo.tables.history import interval_counts
from wfo.tables.read import read_data
from wfo.tables.result import Status


@pytest.fixture(scope="module")
def scenario(bank):
    return load_scenario(Path(__file__).parent / "bank.yaml", set={"data.folder": str(bank[0])})


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def forecast(scenario, runs):
    return run(scenario, runs=runs, until="forecast").frame("forecast")


@pytest.fixture(scope="module")
def planned(scenario, runs, forecast):
    return run(scenario, runs=runs, effort="quick")


@pytest.fixture(scope="module")
def counts(bank):
    return interval_counts(bank[1].frame, step_min=30).set_index(["queue", "interval_start"])["offered"]


def same_weekdays(keys, counts, excluded):
    """The mean of the same half hour of the weeks before, as many as there are."""
    total, weeks = np.zeros(len(keys)), np.zeros(len(keys))
    first = counts.index.get_level_values(1).min()
    for back in range(1, 8):
        start = keys["interval_start"] - pd.Timedelta(weeks=back)
        there = ((start >= first) & ~start.dt.tz_convert(ZONE).dt.date.isin(excluded)).to_numpy()
        seen = counts.reindex(pd.MultiIndex.from_arrays([keys["queue"], start]), fill_value=0.0).to_numpy()
        total += np.where(there, seen, 0.0)
        weeks += there
    return total / weeks


def test_the_forecast_is_near_what_came_and_no_worse_than_a_plain_mean_by_a_tenth(forecast, counts, scenario):
    keys = pd.MultiIndex.from_frame(forecast[["queue", "interval_start"]])
    came = counts.reindex(keys, fill_value=0.0).to_numpy()
    plain = same_weekdays(forecast, counts, scenario.centre.calendar.excluded_days)
    table = pd.DataFrame({"came": came, "ours": forecast["volume_mean"].to_numpy(), "plain": plain})
    opened = (table["ours"] > 0).to_numpy()
    pooled = table[opened].groupby(forecast.loc[opened, "interval_start"].to_numpy()).sum()
    ours = (pooled["came"] - pooled["ours"]).abs().sum() / pooled["came"].sum()
    baseline = (pooled["came"] - pooled["plain"]).abs().sum() / pooled["came"].sum()
    assert ours < 0.30
    assert ours < 1.1 * baseline
    assert pooled["ours"].sum() == pytest.approx(pooled["came"].sum(), rel=0.15)


def test_four_of_five_intervals_come_between_low_and_high(forecast, counts):
    keys = pd.MultiIndex.from_frame(forecast[["queue", "interval_start"]])
    came = counts.reindex(keys, fill_value=0.0).to_numpy()
    busy = (forecast["volume_mean"] > 5).to_numpy()
    inside = (came >= forecast["volume_p10"]) & (came <= forecast["volume_p90"])
    assert 0.65 < inside[busy].mean() < 0.95


def test_what_comes_outside_opening_hours_is_shown_and_not_staffed(planned):
    actuals = pd.read_parquet(planned.folder / "actuals.parquet")
    forecast = planned.frame("forecast").set_index(["queue", "interval_start"])["volume_mean"]
    keys = pd.MultiIndex.from_frame(actuals[["queue", "interval_start"]])
    outside = actuals.loc[forecast.reindex(keys).to_numpy() == 0, "offered"].sum()
    assert 0 < outside < 0.02 * actuals["offered"].sum()
    needed = planned.frame("requirement").set_index(["queue", "interval_start"])["positions"]
    assert needed[forecast.reindex(needed.index) == 0].sum() == 0


def test_the_page_sets_the_forecast_beside_what_came_and_the_plain_mean(planned, counts, scenario):
    rows = {row["queue"]: row for row in accuracy_rows(RunFiles(planned.folder))}
    together = rows.pop("all staffed queues together")
    assert set(rows) == {q.replace("_", " ") for q in scenario.centre.queues}
    frame = planned.frame("forecast")
    keys = pd.MultiIndex.from_frame(frame[["queue", "interval_start"]])
    frame["came"] = counts.reindex(keys, fill_value=0.0).to_numpy()
    frame["plain"] = same_weekdays(frame, counts, scenario.centre.calendar.excluded_days)
    frame = frame[frame["volume_mean"] > 0]
    assert together["actual"] == f"{frame['came'].sum():,.0f}"
    pooled = frame.groupby("interval_start")[["came", "plain"]].sum()
    wape = (pooled["plain"] - pooled["came"]).abs().sum() / pooled["came"].sum()
    assert float(together["usual_wape"].split(" ")[0]) == pytest.approx(100 * wape, abs=0.2)
    assert int(together["closed"]) == sum(int(row["closed"]) for row in rows.values()) > 0
    page = write_html(planned.folder).read_text(encoding="utf-8")
    for said in (
        "No roster",
        "nothing is claimed against",
        "Shrinkage is assumed to be 0",
        "Came while closed",
    ):
        assert said in page
    assert "outside its opening hours; they are kept and not staffed" in html.unescape(page)


def test_the_week_is_planned_within_the_stated_contract(planned, bank):
    assert planned.status is Status.DONE
    assert any("No roster" in line for line in planned.manifest["assumptions"])
    data = read_data(bank[0])
    schedule = planned.frame("schedule")
    skills = data["agent_skills"].groupby("agent_id")["skill"].agg(set)
    assert set(schedule["agent_id"]) <= set(skills.index)
    for agent, queues in zip(schedule["agent_id"], schedule["queues"], strict=True):
        assert set(queues) <= skills[agent]
    shifts = (
        schedule.groupby(["agent_id", "shift_id"])
        .agg(start=("start", "min"), end=("end", "max"))
        .reset_index()
    )
    shifts = shifts.sort_values(["agent_id", "start"])
    hours = (shifts["end"] - shifts["start"]).dt.total_seconds() / 3600
    assert hours.between(5, 8.5).all()
    week = hours.groupby(shifts["agent_id"])
    assert (week.size() <= 6).all()
    assert (week.sum() <= 45).all()
    same = shifts["agent_id"].eq(shifts["agent_id"].shift())
    rest = (shifts["start"] - shifts["end"].shift()).dt.total_seconds() / 3600
    assert (rest[same] >= 8).all()
    local = shifts["start"].dt.tz_convert(ZONE)
    assert local.dt.hour.between(7, 19).all()


def test_somebody_is_there_whenever_it_is_open(planned):
    forecast = planned.frame("forecast")
    opened = forecast.loc[forecast["volume_mean"] > 0, "interval_start"].unique()
    schedule = planned.frame("schedule")
    work = schedule[schedule["kind"] == "work"]
    there = [((work["start"] <= t) & (work["end"] > t)).sum() for t in opened]
    assert min(there) >= 1


def test_the_scorecard_says_how_likely_each_target_is(planned):
    scorecard = planned.frame("scorecard")
    service = scorecard[(scorecard["metric"] == "service_level") & (scorecard["scope"] == "regular")]
    assert len(service) >= 1
    assert service["p_met"].between(0, 1).all()
    assert service["predicted"].between(0, 1).all()
