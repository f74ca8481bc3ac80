"""Details of sources: overflow, queued callbacks, parties without roles, logins, odd line ends."""

import json

import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.domain.centre import Centre
from wfo.tables.importer import import_into, import_table
from wfo.tables.mapping_files import find_mappings
from wfo.tables.read import read_data


def at(clock):
    return pd.Timestamp(f"2025-03-03T{clock}", tz="UTC")


def stamp(clock):
    return f"2025-03-03T{clock}Z"


def bring(tmp_path, name, records, file="records.json"):
    source = tmp_path / file
    source.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return {path.stem: import_table(path, source) for path in find_mappings(name)}


def part(kind, start, end, **more):
    return {"segmentType": kind, "segmentStart": stamp(start), "segmentEnd": stamp(end), **more}


def waited(queue, start, end):
    return {"purpose": "acd", "sessions": [{"segments": [part("interact", start, end, queueId=queue)]}]}


def overflowing(*more, end="09:10:00"):
    """A conversation that waits two minutes in queue A and flows on to queue B."""
    return {
        "conversationId": "c1",
        "conversationStart": stamp("08:59:30"),
        "conversationEnd": stamp(end),
        "originatingDirection": "inbound",
        "participants": [
            {"purpose": "customer", "sessions": [{"mediaType": "voice", "ani": "tel:+493012345"}]},
            waited("A", "09:00:00", "09:02:00"),
            *more,
        ],
    }


def test_genesys_overflow_waits_from_its_first_queue(tmp_path):
    agent = {
        "purpose": "agent",
        "userId": "ann",
        "sessions": [{"segments": [part("interact", "09:02:30", "09:10:00", queueId="B")]}],
    }
    done = bring(tmp_path, "genesys_conversations", [overflowing(waited("B", "09:02:00", "09:02:30"), agent)])
    call = done["interactions"].frame.iloc[0]
    assert (call["queue"], call["started_at"], call["wait_s"]) == ("A", at("09:00:00"), 150)
    assert (call["answered_at"], call["agent_id"], call["outcome"]) == (at("09:02:30"), "ann", "handled")
    assert (call["handle_s"], call["transfers"]) == (450, 0)
    parts = done["segments"].frame
    assert parts["queue"].tolist() == ["A", "B"]
    assert parts["outcome"].tolist() == ["transferred", "handled"]
    assert parts["queued_at"].tolist() == [at("09:00:00"), at("09:02:00")]
    assert parts["ended_at"].tolist() == [at("09:02:00"), at("09:10:00")]


def test_genesys_overflow_that_is_given_up_waited_in_both_queues(tmp_path):
    record = overflowing(waited("B", "09:02:00", "09:05:00"), end="09:05:00")
    done = bring(tmp_path, "genesys_conversations", [record])
    call = done["interactions"].frame.iloc[0]
    assert (call["queue"], call["wait_s"], call["outcome"]) == ("A", 300, "abandoned")
    assert done["segments"].frame["outcome"].tolist() == ["transferred", "abandoned"]


def test_genesys_line_left_after_an_agent_is_given_up_there(tmp_path):
    agent = {
        "purpose": "agent",
        "userId": "ann",
        "sessions": [{"segments": [part("interact", "09:02:00", "09:05:00", queueId="A")]}],
    }
    done = bring(tmp_path, "genesys_conversations", [overflowing(agent, waited("B", "09:05:00", "09:06:00"))])
    call = done["interactions"].frame.iloc[0]
    assert (call["queue"], call["wait_s"], call["outcome"]) == ("A", 120, "handled")
    assert done["segments"].frame["outcome"].tolist() == ["handled", "abandoned"]


def contact(name, method, queued, answered, ended, **more):
    """A contact record of Amazon Connect."""
    return {
        "ContactId": name,
        "Channel": "VOICE",
        "InitiationMethod": method,
        "InitiationTimestamp": stamp(queued),
        "DisconnectTimestamp": stamp(ended),
        "LastUpdateTimestamp": stamp(ended),
        "CustomerEndpoint": {"Address": "+4930123", "Type": "TELEPHONE_NUMBER"},
        "Queue": {"Name": f"queue_{name}", "EnqueueTimestamp": stamp(queued)},
        "Agent": {
            "Username": "ann",
            "ConnectedToAgentTimestamp": stamp(answered),
            "AgentInteractionDuration": 120,
        }
        if answered
        else None,
        **more,
    }


def test_connect_queued_callback_is_the_contact_that_waited(tmp_path):
    """The instants of the vendor's own example of a queued callback, with its 99 seconds of delay."""
    asked = contact("k1", "INBOUND", "11:35:00", None, "11:37:10", NextContactId="k2")
    back = contact(
        "k2", "CALLBACK", "11:38:39", "11:39:25", "11:41:25", PreviousContactId="k1", InitialContactId="k1"
    )
    done = bring(tmp_path, "amazon_connect", [asked, back])
    frame = done["interactions"].frame
    assert frame["interaction_id"].tolist() == ["k1"]
    call = frame.iloc[0]
    assert (call["outcome"], call["direction"], call["queue"]) == ("handled", "in", "queue_k1")
    assert (call["started_at"], call["answered_at"]) == (at("11:35:00"), at("11:39:25"))
    assert (call["wait_s"], call["handle_s"], call["transfers"]) == (265, 120, 0)
    parts = done["segments"].frame
    assert parts[["interaction_id", "seq", "queue"]].to_numpy().tolist() == [
        ["k1", 1, "queue_k1"],
        ["k1", 2, "queue_k2"],
    ]
    assert parts["outcome"].tolist() == ["transferred", "handled"]


