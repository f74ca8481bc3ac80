"""Expected fresh contacts of coming days, from the days before an origin."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np

from wfo.domain.centre import Centre
from wfo.forecasting.adoption import BEFORE_START, log_share
from wfo.forecasting.calendar import Days
from wfo.forecasting.history import MISSING_BELOW, History
from wfo.forecasting.level import DRIFT_DAYS, Level, design_of
from wfo.forecasting.profile import shares
from wfo.forecasting.repairs import repair
from wfo.forecasting.settings import Adoption
from wfo.timegrid import TimeGrid


class Method(StrEnum):
    """How a queue is forecast; ``auto`` asks for several, each by how it did on past weeks."""

    AUTO = "auto"
    COMBINED = "combined"
    TWO_LEVEL = "two_level"
    STRUCTURAL = "structural"
    GLM = "glm"
    SAME_WEEKDAY_MEAN = "same_weekday_mean"
    SEASONAL_NAIVE = "seasonal_naive"
    PLAIN_MEAN = "plain_mean"
    ADOPTION = "adoption"
    NONE = "none"


@dataclass(frozen=True)
class Candidate:
    """One way of forecasting a queue.

    Attributes
    ----------
    method : Method
    memory_days, drift_days : float
        Memories of the level and of its drift.
    calendar : bool
        Whether calendar effects are estimated.
    yearly : bool
        Whether the course of a year is, where two years are on record.
    drivers : bool
        Whether business drivers are regressed on.
    weeks : int
        Of a mean of same weekdays.
    """

    method: Method
    memory_days: float = 120.0
    drift_days: float = DRIFT_DAYS
    calendar: bool = True
    yearly: bool = True
    drivers: bool = True
    weeks: int = 8

    @property
    def label(self) -> str:
        """Short text that tells it from the others."""
        if self.method in (Method.SAME_WEEKDAY_MEAN, Method.SEASONAL_NAIVE):
            return f"{self.method} ({self.weeks} weeks)" if self.weeks > 1 else str(self.method)
        parts = [f"memory {self.memory_days:g} d"]
        parts += [f"drift {self.drift_days:g} d"] * (self.method is Method.TWO_LEVEL)
        parts += ["no calendar effects"] * (not self.calendar) + ["no yearly course"] * (not self.yearly)
        parts += ["no drivers"] * (not self.drivers)
        return f"{self.method} ({', '.join(parts)})"


@dataclass(frozen=True)
class Past:
    """Contacts of complete days, and the calendar of those days and the coming ones.

    Attributes
    ----------
    cube : ndarray, shape (Q, D, S)
        Contacts in open intervals by day and step of the day; negative sums of a day are 0.
    total : ndarray, shape (Q, D)
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


@dataclass(frozen=True)
class QueueModel:
    """What was learnt about one queue before an origin.

    Attributes
    ----------
    method : Method
    level : Level or None
        None under the means.
    profile : ndarray, shape (7, S)
        Shares of the day where there is a level, else mean contacts by weekday and step.
    candidate : Candidate or None
        None where history is too short for a choice.
    offset : ndarray or None, shape (days,)
        Course of the year and adoption, in logs, of all of the calendar's days.
    parts : tuple of (float, QueueModel)
        Ways put together: weights, which sum to 1, and what each learnt of days' totals. ``level`` and
        ``profile`` are then those of the first.
    """

    method: Method
    level: Level | None
    profile: np.ndarray
    candidate: Candidate | None = None
    offset: np.ndarray | None = None
    parts: "tuple[tuple[float, QueueModel], ...]" = ()


