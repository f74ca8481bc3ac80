"""Ready mappings on records written from the sources' documented field names."""

import json

import pandas as pd
import pytest

from wfo.errors import TableError
from wfo.tables.importer import import_table
from wfo.tables.mapping_files import find_mappings, ready_mappings
from wfo.tables.read import read_data


def bring(tmp_path, name, text, file="records.json"):
    """Tables of a ready mapping, by name; each is readable data, and every source row is accounted for."""
    source = tmp_path / "source"
    source.mkdir(exist_ok=True)
    (source / file).write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    done = {path.stem: import_table(path, source) for path in find_mappings(name)}
    for one in done.values():
        assert one.rows == counted(source / file)
        told = one.summary().groupby("outcome")["rows"].sum()
        assert one.rows == told.drop(["further", "flagged"], errors="ignore").sum() - told.get("further", 0)
    read_data({table: one.frame for table, one in done.items() if len(one.frame)})
    return done


def counted(path):
    """Records of a file, counted without the engine."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        return len(text.splitlines()) - 1
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        return len(text.splitlines())
    if isinstance(whole, dict):
        whole = next((v for k, v in whole.items() if isinstance(v, list) and k not in NOT_RECORDS), [whole])
    return len(whole)


NOT_RECORDS = ("objects", "objectTypes", "eventTypes", "parties", "dialog")


def at(clock):
    return pd.Timestamp(f"2025-03-03T{clock}", tz="UTC")


def part(kind, start, end, **more):
    return {
        "segmentType": kind,
        "segmentStart": f"2025-03-03T{start}Z",
        "segmentEnd": f"2025-03-03T{end}Z",
        **more,
    }


CALL = {
    "conversationId": "c1",
    "conversationStart": "2025-03-03T09:00:00.000Z",
    "conversationEnd": "2025-03-03T09:12:00.000Z",
    "originatingDirection": "inbound",
    "participants": [
        {
            "purpose": "customer",
            "externalContactId": "ext-7",
            "sessions": [{"mediaType": "voice", "ani": "tel:+493012345"}],
        },
        {
            "purpose": "acd",
            "sessions": [
                {
                    "mediaType": "voice",
                    "segments": [part("interact", "09:01:00", "09:02:00", queueId="billing")],
                }
            ],
        },
        {
            "purpose": "agent",
            "userId": "ann",
            "sessions": [
                {
                    "mediaType": "voice",
                    "segments": [
                        part("alert", "09:01:50", "09:02:00", queueId="billing"),
                        part("interact", "09:02:00", "09:05:00", queueId="billing"),
                        part("hold", "09:05:00", "09:06:00", queueId="billing"),
                        part("wrapup", "09:06:00", "09:06:30", wrapUpCode="moved"),
                    ],
                }
            ],
        },
        {
            "purpose": "acd",
            "sessions": [{"segments": [part("interact", "09:06:00", "09:07:00", queueId="technical")]}],
        },
        {
            "purpose": "agent",
            "userId": "bob",
            "sessions": [
                {
                    "mediaType": "voice",
                    "segments": [
                        part("interact", "09:07:00", "09:12:00", queueId="technical"),
                        part("wrapup", "09:12:00", "09:13:00", wrapUpCode="fixed"),
                    ],
                }
            ],
        },
    ],
}
LOST = {
    "conversationId": "c2",
    "conversationStart": "2025-03-03T10:00:00Z",
    "conversationEnd": "2025-03-03T10:01:30Z",
    "originatingDirection": "inbound",
    "participants": [
        {"purpose": "customer", "sessions": [{"mediaType": "voice", "ani": "tel:+493099"}]},
        {
            "purpose": "acd",
            "sessions": [{"segments": [part("interact", "10:00:10", "10:01:30", queueId="billing")]}],
        },
    ],
}
MENU = {
    "conversationId": "c3",
    "conversationStart": "2025-03-03T11:00:00Z",
    "conversationEnd": "2025-03-03T11:01:00Z",
    "originatingDirection": "inbound",
    "participants": [
        {"purpose": "customer", "sessions": [{"mediaType": "voice"}]},
        {"purpose": "ivr", "sessions": [{"segments": [part("ivr", "11:00:00", "11:01:00")]}]},
    ],
}


def test_genesys_conversations_keep_transfers_as_segments(tmp_path):
    done = bring(tmp_path, "genesys_conversations", {"conversations": [CALL, LOST, MENU, {"x": 1}]})
    contacts = done["interactions"].frame.set_index("interaction_id")
    call = contacts.loc["c1"]
    assert (call["queue"], call["agent_id"], call["disposition"]) == ("billing", "bob", "fixed")
    assert (call["started_at"], call["answered_at"]) == (at("09:01:00"), at("09:02:00"))
    assert (call["wait_s"], call["transfers"]) == (60, 1)
    assert call["handle_s"] == (180 + 60 + 30) + (300 + 60)
    assert (call["customer_id"], call["key_type"]) == ("ext-7", "phone")
    assert (contacts.loc["c2", "outcome"], contacts.loc["c2", "wait_s"]) == ("abandoned", 80)
    assert contacts.loc["c3", "outcome"] == "contained"
    assert done["interactions"].refused["reason"].tolist() == ["no conversationId"]
    segments = done["segments"].frame
    assert segments["queue"].tolist() == ["billing", "technical", "billing"]
    assert segments["outcome"].tolist() == ["transferred", "handled", "abandoned"]
    assert segments["queued_at"].tolist() == [at("09:01:00"), at("09:06:00"), at("10:00:10")]
    assert segments["hold_s"].fillna(-1).tolist() == [60, 0, -1]
    told = done["segments"].summary().set_index("outcome")["rows"].to_dict()
    assert told == {"kept": 3, "further": 1, "empty": 1, "unreadable": 1}
    assert done["segments"].refused["reason"].tolist() == ["no conversationId"]


def test_genesys_intervals_are_summed_over_skills_and_languages(tmp_path):
    text = (
        "Interval Start UTC Date,Queue,Media Type,Skill Set,Language,Offered,Interactions Handled ,"
        "Total Handle Time (Seconds)\n"
        "2025-03-03T09:00:00Z,Billing,Voice,a|||b,Spanish,16,15,6000\n"
        "2025-03-03T09:00:00Z,Billing,Voice,,English,4,4,1000\n"
        "2025-03-03T09:30:00Z,Billing,Voice,,English,x,4,1000\n"
        "2025-03-03T09:30:00Z,Billing,Voice,,English,-1,4,1000\n"
        "2025-03-03T10:30:00Z,Billing,Voice,,English,5,5,900\n"
    )
    done = bring(tmp_path, "genesys_intervals", text, file="history.csv")["queue_intervals"]
    assert done.frame[["offered", "answered", "handle_s_total"]].to_numpy().tolist() == [
        [20, 19, 7000],
        [5, 5, 900],
    ]
    assert done.frame["interval_min"].tolist() == [30, 30]
    assert (done.rows, done.folded) == (5, 1)
    assert done.refused["row"].tolist() == [4, 5]
    assert done.refused["reason"].str.startswith("offered: not a number").all()


def record(contact, update, **more):
    return {
        "ContactId": contact,
        "InitialContactId": None,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2025-03-03T09:00:00Z",
        "DisconnectTimestamp": "2025-03-03T09:10:00Z",
        "LastUpdateTimestamp": f"2025-03-03T{update}Z",
        "CustomerEndpoint": {"Address": "+4930123", "Type": "TELEPHONE_NUMBER"},
        "Queue": {"Name": "billing", "EnqueueTimestamp": "2025-03-03T09:01:00Z", "Duration": 60},
        "Agent": {
            "Username": "ann",
            "ConnectedToAgentTimestamp": "2025-03-03T09:02:00Z",
            "AgentInteractionDuration": 400,
            "CustomerHoldDuration": 20,
            "AfterContactWorkDuration": 30,
            "AfterContactWorkEndTimestamp": "2025-03-03T09:10:30Z",
        },
        **more,
    }


def test_amazon_connect_keeps_the_latest_record_of_a_contact(tmp_path):
    records = [
        record("k1", "09:11:00", DisconnectReason="early"),
        record("k1", "09:20:00", DisconnectReason="CUSTOMER_DISCONNECT", NextContactId="k2"),
        record("k1", "09:11:00", DisconnectReason="early"),
        record("k2", "09:30:00", InitiationMethod="TRANSFER", PreviousContactId="k1", InitialContactId="k1"),
        record("k3", "09:30:00", Agent=None),
        record("k4", "09:30:00", Channel="FAX"),
        record("k5", "09:30:00", InitiationMethod="MONITOR"),
    ]
    text = "\n".join(json.dumps(r) for r in records) + '\n{"ContactId": "cut o\n'
    done = bring(tmp_path, "amazon_connect", text, file="part-0001")
    contacts = done["interactions"].frame.set_index("interaction_id")
    assert contacts.index.tolist() == ["k1", "k3"]
    assert contacts["disposition"].fillna("").tolist() == ["CUSTOMER_DISCONNECT", ""]
    assert contacts["outcome"].tolist() == ["handled", "abandoned"]
    assert contacts["handle_s"].fillna(-1).tolist() == [900, -1]
    assert contacts["transfers"].tolist() == [1, 0]
    assert contacts["parent_id"].isna().all()
    assert done["interactions"].folded == 1
    parts = done["segments"].frame
    assert parts[["interaction_id", "seq"]].to_numpy().tolist() == [
        ["k1", 1],
        ["k1", 2],
        ["k3", 1],
        ["k4", 1],
    ]
    reasons = done["interactions"].refused.set_index("row")["reason"]
    assert reasons.loc[[1, 3]].str.contains("a later record").all()
    assert "'FAX'" in reasons.loc[6]
    assert "listening in" in reasons.loc[7]
    assert reasons.loc[8].startswith("no JSON")


def test_nice_cxone_climbs_to_the_first_master(tmp_path):
    def contact(name, master, **more):
        return {
            "contactId": name,
            "masterContactId": master,
            "contactStart": "2025-03-03T09:00:00Z",
            "mediaTypeName": "Call",
            "skillName": "billing",
            "agentId": 44,
            "fromAddr": "4930123",
            "preQueueSeconds": 10,
            "inQueueSeconds": 20,
            "agentSeconds": 100,
            "acwSeconds": 5,
            "totalDurationSeconds": 130,
            "abandoned": False,
            "isOutbound": False,
            **more,
        }

    rows = [
        contact(1, 1),
        contact(2, 1),
        contact(3, 2),
        contact(4, 9, abandoned=True, agentSeconds=0, agentId=None),
        contact(5, 6),
        contact(6, 5),
    ]
    done = bring(tmp_path, "nice_cxone", {"completedContacts": rows})["interactions"]
    frame = done.frame.set_index("interaction_id")
    assert frame["case_id"].tolist() == ["1", "9"]
    assert frame["parent_id"].fillna("").tolist() == ["", "9"]
    assert (frame["transfers"].tolist(), done.folded) == ([2, 0], 2)
    assert (frame.loc["1", "started_at"], frame.loc["1", "answered_at"]) == (at("09:00:10"), at("09:00:30"))
    assert frame["handle_s"].fillna(-1).tolist() == [315, -1]
    assert frame.loc["4", "outcome"] == "abandoned"
    assert done.refused["reason"].tolist() == ["its masters go round in a circle"] * 2


def test_zendesk_waits_are_rebuilt_without_the_pauses(tmp_path):
    def event(kind, clock, ticket=7, instance=1, metric="reply_time"):
        return {
            "id": 1,
            "ticket_id": ticket,
            "metric": metric,
            "instance_id": instance,
            "type": kind,
            "time": f"2025-03-03T{clock}Z",
        }

    events = [
        event("activate", "09:00:00"),
        event("pause", "09:10:00"),
        event("apply_sla", "09:00:00"),
        event("activate", "10:00:00"),
        event("fulfill", "10:05:00"),
        event("activate", "11:00:00", instance=2),
        event("breach", "12:00:00", ticket=8),
        event("activate", "09:00:00", metric="agent_work_time"),
        event("fulfill", "09:00:00", ticket=9),
        {"ticket_id": 1},
    ]
    done = bring(tmp_path, "zendesk_metric_events", {"ticket_metric_events": events})["interactions"]
    frame = done.frame.set_index("interaction_id")
    assert frame.index.tolist() == ["7/1", "7/2"]
    assert frame.loc["7/1", "wait_s"] == 600 + 300
    assert frame.loc["7/1", "answered_at"] == at("10:05:00")
    assert frame["outcome"].tolist() == ["handled", "open"]
    assert frame["case_id"].tolist() == ["7", "7"]
    assert (done.rows, done.folded) == (10, 4)
    assert len(done.refused) == 4


def test_vcon_dialogs_become_segments(tmp_path):
    container = {
        "vcon": "0.4.0",
        "uuid": "0195544a-b9b1",
        "subject": "invoice",
        "parties": [
            {"tel": "+4930123", "name": "عائشة 🙂"},
            {"name": "Ann", "role": "agent"},
            {"mailto": "bob@example.org", "role": "agent"},
        ],
        "dialog": [
            {
                "type": "recording",
                "start": "2025-03-03T09:00:00+00:00",
                "duration": 300,
                "parties": [0, 1],
                "originator": 0,
            },
            {"type": "transfer", "start": "2025-03-03T09:05:00Z"},
            {"type": "recording", "start": "2025-03-03T09:06:00Z", "duration": 60, "parties": [0, [2]]},
        ],
    }
    lost = {
        "uuid": "x2",
        "parties": [{"name": "عائشة 🙂"}],
        "dialog": [
            {
                "type": "incomplete",
                "start": "2025-03-03T10:00:00Z",
                "disposition": "no-answer",
                "parties": [0],
            }
        ],
    }
    odd = {"uuid": "x3", "dialog": [{"type": "hologram", "start": "2025-03-03T10:00:00Z"}]}
    done = bring(tmp_path, "vcon", "\n".join(map(json.dumps, [container, lost, odd])), file="a.vcon")
    frame = done["interactions"].frame
    assert frame["outcome"].tolist() == ["handled", "abandoned"]
    assert frame["handle_s"].fillna(-1).tolist() == [360, -1]
    assert frame["customer_key"].tolist() == ["+4930123", "عائشة 🙂"]
    assert frame["agent_id"].fillna("").tolist() == ["bob@example.org", ""]
    assert frame["transfers"].tolist() == [1, 0]
    assert done["segments"].frame["agent_id"].tolist() == ["Ann", "bob@example.org"]
    assert done["interactions"].refused["reason"].tolist() == ["unknown dialog type hologram"]


def test_web_events_fold_into_visits_and_say_who_is_who(tmp_path):
    def event(kind, clock, message, **more):
        return {
            "type": kind,
            "anonymousId": "v1",
            "messageId": message,
            "timestamp": f"2025-03-03T{clock}Z",
            **more,
        }

    events = [
        event("page", "09:00:00", "m1", properties={"path": "/bill"}),
        event("track", "09:10:00", "m2", event="Form failed", userId="C7"),
        event("track", "09:10:00", "m2", event="Form failed", userId="C7"),
        event("page", "09:41:00", "m3", context={"page": {"path": "/help"}}),
        event("identify", "09:42:00", "m4", userId="C7"),
        {"type": "page", "messageId": "m5", "timestamp": "2025-03-03T09:00:00Z"},
        event("page", "09:00:00", "m6") | {"timestamp": "2025-03-03 09:00"},
    ]
    done = bring(tmp_path, "web_events", "\n".join(map(json.dumps, events)), file="events.jsonl")
    visits = done["interactions"].frame
    assert visits["started_at"].tolist() == [at("09:00:00"), at("09:41:00")]
    assert visits["session_s"].tolist() == [600, 60]
    assert visits["disposition"].fillna("").tolist() == ["Form failed", ""]
    assert (done["interactions"].rows, done["interactions"].folded) == (7, 2)
    assert len(done["interactions"].refused) == 3
    links = done["identity_links"].frame
    assert links[["id_a", "id_b"]].to_numpy().tolist() == [["v1", "C7"]]


def test_every_ready_mapping_is_tested_here():
    tested = {
        "genesys_conversations",
        "genesys_intervals",
        "amazon_connect",
        "nice_cxone",
        "zendesk_metric_events",
        "vcon",
        "web_events",
    }
    assert set(ready_mappings()) == tested | {"ocel", "generic"}


@pytest.mark.parametrize(
    ("text", "word"),
    [("", "is empty"), ("{broken", "cannot be read as JSON"), ("3", "found a JSON int")],
)
def test_a_file_that_is_no_json_is_told(tmp_path, text, word):
    with pytest.raises(TableError, match=word):
        bring(tmp_path, "vcon", text, file="a.vcon.json")


def test_a_ready_mapping_is_changed_by_extending_it(tmp_path):
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(
        "extends: genesys_conversations/interactions\n"
        "columns:\n  queue: {from: queueId, map: {billing: voice_billing}, default: other}\n"
    )
    (tmp_path / "a.json").write_text(json.dumps([CALL]))
    assert import_table(mapping, tmp_path / "a.json").frame["queue"].tolist() == ["voice_billing"]
    mapping.write_text("extends: genesys_conversations\n")
    with pytest.raises(TableError, match=r"mine.yaml:1:1: .* has several tables"):
        import_table(mapping, tmp_path / "a.json")
    mapping.write_text("extends: genesis\n")
    with pytest.raises(TableError, match=r"mine.yaml:1:1: neither a mapping file"):
        import_table(mapping, tmp_path / "a.json")
