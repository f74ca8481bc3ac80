"""Promises: deferred work is kept by its end, what was said while talking by a contact in time."""

import numpy as np
import pandas as pd
import pytest

from wfo.domain.centre import Centre
from wfo.insight.promises import promises
from wfo.timegrid import epoch_ms

CENTRE = Centre.model_validate(
    {
        "queues": {
            "voice": {"channel": "voice", "law": "immediate"},
            "cases": {"channel": "back_office", "law": "deferred"},
        }
    }
)
BEGIN = pd.Timestamp("2025-03-03 09:00", tz="UTC")
NOW = int(epoch_ms(pd.DatetimeIndex([BEGIN + pd.Timedelta(days=30)]))[0])


def _log(*rows):
    """Rows of (id, customer, queue, direction, hours after the start, hours it takes, hours to promise)."""
    hours = {
        name: pd.to_timedelta([row[k] for row in rows], unit="h") for name, k in (("at", 4), ("long", 5))
    }
    due = [BEGIN + pd.Timedelta(hours=row[4] + row[6]) if row[6] else pd.NaT for row in rows]
    return pd.DataFrame(
        {
            "interaction_id": [row[0] for row in rows],
            "customer_id": pd.Series([row[1] for row in rows], dtype="str"),
            "queue": [row[2] for row in rows],
            "direction": [row[3] for row in rows],
            "started_at": BEGIN + hours["at"],
            "ended_at": BEGIN + hours["at"] + hours["long"],
            "promise_due": pd.DatetimeIndex(due, tz="UTC"),
        }
    )


def _steps(log, caused=()):
    inward = log[log["direction"] == "in"]
    return pd.DataFrame(
        {
            "interaction_id": inward["interaction_id"],
            "queue": inward["queue"],
            "outcome": "handled",
            "end_ms": epoch_ms(inward["ended_at"]),
            "known": inward["customer_id"].notna(),
            "customer": inward["customer_id"],
            "human": True,
            "cost": 5.0,
            "parent_interaction": [dict(caused).get(name) for name in inward["interaction_id"]],
        }
    ).reset_index(drop=True)


def _kept(*rows, caused=()):
    log = _log(*rows)
    return promises(_steps(log, caused), log, CENTRE, NOW, 4.0).set_index("queue")


def test_a_call_back_in_time_keeps_a_promise_made_in_a_call():
    table = _kept(
        ("a", "anna", "voice", "in", 0, 0.1, 24.0),
        ("a2", "anna", "voice", "out", 20, 0.1, None),
        ("b", "ben", "voice", "in", 0, 0.1, 24.0),
        ("b2", "ben", "voice", "out", 30, 0.1, None),
        ("c", "cleo", "voice", "in", 0, 0.1, 24.0),
        ("d", None, "voice", "in", 0, 0.1, 24.0),
        ("c2", "cleo", "voice", "in", 168, 0.1, None),
        caused=[("c2", "c")],
    )
    assert table.loc["voice", ["due", "kept"]].tolist() == [4, 1]
    assert table.loc["voice", "contacts_after_late"] == 0.5
    assert table.loc["voice", "late_cost"] == pytest.approx(0.5 * 3 * 5.0 / 4.0)


def test_a_name_that_is_nobodys_or_shared_keeps_no_promise():
    log = _log(
        ("a", None, "voice", "in", 0, 0.1, 24.0),
        ("b", "ben", "voice", "in", 0, 0.1, 24.0),
        ("c", "cleo", "voice", "in", 0, 0.1, 24.0),
        ("d", "dora", "voice", "in", 0, 0.1, 24.0),
        ("out", None, "voice", "out", 20, 0.1, None),
        ("out2", None, "voice", "out", 20, 0.1, None),
    ).assign(
        key_type="phone",
        customer_key=["anonymous", "anonymous", "anonymous", "4", "anonymous", "4"],
        parent_id=None,
    )
    table = promises(_steps(log), log, CENTRE, NOW, 4.0).set_index("queue")
    assert table.loc["voice", ["due", "kept"]].tolist() == [4, 1]


def test_an_answer_on_another_channel_and_one_that_names_the_contact_keep_promises():
    log = _log(
        ("a", "anna", "voice", "in", 0, 0.1, 24.0),
        ("a0", "anna", "voice", "in", -100, 0.1, None),
        ("a2", None, "voice", "out", 20, 0.1, None),
        ("b", None, "voice", "in", 0, 0.1, 24.0),
        ("b2", None, "voice", "out", 20, 0.1, None),
        ("c", None, "voice", "in", 0, 0.1, 24.0),
        ("c2", None, "voice", "out", 25, 0.1, None),
    ).assign(
        key_type=["phone", "email", "email", None, None, None, None],
        customer_key=["1", "anna@example.org", "anna@example.org", None, None, None, None],
        parent_id=[None, None, None, None, "b", None, "c"],
    )
    table = promises(_steps(log), log, CENTRE, NOW, 4.0).set_index("queue")
    assert table.loc["voice", ["due", "kept"]].tolist() == [3, 2]


def test_a_hundred_thousand_promises_to_one_customer_are_counted():
    n = 100_000
    one = _log(("a", "robot", "voice", "in", 0, 0, 1.0), ("b", "robot", "voice", "out", 0, 0, None))
    log = one.loc[np.repeat([0, 1], n)].reset_index(drop=True)
    second = pd.to_timedelta(np.tile(np.arange(n), 2), unit="s")
    log["interaction_id"] = np.arange(2 * n).astype(str)
    for column in ("started_at", "ended_at", "promise_due"):
        log[column] = log[column] + second
    log.loc[log.index[-3600:], "started_at"] -= pd.Timedelta(days=1)  # the last hour goes without
    table = promises(_steps(log), log, CENTRE, NOW, 4.0).set_index("queue")
    assert table.loc["voice", ["due", "kept"]].tolist() == [n, n - 3600]


def test_without_outgoing_contacts_such_a_promise_cannot_be_counted():
    assert _kept(("a", "anna", "voice", "in", 0, 0.1, 24.0)).empty


def test_work_is_kept_by_its_end():
    table = _kept(
        ("a", "anna", "cases", "in", 0, 20.0, 24.0),
        ("b", "ben", "cases", "in", 0, 30.0, 24.0),
        ("c", "cleo", "cases", "in", 29 * 24, 1.0, 100.0),
    )
    assert table.loc["cases", ["due", "kept"]].tolist() == [2, 1]
