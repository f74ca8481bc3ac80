"""Logs larger than the engine's memory: worked on from disk, with the same chains; bad ones refused alike."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfo.chains import engines as module
from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.engines import engine
from wfo.chains.intents import in_files
from wfo.chains.settings import ChainSettings
from wfo.errors import InputError
from wfo.tables import duck_on_disk
from wfo.tables.duck import DuckSql
from wfo.tables.duck_on_disk import DuckOnDisk


@pytest.fixture(scope="module")
def small_log(planted_log):
    return planted_log({("web", "voice"): 0.3}, contacts=4_000, customers=800, named=0.1, redial_p=0.5)


class Lots(DuckOnDisk):
    """An engine that asks by as many lots as a test says."""

    lots = 1

    def parts(self, column, rows):
        return tuple(f"{column} % {self.lots} = {lot}" for lot in range(self.lots))


def test_a_log_worked_on_from_disk_gives_the_same_files(centre, now, small_log, tmp_path, monkeypatch):
    log = tmp_path / "log.parquet"
    small_log.to_parquet(log)
    inputs = ChainInputs(centre, log, now)
    first = build_chains(inputs, ChainSettings(), into=tmp_path / "memory")
    monkeypatch.setattr(module, "_ROW_BYTES", 10**9)
    monkeypatch.setattr(duck_on_disk, "_ROW_BYTES", 10**6)
    opened = []
    monkeypatch.setattr(module, "DuckOnDisk", lambda **how: opened.append(how) or DuckOnDisk(**how))
    again = build_chains(inputs, ChainSettings(), into=tmp_path / "disk")
    assert [how["memory"] for how in opened] == ["3000MB"]
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


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 999), lots=st.integers(2, 7), key_alone=st.sampled_from([0.0, 0.3]))
def test_results_do_not_depend_on_how_many_lots_customers_are_cut_into(
    centre, now, planted_log, seed, lots, key_alone
):
    log = planted_log(
        {("web", "voice"): 0.3}, seed=seed, contacts=1_500, customers=300, named=0.1, key_alone=key_alone
    )
    found = []
    for n in (1, lots):
        with Lots(memory="500MB") as sql:
            sql.lots = n
            found.append(build_chains(ChainInputs(centre, log, now), ChainSettings(), sql=sql))
    one, several = found
    assert len(one.tables["chains"]) > 500
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, several.tables[name])
    assert (one.meta.facts, one.meta.notes, one.state) == (
        several.meta.facts,
        several.meta.notes,
        several.state,
    )


def test_a_small_log_is_worked_on_in_memory(centre, now, small_log):
    with engine(small_log, ChainSettings()) as sql:
        assert isinstance(sql, DuckSql)
        assert not isinstance(sql, DuckOnDisk)


def test_a_broken_file_is_refused_before_an_engine_opens(centre, now, tmp_path):
    broken = tmp_path / "log.parquet"
    broken.write_bytes(b"PAR1 broken off")
    with pytest.raises(InputError, match="broken off"):
        build_chains(ChainInputs(centre, broken, now), ChainSettings())


@pytest.mark.parametrize("pieces", [500_000, 700])
def test_silent_contacts_of_a_file_are_read_as_those_of_a_frame(
    centre, now, small_log, tmp_path, monkeypatch, pieces
):
    silent = small_log.assign(intent=small_log["intent"].mask(small_log.index % 4 == 0, "unknown"))
    silent.loc[small_log.index % 4 == 1, "intent"] = None
    word = small_log["intent"].str.replace("_", " ")
    silent["text"] = ("my " + word + " please").mask(small_log.index % 8 == 0, "no words")
    silent.to_parquet(tmp_path / "log.parquet")
    monkeypatch.setattr(in_files, "_ROWS", pieces)
    own = ChainSettings(infer={"least_labelled": 50, "most_labelled": 1500})
    frame = build_chains(ChainInputs(centre, silent, now), own)
    file = build_chains(ChainInputs(centre, tmp_path / "log.parquet", now), own)
    assert frame.tables["intents"]["source"].value_counts()["fitted"] > 500
    for name in sorted(frame.tables):
        pd.testing.assert_frame_equal(file.tables[name], frame.tables[name], check_dtype=False)
    assert file.meta.facts == frame.meta.facts
    assert sorted(file.meta.notes) == sorted(frame.meta.notes)
    kept = build_chains(ChainInputs(centre, tmp_path / "log.parquet", now), own, into=tmp_path / "into")
    assert kept.tables["intents"].empty
    read = pd.read_parquet(tmp_path / "into" / "intents.parquet")
    pd.testing.assert_frame_equal(read, frame.tables["intents"], check_dtype=False)
    assert len(list((tmp_path / "into").iterdir())) == 3


def test_ids_that_stand_twice_are_refused_in_files_too(centre, now, small_log, tmp_path):
    twice = pd.concat([small_log, small_log.head(2)]).assign(intent=None)
    twice.to_parquet(tmp_path / "log.parquet")
    with pytest.raises(InputError, match="2 interaction_id stand twice"):
        build_chains(ChainInputs(centre, tmp_path / "log.parquet", now), ChainSettings())
