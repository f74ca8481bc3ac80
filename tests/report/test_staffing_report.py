"""The staffing table and the months' need, from a small run made by hand."""

import openpyxl
import pandas as pd
import pytest

from wfo.errors import InputError
from wfo.report.capacity import fte_per_person, monthly_fte
from wfo.report.run_files import RunFiles
from wfo.report.staffing import full_time_h, staffing_rows, staffing_summary, staffing_table, write_staffing

SCENARIO = """
week: {grid_min: 15}
centre:
  zone: Europe/Berlin
  queues: {voice: {law: immediate}, email: {law: deferred}, web: {law: unstaffed}}
  contracts: {full: {full_time_h: 40}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    starts = pd.date_range("2025-07-07 06:00", periods=8, freq="15min", tz="UTC").as_unit("us")
    voice = {"queue": "voice", "interval_start": starts, "law": "immediate", "offered_load": 2.5}
    voice |= {"positions": [3.0, 5.0] * 4, "positions_with_shrinkage": [4.0, 6.0] * 4}
    email = {"queue": "email", "interval_start": starts[:4], "law": "deferred", "offered_load": 0.5}
    email |= {"positions": 0.5, "positions_with_shrinkage": 1.0}
    pd.concat([pd.DataFrame(voice), pd.DataFrame(email)]).to_parquet(tmp_path / "requirement.parquet")
    told = pd.DataFrame({"queue": "voice", "interval_start": starts, "volume_mean": [10.0, 30.0] * 4})
    told.assign(handle_s_mean=[100.0, 200.0] * 4).to_parquet(tmp_path / "forecast.parquet")
    kinds = {"kind": ["lunch", "training", "absent"], "loss": ["scheduled", "scheduled", "unscheduled"]}
    kinds |= {"weekday": "all", "hour": "all", "share": [0.1, 0.2, 0.3], "low": 0.0, "high": 0.5}
    pd.DataFrame(kinds).assign(source="assumed").to_parquet(tmp_path / "shrinkage.parquet")
    return tmp_path


def test_half_hours_add_up(folder):
    table = staffing_table(RunFiles(folder), 30)
    first = table[table["queue"] == "voice"].iloc[0]
    assert (first["day"], first["from"], first["to"]) == ("Mon 2025-07-07", "08:00", "08:30")
    assert (first["contacts"], first["handle_s"]) == (40, 175)
    assert (first["positions"], first["positions_scheduled"]) == (4, 5)
    assert (first["hours"], first["hours_scheduled"]) == (2, 2.5)
    # lunch and training take 1 − .9 · .8 of paid time
    assert first["hours_paid"] == pytest.approx(2.5 / 0.72, abs=1e-3)
    both = table[table["queue"] == "all"].iloc[0]
    assert (both["positions"], both["positions_scheduled"]) == (4.5, 6)


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_hours_do_not_depend_on_the_period(folder, minutes):
    table = staffing_table(RunFiles(folder), minutes)
    sums = table.groupby("queue")[["hours", "hours_scheduled", "contacts"]].sum()
    assert sums.loc["voice"].tolist() == [8.0, 10.0, 160.0]
    assert sums.loc["all"].tolist() == [8.5, 11.0, 160.0]


def test_summary_gives_full_time_people(folder):
    week = staffing_summary(RunFiles(folder)).set_index("queue")
    assert week.loc["voice", "peak_positions"] == 6
    assert week.loc["all", "hours_paid"] == pytest.approx(11 / 0.72, abs=0.05)
    assert week.loc["all", "fte"] == pytest.approx(11 / 0.72 / 40, abs=0.05)


def test_page_has_a_line_a_queue_and_one_for_all(folder):
    rows = staffing_rows(RunFiles(folder))
    assert [row["queue"] for row in rows] == ["voice", "email", "all queues"]
    assert rows[0]["cells"][0] == "160"
    (folder / "forecast.parquet").unlink()
    assert staffing_rows(RunFiles(folder)) == []


def test_workbook_has_its_sheets(folder):
    book = openpyxl.load_workbook(write_staffing(folder, 60))
    assert book.sheetnames == ["summary", "shrinkage", "by 60 min"]
    assert book["by 60 min"]["A1"].value == "queue"


@pytest.mark.parametrize("minutes", [20, 50, 7])
def test_periods_that_do_not_fit_are_told(folder, minutes):
    with pytest.raises(InputError, match="multiple of the grid's 15"):
        staffing_table(RunFiles(folder), minutes)


def test_a_run_without_requirement_is_told(folder):
    (folder / "requirement.parquet").unlink()
    with pytest.raises(InputError, match="run it at least until staff"):
        staffing_summary(RunFiles(folder))


FTE, MAIL = 10 / 0.72 / 40, 1 / 0.72 / 40


def test_months_scale_with_contacts_and_days(folder):
    """February has the contacts of four such weeks, March twice as many a day; email has no rows."""
    file = folder / "months.csv"
    file.write_text(
        "month,contacts,queue\n2026-03,1417.14,voice\n2026-02,640,voice\n2026-02,9,web\n", "utf-8"
    )
    need = monthly_fte(RunFiles(folder), file)
    assert need.fte.index.tolist() == ["2026-02", "2026-03"]
    assert need.fte.tolist() == pytest.approx([FTE + MAIL, 2 * FTE + MAIL], abs=0.003)
    assert len(need.notes) == 1
    assert need.notes[0].startswith("email: the months say nothing of its contacts")
    assert len(set(monthly_fte(RunFiles(folder), None).fte)) == 1


def test_months_of_all_queues_scale_all(folder):
    file = folder / "months.csv"
    for text in ("month,contacts\n2026-02,1280\n", "month,contacts,queue\n2026-02,1280,all\n"):
        file.write_text(text, encoding="utf-8")
        need = monthly_fte(RunFiles(folder), file)
        assert need.fte.tolist() == pytest.approx([2 * (FTE + MAIL)], abs=0.003)
        assert need.notes == ()


def test_a_queue_without_contacts_keeps_its_work(folder):
    """The week's email is old work: no contacts are told of it, and none may scale it."""
    file = folder / "months.csv"
    file.write_text("month,contacts,queue\n2026-02,640,voice\n2026-02,0,email\n", encoding="utf-8")
    need = monthly_fte(RunFiles(folder), file)
    assert need.fte.tolist() == pytest.approx([FTE + MAIL], abs=0.003)
    assert need.notes[0].startswith("email: the week has nothing of its contacts")
    file.write_text("month,contacts,queue\n2026-02,640,voice\n2026-02,5,email\n", encoding="utf-8")
    with pytest.raises(InputError, match="queue 'email': has no contacts in this run's week"):
        monthly_fte(RunFiles(folder), file)


