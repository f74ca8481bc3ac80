"""What a source's service level divides by is asked for, kept with the table, and told with the figures."""

import pandas as pd
import pytest

from wfo.cli.main import main
from wfo.errors import TableError
from wfo.sample.write import write_new
from wfo.tables.history import interval_counts
from wfo.tables.importer import import_into
from wfo.tables.parquet_parts import facts_of
from wfo.tables.read import read_data
from wfo.tables.service_level import service_levels, service_notes

MAPPING = (
    "table: queue_intervals\nfile: a.csv\nservice_level_of: {}\ncolumns:\n  queue: q\n"
    "  interval_start: s\n  interval_min: {{value: 30}}\n  offered: o\n  answered: a\n"
    "  abandoned_short: x\n  answered_in_target: k\n"
)
ROWS = [
    ("billing", "2025-03-03T09:00:00Z", 60, 50, 4, 40),
    ("billing", "2025-03-03T09:30:00Z", 40, 30, 6, 20),
]


def bring(folder, of, rows=ROWS, **more):
    (folder / "m.yaml").write_text(MAPPING.format(of))
    pd.DataFrame(rows, columns=["q", "s", "o", "a", "x", "k"]).to_csv(folder / "a.csv", index=False)
    return import_into(folder / "m.yaml", folder / "a.csv", folder / "data", **more).path


def test_it_is_kept_with_the_table_and_read_back(tmp_path):
    path = bring(tmp_path, "answered")
    assert facts_of(path) == {"service_level_of": "answered"}
    data = read_data(tmp_path / "data")
    (note,) = service_notes(data)
    assert note.message == (
        "service level of 'billing' as its source counts, of contacts answered: 75.0%; "
        "as counted here, of contacts offered without short abandons: 66.7%"
    )
    bring(tmp_path, "answered and virtual")
    (note,) = service_notes(read_data(tmp_path / "data"))
    assert "answered and virtual: not to be had from these counts" in note.message


def test_tables_without_it_are_told_so(tmp_path):
    path = bring(tmp_path, "offered")
    frame = pd.read_parquet(path)
    frame.to_csv(tmp_path / "queue_intervals.csv", index=False)
    (note,) = service_notes(read_data(tmp_path / "queue_intervals.csv"))
    assert "is not known (service_level_of of its mapping)" in note.message
    assert list(service_notes(read_data({"queue_intervals": frame.drop(columns="answered_in_target")}))) == []
    assert service_levels(frame.drop(columns="abandoned_short")).iloc[0, 1:].isna().tolist() == [
        False,
        False,
        False,
        True,
    ]


def test_counts_of_two_denominators_are_not_put_together(tmp_path):
    bring(tmp_path, "answered")
    later = [("billing", "2025-03-03T10:00:00Z", 10, 10, 0, 9)]
    with pytest.raises(TableError, match="of contacts answered, that of the new rows of contacts offered"):
        bring(tmp_path, "offered", later, append=True)
    path = bring(tmp_path, "answered", later, append=True)
    assert (len(pd.read_parquet(path)), facts_of(path)) == (3, {"service_level_of": "answered"})


def test_a_planner_reads_it_when_the_data_are_checked(tmp_path, capsys):
    write_new(tmp_path / "centre", "tiny")
    data = tmp_path / "centre" / "data"
    counts = interval_counts(read_data(data)["interactions"], step_min=30).drop(columns="wait_s_total")
    counts = counts.assign(answered_in_target=counts["answered"] // 2)
    counts.to_csv(tmp_path / "a.csv", index=False)
    names = {c: c for c in counts.columns}
    text = "table: queue_intervals\nfile: a.csv\nservice_level_of: answered\ncolumns: " + str(names)
    (tmp_path / "m.yaml").write_text(text)
    assert (
        main(["import", str(tmp_path / "m.yaml"), str(tmp_path / "a.csv"), "-o", str(data), "--quiet"]) == 0
    )
    capsys.readouterr()
    assert main(["check", str(tmp_path / "centre" / "week.yaml"), "--data"]) == 0
    said = capsys.readouterr().err
    assert "as its source counts, of contacts answered:" in said
    assert "as counted here, of contacts offered without short abandons:" in said
