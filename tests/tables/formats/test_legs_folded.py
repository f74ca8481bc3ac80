"""Contacts that were handed on: legs recorded one by one become one interaction with a segment a leg."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.errors import TableError
from wfo.tables.importer import import_into, import_table
from wfo.tables.legs import first_legs
from wfo.tables.mapping_files import find_mappings, load_mapping
from wfo.tables.read import read_data


def at(clock):
    return pd.Timestamp(f"2025-03-03T{clock}", tz="UTC")


def leg(contact, begin, answer, end, *, agent="ann", method="TRANSFER", before=None, update=None, **more):
    """A contact record by the field names of Amazon Connect's contact records data model."""
    stamp = "2025-03-03T{}Z".format
    talk = (at(end) - at(answer)).total_seconds() if answer else 0
    return {
        "ContactId": contact,
        "InitialContactId": "k1" if before else None,
        "PreviousContactId": before,
        "Channel": "VOICE",
        "InitiationMethod": method,
        "InitiationTimestamp": stamp(begin),
        "DisconnectTimestamp": stamp(end),
        "LastUpdateTimestamp": stamp(update or end),
        "CustomerEndpoint": {"Address": "+4930123", "Type": "TELEPHONE_NUMBER"},
        "Queue": {
            "Name": f"queue_{contact}",
            "EnqueueTimestamp": stamp(begin),
            "Duration": (at(answer or end) - at(begin)).total_seconds(),
        },
        "Agent": {
            "Username": agent,
            "ConnectedToAgentTimestamp": stamp(answer),
            "AgentInteractionDuration": talk,
            "CustomerHoldDuration": 0,
            "AfterContactWorkDuration": 30,
            "AfterContactWorkStartTimestamp": stamp(end),
            "AfterContactWorkEndTimestamp": str(at(end) + pd.Timedelta("30s")),
        }
        if answer
        else None,
        **more,
    }


FIRST = leg("k1", "09:00:00", "09:01:00", "09:05:00", method="INBOUND", NextContactId="k2")
SECOND = leg("k2", "09:05:00", "09:06:00", "09:10:00", agent="bob", before="k1")
THIRD = leg("k3", "09:10:00", None, "09:11:00", before="k2", method="QUEUE_TRANSFER")
ASKED = leg("k4", "09:02:00", "09:02:00", "09:03:00", agent="eve", before="k1")
RUNG_BACK = leg("k5", "11:00:00", "11:00:00", "11:04:00", before="k2", method="OUTBOUND")


def bring(tmp_path, records, name="amazon_connect"):
    source = tmp_path / "records.json"
    source.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records))
    return {path.stem: import_table(path, source) for path in find_mappings(name)}


def test_a_call_handed_on_is_one_interaction(tmp_path):
    done = bring(tmp_path, [THIRD, FIRST, SECOND, ASKED, RUNG_BACK])
    frame = done["interactions"].frame.set_index("interaction_id")
    assert sorted(frame.index) == ["k1", "k5"]
    call = frame.loc["k1"]
    assert (call["queue"], call["agent_id"], call["wait_s"]) == ("queue_k1", "bob", 60)
    assert (call["started_at"], call["answered_at"], call["ended_at"]) == (
        at("09:00:00"),
        at("09:01:00"),
        at("09:11:00"),
    )
    # Talk and wrap of three agents; who was only asked is no transfer, nor is a queue nobody answered.
    assert call["handle_s"] == (240 + 30) + (240 + 30) + (60 + 30)
    assert (call["transfers"], call["outcome"]) == (1, "handled")
    assert pd.isna(call["parent_id"])
    # An agent who rings back makes a contact of its own, of the same case, that names the whole call.
    assert frame.loc["k5", "parent_id"] == "k1"
    assert frame.loc["k5", "case_id"] == "k1"
    parts = done["segments"].frame.set_index(["interaction_id", "seq"]).sort_index()
    assert parts.loc["k1", "queue"].tolist() == ["queue_k1", "queue_k4", "queue_k2", "queue_k3"]
    assert parts.loc["k1", "outcome"].tolist() == ["transferred", "handled", "handled", "abandoned"]
    assert (done["interactions"].rows, done["interactions"].folded) == (5, 3)
    assert done["segments"].folded == 0


