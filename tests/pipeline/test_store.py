"""Stored results, keys, folders put in place whole."""

from pathlib import Path

import pandas as pd
import pytest

from wfo.errors import StoreError
from wfo.pipeline.hashing import frame_hash, source_hash
from wfo.pipeline.keys import Stage, key_of
from wfo.pipeline.store import open_stored, put_folder, save_stored
from wfo.tables.result import Meta, Result, Status

STAGE = Stage("chains", "chains", "wfo.tables.result:Result")


def result() -> Result:
    frame = pd.DataFrame({"a": [1, 2], "queues": pd.Series([["x"], []], dtype=object)})
    meta = Meta(status=Status.FEASIBLE, reasons=("why",), objective=1.5, seed=3)
    return Result({"one": frame, "two": frame[["a"]]}, meta, {"k": [1, 2]})


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    stored = save_stored(tmp_path / "x", result())
    again = open_stored(tmp_path / "x", Result)
    assert again.meta == result().meta
    assert again.result.state == {"k": [1, 2]}
    assert again.hashes == stored.hashes
    assert again.tables["one"]["queues"].tolist() == [["x"], []]
    assert list(again.tables) == ["one", "two"]
    assert "three" not in again.tables


def test_equal_results_have_equal_content(tmp_path: Path) -> None:
    first, second = save_stored(tmp_path / "x", result()), save_stored(tmp_path / "y", result())
    assert first.content == second.content


def test_a_broken_entry_is_told(tmp_path: Path) -> None:
    save_stored(tmp_path / "x", result())
    (tmp_path / "x" / "state.json").write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be read"):
        open_stored(tmp_path / "x", Result)


def test_a_failure_while_writing_leaves_what_was(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    put_folder(folder, lambda into: (into / "f").write_text("old", encoding="utf-8") and None)

    def fails(into: Path) -> None:
        (into / "f").write_text("new", encoding="utf-8")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        put_folder(folder, fails)
    assert (folder / "f").read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_key_names_what_changed() -> None:
    base = key_of(STAGE, {"window_h": 1}, {"interactions": "x"}, seed=1)
    same = key_of(STAGE, {"window_h": 1}, {"interactions": "x"}, seed=1)
    other = key_of(STAGE, {"window_h": 2}, {"interactions": "y"}, seed=1)
    assert base.word == same.word
    assert base.word != other.word
    assert base.why_not(None) == "first run"
    assert base.why_not(other.parts) == "its settings, interactions changed"
    assert base.why_not(same.parts) == "no stored result"


def test_source_of_a_stage_holds_what_lies_below_it() -> None:
    low, high = Stage("chains", "chains", ""), Stage("forecast", "forecasting", "")
    assert low.source() != high.source()
    assert source_hash("domain") == source_hash("domain")


def test_frames_hash_by_content() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": pd.Series([["x"], ["y"]], dtype=object)})
    assert frame_hash(frame) == frame_hash(frame.copy())
    assert frame_hash(frame) != frame_hash(frame.assign(a=[1.0, 3.0]))
    assert frame_hash(frame) != frame_hash(frame.rename(columns={"a": "c"}))
    assert frame_hash(frame) != frame_hash(frame.assign(b=pd.Series([["x"], ["z"]], dtype=object)))
