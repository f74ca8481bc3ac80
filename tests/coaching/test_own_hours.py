"""What a session's minutes cost in an agent's own hours."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from wfo.coaching.own_hours import cheapest_minutes
from wfo.timegrid import TimeGrid

GRID = TimeGrid(dt.datetime(2025, 7, 7, tzinfo=dt.UTC), 15, 96)
START = pd.Timestamp(GRID.start)
PRICES = pd.DataFrame(
    {
        "skill": ["calls"] * 8 + ["mail"] * 2,
        "interval_start": [START + pd.Timedelta(minutes=15 * t) for t in [*range(8), 0, 1]],
        "value_per_agent_min": [5.0, 3.0, 1.0, 2.0, 0.5, 9.0, 9.0, 9.0, 7.0, 0.1],
    }
)
SKILLS = pd.DataFrame({"agent_id": ["a", "b", "b"], "skill": ["calls", "calls", "mail"]})


def work(*stretches):
    rows = [(who, START + pd.Timedelta(minutes=m), START + pd.Timedelta(minutes=n), kind)
            for who, m, n, kind in stretches]  # fmt: skip
    return pd.DataFrame(rows, columns=["agent_id", "start", "end", "kind"])


def cheapest(schedule, minutes):
    return cheapest_minutes(schedule, PRICES, SKILLS, ("a", "b"), GRID, minutes).tolist()


def test_the_cheapest_stretch_of_the_dearest_skill() -> None:
    both = work(("a", 0, 120, "work"), ("b", 0, 30, "work"))
    assert cheapest(both, 15) == [0.5, 3.0]
    assert cheapest(both, 30) == [pytest.approx(1.25), pytest.approx(5.0)]
    assert cheapest(both, 20) == [pytest.approx(1.25), pytest.approx(5.0)]


def test_breaks_and_parts_of_intervals_hold_no_session() -> None:
    rest = work(("a", 5, 35, "work"), ("a", 60, 75, "break"), ("a", 75, 120, "work"), ("b", 0, 30, "break"))
    found = cheapest(rest, 15)
    assert found[0] == 3.0
    assert np.isnan(found[1])
    assert np.isnan(cheapest(rest, 60)).all()


def test_work_beyond_the_week_is_cut() -> None:
    assert cheapest(work(("a", -600, 30, "work")), 30)[0] == pytest.approx(4.0)
    assert cheapest(work(("a", 1380, 3000, "work")), 60)[0] == 0.0
