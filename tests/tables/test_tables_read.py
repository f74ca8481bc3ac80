import datetime as dt
import gzip

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_frames import agents, interactions

from wfo.errors import TableError
from wfo.report.excel import segments
from wfo.tables.read import read_data


def problems(source, **options):
    with pytest.raises(TableError) as caught:
        read_data(source, **options)
    return [str(p) for p in caught.value.problems]


def test_folder_of_csv_and_parquet_gives_typed_frames(tmp_path):
    interactions().to_csv(tmp_path / "interactions.csv.gz", index=False)
    agents(hire_date="2024-02-29").to_parquet(tmp_path / "agents.parquet", index=False)
    (tmp_path / "readme.txt").write_text("not a table")
    data = read_data(tmp_path)
    frame = data["interactions"]
    assert list(data) == ["interactions", "agents"]
    assert frame["interaction_id"].tolist() == ["007", "008", "009"]
    assert frame["customer_id"].isna().tolist() == [False, False, True]
    assert str(frame["started_at"].dtype) == "datetime64[us, UTC]"
    assert frame["started_at"][0] == pd.Timestamp("2025-03-03 08:00", tz="UTC")
    assert frame["handle_s"].dtype == "float64"
    assert frame["resolved"].tolist() == [True, pd.NA, False]
    assert data["agents"]["hire_date"].tolist() == [dt.date(2024, 2, 29)] * 3


def test_the_same_data_come_from_every_format(tmp_path):
    text = interactions()
    text.to_csv(tmp_path / "a.csv", index=False)
    text.to_csv(tmp_path / "b.csv", index=False, sep=";", encoding="utf-8-sig")
    with pd.ExcelWriter(tmp_path / "c.xlsx") as book:
        text.to_excel(book, sheet_name="Interactions", index=False)
        agents().to_excel(book, sheet_name="notes", index=False)
    expected = read_data({"interactions": text})["interactions"]
    expected.to_parquet(tmp_path / "d.parquet", index=False)
    for name in ("a.csv", "b.csv", "c.xlsx", "d.parquet"):
        pd.testing.assert_frame_equal(read_data({"interactions": tmp_path / name})["interactions"], expected)


def test_naive_times_are_refused_or_localized(tmp_path):
    path = tmp_path / "interactions.csv"
    started = ["2025-07-01 09:00", "2025-07-01 10:00:00+00:00", "2025-01-01 09:00"]
    interactions(started_at=started, ended_at="").to_csv(path, index=False)
    assert [p.split(";")[0] for p in problems(path)] == [
        f"{path}, row 2, column 'started_at': found '2025-07-01 09:00'",
        f"{path}, row 4, column 'started_at': found '2025-01-01 09:00'",
    ]
    frame = read_data(path, timezone="Europe/Berlin")["interactions"]
    assert frame["started_at"].dt.hour.tolist() == [7, 10, 8]


def test_local_hours_of_a_clock_change_are_reported_not_guessed():
    started = ["2025-03-30 02:30", "2025-10-26 02:30", "2025-10-26 02:30+01:00"]
    found = problems(
        {"interactions": interactions(started_at=started, ended_at="")}, timezone="Europe/Berlin"
    )
    assert len(found) == 2
    assert "row 1" in found[0]
    assert "occurs twice" in found[0]
    assert "row 0" in found[1]
    assert "does not exist" in found[1]


def test_excel_has_local_time_and_its_offset(tmp_path):
    path = tmp_path / "schedule.xlsx"
    hour = pd.Timestamp("2025-03-30 01:30")
    sheet = pd.DataFrame(
        {
            "Agent ID": [7, 7],
            "Start": [hour, hour + pd.Timedelta("2h")],
            "End": [hour + pd.Timedelta("2h"), hour + pd.Timedelta("4h")],
            "start_utc_offset_min": [60, 120],
            "end_utc_offset_min": [120, 120],
            "schedule_date": [dt.date(2025, 3, 30)] * 2,
            "shift_id": "7/2025-03-30",
            "activity": ["calls", "break"],
            "kind": ["work", "break"],
            "paid": ["yes", "no"],
            "locked": False,
            "queues": ["billing|mail", None],
        }
    )
    sheet.to_excel(path, sheet_name="Schedule", index=False)
    frame = read_data(path)["schedule"]
    assert frame["agent_id"].tolist() == ["7", "7"]
    assert frame["start"].dt.strftime("%H:%M").tolist() == ["00:30", "01:30"]
    assert frame["end"].dt.strftime("%H:%M").tolist() == ["01:30", "03:30"]
    assert frame["queues"].tolist() == [["billing", "mail"], []]
    assert frame["paid"].tolist() == [True, False]


def test_every_problem_of_every_file_at_once(tmp_path):
    interactions(channel=["voice", "phone", "email"], handle_s=["x", "", "-1"]).to_csv(
        tmp_path / "interactions.csv", index=False
    )
    agents().rename(columns={"contract": "contrct"}).to_csv(tmp_path / "agents.csv", index=False)
    agents().to_csv(tmp_path / "agent_skill.csv", index=False)
    text = "\n".join(problems(tmp_path))
    assert "interactions.csv, row 3, column 'channel': found 'phone'; allowed: voice, chat" in text
    assert "interactions.csv, row 2, column 'handle_s': found 'x'; allowed: a number" in text
    assert "interactions.csv, row 4, column 'handle_s': found -1.0; allowed: 0 or more" in text
    assert "agents.csv, column 'contract': is missing; is it 'contrct'?" in text
    assert "found table 'agent_skill', which is unknown; did you mean 'agent_skills'?" in text


