"""Days of leave: time off over a day's whole start window takes its share of the week's days and hours."""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from wfo.domain.contract import Contract
from wfo.scheduling.shifts import local_min
from wfo.timegrid import epoch_min


def time_off(availability: pd.DataFrame | None) -> dict[str, list[tuple[int, int]]]:
    """Spans of time off by agent, in minutes since the epoch, in order."""
    if availability is None or availability.empty:
        return {}
    off = availability[(availability["kind"] == "time_off").to_numpy()].sort_values(["agent_id", "start"])
    spans: dict[str, list[tuple[int, int]]] = {}
    for agent, begin, end in zip(
        off["agent_id"], epoch_min(off["start"]), epoch_min(off["end"]), strict=True
    ):
        spans.setdefault(str(agent), []).append((int(begin), int(end)))
    return spans


def leave_days(
    off: Sequence[tuple[int, int]], contract: Contract, zone: str, days: Sequence[dt.date]
) -> list[int]:
    """Numbers of the days whose whole start window one span of time off covers."""
    first, last = contract.start.minutes
    windows = [(local_min(day, first, zone), local_min(day, last, zone)) for day in days]
    return [d for d, (low, high) in enumerate(windows) if any(a <= low and high < b for a, b in off)]


def counted_days(contract: Contract, leave: int) -> int:
    """Days of leave that count against the contract's days."""
    return min(leave, round(contract.days.max))


def usual_hours(contract: Contract, days_off: int) -> tuple[float, float]:
    """Paid hours of a week, least and most; days of leave take their share, with a shift step of room.

    Without the room a contract of fixed hours could have no legal week beside a day of leave.
    """
    share = 1.0 - days_off / max(1.0, contract.days.max)
    room = contract.shift_step_min / 60 if days_off else 0.0
    low, high = contract.week_h.min * share - room, contract.week_h.max * share + (room if share > 0 else 0.0)
    return max(0.0, low), high
