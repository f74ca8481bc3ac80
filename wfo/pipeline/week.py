"""Which week is planned, and from which moment."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from wfo.domain.hours import DAYS
from wfo.errors import InputError
from wfo.scenario.model import Scenario
from wfo.timegrid import TimeGrid, local_midnight


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
        When the last contact of the data came; that local day is the last closed one. None: there is none.

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
    after = None if last is None else last.astimezone(ZoneInfo(centre.zone)).date() + dt.timedelta(days=1)
    first = week.start or (after and _first_full(after, centre.week_start, week.weeks_ahead))
    if first is None:
        raise InputError(
            "the data hold no contacts, so the week is not known; set week.start, for example 2025-07-07"
        )
    begin = local_midnight(first, centre.zone)
    now = begin if after is None else min(begin, local_midnight(after, centre.zone))
    return PlanningWeek(now, first, TimeGrid.of_days(first, 7, zone=centre.zone, step_min=week.grid_min))


def _first_full(after: dt.date, week_start: str, ahead: int) -> dt.date:
    gap = (DAYS.index(week_start) - after.weekday()) % 7
    return after + dt.timedelta(days=gap + 7 * (ahead - 1))
