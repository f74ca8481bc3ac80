import datetime as dt

import pandas as pd
import pytest

from wfo.errors import StoreError
from wfo.tables.carry_over import CarryOver
from wfo.tables.result import Meta, Result

SEGMENTS = pd.DataFrame(
    {
        "agent_id": ["a", "b"],
        "start": pd.to_datetime(["2025-03-03T08:00Z", "2025-03-03T09:00Z"]).as_unit("us"),
        "schedule_date": pd.Series([dt.date(2025, 3, 3)] * 2, dtype=object),
        "queues": pd.Series([["x", "y"], []], dtype=object),
    }
)


def test_what_goes_over_comes_back_the_same(tmp_path):
    levels = pd.DataFrame({"agent_id": ["a"], "behaviour": ["listens"], "level": [0.71]})
    CarryOver(last_shifts=SEGMENTS, levels=levels).save(tmp_path / "carry_over")
    back = CarryOver.load(tmp_path / "carry_over")
    pd.testing.assert_frame_equal(back.last_shifts, SEGMENTS)
    pd.testing.assert_frame_equal(back.levels, levels)
    assert back.backlog.empty


def test_the_same_frames_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        CarryOver(last_shifts=SEGMENTS).save(tmp_path / name)
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert [(tmp_path / "one" / f).read_bytes() for f in files] == [
        (tmp_path / "two" / f).read_bytes() for f in files
    ]


def test_a_missing_or_older_folder_is_said(tmp_path):
    with pytest.raises(StoreError, match="cannot be read"):
        CarryOver.load(tmp_path)
    CarryOver().save(tmp_path)
    (tmp_path / "carry_over.json").write_text('{"schema_version": 0}')
    with pytest.raises(StoreError, match="schema version 0"):
        CarryOver.load(tmp_path)


def test_results_keep_lists_and_dates(tmp_path):
    result = Result(tables={"schedule": SEGMENTS}, meta=Meta(seed=3, notes=("one",)), state={"a": 1})
    result.save(tmp_path)
    back = Result.load(tmp_path)
    pd.testing.assert_frame_equal(back.tables["schedule"], SEGMENTS)
    assert back.tables["schedule"]["queues"].tolist() == [["x", "y"], []]
    assert back.meta == result.meta
