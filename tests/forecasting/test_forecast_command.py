"""Histories as planners have them, by ``wfo run --until forecast``: forecasts with reasons, or refusals."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wfo.cli.main import main

ZONE = "Europe/Berlin"
SPRING, AUTUMN = dt.date(2025, 3, 24), dt.date(2025, 10, 20)
"""Mondays of weeks in which the clocks change."""
OPEN = "Mon-Sat 08:00-20:00"


def counts(week=SPRING, *, days=84, always=False):
    """Hours of the days before a week, by local time: about 16 contacts in each open one."""
    at = pd.date_range(
        pd.Timestamp(week) - pd.Timedelta(days=days), pd.Timestamp(week), freq="h", inclusive="left"
    )
    open_ = (at.hour >= 8) & (at.hour < 20) & (at.day_of_week < 6)
    rng = np.random.default_rng(1)
    level = np.repeat(np.exp(0.05 * rng.standard_normal(days)), 24)
    offered = rng.poisson(16.0 * level * (np.ones(len(at)) if always else open_))
    return pd.DataFrame({"at": at, "offered": offered.astype(object)})


class Walk:
    """A planner's folder and what the command says to it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def run(
        self, table, *, hours=OPEN, week=SPRING, calendar="", queue="voice", interval=60
    ) -> tuple[int, str]:
        """Exit code and what was said; the week's days are kept in ``days``."""
        stamps = pd.DatetimeIndex(table["at"]).tz_localize(ZONE, ambiguous="NaT", nonexistent="NaT")
        there = np.asarray(stamps.notna())
        rows = pd.DataFrame(
            {
                "queue": queue,
                "interval_start": stamps[there].tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ"),
                "interval_min": interval,
                "offered": table["offered"].to_numpy()[there],
            }
        )
        (self.folder / "data").mkdir(exist_ok=True)
        rows.to_csv(self.folder / "data" / "queue_intervals.csv", index=False)
        (self.folder / "walk.yaml").write_text(
            f"extends: base.yaml\nname: walk\ndata: {{folder: data}}\nweek: {{start: {week}, grid_min: 60}}\n"
            f"centre:\n  zone: {ZONE}\n  calendar: {{{calendar}}}\n  queues:\n"
            f'    voice: {{channel: voice, law: immediate, hours: "{hours}", patience_s: 120}}\n',
            encoding="utf-8",
        )
        words = [
            "run",
            str(self.folder / "walk.yaml"),
            "-o",
            str(self.folder / "runs"),
            "--until",
            "forecast",
        ]
        code = main(words)
        said = self.capsys.readouterr()
        made = self.folder / "runs" / "walk" / "base" / "forecast.parquet"
        self.days = np.zeros(0)
        if code == 0:
            frame = pd.read_parquet(made)
            day = pd.DatetimeIndex(frame["interval_start"]).tz_convert(ZONE).date
            assert np.isfinite(frame["volume_mean"]).all()
            self.days = frame.groupby(day)["volume_mean"].sum().to_numpy()
        return code, said.err


@pytest.fixture
def walk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Walk:
    return Walk(tmp_path, capsys)


def test_a_gap_of_a_week_is_lost_data(walk):
    table = counts()
    gap = (table["at"] >= "2025-02-24") & (table["at"] < "2025-03-03")
    code, said = walk.run(table[~gap])
    assert code == 0
    assert "voice: 6 open days without a contact left out as lost data" in said
    assert walk.days[:6] == pytest.approx(np.full(6, 192.0), rel=0.08)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (-3, "found -3.0; allowed: 0 or more"),
        ("many", "found 'many'; allowed: a number"),
        ("", "found nothing"),
    ],
)
def test_counts_that_are_none_are_refused_with_their_row(walk, value, says):
    table = counts()
    table.loc[1000, "offered"] = value
    code, said = walk.run(table)
    assert code == 2
    assert "queue_intervals.csv, row 1002, column 'offered'" in said
    assert says in said


def test_fractions_are_taken(walk):
    table = counts()
    code, _ = walk.run(table.assign(offered=table["offered"] * 0.25))
    assert code == 0
    assert walk.days[:6] == pytest.approx(np.full(6, 48.0), rel=0.08)


def test_three_weeks_and_three_days_say_how_little_they_are(walk):
    code, said = walk.run(counts(days=21))
    assert code == 0
    assert "days of history; what sets weekdays and dates apart is uncertain" in said
    assert walk.days[:6] == pytest.approx(np.full(6, 192.0), rel=0.12)
    code, said = walk.run(counts(days=3))
    assert code == 0
    assert "voice: under 2 weeks of history; forecast by the plain mean of its days" in said