def test_connect_line_that_is_handed_on_and_given_up_waited_in_both(tmp_path):
    first = contact("k1", "INBOUND", "09:00:00", None, "09:02:00", NextContactId="k2")
    then = contact("k2", "QUEUE_TRANSFER", "09:02:00", None, "09:05:00", PreviousContactId="k1")
    call = bring(tmp_path, "amazon_connect", [first, then])["interactions"].frame.iloc[0]
    assert (call["queue"], call["wait_s"], call["outcome"]) == ("queue_k1", 300, "abandoned")


def vcon(uuid, parties, *dialogs):
    return {"vcon": "0.4.0", "uuid": uuid, "parties": parties, "dialog": list(dialogs)}


def talk(kind="recording", **more):
    return {"type": kind, "start": stamp("09:00:00"), "duration": 300, "parties": [0, 1], **more}


def test_vcon_without_roles_takes_who_did_not_begin_for_the_agent(tmp_path):
    people = [{"tel": "+4930123"}, {"mailto": "ann@example.org"}]
    done = bring(
        tmp_path,
        "vcon",
        [
            vcon("a", people, talk()),
            vcon("b", people, talk(originator=1)),
            vcon("c", [{"tel": "+4930123", "role": "customer"}, {"name": "Ann"}], talk()),
            vcon("d", [{"tel": "+4930123"}, {"name": "Bo", "role": "bot"}], talk()),
            vcon("e", people, talk(parties=None)),
        ],
        file="a.vcon",
    )
    frame = done["interactions"].frame.set_index("interaction_id")
    assert frame["outcome"].to_dict() == {"a": "handled", "b": "handled", "c": "handled", "d": "contained"}
    assert frame["agent_id"].fillna("").tolist() == ["ann@example.org", "+4930123", "Ann", ""]
    assert frame["handle_s"].fillna(-1).tolist() == [300, 300, 300, -1]
    assert frame["direction"].tolist() == ["in"] * 4
    told = done["interactions"].flagged.set_index("reason")["rows"].to_dict()
    assert told == {"no party is marked as agent; who did not begin is taken for one": 3}
    assert done["interactions"].refused["reason"].str.contains("no party is marked as agent").tolist() == [
        True
    ]
    assert done["segments"].frame["agent_id"].fillna("").tolist() == [
        "ann@example.org",
        "+4930123",
        "Ann",
        "",
    ]


@pytest.mark.parametrize(
    ("media", "channel"),
    [
        ({"mediatype": "message/rfc822"}, "email"),
        ({"mimetype": "multipart/alternative; boundary=x"}, "email"),
        ({"mediatype": "text/plain"}, "message"),
        ({}, "message"),
    ],
)
def test_vcon_channel_is_read_from_the_media_type(tmp_path, media, channel):
    people = [{"mailto": "anna@example.org"}, {"name": "Ann", "role": "agent"}]
    done = bring(tmp_path, "vcon", [vcon("a", people, talk("text", **media))], file="a.vcon")
    assert done["interactions"].frame["channel"].tolist() == [channel]
    done = bring(tmp_path, "vcon", [vcon("a", people, talk(), talk("text", **media))], file="a.vcon")
    assert done["interactions"].frame["channel"].tolist() == ["voice"]


def test_json_lines_end_at_line_feeds_alone(tmp_path):
    people = [{"tel": "+4930123"}, {"name": "Ann", "role": "agent"}]
    odd = [
        vcon(name, people, talk()) | {"subject": f"one{mark}two"}
        for name, mark in zip("abc", "\u2028\u2029\x85", strict=True)
    ]
    source = tmp_path / "a.vcon"
    source.write_bytes("\r\n".join(json.dumps(r, ensure_ascii=False) for r in odd).encode())
    done = import_table(find_mappings("vcon/interactions")[0], source)
    assert (done.rows, done.frame["interaction_id"].tolist()) == (3, ["a", "b", "c"])
    assert done.frame["disposition"].tolist() == ["one\u2028two", "one\u2029two", "one\x85two"]


def event(kind, clock, visitor, user=None, **more):
    return {
        "type": kind,
        "anonymousId": visitor,
        "userId": user,
        "messageId": f"{clock}{kind}",
        "timestamp": stamp(clock),
        **more,
    }


def people(folder):
    """Customers of each visit, by the visit's start."""
    data = read_data(folder)
    centre = Centre.model_validate({"queues": {"web": {"channel": "web", "law": "immediate"}}})
    now = at("23:00:00").to_pydatetime()
    inputs = ChainInputs(centre, data["interactions"], now, identity_links=data["identity_links"])
    tables = build_chains(inputs, ChainSettings()).tables
    of = tables["chains"].set_index("chain_id")["customer_id"]
    members = tables["chain_members"].set_index("interaction_id")["chain_id"].map(of)
    seen = data["interactions"].set_index("interaction_id")["started_at"]
    return {seen[name].strftime("%H:%M"): members[name] for name in seen.sort_values().index}


