"""A schedule from a file checked against the rules of a scenario or of a run."""

import datetime as dt
import tempfile
from pathlib import Path

import pandas as pd

from wfo.pipeline.published import joined, published_weeks
from wfo.pipeline.reopen import reopen
from wfo.pipeline.schedule_file import read_schedule
from wfo.pipeline.source import open_source
from wfo.pipeline.week import planning_week
from wfo.scenario.model import Scenario
from wfo.scheduling.checker import check_schedule
from wfo.scheduling.inputs import ScheduleInputs
from wfo.tables.empty import empty_table


def rules_of_run(folder: Path, runs: Path) -> ScheduleInputs:
    """Contracts, agents, absences and published weeks as a run had them."""
    return reopen(folder, runs).inputs


def rules_of_scenario(scenario: Scenario, runs: Path) -> ScheduleInputs:
    """Contracts, agents, absences and published weeks of a scenario's week."""
    with tempfile.TemporaryDirectory(prefix="wfo-") as scratch:
        source = open_source(scenario, None, Path(scratch))
        week = planning_week(scenario, source.last)
        return ScheduleInputs(
            centre=scenario.centre,
            grid=week.grid,
            agents=source.frames["agents"],
            agent_skills=source.frames["agent_skills"],
            routing=source.frames["routing"],
            cover=empty_table("cover"),
            deferred=empty_table("deferred"),
            availability=source.known("availability", week.now),
            published=joined(source.known("published_schedule", week.now), published_weeks(runs, week.first)),
        )


def breaches_of(path: Path, rules: ScheduleInputs) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Breaches by a schedule in a file, and what was filled in to read it.

    Parameters
    ----------
    path : Path
    rules : ScheduleInputs
        What it is checked against; its demand does not matter.

    Raises
    ------
    InputError
        With everything wrong in the file.
    """
    schedule, notes = read_schedule(
        path, timezone=rules.centre.zone, centre=rules.centre, agents=rules.agents
    )
    first = dt.date.fromisoformat(f"{pd.Timestamp(rules.grid.start).tz_convert(rules.centre.zone):%Y-%m-%d}")
    days = {first + dt.timedelta(days=n) for n in range(7)}
    outside = ~schedule["schedule_date"].isin(days)
    if outside.any():
        notes = (
            *notes,
            f"{int(outside.sum())} rows lie outside the week of {first:%a %d %b %Y} and count too",
        )
    breaches = check_schedule(
        schedule,
        centre=rules.centre,
        agents=rules.agents,
        availability=rules.availability,
        published=rules.published,
        grid=rules.grid,
        agent_skills=rules.agent_skills,
        routing=rules.routing,
    )
    return breaches, notes
