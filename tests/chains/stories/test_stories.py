"""Stories from the index: merged, each contact once, open chains and promises first, any name leads there."""

import sqlite3

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.chains.stories.index import write_index
from wfo.chains.stories.timeline import Stories
from wfo.errors import InputError, StoreError

START = pd.Timestamp("2025-03-03T08:00:00Z")


def log(rows):
    """(interaction, customer, key, chain, hour, channel, promise hour or None, ended)"""
    frame = pd.DataFrame(
        rows,
        columns=["interaction_id", "customer_id", "customer_key", "chain", "hour", "channel", "due", "done"],
    )
    at = START + pd.to_timedelta(frame["hour"], unit="h")
    interactions = pd.DataFrame(
        {
            "interaction_id": frame["interaction_id"].astype("str"),
            "customer_id": frame["customer_id"].astype("str"),
            "customer_key": frame["customer_key"].astype("str"),
            "channel": frame["channel"].astype("str"),
            "direction": "in",
            "queue": frame["channel"].astype("str"),
            "outcome": "handled",
            "started_at": at.astype("datetime64[us, UTC]"),
            "ended_at": (at + pd.Timedelta("5min")).where(frame["done"]).astype("datetime64[us, UTC]"),
            "promise_due": (START + pd.to_timedelta(frame["due"], unit="h")).astype("datetime64[us, UTC]"),
            "handle_s": 60.0,
        }
    )
    members = frame[["interaction_id", "chain"]].rename(columns={"chain": "chain_id"}).assign(role="fresh")
    firsts = frame.groupby("chain", sort=True)
    chains = pd.DataFrame(
        {
            "chain_id": sorted(frame["chain"].unique()),
            "customer_id": firsts["customer_id"].first().to_numpy(),
            "status": [
                "open" if name.startswith("o") else "resolved" for name in sorted(frame["chain"].unique())
            ],
            "intent": "bill",
            "true_intent": None,
        }
    )
    return interactions, chains, members


ROWS = [
    ("i1", "عائشة", "+49301", "a1", 0, "web", None, True),
    ("i2", "عائشة", None, "a1", 5, "voice", None, True),
    ("i3", "عائشة", "@aisha😀", "o2", 2, "social", None, True),
    ("i4", "عائشة", "+49301", "o1", 1, "back_office", 9, False),
    ("i5", "عائشة", None, "b1", 7, "chat", None, True),
    ("i6", "C2", "+49301", "c1", 3, "voice", None, True),
    ("i7", None, None, "d1", 4, "voice", None, True),
    ("i8", None, None, "e1", 4, "voice", None, True),
]


@pytest.fixture
def stories(tmp_path):
    write_index(tmp_path / "s.sqlite", *log(ROWS))
    with Stories(tmp_path / "s.sqlite") as opened:
        yield opened


def test_promises_come_first_then_open_chains_then_the_latest(stories):
    story = stories.timeline("عائشة")
    assert [c.chain_id for c in story.chains] == ["o1", "o2", "b1", "a1"]
    assert story.chains[0].promise_due == START + pd.Timedelta("9h")
    assert [c.interaction_id for c in story.chains[3].contacts] == ["i1", "i2"]
    assert story.contacts == 5
    assert story.frame()["interaction_id"].is_unique


@pytest.mark.parametrize("name", ["@aisha😀", "i5", "o2", "عائشة"])
def test_every_name_leads_to_the_same_story(stories, name):
    assert stories.timeline(name) == stories.timeline("عائشة")


def test_who_is_not_known_has_a_story_of_one_chain(stories):
    story = stories.timeline("i7")
    assert (story.customer_id, [c.chain_id for c in story.chains]) == (None, ["d1"])


def test_a_name_nobody_or_several_go_by_is_told(stories):
    with pytest.raises(InputError, match=r"nobody is known as '\+49302'.*did you mean .*\+49301"):
        stories.timeline("+49302")
    with pytest.raises(InputError, match=r"shared by several customers.*C2"):
        stories.timeline("+49301")


def test_of_very_many_contacts_the_latest_are_told(tmp_path):
    rows = [(f"i{i:06d}", "big", None, f"k{i:06d}", i, "voice", None, True) for i in range(3000)]
    write_index(tmp_path / "s.sqlite", *log(rows))
    with Stories(tmp_path / "s.sqlite") as stories:
        story = stories.timeline("big", most=10)
    assert story.contacts == 3000
    assert [c.chain_id for c in story.chains] == [f"k{i:06d}" for i in range(2999, 2989, -1)]


