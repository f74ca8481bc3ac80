"""A finished run asked again: schedules of files checked, requests answered, absences repaired."""

import datetime as dt
import json
import shutil

import openpyxl
import pandas as pd
import pytest

from wfo.cli.against import _left
from wfo.cli.main import main
from wfo.cli.places import scenario_of
from wfo.errors import InputError
from wfo.pipeline.publish import publish
from wfo.pipeline.reopen import reopen
from wfo.pipeline.revised import answer_file, write_revised
from wfo.pipeline.run import run
from wfo.pipeline.schedule_check import breaches_of, rules_of_run
from wfo.report.excel import write_excel
from wfo.scheduling.checker import check_schedule
from wfo.tables.parquet import read_frame
from wfo.tables.read import read_data


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    run("tiny", runs=folder, until="place", effort="quick")
    write_excel(folder / "tiny" / "base")
    return folder


@pytest.fixture(scope="module")
def base(runs):
    return runs / "tiny" / "base"


@pytest.fixture(scope="module")
def rules(base, runs):
    return rules_of_run(base, runs)


def _edited(base, target, change):
    """The run's workbook with one cell of the sheet ``schedule`` changed, as a planner would."""
    book = openpyxl.load_workbook(base / "schedule.xlsx")
    sheet = book["schedule"]
    names = [cell.value for cell in sheet[1]]
    change(sheet, {name: n + 1 for n, name in enumerate(names)})
    book.save(target)
    return target


def test_our_own_workbook_reads_back_as_the_plan(base, rules):
    found = read_data({"schedule": base / "schedule.xlsx"})["schedule"]
    plan = read_frame(base / "schedule.parquet")
    columns = ["agent_id", "start", "end", "schedule_date", "shift_id", "activity", "kind", "paid", "queues"]
    pd.testing.assert_frame_equal(found[columns], plan[columns])
    assert breaches_of(base / "schedule.xlsx", rules)[0].empty
    assert breaches_of(base / "schedule.parquet", rules)[0].empty


def test_a_shift_moved_by_hand_in_excel_is_found_with_its_rule(base, rules, tmp_path):
    def late(sheet, at):
        agent = sheet.cell(2, at["agent_id"]).value
        for row in range(2, sheet.max_row + 1):
            same = sheet.cell(row, at["shift_id"]).value == sheet.cell(2, at["shift_id"]).value
            if sheet.cell(row, at["agent_id"]).value == agent and same:
                for side in ("start", "end"):
                    cell = sheet.cell(row, at[side])
                    cell.value = cell.value + dt.timedelta(hours=11, minutes=7)

    breaches, _ = breaches_of(_edited(base, tmp_path / "schedule.xlsx", late), rules)
    assert "start_window" in set(breaches["rule"])
    assert breaches["message"].str.contains("allowed is").any()


def test_a_schedule_without_breaches_names_the_scenario_to_run_it_with(base, runs, tmp_path, capsys):
    book = shutil.copy(base / "schedule.xlsx", tmp_path / "schedule of july.xlsx")
    assert main(["check", str(book), "--against", "tiny", "-o", str(runs)]) == 0
    assert capsys.readouterr().err.endswith(f"Next: wfo run tiny --schedule '{book}'\n")
    assert main(["check", str(base / "schedule.parquet"), "-o", str(runs)]) == 0
    assert capsys.readouterr().err.endswith(f"Next: wfo run tiny --schedule {base / 'schedule.parquet'}\n")
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: tiny.yaml\n", encoding="utf-8")
    assert main(["check", str(book), "--scenario", str(mine), "-o", str(runs)]) == 0
    assert capsys.readouterr().err.endswith(f"Next: wfo run {mine} --schedule '{book}'\n")


def test_a_run_of_another_scenario_is_called_by_the_file_it_kept(base, tmp_path):
    other = shutil.copytree(base, tmp_path / "tiny" / "base")
    manifest = json.loads((other / "manifest.json").read_text(encoding="utf-8"))
    (other / "manifest.json").write_text(json.dumps(manifest | {"scenario_sha256": "another"}))
    assert scenario_of(base) == "tiny"
    assert scenario_of(other) == str(other / "scenario.yaml")
    mine = tmp_path / "tiny.yaml"
    assert scenario_of(base, str(mine)) == "tiny"
    mine.write_text("extends: tiny.yaml\n", encoding="utf-8")
    assert scenario_of(base, str(mine)) == str(mine)


