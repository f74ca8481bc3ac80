import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.tables.worked import worked_by_interval

DAY = pd.Timestamp("2025-03-03", tz="UTC")


def contacts(rows):
    frame = pd.DataFrame(rows, columns=["interaction_id", "queue", "minute", "handle_s"])
    answered = DAY + pd.to_timedelta(frame["minute"], unit="min")
    return frame.assign(answered_at=pd.Series(answered).astype("datetime64[us, UTC]"))


def test_work_stands_in_the_intervals_in_which_it_was_done():
    frame = contacts([("a", "billing", 10, 1800.0), ("b", "billing", 30, 60.0), ("c", None, 30, 60.0)])
    done = worked_by_interval(frame, step_min=15)
    assert ((done["interval_start"] - DAY).dt.total_seconds() / 60).tolist() == [0, 15, 30]
    assert done["worked_s"].tolist() == [300, 900, 600 + 60]


def test_transferred_work_goes_to_the_queue_that_did_it():
    frame = contacts([("a", "billing", 0, 600.0), ("b", "billing", 0, 60.0)])
    segments = contacts([("a", "billing", 0, 0.0), ("a", "technical", 5, 0.0)]).assign(
        talk_s=[200.0, 300.0], hold_s=[np.nan, 60.0], wrap_s=[40.0, 0.0], concurrency=[np.nan, 2]
    )
    done = worked_by_interval(frame, segments, step_min=15)
    assert done.set_index("queue")["worked_s"].to_dict() == {"billing": 240 + 60, "technical": 180}


def test_two_hours_from_ten_to_midnight_stand_on_both_days():
    frame = contacts([("a", "billing", 23 * 60 + 50, 7200.0)])
    done = worked_by_interval(frame, step_min=30)
    minutes = ((done["interval_start"] - DAY).dt.total_seconds() / 60).tolist()
    assert minutes == [1410, 1440, 1470, 1500, 1530]
    assert done["worked_s"].tolist() == [600, 1800, 1800, 1800, 1200]


def test_work_passed_on_after_midnight_stands_with_the_queue_that_did_it():
    frame = contacts([("a", "billing", 23 * 60 + 50, 7200.0)])
    parts = [("a", "billing", 23 * 60 + 50, 0.0), ("a", "technical", 24 * 60 + 20, 0.0)]
    segments = contacts(parts).assign(talk_s=[1500.0, 5000.0], wrap_s=[300.0, 400.0])
    done = worked_by_interval(frame, segments, step_min=30).set_index(["queue", "interval_start"])["worked_s"]
    assert done.groupby("queue").sum().to_dict() == {"billing": 1800, "technical": 5400}
    after = DAY + pd.Timedelta(days=1)
    assert done["billing", after - pd.Timedelta("30min")] == 600
    assert done["billing", after] == 1200
    assert done["technical", after] == 600
    assert done["technical", after + pd.Timedelta("90min")] == 1200


def test_a_log_without_answers_has_no_work():
    frame = contacts([("a", "billing", 0, 60.0)]).drop(columns="answered_at")
    assert worked_by_interval(frame, step_min=30).empty


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["x", "y"]), st.integers(0, 5000), st.integers(1, 20_000)),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([5, 15, 60]),
    st.integers(0, 59),
)
def test_no_second_is_lost_and_none_is_worked_twice(rows, step, shift):
    frame = contacts([(str(i), q, m, s / 10) for i, (q, m, s) in enumerate(rows)])
    done = worked_by_interval(frame, step_min=step, start_min=shift)
    for queue in {q for q, _, _ in rows}:
        total = sum(s for q, _, s in rows if q == queue) / 10
        assert abs(done.loc[done["queue"] == queue, "worked_s"].sum() - total) < 1e-6
    most = done["worked_s"].max()
    assert 0 < most <= step * 60 * len(rows)
