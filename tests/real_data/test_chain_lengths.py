"""Chain lengths of the bank's calls and of the incidents, beside published facts and the plain gap rule."""

import datetime as dt

import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings, LinkWeights
from wfo.domain.centre import Centre

PLAIN = ChainSettings(
    customer_cap=10**6,
    learn=False,
    weights=LinkWeights(base=1.0, gap=0.0, same_intent=0.0, other_intent=0.0, unresolved=0.0),
)
"""Everything within the window belongs together: the plain gap rule, by our own engine."""


def _log(frame, customer, start, end, intent):
    at, until = (pd.to_datetime(frame[c]).dt.tz_localize("UTC").dt.as_unit("us") for c in (start, end))
    log = pd.DataFrame({"interaction_id": [f"i{k:06d}" for k in range(len(frame))], "started_at": at})
    return log.assign(
        ended_at=until.fillna(at).where(until >= at, at),
        customer_id=frame[customer].astype("str"),
        intent=frame[intent].astype("str"),
        channel="voice",
        direction="in",
        outcome="handled",
    )


def _lengths(log, settings):
    """Known customers' chains, and their shares of one, two, three and more contacts in per cent."""
    now = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    chains = build_chains(ChainInputs(Centre(), log, now), settings).frame()
    size = chains.loc[chains["customer_id"].notna(), "contacts"].clip(upper=4)
    share = size.value_counts(normalize=True).reindex([1, 2, 3, 4], fill_value=0.0) * 100
    return len(size), share.round().astype(int).tolist()


def _gap_rule(log):
    """Chains by a gap of seven days from start to start, in plain pandas."""
    known = log.dropna(subset=["customer_id"]).sort_values(["customer_id", "started_at"])
    near = known.groupby("customer_id")["started_at"].diff() <= pd.Timedelta("7D")
    size = (~near).cumsum().value_counts().clip(upper=4)
    share = size.value_counts(normalize=True).reindex([1, 2, 3, 4], fill_value=0.0) * 100
    return len(size), share.round().astype(int).tolist()


@pytest.fixture(scope="module")
def calls(bank_source):
    raw = pd.read_csv(bank_source / "calls.csv.gz", low_memory=False)
    raw = raw[raw["outcome"] != "PHANTOM"].reset_index(drop=True)
    raw["customer_id"] = raw["customer_id"].where(raw["customer_id"] > 0).astype("Int64")
    return _log(raw, "customer_id", "arrived_at", "service_ended_at", "service_type")


def test_the_banks_chains_are_those_published(calls):
    chains, shares = _lengths(calls, PLAIN)
    assert chains == pytest.approx(9960, rel=0.03)
    assert shares == pytest.approx([62, 19, 8, 11], abs=2)
    assert _gap_rule(calls)[0] == pytest.approx(chains, rel=0.01)


def test_kinds_of_service_keep_needs_apart(calls):
    plain, apart = _lengths(calls, PLAIN), _lengths(calls, ChainSettings(customer_cap=10**6))
    assert apart[0] > plain[0]
    assert apart[1][3] <= plain[1][3]


def test_incidents_of_one_caller(real_data):
    path = real_data / "incidents-2016" / "incidents.csv.gz"
    if not path.is_file():
        pytest.skip(f"{real_data} has no incidents-2016")
    raw = pd.read_csv(path)
    raw = raw[raw["caller_id"] != "?"].reset_index(drop=True)
    log = _log(raw, "caller_id", "opened_at", "opened_at", "category")
    plain, apart = _lengths(log, PLAIN), _lengths(log, ChainSettings(customer_cap=10**6))
    assert plain == _gap_rule(log)
    assert apart[0] > plain[0]
    assert sum(apart[1][:2]) > sum(plain[1][:2])
