"""What levers and the planner's own factors do to fresh demand, follow-ups and handle time, day by day."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from wfo.domain.lever import Lever
from wfo.errors import InputError, Problem
from wfo.forecasting.settings import DemandSettings


def check_names(queues: Sequence[str], levers: Sequence[Lever], demand: DemandSettings) -> None:
    """Refuse levers and demand settings for queues that the centre does not have.

    Raises
    ------
    InputError
        With every such queue.
    """
    asked = [
        (f"lever {i + 1}", name) for i, v in enumerate(levers) for name in (v.queue, v.from_queue) if name
    ]
    asked += [(f"demand.queues.{name}", name) for name in demand.queues]
    problems = [
        Problem(where, f"'{name}' is not a queue; the queues are {', '.join(queues)}")
        for where, name in asked
        if name not in queues
    ]
    if problems:
        raise InputError(problems)


def day_factor(
    what: str, levers: Sequence[Lever], queues: Sequence[str], dates: Sequence[dt.date], week_start: dt.date
) -> np.ndarray:
    """Product of the levers on fresh demand or handle time, shape (Q, D)."""
    out = np.ones((len(queues), len(dates)))
    for lever in levers:
        if lever.what == what:
            rows = [lever.queue is None or lever.queue == q for q in queues]
            out[np.ix_(rows, _acts(lever, dates, week_start))] *= lever.factor
    return out


def follow_up_factor(
    levers: Sequence[Lever], queues: Sequence[str], dates: Sequence[dt.date], week_start: dt.date
) -> np.ndarray:
    """Product of the levers on R for contacts of each day, shape (D, from, to)."""
    out = np.ones((len(dates), len(queues), len(queues)))
    for lever in levers:
        if lever.what == "follow_ups":
            causes = [lever.from_queue is None or lever.from_queue == q for q in queues]
            lands = [lever.queue is None or lever.queue == q for q in queues]
            out[np.ix_(_acts(lever, dates, week_start), causes, lands)] *= lever.factor
    return out


def planner_factor(demand: DemandSettings, queues: Sequence[str]) -> np.ndarray:
    """The planner's own factor on each queue's fresh demand, shape (Q,)."""
    own = [demand.queues[q].scale if q in demand.queues else 1.0 for q in queues]
    return demand.scale * np.array(own)


def _acts(lever: Lever, dates: Sequence[dt.date], week_start: dt.date) -> list[bool]:
    first = lever.start or week_start
    return [first <= d and (lever.end is None or d <= lever.end) for d in dates]
