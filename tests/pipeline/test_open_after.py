"""Deferred work that a week leaves for the next one: whole contacts, plain seconds, neither more nor less."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wfo.domain.centre import Centre
from wfo.metrics.specs import parse_target
from wfo.pipeline.backlog import backlog_at, whole_contacts
from wfo.pipeline.open_after import open_after

sys.path.insert(0, str(Path(__file__).parents[1] / "staffing"))

from stand_in import StandIn, small_centre, week_grid  # noqa: E402

SPECS = (parse_target("90% in 10 working h", metric="response_within", scope="email"),)


def _week(**email):
    told = small_centre().model_dump()
    told["queues"]["email"] |= email
    centre, grid = Centre.model_validate(told), week_grid()
    forecast = StandIn(centre, grid, {"email": 4.0}, {"email": 600.0})
    return centre, grid, forecast, backlog_at(None, centre, SPECS, grid.start, grid, promise_days=3.0)


def _left(grid, came, old=0.0):
    """``came`` by interval of the week."""
    out = np.zeros(grid.n)
    for t, number in came.items():
        out[t] = number
    return {"email": {"old": old, "came": out.tolist()}}


def _after(centre, forecast, backlog, left=None, lists=None):
    return open_after(backlog, forecast, centre, SPECS, promise_days=3.0, left=left, lists=lists)


def test_a_week_that_is_not_simulated_leaves_fridays_share() -> None:
    """Friday's work (4 a quarter of an hour, 40 quarters) is due a working day later, on Monday."""
    centre, grid, forecast, none = _week()
    found = _after(centre, forecast, none)
    # of ten open hours, so many lie on Monday as had passed on Friday when it came, rounded up to quarters
    assert len(found) == pytest.approx((4 * np.arange(40) / 40).sum(), abs=1)
    assert (found["work_s"] == 600.0).all()
    assert (found["due"] > grid.end).all()
    assert (found["came"] < grid.end).all()
    assert (found["release"] == found["came"]).all()
    assert (found["case_of"] == "").all()


def test_a_simulated_week_leaves_what_it_did_not_do_late_work_too() -> None:
    centre, grid, forecast, none = _week()
    monday, friday = 32, 4 * 96 + 40
    found = _after(centre, forecast, none, _left(grid, {monday: 1.5, monday + 1: 1.5, friday: 2.0}))
    assert len(found) == 5
    assert found["work_s"].sum() == 5 * 600.0
    # Monday's three are long overdue, and still there
    assert (found["due"] <= grid.end).sum() == 3
    assert (found["release"] == grid.starts[friday]).sum() == 2


def test_what_was_open_before_is_left_by_when_it_is_due() -> None:
    centre, grid, forecast, none = _week()
    due, mean = np.zeros(grid.n, dtype=np.int64), np.zeros(grid.n)
    due[:3], mean[:3] = grid.start_min + np.array([10, 20, 30]) * 60, 2.0
    old = whole_contacts(centre, "email", grid, due, mean, np.full(grid.n, 700.0))
    assert len(old) == 6
    found = _after(centre, forecast, old, _left(grid, {}, old=3.2))
    assert len(found) == 3
    assert (found["work_s"] == 700.0).all()
    assert found["due"].tolist() == sorted(old["due"])[-3:]
    assert _after(centre, forecast, old, _left(grid, {})).empty
    # without a simulation they are done, as they are due within the week
    assert _after(centre, forecast, old)["work_s"].isin([600.0]).all()


def test_old_work_due_after_the_week_is_left_by_the_time_it_has_left() -> None:
    """Forty pieces of Friday morning at eight, due on Monday at noon: 4 of 14 open hours are left."""
    centre, grid, forecast, none = _week()
    friday = grid.starts[4 * 96 + 32]
    old = pd.DataFrame({"queue": ["email"] * 40, "release": friday, "due": friday + pd.Timedelta(hours=76)})
    old = old.assign(work_s=100.0, case_of="", stands_at=-1, promised=old["due"], came=old["release"])
    found = _after(centre, forecast, old)
    assert (found["work_s"] == 100.0).sum() == pytest.approx(40 * 4 / 14, abs=0.5)


