"""Absence of a plan that is played against a week that has been: each day's own share of lost time."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.draws import word_of
from wfo.simulation.staffing import Staffing


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
