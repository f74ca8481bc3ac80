"""Days on which nothing is open: public holidays, weekends, closed days."""

import datetime as dt
from collections.abc import Iterable

import holidays

from wfo.domain.centre import Centre
from wfo.errors import InputError, Problem


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
