"""Adherence and conformance, counted by hand and minute by minute."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.staffing.adherence import adherence

DAY = pd.Timestamp("2025-07-07 08:00", tz="UTC")


def _rows(parts: list[tuple[int, int, str]], **more: object) -> pd.DataFrame:
    rows = [
        {
            "agent_id": "a",
            "start": DAY + dt.timedelta(minutes=b),
            "end": DAY + dt.timedelta(minutes=e),
            "x": x,
        }
        for b, e, x in parts
    ]
    return pd.DataFrame(rows).assign(**more)


def _plan(parts: list[tuple[int, int, str]]) -> pd.DataFrame:
    frame = _rows(parts, schedule_date=dt.date(2025, 7, 7)).rename(columns={"x": "activity"})
    frame["kind"] = [
        "work" if a == "work" else "time_off" if a == "time_off" else "break" for a in frame["activity"]
    ]
    return frame


def _did(parts: list[tuple[int, int, str]]) -> pd.DataFrame:
    return _rows(parts).rename(columns={"x": "state"})


def test_by_hand() -> None:
    """Ten minutes late, lunch begun ten minutes early and ended in time, gone ten minutes early."""
    plan = _plan([(0, 240, "work"), (240, 270, "lunch"), (270, 480, "work"), (480, 960, "time_off")])
    did = _did([(0, 10, "late"), (10, 230, "on_queue"), (230, 270, "lunch"), (270, 470, "on_queue")])
    found = adherence(plan, did).iloc[0]
    assert (found["scheduled_min"], found["adherent_min"]) == (480, 220 + 30 + 200)
    assert (found["work_min"], found["worked_min"]) == (450, 420)
    assert found["adherence"] == pytest.approx(450 / 480)
    assert found["conformance"] == pytest.approx(420 / 450)


def test_work_at_another_time_conforms_and_does_not_adhere() -> None:
    plan = _plan([(0, 60, "work"), (60, 120, "lunch"), (120, 180, "work")])
    found = adherence(plan, _did([(0, 60, "lunch"), (60, 180, "on_queue")])).iloc[0]
    assert found["conformance"] == 1.0
    assert found["adherence"] == pytest.approx(60 / 180)


def test_nobody_seen_gives_an_empty_table() -> None:
    other = _did([(0, 60, "on_queue")]).assign(agent_id="b")
    assert adherence(_plan([(0, 60, "work")]), other).empty


@settings(max_examples=40, deadline=None)
@given(
    plan=st.lists(st.sampled_from(["work", "lunch", "break"]), min_size=1, max_size=12),
    did=st.lists(st.sampled_from(["on_queue", "lunch", "break", "late", None]), min_size=1, max_size=30),
)
def test_equals_counting_minutes(plan: list[str], did: list[str | None]) -> None:
    states = [(7 * k, 7 * k + 7, s) for k, s in enumerate(did) if s]
    if not states:
        return
    found = adherence(_plan([(15 * k, 15 * k + 15, a) for k, a in enumerate(plan)]), _did(states)).iloc[0]
    adherent = worked = 0
    for minute in np.arange(15 * len(plan)):
        wanted, was = plan[minute // 15], did[minute // 7] if minute < 7 * len(did) else None
        worked += was == "on_queue"
        adherent += was is not None and (was == wanted or (wanted == "work" and was == "on_queue"))
    assert found["adherent_min"] == pytest.approx(adherent)
    assert found["worked_min"] == pytest.approx(worked)
