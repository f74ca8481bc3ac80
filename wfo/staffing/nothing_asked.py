"""Staffed queues that get no new contacts in a week, said so that no idle plan passes for a good one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre

_LOOK = "look at demand.scale, the queue's hours and its history if that is not meant"


def nothing_asked(
    centre: Centre, queues: Sequence[str], fresh: np.ndarray, volume: np.ndarray, deferred: pd.DataFrame
) -> tuple[str, ...]:
    """A sentence for each staffed queue without new contacts, or one where no queue has any.

    Parameters
    ----------
    centre : Centre
    queues : sequence of str
        Q queues of the arrays.
    fresh, volume : ndarray, shape (Q, T)
        Expected new contacts, and all contacts, by interval.
    deferred : DataFrame
        ``queue, work_s``: work that can wait, what was open before the week included.

    Notes
    -----
    Work of call lists, and steps of other queues' cases, come without contacts of the queue: where there are
    such, nothing is said of it; nor of a queue with a dialler.
    """
    hours = deferred.groupby("queue")["work_s"].sum() / 3600.0
    new, contacts = fresh.sum(axis=1).tolist(), volume.sum(axis=1).tolist()
    called = {name for name, queue in centre.queues.items() if queue.dialler is not None}
    staffed = [(q, n) for n, q in enumerate(queues) if q in centre.staffed_ids and q not in called]
    fed = _fed_otherwise(centre)
    idle = [(q, n) for q, n in staffed if new[n] <= 0.0 and not (q in fed and hours.get(q, 0.0) > 0.0)]
    if len(idle) > 1 and len(idle) == len(staffed):
        left = _left(sum(contacts[n] for _, n in idle), float(hours.sum()))
        return (
            f"nothing new is asked for in this week: no queue gets new contacts{left}; {_LOOK}; "
            "agents are planned for the hours of their contracts all the same",
        )
    return tuple(
        f"queue '{q}' gets no new contacts in this week"
        f"{_left(contacts[n], float(hours.get(q, 0.0)))}; {_LOOK}"
        for q, n in idle
    )


def _fed_otherwise(centre: Centre) -> set[str]:
    """Queues that get work beside contacts of their own: from call lists, or by hand-offs of cases."""
    fed = {
        name for name, queue in centre.queues.items() if queue.outbound is not None and queue.outbound.lists
    }
    return fed | {step.queue for queue in centre.queues.values() for step in queue.case_steps.values()}


def _left(contacts: float, hours: float) -> str:
    """What there is beside new contacts."""
    parts = [f"{contacts:.0f} follow-ups of earlier contacts"] if contacts >= 0.5 else []
    parts += [f"{hours:.1f} h of work that can wait"] if hours >= 0.05 else []
    return (
        f", and {' and '.join(parts)} are all there is to do"
        if parts
        else " and has no work left from before"
    )
