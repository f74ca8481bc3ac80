"""Due instants in real and working time, and the fluid that must be done by then."""

import csv
import datetime as dt
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from stand_in import small_centre, week_grid

from wfo.domain.deferred import DeferredSpec
from wfo.forecasting.opening import open_intervals
from wfo.metrics.specs import parse_target
from wfo.staffing.deferred import (
    due_minutes,
    due_ms,
    due_turns,
    least_constant_positions,
    longer_grid,
    spread,
)
from wfo.staffing.settings import StaffSettings
from wfo.timegrid import TimeGrid, from_epoch_min

LINES = (Path(__file__).parent / "reference_points.csv").read_text(encoding="utf-8").splitlines()
POINTS = [p for p in csv.DictReader(LINES) if p["model"].startswith("deferred")]


def _due(target: str | None, start: str, promise_days: float = 3.0) -> str:
    centre, grid = small_centre(), week_grid()
    spec = parse_target(target, metric="service_level", scope="email") if target else None
    due = from_epoch_min(due_minutes(centre, "email", grid, spec, promise_days=promise_days)).tz_convert(
        "Europe/Berlin"
    )
    at = grid.starts.get_loc(dt.datetime.fromisoformat(start).replace(tzinfo=dt.UTC) - dt.timedelta(hours=2))
    return due[at].strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("target", "start", "due"),
    [
        ("80% in 60 min", "2025-07-07T09:15", "Mon 10:15"),
        ("80% in 60 min", "2025-07-07T17:45", "Mon 18:45"),
        ("80% in 5 min", "2025-07-07T09:15", "Mon 09:30"),
        ("80% in 990 s", "2025-07-07T09:15", "Mon 09:32"),
        ("90% in 24 working h", "2025-07-07T09:00", "Wed 13:00"),
        ("90% in 4 working h", "2025-07-11T16:00", "Mon 10:00"),
        ("90% in 2 working h", "2025-07-12T12:00", "Mon 10:00"),
        ("90% in 10 working h", "2025-07-07T08:00", "Mon 18:00"),
        ("90% by promise", "2025-07-09T10:30", "Mon 10:30"),
        (None, "2025-07-10T10:30", "Fri 10:30"),
    ],
)
def test_due(target: str | None, start: str, due: str) -> None:
    assert _due(target, start) == due


@pytest.mark.parametrize(
    ("target", "seconds"),
    [
        ("80% in 5 min", 300),
        ("80% in 0 min", 0),
        ("80% in 30 s", 30),
        ("80% in 90 s", 90),
        ("80% in 60 min", 3600),
    ],
)
def test_work_may_be_due_before_its_interval_ends(target: str, seconds: int) -> None:
    centre, grid = small_centre(), week_grid()
    spec = parse_target(target, metric="service_level", scope="email")
    due = due_ms(centre, "email", grid, spec, promise_days=3.0)
    assert (due == (np.arange(grid.n) * grid.step_min * 60 + seconds) * 1000).all()


@pytest.mark.parametrize("target", ["90% in 2 working h", "90% by promise", None])
def test_in_open_time_the_simulation_judges_by_the_instants_of_staffing(target: str | None) -> None:
    centre, grid = small_centre(), week_grid()
    spec = parse_target(target, metric="service_level", scope="email") if target else None
    minutes = due_minutes(centre, "email", grid, spec, promise_days=3.0)
    due = due_ms(centre, "email", grid, spec, promise_days=3.0)
    assert (due == (minutes - grid.start_min) * 60_000).all()


@pytest.mark.parametrize("target", ["90% in 5 working min", "90% in 2 working h", "90% in 1003 working min"])
def test_a_deadline_in_working_time_never_runs_over_closing_time(target: str) -> None:
    """Against a clock that goes while the queue is open, arrivals at each minute of two days."""
    centre, grid = small_centre(), week_grid()
    spec = parse_target(target, metric="response_within", scope="email")
    within = round(spec.within_s / 60)
    due = due_ms(centre, "email", grid, spec, promise_days=3.0)
    turn, gap = due_turns(centre, "email", grid, spec, promise_days=3.0)
    row = open_intervals(centre, longer_grid(grid))[centre.queue_ids.index("email")]
    open_minutes = np.flatnonzero(np.repeat(row, grid.step_min))
    for minute in range(2 * 1440):
        t, since = divmod(minute, grid.step_min)
        found = due[t] + (since * 60_000 if turn[t] >= 0 else 0)
        found += gap[t] if 0 <= turn[t] < since * 60_000 else 0
        last = open_minutes[np.searchsorted(open_minutes, minute) + within - 1]
        assert found == (last + 1) * 60_000, (minute, within)