def test_empty_lines_count_as_lines(tmp_path):
    path = tmp_path / "agents.csv"
    path.write_text("agent_id,contract\na,full\n\nb,\n")
    assert problems(path) == [
        f"{path}, row 4, column 'contract': found nothing; every row needs a value; "
        "fill it in or remove the row"
    ]


def test_a_table_without_rows_has_its_types(tmp_path):
    (tmp_path / "availability.csv").write_text("agent_id,start,end,kind,paid\n")
    frame = read_data(tmp_path)["availability"]
    assert len(frame) == 0
    assert str(frame["start"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("agents.csv", b"", "the file is empty"),
        ("agents.csv", b"agent_id,contract\na,full,more\n", "does not fit the header|more cells"),
        ("agents.csv", b"agent_id,contract\na,full\nb,full,x,y\n", "does not fit the header"),
        ("agents.csv", b"agent_id,agent_id,contract\na,b,full\n", "found twice"),
        ("agents.csv", "agent_id,contract\nJörg,full\n".encode("latin-1"), "not UTF-8"),
        ("agents.csv.gz", gzip.compress(b"agent_id,contract\na,full\n", mtime=0)[:-9], "broken off"),
        ("agents.parquet", b"PAR1 and no more", "cannot be read as Parquet"),
        ("agents.parquet", b"", "cannot be read as Parquet"),
        ("agents.xlsx", b"no workbook", "cannot be read as Excel"),
    ],
)
def test_broken_files_are_named(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=words) as caught:
        read_data(tmp_path)
    assert caught.value.problems[0].where.startswith(str(tmp_path / name))


def test_a_truncated_parquet_file_is_named(tmp_path):
    path = tmp_path / "agents.parquet"
    agents(2000).to_parquet(path, index=False)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(TableError, match="cannot be read as Parquet"):
        read_data(tmp_path)


def test_missing_empty_and_double_sources(tmp_path):
    assert "no such file or folder" in problems(tmp_path / "nowhere")[0]
    assert "found no table" in problems(tmp_path)[0]
    assert "no such file" in problems({"agents": tmp_path / "agents.csv"})[0]
    assert "is no time zone" in problems({"agents": agents()}, timezone="Berlin")[0]
    agents().to_csv(tmp_path / "agents.csv", index=False)
    agents().to_parquet(tmp_path / "agents.parquet", index=False)
    assert "keep one of them" in problems(tmp_path)[0]


def test_numbers_as_ids_stay_what_they_look_like():
    frame = agents(agent_id=[1.0, 2.0, 30.0])
    assert read_data({"agents": frame})["agents"]["agent_id"].tolist() == ["1", "2", "30"]


def test_reading_leaves_the_caller_frame_alone():
    frame = interactions()
    before = frame.copy(deep=True)
    read_data({"interactions": frame})
    pd.testing.assert_frame_equal(frame, before)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2040, 1, 1)),
            st.integers(-720, 840),
            st.floats(0, 1e6, allow_nan=False),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_instants_and_numbers_survive_text(rows):
    zones = [dt.timezone(dt.timedelta(minutes=m)) for _, m, _ in rows]
    moments = [t.replace(tzinfo=z) for (t, _, _), z in zip(rows, zones, strict=True)]
    frame = pd.DataFrame(
        {
            "item_id": [f"{k:03d}" for k in range(len(rows))],
            "queue": "cases",
            "created_at": [m.isoformat() for m in moments],
            "effort_s": [repr(x) for _, _, x in rows],
        }
    )
    typed = read_data({"work_items": frame})["work_items"]
    assert [t.to_pydatetime() for t in typed["created_at"]] == moments
    assert typed["effort_s"].tolist() == [x for _, _, x in rows]


class _Run:
    """As much of a run folder as the workbook's schedule sheet needs."""

    zone = "Europe/Berlin"

    def __init__(self, schedule):
        self._schedule = schedule

    def table(self, name):
        return {"schedule": self._schedule}[name]


def test_the_workbook_of_a_run_reads_back_as_its_schedule(tmp_path):
    start = pd.to_datetime(["2025-10-26T00:30Z", "2025-10-26T01:30Z", "2025-10-26T05:00Z"])
    schedule = pd.DataFrame(
        {
            "agent_id": ["001", "001", "001"],
            "start": pd.Series(start).dt.as_unit("us"),
            "end": pd.Series([start[1], start[2], start[2] + pd.Timedelta("30min")]).dt.as_unit("us"),
            "schedule_date": pd.Series([dt.date(2025, 10, 26)] * 3, dtype=object),
            "shift_id": "001/2025-10-26",
            "site": ["north", "north", None],
            "activity": ["work", "lunch", "work"],
            "kind": ["work", "break", "work"],
            "paid": [True, False, True],
            "locked": False,
            "queues": pd.Series([["billing", "mail"], [], ["mail"]], dtype=object),
            "activity_request_id": None,
        }
    )
    path = tmp_path / "schedule.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        for sheet in ("week", "coverage", "coaching"):
            pd.DataFrame({"agent": ["one"]}).to_excel(book, sheet_name=sheet, index=False)
        segments(_Run(schedule)).to_excel(book, sheet_name="schedule", index=False)
    back = read_data(path)["schedule"]
    pd.testing.assert_frame_equal(back, read_data({"schedule": path})["schedule"])
    expected = read_data({"schedule": schedule})["schedule"]
    pd.testing.assert_frame_equal(back[list(expected.columns)], expected)
