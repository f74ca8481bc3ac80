"""The outlook by the command line, on the tiny centre."""

import json

import pandas as pd

from wfo.cli.main import main
from wfo.scenario.load import load_scenario


def test_the_word_writes_months_a_page_and_says_what_comes_next(tmp_path, capsys):
    assert main(["outlook", "tiny", "--months", "3", "-o", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "Aug 2025" in shown.out
    assert "Next: wfo run tiny" in shown.err
    folder = tmp_path / "tiny" / "base@outlook"
    table = pd.read_csv(folder / "outlook.csv")
    assert set(table["queue"]) == set(load_scenario("tiny").centre.queue_ids)
    assert set(table["grain"]) == {"week", "month"}
    assert (table["low"] < table["volume_mean"]).all()
    assert (table["volume_mean"] < table["high"]).all()
    page = (folder / "outlook.html").read_text(encoding="utf-8")
    assert "the year ahead" in page
    assert "vegaEmbed" in page


def test_growth_that_the_planner_states_moves_the_months(tmp_path, capsys):
    def last(*words):
        assert main(["outlook", "tiny", "--json", "-q", "-o", str(tmp_path), *words]) == 0
        rows = json.loads(capsys.readouterr().out)[0]["outlook"]
        return [r["volume_mean"] for r in rows if r["queue"] == "web" and r["grain"] == "month"][-1]

    flat, double = (last("--set", f"demand.queues.web.growth={g}") for g in (0.0, 1.0))
    assert 1.85 < double / flat < 2.2
