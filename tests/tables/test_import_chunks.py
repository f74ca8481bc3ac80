"""Imports in chunks give what an import in one piece gives; a source that breaks off leaves nothing."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfo.errors import TableError
from wfo.tables import import_source
from wfo.tables.importer import import_into, import_table
from wfo.tables.parquet import read_frame

MAPPING = """
table: interactions
file: "*.csv"
columns:
  interaction_id: id
  channel: {value: voice}
  direction: {value: in}
  started_at: at
  transfers: moved
  outcome: {value: handled}
"""


def source(folder, rows, more=""):
    (folder / "m.yaml").write_text(MAPPING + more)
    frame = pd.DataFrame(rows, columns=["id", "at", "moved", "changed"])
    frame.to_csv(folder / "calls.csv", index=False)
    return folder / "m.yaml", folder / "calls.csv"


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["2025-03-03T09:00:00Z", "2025-03-03T09:30:00+01:00", "then", ""]),
        st.sampled_from(["", "1", "-1"]),
        st.sampled_from(["2025-03-04T00:00:00Z", "2025-03-05T00:00:00Z"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 5), st.booleans())
def test_chunks_change_nothing(tmp_path, monkeypatch, rows, size, latest):
    mapping, path = source(tmp_path, rows, "keep_latest: changed\n" if latest else "")
    monkeypatch.setattr(import_source, "CHUNK_ROWS", 1000)
    whole = import_table(mapping, path)
    monkeypatch.setattr(import_source, "CHUNK_ROWS", size)
    pieces = import_table(mapping, path)
    pd.testing.assert_frame_equal(
        pieces.frame, whole.frame, check_dtype=False
    )  # a chunk without a missing number has whole ones
    pd.testing.assert_frame_equal(pieces.refused, whole.refused)
    assert pieces.rows == whole.rows == len(rows) == len(whole.frame) + len(whole.refused)
    with TemporaryDirectory(dir=tmp_path) as out:
        written = import_into(mapping, path, Path(out))
        assert (written.kept, written.rows) == (len(whole.frame), len(rows))
        kept = read_frame(written.path)["interaction_id"].tolist()
    assert kept == whole.frame["interaction_id"].tolist()
    pd.testing.assert_frame_equal(written.summary, whole.summary())


def test_the_latest_record_wins_wherever_it_stands(tmp_path, monkeypatch):
    rows = [
        ("a", "2025-03-03T09:00:00Z", "1", "2025-03-05T00:00:00Z"),
        ("b", "2025-03-03T09:00:00Z", "2", "2025-03-04T00:00:00Z"),
        ("a", "2025-03-03T09:00:00Z", "3", "2025-03-04T00:00:00Z"),
        ("b", "2025-03-03T09:00:00Z", "4", "2025-03-04T00:00:00Z"),
    ]
    monkeypatch.setattr(import_source, "CHUNK_ROWS", 1)
    mapping, path = source(tmp_path, rows, "keep_latest: changed\n")
    done = import_table(mapping, path)
    assert done.frame["transfers"].tolist() == [1, 4]
    assert done.refused["rule"].tolist() == ["superseded", "superseded"]


def test_a_source_that_breaks_off_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(import_source, "CHUNK_ROWS", 1)
    mapping, path = source(tmp_path, [("a", "2025-03-03T09:00:00Z", "", "")] * 2)
    path.write_text(path.read_text() + 'b,"2025-03-03T09:00:00Z,,\n')
    with pytest.raises(TableError, match="does not fit the header"):
        import_into(mapping, path, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").rglob("*") if p.is_file()] == []
    parquet = tmp_path / "calls.parquet"
    pd.DataFrame({"id": ["a"], "at": ["2025-03-03T09:00:00Z"], "moved": [1.0]}).to_parquet(parquet)
    whole = parquet.read_bytes()
    assert len(import_table(mapping, parquet).frame) == 1
    parquet.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableError, match="cannot be read as Parquet"):
        import_table(mapping, parquet)
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(TableError, match="the file is empty"):
        import_table(mapping, tmp_path / "empty.csv")


def test_a_header_alone_gives_an_empty_table(tmp_path):
    mapping, path = source(tmp_path, [])
    assert import_into(mapping, path, tmp_path / "out").kept == 0


def test_a_sheet_is_named_by_part(tmp_path):
    mapping, _ = source(tmp_path, [], "part: calls\n")
    book = tmp_path / "b.xlsx"
    frame = pd.DataFrame({"id": ["a"], "at": ["2025-03-03T09:00:00Z"], "moved": [1]})
    with pd.ExcelWriter(book) as writer:
        pd.DataFrame({"x": [1]}).to_excel(writer, sheet_name="notes", index=False)
        frame.to_excel(writer, sheet_name="calls", index=False)
    assert import_table(mapping, book).frame["interaction_id"].tolist() == ["a"]
    mapping.write_text(MAPPING + "part: callers\n")
    with pytest.raises(TableError, match=r"has no sheet 'callers'.*found: notes, calls"):
        import_table(mapping, book)


def test_headings_of_a_sheet_are_as_the_planner_sees_them(tmp_path):
    frame = pd.DataFrame({"Id": ["a", "b"], "Begonnen am": ["2025-03-03T09:00:00Z"] * 2, " Moved ": [1, 0]})
    frame.to_excel(tmp_path / "b.xlsx", sheet_name="Meine Liste", index=False)
    mapping = tmp_path / "m.yaml"
    for ident, began, part in (("Id", "Begonnen am", "Meine Liste"), ("id", "begonnen_am", "meine_liste")):
        text = MAPPING.replace(": id\n", f": {ident}\n").replace(": at\n", f": {began}\n")
        assert began in text
        mapping.write_text(text + f"part: {part}\n")
        assert import_table(mapping, tmp_path / "b.xlsx").frame["interaction_id"].tolist() == ["a", "b"]
    mapping.write_text(MAPPING.replace(": id\n", ": Vorgang\n"))
    with pytest.raises(TableError, match=r"has no column 'Vorgang'.*found: Id, Begonnen am"):
        import_table(mapping, tmp_path / "b.xlsx")


def test_a_service_level_needs_its_denominator(tmp_path):
    mapping = tmp_path / "m.yaml"
    text = (
        "table: queue_intervals\nfile: a.csv\ncolumns:\n  queue: q\n  interval_start: s\n"
        "  interval_min: {value: 30}\n  offered: n\n  answered_in_target: k\n"
    )
    mapping.write_text(text)
    (tmp_path / "a.csv").write_text("q,s,n,k\nbilling,2025-03-03T09:00:00Z,10,8\n")
    with pytest.raises(TableError, match="add service_level_of: one of offered, answered"):
        import_table(mapping, tmp_path / "a.csv")
    mapping.write_text(text + "service_level_of: answered\n")
    assert import_table(mapping, tmp_path / "a.csv").frame["answered_in_target"].tolist() == [8]


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("first", [0, 2])
def test_a_row_with_too_many_cells_is_refused_alone(tmp_path, monkeypatch, size, first):
    monkeypatch.setattr(import_source, "CHUNK_ROWS", size)
    mapping, path = source(tmp_path, [], "")
    good = [f"i{k},2025-03-03T09:00:00Z,1,\n" for k in range(4)]
    lines = [*good[:first], "bad,2025-03-03T09:00:00Z,,,too,many\n", "\n", *good[first:], "short\n"]
    path.write_text(path.read_text() + "".join(lines))
    done = import_table(mapping, path)
    assert done.frame["interaction_id"].tolist() == ["i0", "i1", "i2", "i3"]
    assert done.rows == len(lines)
    assert done.refused["row"].tolist() == [first + 2, len(lines) + 1]
    assert done.refused["reason"][0] == "6 cells, the header has 4; quote cells that contain the separator"
    assert done.refused["reason"][1].startswith("started_at: every row needs a value")
