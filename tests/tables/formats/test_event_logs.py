"""Object-centric logs come back as they went; XES is well-formed and has every contact once."""

import json
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.tables.formats.ocel import ocel_log
from wfo.tables.formats.xes import write_xes
from wfo.tables.importer import import_table
from wfo.tables.mapping import find_mappings

TEXT = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
    .map(str.strip)
    .filter(bool)
)
XES = "{http://www.xes-standard.org/}"


def contacts(names, customers):
    n = len(names)
    start = pd.Timestamp("2025-03-03T09:00:00.000001Z") + pd.to_timedelta(np.arange(n), unit="min")
    return pd.DataFrame(
        {
            "interaction_id": pd.Series([f"{i}{name}" for i, name in enumerate(names)], dtype="str"),
            "customer_id": pd.Series(customers[:n], dtype="str"),
            "channel": pd.Series(np.where(np.arange(n) % 2 == 0, "voice", "email"), dtype="str"),
            "queue": pd.Series(["billing"] * n, dtype="str"),
            "direction": pd.Series(["in"] * n, dtype="str"),
            "started_at": pd.Series(start).astype("datetime64[us, UTC]"),
            "ended_at": pd.Series(start + pd.Timedelta("3min"))
            .astype("datetime64[us, UTC]")
            .where(pd.Series(np.arange(n) % 3 > 0)),
            "handle_s": np.where(np.arange(n) % 3 > 0, 170.25, np.nan),
            "resolved": pd.Series([True, False, None] * n, dtype="boolean")[:n],
            "outcome": pd.Series(["handled"] * n, dtype="str"),
            "chain_id": pd.Series(["k1", None, "k1", "k2"] * n, dtype="str")[:n],
        }
    )


@settings(max_examples=20, deadline=None)
@given(st.lists(TEXT, min_size=4, max_size=6), st.lists(st.none() | TEXT, min_size=6, max_size=6))
def test_an_object_centric_log_comes_back(tmp_path_factory, names, customers):
    frame = contacts(names, customers)
    path = tmp_path_factory.mktemp("log") / "log.json"
    log = ocel_log(frame)
    path.write_text(json.dumps(log, ensure_ascii=False), encoding="utf-8")
    kinds = {kind["name"] for kind in log["objectTypes"]}
    ids = {o["id"] for o in log["objects"]}
    assert all(o["type"] in kinds for o in log["objects"])
    assert all(r["objectId"] in ids for e in log["events"] for r in e["relationships"])
    done = import_table(find_mappings("ocel")[0], path)
    assert done.refused.empty
    columns = [c for c in frame.columns if c != "chain_id"]
    pd.testing.assert_frame_equal(
        done.frame[columns].astype(object).where(done.frame[columns].notna(), None),
        frame[columns].astype(object).where(frame[columns].notna(), None),
    )


def test_events_without_a_time_are_refused(tmp_path):
    log = {"events": [{"id": "e1", "type": "voice"}, {"type": "voice", "time": "2025-03-03T09:00:00Z"}]}
    (tmp_path / "log.json").write_text(json.dumps(log))
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "extends: ocel/interactions\ncolumns:\n  direction: {value: in}\n  outcome: {value: handled}\n"
    )
    done = import_table(mapping, tmp_path / "log.json")
    assert (len(done.frame), done.refused["reason"].tolist()) == (0, ["no time", "no id"])


@settings(max_examples=20, deadline=None)
@given(st.lists(TEXT, min_size=4, max_size=6), st.lists(st.none() | TEXT, min_size=6, max_size=6))
def test_xes_has_a_trace_a_chain_and_every_contact_once(tmp_path_factory, names, customers):
    frame = contacts(names, customers)
    path = tmp_path_factory.mktemp("log") / "log.xes"
    write_xes(frame, path)
    traces = ElementTree.parse(path).getroot().findall(f"{XES}trace")
    found = [
        {cell.get("key"): cell.get("value") for cell in event}
        for trace in traces
        for event in trace.findall(f"{XES}event")
    ]
    assert sorted(e["interaction_id"] for e in found) == sorted(frame["interaction_id"])
    assert len(traces) == frame["chain_id"].nunique() + frame["chain_id"].isna().sum()
    assert {e["concept:name"] for e in found} == {"voice", "email"}
    assert all(pd.Timestamp(e["time:timestamp"]) in set(frame["started_at"]) for e in found)
