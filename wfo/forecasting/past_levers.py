"""Levers that began before the planning moment: what was measured since then holds them already.

A kernel counted over a log in which R changed is a mixture; with the change known, R before it is what was
counted over the mean factor of the contacts behind it.
"""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfo.domain.lever import Lever, What
from wfo.forecasting.history import History
from wfo.forecasting.laws import Laws
from wfo.forecasting.levers import Causing, day_factor
from wfo.timegrid import epoch_min

_LEAST_MIX = 0.05
_IN_HISTORY = (What.HANDLE_TIME, What.DEFLECTION, What.OUTAGE, What.ABANDONMENT, What.REDIALS, What.PATIENCE)


@dataclass(frozen=True)
class Before:
    """The laws before any lever, and what levers did in history.

    Attributes
    ----------
    laws : Laws
    causing : Causing
    follow_ups : ndarray, shape (D, Q, Q), or None
        Factor on R of contacts of each day of history; None where no lever on R had begun.
    fresh : ndarray, shape (Q, D)
        Factor on fresh demand of each day of history.
    notes : tuple of str
    """

    laws: Laws
    causing: Causing
    follow_ups: np.ndarray | None
    fresh: np.ndarray
    notes: tuple[str, ...]


def before_levers(
    laws: Laws,
    causing: Causing,
    levers: tuple[Lever, ...],
    history: History,
    interactions: pd.DataFrame | None,
) -> Before:
    """Take levers that had begun off the kernel, and say what they did to each day of history.

    Parameters
    ----------
    laws : Laws
        With R as measured.
    causing : Causing
    levers : tuple of Lever
    history : History
    interactions : DataFrame or None
        The log the kernel was counted in.
    """
    dates = [history.first_day + dt.timedelta(days=k) for k in range(int(history.day[-1]) + 1)]
    week = causing.week_start
    notes = tuple(
        f"a lever on {lever.what} began on {lever.start}, before the planning moment; what came since then "
        "holds it in part already, and it acts on top of that"
        for lever in levers
        if lever.what in _IN_HISTORY and lever.start is not None and lever.start < dates[-1]
    )
    fresh = day_factor(What.FRESH, levers, causing.queues, dates, week)
    if not causing.began_before(dates[-1]) or interactions is None or interactions.empty:
        return Before(laws, causing, None, fresh, (*notes, *causing.notes()))
    first = int(epoch_min(interactions["started_at"]).min())
    in_log = history.grid.minutes >= first
    served = np.maximum(history.offered - history.abandoned, 0.0) * in_log
    contacts = np.array([np.bincount(history.day, row, len(dates)) for row in served])
    followed = causing.factor(dates)
    base = laws
    for _ in range(20):  # a lever in percentage points depends on R before it
        mix = np.einsum("qd,dqp->qp", contacts, followed) / np.maximum(contacts.sum(axis=1), 1e-9)[:, None]
        mix = np.where(contacts.sum(axis=1)[:, None] > 0, np.maximum(mix, _LEAST_MIX), 1.0)
        base = laws.scaled(1.0 / mix)
        causing = replace(causing, follow_ups=base.follow_ups)
        following = causing.factor(dates)
        if np.abs(following - followed).max() < 1e-9:
            break
        followed = following
    return Before(base, causing, followed, fresh, (*notes, *causing.notes()))