def test_rules_that_join_agents_are_checked_too(base, runs, capsys):
    """Minimum staff and team mix, by the settings: nobody has thirty agents in a team of twenty."""
    book = str(base / "schedule.xlsx")
    many = "schedule.minimum_staff={desk: {agents: 30, hours: ['Mon 10:00-11:00']}}"
    old = "schedule.team_mix={old: {share: 0.9, months: 600, hours: ['Tue 10:00-11:00']}}"
    words = ["check", book, "--scenario", "tiny", "-o", str(runs), "--set", many, "--set", old]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "all agents, Mon 07 Jul 2025: 'desk': fewer than 30 on duty for 60 min, first at 10:00" in said
    assert "all agents, Tue 08 Jul 2025: 'old': less than 90 % experienced for 60 min" in said


def test_breaks_of_a_run_are_placed_anew(base, runs, tmp_path, capsys):
    target = tmp_path / "breaks"
    words = ["rebreak", str(base), "-o", str(runs), "--price", "0", "--into", str(target)]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "no break is worth moving" in said.out or "service gains" in said.out
    assert main(["check", str(target / "schedule.parquet"), "-o", str(runs)]) == 0
    assert (target / "schedule.xlsx").is_file()
    assert not (target / "scorecard.csv").exists()
    capsys.readouterr()
    assert main([*words[:4], "--into", str(base)]) == 2
    assert "this is the run itself" in capsys.readouterr().err


def test_a_cell_that_is_no_time_is_named_by_row_and_column(base, rules, tmp_path):
    def wrong(sheet, at):
        sheet.cell(3, at["start"]).value = "half past nine"

    with pytest.raises(InputError) as error:
        breaches_of(_edited(base, tmp_path / "schedule.xlsx", wrong), rules)
    assert "row 3" in str(error.value)
    assert "'start'" in str(error.value)


def test_a_foreign_schedule_is_checked_by_what_it_has(rules, base, tmp_path):
    plan = read_frame(base / "schedule.parquet")
    foreign = plan[["agent_id", "start", "end", "kind", "paid"]]
    foreign.to_csv(tmp_path / "theirs.csv", index=False)
    breaches, notes = breaches_of(tmp_path / "theirs.csv", rules)
    assert breaches.empty
    assert "shifts are told by the gaps between them" in notes[0]
    spans = plan.groupby("shift_id").agg(
        agent_id=("agent_id", "first"), start=("start", "min"), end=("end", "max")
    )
    spans.to_csv(tmp_path / "spans.csv", index=False)
    breaches, notes = breaches_of(tmp_path / "spans.csv", rules)
    assert "break_count" in set(breaches["rule"])
    assert any("taken for work" in note for note in notes)
    foreign.drop(columns="end").to_csv(tmp_path / "short.csv", index=False)
    with pytest.raises(InputError, match="columns end are missing"):
        breaches_of(tmp_path / "short.csv", rules)


def test_a_schedule_of_any_name_is_told_by_its_columns(base, runs, tmp_path, capsys):
    plan = read_frame(base / "schedule.parquet")
    theirs = tmp_path / "theirs.csv"
    plan[["agent_id", "start", "end", "kind", "paid"]].to_csv(theirs, index=False)
    assert main(["check", str(theirs), "--against", "tiny", "-o", str(runs)]) == 0
    assert capsys.readouterr().err.endswith(f"Next: wfo run tiny --schedule {theirs}\n")
    plan[["agent_id", "start", "end"]].head(1).to_csv(theirs, index=False)
    assert main(["check", str(theirs), "--against", "tiny", "-o", str(runs)]) == 2
    assert "(week_hours)" in capsys.readouterr().err
    plan.head(1)[["agent_id", "start", "end"]].assign(kind="time_off").to_csv(theirs, index=False)
    assert main(["check", str(theirs), "--against", "tiny", "-o", str(runs)]) == 2
    said = capsys.readouterr().err
    assert "requests or absences" in said
    assert "a schedule to check has columns agent_id, start and end" in said


def test_a_week_repaired_against_its_rules_names_the_flag_that_publishes_it(base, runs, tmp_path, capsys):
    week = read_frame(base / "schedule.parquet").groupby("agent_id").agg({"start": "min", "end": "max"})
    week.head(1).reset_index().assign(kind="unavailable").to_csv(tmp_path / "availability.csv", index=False)
    into = tmp_path / "repaired"
    words = ["--against", "tiny", "-o", str(runs), "--into", str(into)]
    assert main(["check", str(tmp_path / "availability.csv"), *words]) == 0
    said = capsys.readouterr().err
    broken = len(read_frame(into / "breaches.parquet"))
    assert (f"{broken} breach" in said) == (broken > 0)
    assert said.endswith(f"Next: wfo publish {into}{' --with-breaches' if broken else ''}\n")
    assert broken