def past_of(
    centre: Centre,
    history: History,
    counts: np.ndarray,
    is_open: np.ndarray,
    days: Days,
    adoption: Mapping[str, Adoption] = MappingProxyType({}),
) -> Past:
    """Lay counts of shape (Q, T) out by day and decide which days may be learnt from.

    Parameters
    ----------
    centre : Centre
    history : History
    counts : ndarray, shape (Q, T)
        Fresh contacts.
    is_open : ndarray of bool, shape (Q, T)
    days : Days
    adoption : mapping of Adoption
        Planned growth of new channels, by queue.
    """
    cube = history.by_day(np.where(is_open, counts, 0.0))
    offered = history.by_day(np.where(is_open, history.offered, 0.0))
    open_cube = history.by_day(is_open.astype(np.float64)) > 0
    n = history.days
    usual_days = (days.event_scale[:, :n] == 1.0) & ~days.unscaled[:, :n] & ~days.excluded[:n]
    usable = history.covered & open_cube.any(axis=2) & usual_days
    notes = repair(centre, days, usable, open_cube, cube, offered)
    growth = np.zeros((len(centre.queues), len(days.dates)))
    for name, curve in adoption.items():
        growth[centre.queue_ids.index(name)] = log_share(curve, days.dates)
    lost = np.zeros_like(usable)
    came = offered.sum(axis=2)
    for q, name in enumerate(centre.queue_ids):
        usable[q] &= growth[q, :n] > BEFORE_START
        usual = float(np.median(came[q][usable[q]])) if usable[q].any() else 0.0
        lost[q] = usable[q] & (came[q] == 0) & (usual >= MISSING_BELOW)
        if lost[q].any():
            many = "days" if lost[q].sum() > 1 else "day"
            notes.append(f"{name}: {int(lost[q].sum())} open {many} without a contact left out as lost data")
    usable &= ~lost
    return Past(
        cube=cube,
        total=np.maximum(cube.sum(axis=2), 0.0),
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


def design_as(past: Past, q: int, way: Candidate) -> np.ndarray:
    """Design rows of all of the calendar's days, with what a way of forecasting leaves out at 0."""
    design = design_of(past.days, q, calendar_effects=way.calendar)
    many = past.days.drivers.shape[2]
    if many and not way.drivers:
        design[:, -many:] = 0.0
    return design


def day_totals(past: Past, q: int, model: QueueModel, days: np.ndarray) -> np.ndarray:
    """Expected contacts of days by number, were they open as usual; events are not in it."""
    if model.parts:
        return np.asarray(sum(w * day_totals(past, q, part, days) for w, part in model.parts))
    if model.level is not None:
        way = model.candidate or Candidate(model.method)
        mean = model.level.mean(design_as(past, q, way)[days])
        return mean if model.offset is None else mean * np.exp(model.offset[days])
    return np.asarray(model.profile.sum(axis=1)[past.days.weekday[days]])


def day_shares(model: QueueModel, weekday: int | np.ndarray, is_open: np.ndarray) -> np.ndarray:
    """Shares of a day's contacts in its open steps, shape (S,); of several days (D, S)."""
    return shares(model.profile[weekday], is_open)


def expected_fresh(
    past: Past,
    models: list[QueueModel],
    grid: TimeGrid,
    zone: str,
    is_open: np.ndarray,
) -> np.ndarray:
    """Expected fresh contacts on a grid that begins on or after the first past day, events included.

    A day whose opening is cut short keeps the contacts of its open part only under the means; elsewhere the
    day's contacts come within the hours that are open.

    Returns
    -------
    ndarray, shape (Q, T)
        0 in closed intervals.
    """
    local = grid.local(zone)
    day = (local[0].date() - past.first_day).days + grid.local_day_number(zone)
    slot = np.asarray((local.hour * 60 + local.minute) // grid.step_min)
    out = np.zeros(is_open.shape)
    slots = past.cube.shape[2]
    for q, model in enumerate(models):
        if model.method is Method.NONE:
            continue
        for d in np.unique(day):
            here = day == d
            opened = np.bincount(slot[here], is_open[q, here], slots) > 0
            weekday = int(past.days.weekday[d])
            if model.level is not None:
                curve = day_totals(past, q, model, np.array([d]))[0] * day_shares(model, weekday, opened)
            else:
                curve = model.profile[weekday]
            out[q, here] = curve[slot[here]] * is_open[q, here] * past.days.event_scale[q, d]
    return out


def _donor(adoption: Adoption | None, centre: Centre) -> int:
    return centre.queue_ids.index(adoption.like) if adoption is not None and adoption.like else -1
