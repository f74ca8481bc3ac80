import pandas as pd

from wfo.chains.intents.engage import engaged
from wfo.chains.taxonomy import Intent
from wfo.tables.history import interval_counts


def mentions():
    at = pd.Series(pd.to_datetime(["2025-03-03T09:00:00Z"] * 4)).astype("datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "interaction_id": ["a", "b", "c", "d"],
            "queue": ["social", "social", "social", "voice"],
            "direction": "in",
            "intent": ["banter", "outage", None, "banter"],
            "controlled": pd.array([False, False, False, True], dtype="boolean"),
            "outcome": "handled",
            "started_at": at,
            "wait_s": 1.0,
            "handle_s": 10.0,
        }
    )


def test_a_mention_that_is_not_answered_is_no_work():
    taxonomy = {"banter": Intent(engage=False), "outage": Intent()}
    left = engaged(mentions(), taxonomy)
    assert left["outcome"].tolist() == ["ignored", "handled", "handled", "handled"]
    counts = interval_counts(left, step_min=15).set_index("queue")
    assert counts["offered"].to_dict() == {"social": 2, "voice": 1}
    assert counts.loc["social", "handle_s_total"] == 20


def test_without_such_an_intent_nothing_changes():
    frame = mentions()
    assert engaged(frame, {"banter": Intent()}) is frame
