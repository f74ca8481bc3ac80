"""Links against planted truth, and logs that are bad or large in one place."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.link_model import LinkModel
from wfo.chains.settings import ChainSettings
from wfo.chains.taxonomy import Intent
from wfo.errors import InputError
from wfo.metrics.chains import first_contact_resolution
from wfo.tables.duck import DuckSql

NEEDS = {("web", "voice"): 0.3, ("voice", "voice"): 0.15}


def _f1(log, members):
    """F1 of links to any contact of the planted chain, and of exact parents; all customers are known."""
    planted = log.set_index("interaction_id")["true_parent"]
    root = planted.where(planted != "", planted.index)
    while not (root.map(root) == root).all():
        root = root.map(root)
    found = members.dropna(subset=["parent_interaction"])
    child, parent = found["interaction_id"], found["parent_interaction"]
    exact = (parent.to_numpy() == planted.reindex(child).to_numpy()).sum()
    chain = (parent.map(root).to_numpy() == child.map(root).to_numpy()).sum()
    possible = (planted != "").sum()
    return tuple(2 * right / (len(found) + possible) for right in (chain, exact))


@pytest.fixture(scope="module")
def noisy_log(planted_log):
    """One intent in eight is misstated, and many customers have two needs at a time."""
    return planted_log(
        NEEDS, contacts=20_000, customers=2_500, misstated=0.12, named=0.1, abandoned=0.1, redial_p=0.5
    )


def test_learnt_links_beat_conventions_and_both_beat_the_gap(noisy_log, centre, now):
    inputs = ChainInputs(centre, noisy_log, now)
    learnt = build_chains(inputs, ChainSettings())
    plain = build_chains(inputs, ChainSettings(learn=False))
    assert learnt.meta.facts["links_judged_by"] == "learnt"
    assert plain.meta.facts["links_judged_by"] == "conventions"
    score = {name: _f1(noisy_log, r.tables["chain_members"])[0] for name, r in (("a", learnt), ("b", plain))}
    gap = build_chains(
        ChainInputs(centre, noisy_log.assign(intent=None, parent_id=None), now), ChainSettings()
    )
    assert score["a"] > score["b"] + 0.01 > _f1(noisy_log, gap.tables["chain_members"])[0] + 0.1


def test_what_is_learnt_is_what_was_planted(noisy_log, centre, now):
    model = build_chains(ChainInputs(centre, noisy_log, now), ChainSettings()).link_model()
    intent = noisy_log.set_index("interaction_id")["intent"]
    sure = (noisy_log["true_role"] == "redial") | noisy_log["parent_id"].notna()
    linked = noisy_log[sure]
    agree = (linked["intent"].to_numpy() == intent.reindex(linked["true_parent"]).to_numpy()).mean()
    assert agree < 0.9
    assert model.facts["agreement"] == pytest.approx(agree, abs=0.02)
    web, voice = 1, 2
    soon = 3
    assert model.gap[2 * web, voice, soon] > model.gap[2 * web, web, soon] + 1_000_000
    again = LinkModel.from_state(model.to_state())
    codes = np.array([2 * web, 2 * voice]), np.array([1, 0]), np.array([voice, voice]), np.array([1, 2])
    assert (again.by_intents(*codes) == model.by_intents(*codes)).all()


def test_a_model_of_other_queues_is_refused(noisy_log, centre, now):
    model = build_chains(ChainInputs(centre, noisy_log, now), ChainSettings()).link_model()
    other = centre.model_copy(update={"queues": dict(list(centre.queues.items())[:1])})
    with pytest.raises(InputError, match="learn it anew"):
        build_chains(ChainInputs(other, noisy_log, now, link_model=model), ChainSettings())


def _log(count, **more):
    at = pd.date_range("2025-04-01", periods=count, freq="20s", tz="UTC").as_unit("us")
    frame = pd.DataFrame({"interaction_id": [f"i{k:06d}" for k in range(count)], "started_at": at})
    fixed = {"channel": "voice", "queue": "voice", "direction": "in", "outcome": "handled"}
    return frame.assign(**{**fixed, **more})


class _Counting(DuckSql):
    """Remembers how many pairs there were when they are forgotten."""

    pairs = 0

    def drop(self, *names):
        if "pair" in names:
            self.pairs = self.value("SELECT count(*) FROM pair")
        super().drop(*names)


def test_a_hundred_thousand_contacts_of_one_id_are_paired_no_more_often_than_of_many(centre, now):
    count = 100_000
    settings = ChainSettings(customer_cap=10**6)
    with _Counting() as sql:
        one = build_chains(ChainInputs(centre, _log(count, customer_id="robot"), now), settings, sql=sql)
        assert count < sql.pairs <= settings.predecessors * count
    assert one.tables["chains"]["contacts"].sum() == count
    capped = build_chains(ChainInputs(centre, _log(count, customer_id="robot"), now), ChainSettings())
    assert capped.tables["chains"]["contacts"].max() == 1
    assert capped.meta.facts["contacts_over_cap"] == count
    assert any("left unlinked" in note for note in capped.meta.notes)


def test_bad_parents_and_ends_are_counted_and_said(centre, now):
    log = _log(4, customer_id=None, parent_id=["i000002", "i000000", "i000001", "gone"])
    log["ended_at"] = log["started_at"] - pd.Timedelta(hours=1)
    result = build_chains(ChainInputs(centre, log, now), ChainSettings())
    assert result.tables["chain_members"]["parent_interaction"].notna().tolist() == [False, True, True, False]
    facts = result.meta.facts
    assert (facts["named_parents_unused"], facts["ends_before_start"]) == (2, 4)
    assert sum("not used" in n or "start counts as end" in n for n in result.meta.notes) == 2
    assert (result.frame()["last_at"] >= result.frame()["first_at"]).all()


def test_windows_by_intent_and_a_new_order_after_a_resolved_one(centre, now):
    log = _log(4, customer_id=["a", "a", "b", "b"], intent=["move", "move", "bill", "bill"])
    log["case_id"] = [None, None, "k1", "k2"]
    log["resolved"] = [None, None, True, None]
    log["started_at"] += pd.to_timedelta([0, 50, 0, 5], unit="h").to_numpy()
    log["ended_at"] = log["started_at"]
    usual = build_chains(ChainInputs(centre, log, now), ChainSettings())
    assert usual.tables["chains"]["contacts"].tolist() == [2, 1, 1]
    short = build_chains(
        ChainInputs(centre, log, now), ChainSettings(intents={"move": Intent(window_h=24.0)})
    )
    assert short.tables["chains"]["contacts"].tolist() == [1, 1, 1, 1]


def test_cost_is_work_at_its_wage_and_the_channels_own(centre, now):
    log = _log(3, customer_id="a", intent="bill", agent_id=[None, "x", "y"], handle_s=[None, 360.0, 720.0])
    log["channel"] = log["queue"] = ["web", "voice", "voice"]
    log["outcome"] = ["contained", "handled", "handled"]
    agents = pd.DataFrame({"agent_id": ["x"], "cost_per_h": [30.0]})
    settings = ChainSettings(contact_cost={"web": 0.5})
    found = build_chains(ChainInputs(centre, log, now, agents=agents), settings).frame()
    assert found["cost"].tolist() == [0.5 + 3.0 + 6.0]
    assert found["failed_before"].tolist() == [2]


def test_parquet_files_give_what_a_frame_gives(tmp_path, planted_log, centre, now):
    log = planted_log(NEEDS, contacts=2000, customers=300, unknown=0.2)
    files = [tmp_path / f"part{k}.parquet" for k in range(2)]
    log.iloc[:900].to_parquet(files[0])
    log.iloc[900:].to_parquet(files[1])
    frame = build_chains(ChainInputs(centre, log, now), ChainSettings())
    read = build_chains(ChainInputs(centre, files, now), ChainSettings(), into=tmp_path / "out")
    for name in ("chains", "chain_members"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / "out" / f"{name}.parquet"), frame.tables[name]
        )
    pd.testing.assert_frame_equal(read.tables["kernel"], frame.tables["kernel"])
    (tmp_path / "broken.parquet").write_bytes(files[0].read_bytes()[:500])
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        build_chains(ChainInputs(centre, tmp_path / "broken.parquet", now), ChainSettings())


def test_every_chain_metric_says_what_it_rests_on(planted_log, centre, now):
    log = planted_log(NEEDS, contacts=3000, customers=400, unknown=0.3)
    log["intent"] = log["intent"].where(log.index % 5 > 0).astype("str")
    result = build_chains(ChainInputs(centre, log, now), ChainSettings())
    metrics = result.tables["chain_metrics"]
    assert not metrics.duplicated(["metric", "scope", "intent"]).any()
    assert "unknown" in set(metrics["intent"])
    assert metrics["identity_coverage"].between(0.6, 0.8).all()
    chains = result.frame()
    known = chains[chains["customer_id"].notna() & (chains["status"] != "open")]
    first = ((known["contacts"] == 1) & (known["status"] == "resolved")).mean()
    whole = metrics[(metrics["scope"] == "known") & metrics["intent"].isna()]
    row = whole[whole["metric"] == "first_contact_resolution"]
    assert row["value"].item() == pytest.approx(first)
    assert row["chains"].item() == len(known)
    told = first_contact_resolution(chains)
    assert (told.value, told.chains) == (pytest.approx(first), len(known))
    assert told.identity_coverage == pytest.approx(result.identity_coverage, abs=1e-9)
    assert result.first_contact_resolution() == row["value"].item()


def test_contained_is_what_nothing_of_the_chain_follows_within_its_window(planted_log, centre, now):
    log = planted_log(NEEDS, contacts=3000, customers=400, unknown=0.3)
    log["outcome"] = log["outcome"].where((log["queue"] != "web") | (log.index % 7 != 0), "abandoned")
    result = build_chains(ChainInputs(centre, log, now), ChainSettings(window_h=100.0))
    chains, members = result.frame().set_index("chain_id"), result.tables["chain_members"]
    rows = members.merge(log, on="interaction_id").sort_values(["chain_id", "position"])
    following = rows.groupby("chain_id")["started_at"].shift(-1)
    window = pd.Timedelta(hours=100)
    known = rows["chain_id"].map(chains["customer_id"]).notna()
    judged = (rows["queue"] == "web") & known & (rows["ended_at"] + window <= pd.Timestamp(now))
    quiet = following.isna() | (following - rows["ended_at"] > window)
    contained = (quiet & (rows["outcome"] == "contained"))[judged].mean()
    metrics = result.tables["chain_metrics"]
    row = metrics[(metrics["metric"] == "containment") & metrics["intent"].isna()]
    assert 0.3 < contained < 0.8
    assert row["value"].item() == pytest.approx(contained)
    assert row["chains"].item() == judged.sum()
    assert row["identity_coverage"].item() == pytest.approx(0.7, abs=0.05)


def test_mentions_nobody_answers_count_only_where_they_are_matched(tmp_path, centre, now):
    """Unmatched and ignored: outside. Answered but of nobody: outside. Matched with a call: two contacts."""
    log = _log(5, customer_id=["anna", "anna", None, None, "ben"], intent="banter")
    log["channel"] = ["voice", "social", "social", "social", "social"]
    log["queue"] = ["voice", None, None, None, None]
    log["controlled"] = pd.array([True, False, False, False, False], dtype="boolean")
    log["customer_key"], log["key_type"] = (
        [None, None, None, "@cleo", None],
        [None, None, None, "handle", None],
    )
    settings = ChainSettings(intents={"banter": Intent(engage=False)})
    result = build_chains(ChainInputs(centre, log, now), settings)
    chains = result.frame()
    assert dict(zip(chains["customer_id"].fillna(""), chains["status"], strict=True)) == {
        "anna": "resolved", "": "ignored", "handle:@cleo": "ignored", "ben": "ignored",
    }  # fmt: skip
    assert chains.set_index("customer_id").loc["anna", "contacts"] == 2
    assert result.first_contact_resolution() == 0.0
    assert first_contact_resolution(chains).chains == 1
    answered = build_chains(ChainInputs(centre, log, now), ChainSettings())
    assert first_contact_resolution(answered.frame()).chains == 3
    log.to_parquet(tmp_path / "log.parquet")
    read = build_chains(ChainInputs(centre, tmp_path / "log.parquet", now), settings)
    pd.testing.assert_frame_equal(read.frame(), chains)


def test_now_is_read_with_its_zone(planted_log, centre, now):
    log = planted_log(NEEDS, contacts=500, customers=100)
    local = now.astimezone(dt.timezone(dt.timedelta(hours=2)))
    one, two = (build_chains(ChainInputs(centre, log, moment), ChainSettings()) for moment in (now, local))
    pd.testing.assert_frame_equal(one.frame(), two.frame())


def test_a_case_id_shared_by_many_customers_joins_nobody(centre, now):
    log = _log(60, customer_id=[f"c{n}" for n in range(60)], case_id="0", parent_id=None)
    result = build_chains(ChainInputs(centre, log, now), ChainSettings())
    assert len(result.tables["chains"]) == 60
    assert result.meta.facts["cases_over_cap"] == 1
    assert any("Case ids" in note for note in result.meta.notes)
    few = build_chains(ChainInputs(centre, log.head(40), now), ChainSettings())
    assert len(few.tables["chains"]) == 1


def test_an_answer_between_two_mails_joins_them(centre, now):
    """A mail, our reply, our second reply, the customer's answer to that: one chain of two contacts."""
    log = _log(4, customer_id=None, parent_id=[None, "i000000", "i000001", "i000002"])
    log["direction"] = ["in", "out", "out", "in"]
    log = log.sort_values("interaction_id", ignore_index=True)
    result = build_chains(ChainInputs(centre, log, now), ChainSettings())
    members = result.tables["chain_members"].set_index("interaction_id")
    assert members.index.tolist() == ["i000000", "i000003"]
    assert members.loc["i000003", "parent_interaction"] == "i000000"
    assert result.meta.facts["named_parents_unused"] == 0