def test_a_leg_whose_neighbour_is_missing_goes_with_the_first(tmp_path):
    frame = bring(tmp_path, [FIRST, THIRD])["interactions"].frame
    assert frame["interaction_id"].tolist() == ["k1"]
    alone = bring(tmp_path, [THIRD])["interactions"].frame
    assert alone["interaction_id"].tolist() == ["k3"]
    assert alone["parent_id"].tolist() == ["k2"]


def test_a_call_with_a_leg_in_progress_is_open(tmp_path):
    running = leg("k2", "09:05:00", "09:06:00", "09:10:00", agent="bob", before="k1")
    running["DisconnectTimestamp"] = None
    running["Agent"] |= {"AfterContactWorkStartTimestamp": None, "AfterContactWorkEndTimestamp": None}
    call = bring(tmp_path, [FIRST, running])["interactions"].frame.iloc[0]
    assert (call["outcome"], call["transfers"]) == ("open", 1)
    assert pd.isna(call["ended_at"])


def test_an_unreadable_later_record_replaces_nothing(tmp_path):
    broken = {**FIRST, "LastUpdateTimestamp": "2025-03-03T12:00:00Z", "Channel": "FAX"}
    torn = {
        **FIRST,
        "LastUpdateTimestamp": "2025-03-03T13:00:00Z",
        "DisconnectTimestamp": "soon",
        "Agent": None,
    }
    backward = {**FIRST, "LastUpdateTimestamp": "2025-03-03T14:00:00Z"}
    backward["Agent"] = {**FIRST["Agent"], "AfterContactWorkEndTimestamp": "2025-03-03T08:00:00Z"}
    done = bring(tmp_path, [FIRST, broken, torn, backward, SECOND])["interactions"]
    assert done.frame["interaction_id"].tolist() == ["k1"]
    assert done.frame["channel"].tolist() == ["voice"]
    assert done.refused["row"].tolist() == [2, 3, 4]
    assert done.refused["rule"].tolist() == ["unreadable", "unreadable", "broken"]


def test_a_readable_later_record_replaces_an_unreadable_one(tmp_path):
    broken = {**FIRST, "LastUpdateTimestamp": "2025-03-03T08:00:00Z", "Channel": "FAX"}
    done = bring(tmp_path, [broken, FIRST, {**FIRST, "DisconnectReason": "last"}])["interactions"]
    assert done.frame["disposition"].tolist() == ["last"]
    assert done.refused["rule"].tolist() == ["unreadable", "superseded"]


def test_legs_in_a_circle_are_refused(tmp_path):
    one = leg("k1", "09:00:00", "09:01:00", "09:05:00", before="k2")
    done = bring(tmp_path, [one, SECOND, RUNG_BACK, {**THIRD, "InitialContactId": None}])
    assert done["interactions"].frame["interaction_id"].tolist() == ["k5"]
    assert done["interactions"].refused["reason"].str.contains("go round in a circle").tolist() == [True] * 3
    assert done["segments"].refused["row"].tolist() == [1, 2, 4]


def test_records_not_as_documented_are_refused_one_by_one(tmp_path):
    odd = {"ContactId": "k9", "Agent": {"ConnectedToAgentTimestamp": "x", "AgentInteractionDuration": [1]}}
    done = bring(tmp_path, [FIRST, odd, '"text"', "{"])["interactions"]
    assert done.frame["interaction_id"].tolist() == ["k1"]
    assert done.refused["row"].tolist() == [2, 3, 4]
    words = ["not as its source documents it", "found a JSON str", "no JSON"]
    assert all(w in r for w, r in zip(words, done.refused["reason"], strict=True))


def cxone(name, master, start, seconds, **more):
    return {
        "contactId": name,
        "masterContactId": master,
        "contactStart": f"2025-03-03T{start}Z",
        "mediaTypeName": "Call",
        "skillName": f"skill_{name}",
        "agentId": 40 + name,
        "fromAddr": "4930123",
        "preQueueSeconds": 0,
        "inQueueSeconds": 20,
        "agentSeconds": seconds - 20,
        "acwSeconds": 5,
        "totalDurationSeconds": seconds,
        "isOutbound": False,
        **more,
    }


