"""What was known at the planning moment."""

import datetime as dt

import pandas as pd
import pytest

from wfo.domain.centre import Centre
from wfo.errors import InputError
from wfo.metrics.specs import parse_target
from wfo.pipeline.backlog import backlog_at
from wfo.pipeline.known import actuals, known_table, open_work
from wfo.pipeline.week import planning_week
from wfo.scenario.model import Scenario
from wfo.timegrid import TimeGrid

UTC = dt.UTC
NOW = dt.datetime(2025, 7, 7, tzinfo=UTC)
CENTRE = Centre.model_validate(
    {
        "queues": {
            "email": {"channel": "email", "law": "deferred", "hours": "Mon-Fri 08:00-18:00", "handle_s": 400},
            "voice": {"channel": "voice", "law": "immediate"},
        }
    }
)


def contacts() -> pd.DataFrame:
    rows = [
        ("ended", "email", "2025-07-04T10:00Z", "2025-07-04T11:00Z", "2025-07-04T12:00Z", 300.0, "handled"),
        ("waiting", "email", "2025-07-04T16:00Z", "2025-07-07T09:00Z", "2025-07-07T10:00Z", 500.0, "handled"),
        ("in work", "email", "2025-07-04T17:00Z", "2025-07-06T23:00Z", "2025-07-07T10:00Z", 600.0, "handled"),
        ("later", "email", "2025-07-07T09:00Z", None, None, None, "open"),
        (
            "on the line",
            "voice",
            "2025-07-06T23:59Z",
            "2025-07-06T23:59Z",
            "2025-07-07T00:04Z",
            300.0,
            "handled",
        ),
    ]
    columns = ["interaction_id", "queue", "started_at", "answered_at", "ended_at", "handle_s", "outcome"]
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("started_at", "answered_at", "ended_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    frame["agent_id"] = pd.Series(["a1", "a2", "a3", None, "a4"], dtype="str")
    return frame.assign(direction="in", channel=frame["queue"])


def test_a_contact_in_progress_is_there_without_its_end() -> None:
    known = known_table("interactions", contacts(), NOW).set_index("interaction_id")
    assert list(known.index) == ["ended", "waiting", "in work", "on the line"]
    assert known.loc["ended", "handle_s"] == 300
    assert known.loc[["waiting", "in work", "on the line"], "outcome"].tolist() == ["open"] * 3
    assert known.loc[["waiting", "in work", "on the line"], ["ended_at", "handle_s"]].isna().all(axis=None)
    assert pd.isna(known.loc["waiting", "agent_id"])
    assert pd.isna(known.loc["waiting", "answered_at"])
    assert known.loc["in work", "agent_id"] == "a3"


def test_known_before_is_known_later_too() -> None:
    early = known_table("interactions", contacts(), NOW - dt.timedelta(days=2))
    late = known_table("interactions", contacts(), NOW)
    assert set(early["interaction_id"]) <= set(late["interaction_id"])


def test_backlog_is_open_deferred_work_with_its_due() -> None:
    known = known_table("interactions", contacts(), NOW)
    assert open_work(known, CENTRE, NOW)["release"].dt.hour.tolist() == [16, 17]
    specs = (parse_target("90% in 4 working h", metric="response_within", scope="email"),)
    grid = TimeGrid.of_days(dt.date(2025, 7, 7), 7, zone="UTC", step_min=15)
    backlog = backlog_at(known, CENTRE, specs, NOW, grid, promise_days=3.0)
    assert backlog["due"].tolist() == [pd.Timestamp("2025-07-07T10:00Z"), pd.Timestamp("2025-07-07T11:00Z")]
    assert backlog["work_s"].tolist() == [300.0, 300.0]
    assert backlog_at(None, CENTRE, specs, NOW, grid, promise_days=3.0).empty


def test_actuals_are_what_came_in_the_week() -> None:
    grid = TimeGrid.of_days(dt.date(2025, 7, 7), 7, zone="UTC", step_min=15)
    came = actuals(contacts(), None, grid)
    assert came is not None
    assert came[["queue", "offered"]].to_dict("records") == [{"queue": "email", "offered": 1.0}]
    assert actuals(contacts().iloc[:2], None, grid) is None


@pytest.mark.parametrize(
    ("last", "ahead", "first"),
    [
        ("2025-07-06T20:00Z", 1, "2025-07-07"),
        ("2025-07-07T08:00Z", 1, "2025-07-14"),
        ("2025-07-06T23:00Z", 1, "2025-07-14"),
        ("2025-07-06T20:00Z", 3, "2025-07-21"),
    ],
)
def test_the_first_full_week_after_the_last_closed_day(last: str, ahead: int, first: str) -> None:
    scenario = Scenario.model_validate({"centre": {"zone": "Europe/Berlin"}, "week": {"weeks_ahead": ahead}})
    week = planning_week(scenario, dt.datetime.fromisoformat(last))
    assert week.first == dt.date.fromisoformat(first)
    assert week.now <= week.grid.start
    assert week.grid.n == 672


def test_the_moment_is_at_most_the_weeks_start() -> None:
    scenario = Scenario.model_validate({"week": {"start": "2025-07-07"}})
    assert planning_week(scenario, NOW + dt.timedelta(days=30)).now == NOW
    assert planning_week(scenario, NOW - dt.timedelta(days=3, hours=1)).now == NOW - dt.timedelta(days=3)
    with pytest.raises(InputError, match=r"week\.start"):
        planning_week(Scenario(), None)


def test_a_week_with_a_clock_change_has_its_hours() -> None:
    scenario = Scenario.model_validate({"centre": {"zone": "Europe/Berlin"}, "week": {"start": "2025-10-20"}})
    assert planning_week(scenario, None).grid.n == 672 + 4


@pytest.mark.parametrize(
    ("last", "now"),
    [
        ("2025-07-02T11:02", "2025-07-02"),  # a Wednesday, hours before closing: that day is not whole
        ("2025-07-02T18:30", "2025-07-03"),
        ("2025-07-06T00:05", "2025-07-07"),  # a Sunday, closed
    ],
)
def test_a_log_that_ends_well_before_closing_leaves_that_day_out(last: str, now: str) -> None:
    voice = {"channel": "voice", "law": "immediate", "hours": ["Mon-Fri 08:00-20:00"]}
    web = {"channel": "web", "law": "unstaffed"}
    scenario = Scenario.model_validate(
        {
            "centre": {"zone": "UTC", "queues": {"voice": voice, "web": web}},
            "week": {"start": "2025-07-07"},
            "data": {"sample": "tiny"},
        }
    )
    week = planning_week(scenario, dt.datetime.fromisoformat(last).replace(tzinfo=dt.UTC))
    assert week.now.date() == dt.date.fromisoformat(now)
