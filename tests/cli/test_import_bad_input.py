"""A newcomer brings in what sources really send: each row is kept, or refused at its place for a reason."""

from pathlib import Path

import pandas as pd
import pytest

from wfo.cli.main import main
from wfo.tables.read import read_data

MAPPING = """
table: interactions
file: "*.csv"
timezone: Europe/Berlin
columns:
  interaction_id: id
  customer_id: who
  channel: medium
  queue: {value: voice_billing}
  direction: {value: in}
  started_at: began
  ended_at: ended
  outcome: {from: end, map: {done: handled, gone: abandoned}}
  parent_id: parent
"""
HEAD = "id,who,medium,began,ended,end,parent"
ROWS = [
    "a,عائشة 🙂,voice,2025-03-03T09:00:00,2025-03-03T09:05:00,done,b",
    "b,עברית,voice,2025-03-03T09:00:00,2025-03-03T09:05:00,done,a",
    "c,x,voice,2025-03-03T09:00:00,2025-03-03T08:05:00,done,c",
    "d,x,voice,2025-10-26T02:30:00,2025-10-26T03:30:00,done,",
    "e,x,voice,2025-03-30T02:30:00,,done,",
    "f,x,fax,2025-03-03T09:00:00,,done,",
    "g,x,voice,2025-03-03T09:00:00,,vanished,",
    "h,x,voice,2025-10-26T02:30:00+01:00,2025-10-26T03:30:00,done,h",
    "",
    "a,x,voice,2025-03-03T09:00:00,,done,",
]


def bring(folder: Path, rows: list[str], name: str = "calls.csv", mapping: str = MAPPING) -> int:
    (folder / "m.yaml").write_text(mapping, encoding="utf-8")
    (folder / name).write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return main(["import", str(folder / "m.yaml"), str(folder / name), "-o", str(folder / "data")])


def test_every_bad_row_at_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bring(tmp_path, ROWS) == 0
    said = capsys.readouterr().err
    assert "interactions: 3 rows of 10 in" in said
    assert f"interactions: 6 rows refused, listed in {tmp_path}/data/refused/interactions.csv" in said
    refused = pd.read_csv(tmp_path / "data" / "refused" / "interactions.csv").set_index("row")["reason"]
    words = {
        4: "ended_at: allowed: not before started_at",
        5: "started_at: this local time occurs twice in Europe/Berlin",
        6: "started_at: this local time does not exist in Europe/Berlin",
        7: "channel: allowed: voice, chat",
        8: "outcome: 'vanished', a word that the mapping's map does not have",
        11: "this interaction_id has come before",
    }
    assert refused.index.tolist() == list(words)
    assert all(refused[row].startswith(word) for row, word in words.items())
    kept = read_data(tmp_path / "data")["interactions"]
    assert kept["customer_id"].tolist() == ["عائشة 🙂", "עברית", "x"]


def test_naive_times_and_nothing_kept_are_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(tmp_path, ROWS[:2], mapping=MAPPING.replace("timezone: Europe/Berlin\n", "")) == 2
    said = capsys.readouterr()
    assert "a time with its offset from UTC" in said.out
    assert "(in a mapping file: timezone)" in said.out
    assert "interactions: no row could be kept" in said.err
    assert bring(tmp_path, ROWS[:2]) == 0
    assert bring(tmp_path, ROWS[3:5]) == 2
    assert len(read_data(tmp_path / "data")["interactions"]) == 2


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("calls.csv", b"", "the file is empty; it needs a line with column names"),
        ("calls.csv", f'{HEAD}\n1,"x,voice\n'.encode(), "a row does not fit the header"),
        ("calls.csv", f"{HEAD}\n1,\xfc,voice,,,,\n".encode("latin-1"), "the text is not UTF-8"),
        ("calls.csv.gz", b"\x1f\x8b\x08\x00torn", "the compressed file is broken off"),
        ("calls.parquet", b"PAR1torn", "cannot be read as Parquet"),
        ("calls.xlsx", b"PK\x03\x04torn", "cannot be read as Excel"),
        ("calls.txt", b"x", "found another format; allowed: .csv"),
    ],
)
def test_files_that_cannot_be_read_leave_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, word: str
) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING)
    (tmp_path / name).write_bytes(content)
    assert main(["import", str(tmp_path / "m.yaml"), str(tmp_path / name), "-o", str(tmp_path / "data")]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path}/{name}: ")
    assert word in said
    assert [p for p in (tmp_path / "data").rglob("*") if p.is_file()] == []


def test_an_excel_list_with_local_times(tmp_path: Path) -> None:
    cells = [row.split(",") for row in ROWS if row]
    frame = pd.DataFrame(cells, columns=HEAD.split(",")).replace("", None)
    frame["began"] = pd.to_datetime(frame["began"].str.slice(0, 19))
    frame.to_excel(tmp_path / "calls.xlsx", index=False)
    (tmp_path / "m.yaml").write_text(MAPPING)
    words = ["import", str(tmp_path / "m.yaml"), str(tmp_path / "calls.xlsx"), "-o", str(tmp_path)]
    assert main(words) == 2  # most of these rows are wrong
    kept = read_data(tmp_path / "interactions.parquet")["interactions"]
    refused = pd.read_csv(tmp_path / "refused" / "interactions.csv")
    assert kept["interaction_id"].tolist() == ["a", "b"]
    assert len(kept) + len(refused) == len(frame)
    assert refused["row"].tolist() == [4, 5, 6, 7, 8, 9, 10]


def test_a_hundred_thousand_contacts_of_one_customer(tmp_path: Path) -> None:
    rows = [f"i{k},one,voice,2025-03-03T09:00:00,,done,i{k - 1}" for k in range(100_000)]
    assert bring(tmp_path, [*rows, *rows[:100]]) == 0
    kept = read_data(tmp_path / "data" / "interactions.parquet")["interactions"]
    refused = pd.read_csv(tmp_path / "data" / "refused" / "interactions.csv")
    assert (len(kept), len(refused)) == (100_000, 100)


LIST = "id,customer,queue,start,answered,end,wait_s,handle_s,agent,outcome"


def test_the_list_of_any_program_says_its_zone_and_reads_durations(tmp_path, capsys) -> None:
    """Local times are never taken for UTC; most rows wrong is no success, and says what was found."""
    good = "a,x,voice,{0}09:00:00{1},{0}09:00:10{1},{0}09:05:00{1},0:10,00:04:50,A1,handled"
    (tmp_path / "hms.csv").write_text(f"{LIST}\n{good.format('2025-03-03T', '')}\n", encoding="utf-8")
    words = ["import", "generic/interactions", str(tmp_path / "hms.csv"), "-o", str(tmp_path / "data")]
    assert main(words) == 2
    said = capsys.readouterr()
    assert "in a mapping file: timezone" in said.out
    assert "found '2025-03-03T09:00:00'" in said.out
    rows = [good.format("2025-03-03T", "+01:00"), *(f"{n},x,voice,yesterday,,,,,," for n in range(2))]
    (tmp_path / "hms.csv").write_text("\n".join([LIST, *rows]) + "\n", encoding="utf-8")
    assert main(words) == 2
    said = capsys.readouterr()
    assert "found 'yesterday'" in said.out
    assert "interactions: most rows were refused as wrong; mend the mapping and import again" in said.err
    assert "Next:" not in said.err
    kept = read_data(tmp_path / "data")["interactions"]
    assert kept[["wait_s", "handle_s"]].to_numpy().tolist() == [[10.0, 290.0]]
