"""Appending gives what building everything anew gives."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.chains.append import append, latest, start
from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.chains.taxonomy import InferSettings, Intent, IntentRule
from wfo.domain.centre import Centre
from wfo.errors import InputError

NOW = dt.datetime(2025, 5, 5, tzinfo=dt.UTC)
CENTRE = Centre.model_validate(
    {
        "queues": {
            "web": {"channel": "web", "law": "unstaffed"},
            "voice": {"channel": "voice", "law": "immediate"},
        }
    }
)
SMALL = ChainSettings(
    key_cap=2,
    customer_cap=6,
    intents={"bill": Intent(rules=(IntentRule(disposition=("invoice*",)),)), "move": Intent(window_h=48)},
    infer=InferSettings(least_labelled=10, threshold=0.5),
)
TABLES = ("chains", "chain_members", "identity_merges", "intents", "intent_coverage", "intent_confusion")


def _log(rows):
    """Rows of (number, hours ago, queue, intent, customer, key, parent, case, outcome, wrap-up, way)."""
    at = pd.Timestamp(NOW)
    columns = {
        "interaction_id": [f"i{r[0]}" for r in rows],
        "started_at": pd.DatetimeIndex([at - pd.Timedelta(hours=r[1]) for r in rows], tz="UTC").as_unit("us"),
        "ended_at": pd.DatetimeIndex([at - pd.Timedelta(hours=r[1] - 0.1) for r in rows], tz="UTC").as_unit(
            "us"
        ),
        "channel": [r[2] for r in rows],
        "queue": [r[2] for r in rows],
        "intent": pd.Series([r[3] for r in rows], dtype="str"),
        "customer_id": pd.Series([r[4] for r in rows], dtype="str"),
        "customer_key": pd.Series([r[5] for r in rows], dtype="str"),
        "key_type": pd.Series(["phone" if r[5] else None for r in rows], dtype="str"),
        "parent_id": pd.Series([None if r[6] is None else f"i{r[6]}" for r in rows], dtype="str"),
        "case_id": pd.Series([r[7] for r in rows], dtype="str"),
        "outcome": [r[8] for r in rows],
        "disposition": pd.Series([r[9] for r in rows], dtype="str"),
        "direction": [r[10] for r in rows],
    }
    return pd.DataFrame(columns)


ROW = st.tuples(
    st.integers(0, 14),
    st.integers(-30, 600),
    st.sampled_from(["web", "voice"]),
    st.sampled_from([None, "bill", "move"]),
    st.sampled_from([None, "anna", "ben", "cleo", "dora"]),
    st.sampled_from([None, None, "1", "2"]),
    st.sampled_from([None, None, None, *range(15)]),
    st.sampled_from([None, None, None, "k1", "k2"]),
    st.sampled_from(["handled", "handled", "abandoned", "open"]),
    st.sampled_from([None, "invoice sent", "new flat", "other"]),
    st.sampled_from(["in", "in", "in", "out"]),
)


def _same(state, log, now):
    given_model = replace(state.inputs, interactions=latest(log), now=now)
    anew = build_chains(given_model, state.settings)
    for name in TABLES:
        pd.testing.assert_frame_equal(state.result.tables[name], anew.tables[name])


@given(
    st.lists(ROW, min_size=1, max_size=20),
    st.lists(st.lists(ROW, max_size=9), min_size=1, max_size=2),
    st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_late_repeated_and_unordered_rows_give_what_a_full_build_gives(first, batches, later):
    log = _log([*first, (99, 300, "web", "bill", "anna", None, None, None, "handled", None, "in")])
    state = start(ChainInputs(CENTRE, log, NOW), SMALL)
    now = pd.Timestamp(NOW)
    for batch in batches:
        now = now + pd.Timedelta(hours=20) if later else now
        new = _log(batch)
        log = pd.concat([log, new], ignore_index=True)
        state = append(state, new, now=now)
        _same(state, log, now.to_pydatetime())


def test_a_planted_log_in_pieces_is_the_same_by_a_learnt_model(planted_log, centre, now):
    log = planted_log(
        {("web", "voice"): 0.3, ("voice", "voice"): 0.2},
        contacts=6000,
        customers=1500,
        abandoned=0.2,
        redial_p=0.5,
        named=0.2,
        misstated=0.1,
        unknown=0.1,
        key_alone=0.2,
    )
    order = np.random.default_rng(3).permutation(len(log))
    parts = np.array_split(order, [len(log) - 400, len(log) - 200])
    state = start(ChainInputs(centre, log.iloc[parts[0]], now), ChainSettings())
    assert state.inputs.link_model.source == "learnt"
    for part in parts[1:]:
        state = append(state, log.iloc[part])
    _same(state, log.iloc[order], now)
    assert any("appended" in note for note in state.result.meta.notes)


def test_what_is_learnt_from_new_contacts_is_read_into_old_ones():
    """Silent contacts of an unclear wrap-up are unknown until enough others say what it stands for."""
    said = [
        (k, 500 - k, "voice", "bill", f"c{k}", None, None, None, "handled", "other", "in") for k in range(6)
    ]
    silent = [
        (50, 300, "voice", None, "anna", None, None, None, "handled", "new flat", "in"),
        (51, 290, "voice", "move", "anna", None, None, None, "handled", "new flat", "in"),
    ]
    log = _log([*said, *silent])
    state = start(ChainInputs(CENTRE, log, NOW), SMALL)
    assert state.result.tables["intents"]["intent"].tolist() == ["unknown"]
    more = [
        (60 + k, 400 - k, "voice", "move", f"d{k}", None, None, None, "handled", "new flat", "in")
        for k in range(9)
    ]
    state = append(state, _log(more))
    assert state.result.tables["intents"]["intent"].tolist() == ["move"]
    _same(state, pd.concat([log, _log(more)], ignore_index=True), NOW)
    chain = state.result.tables["chains"].set_index("chain_id").loc["i50"]
    assert chain["intent"] == "move"


def test_time_does_not_run_backwards():
    state = start(
        ChainInputs(
            CENTRE, _log([(1, 300, "web", "bill", "anna", None, None, None, "handled", None, "in")]), NOW
        ),
        SMALL,
    )
    with pytest.raises(InputError, match="build them anew"):
        append(state, _log([]), now=pd.Timestamp(NOW) - pd.Timedelta(days=1))
    with pytest.raises(InputError, match="frame"):
        start(ChainInputs(CENTRE, None, NOW), SMALL)
