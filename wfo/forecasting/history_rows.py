"""Contacts of the log and interval reports as rows of queue, minute and counts, checked."""

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.errors import Problem, TableError
from wfo.timegrid import epoch_min

_SHOWN = 5
COLUMNS = ("queue", "minute", "offered", "abandoned")
"""Columns of both: number of the queue, minute since 1970, contacts, and those of them that gave up."""


def log_rows(centre: Centre, frame: pd.DataFrame | None, now_min: int, notes: list[str]) -> pd.DataFrame:
    """A row a contact of `COLUMNS` that came in before ``now_min``; what is left out is told in ``notes``."""
    if frame is None or frame.empty:
        return pd.DataFrame(columns=COLUMNS, data=np.zeros((0, len(COLUMNS)), dtype=np.int64))
    inbound = frame[(frame["direction"] == "in").to_numpy() & frame["queue"].notna().to_numpy()]
    queue = pd.Index(centre.queue_ids).get_indexer(pd.Index(inbound["queue"]))
    minute = epoch_min(inbound["started_at"])
    unknown = int((queue < 0).sum())
    if unknown:
        notes.append(f"{unknown:,} contacts of queues that the centre does not have are left out")
    keep = (queue >= 0) & (minute < now_min)
    lost = (inbound["outcome"] == "abandoned").to_numpy()
    return pd.DataFrame(
        {
            "queue": queue[keep],
            "minute": minute[keep],
            "offered": 1.0,
            "abandoned": lost[keep].astype(np.float64),
        }
    )


def report_rows(
    centre: Centre, frame: pd.DataFrame | None, now_min: int, step_min: int, notes: list[str]
) -> pd.DataFrame:
    """A row a queue and step of `COLUMNS`, of the reports that end by ``now_min``.

    Raises
    ------
    TableError
        If counts are negative or missing, or intervals do not fit the grid.
    """
    if frame is None or frame.empty:
        return pd.DataFrame(columns=COLUMNS, data=np.zeros((0, len(COLUMNS)), dtype=np.int64))
    _check_reports(frame, step_min)
    queue = pd.Index(centre.queue_ids).get_indexer(pd.Index(frame["queue"]))
    unknown = sorted(set(frame["queue"][queue < 0]))
    if unknown:
        notes.append(
            f"interval reports of queues that the centre does not have are left out: {', '.join(unknown)}"
        )
    start = epoch_min(frame["interval_start"])
    length = frame["interval_min"].to_numpy(dtype=np.int64)
    lost = frame["abandoned"].fillna(0.0) if "abandoned" in frame else np.zeros(len(frame))
    rows = pd.DataFrame(
        {
            "queue": queue,
            "minute": start,
            "offered": frame["offered"].to_numpy(dtype=np.float64),
            "abandoned": np.asarray(lost, dtype=np.float64),
        }
    )
    rows = rows[(queue >= 0) & (start + length <= now_min)]
    parts = np.maximum(length[rows.index] // step_min, 1)
    if (parts > 1).any():
        notes.append("interval reports coarser than the grid are spread evenly over it")
        nth = np.concatenate([np.arange(p) for p in parts])
        rows = rows.loc[np.repeat(rows.index, parts)].reset_index(drop=True)
        wide = np.repeat(parts, parts)
        rows["minute"] += nth * step_min
        rows[["offered", "abandoned"]] = rows[["offered", "abandoned"]].div(wide, axis=0)
    return rows


def _check_reports(frame: pd.DataFrame, step_min: int) -> None:
    problems = []
    for column in ("offered", "abandoned"):
        if column not in frame:
            continue
        values = frame[column].to_numpy(dtype=np.float64)
        bad = (values < 0) | (np.isnan(values) & (column == "offered"))
        rows = np.flatnonzero(bad)
        found = ", ".join(f"{values[r]:g}" for r in rows[:_SHOWN])
        if len(rows):
            where = f"queue_intervals, row {rows[0] + 1}, column '{column}'"
            problems.append(
                Problem(where, f"{len(rows)} counts are negative or missing ({found}); give 0 or more")
            )
    length = frame["interval_min"].to_numpy(dtype=np.int64)
    unfit = np.flatnonzero(
        (length <= 0) | ((length % step_min != 0) & (step_min % np.maximum(length, 1) != 0))
    )
    if len(unfit):
        message = (
            f"{length[unfit[0]]} minutes do not fit the grid of {step_min} minutes; "
            "give intervals that divide it or are multiples of it, or change week.grid_min"
        )
        problems.append(Problem(f"queue_intervals, row {unfit[0] + 1}, column 'interval_min'", message))
    if problems:
        raise TableError(problems)
