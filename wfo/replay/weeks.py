"""Which weeks are replayed, from which planning moments; weeks that cannot be are named with the reason."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfo.errors import InputError
from wfo.forecasting.opening import open_intervals
from wfo.pipeline.source import Source
from wfo.pipeline.week import PlanningWeek, planning_week
from wfo.scenario.model import Scenario, Week
from wfo.timegrid import TimeGrid, epoch_min, from_epoch_min, local_midnight

LEADS = (1, 2, 4)
"""Weeks of lead; 1: the week that begins at the planning moment."""
_COUNTED = (("interactions", "started_at"), ("queue_intervals", "interval_start"))


@dataclass(frozen=True)
class Origin:
    """One week seen from one planning moment.

    Attributes
    ----------
    week : PlanningWeek
    lead : int
        1: planned at its own first midnight; each further week one week earlier.
    """

    week: PlanningWeek
    lead: int


@dataclass(frozen=True)
class Missing:
    """A week that cannot be replayed.

    Attributes
    ----------
    first : date
    lead : int or None
        None: at no lead.
    reason : str
    """

    first: dt.date
    lead: int | None
    reason: str

    def __str__(self) -> str:
        lead = "" if self.lead is None else f", lead {self.lead}"
        return f"week of {self.first}{lead}: {self.reason}"


def origins(
    scenario: Scenario, source: Source, *, weeks: int, leads: Sequence[int] = LEADS
) -> tuple[tuple[Origin, ...], tuple[Missing, ...]]:
    """The last whole weeks of the data, each from its planning moments.

    Parameters
    ----------
    scenario : Scenario
    source : Source
    weeks : int
        How many.
    leads : sequence of int
        Weeks of lead, each at least 1.

    Returns
    -------
    origins : tuple of Origin
        By planning moment, then week.
    missing : tuple of Missing

    Raises
    ------
    InputError
        If a lead or the number of weeks is below 1, or no week can be replayed; with the reasons.
    """
    if weeks < 1 or not leads or min(leads) < 1:
        raise InputError(
            "a replay needs at least one week and leads of one week or more, for example --lead 1,2,4"
        )
    after = planning_week(
        scenario.model_copy(update={"week": Week(grid_min=scenario.week.grid_min)}), source.last
    )
    minutes = _minutes(source)
    began = from_epoch_min(minutes[:1]).tz_convert(scenario.centre.zone)[0].date()
    found: list[Origin] = []
    missing: list[Missing] = []
    end = after.first
    if _goes_on(scenario, after):
        end -= dt.timedelta(weeks=1)
        closed = after.now.astimezone(after.grid.local(scenario.centre.zone).tz).date() - dt.timedelta(days=1)
        missing.append(Missing(end, None, f"the data end on {closed}, before it does"))
    for back in range(weeks, 0, -1):
        first = end - dt.timedelta(weeks=back)
        grid = TimeGrid.of_days(first, 7, zone=scenario.centre.zone, step_min=scenario.week.grid_min)
        if not _any(minutes, grid.start, grid.end):
            missing.append(Missing(first, None, "the data have no contact in it"))
            continue
        for lead in sorted(set(leads)):
            now = local_midnight(first - dt.timedelta(weeks=lead - 1), scenario.centre.zone)
            days = (first - began).days - 7 * (lead - 1)
            need = 7 * scenario.forecast.min_weeks
            if days < need:
                text = f"{max(0, days)} days of data before the planning moment; it needs {need}"
                missing.append(Missing(first, lead, text))
            else:
                found.append(Origin(PlanningWeek(now, first, grid), lead))
    if not found:
        raise InputError("no week can be replayed: " + "; ".join(str(m) for m in missing))
    return tuple(sorted(found, key=lambda o: (o.week.now, o.week.first))), tuple(missing)


def _goes_on(scenario: Scenario, after: PlanningWeek) -> bool:
    """Whether a queue with people is open between the last closed day and the week after it."""
    centre = scenario.centre
    last = after.now.astimezone(after.grid.local(centre.zone).tz).date()
    days = (after.first - last).days
    if days <= 0:
        return False
    rest = TimeGrid.of_days(last, days, zone=centre.zone, step_min=scenario.week.grid_min)
    staffed = np.array([centre.queues[q].staffed for q in centre.queue_ids])
    return bool(open_intervals(centre, rest)[staffed].any())


def _minutes(source: Source) -> np.ndarray:
    """Minutes of all contacts, or of the intervals that have some, sorted."""
    parts = []
    for name, column in _COUNTED:
        frame = source.whole(name)
        if frame is not None and len(frame):
            here = frame[frame["offered"] > 0] if name == "queue_intervals" else frame
            parts.append(epoch_min(here[column]))
    return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)


def _any(minutes: np.ndarray, begin: dt.datetime, end: dt.datetime) -> bool:
    first, last = (np.searchsorted(minutes, int(t.timestamp()) // 60) for t in (begin, end))
    return bool(last > first)
