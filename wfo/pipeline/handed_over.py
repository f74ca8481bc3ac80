"""What the week before hands to the planning week: its published run, or the week planned just before."""

import datetime as dt
from pathlib import Path

import pandas as pd

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


def backlog_with(own: pd.DataFrame, before: CarryOver | None, *, over: bool) -> pd.DataFrame:
    """Deferred work at the week's start: as the log has it, or as the week before leaves it.

    Parameters
    ----------
    own : DataFrame
        From the log, as of `wfo.pipeline.backlog.backlog_at`.
    before : CarryOver or None
        A week without a forecast leaves no word of its work, and one planned by an earlier version none that
        can be trusted; they have no column ``came``.
    over : bool
        Whether the log reaches to the week's start: what has happened stands above what was planned.
    """
    if over or before is None or "came" not in before.backlog.columns:
        return own
    return before.backlog[list(own.columns)].reset_index(drop=True)


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
