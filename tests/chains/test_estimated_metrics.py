"""Metrics of chains by R: against planted chains, with identities hidden, and where all links are chance."""

import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.estimated import estimated
from wfo.chains.settings import ChainSettings
from wfo.sample.sample_centre import sample_centre


def whole(result, scope):
    metrics = result.tables["chain_metrics"]
    rows = metrics[(metrics["scope"] == scope) & metrics["intent"].isna()]
    return rows.set_index("metric")["value"]


def planted(log):
    """Share of contacts with a cause, and of fresh contacts that another names as its cause."""
    fresh = log["true_role"] == "fresh"
    followed = log["interaction_id"].isin(log["true_parent"])
    return (~fresh).sum() / fresh.sum(), followed[fresh].mean()


@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_hidden_follow_ups_are_counted_by_r(planted_log, centre, now, unknown):
    needs = {("web", "voice"): 0.25, ("voice", "voice"): 0.1}
    log = planted_log(needs, unknown=unknown, abandoned=0.1, redial_p=0.5)
    result = build_chains(ChainInputs(centre, log, now), ChainSettings())
    caused, followed = planted(log)
    by_r, seen = whole(result, "estimated"), whole(result, "known")
    assert by_r["failed_contacts_per_chain"] == pytest.approx(caused, rel=0.06)
    # a planted contact may cause two, which counts once here and as it falls there
    assert by_r["repeat"] == pytest.approx(followed, abs=0.025)
    assert by_r["contacts_per_chain"] == pytest.approx(1 + by_r["failed_contacts_per_chain"])
    if unknown:
        assert seen["repeat"] < by_r["repeat"] - 0.02
    assert result.first_contact_resolution() == seen["first_contact_resolution"]


def test_links_of_chance_are_no_failures(planted_log, centre, now):
    log = planted_log({}, customers=3000, intents=1)
    result = build_chains(ChainInputs(centre, log, now), ChainSettings())
    assert whole(result, "known")["repeat"] > 0.1
    assert whole(result, "estimated")["repeat"] < 0.02
    assert whole(result, "estimated")["first_contact_resolution"] > 0.98


def test_the_sample_tells_its_planted_share_of_chains_that_needed_more():
    sample = sample_centre("tiny")
    log = sample.data["interactions"]
    result = build_chains(ChainInputs(sample.centre, log, sample.now), ChainSettings())
    truth = sample.truth.interactions.groupby("chain_id").size()
    by_r, seen = whole(result, "estimated"), whole(result, "known")
    assert by_r["repeat"] == pytest.approx((truth > 1).mean(), abs=0.03)
    assert seen["repeat"] < (truth > 1).mean() - 0.06


def test_a_log_without_identity_estimates_nothing(planted_log, centre, now):
    log = planted_log({("web", "voice"): 0.3}, contacts=2000).drop(columns="customer_id")
    metrics = build_chains(ChainInputs(centre, log, now), ChainSettings()).tables["chain_metrics"]
    assert "estimated" not in set(metrics["scope"])


def test_no_contacts_no_estimate(planted_log, centre, now):
    kernel = build_chains(ChainInputs(centre, planted_log({}, contacts=50), now), ChainSettings()).tables[
        "kernel"
    ]
    assert estimated({}, kernel, {}) == {}


def test_no_more_contacts_are_caused_than_came():
    """Of 1,000 web visits R has 200 call, and 150 calls came: all are caused, .15 of needs go on."""
    kernel = pd.DataFrame({"from_queue": ["web"], "to_queue": ["voice"], "r": [0.2]})
    found = estimated({"web": (1000, 0), "voice": (150, 0)}, kernel, {})
    assert {name: round(value, 9) for name, (value, _) in found.items()} == {
        "contacts_per_chain": 1.15,
        "failed_contacts_per_chain": 0.15,
        "first_contact_resolution": 0.85,
        "repeat": 0.15,
    }
    # redials share what came: of 60 calls 40 are given up, .5 of which call again, and 100 of the web
    both = estimated({"web": (1000, 0), "voice": (60, 40)}, kernel.assign(r=0.1), {"voice": {"p": 0.5}})
    assert both["repeat"][0] == pytest.approx(0.1 * 60 / 120)
    assert both["failed_contacts_per_chain"][0] == pytest.approx(0.06)
    assert estimated({"web": (10, 0)}, kernel.assign(to_queue="web", r=1.5), {}) == {}
