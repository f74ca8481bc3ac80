import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.errors import TableError
from wfo.tables.durations import seconds_of
from wfo.tables.importer import import_into, import_table
from wfo.tables.mapping_files import load_mapping
from wfo.tables.read import read_data

MAPPING = """
table: interactions
file: "calls*.csv"
timezone: Europe/Berlin
columns:
  interaction_id: id
  channel: {value: voice}
  queue: {from: line, map: {1: billing, 2: sales}}
  direction: {value: in}
  started_at: {from: began, format: "%d.%m.%Y %H:%M:%S"}
  answered_at: {from: began, format: "%d.%m.%Y %H:%M:%S", plus_s: [ring], when: {end: ANSWER}}
  handle_s: {from: talk_min, scale: 60, when: {end: ANSWER, talk_min: {below: 100}}}
  agent_id: {from: who, default: unknown, when: {end: ANSWER}}
  outcome: {from: end, map: {ANSWER: handled, HANGUP: abandoned}}
drop:
  - {reason: test call, when: {who: [TEST, ROBOT]}}
  - {reason: left at once, when: {end: HANGUP, ring: 0}}
quarantine:
  - {reason: rang for over an hour, when: {ring: {above: 3600}}}
flag:
  - {reason: talk of over 100 minutes, when: {talk_min: {above: 100}}}
"""
CALLS = [
    ("c1", "1", "03.03.2025 09:00:00", "12", "2.5", "ann", "ANSWER"),
    ("c2", "2", "03.03.2025 09:01:00", "7", "0", "", "HANGUP"),
    ("c3", "1", "03.03.2025 09:02:00", "0", "0", "", "HANGUP"),
    ("c4", "1", "03.03.2025 09:03:00", "5", "3", "TEST", "ANSWER"),
    ("c5", "1", "03.03.2025 09:04:00", "9000", "3", "bob", "ANSWER"),
    ("c6", "3", "03.03.2025 09:05:00", "5", "3", "bob", "ANSWER"),
    ("c1", "1", "03.03.2025 09:06:00", "5", "3", "bob", "ANSWER"),
    ("c7", "1", "30.03.2025 02:30:00", "5", "3", "bob", "ANSWER"),
    ("c8", "1", "2025-03-03", "5", "3", "bob", "ANSWER"),
    ("c9", "1", "03.03.2025 09:07:00", "-5", "3", "bob", "ANSWER"),
    ("d1", "1", "03.03.2025 09:08:00", "5", "200", "", "ANSWER"),
]
COLUMNS = ["id", "line", "began", "ring", "talk_min", "who", "end"]


def write(folder, calls=CALLS, mapping=MAPPING):
    (folder / "m.yaml").write_text(mapping)
    pd.DataFrame(calls, columns=COLUMNS).to_csv(folder / "calls.csv", index=False)
    return import_table(folder / "m.yaml", folder)


def test_every_row_is_kept_or_refused_for_its_first_reason(tmp_path):
    imported = write(tmp_path)
    frame = imported.frame
    assert frame["interaction_id"].tolist() == ["c1", "c2", "d1"]
    assert frame["queue"].tolist() == ["billing", "sales", "billing"]
    assert frame["started_at"][0] == pd.Timestamp("2025-03-03 08:00", tz="UTC")
    assert frame["answered_at"][0] == pd.Timestamp("2025-03-03 08:00:12", tz="UTC")
    assert frame["answered_at"].isna().tolist() == [False, True, False]
    assert frame["handle_s"].fillna(-1).tolist() == [150.0, -1.0, -1.0]
    assert frame["agent_id"].tolist() == ["ann", "unknown", "unknown"]
    refused = imported.refused
    assert len(frame) + len(refused) == len(CALLS)
    assert refused["row"].tolist() == [4, 5, 6, 7, 8, 9, 10, 11]
    assert set(refused["file"]) == {"calls.csv"}
    expected = ["drop", "drop", "quarantine", "unreadable", "duplicate", "unreadable", "unreadable", "broken"]
    assert refused["rule"].tolist() == expected
    words = [
        "left at once",
        "test call",
        "rang for",
        "does not have",
        "come before",
        "not exist",
        "%d.%m",
        "not before",
    ]
    for reason, word in zip(refused["reason"], words, strict=True):
        assert word in reason
    assert imported.flagged.to_dict("records") == [{"reason": "talk of over 100 minutes", "rows": 1}]
    assert imported.summary()["rows"].sum() == len(CALLS) + 1


def test_what_was_imported_reads_as_data(tmp_path):
    write(tmp_path)
    import_into(tmp_path / "m.yaml", tmp_path, tmp_path / "data")
    data = read_data(tmp_path / "data")
    assert len(data["interactions"]) == 3
    assert len(pd.read_csv(tmp_path / "data" / "refused" / "interactions.csv")) == 8


