"""The page, the workbook and the calendars of a small run made by hand."""

import datetime as dt
import json

import openpyxl
import pandas as pd
import pytest
from icalendar import Calendar

from wfo.errors import StoreError
from wfo.report.accuracy import accuracy_rows
from wfo.report.calendars import write_calendars
from wfo.report.excel import write_excel
from wfo.report.html import write_html
from wfo.report.run_files import RunFiles
from wfo.report.views import coverage, positions_on_duty, volumes
from wfo.report.words import amount, chance, spread

SCENARIO = """
name: A <b>small</b> week
effort: normal
week: {grid_min: 30}
centre:
  zone: Europe/Berlin
  currency: EUR
  queues:
    voice: {channel: voice, law: immediate}
    web: {channel: web, law: unstaffed}
"""


def at(text):
    return pd.Timestamp(text, tz="Europe/Berlin").tz_convert("UTC").as_unit("us")


def segment(agent, start, end, activity="work", kind="work"):
    return {
        "agent_id": agent,
        "start": at(start),
        "end": at(end),
        "schedule_date": dt.date(2025, 7, 7),
        "shift_id": f"{agent}/2025-07-07",
        "site": "berlin",
        "activity": activity,
        "kind": kind,
        "paid": activity != "lunch",
        "locked": False,
        "queues": ["voice"] if kind == "work" else [],
        "activity_request_id": None,
    }


