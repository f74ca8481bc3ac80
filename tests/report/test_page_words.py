"""What the page says is what the run holds: effort, coaching that found no place, words for what is rare."""

import json

import pandas as pd
import pytest
from ruamel.yaml import YAML

from wfo.pipeline.run import run
from wfo.report.coaching import coaching_content
from wfo.report.run_files import RunFiles

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
