"""Insight as a whole: sums against the chains, logs with few columns, what is said where nothing can be."""

import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.chains.taxonomy import Intent
from wfo.insight.estimated import behind
from wfo.insight.insight import InsightInputs, insight
from wfo.insight.settings import InsightSettings
from wfo.sample.sample_centre import sample_centre
from wfo.tables.result import Status


@pytest.fixture(scope="module")
def sample():
    return sample_centre("tiny")


def told(sample, log, taxonomy=None):
    chains = build_chains(ChainInputs(sample.centre, log, sample.now), ChainSettings())
    given = InsightInputs(
        sample.centre,
        sample.now,
        log,
        chains.tables["chains"],
        chains.tables["chain_members"],
        taxonomy or {},
        chains.identity_coverage,
        ChainSettings().window_h,
    )
    return chains, insight(given, InsightSettings())


@pytest.fixture(scope="module")
def whole(sample):
    return told(sample, sample.data["interactions"])


def test_costs_are_those_of_the_closed_chains(whole):
    chains, result = whole[0].frame(), whole[1]
    closed = chains[chains["status"] != "open"].set_index("chain_id")
    found = result.tables["chain_insight"].set_index("chain_id")
    assert set(found.index) == set(closed.index)
    assert (found["cost"] - closed["cost"].reindex(found.index)).abs().max() < 1e-6
    weekly = result.tables["insight"]["failure_cost"].sum()
    assert weekly * result.meta.facts["weeks"] == pytest.approx(found["failure_cost"].sum())
    assert (found["failure_cost"] <= found["cost"] + 1e-9).all()
    alone = closed.reindex(found.index)["contacts"] == 1
    assert (found.loc[alone, "failure_cost"] == 0).all()


def test_paths_and_moves_count_every_chain_and_contact(whole):
    chains, result = whole[0].frame(), whole[1]
    closed = chains[chains["status"] != "open"]
    paths, flow = result.tables["paths"], result.tables["flow"]
    assert paths["chains"].sum() == len(closed)
    assert paths["covered"].iloc[-1] == pytest.approx(1)
    begun = flow.loc[flow["from_channel"] == "start", "contacts"].sum()
    ended = flow.loc[flow["to_channel"] == "end", "contacts"].sum()
    assert begun == ended == len(closed)
    assert flow["contacts"].sum() == len(closed) + closed["contacts"].sum()
    assert (flow["regular"] <= flow["contacts"]).all()


def test_the_web_is_seen_to_fail_as_the_sample_planted_it(whole):
    table = whole[1].tables["insight"].groupby("channel")[["contacts", "failed"]].sum()
    rate = table["failed"] / table["contacts"]
    # The web sends .22 of its contacts to the phone; the customer is known in four of five of both.
    assert 0.08 < rate["web"] < 0.2


def test_every_row_says_what_identity_it_rests_on(whole):
    chains, result = whole
    for name, table in result.tables.items():
        assert table["identity_coverage"].between(0, 1).all(), name
    known = chains.frame().set_index("chain_id")["customer_id"].notna()
    own = result.tables["chain_insight"].set_index("chain_id")["identity_coverage"]
    assert (own == known.reindex(own.index)).all()
    paths = result.tables["paths"]
    closed = known[own.index].mean()
    assert (paths["identity_coverage"] * paths["share"]).sum() == pytest.approx(closed)
    assert 0.6 < closed < 1


def test_resolution_and_containment_are_those_of_the_chain_metrics(whole):
    """Two roads to one figure: SQL over chains, and contacts by queue."""
    chains, result = whole
    table = result.tables["resolution"].set_index("queue")
    metrics = chains.tables["chain_metrics"]
    row = metrics[(metrics["metric"] == "containment") & metrics["intent"].isna()].iloc[0]
    alone = table["containment"].dropna()
    assert set(alone.index) == {"web", "bot"} & set(table.index)
    assert alone.min() <= row["value"] <= alone.max()
    if len(alone) == 1:
        assert alone.iloc[0] == pytest.approx(row["value"])
    # nobody of a known customer followed within the window: no more than the share that was quiet that long
    assert (alone <= table.loc[alone.index, "high_7"] + 0.02).all()


def test_a_log_of_the_fewest_columns_is_read(sample):
    fewest = ["interaction_id", "customer_id", "channel", "direction", "started_at", "outcome"]
    _, result = told(sample, sample.data["interactions"][fewest])
    assert len(result.tables["chain_insight"]) > 100
    assert result.tables["misdirection"].empty


def test_what_is_assumed_is_said(sample, whole):
    assert "assumed: 50% of contacts need" in whole[1].meta.notes[1]
    _, some = told(sample, sample.data["interactions"], {"outage": Intent(self_service=0.9)})
    assert "of the other intents" in some.meta.notes[1]


