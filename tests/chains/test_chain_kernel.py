import numpy as np
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.kernel import LAG_MIN
from wfo.chains.settings import ChainSettings


@pytest.fixture
def rates(centre, now):
    return lambda log: _rates(log, centre, now)


def _rates(log, centre, now):
    result = build_chains(ChainInputs(centre, log, now), ChainSettings())
    pairs = result.follow_ups()
    return result, dict(
        zip(zip(pairs["from_queue"], pairs["to_queue"], strict=True), pairs["r"], strict=True)
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_rates_are_found_again(seed, planted_log, rates):
    truth = {
        ("web", "voice"): 0.22,
        ("voice", "voice"): 0.12,
        ("email", "voice"): 0.10,
        ("email", "email"): 0.15,
    }
    _, found = rates(planted_log(truth, seed=seed))
    for pair, rate in truth.items():
        assert found[pair] == pytest.approx(rate, abs=max(0.015, 0.08 * rate))
    assert sum(r for pair, r in found.items() if pair not in truth) < 0.02


@pytest.mark.parametrize(("customers", "intents"), [(6000, 8), (1000, 4), (3000, 1)])
def test_without_follow_ups_nothing_is_found(customers, intents, planted_log, rates):
    _, found = rates(planted_log({}, customers=customers, intents=intents))
    assert all(r <= 0.01 for r in found.values())


def test_a_log_too_short_for_coincidences_says_so(planted_log, rates):
    for weeks, wanted in ((4, 6), (8, 0)):
        log = planted_log({}, customers=1000, contacts=600 * weeks, weeks=weeks, intents=1)
        result, found = rates(log)
        assert result.meta.facts["coincidences_need_weeks"] == wanted
        assert any("too short to measure coincidences" in note for note in result.meta.notes) == bool(wanted)
        # no contact causes another here: what a short log tells is chance alone
        assert (max(found.values(), default=0.0) > 0.05) == bool(wanted)
    nobody = planted_log({}, customers=600, contacts=600, weeks=4, unknown=1.0)
    assert rates(nobody)[0].meta.facts["coincidences_need_weeks"] == 0


def test_unknown_identities_do_not_dilute(planted_log, rates):
    truth = {("web", "voice"): 0.22, ("voice", "voice"): 0.12}
    log = planted_log(truth, unknown=0.3, abandoned=0.1, redial_p=0.45, contacts=40_000)
    result, found = rates(log)
    assert result.identity_coverage == pytest.approx(0.7, abs=0.02)
    for pair, rate in truth.items():
        assert found[pair] == pytest.approx(rate, abs=0.02)
    redial = result.state["redial"]["voice"]
    assert redial["p"] == pytest.approx(0.45, abs=0.06)
    assert redial["mean_s"] == pytest.approx(300, rel=0.12)


def test_delays_are_found_and_young_parents_do_not_shorten_them(planted_log, rates):
    log = planted_log({("web", "voice"): 0.3}, weeks=6, mean_delay_h=48, customers=20_000, contacts=40_000)
    result, found = rates(log)
    rows = result.tables["kernel"].query("from_queue == 'web' and to_queue == 'voice'")
    edges = np.array(LAG_MIN[1:])
    assert rows["lag_min"].tolist() == edges.tolist()
    cdf = rows["r"].cumsum().to_numpy() / found["web", "voice"]
    truth = 1 - np.exp(-edges / (48 * 60))
    truth[-1] = 1.0
    assert np.abs(cdf - truth).max() < 0.03
    assert (rows["low"] <= rows["r"]).all()
    assert (rows["r"] <= rows["high"]).all()


def test_intents_stated_otherwise_do_not_dilute(planted_log, rates):
    truth = {("web", "voice"): 0.22, ("voice", "voice"): 0.12}
    log = planted_log(truth, misstated=0.15, named=0.1, contacts=40_000, customers=20_000)
    result, found = rates(log)
    assert result.meta.facts["intent_agreement"] < 0.9
    for pair, rate in truth.items():
        assert found[pair] == pytest.approx(rate, abs=max(0.02, 0.08 * rate))


def test_keys_that_never_met_their_customer_do_not_dilute(planted_log, rates):
    truth = {("web", "voice"): 0.22, ("voice", "voice"): 0.12}
    _, found = rates(planted_log(truth, unknown=0.2, key_alone=0.3, contacts=40_000, customers=20_000))
    for pair, rate in truth.items():
        assert found[pair] == pytest.approx(rate, abs=max(0.02, 0.08 * rate))
