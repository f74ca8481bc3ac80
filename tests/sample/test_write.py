"""A working example on disk, and the scenarios that come with the project."""

from pathlib import Path

import pandas as pd
import pytest

from wfo.errors import InputError
from wfo.sample.centre_file import centre_of, file_text
from wfo.sample.write import SCENARIOS, write_new
from wfo.scenario.load import load_scenario
from wfo.tables.read import read_data

SHIPPED = Path(__file__).parents[2] / "scenarios"


def test_a_new_folder_can_be_read_and_planned(tmp_path, tiny):
    written = write_new(tmp_path / "mine", "tiny")
    assert all(path.is_file() for path in written)
    data = read_data(tmp_path / "mine" / "data")
    assert set(data) == set(tiny.data)
    pd.testing.assert_series_equal(data["agents"]["contract"], tiny.data["agents"]["contract"])
    assert data["availability"]["start"].tolist() == tiny.data["availability"]["start"].tolist()
    assert len(data["interactions"]) == len(tiny.data["interactions"])
    head = (tmp_path / "mine" / "centre.yaml").read_text(encoding="utf-8").partition("extends")[0]
    sizes = f"of {len(tiny.data['agents'])} agents, one site and {len(centre_of('tiny').queues)} queues"
    assert sizes in head
    assert all(line.startswith("#") for line in head.splitlines())
    assert "120" not in head
    for name in SCENARIOS:
        scenario = load_scenario(tmp_path / "mine" / name)
        assert set(scenario.centre.queues) == set(centre_of("tiny").queues)
        assert scenario.data.sample is None
        assert Path(scenario.data.folder).name == "data"


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"not empty.*new or empty"):
        write_new(tmp_path, "tiny")
    with pytest.raises(InputError, match="is a file"):
        write_new(tmp_path / "notes.txt", "tiny")
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_shipped_scenarios_are_the_same_but_for_their_parent():
    assert len(file_text("scenarios/week.yaml").splitlines()) <= 25
    for name in SCENARIOS:
        mine, shipped = file_text(f"scenarios/{name}"), (SHIPPED / name).read_text(encoding="utf-8")
        rules = [[line for line in text.splitlines() if line[:1] != "#"] for text in (mine, shipped)]
        assert [line.replace("centre.yaml", "sample.yaml") for line in rules[0]] == rules[1]
        assert len(shipped.splitlines()) <= 25


def test_what_the_what_ifs_change():
    base = load_scenario(SHIPPED / "week.yaml")
    assert base.data.sample == "standard"
    repaired = load_scenario(SHIPPED / "web_repaired.yaml").initiatives["web_repair"]
    assert [lever.factor for lever in repaired.levers.values()] == [0.5]
    assert (
        load_scenario(SHIPPED / "monday_promotion.yaml").centre.calendar.events["monday_promotion"].scale
        == 1.15
    )
    coach = load_scenario(SHIPPED / "double_coaching.yaml").coach
    assert coach.sessions_per_week == 2 * base.coach.sessions_per_week
    assert coach.coach_hours == 2 * base.coach.coach_hours