def test_no_index_and_another_version_are_told(tmp_path):
    with pytest.raises(StoreError, match="is not there"):
        Stories(tmp_path / "s.sqlite")
    write_index(tmp_path / "s.sqlite", *log(ROWS))
    import sqlite3

    with sqlite3.connect(tmp_path / "s.sqlite") as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(StoreError, match="another version"):
        Stories(tmp_path / "s.sqlite")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", None]), st.integers(0, 3), st.integers(0, 50)),
        min_size=1,
        max_size=20,
    )
)
def test_each_contact_is_told_once_in_its_customers_story(tmp_path_factory, rows):
    table = [
        (f"i{i}", who, None, f"{who or i}-{chain}" if who else f"x{i}", hour, "web", None, True)
        for i, (who, chain, hour) in enumerate(rows)
    ]
    path = tmp_path_factory.mktemp("s") / "s.sqlite"
    write_index(path, *log(table))
    with Stories(path) as stories:
        for i, (who, _, _) in enumerate(rows):
            told = [c.interaction_id for k in stories.timeline(f"i{i}").chains for c in k.contacts]
            assert sorted(told) == sorted(
                f"i{j}" for j, (other, _, _) in enumerate(rows) if j == i or (who and other == who)
            )


def test_outgoing_contacts_belong_to_whom_their_id_or_key_is_found_with(tmp_path):
    interactions, chains, members = log(ROWS)
    more = interactions.iloc[[0, 0, 0]].assign(
        interaction_id=["o8", "o9", "o10"],
        customer_id=["C2", None, None],
        customer_key=[None, "@aisha😀", "+49300"],
        direction="out",
    )
    everything = pd.concat([interactions, more], ignore_index=True)
    write_index(tmp_path / "s.sqlite", everything, chains, members)
    with Stories(tmp_path / "s.sqlite") as stories:
        assert stories.timeline("C2").contacts == 2
        assert stories.timeline("@aisha😀") == stories.timeline("عائشة")
        assert stories.timeline("عائشة").contacts == 6
        assert stories.timeline("+49300").contacts == 1


def test_a_promise_made_in_a_call_stands_after_it(tmp_path):
    rows = [("i1", "A", None, "o1", 0, "voice", 20, True), ("i2", "A", None, "o2", 5, "email", 20, True)]
    write_index(tmp_path / "s.sqlite", *log(rows))
    with Stories(tmp_path / "s.sqlite") as stories:
        story = stories.timeline("A")
    assert [(k.chain_id, k.promise_due is not None) for k in story.chains] == [("o1", True), ("o2", False)]


def test_the_name_of_too_many_contacts_is_told_as_such(tmp_path):
    contacts = pd.DataFrame(
        {
            "interaction_id": ["i1", "i2"],
            "customer_id": "one",
            "channel": "voice",
            "direction": "in",
            "started_at": [START, START + pd.Timedelta("1h")],
        }
    )
    chains = pd.DataFrame({"chain_id": ["i1", "i2"], "customer_id": None, "status": "resolved"})
    members = pd.DataFrame({"interaction_id": ["i1", "i2"], "chain_id": ["i1", "i2"], "role": "fresh"})
    write_index(tmp_path / "index.sqlite", contacts, chains, members)
    with Stories(tmp_path / "index.sqlite") as index:
        with pytest.raises(InputError, match=r"'one' is nobody's: .*chains.customer_cap.*such as i1, i2"):
            index.timeline("one")
        assert index.timeline("i2").contacts == 1


def test_no_question_reads_a_whole_table(tmp_path, monkeypatch):
    """A story takes as long in a log of millions: every statement finds its rows by an index."""
    path, asked, connect = tmp_path / "s.sqlite", [], sqlite3.connect
    write_index(path, *log(ROWS))

    def traced(*args, **options):
        file = connect(*args, **options)
        file.set_trace_callback(asked.append)
        return file

    monkeypatch.setattr(sqlite3, "connect", traced)
    with Stories(path) as opened:
        opened.timeline("C2", most=1)
        for name in ("+49301", "nobody"):
            with pytest.raises(InputError):
                opened.timeline(name)
    with connect(path) as file:
        plans = [
            row[3]
            for statement in asked
            if statement.startswith("SELECT")
            for row in file.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
    assert sum("SEARCH contact" in plan for plan in plans) >= 2
    assert [plan for plan in plans if plan.startswith("SCAN") and "subquery" not in plan] == []
