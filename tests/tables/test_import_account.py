"""Rows in = rows kept + folded + refused + empty, counted where they are read and where they are written."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from wfo.errors import RunError
from wfo.tables import import_rows, importer
from wfo.tables.formats import part
from wfo.tables.importer import import_into, import_table
from wfo.tables.mapping_files import find_mappings
from wfo.tables.parquet_parts import PartWriter

CALLS = "id,at\na,2025-03-03T09:00:00Z\n\nb,2025-03-03T09:00:00Z\nc,soon\n"
MAPPING = (
    "table: interactions\nfile: a.csv\ncolumns:\n  interaction_id: id\n  channel: {value: voice}\n"
    "  direction: {value: in}\n  started_at: at\n  outcome: {value: handled}\n"
)
VISITS = [
    {"type": "page", "anonymousId": "v", "messageId": f"m{i}", "timestamp": f"2025-03-03T09:0{i}:00Z"}
    for i in range(3)
]


@pytest.fixture
def calls(tmp_path):
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / "a.csv").write_text(CALLS)
    return tmp_path / "m.yaml", tmp_path / "a.csv", tmp_path / "data"


@pytest.fixture
def visits(tmp_path):
    (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, [*VISITS, {"type": "nothing"}])))
    return find_mappings("web_events"), tmp_path / "e.jsonl", tmp_path / "data"


def test_blank_lines_are_read_and_told(calls):
    mapping, source, folder = calls
    done = import_into(mapping, source, folder)
    assert done.rows == len(CALLS.splitlines()) - 1 == 4
    told = done.summary.set_index("outcome")["rows"].to_dict()
    assert told == {"kept": 2, "empty": 1, "unreadable": 1}


def test_every_table_of_a_format_tells_what_it_refused(visits):
    mappings, source, folder = visits
    for mapping in mappings:
        done = import_into(mapping, source, folder)
        assert done.rows == 4
        refused = pd.read_csv(folder / "refused" / f"{done.table}.csv")
        assert refused["reason"].tolist() == ["unknown type nothing"]
    told = done.summary.set_index("outcome")["rows"].to_dict()
    assert mappings[-1].stem == "interactions"
    assert told == {"kept": 1, "folded": 2, "unreadable": 1}
    links = import_table(mappings[0], source)
    assert links.summary().set_index("outcome")["rows"].to_dict() == {"kept": 0, "empty": 3, "unreadable": 1}


def test_a_row_lost_in_the_judgement_is_noticed(calls, monkeypatch):
    whole = import_rows.judge

    def lossy(rules, table, chunk):
        arrays = {name: getattr(chunk, name)[:-1] for name in ("files", "numbers", "behind", "faults")}
        return whole(rules, table, replace(chunk, frame=chunk.frame.iloc[:-1], **arrays))

    monkeypatch.setattr(importer, "judge", lossy)
    unwritten(*calls, "4 rows were read, but 2 kept or folded, 0 refused and 1 empty make 3")


def test_a_row_lost_by_the_writer_is_noticed(calls, monkeypatch):
    write = PartWriter.write
    monkeypatch.setattr(PartWriter, "write", lambda self, frame: write(self, frame.iloc[1:]))
    unwritten(*calls, "2 rows were kept, but the file has 1")


def test_a_refusal_that_is_not_told_is_noticed(calls, monkeypatch):
    told = import_rows._refused
    monkeypatch.setattr(import_rows, "_refused", lambda chunk, ledger: told(chunk, ledger).iloc[:0])
    unwritten(*calls, "0 refused and 1 empty make 3")


def test_a_record_that_a_format_forgets_is_noticed(visits, monkeypatch):
    mappings, source, folder = visits
    monkeypatch.setattr(part.PartBuilder, "refuse", lambda self, record, fault, behind=1: None)
    for mapping in mappings:
        unwritten(mapping, source, folder, "4 rows were read, but")


def unwritten(mapping, source, folder, message):
    """The import stops with the message and leaves no file; so does bringing in a frame."""
    with pytest.raises(RunError, match=message):
        import_into(mapping, source, folder)
    assert [p.name for p in folder.rglob("*") if p.is_file()] == []
