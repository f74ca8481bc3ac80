"""The standard sample week, whole: what the README promises, at full size."""

import pandas as pd
import pytest

from wfo.pipeline.run import run
from wfo.sample.sample_centre import sample_centre
from wfo.scheduling.checker import check_schedule

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return run("scenarios/week.yaml", runs=tmp_path_factory.mktemp("runs"))


def test_no_rule_is_broken(plan):
    sample = sample_centre("standard")
    breaches = check_schedule(
        plan.frame("schedule"),
        centre=sample.centre,
        agents=sample.data["agents"],
        availability=sample.data["availability"],
        published=sample.data["published_schedule"],
        grid=plan.week.grid,
        agent_skills=sample.data["agent_skills"],
        routing=sample.data["routing"],
    )
    assert breaches.empty, breaches.to_string()


def test_the_schedule_is_close_to_its_bound(plan):
    meta = plan.results["schedule"].meta
    assert meta.bound >= meta.objective
    assert meta.excess <= 0.02


def test_targets_are_predicted_with_a_spread_and_one_is_not_sure(plan):
    card = plan.frame("scorecard")
    goals = card[card["target"].notna()]
    assert (goals["low"] <= goals["high"]).all()
    assert goals["p_met"].between(0, 1).all()
    assert goals["p_met"].between(0.05, 0.95).any()


def test_everybody_is_planned_and_nobody_twice(plan):
    rows = plan.frame("schedule").sort_values(["agent_id", "start"])
    before = rows.groupby("agent_id")["end"].shift()
    assert (rows["start"] >= before.fillna(pd.Timestamp(0, tz="UTC"))).all()
    assert rows["agent_id"].nunique() >= 0.9 * len(sample_centre("standard").data["agents"])
