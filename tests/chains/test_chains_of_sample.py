"""Chains of the sample centre against its planted truth."""

import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.sample.sample_centre import sample_centre


@pytest.fixture(scope="module")
def sample():
    return sample_centre("tiny")


@pytest.fixture(scope="module")
def result(sample):
    data = sample.data.before(sample.now)
    return build_chains(ChainInputs(sample.centre, data["interactions"], sample.now), ChainSettings())


def test_links_are_mostly_the_planted_ones(sample, result):
    members = result.tables["chain_members"].set_index("interaction_id")
    log = sample.data["interactions"].set_index("interaction_id")
    truth = sample.truth.interactions.reset_index().set_index("interaction_id").loc[members.index]
    known = log["customer_id"].notna() | log["customer_key"].notna()
    true_parent = truth["parent_interaction"].where(truth["parent_interaction"] != "")
    could = known.loc[members.index] & true_parent.map(known).fillna(False).astype(bool)
    found = members["parent_interaction"].notna() & known.loc[members.index]
    right = (members["parent_interaction"] == true_parent) & could
    precision, recall = right.sum() / found.sum(), right.sum() / could.sum()
    assert 2 * precision * recall / (precision + recall) > 0.7


def test_rates_are_near_those_that_happened(sample, result):
    found = result.follow_ups().set_index(["from_queue", "to_queue"])["r"]
    truth = sample.truth.realized.stack()
    for pair, rate in truth[truth > 0.2].items():
        assert found[pair] == pytest.approx(rate, rel=0.25)
    unplanted = [r for pair, r in found.items() if truth.get(pair, 0.0) == 0.0]
    assert sum(unplanted) < 0.03
    chat = result.state["redial"]["chat"]
    assert chat["p"] == pytest.approx(sample.truth.redial_p, abs=0.12)
