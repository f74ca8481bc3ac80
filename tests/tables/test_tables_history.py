import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from table_frames import interactions

from wfo.tables.check import check_table
from wfo.tables.history import interval_counts
from wfo.tables.read import read_data

START = pd.Timestamp("2025-03-03 08:00", tz="UTC")
ROWS = st.tuples(
    st.sampled_from(["b", "a", ""]),
    st.integers(0, 7200),
    st.sampled_from(["handled", "abandoned", "open", "transferred"]),
    st.sampled_from(["in", "in", "out"]),
    st.integers(0, 20),
    st.integers(0, 900_000),
)


def log(rows):
    start = [START + pd.Timedelta(seconds=r[1]) for r in rows]
    return read_data(
        {
            "interactions": pd.DataFrame(
                {
                    "interaction_id": [str(k) for k in range(len(rows))],
                    "channel": "voice",
                    "queue": [r[0] for r in rows],
                    "direction": [r[3] for r in rows],
                    "started_at": start,
                    "outcome": [r[2] for r in rows],
                    "wait_s": [float(r[4]) for r in rows],
                    "handle_s": [r[5] / 1000 if r[2] != "abandoned" else np.nan for r in rows],
                }
            )
        }
    )["interactions"]


def brute(rows, step_min):
    """The same by a loop over rows."""
    cells = {}
    for queue, second, outcome, direction, wait, handle_ms in rows:
        if not queue or direction == "out":
            continue
        cell = cells.setdefault((queue, second // (60 * step_min)), [0, 0, 0, 0, 0, 0])
        cell[0] += 1
        if outcome == "abandoned":
            cell[2] += 1
            cell[3] += wait < 5
        elif outcome != "open":
            cell[1] += 1
            cell[4] += handle_ms
            cell[5] += 1000 * wait
    return [
        (q, START + pd.Timedelta(minutes=t * step_min), step_min, *c[:4], c[4] / 1000, c[5] / 1000)
        for (q, t), c in sorted(cells.items())
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=40), st.sampled_from([15, 30, 60]))
def test_counts_agree_with_a_loop_and_with_any_order_of_rows(rows, step_min):
    frame = log(rows)
    counts = interval_counts(frame, step_min=step_min)
    assert list(counts.itertuples(index=False, name=None)) == brute(rows, step_min)
    again = interval_counts(frame.iloc[::-1], step_min=step_min)
    pd.testing.assert_frame_equal(counts, again)
    assert check_table("queue_intervals", counts, "counts") == []


def test_the_wait_comes_from_the_answer_where_it_is_not_given():
    answered = ["2025-03-03T08:00:12Z", "", "2025-03-03T11:59:00Z"]
    frame = read_data({"interactions": interactions(answered_at=answered)})["interactions"]
    counts = interval_counts(frame, step_min=30)
    assert counts.set_index("queue")["wait_s_total"].tolist() == pytest.approx([12.0, 13140.0])


def test_short_abandons_have_a_threshold_by_queue():
    frame = log([("a", 0, "abandoned", "in", 7, 0), ("b", 0, "abandoned", "in", 7, 0)])
    assert interval_counts(frame, step_min=15)["abandoned_short"].tolist() == [0, 0]
    by_queue = interval_counts(frame, step_min=15, short_s={"a": 10.0, "b": 7.0})
    assert by_queue["abandoned_short"].tolist() == [1, 0]


def test_no_contacts_give_no_rows():
    counts = interval_counts(log([("a", 0, "open", "out", 0, 0)]), step_min=15)
    assert len(counts) == 0
    assert str(counts["interval_start"].dtype) == "datetime64[us, UTC]"


def test_intervals_start_where_the_grid_does():
    """In Kolkata hours of the day begin at half past the hour of UTC."""
    frame = log([("a", 600, "handled", "in", 0, 60), ("a", 2400, "handled", "in", 0, 60)])
    start = int(frame["started_at"].min().floor("h").timestamp()) // 60 - 30
    counts = interval_counts(frame, step_min=60, start_min=start)
    assert counts["interval_start"].dt.minute.tolist() == [30, 30]
    assert counts["offered"].tolist() == [1.0, 1.0]