BEFORE = event("page", "08:00:00", "v1")
INSIDE = [event("page", "09:00:00", "v1"), event("identify", "09:05:00", "v1", "C7")]
AT_ONCE = [event("identify", "09:00:00", "v1", "C7"), event("page", "09:05:00", "v1")]


@pytest.mark.parametrize(("logged", "batches"), [(INSIDE, 1), (AT_ONCE, 2), (AT_ONCE, -2)])
def test_a_login_gives_the_visitor_its_past_in_whatever_order(tmp_path, logged, batches):
    pieces = [[BEFORE, *logged]] if batches == 1 else [[BEFORE], logged][:: 1 if batches > 0 else -1]
    for events in pieces:
        (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, events)))
        for path in find_mappings("web_events"):
            import_into(path, tmp_path / "e.jsonl", tmp_path / "data", append=True)
    assert people(tmp_path / "data") == {"08:00": "C7", "09:00": "C7"}


def test_a_visitor_that_two_users_log_in_from_is_parted_at_the_second_login(tmp_path):
    events = [
        BEFORE,
        *INSIDE,
        event("page", "09:06:00", "v1"),
        event("identify", "09:10:00", "v1", "C8"),
        event("page", "09:15:00", "v1", "C8"),
        event("page", "20:00:00", "v1"),
    ]
    (tmp_path / "e.jsonl").write_text("\n".join(map(json.dumps, events)))
    for path in find_mappings("web_events"):
        import_into(path, tmp_path / "e.jsonl", tmp_path / "data")
    assert people(tmp_path / "data") == {"08:00": "C7", "09:00": "C7", "09:10": "C8", "20:00": "C8"}


def test_an_alias_joins_the_ids_it_names(tmp_path):
    events = [
        event("page", "09:00:00", "v1"),
        event("page", "09:01:00", "v2", "old"),
        {
            "type": "alias",
            "messageId": "m1",
            "timestamp": stamp("09:02:00"),
            "previousId": "v1",
            "userId": "C7",
        },
        {
            "type": "alias",
            "messageId": "m2",
            "timestamp": stamp("09:03:00"),
            "previousId": "old",
            "userId": "C8",
        },
        event("alias", "09:04:00", "v3", "C9", previousId="v9"),
        event("alias", "09:05:00", "v4", previousId="v5"),
        event("alias", "09:06:00", "v6", "C7"),
    ]
    done = bring(tmp_path, "web_events", events)["identity_links"]
    found = done.frame[["id_a", "type_a", "id_b", "type_b"]].to_numpy().tolist()
    assert sorted(found) == [
        ["old", "customer_id", "C8", "customer_id"],
        ["v1", "anonymous", "C7", "customer_id"],
        ["v2", "anonymous", "old", "customer_id"],
        ["v3", "anonymous", "C9", "customer_id"],
        ["v5", "anonymous", "v4", "anonymous"],
        ["v6", "anonymous", "C7", "customer_id"],
        ["v9", "anonymous", "C9", "customer_id"],
    ]
    assert done.rows == 7


def test_one_phone_and_one_mailbox_of_two_sources_are_one_customer(tmp_path):
    call = overflowing(waited("B", "09:02:00", "09:02:30"))
    call["participants"][0]["sessions"][0]["ani"] = "tel:+49 (0)30 123-45"
    mail = overflowing() | {"conversationId": "c2"}
    mail["participants"][0] = {
        "purpose": "customer",
        "sessions": [{"mediaType": "email", "addressFrom": "Anna@X.de"}],
    }
    later = contact("k1", "INBOUND", "11:00:00", "11:01:00", "11:03:00")
    later["CustomerEndpoint"]["Address"] = "004930 12345"
    answer = contact("k2", "INBOUND", "12:00:00", "12:01:00", "12:03:00", Channel="EMAIL")
    answer["CustomerEndpoint"] = {"Address": "mailto:anna@x.de", "Type": "EMAIL_ADDRESS"}
    odd = contact("k3", "INBOUND", "13:00:00", "13:01:00", "13:03:00")
    odd["CustomerEndpoint"] = {"Address": "sip:shop@x.de", "Type": "VOIP"}
    one = bring(tmp_path, "genesys_conversations", [call, mail])["interactions"].frame
    two = bring(tmp_path, "amazon_connect", [later, answer, odd])["interactions"]
    keys = ["customer_key", "key_type"]
    wanted = [["+493012345", "phone"], ["anna@x.de", "email"]]
    assert one[keys].to_numpy().tolist() == wanted
    assert two.frame[keys].to_numpy().tolist() == [*wanted, ["sip:shop@x.de", "other"]]
    told = two.flagged.set_index("reason")["rows"].to_dict()
    assert told == {"key_type: 'VOIP' is not in the map, taken for 'other'": 1}
