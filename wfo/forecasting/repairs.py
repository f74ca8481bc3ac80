"""Days of history whose counts the planner puts right."""

import numpy as np

from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem
from wfo.forecasting.calendar import Days

_SAME_WEEKDAYS = 8


def repair(
    centre: Centre,
    days: Days,
    usable: np.ndarray,
    is_open: np.ndarray,
    cube: np.ndarray,
    offered: np.ndarray,
    taken: np.ndarray,
) -> list[str]:
    """Write the planner's totals into ``cube`` and ``offered``, in place, and make their days usable.

    The contacts are spread as on the last usable same weekdays, evenly over open steps where there are none;
    the share that is fresh is theirs, too, so that nothing of them is ``taken`` off. Gives back notes.

    Parameters
    ----------
    centre : Centre
    days : Days
    usable : ndarray of bool, shape (Q, D)
    is_open, cube, offered, taken : ndarray, shape (Q, D, S)

    Raises
    ------
    InputError
        If a repair names a queue that the centre does not have.
    """
    notes, problems = [], []
    first = days.dates[0]
    named = {(r.queue, r.date) for r in centre.calendar.repairs.values()}
    for name, given in centre.calendar.repairs.items():
        if given.queue not in centre.queues:
            known = ", ".join(centre.queue_ids)
            message = f"'{given.queue}' is not a queue; the queues are {known}"
            problems.append(Problem(f"calendar.repairs.{name}.queue", message))
            continue
        q, d = centre.queue_ids.index(given.queue), (given.date - first).days
        if not 0 <= d < cube.shape[1]:
            notes.append(
                f"repair '{name}': {given.date} is not a complete day of the history; it is not used"
            )
            continue
        if not is_open[q, d].any():
            notes.append(f"repair '{name}': {given.queue} is closed on {given.date}; it is not used")
            continue
        same = [k for k in range(d % 7, cube.shape[1], 7) if usable[q, k] and k != d]
        same = [k for k in same if (given.queue, days.dates[k]) not in named][-_SAME_WEEKDAYS:]
        shape = np.maximum(offered[q, same].sum(axis=0), 0.0) * is_open[q, d]
        fresh = np.maximum(cube[q, same].sum(axis=0), 0.0) * is_open[q, d]
        if shape.sum() <= 0:
            shape, fresh = is_open[q, d].astype(np.float64), is_open[q, d].astype(np.float64)
        offered[q, d] = given.contacts * shape / shape.sum()
        cube[q, d] = given.contacts * fresh / shape.sum()
        taken[q, d] = 0.0
        usable[q, d] = True
    if problems:
        raise InputError(problems)
    return notes
