"""Fresh contacts that come elsewhere or later: deflection to another queue, and outages."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.lever import Lever, What
from wfo.forecasting.landing import landing
from wfo.forecasting.propagation import land
from wfo.timegrid import TimeGrid


def moved_contacts(
    fresh: np.ndarray,
    levers: Sequence[Lever],
    centre: Centre,
    grid: TimeGrid,
    is_open: np.ndarray,
    notes: list[str],
) -> np.ndarray:
    """Move expected fresh contacts as deflections and outages say.

    Who is deflected comes at the same time; where that queue is closed, in the first hours of its next
    opening. In an outage the share that goes elsewhere does likewise, and the others come in the first
    hours after it. Chains go on from where a contact came.

    Parameters
    ----------
    fresh : ndarray, shape (Q, T)
    levers : sequence of Lever
        In their order.
    centre : Centre
    grid : TimeGrid
    is_open : ndarray of bool, shape (Q, T)
    notes : list of str
        Contacts that find no opening in the week are told here.
    """
    out = fresh.copy()
    local = grid.local(centre.zone)
    minute = np.asarray(local.hour * 60 + local.minute)
    day = grid.local_day_number(centre.zone)
    dates = [local[0].date() + dt.timedelta(days=k) for k in range(int(day[-1]) + 1)]
    for lever in levers:
        if lever.what not in (What.DEFLECTION, What.OUTAGE) or lever.queue is None:
            continue
        first, last = lever.hours_min()
        here = np.array(lever.acts(dates, dates[0]))[day] & (minute >= first) & (minute < last)
        q, share = centre.queue_ids.index(lever.queue), lever.share or 0.0
        leaving = np.where(here, out[q], 0.0)
        lost = leaving.sum() if lever.what is What.OUTAGE else share * leaving.sum()
        out[q] -= leaving if lever.what is What.OUTAGE else share * leaving
        if lever.to_queue is not None:
            to = centre.queue_ids.index(lever.to_queue)
            came = _landed(share * leaving, is_open[to], grid.step_min)
            out[to] += came
            lost -= came.sum()
        if lever.what is What.OUTAGE:
            later = _landed((1 - share) * leaving, is_open[q] & ~here, grid.step_min)
            out[q] += later
            lost -= later.sum()
        if lost > 0.5:
            notes.append(
                f"{lever.what} of {lever.queue}: {lost:,.0f} contacts find no opening before the week ends"
            )
    return out


def _landed(due: np.ndarray, is_open: np.ndarray, step_min: int) -> np.ndarray:
    start, length = landing(is_open[None], step_min)
    return np.asarray(land(due[None], start, length)[0])
