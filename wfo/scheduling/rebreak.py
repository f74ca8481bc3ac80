"""Place the breaks of a plan anew, everything else as it is."""

import datetime as dt

import pandas as pd

from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.repair_options import break_option, week_with
from wfo.scheduling.revision import Revision, Trial
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import Record, shifts_of

_PASSES = 4
"""Passes, at most; each looks at the shifts that the one before has changed."""
_LEAST = 0.01
"""Money below which a move is not worth a change."""


def rebreak(
    week: ScheduleInputs, plan: pd.DataFrame, settings: ScheduleSettings, *, price: float = 0.0
) -> pd.DataFrame:
    """Move breaks within their windows where service gains by it; shifts, activities and locks stay.

    Parameters
    ----------
    week : ScheduleInputs
    plan : DataFrame
        Table ``schedule``.
    settings : ScheduleSettings
    price : float
        Money that the breaks of a shift must win to be moved.

    Returns
    -------
    DataFrame
        Table ``schedule``; never worth less than the plan, and without a breach that the plan had not.
    """
    revision = Revision(week, plan, settings)
    before = {agent: list(records) for agent, records in revision.records.items()}
    shifts = [
        (agent, shift[0]["schedule_date"])
        for agent in sorted(revision.records)
        if revision.value.queues_of.get(agent)
        for shift in shifts_of(revision.records[agent]).values()
    ]
    for _ in range(_PASSES):
        shifts = [(agent, day) for agent, day in shifts if _moved(revision, agent, day, price)]
        if not shifts:
            break
    _undo_breaches(revision, before)
    return revision.plan()


def _moved(revision: Revision, agent: str, day: dt.date, price: float) -> bool:
    """Move the breaks of one shift where that wins more than its price."""
    option = break_option(revision, agent, day, revision.price(agent))
    if option is None or option.worth <= price + _LEAST:
        return False
    new = week_with(revision, option)
    if new is None:
        return False
    loss = revision.value_loss({agent: new})
    if -loss <= price + _LEAST:
        return False
    revision.make(Trial({agent: new}, revision.availability.iloc[:0], (), loss, 0.0))
    return True


def _undo_breaches(revision: Revision, before: dict[str, list[Record]]) -> None:
    """Give agents their old breaks back where the checker finds a rule broken that was not."""
    for agent, old in before.items():
        if revision.records[agent] == old:
            continue
        known = revision.breaches(agent, old, revision.availability)
        if revision.known_breaches(agent) - known:
            revision.make(Trial({agent: old}, revision.availability.iloc[:0], (), 0.0, 0.0))