def _requests(base, path):
    plan = read_frame(base / "schedule.parquet")
    shifts = plan.groupby("shift_id").agg(
        agent=("agent_id", "first"), start=("start", "min"), end=("end", "max")
    )
    one, other = shifts.iloc[0], shifts[shifts["agent"] != shifts["agent"].iloc[0]].iloc[0]
    frame = pd.DataFrame(
        {
            "request_id": ["r1", "r2"], "kind": ["time_off", "swap"],
            "agent_id": [one["agent"], other["agent"]],
            "start": [one["start"], other["start"]], "end": [one["end"], other["end"]],
            "with_agent": [None, one["agent"]], "received_at": ["2025-07-01T08:00Z", "2025-07-01T09:00Z"],
        }
    )  # fmt: skip
    frame.to_csv(path, index=False)
    return path


def test_requests_are_answered_and_the_revised_run_can_be_published(base, runs, tmp_path):
    opened = reopen(base, runs)
    result = answer_file(_requests(base, tmp_path / "requests.csv"), opened)
    assert result.frame()["answer"].tolist()[0] == "accept"
    target = runs / "tiny" / "answered"
    write_revised(opened, result, target, tmp_path / "requests.csv")
    again = reopen(target, runs)
    assert len(again.inputs.availability) == len(opened.inputs.availability) + 1
    week = again.inputs
    breaches = check_schedule(
        again.plan, centre=week.centre, agents=week.agents, availability=week.availability,
        published=week.published, grid=week.grid, agent_skills=week.agent_skills, routing=week.routing,
    )  # fmt: skip
    assert breaches.empty
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["revised"][0]["by"] == "requests.csv"
    assert not (target / "scorecard.csv").exists()
    version = publish(target, tmp_path / "other")
    pd.testing.assert_frame_equal(read_frame(version / "schedule.parquet"), again.plan)
    shifts = read_frame(target / "carry_over" / "last_shifts.parquet")
    assert set(shifts["shift_id"]) == set(again.plan["shift_id"])
    with pytest.raises(InputError, match="the run itself"):
        write_revised(opened, result, base, tmp_path / "requests.csv")


def test_the_command_answers_repairs_and_refuses(base, runs, tmp_path, capsys):
    asked = _requests(base, tmp_path / "requests.csv")
    words = ["-o", str(runs), "--into", str(tmp_path / "revised")]
    assert main(["check", str(asked), "--against", "tiny", *words]) == 0
    said = capsys.readouterr()
    rows = said.out.splitlines()
    assert "accept" in rows[2]
    assert "of the day" in rows[2]
    assert "of the day" not in rows[3]
    assert "Next: wfo publish" in said.err
    book = openpyxl.load_workbook(tmp_path / "revised" / "answers.xlsx")
    assert book["answers"].max_row == 3
    plan = read_frame(base / "schedule.parquet")
    gone = plan.iloc[[0]][["agent_id", "start", "end"]].assign(kind="time_off")
    gone.to_csv(tmp_path / "availability.csv", index=False)
    assert (
        main(["check", str(tmp_path / "availability.csv"), "--against", "tiny", "-o", str(runs), "--json"])
        == 0
    )
    assert json.loads(capsys.readouterr().out)[0]["what"] == "time_off"
    (tmp_path / "agents.csv").write_text("agent_id,contract\na,full_time\n", encoding="utf-8")
    assert main(["check", str(tmp_path / "agents.csv"), "--against", "tiny", "-o", str(runs)]) == 2
    assert "write one of requests or availability" in capsys.readouterr().err
    asked.rename(tmp_path / "wishes of the team.csv")
    words[3] = str(tmp_path / "again")
    assert main(["check", str(tmp_path / "wishes of the team.csv"), "--against", "tiny", *words]) == 2
    said = capsys.readouterr().err
    assert "the name does not say whether these are requests or absences; write one of requests or" in said
    (tmp_path / "wishes of the team.csv").rename(asked)
    bad = pd.read_csv(asked).assign(agent_id="nobody")
    bad.to_csv(tmp_path / "requests_bad.csv", index=False)
    assert main(["check", str(tmp_path / "requests_bad.csv"), "--against", "tiny", "-o", str(runs)]) == 2
    assert "agent 'nobody' is unknown" in capsys.readouterr().err


def test_an_allowance_that_is_overdrawn_is_no_negative_number():
    assert _left("time_off", -1.0, 0.0) == "the day is 1 over, 0 of the team"
    assert _left("time_off", 2.0, float("nan")) == "2 of the day"
    assert _left("swap", 2.0, 1.0) == ""


def test_explain_says_why_a_shift_is_there_and_what_would_help(base, runs, capsys):
    shift = read_frame(base / "schedule.parquet")["shift_id"].iloc[0]
    assert main(["explain", shift, "tiny", "-o", str(runs)]) == 0
    assert "without it service would lose" in capsys.readouterr().out
    assert main(["explain", "short", "tiny", "-o", str(runs)]) == 0
    assert "one more agent-hour is worth most at" in capsys.readouterr().out
    assert main(["explain", shift.partition("/")[0], "tiny", "-o", str(runs)]) == 0
    assert "works on" in capsys.readouterr().out