def test_nine_contacts_are_an_eighth_of_a_contact_a_day(walk):
    table = counts()
    opened = np.flatnonzero(table["offered"] > 0)
    table["offered"] = 0
    table.loc[opened[:: len(opened) // 9], "offered"] = 1
    code, said = walk.run(table)
    assert code == 0
    # history ends with the last contact
    assert "voice: 8 contacts in 64 open days; hardly more than how many come in the mean is known" in said
    assert walk.days.sum() == pytest.approx(6 * 8 / 64, rel=0.2)


def test_all_zeros_and_no_rows_count_as_no_demand_and_say_so(walk):
    code, said = walk.run(counts().assign(offered=0))
    assert code == 0
    assert "voice: no contact of its own in its open hours; its fresh demand counts as 0" in said
    code, said = walk.run(counts().iloc[:0])
    assert code == 0
    assert "voice: no history; its fresh demand counts as 0" in said
    assert walk.days.sum() == 0


@pytest.mark.parametrize(("week", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_a_queue_that_never_closes_through_a_clock_change(walk, week, hours):
    code, _ = walk.run(counts(week, always=True), hours="always", week=week)
    assert code == 0
    assert walk.days[:6] == pytest.approx(np.full(6, 384.0), rel=0.08)
    # an hour that is skipped or comes twice takes its contacts with it
    assert walk.days[6] == pytest.approx(384.0 * hours / 24, rel=0.08)


def test_a_closed_day_that_has_contacts_is_told_with_its_date(walk):
    code, said = walk.run(counts(), calendar="closed_days: [2025-03-10]")
    assert code == 0
    assert "voice: contacts came on days on which it is closed (" in said
    assert " on 2025-03-10)" in said
    told = pd.read_parquet(walk.folder / "runs" / "walk" / "base" / "outliers.parquet")
    assert told.query("kind == 'closed'")["schedule_date"].astype(str).tolist() == ["2025-03-10"]


def test_an_event_without_history_is_planned_as_usual_unless_it_has_a_factor(walk):
    event = "events: {{launch: {{start: 2025-03-25, end: 2025-03-26{}}}}}"
    code, said = walk.run(counts(), calendar=event.format(""))
    assert code == 0
    assert "event 'launch' has no scale and has not been seen: its days are planned as usual ones" in said
    usual = walk.days.copy()
    code, said = walk.run(counts(), calendar=event.format(", scale: 1.5"))
    assert code == 0
    assert "launch" not in said
    np.testing.assert_allclose(walk.days[1:3], 1.5 * usual[1:3])
    code, said = walk.run(counts(), calendar=event.format(", like: nothing"))
    assert code == 2
    assert "event 'launch' is like 'nothing', which is no other event" in said


def test_data_that_end_early_and_weeks_before_them(walk):
    code, said = walk.run(counts(), week=dt.date(2025, 5, 5))
    assert code == 0
    assert walk.days[:6] == pytest.approx(np.full(6, 192.0), rel=0.1)
    assert "the week begins 43 days after the planning moment; what is between is bridged" in said
    assert "voice: its data end" not in said
    code, said = walk.run(counts(), week=dt.date(2024, 6, 3))
    assert code == 0
    assert "voice: no history; its fresh demand counts as 0" in said


def test_reports_of_a_queue_that_nobody_has_and_intervals_that_do_not_fit(walk):
    code, said = walk.run(counts(), queue="phone")
    assert code == 2
    assert (
        "found queue 'phone', which is unknown, here and in 2,015 more rows; add it to centre.queues" in said
    )
    code, said = walk.run(counts(), interval=7)
    assert code == 2
    assert "7 minutes do not fit the grid of 60 minutes" in said


def test_a_gap_longer_than_what_is_left_is_lost_data_and_no_reason_for_zeros(walk):
    table = counts(days=365)
    kept = table[(table["at"] < "2024-06-01") | (table["at"] > "2025-03-10")]
    code, said = walk.run(kept)
    assert code == 0
    assert "open days without a contact left out as lost data" in said
    assert walk.days[:6] == pytest.approx(np.full(6, 192.0), rel=0.12)
    # rows that say 0 are a queue that was quiet, and are believed
    code, said = walk.run(table.assign(offered=table["offered"].where(table.index.isin(kept.index), 0)))
    assert code == 0
    assert "lost data" not in said
    assert walk.days[:6].max() < 160


def test_weeks_without_an_open_day_and_histories_without_a_usual_one_say_so(walk):
    week = ", ".join(str(day.date()) for day in pd.date_range("2025-03-24", "2025-03-30"))
    code, said = walk.run(counts(), calendar=f"closed_days: [{week}]")
    assert code == 0
    assert "voice: closed on every day of the week; no demand is forecast" in said
    event = "events: {merger: {start: 2024-12-01, end: 2025-12-01}}"
    code, said = walk.run(counts(), calendar=event)
    assert code == 0
    assert "voice: none of its days may be learnt from (they are excluded, or days of events)" in said
    assert walk.days.sum() == 0
