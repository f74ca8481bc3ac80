"""A schedule from a file checked against the rules of a scenario or of a run."""

import datetime as dt
import tempfile
from dataclasses import dataclass
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
from wfo.scheduling.settings import ScheduleSettings
from wfo.tables.empty import empty_table


@dataclass(frozen=True)
class Rules:
    """What a schedule is checked against.

    Attributes
    ----------
    week : ScheduleInputs
        Contracts, agents, absences and published weeks; its demand does not matter.
    settings : ScheduleSettings
        Minimum staff, team mix and the scenario's limit on starts.
    """

    week: ScheduleInputs
    settings: ScheduleSettings


def rules_of_run(folder: Path, runs: Path) -> Rules:
    """The rules as a run had them."""
    run = reopen(folder, runs)
    return Rules(run.inputs, run.scenario.schedule)


def rules_of_scenario(scenario: Scenario, runs: Path) -> Rules:
    """The rules of a scenario's week."""
    with tempfile.TemporaryDirectory(prefix="wfo-") as scratch:
        source = open_source(scenario, None, Path(scratch))
        week = planning_week(scenario, source.last)
        inputs = ScheduleInputs(
            centre=scenario.centre,
            grid=week.grid,
            agents=source.frames["agents"],
            agent_skills=source.frames.get("agent_skills", empty_table("agent_skills")),
            routing=source.frames.get("routing", empty_table("routing")),
            cover=empty_table("cover"),
            deferred=empty_table("deferred"),
            availability=source.known("availability", week.now),
            published=joined(source.known("published_schedule", week.now), published_weeks(runs, week.first)),
        )
        return Rules(inputs, scenario.schedule)


def breaches_of(path: Path, rules: Rules) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Breaches by a schedule in a file, and what was filled in to read it.

    Parameters
    ----------
    path : Path
    rules : Rules

    Raises
    ------
    InputError
        With everything wrong in the file.
    """
    week = rules.week
    schedule, notes = read_schedule(path, timezone=week.centre.zone, centre=week.centre, agents=week.agents)
    first = dt.date.fromisoformat(f"{pd.Timestamp(week.grid.start).tz_convert(week.centre.zone):%Y-%m-%d}")
    days = {first + dt.timedelta(days=n) for n in range(7)}
    outside = ~schedule["schedule_date"].isin(days)
    if outside.any():
        notes = (
            *notes,
            f"{int(outside.sum())} rows lie outside the week of {first:%a %d %b %Y} and count too",
        )
    return breaches_by(schedule, rules), notes


def breaches_by(schedule: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Breaches of every rule by a schedule, as of `check_schedule`."""
    week = rules.week
    return check_schedule(
        schedule,
        centre=week.centre,
        agents=week.agents,
        availability=week.availability,
        published=week.published,
        grid=week.grid,
        agent_skills=week.agent_skills,
        routing=week.routing,
        settings=rules.settings,
    )
