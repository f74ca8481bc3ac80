"""Standing: plans are told apart by the same targets, whatever days and contacts their weeks have."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from wfo.planning.losses import Prices
from wfo.planning.standing import EVENNESS, Standing, service_levels, standing

DAYS = [dt.date(2025, 7, 7), dt.date(2025, 7, 8)]
PRICES = Prices(8.0, 2.0)


def card(*lines: tuple[str, str, float]) -> pd.DataFrame:
    """Rows of metric, grain and target of one queue."""
    frame = pd.DataFrame(lines, columns=["metric", "grain", "target"])
    return frame.assign(scope="calls", mode="priced")


def stands(answered: list[int], asked: pd.DataFrame, wait_s: float = 10.0, short: int = 0) -> Standing:
    """Three equal weeks of two days of 100 contacts, so many of each answered in time after a wait."""
    rows = [
        (r, "calls", day, 100, n, 100 - n, min(short, 100 - n), n, 100 - min(short, 100 - n), wait_s * n)
        for r in range(3)
        for day, n in zip(DAYS, answered, strict=True)
    ]
    columns = [
        "replication",
        "queue",
        "day",
        "offered",
        "answered",
        "abandoned",
        "abandoned_short",
        "in_time",
    ]
    runs = pd.DataFrame(rows, columns=[*columns, "of", "wait_s"])
    intervals = pd.DataFrame({"queue": ["calls"], "of": 0.0, "service_level": np.nan})
    return standing(asked, {"replications": runs, "intervals": intervals}, PRICES)


@pytest.mark.parametrize("grain", ["day", "week"])
@pytest.mark.parametrize(("metric", "target"), [("asa", 20.0), ("abandonment", 0.05), ("service_level", 0.8)])
def test_a_day_on_which_nobody_is_answered_is_missed_by_all_that_came(
    metric: str, target: float, grain: str
) -> None:
    asked = card((metric, grain, target))
    none, some, all_ = (stands(days, asked) for days in ([0, 0], [90, 0], [100, 100]))
    assert list(none.missing) == list(some.missing) == list(all_.missing)
    assert none.gap > some.gap >= all_.gap == 0.0
    assert some.better(none, 1.0)
    assert all_.better(some, 1.0) == (some.gap > 0.0) == ((metric, grain) != ("asa", "week"))
    assert not none.better(some, 1.0)
    assert not some.better(all_, 1.0)


def test_all_that_came_miss_a_mean_wait_where_nobody_is_answered() -> None:
    asked = card(("asa", "day", 20.0))
    none, some = stands([0, 0], asked), stands([100, 0], asked)
    assert [own.contacts.tolist() for own in none.missing.values()] == [[100.0] * 3] * 2
    assert none.gap == pytest.approx(1.0)
    assert [own.contacts.tolist() for own in some.missing.values()] == [[-50.0] * 3, [100.0] * 3]


def test_who_gave_up_at_once_misses_no_target_but_the_wait() -> None:
    left = stands([0, 100], card(("abandonment", "day", 0.05), ("service_level", "day", 0.8)), short=100)
    assert left.gap == 0.0
    found = [own.contacts[0] for (_, metric, _, _), own in left.missing.items() if metric != EVENNESS]
    assert found == pytest.approx([0.0, -5.0, 0.0, -20.0])


def test_what_a_plan_wins_is_to_be_worth_the_wages_that_it_adds() -> None:
    """Ten contacts more in time on two days: 20 x 8 of lost ones, and twice 20 x 2 x .8 of those missing."""
    asked = card(("service_level", "week", 0.8))
    less, more = stands([50, 50], asked), stands([60, 60], asked)
    won = float((less.lost - more.lost).mean()) + 2.0 * 2.0 * 20
    assert more.better(less, 2.0)
    assert more.better(less, 2.0, wages=won - 0.01)
    assert not more.better(less, 2.0, wages=won + 0.01)
    assert more.better(less, 2.0, wages=-5.0)


def test_two_targets_of_a_queue_are_both_asked_for_and_the_highest_is_what_intervals_are_near() -> None:
    asked = card(
        ("service_level", "week", 0.7), ("service_level", "week", 0.95), ("service_level", "day", 0.6)
    )
    for lines in (asked, asked.iloc[::-1]):
        found = stands([80, 80], lines)
        short = {own[2:]: missing.contacts[0] for own, missing in found.missing.items() if own[1] != EVENNESS}
        assert short == pytest.approx(
            {(0.7, None): -20.0, (0.95, None): 30.0, (0.6, DAYS[0]): -20.0, (0.6, DAYS[1]): -20.0}
        )
        assert [own[2] for own in found.missing if own[1] == EVENNESS] == [0.95]
        assert service_levels(lines) == {"calls": 0.95}
        assert found.asking() == ("calls",)


def test_a_queue_to_which_nothing_came_misses_nothing() -> None:
    asked = card(("asa", "day", 20.0), ("abandonment", "week", 0.05))
    intervals = pd.DataFrame({"queue": ["calls"], "of": 0.0, "service_level": np.nan})
    runs = stands_runs_of_nobody()
    found = standing(asked, {"replications": runs, "intervals": intervals}, PRICES)
    assert found.gap == 0.0
    assert found.asking() == ()
    assert found.holds(thorough=False)


def stands_runs_of_nobody() -> pd.DataFrame:
    """One week in which no contact comes."""
    columns = ["offered", "answered", "abandoned", "abandoned_short", "in_time", "of", "wait_s"]
    frame = pd.DataFrame({"replication": 0, "queue": "calls", "day": DAYS})
    return frame.assign(**dict.fromkeys(columns, 0))
