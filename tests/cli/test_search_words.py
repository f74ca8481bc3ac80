"""A search seen from the command line: progress on stderr, a time limit, Ctrl-C."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wfo.pipeline.run import run
from wfo.sample.write import write_new
from wfo.tables.parquet import read_frame


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small centre with everything before its schedule done."""
    folder = tmp_path_factory.mktemp("work") / "centre"
    write_new(folder, "tiny")
    run(folder / "week.yaml", runs=folder / "runs", until="staff")
    return folder


def started(centre: Path, *words: str) -> "subprocess.Popen[str]":
    run = ["run", str(centre / "week.yaml"), "-o", str(centre / "runs")]
    call = [sys.executable, "-m", "wfo.cli.main", *run]
    return subprocess.Popen(
        [*call, "--until", "schedule", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_limit_of_a_second_gives_a_plan_and_how_good_it_is(centre: Path) -> None:
    process = started(centre, "--set", "schedule.time_limit_s=1")
    out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    folder = Path(out.strip().splitlines()[-1])
    assert len(read_frame(folder / "schedule.parquet"))
    told = [line for line in said.splitlines() if line.strip().startswith("schedule")]
    assert any("first schedule after" in line and "no bound yet" in line for line in told)
    assert any(", bound -" in line and ", gap " in line and "EUR an interval" in line for line in told)


def test_ctrl_c_keeps_the_best_schedule_so_far(centre: Path) -> None:
    with started(centre, "--effort", "long") as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "best responses after" in line:
                process.send_signal(signal.SIGINT)
                break
        begun = time.monotonic()
        out, rest = process.communicate(timeout=120)
    assert process.returncode == 0, said + rest
    assert time.monotonic() - begun < 60
    assert "the search was stopped by Ctrl-C" in said + rest
    assert len(read_frame(Path(out.strip().splitlines()[-1]) / "schedule.parquet"))
