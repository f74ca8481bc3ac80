"""Rules hold across the boundary to the weeks published before, from data and from earlier runs."""

import datetime as dt

import pandas as pd
import pytest

from wfo.pipeline.publish import publish
from wfo.pipeline.published import joined, published_weeks
from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario
from wfo.scheduling.checker import check_schedule
from wfo.tables.parquet import write_frame


def rows(agent, day, hour=8):
    start = pd.Timestamp(f"{day} {hour:02d}:00", tz="UTC").as_unit("us")
    return pd.DataFrame(
        {
            "agent_id": [agent],
            "start": [start],
            "end": [start + pd.Timedelta(hours=8)],
            "schedule_date": [dt.date.fromisoformat(day)],
        }
    )


def put(runs, week, version, frame):
    folder = runs / "published" / week / f"v{version}"
    folder.mkdir(parents=True)
    write_frame(frame, folder / "schedule.parquet")


def test_the_newest_version_of_each_earlier_week_counts(tmp_path):
    put(tmp_path, "2025-06-30", 2, rows("A", "2025-06-30", 9))
    put(tmp_path, "2025-06-30", 10, rows("A", "2025-06-30", 10))
    put(tmp_path, "2025-07-07", 1, rows("A", "2025-07-07"))
    put(tmp_path, "2025-05-05", 1, rows("A", "2025-05-05"))
    found = published_weeks(tmp_path, dt.date(2025, 7, 7))
    assert found["start"].dt.hour.tolist() == [10]


def test_nothing_published_is_an_empty_table(tmp_path):
    assert published_weeks(tmp_path, dt.date(2025, 7, 7)).empty


def test_published_runs_stand_in_place_of_the_data_on_their_days():
    data = pd.concat([rows("A", "2025-06-29"), rows("A", "2025-06-30"), rows("B", "2025-06-30")])
    found = joined(data, rows("A", "2025-06-30", 12))
    assert found["schedule_date"].astype(str).tolist() == ["2025-06-29", "2025-06-30"]
    assert joined(None, rows("A", "2025-06-30")) is not None
    assert joined(data, data.head(0)) is data


@pytest.fixture(scope="module")
def two_weeks(tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    first = run("tiny", runs=runs, effort="quick")
    publish(first.folder, runs)
    second = load_scenario("tiny", set={"week.start": "2025-07-14"})
    return first, run(second, runs=runs, effort="quick")


def test_the_week_after_a_published_one_keeps_the_rules_across_the_boundary(two_weeks):
    first, second = two_weeks
    sample = sample_centre("tiny")
    before = joined(sample.data["published_schedule"], first.frame("schedule"))
    breaches = check_schedule(
        second.frame("schedule"),
        centre=sample.centre,
        agents=sample.data["agents"],
        published=before,
        grid=second.week.grid,
    )
    # the first week leaves everybody a legal second one
    assert breaches.empty, breaches.to_string()
    assert not second.reasons
