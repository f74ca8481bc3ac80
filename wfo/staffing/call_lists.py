"""Outbound lists as deferred work: each day's window of calls is a release and a due instant."""

import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.deferred import CallListSpec
from wfo.errors import InputError, Problem
from wfo.forecasting.opening import open_intervals
from wfo.timegrid import TimeGrid


def windows_of(
    centre: Centre, queue: str, label: str, calls: CallListSpec, grid: TimeGrid
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows of a list's calls in the planning week, and the contacts of each.

    A list is spread evenly over the queue's open hours from its first to its last day; what falls before the
    week is taken for done, what falls after it is left to later weeks.

    Parameters
    ----------
    centre : Centre
    queue, label : str
        Whose list, and its name, for messages.
    calls : CallListSpec
    grid : TimeGrid
        The planning week.

    Returns
    -------
    release, due : ndarray of int64, shape (W,)
        Minutes since the epoch.
    contacts : ndarray, shape (W,)

    Raises
    ------
    InputError
        If the queue is not open between the list's first and last day.
    """
    days = (calls.last - calls.first).days + 1
    own = TimeGrid.of_days(calls.first, days, zone=centre.zone, step_min=grid.step_min)
    is_open = open_intervals(centre, own)[centre.queue_ids.index(queue)]
    if not is_open.any():
        text = (
            f"the queue is never open from {calls.first} to {calls.last}; move the list's days or its hours"
        )
        raise InputError([Problem(f"queues.{queue}.outbound.lists.{label}", text)])
    ahead = own.minutes - grid.start_min
    mine = is_open & (ahead >= 0) & (ahead < grid.n * grid.step_min)
    edges = np.diff(np.r_[0, mine.astype(np.int8), 0])
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    contacts = calls.contacts * (last - first) / np.count_nonzero(is_open)
    return own.minutes[first], own.minutes[last - 1] + own.step_min, contacts
