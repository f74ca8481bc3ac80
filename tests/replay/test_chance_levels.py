"""Gap, coverage, reliability and skill by hand; frontiers; the plain planner's requirement."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from wfo.domain.centre import Law
from wfo.replay.calibration import gap_table, reliability_table, skill_table
from wfo.replay.causes import cause_table
from wfo.replay.chances import chance_table
from wfo.replay.erlang_c import flat_cover, scaled_work
from wfo.replay.frontier import compared, cost_at
from wfo.replay.ladder import lost_and_late
from wfo.replay.promises import promise_table
from wfo.sample.centre_file import centre_of

DAY = dt.date(2025, 6, 30)


def weeks(**columns):
    n = len(columns["promised"])
    base = {
        "week": [DAY + dt.timedelta(weeks=k) for k in range(n)],
        "lead": 1,
        "queue": "chat",
        "metric": "service_level",
        "grain": "week",
        "low": 0.7,
        "high": 0.9,
        "p_met": np.nan,
        "met": np.nan,
        "status": "judged",
    }
    return pd.DataFrame(base | columns)


def test_gap_and_bias_by_hand():
    table = gap_table(weeks(promised=[0.8, 0.8, 0.8], realised=[0.9, 0.6, 0.1], of=[100.0, 300.0, 50.0]))
    only = gap_table(
        weeks(promised=[0.8, 0.8], realised=[0.9, 0.6], of=[100.0, 300.0]).assign(status=["judged", "judged"])
    ).iloc[0]
    assert only["gap"] == pytest.approx((0.1 * 100 + 0.2 * 300) / 400)
    assert only["bias"] == pytest.approx((0.1 * 100 - 0.2 * 300) / 400)
    assert only["inside"] == 0.5
    assert table.iloc[0]["weeks"] == 3
    none = weeks(promised=[0.8], realised=[0.9], of=[1.0]).assign(status="1 days without data")
    assert gap_table(none).empty


def test_answers_of_deferred_work_with_nothing_due_are_not_late():
    """Two queues, each with three answered and one abandoned; of the second nothing is due in the week."""
    each = np.array([[[3]], [[3]]]).swapaxes(0, 1)
    counts = SimpleNamespace(
        answered=each, abandoned=each // 3, due=each * 0, in_target=np.array([[[2], [0]]])
    )  # fmt: skip
    assert lost_and_late(counts, 0, Law.IMMEDIATE) == (1.0, 1.0)
    assert lost_and_late(counts, 1, Law.DEFERRED) == (1.0, 0.0)
    counts.due = np.array([[[0], [2]]])
    assert lost_and_late(counts, 1, Law.DEFERRED) == (1.0, 2.0)


def test_skill_of_a_true_chance_is_positive_and_of_a_constant_zero():
    rng = np.random.default_rng(3)
    p = rng.uniform(0, 1, 4000)
    met = (rng.uniform(size=4000) < p).astype(float)
    days = pd.DataFrame({"lead": 1, "queue": "chat", "target": 0.8, "own": True, "p_met": p, "met": met})
    true = skill_table(days).set_index("queue")
    # for a uniform chance the Brier score is 1/6 against 1/4 of the base rate
    assert true.loc["chat", "skill"] == pytest.approx(1 / 3, abs=0.03)
    assert true.loc["all", "skill"] == pytest.approx(true.loc["chat", "skill"])
    flat = skill_table(days.assign(p_met=met.mean())).iloc[0]
    assert flat["skill"] == pytest.approx(0.0, abs=1e-9)
    curve = reliability_table(days)
    assert curve["days"].sum() == 4000
    assert (curve["met"] - curve["stated"]).abs().max() < 0.08
    sure = skill_table(days.assign(p_met=1.0, met=1.0))
    assert not sure["counted"].any()
    assert len(sure) == 1


def test_chances_count_simulated_days_at_own_and_other_levels():
    day = weeks(promised=[0.9], realised=[0.87], of=[50.0]).assign(grain="day", day=DAY, target=0.82)
    runs = pd.DataFrame({"queue": "chat", "day": DAY, "service_level": [0.81, 0.83, 0.92, np.nan]})
    found = chance_table(runs, day).set_index("target")
    assert found.loc[0.82, ["p_met", "met"]].tolist() == [pytest.approx(2 / 3), 1.0]
    assert found.loc[0.9, ["p_met", "met"]].tolist() == [pytest.approx(1 / 3), 0.0]
    assert found["own"].sum() == 1
    assert chance_table(runs, day.assign(status="no data of this day")).empty


def test_cost_at_a_service_lies_on_the_line_and_nothing_is_extrapolated():
    service, cost = np.array([0.7, 0.9, 0.8]), np.array([100.0, 140.0, 130.0])
    assert cost_at(service, cost, 0.75) == pytest.approx(115.0)
    assert np.isnan(cost_at(service, cost, 0.95))
    # a level that costs more and serves less than another is passed over
    assert cost_at(np.array([0.7, 0.75, 0.9]), np.array([100.0, 150.0, 140.0]), 0.8) == pytest.approx(120.0)
    levels = pd.DataFrame(
        {
            "planner": ["a", "a", "d"],
            "level": [1.0, 2.0, 1.0],
            "service": [0.7, 0.9, 0.8],
            "cost": [100.0, 140.0, 108.0],
        }
    )
    found = compared(levels, "d").set_index("planner")
    assert found.loc["a", "saved"] == pytest.approx(1 - 108 / 120)
    assert found.loc["d", "saved"] == 0.0
    dear = compared(pd.concat([levels, levels.assign(planner="e", service=0.95, cost=90.0)]), "d")
    assert dear.set_index("planner").loc["e", ["reach", "cost"]].tolist() == ["at most", 90.0]
    low = compared(levels.assign(service=[0.6, 0.7, 0.8]), "d").set_index("planner")
    assert low.loc["a", ["reach", "cost"]].tolist() == ["at least", 140.0]
    assert low.loc["a", "saved"] == pytest.approx(1 - 108 / 140)


def test_lost_days_and_empty_ones_are_shown_and_not_judged():
    centre = centre_of("tiny")
    card = pd.DataFrame(
        {
            "metric": ["service_level"], "scope": ["chat"], "grain": ["week"], "sense": [">="],
            "target": [0.8], "predicted": [0.9], "low": [0.85], "high": [0.95], "p_met": [0.99],
        }
    )  # fmt: skip
    dates = [DAY, DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=2)]
    days = pd.DataFrame(
        {
            "queue": "chat",
            "day": dates,
            "predicted": 0.9,
            "low": 0.8,
            "high": 1.0,
            "p_met": 0.9,
            "target": 0.8,
        }
    )
    values = pd.DataFrame(
        {
            "queue": "chat",
            "metric": "service_level",
            "day": [None, *dates],
            "value": [0.7, 0.7, np.nan, np.nan],
            "of": [10.0, 10.0, 0.0, 0.0],
        }
    )
    lost = pd.DataFrame({"queue": ["chat"], "day": [dates[1]]})
    table = promise_table(card, days, values, lost, centre)
    assert table["status"].tolist() == ["1 days without data", "judged", "no data of this day", "nobody came"]
    assert table["met"].tolist()[:2] == [0.0, 0.0]
    might = {name: values for name in ("fractional", "volumes", "handle_times")}
    cause = cause_table(table, might, centre).iloc[0]
    steps = cause[["fractional", "rounding", "forecast", "handle_time", "luck"]].sum()
    assert steps == pytest.approx(cause["realised"])


def test_a_flat_cover_holds_every_position_once():
    need = pd.DataFrame(
        {
            "queue": ["chat", "chat"],
            "interval_start": pd.to_datetime(["2025-06-30 08:00", "2025-06-30 08:15"], utc=True),
            "positions_with_shrinkage": [2.0, 3.0],
        }
    )
    cover = flat_cover(need, 20.0, 15)
    assert cover["step"].tolist() == [1, 2, 1, 2, 3]
    assert cover["value"].unique().tolist() == [20.0]
    work = pd.DataFrame({"queue": ["email", "text"], "work_s": [10.0, 10.0]})
    assert scaled_work(work, {"email": 0.5})["work_s"].tolist() == [5.0, 10.0]
