"""The past of all queues by day and step of the day, and which of its days may be learnt from."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from wfo.domain.centre import Centre
from wfo.forecasting.adoption import BEFORE_START, log_share
from wfo.forecasting.calendar import Days
from wfo.forecasting.history import MISSING_BELOW, History
from wfo.forecasting.repairs import repair
from wfo.forecasting.settings import Adoption


@dataclass(frozen=True)
class Past:
    """Contacts of complete days, and the calendar of those days and the coming ones.

    Attributes
    ----------
    cube : ndarray, shape (Q, D, S)
        Fresh contacts in open intervals by day and step of the day. Those expected of earlier ones have been
        taken off, so that steps and days of few contacts may be below 0; their sums are right.
    total : ndarray, shape (Q, D)
        Fresh contacts of days, as they are: cutting them at 0 would lift every mean of them.
    taken : ndarray, shape (Q, D, S)
        Contacts that have been taken off; their chance is still in ``cube``.
    offered : ndarray, shape (Q, D, S)
        All contacts in open intervals, those caused by earlier ones included.
    is_open : ndarray of bool, shape (Q, D, S)
    usable : ndarray of bool, shape (Q, D)
        Open days on record, events, exclusions and lost data left out.
    days : Days
        D past days and those after them.
    first_day : date
    step_min : int
    growth : ndarray, shape (Q, days)
        Logs of new channels' adoption curves, 0 elsewhere.
    start_per_day : ndarray, shape (Q,)
        Contacts a day that a new channel is planned to reach, 0 elsewhere.
    like : ndarray of int64, shape (Q,)
        Queue whose weekdays and shape a new channel takes; −1 for none.
    lost : ndarray of bool, shape (Q, D)
        Open days without a contact, left out as lost data.
    notes : tuple of str
    memo : dict
        What was fitted for past origins already, by queue and origin; it follows from the rest.
    """

    cube: np.ndarray
    total: np.ndarray
    taken: np.ndarray
    offered: np.ndarray
    is_open: np.ndarray
    usable: np.ndarray
    days: Days
    first_day: dt.date
    step_min: int
    growth: np.ndarray
    start_per_day: np.ndarray
    like: np.ndarray
    lost: np.ndarray
    notes: tuple[str, ...]
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What ``make`` gives, made once for a key."""
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def taken_by_day(self, q: int) -> np.ndarray:
        """Contacts that were taken off a queue's days, shape (D,)."""
        return np.asarray(self.once(("taken", q), lambda: self.taken[q].sum(axis=1)))


def past_of(
    centre: Centre,
    history: History,
    counts: np.ndarray,
    taken: np.ndarray,
    is_open: np.ndarray,
    days: Days,
    adoption: Mapping[str, Adoption] = MappingProxyType({}),
) -> Past:
    """Lay counts of shape (Q, T) out by day and decide which days may be learnt from.

    Parameters
    ----------
    centre : Centre
    history : History
    counts, taken : ndarray, shape (Q, T)
        Fresh contacts, and those taken off to find them.
    is_open : ndarray of bool, shape (Q, T)
    days : Days
    adoption : mapping of Adoption
        Planned growth of new channels, by queue.
    """
    cube = history.by_day(np.where(is_open, counts, 0.0))
    offered = history.by_day(np.where(is_open, history.offered, 0.0))
    taken = np.maximum(history.by_day(np.where(is_open, taken, 0.0)), 0.0)
    open_cube = history.by_day(is_open.astype(np.float64)) > 0
    n = history.days
    usual_days = (days.event_scale[:, :n] == 1.0) & ~days.unscaled[:, :n] & ~days.excluded[:n]
    usable = history.covered & open_cube.any(axis=2) & usual_days
    notes = repair(centre, days, usable, open_cube, cube, offered, taken)
    growth = np.zeros((len(centre.queues), len(days.dates)))
    for name, curve in adoption.items():
        growth[centre.queue_ids.index(name)] = log_share(curve, days.dates)
    lost = np.zeros_like(usable)
    came = offered.sum(axis=2)
    for q, name in enumerate(centre.queue_ids):
        usable[q] &= growth[q, :n] > BEFORE_START
        told = usable[q] & history.told[q]
        usual = float(np.median(came[q][told])) if told.any() else 0.0
        lost[q] = usable[q] & (came[q] == 0) & (usual >= MISSING_BELOW)
        if lost[q].any():
            many = "days" if lost[q].sum() > 1 else "day"
            notes.append(f"{name}: {int(lost[q].sum())} open {many} without a contact left out as lost data")
    usable &= ~lost
    return Past(
        cube=cube,
        total=cube.sum(axis=2),
        taken=taken,
        offered=offered,
        is_open=open_cube,
        usable=usable,
        days=days,
        first_day=history.first_day,
        step_min=history.grid.step_min,
        growth=growth,
        start_per_day=np.array([adoption[n].per_day if n in adoption else 0.0 for n in centre.queue_ids]),
        like=np.array([_donor(adoption.get(n), centre) for n in centre.queue_ids], dtype=np.int64),
        lost=lost,
        notes=tuple(notes),
    )


def _donor(adoption: Adoption | None, centre: Centre) -> int:
    return centre.queue_ids.index(adoption.like) if adoption is not None and adoption.like else -1
