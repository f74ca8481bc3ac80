"""Shrinkage: what agents' states say of time lost, by kind, weekday and hour, with its spread."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.domain.contract import Contract
from wfo.domain.hours import DAYS
from wfo.staffing.settings import Loss, StaffSettings
from wfo.timegrid import TimeGrid

ALL = "all"
PRIOR_H = 40.0
"""Agent-hours with the usual share that each weekday and hour is thought to have been seen in besides."""
_HOUR = pd.Timedelta(hours=1)


def estimated_shrinkage(states: pd.DataFrame, zone: str, losses: Mapping[str, Loss]) -> pd.DataFrame:
    """Table ``shrinkage`` from agents' states.

    Each kind takes its share of what the kinds before it leave, absence from the whole time of shifts; the
    kinds follow the order of ``losses``. Unpaid time is neither
    scheduled nor unscheduled shrinkage. ``low`` and ``high`` are the 10 % and 90 % points of the shares of
    single days. A weekday's or an hour's share is drawn to the kind's share where few hours were seen.

    Parameters
    ----------
    states : DataFrame
        Table ``agent_states``.
    zone : str
        Local days and hours.
    losses : mapping of str to Loss
        What each state is; states that are not named are worked time.

    Returns
    -------
    DataFrame
        ``kind, loss, weekday, hour, share, low, high, agent_hours, source``; weekday and hour may be ``all``.
    """
    pieces = _by_hour(states, zone)
    rows = []
    left = pieces
    for kind in [k for k, loss in losses.items() if loss is not Loss.WORK]:
        lost = left["state"] == kind
        if lost.any():
            rows += _shares(left, lost, kind, losses[kind])
            left = left[~lost]
    columns = ["kind", "loss", "weekday", "hour", "share", "low", "high", "agent_hours", "source"]
    return pd.DataFrame(rows, columns=columns)


def _by_hour(states: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Hours in each state by local date and hour of the day."""
    begin = pd.DatetimeIndex(states["start"]).tz_convert(zone)
    end = pd.DatetimeIndex(states["end"]).tz_convert(zone)
    first = begin.floor("h", ambiguous=True, nonexistent="shift_forward")
    count = np.maximum(0, np.ceil((end - first) / _HOUR)).astype(np.int64)
    row = np.repeat(np.arange(len(states)), count)
    step = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
    opens = first[row] + pd.to_timedelta(step, unit="h")
    inside = np.minimum(end[row], opens + _HOUR) - np.maximum(begin[row], opens)
    kinds = pd.Categorical(states["state"].astype(str))
    frame = pd.DataFrame(
        {
            "state": pd.Categorical.from_codes(kinds.codes[row], dtype=kinds.dtype),
            "date": opens.tz_localize(None).normalize(),
            "weekday": opens.day_of_week,
            "hour": opens.hour,
            "hours": inside / _HOUR,
        }
    )
    return frame[frame["hours"] > 0]


def _shares(frame: pd.DataFrame, lost: "pd.Series[bool]", kind: str, loss: Loss) -> list[tuple[object, ...]]:
    part = frame.assign(lost=frame["hours"].where(lost, 0.0))
    share = float(part["lost"].sum() / part["hours"].sum())
    days = part.groupby("date")[["lost", "hours"]].sum()
    daily = (days["lost"] / days["hours"]).to_numpy()
    low, high = (float(np.quantile(daily, q)) for q in (0.1, 0.9))
    whole = (kind, loss.value, ALL, ALL, share, low, high, float(part["hours"].sum()), "estimated")
    out: list[tuple[object, ...]] = [whole]
    cells = part.groupby(["weekday", "hour"], sort=True)[["lost", "hours"]].sum().reset_index()
    drawn = (cells["lost"] + PRIOR_H * share) / (cells["hours"] + PRIOR_H)
    for day, hour, own, hours in zip(cells["weekday"], cells["hour"], drawn, cells["hours"], strict=True):
        out.append((kind, loss.value, DAYS[day], f"{hour:02d}", own, low, high, hours, "estimated"))
    return out


