"""On duty: who works at what moment of a schedule, and may serve a queue then."""

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind


def work_for(schedule: pd.DataFrame, queue: str | None) -> pd.DataFrame:
    """Rows of work in which a queue (None: any) may be served; work that names no queue is for all."""
    work = schedule[(schedule["kind"] == Kind.WORK.value).to_numpy()]
    if queue is None:
        return work
    serves = [len(listed) == 0 or queue in listed for listed in work["queues"]]
    return work[np.array(serves, dtype=bool)]


def count_on_duty(schedule: pd.DataFrame, queue: str | None, moments: "pd.Series") -> np.ndarray:
    """People at work at each moment who may serve a queue (None: any), float64, shape (moments,)."""
    rows, times = work_for(schedule, queue), pd.DatetimeIndex(moments)
    starts = np.sort(pd.DatetimeIndex(rows["start"]).as_unit(times.unit).asi8)
    ends = np.sort(pd.DatetimeIndex(rows["end"]).as_unit(times.unit).asi8)
    there = np.searchsorted(starts, times.asi8, side="right") - np.searchsorted(
        ends, times.asi8, side="right"
    )
    return np.asarray(there, dtype=np.float64)


def agents_on_duty(schedule: pd.DataFrame, queue: str, start: pd.Timestamp, end: pd.Timestamp) -> set[str]:
    """Agents who may serve a queue at some time between two moments."""
    rows = work_for(schedule, queue)
    return set(rows.loc[((rows["start"] < end) & (rows["end"] > start)).to_numpy(), "agent_id"])


def agents_away(schedule: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> set[str]:
    """Agents with time off at some time between two moments."""
    rows = schedule[(schedule["kind"] == Kind.TIME_OFF.value).to_numpy()]
    return set(rows.loc[((rows["start"] < end) & (rows["end"] > start)).to_numpy(), "agent_id"])