def test_contacts_of_one_master_are_legs_while_the_customer_is_there(tmp_path):
    records = [
        cxone(1, 1, "09:00:00", 120),
        cxone(2, 1, "09:02:00", 60),
        cxone(3, 2, "09:03:10", 60),
        cxone(4, 1, "13:00:00", 60),
        cxone(5, 1, "09:01:00", 30, isOutbound=True),
        cxone(2, 1, "09:02:00", 60, lastUpdateTime="2025-03-03T09:00:00Z", skillName="later"),
    ]
    done = bring(tmp_path, records, "nice_cxone")
    frame = done["interactions"].frame.set_index("interaction_id")
    assert frame.index.tolist() == ["1", "4", "5"]
    assert frame["transfers"].tolist() == [2, 0, 0]
    assert frame["handle_s"].tolist() == [105 + 45 + 45, 45, 15]
    assert frame["agent_id"].tolist() == ["43", "44", "45"]
    assert frame["parent_id"].fillna("").tolist() == ["", "1", "1"]
    assert frame["case_id"].tolist() == ["1"] * 3
    parts = done["segments"].frame
    assert parts.loc[parts["interaction_id"] == "1", "queue"].tolist() == ["skill_1", "skill_3", "later"]
    assert parts.loc[parts["interaction_id"] == "1", "seq"].tolist() == [1, 3, 2]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.none() | st.integers(0, 12), min_size=1, max_size=12))
def test_first_legs_are_those_a_walk_finds(before):
    names = pd.Series([f"c{i}" for i in range(len(before))], dtype="str")
    first, steps = first_legs(
        names, [pd.Series([None if b is None else f"c{b}" for b in before], dtype="str")]
    )
    for row in range(len(before)):
        place, walked = row, [row]
        while (b := before[place]) is not None and b < len(before) and b != place:
            place = b
            if place in walked:
                place = -1
                break
            walked.append(place)
        assert first[row] == place
        assert steps[row] == (0 if place < 0 else len(walked) - 1)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_folding_loses_no_second_and_no_row(tmp_path_factory, data):
    """Rows of a flat file, in any order and each delivered several times, give the sums they hold."""
    n = data.draw(st.integers(1, 8))
    before = [data.draw(st.none() | st.integers(0, i - 1)) if i else None for i in range(n)]
    rows = [
        (f"c{i}", "" if b is None else f"c{b}", f"2025-03-03T09:{i:02d}:00Z", 10 * i)
        for i, b in enumerate(before)
    ]
    order = data.draw(st.permutations(rows + rows[: data.draw(st.integers(0, n))]))
    folder = tmp_path_factory.mktemp("legs")
    (folder / "m.yaml").write_text(
        "table: interactions\nfile: a.csv\nlegs: [of]\nkeep_latest: at\ncolumns:\n  interaction_id: id\n"
        "  channel: {value: voice}\n  direction: {value: in}\n  started_at: at\n  handle_s: s\n"
        "  outcome: {value: handled}\n  parent_id: of\n"
    )
    pd.DataFrame(order, columns=["id", "of", "at", "s"]).to_csv(folder / "a.csv", index=False)
    done = import_table(folder / "m.yaml", folder / "a.csv")
    roots = {f"c{i}" for i, b in enumerate(before) if b is None}
    assert set(done.frame["interaction_id"]) == roots
    assert done.frame["handle_s"].sum() == sum(r[3] for r in rows)
    assert done.frame["parent_id"].isna().all()
    assert (done.rows, done.folded) == (len(order), n - len(roots))
    assert len(done.refused) == len(order) - n
    earliest = {r: min(i for i in range(n) if _root(before, i) == int(r[1:])) for r in roots}
    starts = done.frame.set_index("interaction_id")["started_at"].dt.minute.to_dict()
    assert starts == earliest


def _root(before, i):
    return i if before[i] is None else _root(before, before[i])


def test_a_call_brought_in_again_keeps_legs_that_do_not_come_again(tmp_path):
    source = tmp_path / "records.json"
    batches = ([SECOND], ["k2"]), ([FIRST, SECOND, THIRD], ["k1"] * 3), ([FIRST, SECOND], ["k1"] * 3)
    for records, there in batches:
        source.write_text("\n".join(map(json.dumps, records)))
        for path in find_mappings("amazon_connect"):
            import_into(path, source, tmp_path / "data", append=True)
        data = read_data(tmp_path / "data")
        assert data["interactions"]["interaction_id"].tolist() == there[:1]
        assert data["segments"]["interaction_id"].tolist() == there


def test_legs_are_for_contacts_alone(tmp_path):
    (tmp_path / "m.yaml").write_text(
        "table: agents\nfile: a.csv\nlegs: [x]\ncolumns: {agent_id: a, contract: {value: full}}\n"
    )
    with pytest.raises(TableError, match="legs are for the tables interactions and segments"):
        load_mapping(tmp_path / "m.yaml")
    assert np.array_equal(first_legs(pd.Series([], dtype="str"), [])[0], [])


