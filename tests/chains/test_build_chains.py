import datetime as dt

import numpy as np
import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.domain.centre import Centre
from wfo.errors import InputError
from wfo.tables.contracts import RUN
from wfo.tables.result import Status

NOW = dt.datetime(2025, 5, 5, tzinfo=dt.UTC)
CENTRE = Centre.model_validate(
    {
        "queues": {
            "web": {"channel": "web", "law": "unstaffed"},
            "voice": {"channel": "voice", "law": "immediate"},
            "email": {"channel": "email", "law": "deferred"},
        }
    }
)


def _build(log, settings=None, now=NOW):
    return build_chains(ChainInputs(CENTRE, log, now), settings or ChainSettings())


def _log(*rows):
    """Rows of (id, hours before NOW, queue, intent, outcome) and more fields, all of one customer."""
    out = []
    for name, hours, queue, intent, outcome, *more in rows:
        start = pd.Timestamp(NOW) - pd.Timedelta(hours=hours)
        out.append(
            {
                "interaction_id": name,
                "customer_id": "anna",
                "channel": queue,
                "queue": queue,
                "direction": "in",
                "started_at": start,
                "ended_at": start + pd.Timedelta(minutes=5),
                "intent": intent,
                "outcome": outcome,
                "case_id": None,
                "parent_id": None,
                "resolved": None,
                **(more[0] if more else {}),
            }
        )
    frame = pd.DataFrame(out)
    for column in ("started_at", "ended_at"):
        frame[column] = frame[column].astype("datetime64[us, UTC]")
    return frame


def _parents(log, **settings):
    members = _build(log, ChainSettings(**settings)).tables["chain_members"]
    return {
        i: (p if isinstance(p, str) else None)
        for i, p in zip(members["interaction_id"], members["parent_interaction"], strict=True)
    }


def test_same_need_continues_and_another_need_runs_beside_it():
    log = _log(
        ("a", 400, "web", "bill", "contained"),
        ("b", 399, "voice", "move", "handled"),
        ("c", 390, "voice", "bill", "handled"),
        ("d", 380, "email", "move", "handled"),
    )
    assert _parents(log) == {"a": None, "b": None, "c": "a", "d": "b"}
    chains = _build(log).tables["chains"]
    assert chains["path"].tolist() == ["web>voice", "voice>email"]
    assert chains["human_contacts"].tolist() == [1, 2]
    assert chains["intent"].tolist() == ["bill", "move"]


def test_beyond_the_window_a_new_chain_starts():
    log = _log(("a", 400, "voice", "bill", "handled"), ("b", 400 - 169, "voice", "bill", "handled"))
    assert _parents(log)["b"] is None
    assert _parents(log, window_h=200)["b"] == "a"


def test_call_again_after_giving_up_is_a_redial_whatever_the_intent():
    log = _log(("a", 400, "voice", "bill", "abandoned"), ("b", 399.7, "voice", "move", "handled"))
    members = _build(log).tables["chain_members"]
    assert members["role"].tolist() == ["fresh", "redial"]
    late = _log(("a", 400, "voice", "bill", "abandoned"), ("b", 399, "voice", "move", "handled"))
    assert _build(late).tables["chain_members"]["role"].tolist() == ["fresh", "fresh"]
    other = _log(("a", 400, "voice", "bill", "abandoned"), ("b", 399.7, "email", "bill", "handled"))
    assert _build(other).tables["chain_members"]["role"].tolist() == ["fresh", "follow_up"]


def test_named_parent_and_case_come_before_the_score():
    log = _log(
        ("a", 400, "voice", "bill", "handled", {"case_id": "k1"}),
        ("b", 399, "voice", "move", "handled"),
        ("c", 390, "voice", "move", "handled", {"parent_id": "a", "customer_id": None}),
        ("d", 380, "email", "move", "handled", {"case_id": "k1"}),
    )
    assert _parents(log) == {"a": None, "b": None, "c": "a", "d": "a"}


def test_a_young_chain_is_open_and_never_resolved():
    log = _log(
        ("a", 500, "voice", "bill", "handled"),
        ("b", 480, "voice", "move", "abandoned"),
        ("c", 100, "voice", "bill", "handled"),
        ("d", 400, "email", "data", "open"),
    )
    chains = _build(log).tables["chains"]
    assert dict(zip(chains["chain_id"], chains["status"], strict=True)) == {
        "a": "resolved",
        "b": "abandoned",
        "c": "open",
        "d": "open",
    }


def test_every_inbound_contact_is_in_one_chain_and_counts_agree(planted_log):
    log = planted_log(
        {("web", "voice"): 0.3, ("voice", "email"): 0.2}, contacts=3000, customers=400, unknown=0.2
    )
    log.loc[::50, "direction"] = "out"
    result = _build(log)
    members, chains = result.tables["chain_members"], result.tables["chains"]
    assert sorted(members["interaction_id"]) == sorted(log.loc[log["direction"] == "in", "interaction_id"])
    sizes = members.groupby("chain_id").size()
    assert (sizes.loc[chains["chain_id"]].to_numpy() == chains["contacts"].to_numpy()).all()
    assert (members.groupby("chain_id")["position"].max() == sizes).all()
    fresh = members[members["role"] == "fresh"]
    assert len(fresh) == len(chains)
    assert (fresh["interaction_id"] == fresh["chain_id"]).all()
    steps = chains["path"].str.replace(">…", ">x").str.count(">") + 1
    assert (steps == np.minimum(chains["contacts"], 13)).all()


def test_columns_follow_the_contract_also_when_there_is_no_log(planted_log):
    full = _build(planted_log({("web", "voice"): 0.3}, contacts=2000, customers=300))
    none = build_chains(ChainInputs(CENTRE, None, NOW), ChainSettings())
    assert none.meta.status is Status.NOT_AVAILABLE
    assert none.meta.reasons
    for name in ("chains", "chain_members", "kernel"):
        assert list(full.tables[name].columns) == list(RUN[name].names)
        assert list(none.tables[name].columns) == list(RUN[name].names)
        assert (
            none.tables[name].dtypes.astype(str).to_dict() == full.tables[name].dtypes.astype(str).to_dict()
        )


def test_the_order_of_rows_does_not_matter(planted_log):
    log = planted_log({("web", "voice"): 0.3}, contacts=2000, customers=300, unknown=0.1)
    one, two = _build(log), _build(log.sample(frac=1, random_state=3))
    for name, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, two.tables[name])
    assert one.state == two.state
    assert one.meta == two.meta


def test_later_contacts_are_not_known_yet(planted_log):
    log = planted_log({("web", "voice"): 0.3}, contacts=2000, customers=300)
    early = NOW - dt.timedelta(days=20)
    cut = log[log["started_at"] < pd.Timestamp(early)]
    pd.testing.assert_frame_equal(_build(log, now=early).frame(), _build(cut, now=early).frame())


def test_an_id_twice_is_refused():
    log = _log(("a", 400, "voice", "bill", "handled"), ("a", 390, "voice", "bill", "handled"))
    with pytest.raises(InputError, match="stand twice"):
        _build(log)


def test_saved_and_loaded(tmp_path, planted_log):
    result = _build(
        planted_log({("web", "voice"): 0.3}, contacts=1000, customers=200, abandoned=0.1, redial_p=0.5)
    )
    result.save(tmp_path)
    again = type(result).load(tmp_path)
    assert again.state == result.state
    assert again.follow_ups().equals(result.follow_ups())
    assert 0 < result.first_contact_resolution() < 1