def test_files_of_a_pattern_come_in_the_order_of_their_names(tmp_path):
    (tmp_path / "m.yaml").write_text(MAPPING)
    for name, row in (("calls_b.csv", CALLS[1]), ("calls_a.csv", CALLS[0]), ("other.csv", CALLS[0])):
        pd.DataFrame([row], columns=COLUMNS).to_csv(tmp_path / name, index=False)
    assert import_table(tmp_path / "m.yaml", tmp_path).frame["interaction_id"].tolist() == ["c1", "c2"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", ""]),
            st.sampled_from(["1", "2", "9", ""]),
            st.sampled_from(["03.03.2025 09:00:00", "nonsense", "", "30.03.2025 02:30:00"]),
            st.sampled_from(["0", "10", "-4", "5000", "x", ""]),
            st.sampled_from(["1", "", "300", "y"]),
            st.sampled_from(["ann", "", "TEST"]),
            st.sampled_from(["ANSWER", "HANGUP", "", "BUSY"]),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_rows_in_are_rows_kept_and_rows_refused(tmp_path_factory, calls):
    imported = write(tmp_path_factory.mktemp("calls"), calls)
    assert len(imported.frame) + len(imported.refused) == len(calls) - calls.count(("",) * 7)
    assert (imported.refused["reason"] != "").all()
    if len(imported.frame):
        read_data({"interactions": imported.frame})


def test_a_mapping_file_is_refused_with_line_and_column(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text(
        "table: interaction\nfile: a.csv\ncolumns:\n  queue: {from: a, value: b}\n  channel: {form: a}\n"
        "drop:\n  - {reason: x, when: {a: {under: 3}}}\n"
    )
    with pytest.raises(TableError) as caught:
        load_mapping(path)
    text = str(caught.value)
    assert f"{path}:1:1: 'interaction' is no table" in text
    assert f"{path}:4:3: give either 'from'" in text
    assert f"{path}:5:13: unknown key 'form'" in text
    assert f"{path}:7:6: " in text
    path.write_text("table: [\n")
    with pytest.raises(TableError, match="this is no YAML"):
        load_mapping(path)


def test_a_mapping_that_does_not_fit_names_everything(tmp_path):
    mapping = MAPPING.replace("from: who", "from: whom").replace("interaction_id: id", "interaction: id")
    with pytest.raises(TableError) as caught:
        write(tmp_path, mapping=mapping)
    text = str(caught.value)
    assert "columns.interaction: 'interactions' has no such field" in text
    assert "columns.interaction_id is missing" in text
    assert "has no column 'whom', which the mapping names" in text
    (tmp_path / "empty").mkdir()
    with pytest.raises(TableError, match="found no file named"):
        import_table(tmp_path / "m.yaml", tmp_path / "empty")


def test_what_is_no_number_refuses_the_row_and_is_never_taken_for_empty(tmp_path):
    mapping = MAPPING.replace(
        "{from: talk_min, scale: 60, when: {end: ANSWER, talk_min: {below: 100}}}",
        "{from: talk_min, scale: 60}",
    )
    calls = [
        ("c1", "1", "03.03.2025 09:00:00", "soon", "2", "ann", "ANSWER"),
        ("c2", "1", "03.03.2025 09:00:00", "5", "long", "ann", "ANSWER"),
        ("c3", "1", "03.03.2025 09:00:00", "soon", "", "", "HANGUP"),
    ]
    imported = write(tmp_path, calls, mapping)
    assert imported.refused["rule"].tolist() == ["unreadable", "unreadable"]
    assert imported.refused["reason"].tolist() == ["answered_at: not a number", "handle_s: not a number"]
    assert imported.refused["found"].tolist() == ["'soon'", "'long'"]
    told = imported.summary().set_index("outcome")["found"]
    assert told["unreadable"].tolist() == ["'soon'", "'long'"]
    assert told["kept"] == ""
    assert imported.frame["interaction_id"].tolist() == ["c3"]


def test_durations_as_telephone_systems_write_them(tmp_path):
    mapping = MAPPING.replace(
        "{from: talk_min, scale: 60, when: {end: ANSWER, talk_min: {below: 100}}}",
        "{from: talk_min, as: duration}",
    )
    written = ["3:20", "00:03:20", "200", "1:00:00", "75:00", "1:75:00", "3:61", "-0:10", ""]
    calls = [
        (f"c{n}", "1", "03.03.2025 09:00:00", "1", text, "ann", "ANSWER") for n, text in enumerate(written)
    ]
    imported = write(tmp_path, calls, mapping)
    seconds = imported.frame.set_index("interaction_id")["handle_s"]
    assert seconds.head(5).tolist() == [200.0, 200.0, 200.0, 3600.0, 4500.0]
    assert pd.isna(seconds["c8"])
    refused = imported.refused.set_index("found")["reason"]
    assert refused.str.contains("no duration; allowed are seconds, 3:20").tolist() == [True, True, False]
    assert refused.index.tolist() == ["'1:75:00'", "'3:61'", "-10"]


def test_times_of_a_workbook_are_durations_too():
    cells = pd.Series([dt.time(0, 3, 20), dt.timedelta(minutes=3, seconds=20), 200, None], dtype=object)
    assert seconds_of(cells).tolist()[:3] == [200.0, 200.0, 200.0]
    assert seconds_of(cells).isna().tolist() == [False, False, False, True]


def test_a_mapping_that_is_not_utf8_is_told(tmp_path):
    (tmp_path / "m.yaml").write_bytes("table: agents # ü".encode("latin-1"))
    with pytest.raises(TableError, match="not UTF-8"):
        load_mapping(tmp_path / "m.yaml")
