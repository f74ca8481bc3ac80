"""What a planner meets after a run: targets missed, runs compared, nothing changed, a run stopped."""

import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from wfo.cli.main import WORDS, main

HARD = """extends: tiny.yaml
effort: quick
replications: 4
demand: {scale: 6}
set: {queues.voice_billing.targets.service_level: 99% in 1s}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of a week whose targets are missed."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "hard.yaml").write_text(HARD, encoding="utf-8")
    words = ["run", str(folder / "hard.yaml"), "-o", str(folder / "runs"), "--fail-on", "missed", "--quiet"]
    assert main(words) == 4
    return folder


@pytest.mark.parametrize("word", WORDS)
def test_examples_keep_their_lines(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([word, "--help"])
    text = capsys.readouterr().out
    assert "\\b" not in text
    assert "  Example:\n    wfo " in text


def test_missed_targets_are_no_error_unless_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in (folder / "runs" / "hard" / "base").rglob("*")}
    assert main(["run", str(folder / "hard.yaml"), "-o", str(folder / "runs")]) == 0
    said = capsys.readouterr()
    assert "missed" in said.out
    lines = said.err.splitlines()
    assert lines[lines.index("To know about this plan:") + 1].startswith("  ")
    assert f"nothing changed: {folder}/runs/hard/base is as it was" in said.err
    assert {
        path: path.stat().st_mtime_ns for path in (folder / "runs" / "hard" / "base").rglob("*")
    } == before


def test_chains_that_would_never_end_are_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lever = "{what: follow_ups, factor: 40, start: 2025-07-07}"
    lines = ["extends: tiny.yaml", "effort: quick", f"initiatives: {{worse: {{levers: {{more: {lever}}}}}}}"]
    (tmp_path / "endless.yaml").write_text("\n".join(lines), encoding="utf-8")
    for until in ([], ["--until", "forecast"]):
        words = ["run", str(tmp_path / "endless.yaml"), "-o", str(tmp_path / "runs"), "--json", *until]
        assert main(words) == 3
        said = capsys.readouterr()
        assert "chains would never end" in said.err
        assert "chains would never end" in json.loads(said.out)[0]["reasons"][0]
    assert not (tmp_path / "runs" / "endless").exists()


def test_a_file_that_was_touched_is_written_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = folder / "runs" / "hard" / "base" / "report.html"
    whole = page.read_bytes()
    page.write_bytes(b"oh")
    assert main(["run", str(folder / "hard.yaml"), "-o", str(folder / "runs")]) == 0
    assert "nothing changed" not in capsys.readouterr().err
    assert page.read_bytes()[:100] == whole[:100]


def test_a_shorter_run_lands_beside_a_fuller_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = folder / "runs"
    before = (runs / "hard" / "base" / "manifest.json").read_bytes()
    assert main(["run", str(folder / "hard.yaml"), "-o", str(runs), "--until", "staff"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == f"{runs}/hard/base@until-staff"
    assert "holds a fuller run and was left alone" in said.err
    assert (runs / "hard" / "base" / "manifest.json").read_bytes() == before
    assert (runs / "hard" / "base@until-staff" / "requirement.parquet").is_file()


def test_scenario_files_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, runs = str(folder / "hard.yaml"), str(folder / "runs")
    assert main(["run", file, "-o", runs, "--set", "place.edge_min=30", "--quiet"]) == 0
    arm = next(p.name for p in (folder / "runs" / "hard").iterdir() if p.name.startswith("base+"))
    capsys.readouterr()
    assert main(["compare", file, f"hard/{arm}", "-o", runs]) == 0
    said = capsys.readouterr()
    assert "place.edge_min" in said.out
    assert "changed after" not in said.err
    (folder / "hard.yaml").write_text(HARD.replace("scale: 6", "scale: 5"), encoding="utf-8")
    assert main(["compare", file, f"hard/{arm}", "-o", runs]) == 0
    assert f"run it again: wfo run {file}" in capsys.readouterr().err
    (folder / "hard.yaml").write_text(HARD, encoding="utf-8")
    assert main(["compare", file, str(folder / "other.yaml"), "-o", runs]) == 2
    assert "run it first: wfo run" in capsys.readouterr().err


def test_words_about_a_run_take_the_newest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "plan", "-o", str(folder / "runs"), "--quiet"]) == 0
    assert "runs/hard/" in capsys.readouterr().out
    assert main(["explain", "plan", "-o", str(folder / "none")]) == 2
    assert "run a scenario first" in capsys.readouterr().err


def test_a_setting_of_ones_own_needs_the_scenario(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    setting = "queues.voice_billing.targets"
    assert main(["explain", setting]) == 2
    assert f"wfo explain {setting} SCENARIO" in capsys.readouterr().err
    assert main(["explain", setting, str(folder / "hard.yaml")]) == 0
    assert "hard.yaml:5:" in capsys.readouterr().out


def test_a_metric_is_explained_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "service_level", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "a target sets at least, and may be report or priced or hard" in out
    assert "for queues with immediate, concurrent work" in out
    assert main(["explain", "containment", "--quiet"]) == 0


def test_ctrl_c_ends_with_130_and_keeps_what_is_done(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "wfo.cli.main", "run", "tiny", "-o", str(tmp_path)]
    # a shell's background jobs, and so their children, ignore Ctrl-C: the program is to heed it
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(words, stdout=-1, stderr=-1, text=True, preexec_fn=heed) as running:  # noqa: PLW1509
        assert running.stderr is not None
        for line in running.stderr:
            if line.split()[:2] == ["forecast", "first"]:
                running.send_signal(signal.SIGINT)
                break
        said = running.stderr.read()
        # Python ends by the signal itself, 130 to a shell, where it struck in a class being made
        assert running.wait(60) in (130, -signal.SIGINT)
    assert "finished stages are kept" in said
    assert list((tmp_path / ".cache" / "chains").iterdir())
    assert not (tmp_path / "tiny").exists()


def test_json_names_the_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(folder / "hard.yaml"), "-o", str(folder / "runs"), "--json", "--quiet"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)[0]["folder"] == f"{folder}/runs/hard/base"
    assert said.err == ""
