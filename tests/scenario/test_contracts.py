"""Contracts that no week can satisfy; each contradiction from both sides."""

import pytest

from wfo.domain.contract import Contract
from wfo.scenario.contracts import contradictions

FULL = {
    "week_h": {"min": 37.5, "max": 38.5},
    "shift_h": 8,
    "start": {"earliest": "07:00", "latest": "14:00"},
    "days": 5,
    "rest_h": 11,
    "breaks": {"lunch": {"minutes": 30, "paid": False, "over_h": 6}},
}
SOME_DAYS = {"days": {"min": 4, "max": 5}}
SIX_DAYS = {"week_h": {"min": 45, "max": 60}, "max_days_in_row": 6}
BACKWARDS = {"start": {"earliest": "15:00", "latest": "14:00"}}


def fields(**changes: object) -> list[str]:
    return [field for field, _ in contradictions(Contract.model_validate({**FULL, **changes}))]


def test_a_contract_that_can_be_kept() -> None:
    assert fields() == []


@pytest.mark.parametrize(
    ("good", "bad", "field"),
    [
        ({"week_h": 37.5}, {"week_h": 37.6}, "week_h"),
        ({**SOME_DAYS, "week_h": {"min": 20, "max": 30}}, {"week_h": {"min": 20, "max": 30}}, "week_h"),
        ({"rest_h": 23}, {"rest_h": 23.1}, "days"),
        ({"max_days_in_row": 3}, {"max_days_in_row": 1}, "days"),
        ({**SIX_DAYS, "days": 6}, {**SIX_DAYS, "days": 8}, "days"),
        ({"start": {"earliest": "22:00", "latest": "02:00"}}, BACKWARDS, "start"),
    ],
)
def test_each_contradiction_from_both_sides(good: dict, bad: dict, field: str) -> None:
    assert fields(**good) == []
    assert field in fields(**bad)


def test_a_longer_shift_may_be_paid_less() -> None:
    changes = {"shift_h": {"min": 6, "max": 6.25}, "shift_step_min": 15, "days": 5}
    assert fields(**changes, week_h={"min": 20, "max": 28.75}) == []
    assert fields(**changes, week_h={"min": 20, "max": 28.5}) == ["week_h"]
