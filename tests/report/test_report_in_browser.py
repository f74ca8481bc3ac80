"""The page in a real browser, offline: every chart is drawn and nothing is asked of the network."""

import re
import shutil
import subprocess

import pytest

from wfo.cli.finish import FINISHERS
from wfo.pipeline.run import run

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_every_chart_is_drawn(tmp_path):
    plan = run("tiny", runs=tmp_path / "runs", effort="quick", finishers=FINISHERS)
    page = plan.folder / "report.html"
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--user-data-dir={tmp_path / 'browser'}",
            "--virtual-time-budget=15000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    asked = set(re.findall(r'<div id="(\w+)"', page.read_text(encoding="utf-8")))
    assert asked >= {"net", "week", "service", "volumes", "gantt"}
    assert done.stdout.count("<canvas") == len(asked)
    source = page.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="https?:', source)
