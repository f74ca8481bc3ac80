"""Expected fresh contacts of coming days, from the days before an origin."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from wfo.domain.centre import Centre
from wfo.forecasting.calendar import Days
from wfo.forecasting.history import MISSING_BELOW, History
from wfo.forecasting.level import Level, design_of, fit_level
from wfo.forecasting.profile import shares, weekday_profiles, without_bursts
from wfo.forecasting.settings import ForecastSettings
from wfo.timegrid import TimeGrid


class Method(StrEnum):
    """How a queue is forecast."""

    TWO_LEVEL = "two_level"
    SAME_WEEKDAY_MEAN = "same_weekday_mean"
    PLAIN_MEAN = "plain_mean"
    NONE = "none"


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
    notes : tuple of str
    """

    cube: np.ndarray
    total: np.ndarray
    offered: np.ndarray
    is_open: np.ndarray
    usable: np.ndarray
    days: Days
    first_day: dt.date
    step_min: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class QueueModel:
    """What was learnt about one queue before an origin.

    Attributes
    ----------
    method : Method
    level : Level or None
        Of `two_level`.
    profile : ndarray, shape (7, S)
        Shares of the day (`two_level`), or mean contacts by weekday and step.
    """

    method: Method
    level: Level | None
    profile: np.ndarray


def past_of(centre: Centre, history: History, counts: np.ndarray, is_open: np.ndarray, days: Days) -> Past:
    """Lay counts of shape (Q, T) out by day and decide which days may be learnt from."""
    cube = history.by_day(np.where(is_open, counts, 0.0))
    open_cube = history.by_day(is_open.astype(np.float64)) > 0
    total = np.maximum(cube.sum(axis=2), 0.0)
    n = history.days
    usual_days = (days.event_scale[:, :n] == 1.0) & ~days.unscaled[:, :n] & ~days.excluded[:n]
    usable = history.covered & open_cube.any(axis=2) & usual_days
    notes = []
    offered = history.by_day(np.where(is_open, history.offered, 0.0))
    came = offered.sum(axis=2)
    for q, name in enumerate(centre.queue_ids):
        usual = float(np.median(came[q][usable[q]])) if usable[q].any() else 0.0
        lost = usable[q] & (came[q] == 0) & (usual >= MISSING_BELOW)
        if lost.any():
            usable[q] &= ~lost
            many = "days" if lost.sum() > 1 else "day"
            notes.append(f"{name}: {int(lost.sum())} open {many} without a contact left out as lost data")
    return Past(
        cube, total, offered, open_cube, usable, days, history.first_day, history.grid.step_min, tuple(notes)
    )


def fit(past: Past, q: int, origin: int, settings: ForecastSettings) -> QueueModel:
    """Learn about queue ``q`` from the days before day ``origin``."""
    usable = past.usable[q, :origin]
    seen = np.flatnonzero(usable)
    none = np.zeros((7, past.cube.shape[2]))
    if not len(seen) or past.total[q, :origin][usable].sum() <= 0:
        return QueueModel(Method.NONE, None, none)
    if origin - seen[0] < 7 * settings.min_weeks:
        return QueueModel(Method.PLAIN_MEAN, None, none + _mean_curve(past, q, seen))
    weekday = past.days.weekday[:origin]
    if settings.method == Method.SAME_WEEKDAY_MEAN:
        last = [seen[weekday[seen] == w][-settings.mean_weeks :] for w in range(7)]
        curves = [_mean_curve(past, q, rows if len(rows) else seen) for rows in last]
        return QueueModel(Method.SAME_WEEKDAY_MEAN, None, np.array(curves))
    cube = past.cube[q, :origin]
    model = _two_level(past, q, cube, settings)
    calm = without_bursts(cube, _shape_of_days(past, q, model, cube))
    return model if calm is cube else _two_level(past, q, calm, settings)


def day_totals(
    past: Past, q: int, model: QueueModel, days: np.ndarray, settings: ForecastSettings
) -> np.ndarray:
    """Expected contacts of days by number, were they open as usual; events are not in it."""
    if model.level is not None:
        design = design_of(past.days, q, calendar_effects=settings.calendar_effects)
        return model.level.mean(design[days])
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
    settings: ForecastSettings,
) -> np.ndarray:
    """Expected fresh contacts on a grid that begins on or after the first past day, events included.

    A day whose opening is cut short keeps the contacts of its open part only under the means; under
    `two_level` the day's contacts come within the hours that are open.

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
                curve = day_totals(past, q, model, np.array([d]), settings)[0] * day_shares(
                    model, weekday, opened
                )
            else:
                curve = model.profile[weekday]
            out[q, here] = curve[slot[here]] * is_open[q, here] * past.days.event_scale[q, d]
    return out


def _two_level(past: Past, q: int, cube: np.ndarray, settings: ForecastSettings) -> QueueModel:
    origin = len(cube)
    level = fit_level(
        np.maximum(cube.sum(axis=1), 0.0),
        design_of(past.days, q, calendar_effects=settings.calendar_effects)[:origin],
        past.usable[q, :origin],
        memory_days=settings.memory_days,
    )
    profile = weekday_profiles(
        cube,
        past.days.weekday[:origin],
        level.used,
        past.is_open[q, :origin],
        memory_days=settings.profile_days,
        step_min=past.step_min,
    )
    return QueueModel(Method.TWO_LEVEL, level, profile)


def _shape_of_days(past: Past, q: int, model: QueueModel, cube: np.ndarray) -> np.ndarray:
    """Each usable day's contacts laid out by the profile, shape (D, S)."""
    days = len(cube)
    part = day_shares(model, past.days.weekday[:days], past.is_open[q, :days])
    came = np.where(past.usable[q, :days], np.maximum(cube.sum(axis=1), 0.0), 0.0)
    return np.asarray(part * came[:, None])


def _mean_curve(past: Past, q: int, rows: np.ndarray) -> np.ndarray:
    opened = past.is_open[q, rows].sum(axis=0)
    total = np.maximum(past.cube[q, rows].sum(axis=0), 0.0)
    return np.asarray(total / np.maximum(opened, 1))
