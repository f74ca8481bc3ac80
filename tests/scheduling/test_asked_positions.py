"""Cuts that name a queue raise what its positions are worth."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.scheduling.asked_positions import raised_cover

START = pd.Timestamp("2025-07-07T08:00Z").as_unit("us")
STEP = pd.Timedelta(minutes=15)


def cover(values: dict[str, list[float]]) -> pd.DataFrame:
    rows = [(q, START, k, v, k == 1) for q, own in values.items() for k, v in enumerate(own, start=1)]
    return pd.DataFrame(rows, columns=["queue", "interval_start", "step", "value", "hard"])


def asked(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [(q, START, n, v) for q, n, v in rows], columns=["queue", "interval_start", "rhs", "value"]
    )


def test_positions_up_to_the_asked_are_worth_the_asking_at_least() -> None:
    found = raised_cover(cover({"small": [9.0, 4.0, 1.0], "large": [5.0, 5.0]}), asked(("small", 2.0, 6.0)))
    assert found[found["queue"] == "small"]["value"].tolist() == [9.0, 6.0, 1.0]
    assert found[found["queue"] == "large"]["value"].tolist() == [5.0, 5.0]
    assert found["hard"].tolist() == [True, False, False, True, False]


def test_more_than_cover_tells_of_is_added() -> None:
    found = raised_cover(cover({"small": [2.0]}), asked(("small", 2.5, 3.0), ("small", 1.0, 7.0)))
    assert found["step"].tolist() == [1, 2, 3]
    assert found["value"].tolist() == [7.0, 3.0, 3.0]
    assert found["hard"].tolist() == [True, False, False]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=12),
    st.lists(st.tuples(st.floats(0, 15), st.floats(0, 50)), min_size=1, max_size=4),
)
def test_values_never_increase_and_never_fall(values: list[float], more: list[tuple[float, float]]) -> None:
    before = sorted(values, reverse=True)
    found = raised_cover(cover({"q": before}), asked(*(("q", n, v) for n, v in more)))
    told = found["value"].tolist()
    assert told == sorted(told, reverse=True)
    assert all(now >= then - 1e-12 for now, then in zip(told, before, strict=False))
    assert found["step"].tolist() == list(range(1, len(told) + 1))
    for n, v in more:
        if n > 0.001:
            assert told[int(n - 1e-9)] >= v - 1e-12 if int(n - 1e-9) < len(told) else False


def test_a_queue_without_cover_is_told_of_by_its_cut() -> None:
    found = raised_cover(cover({"large": [5.0]}), asked(("small", 1.0, 3.0)))
    assert found[["queue", "value"]].to_numpy().tolist() == [["large", 5.0], ["small", 3.0]]
    assert found["value"].sum() == pytest.approx(8.0)
