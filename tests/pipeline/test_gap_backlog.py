"""Deferred work that comes between the planning moment and a later week."""

import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pytest

from wfo.domain.centre import Centre
from wfo.metrics.specs import parse_target
from wfo.pipeline.backlog import backlog_at, with_gap

sys.path.insert(0, str(Path(__file__).parents[1] / "staffing"))

from stand_in import StandIn, small_centre, week_grid  # noqa: E402

SPECS = (parse_target("90% in 10 working h", metric="response_within", scope="email"),)


def _open(weeks: float):
    grid, centre = week_grid(), small_centre()
    forecast = StandIn(centre, grid, {"email": 4.0}, {"email": 600.0})
    now = grid.start - dt.timedelta(weeks=weeks)
    none = backlog_at(None, centre, SPECS, now, grid, promise_days=3.0)
    return grid, with_gap(none, forecast, centre, SPECS, now, promise_days=3.0)


def test_the_next_week_has_no_gap() -> None:
    assert _open(0)[1].empty


def test_what_is_due_later_is_open_by_the_time_it_has_left() -> None:
    """Friday's work (4 a quarter of an hour, 40 quarters) is due a working day later, on Monday."""
    grid, found = _open(1)
    assert set(found["queue"]) == {"email"}
    assert (found["due"] > grid.start).all()
    assert (found["release"] < grid.start).all()
    assert (found["work_s"] == 600.0).all()
    released, due = found["release"], found["due"]
    assert (released.dt.tz_convert("Europe/Berlin").dt.strftime("%a") == "Fri").all()
    assert (due.dt.tz_convert("Europe/Berlin").dt.strftime("%a") == "Mon").all()
    # of ten open hours, so many lie on Monday as had passed on Friday when it came, rounded up to quarters
    share = np.arange(40) / 40
    assert len(found) == pytest.approx((4 * share).sum(), abs=1)


def test_more_weeks_ahead_leave_the_same_open() -> None:
    assert len(_open(1)[1]) == len(_open(2)[1])


def test_of_cases_the_steps_not_done_by_plan_are_open() -> None:
    """Cases of 900 s, due in ten open hours: a third of the time is the first step's."""
    told = small_centre().model_dump()
    told["queues"]["email"]["case_steps"] = {"look": {"handle_s": 300}, "write": {"handle_s": 600}}
    centre, grid = Centre.model_validate(told), week_grid()
    forecast = StandIn(centre, grid, {"email": 4.0}, {"email": 900.0})
    now = grid.start - dt.timedelta(weeks=1)
    none = backlog_at(None, centre, SPECS, now, grid, promise_days=3.0)
    found = with_gap(none, forecast, centre, SPECS, now, promise_days=3.0)
    work = found.groupby("work_s").size()
    # Friday's 160 cases are all open; a third of them came too late for the first look to be due
    assert work[600.0] == pytest.approx(160, abs=4)
    assert work[300.0] == pytest.approx(160 / 3, abs=6)
    assert (found["due"] > grid.start).all()