def test_people_count_by_the_hours_of_their_contracts(folder):
    assert fte_per_person(RunFiles(folder)) == 1.0
    contracts = "{full: {full_time_h: 40, week_h: 40}, part: {full_time_h: 40, week_h: {min: 16, max: 24}}}"
    (folder / "scenario.yaml").write_text(
        SCENARIO.replace("{full: {full_time_h: 40}}", contracts), encoding="utf-8"
    )
    agents = pd.DataFrame({"agent_id": ["a", "b", "c", "d"], "contract": ["full", "part", "part", "part"]})
    agents.to_parquet(folder / "agents.parquet")
    assert fte_per_person(RunFiles(folder)) == pytest.approx((40 + 3 * 20) / 4 / 40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("month,n\n2026-01,5\n", "no column contacts"),
        ("month,contacts\n", "no months found"),
        ("month,contacts\n2026-13,5\n", "row 2, column 'month'"),
        ("month,contacts\n2026-1,5\n", "row 2, column 'month'"),
        ("month,contacts\n2026-01,-5\n", "row 2, column 'contacts'"),
        ("month,contacts\n2026-01,inf\n", "row 2, column 'contacts'"),
        ("month,contacts\n2026-01,\n", "row 2, column 'contacts'"),
        ("month,contacts\n2026-01,many\n", "row 2, column 'contacts'"),
        ("month,contacts,queue\n2026-01,5,fax\n", "'fax' found; this run staffs"),
        ("month,contacts,queue\n2026-01,5,\n", "row 2, column 'queue'"),
        ("month,contacts,queue\n2026-01,5,web\n", "only queues without people"),
        ("month,contacts,queue\n2026-01,5,all\n2026-01,5,voice\n", "'all' stands beside voice"),
        ("month,contacts\n2026-01,5\n2026-03,5\n", "2026-02 missing"),
        (
            "month,contacts,queue\n2026-01,5,voice\n2026-01,5,email\n2026-02,5,voice\n",
            "'email': 2026-02 miss",
        ),
        ("month,contacts\n2026-01,5\n2026-01,6\n", "row 3: 2026-01 of 'all' was told before"),
    ],
)
def test_months_that_cannot_be_read_are_told(folder, text, message):
    (folder / "months.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        monthly_fte(RunFiles(folder), folder / "months.csv")


@pytest.mark.parametrize(("first", "hours"), [("2025-10-25 22:00", 25), ("2026-03-28 23:00", 23)])
@pytest.mark.parametrize("minutes", [30, 60, 120])
def test_positions_hold_where_clocks_change(folder, first, hours, minutes):
    """Two positions all day are two in every row, the hour that comes twice included."""
    starts = pd.date_range(first, periods=hours * 4, freq="15min", tz="UTC").as_unit("us")
    voice = {"queue": "voice", "interval_start": starts, "law": "immediate", "offered_load": 1.5}
    voice |= {"positions": 2.0, "positions_with_shrinkage": 2.5}
    pd.DataFrame(voice).to_parquet(folder / "requirement.parquet")
    told = pd.DataFrame(
        {"queue": "voice", "interval_start": starts, "volume_mean": 4.0, "handle_s_mean": 90.0}
    )
    told.to_parquet(folder / "forecast.parquet")
    table = staffing_table(RunFiles(folder), minutes)
    voice_rows = table[table["queue"] == "voice"]
    assert (table["positions"] == 2.0).all()
    assert voice_rows["hours"].sum() == 2 * hours
    assert len(set(voice_rows["day"])) == 1
    at_two = (voice_rows["from"] == "02:00").sum()
    assert at_two == (2 if hours == 25 else 1 if minutes == 120 else 0)
    assert voice_rows["from"].tolist()[:2] == ["00:00", "00:30" if minutes == 30 else f"0{minutes // 60}:00"]


def test_full_time_is_what_the_agents_have(folder):
    """A contract that nobody has counts for nobody."""
    text = SCENARIO.replace(
        "{full: {full_time_h: 40}}",
        "{full: {full_time_h: 40}, short: {full_time_h: 30}, none: {full_time_h: 5}}",
    )
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    assert full_time_h(RunFiles(folder)) == 25.0
    agents = pd.DataFrame({"agent_id": ["a", "b", "c", "d"], "contract": ["full", "full", "full", "short"]})
    agents.to_parquet(folder / "agents.parquet")
    assert full_time_h(RunFiles(folder)) == 37.5
    week = staffing_summary(RunFiles(folder)).set_index("queue")
    assert week.loc["all", "fte"] == pytest.approx(11 / 0.72 / 37.5, abs=0.05)
