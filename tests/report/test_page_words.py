"""What the page says is what the run holds: effort, coaching that found no place, words for what is rare."""

import datetime as dt
import json

import pandas as pd
import pytest
from ruamel.yaml import YAML

from wfo.pipeline.run import run
from wfo.report.coaching import coaching_content
from wfo.report.findings import findings_content, findings_tile
from wfo.report.provenance import stated
from wfo.report.run_files import RunFiles
from wfo.report.words import amount, percent, points

SCENARIO = """
week: {grid_min: 30}
centre:
  zone: Europe/Berlin
  currency: EUR
  queues: {voice: {channel: voice, law: immediate}}
coach: {every_weeks: 2, price_overdue: 200.0}
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "week" / "base"
    made.mkdir(parents=True)
    (made / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    names = pd.DataFrame({"agent_id": ["A0"], "name": ["Ann"], "team": ["one"]})
    names.to_parquet(made / "agents.parquet")
    (made / "manifest.json").write_text(json.dumps({"effort": "quick", "stages": {}}), encoding="utf-8")
    return made


def sessions(folder, *told):
    rows = [
        {
            "agent_id": f"A{n}",
            "coach_id": "L1",
            "behaviour": "clarity",
            "start": pd.Timestamp("2025-07-07 08:00", tz="UTC") if reason is None else pd.NaT,
            "value": value,
            "value_low": value - 1,
            "value_high": value + 1,
            "status": "scheduled" if reason is None else "not placed",
            "reason": reason or "clarity 70; due: last session 6 weeks ago",
        }
        for n, (value, reason) in enumerate(told)
    ]
    frame = pd.DataFrame(rows)
    frame["start"] = pd.to_datetime(frame["start"], utc=True)
    frame.to_parquet(folder / "coaching.parquet")
    return coaching_content(RunFiles(folder))


def test_a_run_keeps_the_effort_that_it_was_told(tmp_path):
    done = run("tiny", runs=tmp_path, until="staff", effort="quick")
    kept = YAML(typ="safe").load((done.folder / "scenario.yaml").read_text(encoding="utf-8"))
    assert kept["effort"] == done.manifest["effort"] == "quick"
    assert "effort,command line" in (done.folder / "origins.csv").read_text(encoding="utf-8")


def test_coaching_that_found_no_place_is_told_by_its_reasons(folder):
    line = sessions(
        folder,
        (5.0, None),
        (9.0, "x; A1 without a shift this week"),
        (9.0, "x; A2 without a shift this week"),
        (9.0, "x; A3, L1 never at work together for 30 minutes in its window"),
        (9.0, "x; it would cost at least 9.00 EUR of service and is worth 5.00"),
        (9.0, "x; somebody forbade it"),
    )["coaching_line"]
    assert line.startswith(
        "1 session is in the schedule; not placed: 2 for people without a shift this week, 1 for pairs never "
        "at work together long enough, 1 as no time was worth its cost, 1 for other reasons"
    )


def test_sessions_below_nothing_are_explained_by_the_rule_that_asks_for_them(folder):
    found = sessions(folder, (-19.0, None), (-4.0, None), (5.0, None))
    assert found["coaching_line"].startswith("All sessions proposed are in the schedule.")
    assert "due every 2 weeks" in found["coaching_line"]
    assert "200 EUR (coach.price_overdue): 2 of these sessions" in found["coaching_line"]
    assert all("due: last session" in row["reason"] for row in found["coaching"])


def test_a_given_schedule_opens_with_its_breaches(folder):
    assert findings_content(RunFiles(folder)) == {"findings_line": "", "findings": []}
    assert findings_tile(RunFiles(folder)) == []
    day = dt.date(2025, 7, 8)
    rows = [("rest", "A1", day, "9 h of rest"), ("team_mix", None, None, "nobody experienced")]
    frame = pd.DataFrame(rows, columns=["rule", "agent_id", "schedule_date", "message"])
    frame.to_parquet(folder / "breaches.parquet")
    found = findings_content(RunFiles(folder))
    assert "2 breaches of rules, 1 agent concerned" in found["findings_line"]
    assert [row["agent"] for row in found["findings"]] == ["A1", "all agents"]
    assert [row["day"] for row in found["findings"]] == ["Tue 08 Jul", ""]
    (tile,) = findings_tile(RunFiles(folder))
    assert (tile["value"], tile["label"], tile["tone"]) == ("2", "breaches of rules", "bad")
    frame.iloc[:0].to_parquet(folder / "breaches.parquet")
    assert "No rule is broken" in findings_content(RunFiles(folder))["findings_line"]
    assert findings_tile(RunFiles(folder))[0]["tone"] == "good"


def test_nothing_has_no_sign():
    assert (percent(-0.0001, 0), percent(0.0001, 0, sign=True), points(-0.0004)) == ("0 %", "0 %", "0.0 pt")
    assert (amount(-0.3, "money", "EUR"), amount(-0.0002, "share")) == ("0 EUR", "0.0 %")
    assert (points(0.012), percent(-0.02, sign=True), amount(-12.0, "money")) == ("+1.2 pt", "-2.0 %", "-12")


def test_the_page_names_files_without_the_folders_of_one_machine(folder):
    note = "/home/ann/data/queue_intervals.parquet: shares are of contacts/offered, see docs/data.md"
    told = {"assumptions": [note], "stages": {}}
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    assert stated(RunFiles(folder)) == [
        "queue_intervals.parquet: shares are of contacts/offered, see docs/data.md"
    ]
