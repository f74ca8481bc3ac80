"""Which week is planned, and from which moment."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from wfo.domain.centre import Centre
from wfo.domain.hours import DAY_MIN, DAYS, parse_hours
from wfo.errors import InputError
from wfo.scenario.model import Scenario
from wfo.timegrid import TimeGrid, local_midnight

_QUIET_MIN = 120
"""A log that ends so much before its queues close, or less, has that day whole: late hours may be quiet."""


@dataclass(frozen=True)
class PlanningWeek:
    """The planning week.

    Attributes
    ----------
    now : datetime
        Planning moment, UTC; nothing known later is used.
    first : date
        First day, local.
    grid : TimeGrid
    """

    now: dt.datetime
    first: dt.date
    grid: TimeGrid


def planning_week(scenario: Scenario, last: dt.datetime | None) -> PlanningWeek:
    """The week a scenario plans.

    Parameters
    ----------
    scenario : Scenario
    last : datetime or None
        When the last contact of the data came. That local day is the last closed one, unless the log ends
        well before its queues close; then the day before is. None: there is none.

    Returns
    -------
    PlanningWeek
        ``now`` is the midnight after the last closed day, at most the week's start.

    Raises
    ------
    InputError
        If neither the scenario nor the data says which week it is.
    """
    centre, week = scenario.centre, scenario.week
    after = None if last is None else _after_closed(centre, last.astimezone(ZoneInfo(centre.zone)))
    first = week.start or (after and _first_full(after, centre.week_start, week.weeks_ahead))
    if first is None:
        raise InputError(
            "the data hold no contacts, so the week is not known; set week.start, for example 2025-07-07"
        )
    begin = local_midnight(first, centre.zone)
    now = begin if after is None else min(begin, local_midnight(after, centre.zone))
    return PlanningWeek(now, first, TimeGrid.of_days(first, 7, zone=centre.zone, step_min=week.grid_min))


def _after_closed(centre: Centre, last: dt.datetime) -> dt.date:
    """The day after the last closed one, from the local time of the last contact."""
    day = last.date()
    windows = [
        window
        for queue in centre.queues.values()
        if queue.staffed
        for window in parse_hours(queue.hours).get(day.weekday(), ())
    ]
    closing = max((min(end, DAY_MIN) for _, end in windows), default=0)
    whole = last.hour * 60 + last.minute >= closing - _QUIET_MIN
    return day + dt.timedelta(days=1) if whole else day


def _first_full(after: dt.date, week_start: str, ahead: int) -> dt.date:
    gap = (DAYS.index(week_start) - after.weekday()) % 7
    return after + dt.timedelta(days=gap + 7 * (ahead - 1))