def states_as_paid(states: Mapping[str, Loss], contracts: Mapping[str, Contract]) -> dict[str, Loss]:
    """What states are, breaks as the contracts pay them: scheduled where all do, unpaid where none does.

    Parameters
    ----------
    states : mapping of str to Loss
    contracts : mapping of str to Contract
    """
    known = dict(states)
    for state in states.keys() & {name for contract in contracts.values() for name in contract.breaks}:
        paid = {c.breaks[state].paid for c in contracts.values() if state in c.breaks}
        if known[state] in (Loss.SCHEDULED, Loss.UNPAID) and len(paid) == 1:
            known[state] = Loss.SCHEDULED if paid.pop() else Loss.UNPAID
    return known


def assumed_shrinkage(settings: StaffSettings, *, but: set[str], unscheduled: bool) -> pd.DataFrame:
    """The scenario's figures as rows of table ``shrinkage``, labelled as assumed.

    Parameters
    ----------
    settings : StaffSettings
    but : set of str
        Kinds that were estimated.
    unscheduled : bool
        Whether the figure for all unscheduled kinds together is among them.
    """
    kinds = [(k, Loss.SCHEDULED.value, s) for k, s in settings.scheduled_shrinkage.items() if k not in but]
    if unscheduled:
        kinds.append(("unscheduled", Loss.UNSCHEDULED.value, settings.unscheduled_shrinkage))
    rows = [(k, loss, ALL, ALL, s, s, s, 0.0, "assumed") for k, loss, s in kinds]
    columns = ["kind", "loss", "weekday", "hour", "share", "low", "high", "agent_hours", "source"]
    return pd.DataFrame(rows, columns=columns)


def shrinkage_table(states: pd.DataFrame | None, zone: str, settings: StaffSettings) -> pd.DataFrame:
    """Table ``shrinkage``: estimated where states were seen, else the scenario's figures.

    Parameters
    ----------
    states : DataFrame or None
        Table ``agent_states``.
    zone : str
    settings : StaffSettings
    """
    if states is None or states.empty or settings.shrinkage == "assumed":
        return assumed_shrinkage(settings, but=set(), unscheduled=True)
    found = estimated_shrinkage(states, zone, settings.states)
    lost = found["loss"] == Loss.UNSCHEDULED.value
    scheduled = set(found.loc[found["loss"] == Loss.SCHEDULED.value, "kind"])
    # team_meeting is a meeting
    stood_for = {k for k in settings.scheduled_shrinkage if any(s.endswith(f"_{k}") for s in scheduled)}
    rest = assumed_shrinkage(settings, but=set(found["kind"]) | stood_for, unscheduled=not lost.any())
    return pd.concat([f for f in (found, rest) if len(f)], ignore_index=True) if len(found) else rest


def lost_share(table: pd.DataFrame, loss: Loss) -> float:
    """Share that all kinds of a class take together: 1 − Π(1 − s)."""
    whole = table[(table["loss"] == loss.value) & (table["weekday"] == ALL)]
    return float(1.0 - np.prod(1.0 - whole["share"].to_numpy(dtype=float)))


def unscheduled_by_interval(table: pd.DataFrame, grid: TimeGrid, zone: str) -> np.ndarray:
    """Unscheduled share lost in each interval, shape (T,); the usual one where its hour was never seen.

    Parameters
    ----------
    table : DataFrame
        Table ``shrinkage``.
    grid : TimeGrid
    zone : str
    """
    rows = table[table["loss"] == Loss.UNSCHEDULED.value]
    local = grid.starts.tz_convert(zone)
    at = local.strftime("%a %H")
    left = np.ones(grid.n)
    for _, own in rows.groupby("kind", sort=True):
        usual = float(own.loc[own["weekday"] == ALL, "share"].iloc[0])
        cells = own[own["weekday"] != ALL]
        known = dict(zip(cells["weekday"] + " " + cells["hour"], cells["share"], strict=True))
        left *= 1.0 - np.array([known.get(a, usual) for a in at])
    return 1.0 - left
