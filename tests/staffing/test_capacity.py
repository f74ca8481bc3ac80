"""The capacity plan: people conserved, classes as needed, what cannot be filled shown."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.errors import InputError
from wfo.staffing.capacity import Hiring, capacity_plan


def _need(values: list[float]) -> "pd.Series[float]":
    return pd.Series(values, index=[f"2026-{m:02d}" for m in range(1, len(values) + 1)])


def test_without_attrition_nothing_changes() -> None:
    plan = capacity_plan(_need([10.0] * 6), 10.0, Hiring())
    assert (plan["working_fte"] == 10).all()
    assert not plan["hired"].any()
    assert not plan["gap_fte"].any()


def test_by_hand() -> None:
    """A class of February trains a month, works at half in March, in full from April."""
    plan = capacity_plan(_need([10, 10, 10, 14]), 10.0, Hiring(class_size=9, ramp=(0.5,)))
    assert plan["hired"].tolist() == [0, 4, 0, 0]
    assert plan["decided"].tolist() == [4, 0, 0, 0]
    assert plan["training"].tolist() == [0, 4, 0, 0]
    assert plan["working_fte"].tolist() == [10, 10, 12, 14]
    assert plan["gap_fte"].tolist() == [0, 0, 2, 0]


def test_part_timers_count_as_their_hours() -> None:
    plan = capacity_plan(_need([5.0]), 10.0, Hiring(), fte_per_person=0.5)
    assert plan["working_fte"].tolist() == [5.0]


@settings(max_examples=60, deadline=None)
@given(
    need=st.lists(st.floats(0, 200), min_size=1, max_size=18),
    people=st.floats(0, 200),
    attrition=st.floats(0, 0.3),
    size=st.integers(0, 30),
    lead=st.integers(0, 4),
    training=st.integers(0, 3),
    ramp=st.lists(st.floats(0, 1), max_size=3).map(tuple),
)
def test_people_are_conserved(need, people, attrition, size, lead, training, ramp) -> None:
    plan = capacity_plan(_need(need), people, Hiring(attrition, size, lead, training, ramp, attrition / 2))
    held = people
    for row in plan.itertuples():
        held += row.hired - row.leavers
        assert row.people == pytest.approx(held, abs=1e-6)
    assert (plan["hired"] <= size).all()
    assert not plan["hired"].iloc[:lead].any()
    assert (plan["working_fte"] + plan["training"] <= plan["people"] + plan["leavers"] + 1e-6).all()


def test_a_decision_too_far_ahead_decides_nothing() -> None:
    plan = capacity_plan(_need([10.0, 12.0]), 10.0, Hiring(class_size=5, lead_months=10**9))
    assert not plan[["hired", "decided"]].to_numpy().any()
    assert plan["gap_fte"].tolist() == [0, -2]


def test_people_without_end_are_told() -> None:
    with pytest.raises(InputError, match="inf people found"):
        capacity_plan(_need([5.0]), float("inf"), Hiring())
    with pytest.raises(InputError, match="fte_per_person: 0 found"):
        capacity_plan(_need([5.0]), 5.0, Hiring(), fte_per_person=0.0)


def test_what_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        capacity_plan(_need([5.0, -1.0]), -3.0, Hiring(attrition=1.0, class_size=-1, ramp=(2.0,)))
    assert {p.where for p in error.value.problems} == {
        "hiring.attrition",
        "hiring.class_size",
        "hiring.ramp",
        "required_fte",
        "people",
    }
