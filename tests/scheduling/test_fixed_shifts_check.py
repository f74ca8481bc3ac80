"""The checker of fixed shifts, each rule from both sides."""

from dataclasses import replace

import pytest
from fixed_shifts_small import EARLY, LATE, team

from wfo.scheduling.fixed_shifts.check import breaches, penalty
from wfo.scheduling.fixed_shifts.problem import Before, Cover, FixedShiftProblem, Person, Wish

ANN = Person("Ann", (0, 7 * 480))


def rules(person: Person, days: dict[int, str], first_weekday: int = 0) -> list[str]:
    one = replace(team((person,)), first_weekday=first_weekday)
    return [b.rule for b in breaches(one, {person.name: days})]


def on(*days: int, shift: str = "early") -> dict[int, str]:
    return dict.fromkeys(days, shift)


@pytest.mark.parametrize(
    ("person", "kept", "broken", "rule"),
    [
        (ANN, {0: "early", 1: "late"}, {0: "late", 1: "early"}, "succession"),
        (replace(ANN, before=Before(1, 0, "late")), {0: "late"}, {0: "early"}, "succession"),
        (replace(ANN, max_shifts={"early": 1}), on(3), on(1, 3), "most shifts"),
        (replace(ANN, minutes=(960, 960)), on(1, 3), on(3), "minutes"),
        (replace(ANN, minutes=(0, 960)), on(1, 3), on(1, 3, 5), "minutes"),
        (replace(ANN, off=frozenset({2})), on(1), on(2), "day off"),
        (replace(ANN, max_weekends=0), on(4), on(5), "weekends"),
        (replace(ANN, days_on=(1, 2)), on(0, 1, 3), on(0, 1, 2), "days on"),
        (replace(ANN, days_on=(1, 2), before=Before(1, 0, "early")), on(0), on(0, 1), "days on"),
        (replace(ANN, days_on=(2, 7)), on(0, 2, 3, 6), on(2, 5, 6), "days on"),
        (replace(ANN, days_on=(2, 7), before=Before(1, 0, "early")), on(0), on(1, 2), "days on"),
        (replace(ANN, days_on=(2, 7), before=Before(0, 1)), on(0, 1), on(0), "days on"),
        (replace(ANN, min_days_off=2), on(1, 4), on(1, 3), "days off"),
        (replace(ANN, min_days_off=2, before=Before(0, 1)), on(1), on(0), "days off"),
        (replace(ANN, min_days_off=2, before=Before(1, 0, "early")), on(0), on(1), "days off"),
        (ANN, on(6), on(7), "known"),
    ],
)
def test_rule_from_both_sides(person, kept, broken, rule):
    assert rules(person, kept) == []
    assert rules(person, broken) == [rule]


def test_a_weekend_counts_once_and_by_the_first_weekday():
    one_weekend = replace(ANN, max_weekends=1)
    assert rules(one_weekend, on(5, 6)) == []
    assert rules(one_weekend, on(0, 6), first_weekday=6) == ["weekends"]


def test_strangers_are_named():
    assert [b.rule for b in breaches(team((ANN,)), {"Zoe": {0: "early"}})] == ["person"]


def test_penalty_adds_wishes_and_cover_at_their_weights():
    one = FixedShiftProblem(
        3,
        (EARLY, LATE),
        (ANN, replace(ANN, name="Bo")),
        (Cover(0, "early", 2, 10, 1), Cover(1, "late", 0, 10, 4)),
        (Wish("Ann", 0, "early", 3), Wish("Ann", 1, "late", 5, wanted=False), Wish("Bo", 2, "late", 2)),
    )
    assert penalty(one, {"Ann": {0: "early"}, "Bo": {0: "early", 2: "late"}}) == 0
    assert penalty(one, {"Ann": {1: "late"}, "Bo": {}}) == 20 + 4 + 3 + 5 + 2
