"""The command line: exit codes, where text goes, what each word says."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from wfo.cli import run
from wfo.cli.main import WORDS, main


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    assert main(["run", "tiny", "--until", "forecast", "-o", str(folder), "--quiet"]) == 0
    return folder


@pytest.mark.parametrize("word", WORDS)
def test_every_word_has_help_that_starts_with_an_example(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"wfo {word}" in text.split("Options:")[0].split("Example:")[1]
    assert "--json" in text


def test_help_lists_the_words_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from wfo.cli.main import main; code = main(['--help']);"
        "heavy = [m for m in ('numpy','pandas','rich','ortools','pyarrow') if m in sys.modules];"
        "sys.exit(code or (9 if heavy else 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert all(word in done.stdout for word in WORDS)


def test_a_wrong_word_is_answered_with_a_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["comapre", "a", "b"]) == 2
    assert "did you mean 'compare'?" in capsys.readouterr().err


def test_check_says_ok_and_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "tiny"]) == 0
    said = capsys.readouterr()
    assert said.out == "tiny: ok\n"
    assert said.err == "Next: wfo run tiny\n"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["schedule_week.yaml"], "wfo run {schedule_week.yaml}"),
        (["schedule of july.yaml"], "wfo run '{schedule of july.yaml}'"),
        (["calls.mapping.yaml"], "wfo import {calls.mapping.yaml} SOURCE -o FOLDER"),
        (["schedule.mapping.yaml"], "wfo import {schedule.mapping.yaml} SOURCE -o FOLDER"),
        (["published_schedule.csv"], "wfo check SCENARIO --data"),
        (["calls.mapping.yaml", "schedule_week.yaml"], "wfo run {schedule_week.yaml}"),
    ],
)
def test_check_says_what_comes_next_by_what_a_file_is(names, said, tmp_path, capsys) -> None:
    agents = "table: agents\nfile: '*.csv'\ncolumns: {agent_id: id, contract: job}\n"
    text = {
        "yaml": "extends: tiny.yaml\n",
        "csv": "agent_id,start,end,schedule_date,shift_id,activity,kind,paid\n",
        "mapping.yaml": agents,
    }
    for name in names:
        (tmp_path / name).write_text(text[name.partition(".")[2]], encoding="utf-8")
        said = said.replace("{" + name + "}", str(tmp_path / name))
    assert main(["check", *(str(tmp_path / name) for name in names)]) == 0, capsys.readouterr().err
    assert capsys.readouterr().err == f"Next: {said}\n"


def test_check_tells_all_problems_of_all_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("extends: tiny.yaml\nsed: 1\nreplications: x\n", encoding="utf-8")
    (tmp_path / "agents.csv").write_text("agent_id,contract\n1,full_time\n1,full_time\n", encoding="utf-8")
    assert main(["check", str(tmp_path / "a.yaml"), str(tmp_path / "agents.csv")]) == 2
    err = capsys.readouterr().err
    assert f"{tmp_path}/a.yaml:2:1: unknown key 'sed'; did you mean 'seed'?" in err
    assert f"{tmp_path}/a.yaml:3:15: replications must be a whole number, got x" in err
    assert "agents.csv" in err
    assert "row 3" in err


def test_check_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.yaml"), "--json", "--quiet"]) == 2
    assert "no such scenario file" in json.loads(capsys.readouterr().out)[0]["message"]


def test_a_wrong_scenario_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny", "--set", "demand.scael=2", "-o", str(tmp_path / "runs")]) == 2
    assert "did you mean 'scale'?" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_missing_data_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "base.yaml", "-o", str(tmp_path / "runs")]) == 2
    assert "names no data" in capsys.readouterr().err


def test_a_second_run_reuses_and_says_so(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny", "--until", "forecast", "-o", str(runs)]) == 0
    err = capsys.readouterr().err
    assert err.count("reused") == 5
    assert "nothing changed" in err
    assert "first run" not in err


def test_a_run_without_a_report_tells_of_the_forecast(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny", "--until", "forecast", "-o", str(runs)]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[lines.index("About the forecast:") + 1].startswith("  ")
    assert "To know about this plan:" not in lines


@pytest.mark.parametrize(("reasons", "notes"), [((), ()), (("a is short",), ()), ((), ("from 8 weeks",))])
def test_no_heading_stands_above_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reasons: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    forecast = SimpleNamespace(meta=SimpleNamespace(notes=notes))
    scenario = SimpleNamespace(name="tiny", arm=tmp_path.name)
    done = SimpleNamespace(
        folder=tmp_path, scenario=scenario, tables=(), reasons=reasons, results={"forecast": forecast},
        unchanged=False,
    )  # fmt: skip
    run._tell(done, as_json=True, quiet=False)
    err = capsys.readouterr().err
    assert ("To know about this plan:\n  a is short\n" in err) == bool(reasons)
    assert ("About the forecast:\n  from 8 weeks\n" in err) == bool(notes)
    assert err.count(":\n") == len(reasons) + len(notes)


def test_a_changed_setting_reruns_its_stage_alone(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["run", "tiny", "--until", "forecast", "-o", str(runs), "--set", "forecast.memory_days=90"]) == 0
    )
    assert capsys.readouterr().err.count("reused") == 3


def test_explain_a_setting_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "queues.email.hours", "tiny", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "Opening hours" in out
    assert "built-in/sample.yaml:" in out


def test_a_run_without_a_schedule_has_no_shift_to_explain(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "A001/2025-07-07", "tiny", "-o", str(runs)]) == 2
    said = capsys.readouterr().err
    assert "this run has no schedule" in said
    assert "Traceback" not in said


def test_explain_the_schema_and_what_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Scenario"
    assert main(["explain", "demand.scal"]) == 2
    assert "did you mean 'demand.scale'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked", [("plan", "tiny"), ("plan", "{runs}/tiny/base"), ("cost", ""), ("plan", "")]
)
def test_what_explain_names_next_can_be_done(
    asked: tuple[str, str], runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.format(runs=runs) for word in asked if word]
    assert main(["explain", *words, "-o", str(runs)]) == 0
    said = capsys.readouterr().err.splitlines()[-1].removeprefix("Next: wfo ")
    assert said.startswith("check ")
    assert said == "check tiny" or "tiny" not in asked[1]
    assert main(said.split()) == 0


def test_explain_without_a_run_or_scenario_names_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "cost", "-o", str(tmp_path)]) == 0
    assert capsys.readouterr().err == "Next: wfo check SCENARIO\n"


def test_a_customers_story_starts_with_open_chains(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pandas as pd

    chains = pd.read_parquet(runs / "tiny" / "base" / "chains.parquet")
    some = chains[(chains["contacts"] > 1) & chains["customer_id"].notna()].iloc[0]
    assert main(["customer", str(some["chain_id"]), "tiny", "-o", str(runs), "--json", "--quiet"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert str(some["chain_id"]) in {row["chain_id"] for row in rows}
    statuses = [row["status"] == "open" for row in rows]
    assert statuses == sorted(statuses, reverse=True)
    assert main(["customer", "nobody", "tiny", "-o", str(runs)]) == 2


def test_publish_needs_a_schedule(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "tiny", "-o", str(runs)]) == 2
    assert "has no schedule" in capsys.readouterr().err
    assert main(["publish", "nothing", "-o", str(runs)]) == 2
    assert "run it first" in capsys.readouterr().err
    assert not (runs / "published").exists()


def test_export_csv(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "tiny", "-o", str(runs), "--to", "csv", "--into", str(tmp_path)]) == 0
    assert (tmp_path / "forecast.csv").is_file()
    assert str(tmp_path / "forecast.csv") in capsys.readouterr().out


def test_compiling_ahead_happens_once_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wfo.cli.warm import compiling_ahead

    started: list[list[str]] = []
    helper = subprocess.Popen
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    def instead(words: list[str], **options: object) -> subprocess.Popen:
        started.append(words)
        done = helper([sys.executable, "-c", ""])
        done.wait()
        return done

    monkeypatch.setattr("subprocess.Popen", instead)
    (tmp_path / ".cache").mkdir()
    for _ in range(2):
        with compiling_ahead(tmp_path):
            pass
    assert capsys.readouterr().err.count("compiled now, once") == 1
    assert [words[1:] for words in started] == [["-m", "wfo.cli.warm"]]


def test_an_unexpected_error_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("wfo.scenario.load.load_arms", broken)
    assert main(["run", "tiny"]) == 1
    assert "please report" in capsys.readouterr().err


def test_an_interruption_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wfo.scenario.load.load_arms", stopped)
    assert main(["run", "tiny"]) == 130


def test_no_feasible_plan_is_3_with_reasons_and_leaves_the_earlier_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pandas as pd

    from wfo.sample.sample_centre import sample_centre
    from wfo.tables.parquet import write_frame

    monkeypatch.setattr("os.cpu_count", lambda: 1)
    data = dict(sample_centre("tiny").data)
    away = data["agents"][["agent_id"]].assign(
        start=pd.Timestamp("2025-07-06T00:00Z").as_unit("us"),
        end=pd.Timestamp("2025-07-15T00:00Z").as_unit("us"),
        kind="unavailable",
        paid=False,
    )
    for name, frame in {**data, "availability": away}.items():
        (tmp_path / "data").mkdir(exist_ok=True)
        write_frame(frame, tmp_path / "data" / f"{name}.parquet")
    scenario = tmp_path / "away.yaml"
    lines = ["extends: tiny.yaml", "effort: quick", "data: {sample: null, folder: data}"]
    scenario.write_text("\n".join(lines), encoding="utf-8")
    runs = tmp_path / "runs"
    assert main(["run", str(scenario), "--until", "staff", "-o", str(runs), "--quiet"]) == 0
    before = (runs / "away" / "base" / "manifest.json").read_bytes()
    capsys.readouterr()
    assert main(["run", str(scenario), "-o", str(runs)]) == 3
    err = capsys.readouterr().err
    assert "no feasible plan:" in err
    assert "A001" in err
    assert (runs / "away" / "base" / "manifest.json").read_bytes() == before
