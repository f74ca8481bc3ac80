"""What the week before hands to the planning week: its published run, or the week planned just before."""

import datetime as dt
from collections.abc import Set as AbstractSet
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.pipeline.backlog import in_order
from wfo.pipeline.hashing import digest, frame_hash
from wfo.pipeline.published import newest_published
from wfo.tables.carry_over import CarryOver

_WEEK = dt.timedelta(days=7)
_SESSIONS = ["session_id", "agent_id", "coach_id", "behaviour", "format", "start", "minutes", "status"]


def handed_over(runs: Path, first: dt.date) -> CarryOver | None:
    """What the newest published version of the week before a day handed over; None where there is none.

    Raises
    ------
    StoreError
        If it is there and cannot be read.
    """
    folder = newest_published(runs, first - _WEEK)
    if folder is None or not (folder / "carry_over").is_dir():
        return None
    return CarryOver.load(folder / "carry_over")


def hash_of(before: CarryOver | None, *names: str) -> str:
    """What identifies the tables of a hand-over that a stage reads."""
    return "none" if before is None else digest([frame_hash(getattr(before, name)) for name in names])


def logged_queues(interactions: pd.DataFrame | None, now: dt.datetime, start: dt.datetime) -> frozenset[str]:
    """Queues whose open work at the week's start the log tells, not a plan.

    Parameters
    ----------
    interactions : DataFrame or None
        As known at ``now``.
    now, start : datetime
        The planning moment and the week's start; a log that ends earlier tells of none.

    Returns
    -------
    frozenset of str
        Those to which contacts came in the seven days before the week. A queue that is in counts alone, whose
        log ends weeks before, or that only calls people, is not among them.
    """
    if interactions is None or now < start:
        return frozenset()
    late = (interactions["started_at"] >= pd.Timestamp(start - _WEEK)).to_numpy()
    came = (interactions["direction"] == "in").to_numpy()
    return frozenset(interactions.loc[late & came, "queue"].dropna().unique().tolist())


def backlog_with(own: pd.DataFrame, before: CarryOver | None, *, logged: AbstractSet[str]) -> pd.DataFrame:
    """Deferred work at the week's start: queue by queue as the log has it, or as the week before leaves it.

    Parameters
    ----------
    own : DataFrame
        From the log, as of `wfo.pipeline.backlog.backlog_at`.
    before : CarryOver or None
        A week without a forecast leaves no word of its work, and one planned by an earlier version none that
        can be trusted; they have no column ``came``.
    logged : set of str
        As `logged_queues` gives: there, what has happened stands above what was planned. A case belongs to
        the queue it came to. A log does not tell who is still to be called, so people on lists always stand.
    """
    if before is None or "came" not in before.backlog.columns:
        return own
    left = in_order([before.backlog])
    on_list = (left["list"] != "").to_numpy(dtype=bool)
    return in_order([own[_is_of(own, logged)], left[~_is_of(left, logged) | on_list]])


def _is_of(backlog: pd.DataFrame, queues: AbstractSet[str]) -> np.ndarray:
    owner = backlog["queue"].where(backlog["case_of"] == "", backlog["case_of"])
    return owner.isin(sorted(queues)).to_numpy(dtype=bool)


def sessions_with(own: pd.DataFrame | None, before: CarryOver | None) -> pd.DataFrame | None:
    """Coaching sessions with those that the week before has planned, which are not in the log yet."""
    if before is None or before.doses.empty:
        return own
    doses = before.doses
    start = doses["last_at"] - pd.to_timedelta(doses["minutes"], unit="min")
    new = pd.DataFrame(
        {
            "session_id": "planned/" + doses["agent_id"] + "/" + doses["behaviour"],
            "agent_id": doses["agent_id"],
            "coach_id": "",
            "behaviour": doses["behaviour"],
            "format": None,
            "start": start,
            "minutes": doses["minutes"].astype("int64"),
            "status": "done",  # a plan counts on what was planned before it
        }
    )[_SESSIONS]
    if own is None or own.empty:
        return new
    known = set(zip(own["agent_id"], own["start"], strict=True))
    fresh = [key not in known for key in zip(new["agent_id"], new["start"], strict=True)]
    return pd.concat([own, new[fresh]], ignore_index=True).sort_values(
        ["start", "session_id"], ignore_index=True
    )
