"""The bank's calls come in by the mapping file, each trap of the source handled and counted."""

import csv
import datetime as dt
import gzip
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from bank import SHARE, WEEK_START, ZONE

from wfo.scenario.load import load_scenario
from wfo.tables.history import interval_counts
from wfo.tables.read import read_data
from wfo.tables.references import check_references, notes

QUEUES = {
    "PS": "regular",
    "PE": "english",
    "NW": "new_customers",
    "NE": "stock",
    "IN": "internet",
    "TT": "call_back",
}


@pytest.fixture(scope="module")
def calls(bank_source):
    """The raw calls, read without any of our code."""
    with gzip.open(bank_source / "calls.csv.gz", "rt") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(Path(__file__).parent / "bank.yaml")


@pytest.fixture(scope="module")
def data(bank):
    return read_data(bank[0])


def test_every_call_is_kept_or_refused_with_its_reason(bank, calls):
    imported = bank[1]
    phantom = [c for c in calls if c["outcome"] == "PHANTOM"]
    left = [c for c in calls if c["outcome"] == "HANG" and c["q_time_s"] == "0"]
    assert len(imported.frame) + len(imported.refused) == len(calls) == 64_943
    assert imported.refused["reason"].value_counts().to_dict() == {
        "left before queueing": len(left),
        "phantom call": len(phantom),
    }
    out = {c["call_id"] for c in (*phantom, *left)}
    assert set(imported.refused["row"]) == {k + 2 for k, c in enumerate(calls) if c["call_id"] in out}
    assert not set(imported.frame["interaction_id"]) & out


def test_calls_are_what_the_source_says_of_them(bank, calls):
    frame = bank[1].frame.set_index("interaction_id")
    for call in calls[::97]:
        if call["call_id"] not in frame.index:
            continue
        row = frame.loc[call["call_id"]]
        arrived = dt.datetime.fromisoformat(call["arrived_at"]).replace(tzinfo=ZoneInfo(ZONE))
        assert row["started_at"] == arrived + dt.timedelta(seconds=int(call["vru_time_s"]))
        assert row["queue"] == QUEUES[call["service_type"]]
        assert row["wait_s"] == float(call["q_time_s"])
        assert (row["outcome"] == "handled") == (call["outcome"] == "AGENT")
        assert (row["agent_id"] if isinstance(row["agent_id"], str) else "") == call["agent"]


def test_traps_are_counted(bank, calls):
    flagged = bank[1].flagged.set_index("reason")["rows"]
    frame = bank[1].frame
    kept = [c for c in calls if c["outcome"] == "AGENT" or (c["outcome"] == "HANG" and c["q_time_s"] != "0")]
    answered = [c for c in kept if c["outcome"] == "AGENT"]
    over = [c for c in answered if int(c["ser_time_s"]) > 3600]
    assert flagged["negative time in the menu: the queue's clock is taken"] == sum(
        int(c["vru_time_s"]) < 0 for c in kept
    )
    assert flagged["service over an hour: handle time left empty"] == len(over)
    assert flagged["answered, and no agent named"] == sum(c["agent"] == "" for c in answered)
    assert frame.loc[frame["interaction_id"].isin([c["call_id"] for c in over]), "handle_s"].isna().all()
    assert frame["handle_s"].max() <= 3600
    handled = frame["outcome"] == "handled"
    assert handled.sum() == len(answered)
    assert frame.loc[~handled, ["handle_s", "agent_id", "answered_at"]].isna().all(axis=None)
    assert (frame["ended_at"] >= frame["started_at"]).all()


def test_agents_and_skills_are_those_seen_in_the_four_weeks_before(data, calls):
    end = dt.datetime.combine(WEEK_START, dt.time())
    seen = Counter()
    for call in calls:
        queued = dt.datetime.fromisoformat(call["arrived_at"]) + dt.timedelta(seconds=int(call["vru_time_s"]))
        if call["outcome"] == "AGENT" and call["agent"] and end - dt.timedelta(days=28) <= queued < end:
            seen[call["agent"], QUEUES[call["service_type"]]] += 1
    total = Counter()
    for (_, queue), n in seen.items():
        total[queue] += n
    expected = {(a, q) for (a, q), n in seen.items() if n > SHARE * total[q]}
    skills = data["agent_skills"]
    assert set(zip(skills["agent_id"], skills["skill"], strict=True)) == expected
    assert set(data["agents"]["agent_id"]) == {a for a, _ in seen}


def test_the_scenario_fits_the_data(data, scenario):
    assert scenario.centre.week_start == "Sun"
    assert set(scenario.centre.queues) == set(QUEUES.values())
    assert check_references(data, scenario.centre) == []
    said = {Path(p.where.split(", row")[0]).name for p in notes(data, scenario.centre)}
    assert said == {"agents.csv", "interactions.parquet"}


def test_calls_outside_opening_hours_are_kept_and_counted(data, scenario):
    remarks = [p.message for p in notes(data, scenario.centre) if "outside its opening hours" in p.message]
    counted = sum(int(m.split(" ")[0].replace(",", "")) for m in remarks)
    local = data["interactions"]["started_at"].dt.tz_convert(ZONE)
    hour, day = local.dt.hour, local.dt.day_of_week
    opened = (
        (hour >= 7) & ~day.isin([4, 5]) | (day == 4) & (hour >= 7) & (hour < 14) | (day == 5) & (hour >= 20)
    )
    assert counted == (~opened).sum()
    assert 0.005 < counted / len(local) < 0.05


def test_intervals_agree_with_the_counts_beside_the_calls(bank, bank_source, calls):
    """The other file counts by arrival at the menu, and as answered only named agents with some service."""
    other = pd.read_csv(bank_source / "interval30_observed_staffing.csv")
    start = pd.to_datetime(other["interval_start"]).dt.tz_localize(ZONE).dt.tz_convert("UTC").dt.as_unit("us")
    arrived = pd.Series({c["call_id"]: c["arrived_at"] for c in calls})
    frame = bank[1].frame
    served = frame[frame["agent_id"].notna() & (frame["handle_s"] != 0)].reset_index(drop=True)
    local = pd.to_datetime(served["interaction_id"].map(arrived))
    at_menu = served.assign(started_at=local.dt.tz_localize(ZONE).dt.tz_convert("UTC"), queue="all")
    counts = interval_counts(at_menu, step_min=30).set_index("interval_start")["answered"]
    difference = (
        counts.reindex(pd.DatetimeIndex(start), fill_value=0.0).to_numpy() - other["answered"].to_numpy()
    )
    # One call that was hung up names an agent all the same; the other file counts it.
    assert sorted(difference)[:2] == [-1, 0]
    assert difference.sum() == -1
