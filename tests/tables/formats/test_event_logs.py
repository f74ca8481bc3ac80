"""Object-centric logs come back as they went; XES is well-formed and has every contact once."""

import json
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.tables.contracts import INPUTS
from wfo.tables.formats.ocel import ocel_log
from wfo.tables.formats.xes import write_xes
from wfo.tables.importer import import_table
from wfo.tables.mapping_files import find_mappings
from wfo.tables.read import read_data

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


CELLS = {
    "text": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    "int": st.integers(0, 10**9),
    "number": st.floats(0, 1e9, allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "time": st.integers(0, 10**9).map(
        lambda us: pd.Timestamp("2025-03-03", tz="UTC") + pd.Timedelta(us, "us")
    ),
}
TABLE = INPUTS["interactions"]


@st.composite
def any_contacts(draw):
    """Rows of the table with any cells, each column that may be empty empty in some rows or in all."""
    n = draw(st.integers(1, 5))
    columns = {"interaction_id": [f"{k}{draw(TEXT)}" for k in range(n)]}
    for column in TABLE.columns[1:]:
        cell = st.sampled_from(column.values) if column.type == "enum" else CELLS[column.type]
        if column.optional:
            cell = st.none() | cell
        columns[column.name] = draw(st.lists(cell, min_size=n, max_size=n))
    # Nothing that follows the start may come before it.
    begun = pd.Timestamp("2025-03-02", tz="UTC")
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    frame["started_at"] = begun
    frame["ended_at"] = frame["ended_at"].where(frame["answered_at"].isna(), frame["answered_at"])
    return frame


@settings(max_examples=25, deadline=None)
@given(any_contacts())
def test_nothing_that_the_table_holds_is_lost_on_the_way_there_and_back(tmp_path_factory, given_rows):
    typed = read_data({"interactions": given_rows})["interactions"]
    path = tmp_path_factory.mktemp("log") / "log.json"
    path.write_text(json.dumps(ocel_log(typed), ensure_ascii=False), encoding="utf-8")
    done = import_table(find_mappings("ocel")[0], path)
    assert done.refused.empty
    assert list(done.flagged["rows"]) == [0]
    back = done.frame.reindex(columns=typed.columns)
    pd.testing.assert_frame_equal(
        back.astype(object).where(back.notna(), None), typed.astype(object).where(typed.notna(), None)
    )


def test_further_objects_and_attributes_of_our_own_names_are_kept_and_told(tmp_path):
    log = {
        "objects": [{"id": f"customer:{n}", "type": "customer"} for n in "ab"],
        "events": [
            {
                "id": "e1",
                "type": "voice",
                "time": "2025-03-03T09:00:00Z",
                "attributes": [
                    {"name": "direction", "value": "in"},
                    {"name": "outcome", "value": "handled"},
                    {"name": "id", "value": "not ours"},
                ],
                "relationships": [{"objectId": f"customer:{n}", "qualifier": "customer"} for n in "aab"],
            },
            {"id": "e2", "type": "voice", "time": "2025-03-03T09:00:00Z", "attributes": "none"},
        ],
    }
    (tmp_path / "log.json").write_text(json.dumps(log))
    done = import_table(find_mappings("ocel")[0], tmp_path / "log.json")
    assert done.frame[["interaction_id", "customer_id"]].to_numpy().tolist() == [["e1", "a"]]
    assert done.flagged.to_dict("records") == [
        {"reason": "names several objects of one type; the first counts", "rows": 1}
    ]
    assert done.refused["reason"].str.startswith("not as its source documents it").tolist() == [True]


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
