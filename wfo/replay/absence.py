"""Absence of a plan that is played against a week that has been: as much of each day as was really lost."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.draws import Purpose, uniforms, word_of
from wfo.simulation.staffing import Staffing


def absence_of(
    staffing: Staffing,
    schedule: pd.DataFrame,
    usual: "float | np.ndarray",
    lost: Mapping[dt.date, float],
    *,
    seed: int,
) -> np.ndarray:
    """Probability that each shift is missed, shape (S,).

    On a day whose lost share is known so many shifts are missed as make up that share of its work time, the
    last of them with a probability; which ones is drawn. With that share as the probability of each, chance
    would strike twice: it has made the share what it was.

    Parameters
    ----------
    staffing : Staffing
        Of the schedule.
    schedule : DataFrame
    usual : float or ndarray, shape (S,)
        For the other days.
    lost : mapping of date to float
        From `lost_by_day`.
    seed : int
    """
    shifts = schedule[["agent_id", "schedule_date"]].drop_duplicates()
    day = {
        word_of(f"{agent}/{date}"): date
        for agent, date in zip(shifts["agent_id"].astype(str), shifts["schedule_date"], strict=True)
    }
    out = np.broadcast_to(np.asarray(usual, dtype=np.float64), staffing.shift_word.shape).copy()
    of = np.array([day[word] for word in staffing.shift_word.tolist()], dtype=object)
    begin, starts, _, _, shift, end = staffing.events.T
    work_ms = np.bincount(shift, np.where(starts == 1, end - begin, 0), len(out))
    for date in sorted(set(of.tolist()) & set(lost)):
        own = np.flatnonzero(of == date)
        turn = uniforms(seed, staffing.shift_word[own], int(Purpose.ABSENCE), 1)
        out[own] = _missed(work_ms[own], np.argsort(turn, kind="stable"), lost[date])
    return out


def _missed(work_ms: np.ndarray, order: np.ndarray, share: float) -> np.ndarray:
    """Probability that each shift of a day is missed, so that in order they make up a share of the work."""
    until = np.cumsum(work_ms[order])
    left = share * work_ms.sum() - (until - work_ms[order])
    out = np.zeros(len(order))
    out[order] = np.clip(left / np.maximum(work_ms[order], 1), 0.0, 1.0)
    return out
