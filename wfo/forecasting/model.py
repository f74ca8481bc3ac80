"""Expected fresh contacts of coming days, from what was learnt about each queue."""

from dataclasses import dataclass

import numpy as np

from wfo.forecasting.level import Level, design_of
from wfo.forecasting.past import Past
from wfo.forecasting.profile import shares
from wfo.forecasting.ways import Candidate, Method
from wfo.timegrid import TimeGrid


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


def design_as(past: Past, q: int, way: Candidate, *, until: int | None = None) -> np.ndarray:
    """Design rows of all of the calendar's days, with what a way of forecasting leaves out at 0.

    With ``until`` those before that day, and what they do not suffice to learn at 0 too.
    """
    usable = None if until is None else past.usable[q, :until]
    design = design_of(past.days, q, calendar_effects=way.calendar, learnt_from=usable)[:until]
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
