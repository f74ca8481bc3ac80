"""The sample as a whole: contracts, what is known, and the truth that was planted."""

import numpy as np
import pandas as pd
import pytest

from wfo.sample.sample_centre import sample_centre
from wfo.tables.contracts import INPUTS
from wfo.tables.read import read_data


@pytest.mark.parametrize("preset", ["tiny", "standard"])
def test_tables_keep_their_contracts(preset, request):
    data = request.getfixturevalue(preset).data
    assert set(data) <= set(INPUTS)
    assert set(read_data(dict(data))) == set(data)
    for name, frame in data.items():
        unique = frame.drop_duplicates(list(INPUTS[name].key))
        assert len(unique) == len(frame), name


def test_same_seed_same_rows_another_seed_others(tiny):
    again, other = sample_centre("tiny"), sample_centre("tiny", seed=2)
    for name in tiny.data:
        pd.testing.assert_frame_equal(tiny.data[name], again.data[name])
    assert not tiny.data["interactions"].equals(other.data["interactions"])


def test_nothing_is_known_from_after_the_planning_moment(tiny):
    now = pd.Timestamp(tiny.now)
    for name, frame in tiny.data.items():
        if name in ("availability", "wishes"):
            continue
        for column in frame.select_dtypes("datetimetz"):
            if column != "promise_due":
                assert (frame[column].dropna() <= now).all(), (name, column)
    assert len(tiny.data.before(tiny.now)["interactions"]) == len(tiny.data["interactions"])
    future = tiny.truth.future["started_at"]
    assert future.min() >= now
    assert future.max() < now + pd.Timedelta(days=7)


def test_what_is_not_ended_is_open(standard):
    log = standard.data["interactions"]
    opened = log["outcome"] == "open"
    assert opened.any()
    assert (opened == log["ended_at"].isna()).all()
    assert log.loc[opened, ["answered_at", "agent_id", "handle_s"]].isna().all(axis=None)


def test_volumes_and_handle_times_are_the_stated_ones(standard):
    log = standard.data["interactions"]
    weekly = log.groupby("queue").size() / 26
    assert 24_000 <= weekly.sum() <= 26_000
    share = weekly / weekly.sum()
    stated = {
        "voice_billing": 0.12,
        "voice_technical": 0.10,
        "web": 0.32,
        "bot": 0.10,
        "email": 0.09,
        "chat": 0.08,
    }
    for queue, value in stated.items():
        assert share[queue] == pytest.approx(value, rel=0.08), queue
    handle = log.groupby("queue")["handle_s"].mean()
    for queue, value in {
        "voice_billing": 360,
        "voice_technical": 540,
        "voice_sales": 480,
        "email": 420,
    }.items():
        assert handle[queue] == pytest.approx(value, rel=0.08), queue
    assert handle["cases"] == pytest.approx(900 * 1.7, rel=0.08)
    assert handle.isna()[["web", "bot"]].all()


def test_follow_ups_happen_as_planted(standard):
    planted, realized = standard.truth.follow_ups, standard.truth.realized
    big = planted.to_numpy() > 0.03
    assert realized.to_numpy()[big] == pytest.approx(planted.to_numpy()[big], rel=0.12)
    assert realized.drop(index="cases").to_numpy()[planted.drop(index="cases").to_numpy() == 0].max() == 0


def test_truth_covers_log_and_future_and_parents_come_first(tiny):
    truth, log = tiny.truth.interactions.set_index("interaction_id"), tiny.data["interactions"]
    assert log["interaction_id"].isin(truth.index).all()
    assert tiny.truth.future["interaction_id"].isin(truth.index).all()
    child = truth[truth["parent_interaction"].notna()]
    assert (child["parent_interaction"] < child.index).all()
    parent = truth.loc[child["parent_interaction"]]
    for column in ("chain_id", "customer", "true_intent"):
        assert (parent[column].to_numpy() == child[column].to_numpy()).all()
    assert (truth["role"].eq("fresh") == truth["parent_interaction"].isna()).all()
    assert truth.loc[truth["role"] == "fresh", "chain_id"].is_unique


