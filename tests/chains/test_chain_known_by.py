import numpy as np
import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings

TRUTH = {("web", "voice"): 0.22, ("voice", "voice"): 0.12}


def rates(log, centre, now, **settings):
    pairs = build_chains(ChainInputs(centre, log, now), ChainSettings(**settings)).follow_ups()
    return dict(zip(zip(pairs["from_queue"], pairs["to_queue"], strict=True), pairs["r"], strict=True))


def test_customers_who_are_always_known_do_not_raise_the_rates(planted_log, centre, now):
    log = planted_log(TRUTH, contacts=40_000)
    anonymous = log["customer_id"].str[-1].isin(list("0123"))
    log["customer_id"] = log["customer_id"].mask(anonymous)
    found = rates(log, centre, now, known_by="customer")
    for pair, rate in TRUTH.items():
        assert found[pair] == pytest.approx(rate, abs=0.02)
    inflated = rates(log, centre, now, known_by="contact")
    assert inflated["web", "voice"] > 1.4 * TRUTH["web", "voice"]


def test_customers_over_the_cap_do_not_raise_the_rates_of_others(planted_log, centre, now):
    log = planted_log(TRUTH, contacts=40_000)
    rng = np.random.default_rng(7)
    robot = log.sample(20_000, replace=True, random_state=7).reset_index(drop=True)
    robot["interaction_id"] = [f"robot{k}" for k in range(len(robot))]
    robot["customer_id"] = [f"robot{k}" for k in rng.integers(0, 20, len(robot))]
    both = pd.concat([log, robot], ignore_index=True)
    found = rates(both, centre, now, customer_cap=500)
    for pair, rate in TRUTH.items():
        assert found[pair] == pytest.approx(rate, abs=0.02)