def test_cases_go_over_by_step_from_when_they_came() -> None:
    steps = {"look": {"handle_s": 300}, "write": {"handle_s": 600}}
    centre, grid, forecast, none = _week(case_steps=steps)
    friday = 4 * 96 + 32
    first = _after(centre, forecast, none, _left(grid, {friday: 2.0, friday + 39: 1.0}))
    cases = first[first["stands_at"] >= 0]
    assert len(cases) == 3  # one row a case stands somewhere, its later steps stand nowhere
    # of the two early ones the first look is done by plan, the last one has both steps before it
    assert sorted(first["work_s"]) == [300.0, 600.0, 600.0, 600.0]
    # the week after leaves one of them: the one due last, and now only its letter is open
    later = StandIn(centre, grid.__class__(grid.end, grid.step_min, grid.n), {}, {"email": 900.0})
    second = _after(centre, later, first, _left(grid, {}, old=1.0))
    assert second[["work_s", "stands_at"]].to_numpy().tolist() == [[600.0, 1]]
    assert second["came"].tolist() == [grid.starts[friday + 39]]


def test_who_is_left_of_a_list_that_has_ended_is_called_no_more() -> None:
    monday, saturday, later = "2025-07-07", "2025-07-12", "2025-07-16"
    lists = {
        "ended": {"contacts": 50, "first": monday, "last": saturday},
        "open": {"contacts": 80, "first": monday, "last": later},
    }
    centre, grid, forecast, none = _week(outbound={"contact_rate": 0.5, "no_answer_s": 60, "lists": lists})
    left = _left(grid, {32: 30.0, 50: 2.0})
    told = pd.DataFrame({"queue": "email", "list": ["", "ended", "open"], "left": [2.0, 10.0, 20.0]})
    found = _after(centre, forecast, none, left, told)
    assert len(found) == 22
    # half of the calls talk 600 s, half find nobody for a minute
    assert (found["work_s"] == 330.0).all()
    people = found[found["list"] != ""]
    assert people["list"].tolist() == ["open"] * 20
    # called until their list ends, not by the queue's promise
    assert set(people["due"]) == set(people["promised"]) == {pd.Timestamp("2025-07-17", tz=centre.zone)}
    # the week after: twelve are left when the list has ended, and are called no more; the mails stay
    later = StandIn(centre, grid.__class__(grid.end, grid.step_min, grid.n), {}, {"email": 600.0})
    mails = found[found["list"] == ""].assign(promised=pd.Timestamp("2025-07-18", tz="UTC").as_unit("us"))
    old = pd.concat([people, mails], ignore_index=True)
    second = _after(centre, later, old, _left(grid, {}, old=14.0), told.iloc[:0])
    assert second["list"].tolist() == ["", ""]
    # cut one week shorter, the list goes on
    assert (
        _after(centre, forecast, old, _left(grid, {}, old=14.0), told.iloc[:0])["list"] == "open"
    ).sum() == 12


def test_a_queue_of_lists_alone_hands_on_work_of_its_assumed_handle_time() -> None:
    lists = {"open": {"contacts": 80, "first": "2025-07-07", "last": "2025-07-16"}}
    outbound = {"contact_rate": 0.5, "no_answer_s": 60, "lists": lists}
    centre, grid, _, none = _week(outbound=outbound, handle_s=400)
    told = pd.DataFrame({"queue": ["email"], "list": ["open"], "left": [5.0]})
    found = _after(centre, StandIn(centre, grid, {}, {}), none, _left(grid, {32: 5.0}), told)
    assert found["list"].tolist() == ["open"] * 5
    assert (found["work_s"] == 0.5 * 400 + 0.5 * 60).all()
