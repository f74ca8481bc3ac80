"""Logs of any size: chains out of core by ``wfo chains``; a word where a plan has no room for them."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.cli.main import cli, main
from wfo.errors import InputError, TableError
from wfo.pipeline import room
from wfo.pipeline.large_log import large_chains
from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.scenario.load import load_scenario

CENTRE = """
name: mine
centre:
  zone: UTC
  currency: EUR
  queues:
    voice: {channel: voice, law: immediate}
data: {folder: data}
"""


@pytest.fixture
def folder(tmp_path):
    """A scenario whose data are three weeks of calls as Parquet."""
    at = pd.date_range("2025-06-02", periods=504, freq="1h", tz="UTC").as_unit("us")
    log = pd.DataFrame(
        {
            "interaction_id": [f"i{k:04d}" for k in range(504)],
            "customer_id": [f"c{k % 90:02d}" for k in range(504)],
            "channel": "voice",
            "queue": "voice",
            "direction": ["out" if k % 50 == 0 else "in" for k in range(504)],
            "started_at": at,
            "outcome": "handled",
        }
    )
    (tmp_path / "data").mkdir()
    log.to_parquet(tmp_path / "data" / "interactions.parquet")
    (tmp_path / "mine.yaml").write_text(CENTRE)
    return tmp_path


def test_the_chains_of_a_file_are_those_of_the_frame(tmp_path):
    sample, scenario = sample_centre("tiny"), load_scenario("tiny")
    data = tmp_path / "data"
    data.mkdir()
    for name in ("interactions", "agents"):
        sample.data[name].to_parquet(data / f"{name}.parquet")
    where = scenario.data.model_copy(update={"sample": None, "folder": str(data)})
    done = large_chains(scenario.model_copy(update={"data": where}), runs=tmp_path / "runs")
    frames = sample.data
    given = ChainInputs(scenario.centre, frames["interactions"], done.now, agents=frames["agents"])
    frame = build_chains(given, scenario.chains)
    assert done.rows == len(frames["interactions"])
    for name in ("chains", "chain_members"):
        stored = pd.read_parquet(done.folder / f"{name}.parquet")
        assert len(stored) > 1000
        pd.testing.assert_frame_equal(
            stored.astype(object), frame.tables[name].astype(object), check_dtype=False
        )
    pd.testing.assert_frame_equal(done.result.tables["kernel"], frame.tables["kernel"])


def test_the_word_tells_rows_and_where_the_files_are(folder):
    told = CliRunner().invoke(cli, ["chains", str(folder / "mine.yaml"), "-o", str(folder / "runs")])
    assert told.exit_code == 0, told.output
    assert "504 interactions = 493 in chains + 11 outgoing or later" in told.output
    facts = json.loads((folder / "runs" / "mine" / "base@chains" / "facts.json").read_text())
    assert (facts["rows"], facts["contacts"], facts["left_out"]) == (504, 493, 11)
    made = {"chains", "chain_members", "kernel", "chain_metrics", "identity_merges"}
    read = {"intents", "intent_coverage", "intent_confusion"}
    assert made | read == {p.stem for p in (folder / "runs" / "mine" / "base@chains").glob("*.parquet")}
    assert "493 unknown" in told.output or "504 unknown" in told.output


def test_without_a_parquet_log_the_word_says_what_to_do(folder):
    (folder / "data" / "interactions.parquet").rename(folder / "data" / "calls.parquet")
    with pytest.raises(InputError, match=r"interactions.parquet.*wfo import"):
        large_chains(load_scenario(folder / "mine.yaml"), runs=folder / "runs")


def test_a_log_that_has_no_room_in_memory_is_refused_with_a_way_out(folder, monkeypatch):
    monkeypatch.setattr(room, "memory_bytes", lambda: 500_000)
    with pytest.raises(TableError, match=r"504 rows.*queue_intervals.*wfo chains"):
        run(load_scenario(folder / "mine.yaml"), runs=folder / "runs", until="chains")
    monkeypatch.setattr(room, "memory_bytes", lambda: None)
    assert not room.too_large([folder / "data" / "interactions.parquet"])


def test_the_size_of_a_csv_log_is_judged_by_its_bytes(tmp_path, monkeypatch):
    log = tmp_path / "interactions.csv"
    log.write_bytes(b"x" * 1000)
    monkeypatch.setattr(room, "memory_bytes", lambda: 11_000)
    assert len(room.too_large([log, tmp_path / "agents.csv"])) == 1
    monkeypatch.setattr(room, "memory_bytes", lambda: 13_000)
    assert not room.too_large([log])


@pytest.mark.parametrize("word", [["run", "--until", "chains"], ["chains"]])
def test_a_customer_of_too_many_contacts_is_said(folder, word):
    where = [str(folder / "mine.yaml"), "-o", str(folder / "runs")]
    told = CliRunner().invoke(cli, [*word, *where, "--set", "chains.customer_cap=5"])
    assert told.exit_code == 0, told.output
    alike = pd.read_parquet(folder / "data" / "interactions.parquet").query("direction == 'in'")
    many = alike["customer_id"].value_counts().loc[lambda n: n > 5]
    assert 0 < many.sum() < len(alike)
    said = f"Customers of too many contacts (chains.customer_cap): {len(many)}; their {many.sum()} contacts"
    assert said in told.stderr


def test_an_empty_log_is_refused_and_nothing_is_written(folder):
    log = folder / "data" / "interactions.parquet"
    pd.read_parquet(log).head(0).to_parquet(log)
    where = [str(folder / "mine.yaml"), "-o", str(folder / "runs"), "--set", "week.start=2025-07-07"]
    told = CliRunner().invoke(cli, ["chains", *where])
    assert isinstance(told.exception, InputError)
    assert "(0 rows) has no inbound contact" in str(told.exception)
    assert "wfo import" in str(told.exception)
    assert not list((folder / "runs").glob("*/*"))


@pytest.mark.parametrize(("number", "word"), [(13, "permission denied"), (28, "it is full"), (30, "-o")])
def test_files_that_the_machine_refuses_are_named(folder, monkeypatch, capsys, number, word):
    def refuse(*_, **__):
        raise OSError(number, "as it is", "data/interactions.parquet")

    monkeypatch.setattr("wfo.pipeline.large_log.rows_of", refuse)
    assert main(["chains", str(folder / "mine.yaml"), "-o", str(folder / "runs")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("data/interactions.parquet: ")
    assert word in said
    assert "Traceback" not in said
