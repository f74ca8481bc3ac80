import pandas as pd
import pytest
from table_frames import agents, interactions

from wfo.tables.check import check_table
from wfo.tables.contracts import INPUTS, RUN


def said(name, frame, source="t.csv"):
    return [str(p) for p in check_table(name, frame, source)]


def schedule(**columns):
    frame = pd.DataFrame(
        {
            "agent_id": ["a", "a", "b"],
            "start": ["2025-03-03T08:00Z", "2025-03-03T12:00Z", "2025-03-03T08:00Z"],
            "end": ["2025-03-03T12:00Z", "2025-03-03T12:30Z", "2025-03-03T16:00Z"],
            "schedule_date": "2025-03-03",
            "shift_id": ["a/1", "a/1", "b/1"],
            "activity": "calls",
            "kind": ["work", "break", "work"],
            "paid": "true",
        }
    )
    return frame.assign(**columns)


def test_good_tables_have_no_problems():
    assert said("interactions", interactions()) == []
    assert said("agents", agents()) == []
    assert said("published_schedule", schedule()) == []


def test_unknown_table_is_met_with_a_suggestion():
    assert said("interaction", interactions()) == [
        "t.csv: found table 'interaction', which is unknown; did you mean 'interactions'?"
    ]
    assert "allowed: interactions, outcomes" in said("zebra", interactions())[0]


def test_a_missing_required_column_is_named_and_an_optional_one_is_not():
    assert said("interactions", interactions().drop(columns=["handle_s", "ended_at"])) == []
    assert (
        "t.csv, column 'outcome': is missing"
        in said("interactions", interactions().drop(columns="outcome"))[0]
    )


@pytest.mark.parametrize(
    ("name", "frame", "where", "words"),
    [
        (
            "interactions",
            interactions(interaction_id=["1", "1", "2"]),
            "row 3, column 'interaction_id'",
            "found '1'",
        ),
        (
            "interactions",
            interactions(outcome=["handled", "lost", "open"]),
            "row 3, column 'outcome'",
            "allowed: handled",
        ),
        (
            "interactions",
            interactions(direction=["in", "", "in"]),
            "row 3, column 'direction'",
            "found nothing",
        ),
        (
            "interactions",
            interactions(transfers=["0", "1.5", ""]),
            "row 3, column 'transfers'",
            "whole number",
        ),
        (
            "interactions",
            interactions(resolved=["maybe", "", ""]),
            "row 2, column 'resolved'",
            "true or false",
        ),
        ("interactions", interactions(wait_s="-3"), "row 2, column 'wait_s'", "0 or more"),
        ("interactions", interactions(wait_s="1,5"), "row 2, column 'wait_s'", "decimal point"),
        ("interactions", interactions(started_at="today"), "row 2, column 'started_at'", "an instant"),
        (
            "interactions",
            interactions(promise_due=["2025-03-02T00:00Z", "", ""]),
            "row 2, column 'promise_due'",
            "not before started_at",
        ),
        ("agents", agents(hire_date="soon"), "row 2, column 'hire_date'", "YYYY-MM-DD"),
        ("agents", agents(role="boss"), "row 2, column 'role'", "agent, coach, evaluator"),
        (
            "published_schedule",
            schedule(start=["2025-03-03T12:00Z", "2025-03-03T12:10Z", "2025-03-03T08:00Z"]),
            "row 2, column 'end'",
            "after start",
        ),
        (
            "published_schedule",
            schedule(start=["2025-03-03T08:00Z", "2025-03-03T11:59Z", "2025-03-03T08:00Z"]),
            "row 3, column 'start'",
            "overlaps",
        ),
        (
            "agent_skills",
            pd.DataFrame({"agent_id": ["a"], "skill": ["s"], "speed": ["0"]}),
            "'speed'",
            "above 0",
        ),
        (
            "wishes",
            pd.DataFrame(
                {
                    "agent_id": ["a"],
                    "schedule_date": ["2025-03-03"],
                    "start_earliest": ["8 o'clock"],
                    "sense": ["for"],
                    "weight": ["1"],
                }
            ),
            "'start_earliest'",
            "HH:MM",
        ),
        (
            "queue_intervals",
            pd.DataFrame(
                {
                    "queue": ["q", "q"],
                    "interval_start": ["2025-03-03T08:00Z", "2025-03-03T08:15Z"],
                    "interval_min": ["30", "30"],
                    "offered": ["3", "4"],
                }
            ),
            "row 3, column 'interval_start'",
            "must not overlap",
        ),
    ],
)
def test_each_fault_is_found_at_its_place(name, frame, where, words):
    problems = said(name, frame)
    assert any(where in p and words in p for p in problems), problems


def test_a_long_segment_that_covers_several_is_found():
    frame = schedule(
        agent_id="a",
        start=["2025-03-03T08:00Z", "2025-03-03T09:00Z", "2025-03-03T11:00Z"],
        end=["2025-03-03T16:00Z", "2025-03-03T10:00Z", "2025-03-03T12:00Z"],
    )
    assert [p.split(",")[1] for p in said("published_schedule", frame)] == [" row 3", " row 4"]


def test_twenty_rows_are_named_and_the_rest_counted():
    problems = said("agents", agents(50, contract=""), "agents.csv")
    assert len(problems) == 21
    assert problems[19].startswith("agents.csv, row 21,")
    assert "and 30 more rows like these" in problems[20]


def test_rows_of_frames_count_from_zero():
    assert said("agents", agents(contract=["full", "", "full"]), "agents")[0].startswith("agents, row 1,")


def test_every_contract_names_its_key_among_its_columns():
    for table in (*INPUTS.values(), *RUN.values()):
        assert set(table.key) <= set(table.names), table.name
        assert set(table.known_at) - set(table.names) <= {"interval_end"}, table.name
