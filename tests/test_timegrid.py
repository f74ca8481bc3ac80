"""Intervals in UTC and in a site's own time, across clock changes."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from wfo.timegrid import TimeGrid, epoch_min, from_epoch_min, instant


@pytest.mark.parametrize(("first", "hours"), [("2025-03-24", 167), ("2025-10-20", 169), ("2025-07-07", 168)])
def test_a_week_has_an_hour_less_or_more_when_the_clock_changes(first, hours):
    grid = TimeGrid.of_days(dt.date.fromisoformat(first), 7, zone="Europe/Berlin", step_min=15)
    assert grid.n == hours * 4
    days = grid.local_day_number("Europe/Berlin")
    assert days[0] == 0
    assert days[-1] == 6
    assert (np.diff(days) >= 0).all()


def test_locate_is_the_inverse_of_starts():
    grid = TimeGrid.of_days(dt.date(2025, 7, 7), 2, zone="Asia/Kolkata", step_min=30)
    assert (grid.locate(grid.starts) == np.arange(grid.n)).all()
    late = grid.starts + pd.Timedelta("29min59s")
    assert (grid.locate(late) == np.arange(grid.n)).all()
    assert grid.locate(pd.DatetimeIndex([grid.end]))[0] == grid.n


def test_minutes_and_instants_round_trip():
    minutes = np.array([0, 29_000_000, 29_000_015])
    assert (epoch_min(from_epoch_min(minutes)) == minutes).all()


def test_naive_instants_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        instant(dt.datetime(2025, 7, 7))
