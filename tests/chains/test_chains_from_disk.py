"""Logs larger than the engine's memory: worked on from disk, with the same chains; bad ones refused alike."""

import pandas as pd
import pytest

from wfo.chains import build_chains as module
from wfo.chains.build_chains import ChainInputs, build_chains, engine
from wfo.chains.settings import ChainSettings
from wfo.errors import InputError
from wfo.tables import duck


@pytest.fixture(scope="module")
def small_log(planted_log):
    return planted_log({("web", "voice"): 0.3}, contacts=4_000, customers=800, named=0.1, redial_p=0.5)


def test_a_log_worked_on_from_disk_gives_the_same_files(centre, now, small_log, tmp_path, monkeypatch):
    log = tmp_path / "log.parquet"
    small_log.to_parquet(log)
    inputs = ChainInputs(centre, log, now)
    first = build_chains(inputs, ChainSettings(), into=tmp_path / "memory")
    monkeypatch.setattr(module, "_ROW_BYTES", 10**9)
    monkeypatch.setattr(duck, "_ROW_BYTES", 10**6)
    opened = []
    monkeypatch.setattr(module, "DuckSql", lambda **how: opened.append(how) or duck.DuckSql(**how))
    again = build_chains(inputs, ChainSettings(), into=tmp_path / "disk")
    assert [how["on_disk"] for how in opened] == [True]
    for name in ("chains.parquet", "chain_members.parquet"):
        one, two = (pd.read_parquet(tmp_path / kind / name) for kind in ("memory", "disk"))
        assert len(one) > 1000
        pd.testing.assert_frame_equal(one, two)
    assert sorted(p.name for p in (tmp_path / "disk").iterdir()) == [
        "chain_members.parquet",
        "chains.parquet",
    ]
    for name in ("kernel", "chain_metrics", "identity_merges"):
        pd.testing.assert_frame_equal(first.tables[name], again.tables[name])
    assert (first.meta.facts, first.state) == (again.meta.facts, again.state)


def test_a_small_log_is_worked_on_in_memory(centre, now, small_log):
    with engine(small_log, ChainSettings()) as sql:
        assert isinstance(sql, duck.DuckSql)
        assert sql.rows("SELECT count(*) FROM duckdb_databases() WHERE database_name = 'kept'") == [(0,)]


def test_a_broken_file_is_refused_before_an_engine_opens(centre, now, tmp_path):
    broken = tmp_path / "log.parquet"
    broken.write_bytes(b"PAR1 broken off")
    with pytest.raises(InputError, match="broken off"):
        build_chains(ChainInputs(centre, broken, now), ChainSettings())


def test_contacts_of_a_file_that_state_no_intent_are_counted(centre, now, small_log, tmp_path):
    silent = small_log.assign(intent=small_log["intent"].mask(small_log.index % 4 == 0, "unknown"))
    silent.loc[small_log.index % 4 == 1, "intent"] = None
    silent.to_parquet(tmp_path / "log.parquet")
    result = build_chains(ChainInputs(centre, tmp_path / "log.parquet", now), ChainSettings())
    expected = int((small_log.index % 4 < 2).sum())
    assert result.meta.facts["contacts_without_intent"] == expected
    assert sum(f"{expected:,} contacts state no intent" in note for note in result.meta.notes) == 1
    assert "unknown" not in set(result.tables["chains"]["intent"].dropna())