def table_of(folder, name):
    key = ["interaction_id"] if name == "interactions" else ["interaction_id", "seq"]
    frame = read_data(folder)[name].sort_values(key, ignore_index=True)
    return frame[sorted(frame.columns)]


def brought(folder, name, batches):
    for number, records in enumerate(batches):
        source = folder / f"{number}.json"
        source.write_text("\n".join(map(json.dumps, records)))
        for path in find_mappings(name):
            import_into(path, source, folder / str(len(batches)), append=True)
    return {t: table_of(folder / str(len(batches)), t) for t in ("interactions", "segments")}


def test_a_leg_that_comes_again_alone_keeps_the_others(tmp_path):
    again = {**FIRST, "LastUpdateTimestamp": "2025-03-04T09:00:00Z", "DisconnectReason": "again"}
    parts = brought(tmp_path, "amazon_connect", [[FIRST, SECOND, THIRD], [again]])
    call = parts["interactions"].iloc[0]
    assert (len(parts["interactions"]), call["handle_s"], call["transfers"]) == (1, 540, 1)
    assert parts["segments"]["queue"].tolist() == ["queue_k1", "queue_k2", "queue_k3"]


def test_a_master_alone_or_a_leg_alone_keeps_what_was_known_of_its_legs(tmp_path):
    legs = [cxone(1, 1, "09:00:00", 120), cxone(2, 1, "09:02:00", 60)]
    late = {"lastUpdateTime": "2025-03-04T09:00:00Z", "primaryDispositionId": "late"}
    for again in legs:
        folder = tmp_path / str(again["contactId"])
        folder.mkdir()
        frame = brought(folder, "nice_cxone", [legs, [{**again, **late}]])["interactions"]
        assert frame["interaction_id"].tolist() == ["1"]
        assert (frame["handle_s"].tolist(), frame["disposition"].tolist()) == ([150], ["late"])


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_batches_of_legs_give_what_all_at_once_gives(tmp_path_factory, data):
    """Legs of several calls come one by one, late, again and older, in any order."""
    n = data.draw(st.integers(2, 7))
    before = [data.draw(st.none() | st.integers(0, i - 1)) if i else None for i in range(n)]
    rows = [
        (
            f"c{i}",
            "" if b is None else f"c{b}",
            f"2025-03-03T09:{i:02d}:00Z",
            10 * i + v,
            f"2025-03-04T0{v}:00:00Z",
        )
        for i, b in enumerate(before)
        for v in range(data.draw(st.integers(1, 2)))
    ]
    order = data.draw(st.permutations(rows + rows[: data.draw(st.integers(0, n))]))
    cuts = sorted(data.draw(st.lists(st.integers(1, len(order)), max_size=3)))
    folder = tmp_path_factory.mktemp("batches")
    (folder / "m.yaml").write_text(
        "table: interactions\nfile: '*.csv'\nlegs: [of]\nkeep_latest: changed\ncolumns:\n"
        "  interaction_id: id\n  channel: {value: voice}\n  direction: {value: in}\n  started_at: at\n"
        "  handle_s: s\n  outcome: {value: handled}\n  parent_id: of\n"
    )
    columns = ["id", "of", "at", "s", "changed"]
    for begin, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
        pd.DataFrame(order[begin:end], columns=columns).to_csv(folder / "a.csv", index=False)
        import_into(folder / "m.yaml", folder / "a.csv", folder / "parts", append=True)
    pd.DataFrame(order, columns=columns).to_csv(folder / "a.csv", index=False)
    import_into(folder / "m.yaml", folder / "a.csv", folder / "whole")
    tables = [table_of(folder / name, "interactions") for name in ("parts", "whole")]
    pd.testing.assert_frame_equal(*tables)


def test_a_new_import_forgets_the_legs_of_the_one_before(tmp_path):
    source = tmp_path / "a.json"
    path = find_mappings("amazon_connect/interactions")[0]
    for records, append in (([FIRST, SECOND], False), ([FIRST], False), ([THIRD], True)):
        source.write_text("\n".join(map(json.dumps, records)))
        import_into(path, source, tmp_path / "data", append=append)
    assert read_data(tmp_path / "data")["interactions"]["handle_s"].tolist() == [270]
