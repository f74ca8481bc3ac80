"""Cut activities out of work segments; what was a partition of a shift stays one."""

from collections.abc import Mapping

import pandas as pd

from wfo.domain.activities import Kind
from wfo.timegrid import epoch_min, from_epoch_min

Cut = tuple[int, int, str, str]
"""Begin and end in minutes since the epoch, activity, request id."""


def split(schedule: pd.DataFrame, cuts: Mapping[int, list[Cut]]) -> pd.DataFrame:
    """Schedule with off-phone segments in place of parts of work segments.

    Parameters
    ----------
    schedule : DataFrame
    cuts : mapping of int to list
        By row number of a work segment; inside it and disjoint.

    Returns
    -------
    DataFrame
        Ordered by agent and start.
    """
    begin, end = epoch_min(schedule["start"]), epoch_min(schedule["end"])
    records = schedule.to_dict("records")
    rows = []
    for number, record in enumerate(records):
        now = int(begin[number])
        for first, last, activity, request in sorted(cuts.get(number, ())):
            if first > now:
                rows.append({**record, "start": now, "end": first})
            rows.append(
                {
                    **record,
                    "start": first,
                    "end": last,
                    "activity": activity,
                    "kind": Kind.OFF_PHONE.value,
                    "queues": [],
                    "main_queue": None,
                    "activity_request_id": request,
                }
            )
            now = last
        if now < end[number]:
            rows.append({**record, "start": now, "end": int(end[number])})
    out = pd.DataFrame(rows, columns=schedule.columns)
    for side in ("start", "end"):
        out[side] = from_epoch_min(out[side].to_numpy(dtype="int64"))
    for name in schedule.columns.difference(["start", "end"]):
        out[name] = out[name].astype(schedule[name].dtype if name != "activity_request_id" else "str")
    return out.sort_values(["agent_id", "start"], ignore_index=True)
