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
