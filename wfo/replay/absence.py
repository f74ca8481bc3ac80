"""Absence as it was: the share of work time that people lost on each day of a week that has been."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.draws import word_of
from wfo.simulation.staffing import Staffing
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
    inside = (
        (states["start"] >= pd.Timestamp(grid.start)) & (states["start"] < pd.Timestamp(grid.end))
    ).to_numpy()
    own = states[inside]
    date = pd.DatetimeIndex(own["start"]).tz_convert(zone).date
    return {
        day: lost_share(estimated_shrinkage(own[date == day], zone, losses), Loss.UNSCHEDULED)
        for day in sorted(set(date))
    }


def absence_of(
    staffing: Staffing, schedule: pd.DataFrame, usual: "float | np.ndarray", lost: Mapping[dt.date, float]
) -> np.ndarray:
    """Probability that each shift is missed, shape (S,): the day's own share where it is known.

    Parameters
    ----------
    staffing : Staffing
        Of the schedule.
    schedule : DataFrame
    usual : float or ndarray, shape (S,)
        For the other days.
    lost : mapping of date to float
        From `lost_by_day`.
    """
    shifts = schedule[["agent_id", "schedule_date"]].drop_duplicates()
    day = {
        word_of(f"{agent}/{date}"): date
        for agent, date in zip(shifts["agent_id"].astype(str), shifts["schedule_date"], strict=True)
    }
    out = np.broadcast_to(np.asarray(usual, dtype=np.float64), staffing.shift_word.shape).copy()
    for k, word in enumerate(staffing.shift_word.tolist()):
        out[k] = lost.get(day[word], out[k])
    return out
