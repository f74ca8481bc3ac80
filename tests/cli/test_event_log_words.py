"""``wfo import`` and ``wfo export`` on event logs, as a data engineer would use them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from wfo.cli.main import main
from wfo.tables.parquet import read_frame


def test_import_lists_shows_and_brings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import"]) == 0
    assert "amazon_connect" in capsys.readouterr().out
    assert main(["import", "web_events/interactions", "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("# Segment or RudderStack")
    events = [
        {"type": "page", "anonymousId": "v", "messageId": f"m{i}", "timestamp": f"2025-03-03T09:0{i}:00Z"}
        for i in range(3)
    ]
    (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, [*events, {"type": "nothing"}])))
    assert main(["import", "web_events", str(tmp_path / "e.jsonl"), "-o", str(tmp_path / "data")]) == 0
    said = capsys.readouterr()
    assert "interactions: 1 rows of 4 in" in said.err
    assert "unknown type nothing" in said.out
    assert len(read_frame(tmp_path / "data" / "interactions.parquet")) == 1
    assert main(["import", "genesis", str(tmp_path)]) == 2
    assert "ready are: amazon_connect" in capsys.readouterr().err


def test_a_run_exports_its_log_with_chains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = str(tmp_path / "runs")
    assert main(["run", "tiny", "--until", "forecast", "-o", runs, "--quiet"]) == 0
    for kind, name in (("ocel", "interactions.ocel.json"), ("xes", "interactions.xes")):
        assert main(["export", "tiny", "-o", runs, "--to", kind, "--into", str(tmp_path / kind)]) == 0
        assert (tmp_path / kind / name).stat().st_size > 1000
    log = json.loads((tmp_path / "ocel" / "interactions.ocel.json").read_text(encoding="utf-8"))
    chains = {o["id"] for o in log["objects"] if o["type"] == "chain"}
    told = sum(any(r["objectId"] in chains for r in e["relationships"]) for e in log["events"])
    assert told == len(log["events"]) > 0
    assert main(["import", "ocel", str(tmp_path / "ocel"), "-o", str(tmp_path / "back")]) == 0
    back = read_frame(tmp_path / "back" / "interactions.parquet")
    assert len(back) == len(log["events"])
    assert main(["export", "tiny", "-o", runs, "--to", "worked", "--into", str(tmp_path)]) == 0
    worked = pd.read_csv(tmp_path / "worked_30min.csv")
    voice = back[(back["queue"] == "voice_billing") & back["answered_at"].notna()]
    hours = worked.loc[worked["queue"] == "voice_billing", "worked_s"].sum() / 3600
    assert hours == pytest.approx(voice["handle_s"].sum() / 3600, rel=1e-6)