def test_counts_alone_and_young_logs_are_not_available(sample, whole):
    chains = whole[0].frame()
    none = InsightInputs(sample.centre, sample.now, None, chains, chains, {}, 0.0, 168.0)
    assert insight(none, InsightSettings()).meta.status is Status.NOT_AVAILABLE
    log = sample.data["interactions"]
    late = log[log["started_at"] > log["started_at"].max() - pd.Timedelta("3D")]
    _, young = told(sample, late.reset_index(drop=True))
    assert young.meta.status is Status.NOT_AVAILABLE
    assert "no chain is closed yet" in young.meta.reasons[0]


def test_failures_are_weighed_to_what_r_says(sample, whole):
    """The seen ones are half of the planted ones: their follow-ups often show no identity."""
    chains, result = whole
    weighed = with_r(sample, chains)
    own, plain = weighed.tables["insight"], result.tables["insight"]
    assert (plain["failed_estimated"] == plain["failed"]).all()
    assert (plain["cost_estimated"] == plain["failure_cost"]).all()
    assert own["failure_cost"].sum() == pytest.approx(plain["failure_cost"].sum())
    assert own["cost_estimated"].is_monotonic_decreasing
    assert (own["low"] <= own["cost_estimated"]).all()
    assert (own["cost_estimated"] <= own["high"]).all()
    truth = sample.truth.interactions
    caused = truth.loc[truth["role"] != "fresh", "parent_interaction"]
    log = sample.data["interactions"].set_index("interaction_id")
    planted = log.loc[log.index.isin(caused), "channel"].value_counts()
    found = own.groupby("channel")[["failed", "failed_estimated"]].sum()
    assert found["failed"].sum() < 0.75 * planted.sum()
    assert found["failed_estimated"].sum() == pytest.approx(planted.sum(), rel=0.15)
    # the web alone has enough of them to tell
    assert found.loc["web", "failed_estimated"] == pytest.approx(planted["web"], rel=0.2)


def test_where_r_finds_nothing_failure_costs_nothing(sample, whole):
    found = with_r(sample, whole[0], rate=0.0).tables["insight"]
    assert found["failed"].sum() > 0
    assert found["failed_estimated"].sum() == found["cost_estimated"].sum() == 0
    assert (found["share"] == 0).all()


def test_a_queue_of_which_no_failure_is_seen_is_told():
    """R has 20 of 100 web visits fail and half of 4 given-up calls come again; no link shows one."""
    steps = pd.DataFrame({"queue": ["web"] * 100 + ["voice"] * 4, "last": True})
    steps["outcome"] = ["handled"] * 100 + ["abandoned"] * 4
    kernel = pd.DataFrame({"from_queue": ["web"], "to_queue": ["voice"], "r": [0.2], "high": [0.25]})
    redial = {"voice": {"p": 0.5}}
    found = behind(steps, kernel, redial)
    assert found.unseen == {"web": 20.0, "voice": 2.0}
    assert "not one is seen in the log: voice (2 by R), web (20 by R)" in found.notes()[0]
    # one failure seen carries them all, and R of nothing has nothing to tell
    steps.loc[[0, 100], "last"] = False
    seen = behind(steps, kernel, redial)
    assert (seen.notes(), seen.weight[0], seen.weight[100]) == ((), 20.0, 2.0)
    assert behind(steps.assign(last=True), kernel.assign(r=0.0), {}).notes() == ()
    assert behind(steps, None, {}).notes() == ()


def test_the_note_of_unseen_failures_is_in_the_result(sample, whole):
    by_r = with_r(sample, whole[0])
    assert not any("not one is seen" in note for note in by_r.meta.notes)
    # the same contacts without customers: links by other ids are left, and of whole queues nothing is seen
    log = sample.data["interactions"]
    bare, _ = told(sample, log.drop(columns=["customer_id", "customer_key"], errors="ignore"))
    apart = with_r(sample, bare, kernel=whole[0].tables["kernel"])
    note = next(note for note in apart.meta.notes if "not one is seen" in note)
    shown = apart.tables["insight"].groupby("channel")["failed_estimated"].sum()
    assert shown["web"] == 0
    assert "web (" in note


def with_r(sample, chains, rate=1.0, kernel=None):
    kernel = chains.tables["kernel"] if kernel is None else kernel
    redial = chains.state["redial"]
    given = InsightInputs(
        sample.centre,
        sample.now,
        sample.data["interactions"],
        chains.tables["chains"],
        chains.tables["chain_members"],
        {},
        chains.identity_coverage,
        ChainSettings().window_h,
        kernel=kernel.assign(**{name: rate * kernel[name] for name in ("r", "low", "high")}),
        redial={queue: {**own, "p": rate * own["p"]} for queue, own in redial.items()},
    )
    return insight(given, InsightSettings())
