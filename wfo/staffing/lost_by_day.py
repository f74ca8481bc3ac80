"""Absence as it was: the share of work time that people lost on each day of a week that has been."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from wfo.staffing.settings import Loss
from wfo.staffing.shrinkage import estimated_shrinkage, lost_share
from wfo.timegrid import TimeGrid


def lost_by_day(
    states: pd.DataFrame | None, grid: TimeGrid, zone: str, losses: Mapping[str, Loss]
) -> dict[dt.date, float]:
    """Unscheduled shrinkage of each day of a week, reckoned as staffing estimates it from many days.

    Parameters
    ----------
    states : DataFrame or None
        Table ``agent_states``.
    grid : TimeGrid
        The week.
    zone : str
        Of local days, by which a state's start is taken.
    losses : mapping of str to Loss
        What each state is; states that are not named are work.

    Returns
    -------
    dict of date to float
        Days without a state are left out.
    """
    if states is None or states.empty:
        return {}
    begin, end = pd.Timestamp(grid.start), pd.Timestamp(grid.end)
    own = states[((states["start"] >= begin) & (states["start"] < end)).to_numpy()]
    date = pd.DatetimeIndex(own["start"]).tz_convert(zone).date
    return {
        day: lost_share(estimated_shrinkage(own[date == day], zone, losses), Loss.UNSCHEDULED)
        for day in sorted(set(date))
    }
