"""When each queue is open: its hours, public holidays and closed days, on any interval grid."""

import datetime as dt
from collections.abc import Iterable

import holidays
import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.hours import DAY_MIN, parse_hours
from wfo.errors import InputError, Problem
from wfo.timegrid import TimeGrid


def public_holidays(countries: Iterable[str], years: Iterable[int], *, where: str) -> frozenset[dt.date]:
    """Public holidays of any of the countries (``DE``, or with a subdivision ``DE-BY``).

    Raises
    ------
    InputError
        If a country or subdivision is not known; ``where`` says who asked for it.
    """
    years = sorted(years)
    found: set[dt.date] = set()
    problems = []
    for name in countries:
        country, _, subdivision = name.partition("-")
        try:
            found |= set(holidays.country_holidays(country, subdiv=subdivision or None, years=years))
        except NotImplementedError:
            message = f"'{name}' is not a country with known holidays; write an ISO code such as DE or DE-BY"
            problems.append(Problem(where, message))
    if problems:
        raise InputError(problems)
    return frozenset(found)


def weekend_days(countries: Iterable[str]) -> frozenset[int]:
    """Weekdays (Monday = 0) on which none of the countries does business; Saturday and Sunday without one.

    The countries are known to `public_holidays`.
    """
    weekends = [frozenset(holidays.country_holidays(name.partition("-")[0]).weekend) for name in countries]
    return frozenset.intersection(*weekends) if weekends else frozenset({5, 6})


def closed_days(centre: Centre, queue: str, years: Iterable[int]) -> frozenset[dt.date]:
    """Days on which a queue stays closed whatever its hours say; an unstaffed one knows only its holidays."""
    spec = centre.queues[queue]
    days = public_holidays(spec.closed_on, years, where=f"queues.{queue}.closed_on")
    return days | frozenset(centre.calendar.closed_days) if spec.staffed else days


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