@pytest.fixture
def folder(tmp_path):
    run = tmp_path / "week" / "base"
    run.mkdir(parents=True)
    (run / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    manifest = {
        "seed": 1,
        "effort": "quick",
        "replications": 20,
        "stages": {"schedule": {"status": "feasible", "gap": 0.01, "notes": ["n"]}},
    }
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    schedule = pd.DataFrame(
        [
            segment("A1", "2025-07-07 08:00", "2025-07-07 10:00"),
            segment("A1", "2025-07-07 10:00", "2025-07-07 10:30", "lunch", "break"),
            segment("A1", "2025-07-07 10:30", "2025-07-07 12:00"),
            segment("A2", "2025-07-07 09:15", "2025-07-07 11:00"),
        ]
    )
    schedule.to_parquet(run / "schedule.parquet")
    starts = pd.date_range(at("2025-07-07 08:00"), periods=8, freq="30min")
    pd.DataFrame(
        {
            "queue": "voice",
            "interval_start": starts,
            "law": "immediate",
            "positions": 1.0,
            "positions_with_shrinkage": 1.5,
        }
    ).to_parquet(run / "requirement.parquet")
    pd.DataFrame(
        {
            "queue": "voice",
            "interval_start": starts,
            "volume_mean": 10.0,
            "volume_p10": 6.0,
            "volume_p90": 14.0,
        }
    ).to_parquet(run / "forecast.parquet")
    pd.DataFrame({"queue": "voice", "interval_start": starts, "offered": [9, 11] * 4}).to_parquet(
        run / "actuals.parquet"
    )
    pd.DataFrame({"text": ["Mon 10:00–10:30: 74 % expected"]}).to_parquet(run / "worst.parquet")
    return run


def test_coverage_takes_breaks_off_and_averages_within_an_interval(folder):
    week = coverage(RunFiles(folder)).set_index("time")
    assert week.loc["08:00", "scheduled"] == 1
    assert week.loc["09:00", "scheduled"] == 1.5
    assert week.loc["10:00", "scheduled"] == 1
    assert week.loc["11:00", "net"] == -0.5


def test_coverage_keeps_to_the_grid_where_shifts_begin_between_intervals(folder):
    schedule = pd.read_parquet(folder / "schedule.parquet")
    early = pd.DataFrame(
        [
            segment("A3", "2025-07-07 07:20", "2025-07-07 12:10"),
            segment("A3", "2025-07-06 00:00", "2025-07-07 00:00", "time_off", "time_off"),
        ]
    )
    pd.concat([schedule, early]).to_parquet(folder / "schedule.parquet")
    week = coverage(RunFiles(folder)).set_index("time")
    assert (week.index[0], week.index[-1], len(week)) == ("07:00", "12:00", 11)
    assert week["required"].sum() == 8 * 1.5
    assert week["scheduled"].tolist()[:3] == [pytest.approx(1 / 3), 1, 2]
    assert week.loc["12:00", "scheduled"] == pytest.approx(1 / 3)


def test_agents_of_one_name_are_told_apart(folder):
    pd.DataFrame({"agent_id": ["A1", "A2"], "name": "Ana Silva"}).to_parquet(folder / "agents.parquet")
    assert RunFiles(folder).agents["name"].tolist() == ["Ana Silva (A1)", "Ana Silva (A2)"]
    book = openpyxl.load_workbook(write_excel(folder))
    rows = {row[1]: row[2] for row in book["week"].iter_rows(min_row=2, values_only=True)}
    assert rows["Ana Silva (A2)"] == "09:15–11:00"


def test_calendars_of_ids_that_are_no_file_names(folder, tmp_path):
    segments = pd.DataFrame([segment("x/1", "2025-07-07 08:00", "2025-07-07 10:00")])
    segments.to_parquet(folder / "schedule.parquet")
    assert [p.name for p in write_calendars(folder, tmp_path / "ics")] == ["x%2F1.ics"]


def test_the_forecast_stands_beside_what_came_and_the_plain_mean(folder):
    forecast = pd.read_parquet(folder / "forecast.parquet")
    forecast.loc[7, ["volume_mean", "volume_p10", "volume_p90"]] = 0.0  # closed from 11:30
    forecast.to_parquet(folder / "forecast.parquet")
    came = pd.read_parquet(folder / "actuals.parquet")
    came.drop(index=2).to_parquet(folder / "actuals.parquet")  # nothing came at 09:00
    weeks = [forecast["interval_start"] - pd.Timedelta(weeks=k) for k in (1, 2)]
    past = [
        pd.DataFrame({"queue": "voice", "interval_start": w, "offered": v})
        for w, v in zip(weeks, (12.0, 6.0), strict=True)
    ]
    pd.concat(past).to_parquet(folder / "history.parquet")
    (row,) = accuracy_rows(RunFiles(folder))
    # 9, 11, 0, 11, 9, 11, 9 while open
    assert (row["forecast"], row["usual"], row["actual"], row["closed"]) == ("70", "63", "60", "11")
    assert row["wape"] == f"{100 * (6 * 1 + 10) / 60:.1f} %"
    assert row["usual_wape"] == f"{100 * (3 * 0 + 3 * 2 + 9) / 60:.1f} %"
    assert row["inside"] == f"{100 * 6 / 7:.0f} %"
    assert volumes(RunFiles(folder))["actual"].tolist() == [9, 11, 0, 11, 9, 11, 9, 11]
    scenario = (folder / "scenario.yaml").read_text(encoding="utf-8")
    left_out = scenario + "  calendar: {excluded_days: [2025-06-23]}\n"
    (folder / "scenario.yaml").write_text(left_out, encoding="utf-8")
    assert accuracy_rows(RunFiles(folder))[0]["usual"] == "84"


def test_nobody_is_on_duty_without_a_schedule():
    starts = pd.date_range("2025-07-07", periods=3, freq="15min", tz="UTC")
    assert positions_on_duty(pd.DataFrame(), starts, pd.Timedelta("15min")).tolist() == [0, 0, 0]


def test_page_is_self_contained_and_escapes_names(folder):
    page = write_html(folder).read_text(encoding="utf-8")
    assert "A &lt;b&gt;small&lt;/b&gt; week" in page
    assert "Mon 10:00–10:30: 74 % expected" in page
    assert "<script src" not in page
    assert "<link" not in page
    assert "WAPE by interval" in page
    assert "Seed 1 · effort quick" in page, "the run's own effort, whatever the file says"


def test_workbook_has_the_week_by_agent_and_day(folder):
    book = openpyxl.load_workbook(write_excel(folder))
    assert book.sheetnames == ["week", "coverage", "coaching", "schedule"]
    rows = {row[1]: row for row in book["week"].iter_rows(min_row=2, values_only=True)}
    assert rows["A1"][2] == "08:00–12:00\n10:00 lunch"
    assert rows["A1"][-1] == 3.5
    segments = list(book["schedule"].iter_rows(min_row=2, values_only=True))
    assert segments[0][1] == dt.datetime(2025, 7, 7, 8, 0)
    assert segments[0][-1] == 120


def test_calendar_has_one_event_a_shift_in_utc(folder, tmp_path):
    paths = write_calendars(folder, tmp_path / "ics")
    assert [p.name for p in paths] == ["A1.ics", "A2.ics"]
    event = Calendar.from_ical(paths[0].read_bytes()).walk("VEVENT")[0]
    assert event["DTSTART"].dt == dt.datetime(2025, 7, 7, 6, 0, tzinfo=dt.UTC)
    assert "10:00–10:30 lunch" in event["DESCRIPTION"]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(StoreError, match="wfo run"):
        write_html(tmp_path)


def test_figures_read_as_planners_write_them():
    assert amount(0.8, "share") == "80.0 %"
    assert amount(float("nan"), "s") == "–"
    assert amount(1234.4, "money", "EUR") == "1,234 EUR"
    assert spread(0.7, 0.9, "share") == "70.0 – 90.0 %"
    assert chance(1.0) == "> 95 %"
    assert chance(None) == "–"


def test_between_pooled_and_alone_nobody_is_short_or_long(folder):
    starts = pd.date_range(at("2025-07-07 08:00"), periods=8, freq="30min")
    pd.DataFrame(
        {
            "queues": [["voice"]] * 8,
            "interval_start": starts,
            "positions": 1.0,
            "positions_with_shrinkage": 0.75,
        }
    ).to_parquet(folder / "pooled.parquet")
    week = coverage(RunFiles(folder)).set_index("time")
    assert week.loc["08:00", ["required_pooled", "required", "net"]].tolist() == [0.75, 1.5, 0]
    assert week.loc["11:30", "net"] == 0
    assert week.loc["10:00", "net"] == 0


def test_deferred_work_counts_where_the_schedule_does_it(folder):
    need = pd.read_parquet(folder / "requirement.parquet")
    later = need.assign(queue="email", law="deferred", positions_with_shrinkage=1.0)
    pd.concat([need, later], ignore_index=True).to_parquet(folder / "requirement.parquet")
    pd.DataFrame(
        {"queue": ["email"], "interval_start": [at("2025-07-07 09:00")], "positions": [2.0]}
    ).to_parquet(folder / "assignment.parquet")
    week = coverage(RunFiles(folder)).set_index("time")
    assert week.loc["09:00", "required"] == 3.5
    assert week.loc["08:00", "required"] == 1.5
