"""Intents of silent contacts: rules first, then the classifier, else unknown; judged on planted truth."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from wfo.chains.intents.infer import not_in_taxonomy, quality, read_intents, with_intents
from wfo.chains.intents.rules import ruled
from wfo.chains.taxonomy import UNKNOWN, InferSettings, Intent, IntentRule

WORDS = {
    "billing": ("invoice charged amount", "too much on my bill", "paid twice this month"),
    "outage": ("line is dead", "no internet since noon", "everything down"),
    "move": ("new address soon", "moving house", "we relocate in may"),
}
NOISE = ("hello there", "please call me", "😀 مرحبا", "thanks a lot", "")


def contacts(n=1200, seed=3):
    """Contacts whose text tells their intent in nine of ten cases; the truth is in ``intent``."""
    rng = np.random.default_rng(seed)
    names = rng.choice(list(WORDS), n, p=[0.5, 0.3, 0.2])
    told = rng.random(n) < 0.9
    noise = rng.choice(np.asarray(NOISE, dtype=object), n)
    text = [
        f"{noise[i]} {WORDS[name][rng.integers(3)]}" if told[i] else str(noise[i])
        for i, name in enumerate(names)
    ]
    return pd.DataFrame(
        {
            "interaction_id": pd.Series([f"i{k:05d}" for k in range(n)], dtype="str"),
            "channel": pd.Series(["chat"] * n, dtype="str"),
            "queue": pd.Series(["chat"] * n, dtype="str"),
            "intent": pd.Series(names, dtype="str"),
            "text": pd.Series(text, dtype="str"),
        }
    )


def hidden(frame, share=0.3, seed=5):
    gone = np.random.default_rng(seed).random(len(frame)) < share
    return frame.assign(intent=frame["intent"].mask(gone)), gone


TAXONOMY = {
    "outage": Intent(rules=(IntentRule(text=(r"\bdead\b", r"no internet")),)),
    "billing": Intent(
        rules=(IntentRule(disposition=("bill*",)), IntentRule(page=("/invoice/*",), queue=("chat",)))
    ),
}


def test_the_first_rule_of_the_file_counts_and_all_its_conditions_hold():
    frame = pd.DataFrame(
        {
            "queue": ["chat", "chat", "voice", "chat", "chat"],
            "disposition": ["BILLING", None, None, None, "other"],
            "page": [None, "/invoice/7", "/invoice/7", None, None],
            "text": [None, "Line DEAD", None, "deadline?", "ohne no internet 😀"],
        },
        dtype="str",
    )
    assert ruled(frame, TAXONOMY).tolist() == ["billing", "outage", None, None, "outage"]
    assert ruled(frame[["queue"]], TAXONOMY).tolist() == [None] * 5


def test_what_is_hidden_is_read_back():
    frame, gone = hidden(contacts())
    read = read_intents(frame, {}, InferSettings())
    truth = contacts()["intent"][gone].reset_index(drop=True)
    sure = read.intents["source"] == "fitted"
    right = (read.intents["intent"] == truth)[sure].mean()
    # Nine of ten contacts tell; of those read, fewer than one in twenty-five is wrong.
    assert sure.mean() > 0.8
    assert right > 0.96
    assert (read.intents.loc[~sure, "intent"] == UNKNOWN).all()
    table = quality(read.confusion).set_index("intent")
    assert set(table.index) == set(WORDS)
    assert table["recall"].min() > 0.7
    assert table["contacts"].sum() == read.confusion["contacts"].sum()


def test_rules_go_before_the_classifier_and_shares_add_up():
    frame, gone = hidden(contacts())
    read = read_intents(frame, TAXONOMY, InferSettings())
    dead = frame.loc[gone, "text"].str.contains("dead|no internet").to_numpy()
    assert (read.intents["source"].to_numpy()[dead] == "rule").all()
    assert (read.intents["intent"].to_numpy()[dead] == "outage").all()
    assert read.coverage.groupby(["channel", "queue"])["share"].sum().to_numpy() == pytest.approx(1)
    assert read.coverage["contacts"].sum() == len(frame)
    filled = with_intents(frame, read.intents)
    assert (filled["intent"][~gone] == frame["intent"][~gone]).all()
    assert filled["intent"].isna().sum() == (read.intents["intent"] == UNKNOWN).sum()


def test_where_all_is_stated_nothing_changes():
    frame = contacts(300)
    read = read_intents(frame, TAXONOMY, InferSettings())
    assert read.intents.empty
    assert read.confusion.empty
    assert with_intents(frame, read.intents) is frame
    assert read.coverage["source"].tolist() == ["stated"]


def test_too_few_teachers_leave_the_rest_unknown():
    frame, gone = hidden(contacts(150))
    read = read_intents(frame, {}, InferSettings())
    assert set(read.intents["source"]) == {UNKNOWN}
    assert len(read.intents) == gone.sum()
    none = read_intents(frame.drop(columns=["intent", "text"]), {}, InferSettings())
    assert len(none.intents) == len(frame)


def test_an_intent_nobody_fitted_is_still_judged():
    frame = contacts(4000)
    silent = ~frame["text"].str.contains("|".join(w for told in WORDS.values() for w in told))
    rare = silent & (np.arange(len(frame)) % 5 == 0)
    frame["intent"] = frame["intent"].mask(rare, "rare")
    table = quality(read_intents(hidden(frame)[0], {}, InferSettings()).confusion).set_index("intent")
    assert table.loc["rare", "recall"] < 0.3
    assert table.loc["rare", "unknown"] + table.loc["rare", "recall"] <= 1
    assert table.loc["rare", "unknown"] > 0.5


def test_the_reading_does_not_depend_on_the_order_of_rows():
    frame, _ = hidden(contacts(800))
    one = read_intents(frame, {}, InferSettings()).intents.sort_values("interaction_id", ignore_index=True)
    mixed = frame.sample(frac=1, random_state=1).reset_index(drop=True)
    other = read_intents(mixed, {}, InferSettings()).intents.sort_values("interaction_id", ignore_index=True)
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("rule", "word"),
    [({"text": ["(dead"]}, "is no pattern"), ({}, "needs at least one of"), ({"colour": ["red"]}, "colour")],
)
def test_a_wrong_rule_is_told(rule, word):
    with pytest.raises(ValidationError, match=word):
        Intent.model_validate({"rules": [rule]})


def test_a_wrong_class_is_told():
    with pytest.raises(ValidationError, match="'value', 'failure', 'chase'"):
        Intent.model_validate({"kind": "anger"})


def test_intents_that_the_taxonomy_lacks_are_counted():
    frame, _ = hidden(contacts(300))
    strange = not_in_taxonomy(frame, TAXONOMY)
    assert strange.to_dict() == {"move": int((frame["intent"] == "move").sum())}
    assert not_in_taxonomy(frame, {}).empty


def test_a_stated_unknown_is_read_like_silence():
    frame, gone = hidden(contacts())
    said = frame.assign(intent=frame["intent"].mask(gone, UNKNOWN))
    read = read_intents(said, TAXONOMY, InferSettings())
    pd.testing.assert_frame_equal(read.intents, read_intents(frame, TAXONOMY, InferSettings()).intents)
    filled = with_intents(said, read.intents)["intent"]
    assert not (filled == UNKNOWN).any()
    assert filled.equals(with_intents(frame, read.intents)["intent"])
