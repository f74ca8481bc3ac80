"""Intents hidden in the sample's log: what chains lose, what the notes say, what later stages see."""

import numpy as np
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.intents.engage import as_read
from wfo.chains.settings import ChainSettings
from wfo.chains.taxonomy import Intent, IntentRule
from wfo.sample.sample_centre import sample_centre


@pytest.fixture(scope="module")
def sample():
    return sample_centre("tiny")


@pytest.fixture(scope="module")
def hidden(sample):
    log = sample.data["interactions"]
    gone = np.random.default_rng(4).random(len(log)) < 0.3
    page = log["intent"].map({"outage": "/status", "move": "/address"}).fillna("/")
    return log.assign(intent=log["intent"].mask(gone), page=page), gone


TAXONOMY = {
    "outage": Intent(rules=(IntentRule(page=("/status",)),)),
    "move": Intent(rules=(IntentRule(page=("/address",)),)),
}


def test_what_the_rules_read_is_in_chains_and_notes(sample, hidden):
    log, gone = hidden
    settings = ChainSettings(intents=TAXONOMY)
    result = build_chains(ChainInputs(sample.centre, log, sample.now), settings)
    read = result.tables["intents"]
    assert set(read["interaction_id"]) == set(log.loc[gone, "interaction_id"])
    ruled = read[read["source"] == "rule"].set_index("interaction_id")["intent"]
    truth = sample.data["interactions"].set_index("interaction_id")["intent"]
    assert len(ruled) > 50
    assert (ruled == truth.reindex(ruled.index)).all()
    told = " ".join(result.meta.notes)
    assert "state no intent" in told
    assert "Intents in the log that the taxonomy lacks: billing_question" in told
    seen = as_read(log, read, TAXONOMY).set_index("interaction_id")["intent"]
    assert (seen.reindex(ruled.index) == ruled).all()


def test_a_log_whose_contacts_all_state_theirs_gives_the_same_chains(sample):
    given = ChainInputs(sample.centre, sample.data["interactions"], sample.now)
    plain = build_chains(given, ChainSettings())
    ruled = build_chains(given, ChainSettings(intents=TAXONOMY))
    assert ruled.tables["intents"].empty
    assert plain.tables["chain_members"].equals(ruled.tables["chain_members"])
