"""Rows added to a data folder: late, repeated and unordered ones give what bringing in all at once gives."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.chains.append import append, start
from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.cli.main import main
from wfo.domain.centre import Centre
from wfo.errors import TableError
from wfo.tables.importer import import_into
from wfo.tables.read import read_data

MAPPING = """
table: interactions
file: "*.csv"
columns:
  interaction_id: id
  customer_id: who
  channel: {value: voice}
  queue: {value: voice}
  direction: {value: in}
  started_at: at
  transfers: moved
  outcome: {value: handled}
"""
COLUMNS = ["id", "who", "at", "moved"]
ROW = st.tuples(
    st.sampled_from([f"i{k}" for k in range(9)]),
    st.sampled_from(["anna", "ben", ""]),
    st.sampled_from(["2025-03-03T09:00:00Z", "2025-03-01T09:00:00Z", "2025-03-02T21:30:00+01:00", "then"]),
    st.sampled_from(["", "1", "2"]),
)


def bring(folder, rows, *, append=True, into="data"):
    (folder / "m.yaml").write_text(MAPPING)
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "a.csv", index=False)
    return import_into(folder / "m.yaml", folder / "a.csv", folder / into, append=append)


def unique(rows):
    """Rows of one import: of one id the first counts there, so that a repeat is refused."""
    return list({row[0]: row for row in reversed(rows)}.values())


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(ROW, max_size=7), min_size=1, max_size=3))
def test_batches_give_the_last_row_of_each_id(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("more")
    wanted, refused = {}, 0
    for batch in map(unique, batches):
        good = {row[0]: row for row in batch if row[2] != "then"}
        done = bring(folder, batch)
        assert (done.before, done.replaced) == (len(wanted), len(wanted.keys() & good.keys()))
        wanted |= good
        refused += len(batch) - len(good)
    data = read_data(folder / "data")["interactions"]
    assert sorted(data["interaction_id"]) == sorted(wanted)
    whole = bring(folder, list(wanted.values()), into="whole").path
    again = read_data(whole.parent)["interactions"] if wanted else data
    ordered = [f.sort_values("interaction_id", ignore_index=True) for f in (data, again)]
    pd.testing.assert_frame_equal(*ordered, check_dtype=False)
    assert len(pd.read_csv(folder / "data" / "refused" / "interactions.csv")) == refused


def test_chains_of_a_folder_appended_to_are_those_of_appending_to_chains(tmp_path):
    days = [f"2025-03-{d:02d}T09:00:00Z" for d in range(1, 21)]
    rows = [(f"i{k}", f"c{k % 5}", day, "") for k, day in enumerate(days)]
    now = dt.datetime(2025, 4, 20, tzinfo=dt.UTC)
    centre = Centre.model_validate({"queues": {"voice": {"channel": "voice", "law": "immediate"}}})
    bring(tmp_path, rows[5:15])
    first = read_data(tmp_path / "data")["interactions"]
    state = start(ChainInputs(centre, first, now), ChainSettings())
    late = [*rows[15:], *rows[:5], ("i7", "c4", days[7], "2")]
    new = read_data(bring(tmp_path, late, into="new").path.parent)["interactions"]
    grown = append(state, new)
    bring(tmp_path, late)
    whole = read_data(tmp_path / "data")["interactions"]
    model = grown.inputs.link_model
    anew = build_chains(ChainInputs(centre, whole, now, link_model=model), ChainSettings())
    for name in ("chains", "chain_members"):
        pd.testing.assert_frame_equal(grown.result.tables[name], anew.tables[name])


def test_the_command_line_says_what_was_there_and_what_gave_way(tmp_path, capsys):
    (tmp_path / "m.yaml").write_text(MAPPING)
    words = ["import", str(tmp_path / "m.yaml"), str(tmp_path / "a.csv"), "-o", str(tmp_path / "data")]
    bring(tmp_path, [("i1", "anna", "2025-03-03T09:00:00Z", ""), ("i2", "", "2025-03-03T09:00:00Z", "")])
    pd.DataFrame([("i2", "ben", "2025-03-01T09:00:00Z", "1")], columns=COLUMNS).to_csv(tmp_path / "a.csv")
    assert main([*words, "--append"]) == 0
    assert "; 2 were there, 1 of them replaced" in capsys.readouterr().err
    there = read_data(tmp_path / "data")["interactions"].set_index("interaction_id")
    assert there["customer_id"].to_dict() == {"i1": "anna", "i2": "ben"}
    (tmp_path / "data" / "interactions.csv").write_text("x\n1\n")
    assert main([*words, "--append"]) == 2
    assert "only Parquet is appended to" in capsys.readouterr().err
    assert len(read_data(tmp_path / "data" / "interactions.parquet")["interactions"]) == 2


def test_tables_that_do_not_fit_stay_as_they_are(tmp_path):
    path = bring(tmp_path, [("i1", "anna", "2025-03-03T09:00:00Z", "")]).path
    pd.DataFrame({"name": ["x"]}).to_parquet(path)
    whole = path.read_bytes()
    with pytest.raises(TableError, match="has no column 'interaction_id'; write it anew"):
        bring(tmp_path, [("i2", "anna", "2025-03-03T09:00:00Z", "")])
    assert path.read_bytes() == whole
    assert sorted(p.name for p in path.parent.iterdir()) == ["interactions.parquet", "refused"]


def test_an_older_record_that_comes_later_does_not_win(tmp_path):
    (tmp_path / "m.yaml").write_text(MAPPING + "keep_latest: changed\n")

    def record(moved, changed):
        row = [("i1", "anna", "2025-03-03T09:00:00Z", moved, changed)]
        pd.DataFrame(row, columns=[*COLUMNS, "changed"]).to_csv(tmp_path / "a.csv", index=False)
        done = import_into(tmp_path / "m.yaml", tmp_path / "a.csv", tmp_path / "data", append=True)
        told = done.summary.set_index("outcome")["reason"].to_dict()
        return read_data(tmp_path / "data")["interactions"]["transfers"].tolist(), told

    assert record("1", "2025-03-05T00:00:00Z")[0] == [1]
    there, told = record("2", "2025-03-04T00:00:00Z")
    assert there == [1]
    assert told["superseded"] == "a later record of the same key is there"
    assert record("3", "2025-03-05T00:00:00Z")[0] == [3]
    assert record("4", "")[0] == [3]
    assert record("5", "2025-03-06T00:00:00Z")[0] == [5]
