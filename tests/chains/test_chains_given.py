"""A log given as files is refused for the faults that frames are refused for, at its file and column."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.domain.centre import Centre
from wfo.errors import InputError

NOW = dt.datetime(2025, 5, 5, tzinfo=dt.UTC)
CENTRE = Centre.model_validate({"queues": {"voice": {"channel": "voice", "law": "immediate"}}})
N = 40


@pytest.fixture
def log():
    start = pd.date_range("2025-04-01", periods=N, freq="6h", tz="UTC").as_unit("us")
    return pd.DataFrame(
        {
            "interaction_id": [f"i{k}" for k in range(N)],
            "customer_id": [f"c{k % 7}" for k in range(N)],
            "channel": "voice",
            "queue": "voice",
            "direction": "in",
            "started_at": start,
            "ended_at": start + pd.Timedelta("5min"),
            "handle_s": 240.0,
            "outcome": "handled",
            "note": range(N),
        }
    )


def chains(log, tmp_path, *, name="log.parquet"):
    path = tmp_path / name
    pq.write_table(log if isinstance(log, pa.Table) else pa.Table.from_pandas(log), path)
    return build_chains(ChainInputs(CENTRE, path, NOW), ChainSettings())


def refused(log, tmp_path):
    """Problems of a file without its folder, and that the frame itself is refused for the same."""
    with pytest.raises(InputError) as caught:
        chains(log, tmp_path)
    found = [
        str(p).replace(f"{tmp_path}/", "").replace("interactions:", "log.parquet:")
        for p in caught.value.problems
    ]
    if isinstance(log, pd.DataFrame):
        with pytest.raises(InputError) as again:
            build_chains(ChainInputs(CENTRE, log, NOW), ChainSettings())
        told = [str(p).replace("interactions", "log.parquet", 1) for p in again.value.problems]
        assert [t.split("; found:")[0] for t in told] == [f.split("; found:")[0] for f in found]
    return found


def test_a_sound_log_gives_the_same_chains_as_file_and_as_frame(log, tmp_path):
    whole = build_chains(ChainInputs(CENTRE, log, NOW), ChainSettings())
    for given in (log, log.astype({c: "category" for c in ("channel", "queue", "direction", "outcome")})):
        pd.testing.assert_frame_equal(chains(given, tmp_path).tables["chains"], whole.tables["chains"])


def test_missing_columns(log, tmp_path):
    found = refused(log.drop(columns=["direction", "outcome"]), tmp_path)
    assert [f.split(":")[0] for f in found] == [
        "log.parquet, column 'direction'",
        "log.parquet, column 'outcome'",
    ]
    assert "is missing; found: interaction_id, customer_id, channel" in found[0]


def test_types_and_naive_times(log, tmp_path):
    wrong = log.assign(
        started_at=log["started_at"].dt.tz_localize(None),
        ended_at=log["ended_at"].astype("str"),
        handle_s="4 min",
        customer_id=np.where(np.arange(N) % 2, np.nan, np.arange(N) * 1.0),
    )
    found = refused(wrong, tmp_path)
    words = ["found numbers", "found times without an offset", "found text; allowed: instants", "found text"]
    assert len(found) == 4
    assert all(w in f for w, f in zip(words, found, strict=True))


def test_every_word_and_empty_cell_at_once(log, tmp_path):
    log.loc[3, "interaction_id"] = None
    log.loc[4, "started_at"] = pd.NaT
    log.loc[5:7, "direction"] = ["sideways", "sideways", "IN"]
    log.loc[8, "outcome"] = "vanished"
    log.loc[9, "channel"] = "عرض 🙂"
    log.loc[10, "handle_s"] = -5.0
    log.loc[11, "handle_s"] = np.inf
    found = "\n".join(refused(log, tmp_path))
    assert "column 'interaction_id': found nothing in 1 row; every row needs a value" in found
    assert "column 'started_at': found nothing in 1 row" in found
    assert "column 'direction': found 'sideways', 'IN' in 3 rows; allowed: in, out;" in found
    assert "column 'outcome': found 'vanished' in 1 row; allowed: handled, abandoned" in found
    assert "column 'channel': found 'عرض 🙂' in 1 row" in found
    assert "column 'handle_s': found '-5.0', 'Infinity' in 2 rows" in found.replace("'inf'", "'Infinity'")


def test_ids_that_stand_twice_and_files_that_differ(log, tmp_path):
    twice = log.assign(interaction_id=["i0", "i0", *log["interaction_id"][2:]])
    assert "1 interaction_id stand twice (i0)" in refused(twice, tmp_path)[0]
    one, other = tmp_path / "a.parquet", tmp_path / "b.parquet"
    log.iloc[2:20].to_parquet(one)
    log.iloc[20:].drop(columns="queue").astype({"outcome": "category"}).to_parquet(other)
    both = build_chains(ChainInputs(CENTRE, [one, other], NOW), ChainSettings())
    assert both.meta.facts["contacts"] == N - 2
    other.write_bytes(other.read_bytes()[:900])
    with pytest.raises(InputError, match=r"b.parquet: cannot be read as Parquet .*broken off"):
        build_chains(ChainInputs(CENTRE, [one, other], NOW), ChainSettings())


def test_empty_names_join_nobody_and_ends_before_starts_are_told(log, tmp_path):
    table = pa.Table.from_pandas(log.assign(customer_id=[""] * N, handle_s=0.0))
    at = table.column_names.index("handle_s")
    table = table.set_column(at, "handle_s", pa.array([float("nan")] * N, pa.float64()))
    found = chains(table, tmp_path)
    assert found.meta.facts["identity_coverage"] == 0
    assert len(found.tables["chains"]) == N
    assert "Contacts that end before they start: 1;" in " ".join(
        chains(
            log.assign(ended_at=log["ended_at"].where(log.index != 3, log["started_at"][0])), tmp_path
        ).meta.notes
    )
