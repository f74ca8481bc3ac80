"""Work attributed to the intervals in which it was done, not to the one in which the contact came."""

import numpy as np
import pandas as pd

from wfo.timegrid import epoch_ms, from_epoch_min

_PARTS = ("talk_s", "hold_s", "wrap_s")


def worked_by_interval(
    interactions: pd.DataFrame,
    segments: pd.DataFrame | None = None,
    *,
    step_min: int,
    start_min: int = 0,
) -> pd.DataFrame:
    """Agent work by queue and interval.

    Parameters
    ----------
    interactions : DataFrame
        After the table contract; of contacts with ``answered_at`` and ``handle_s`` work begins with the
        answer, the others have none.
    segments : DataFrame, optional
        After the table contract: a contact that has segments with an answer is counted by them, each with its
        own queue, its talk, hold and wrap time divided by its concurrency; the others by their one row.
    step_min : int
        Length of an interval in minutes.
    start_min : int
        Minutes since 1970 UTC of any interval's start.

    Returns
    -------
    DataFrame
        queue, interval_start, worked_s, ordered by key; sums are over whole milliseconds.
    """
    rows = _whole(interactions)
    if segments is not None and len(segments):
        parts = _parts(segments)
        rows = pd.concat([rows[~rows["interaction_id"].isin(parts["interaction_id"])], parts])
    queues = np.asarray(sorted(rows["queue"].unique()), dtype=object)
    code = pd.Categorical(rows["queue"], categories=queues).codes.astype(np.int64)
    begin = rows["begin_ms"].to_numpy(dtype=np.int64) - start_min * 60_000
    cells = _spread(code, begin, rows["work_ms"].to_numpy(dtype=np.int64), step_min * 60_000)
    summed = cells.groupby(["code", "slot"], sort=True)["ms"].sum().reset_index()
    return pd.DataFrame(
        {
            "queue": pd.Series(queues[summed["code"]], dtype="str"),
            "interval_start": pd.Series(from_epoch_min(start_min + summed["slot"].to_numpy() * step_min)),
            "worked_s": summed["ms"].to_numpy() / 1000,
        }
    )


def _whole(interactions: pd.DataFrame) -> pd.DataFrame:
    if not {"queue", "answered_at", "handle_s"} <= set(interactions.columns):
        return pd.DataFrame({"interaction_id": [], "queue": [], "begin_ms": [], "work_ms": []})
    served = interactions[
        (
            interactions["queue"].notna()
            & interactions["answered_at"].notna()
            & (interactions["handle_s"] > 0)
        ).to_numpy()
    ]
    return _rows(served, served["handle_s"])


def _parts(segments: pd.DataFrame) -> pd.DataFrame:
    served = segments[(segments["queue"].notna() & segments["answered_at"].notna()).to_numpy()]
    work = sum(
        (served[part].fillna(0) for part in _PARTS if part in served), pd.Series(0.0, index=served.index)
    )
    if "concurrency" in served.columns:
        work = work / served["concurrency"].fillna(1)
    return _rows(served, work)


def _rows(served: pd.DataFrame, work_s: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "interaction_id": served["interaction_id"],
            "queue": served["queue"],
            "begin_ms": epoch_ms(served["answered_at"]),
            "work_ms": np.rint(work_s.to_numpy(dtype=np.float64) * 1000).astype(np.int64),
        }
    )


def _spread(code: np.ndarray, begin: np.ndarray, work: np.ndarray, step: int) -> pd.DataFrame:
    """One row for each interval that each piece of work touches."""
    first = begin // step
    touched = np.maximum((begin + work - 1) // step - first + 1, 1)
    row = np.repeat(np.arange(len(begin)), touched)
    slot = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(touched) - touched, touched)
    ms = np.minimum(begin[row] + work[row], (slot + 1) * step) - np.maximum(begin[row], slot * step)
    return pd.DataFrame({"code": code[row], "slot": slot, "ms": ms})
