"""The scenario of the page on fixed-shift teams, run, asked and carried over; wrong files of the kind."""

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest

from wfo.cli.main import main
from wfo.pipeline.several_weeks import run_weeks
from wfo.tables.parquet import read_frame

PAGE = Path(__file__).parents[2] / "docs" / "fixed_shift_teams.md"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The page's first scenario with twelve people."""
    folder = tmp_path_factory.mktemp("desk")
    text = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    (folder / "desk.yaml").write_text(text, encoding="utf-8")
    (folder / "data").mkdir()
    people = [f"d{n:02d},Person {n},desk,desk,25" for n in range(12)]
    (folder / "data" / "agents.csv").write_text(
        "\n".join(["agent_id,name,contract,team,cost_per_h", *people]), encoding="utf-8"
    )
    run_weeks(folder / "desk.yaml", 2, runs=folder / "runs", effort="quick")
    return folder


def _table(desk, name, arm="base"):
    return read_frame(desk / "runs" / "desk" / arm / f"{name}.parquet")


def test_every_kind_of_shift_is_covered_every_day(desk):
    cover = _table(desk, "shift_cover")
    assert cover["wanted"].sum() == 7 * 5
    assert (cover["planned"] >= cover["wanted"]).all()
    rota = _table(desk, "rota")
    assert rota.groupby("agent_id").size().between(3, 5).all()
    assert rota["shift"].value_counts()["night"] >= 7


def test_the_second_week_keeps_the_rules_across_the_boundary(desk, capsys):
    second = desk / "runs" / "desk" / "base+1w"
    both = pd.concat([_table(desk, "rota"), _table(desk, "rota", "base+1w")])
    weekends = both[[d.weekday() >= 5 for d in both["schedule_date"]]]
    weeks = weekends.assign(week=[d.isocalendar().week for d in weekends["schedule_date"]])
    assert weeks.groupby("agent_id")["week"].nunique().max() == 1
    words = ["check", str(second / "schedule.parquet"), "-o", str(desk / "runs")]
    assert main(words) == 0, capsys.readouterr().err


def test_questions_about_the_plan_are_answered(desk, capsys):
    base, runs = str(desk / "runs" / "desk" / "base"), str(desk / "runs")
    assert main(["explain", "short", base, "-o", runs]) == 0
    assert "wanted" in capsys.readouterr().out
    first = _table(desk, "rota").iloc[0]
    shift = f"{first['agent_id']}/{first['schedule_date']}"
    assert main(["explain", shift, base, "-o", runs]) == 0
    said = capsys.readouterr().out
    assert f", {first['shift']}:" in said
    assert f"{first['shift']} wants" in said
    assert main(["report", base, "-o", runs]) == 0
    page = Path(capsys.readouterr().out.strip()).read_text(encoding="utf-8")
    assert "35 of 35" in page
    assert "Person 7" in page


def test_leave_that_would_leave_a_night_uncovered_is_refused(desk, capsys):
    rota, base = _table(desk, "rota"), desk / "runs" / "desk" / "base"
    night = rota[rota["shift"] == "night"].iloc[0]
    day = night["schedule_date"]
    span = f"{day}T20:00+02:00,{day + dt.timedelta(days=1)}T08:00+02:00"
    (desk / "requests.csv").write_text(
        "request_id,agent_id,kind,start,end,received_at\n"
        f"r1,{night['agent_id']},time_off,{span},2025-07-01T08:00Z\n",
        encoding="utf-8",
    )
    words = ["check", str(desk / "requests.csv"), "--against", str(base), "-o", str(desk / "runs"), "--json"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert '"answer": "refuse"' in said


@pytest.mark.parametrize(
    ("cover", "said"),
    [
        ("{dawn: 2}", "unknown kind of shift 'dawn'; the contracts have early, late, night"),
        (
            "{early: 2, more: {shift: early, agents: 1, days: Sat}}",
            "'early' on Sat is asked for by 'early' too",
        ),
        ("{early: {agents: 2, days: Mo-Fr}}", "'Mo-Fr' is not days; write Sat, Mon-Fri or a list"),
        ("{early: two}", "cover.early"),
    ],
)
def test_what_is_wrong_in_cover_is_said_at_its_place(desk, capsys, cover, said):
    text = f"extends: desk.yaml\nschedule:\n  cover: {cover}\n"
    (desk / "wrong.yaml").write_text(text, encoding="utf-8")
    assert main(["run", str(desk / "wrong.yaml"), "-o", str(desk / "runs")]) == 2
    error = capsys.readouterr().err
    assert "wrong.yaml:3:" in error
    assert said in error


def test_no_agents_is_no_plan(desk, capsys):
    (desk / "none").mkdir()
    (desk / "none" / "agents.csv").write_text("agent_id,contract\n", encoding="utf-8")
    (desk / "empty.yaml").write_text("extends: desk.yaml\ndata: {folder: none}\n", encoding="utf-8")
    assert main(["run", str(desk / "empty.yaml"), "-o", str(desk / "runs"), "-q"]) in (2, 3)
    assert "agents" in capsys.readouterr().err
