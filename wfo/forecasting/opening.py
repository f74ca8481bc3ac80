"""When each queue is open, on any interval grid."""

import datetime as dt

import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.closures import closed_days
from wfo.domain.hours import DAY_MIN, parse_hours
from wfo.timegrid import TimeGrid


def open_intervals(centre: Centre, grid: TimeGrid) -> np.ndarray:
    """Whether each queue is open in each interval of a grid.

    An interval is open when any part of it lies in an opening window, by the wall clock of the centre's zone.
    A window belongs to the day it starts on, so a closed day also closes the hours after midnight of its
    night.

    Returns
    -------
    ndarray of bool, shape (Q, T)
        Queues in the scenario's order.
    """
    local = grid.local(centre.zone)
    day = grid.local_day_number(centre.zone)
    minute = np.asarray(local.hour * 60 + local.minute)
    first = local[0].date() - dt.timedelta(days=1)
    dates = [first + dt.timedelta(days=k) for k in range(int(day[-1]) + 2)]
    years = {d.year for d in dates}
    out = np.zeros((len(centre.queues), grid.n), dtype=bool)
    for q, (name, spec) in enumerate(centre.queues.items()):
        windows = parse_hours(spec.hours)
        closed = closed_days(centre, name, years)
        # two days of minutes from each date's midnight, in steps of the grid
        table = np.zeros((7, 2 * DAY_MIN), dtype=bool)
        for weekday, spans in windows.items():
            for begin, end in spans:
                table[weekday, max(0, begin - grid.step_min + 1) : end] = True
        starts = np.array([d not in closed for d in dates])
        weekdays = np.array([d.weekday() for d in dates])
        today = starts[day + 1] & table[weekdays[day + 1], minute]
        night = starts[day] & table[weekdays[day], minute + DAY_MIN]
        out[q] = today | night
    return out