def test_shown_links_and_identities_are_true(standard):
    truth, log = standard.truth.interactions.set_index("interaction_id"), standard.data["interactions"]
    shown = log[log["parent_id"].notna()]
    assert len(shown) > 0
    assert (truth.loc[shown["interaction_id"], "parent_interaction"].to_numpy() == shown["parent_id"]).all()
    known = log[log["customer_id"].notna()]
    assert (truth.loc[known["interaction_id"], "customer"].to_numpy() == known["customer_id"]).all()
    unknown = log["customer_id"].isna() & log["customer_key"].isna()
    assert unknown.mean() == pytest.approx(0.20, abs=0.005)
    cases = log[log["case_id"].notna()]
    chains = truth.loc[cases["interaction_id"], "chain_id"].to_numpy()
    pairs = pd.DataFrame({"case": cases["case_id"].to_numpy(), "chain": chains}).drop_duplicates()
    assert pairs["case"].is_unique
    customers = (
        log.dropna(subset=["customer_key", "customer_id"]).groupby("customer_key")["customer_id"].nunique()
    )
    assert 0 < (customers > 1).mean() < 0.02


def test_parallel_needs_are_planted(standard):
    truth = standard.truth.interactions
    log = pd.concat([standard.data["interactions"], standard.truth.future])
    fresh = truth[truth["role"] == "fresh"].merge(log[["interaction_id", "started_at"]], on="interaction_id")
    fresh = fresh.sort_values(["customer", "started_at"])
    gap = fresh.groupby("customer")["started_at"].diff() < pd.Timedelta(days=2)
    # 15 % were planted, some more come of themselves.
    assert 0.14 < gap.mean() < 0.19
    other = fresh["true_intent"] != fresh.groupby("customer")["true_intent"].shift()
    assert other[gap].mean() > 0.85


def test_scores_hold_the_planted_spread(standard):
    scores = standard.data["evaluations"]
    assert scores.groupby("agent_id")["evaluation_id"].nunique().median() == pytest.approx(26, abs=3)
    mean = scores.groupby(["agent_id", "behaviour"])["score"].mean().rename("mean")
    level = standard.truth.levels.groupby(["agent_id", "behaviour"])["level"].mean()
    both = pd.concat([mean, level], axis=1)
    centred = both - both.groupby("behaviour").transform("mean")
    assert centred["level"].std() == pytest.approx(4.0, rel=0.25)
    assert np.corrcoef(centred["mean"], centred["level"])[0, 1] > 0.6
    teams = standard.data["agents"].set_index("agent_id")["team"]
    assert (scores["agent_id"].map(teams) != scores["evaluator_id"].map(teams)).all()


def test_skills_and_contracts_have_the_stated_shares(standard):
    skills = standard.data["agent_skills"]
    agents = standard.data["agents"]
    n = len(agents)
    share = skills.groupby("skill").size() / n
    stated = {"billing": 0.60, "technical": 0.50, "sales": 0.25, "chat": 0.40, "written": 0.55, "cases": 0.25}
    assert share.to_dict() == pytest.approx(stated, abs=0.01)
    assert set(skills.groupby("agent_id").size()) == {2, 3}
    assert (agents.groupby("contract").size() / n).to_dict() == pytest.approx(
        {"full_time": 0.6, "part_time": 0.3, "evening": 0.1}, abs=0.01
    )
    assert (agents["site"] == "berlin").mean() == pytest.approx(2 / 3, abs=0.01)
    leaders = agents[agents["role"] == "coach"]
    assert len(leaders) == agents["team"].nunique() == 8
    assert (agents["supervisor"].map(agents.set_index("agent_id")["team"]) == agents["team"]).all()


def test_time_off_is_eight_per_cent_of_working_days(standard):
    availability = standard.data["availability"]
    days = (availability["kind"] == "time_off").sum()
    assert days / (5 * len(standard.data["agents"])) == pytest.approx(0.08, abs=0.005)


def test_interval_reports_cover_the_two_years_before_the_log(standard):
    reports = standard.data["queue_intervals"]
    log = standard.data["interactions"]
    assert reports["interval_start"].max() < log["started_at"].min()
    weeks = (reports["interval_start"].max() - reports["interval_start"].min()).days / 7
    assert weeks > 104
    level = reports.groupby("queue")["offered"].sum() / weeks
    now = log.groupby("queue").size() / 26
    assert (level / now).to_numpy() == pytest.approx(1.0, abs=0.06)


def test_a_repaired_web_changes_the_mix_of_intents(standard):
    truth = standard.truth.interactions.set_index("interaction_id")
    log = standard.data["interactions"].set_index("interaction_id")
    calls = log.index[log["queue"] == "voice_billing"]
    calls = truth.loc[calls]
    from_web = calls["parent_interaction"].map(log["queue"]) == "web"
    with_web = calls["true_intent"].value_counts(normalize=True)
    without = calls.loc[~from_web, "true_intent"].value_counts(normalize=True)
    assert (with_web - without).abs().sum() > 0.02