@pytest.mark.parametrize("hours", [150.0, 226.0, 400.0])
def test_a_promise_far_past_the_week_is_due_when_its_open_hours_have_gone_by(hours: float) -> None:
    """Against the open hours of twelve weeks; the grid that opening is looked up on is five long."""
    centre, grid = small_centre(), week_grid()
    spec = parse_target(f"90% in {hours:g} working h", metric="response_within", scope="email")
    due = due_ms(centre, "email", grid, spec, promise_days=3.0)
    turn, gap = due_turns(centre, "email", grid, spec, promise_days=3.0)
    whole = TimeGrid(grid.start, grid.step_min, 12 * grid.n)
    row = open_intervals(centre, whole)[centre.queue_ids.index("email")]
    open_minutes = np.flatnonzero(np.repeat(row, grid.step_min))
    for minute in range(0, 7 * 1440, 7):
        t, since = divmod(minute, grid.step_min)
        found = due[t] + (since * 60_000 if turn[t] >= 0 else 0)
        found += gap[t] if 0 <= turn[t] < since * 60_000 else 0
        last = open_minutes[np.searchsorted(open_minutes, minute) + round(hours * 60) - 1]
        assert found == (last + 1) * 60_000, (minute, hours)


@pytest.mark.parametrize("far", [{"promise_h": 8785.0}, {"promise_h": float("inf")}])
def test_a_promise_beyond_a_year_is_refused(far: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="less than or equal to 8784"):
        DeferredSpec.model_validate(far)
    with pytest.raises(ValidationError, match="less than or equal to 366"):
        StaffSettings(promise_days=367.0)


def test_promise_days_can_be_set() -> None:
    assert _due("90% by promise", "2025-07-07T10:30", promise_days=2.0) == "Wed 10:30"


@pytest.mark.parametrize("point", POINTS, ids=lambda p: p["lambda_per_hour"] + p["target"])
def test_reference_point(point: dict[str, str]) -> None:
    work = np.array(json.loads(re.search(r"\[.*\]", point["lambda_per_hour"])[0])) * 3600.0
    lag = int(re.search(r"i\+(\d)", point["target"])[1])
    is_open = (np.arange(12) >= 2) & (np.arange(12) <= 9)
    release = np.arange(12)
    found = least_constant_positions(work, release, release + 1 + lag, is_open, 3600.0)
    assert found == pytest.approx(float(point["value"]), abs=1e-6)


def _late_by_edf(
    work: np.ndarray, release: np.ndarray, due: np.ndarray, is_open: np.ndarray, n: float
) -> float:
    """Work not done in time when n positions always take what is due first."""
    left, late = work.copy(), 0.0
    for t in range(is_open.size):
        capacity = n * is_open[t]
        for r in sorted(np.flatnonzero(release <= t), key=lambda r: due[r]):
            done = min(left[r], capacity) if due[r] > t else 0.0
            left[r] -= done
            capacity -= done
    late += left.sum()
    return late


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_least_constant_positions_is_where_earliest_due_first_is_just_in_time(data: st.DataObject) -> None:
    n = 12
    rows = data.draw(st.integers(1, 8))
    release = np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=rows, max_size=rows)))
    slack = np.array(data.draw(st.lists(st.integers(1, 6), min_size=rows, max_size=rows)))
    work = np.array(data.draw(st.lists(st.integers(1, 20), min_size=rows, max_size=rows)), dtype=float)
    is_open = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    due = np.minimum(release + slack, n)
    least = least_constant_positions(work, release, due, is_open, 1.0)
    if np.isinf(least):
        assert _late_by_edf(work, release, due, is_open, 1e9) > 0
    else:
        assert _late_by_edf(work, release, due, is_open, least + 1e-9) == pytest.approx(0, abs=1e-6)
        assert _late_by_edf(work, release, due, is_open, least * 0.99) > 0


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_spread_keeps_all_work_and_stays_open(data: st.DataObject) -> None:
    n, rows = 20, 5
    release = np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=rows, max_size=rows)))
    slack = np.array(data.draw(st.lists(st.integers(1, 9), min_size=rows, max_size=rows)))
    work = np.array(data.draw(st.lists(st.floats(0, 9000), min_size=rows, max_size=rows)))
    is_open = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    is_open[0] = True
    found = spread(work, release, release + slack, is_open, 900.0)
    assert found.sum() * 900 == pytest.approx(work.sum(), abs=1e-6)
    assert not found[~is_open].any()
    assert (found >= 0).all()
