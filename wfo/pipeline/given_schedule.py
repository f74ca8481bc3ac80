"""A schedule that is given, ours or another program's, judged in the place of one that is made."""

import datetime as dt
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pandas as pd

from wfo.domain.activities import Kind
from wfo.errors import InputError, Problem
from wfo.pipeline.calls import Entry
from wfo.pipeline.hashing import frame_hash
from wfo.pipeline.published import joined
from wfo.pipeline.schedule_check import Rules, breaches_by
from wfo.pipeline.schedule_file import read_schedule
from wfo.pipeline.stages import Stages
from wfo.pipeline.store import Stored, open_stored, save_stored
from wfo.scheduling.demand import served_by, skills_by_agent
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.place_result import PLACEMENTS, PlaceResult
from wfo.scheduling.result import WISHES_MET, ScheduleResult
from wfo.scheduling.wording import some_of
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta, Result
from wfo.timegrid import TimeGrid

SAID = 3
"""Breaches named in a run's reasons; all of them are in table ``breaches``."""


def judge_week(stages: Stages, results: dict[str, Stored], path: Path) -> None:
    """Run the verbs into ``results``, with the schedule of a file for the one they would have made.

    Nothing is placed in it: what it has of breaks, meetings and coaching is there already.

    Raises
    ------
    InputError
        With everything wrong in the file.
    """
    chains = results["chains"] = stages.chains()
    results["insight"] = stages.insight(chains)
    forecast = results["forecast"] = stages.forecast(chains)
    staff = results["staff"] = stages.staff(forecast)
    found = _read(stages, path)
    schedule = results["schedule"] = _kept(stages, "schedule", found)
    coach = results["coach"] = stages.coach(schedule, None, round_=1)
    plan = {"placements": pd.DataFrame(columns=PLACEMENTS), "coaching": empty_table("coaching")}
    placed = PlaceResult({"schedule": found.tables["schedule"], **plan}, Meta())
    place = results["place"] = _kept(stages, "place", placed)
    made = (chains, forecast, staff, schedule, coach, place)
    results["evaluate"] = stages.evaluate(*made, round_=1)


def _read(stages: Stages, path: Path) -> ScheduleResult:
    """The file's schedule with the checker's findings."""
    source, week, centre = stages.source, stages.week, stages.scenario.centre
    frames = {name: source.frames[name] for name in ("agents", "agent_skills", "routing")}
    read, notes = read_schedule(path, timezone=centre.zone, centre=centre, agents=frames["agents"])
    rules = ScheduleInputs(
        centre=centre,
        grid=week.grid,
        cover=empty_table("cover"),
        deferred=empty_table("deferred"),
        availability=source.known("availability", week.now),
        published=joined(source.known("published_schedule", week.now), stages.published),
        **frames,
    )
    breaches = breaches_by(read, Rules(rules, stages.scenario.schedule))
    inside, left = _within(read, week.grid)
    if inside.empty:
        found = f"no row lies in the week of {week.first:%a %d %b %Y}; take the file of that week"
        raise InputError([Problem(str(path), found)])
    if left:
        notes = (*notes, f"{left} rows lie outside the week and are not judged")
    inside, strangers = _of_known(inside, frames["agents"])
    names = some_of(sorted(set(strangers)))
    if inside.empty:
        known = some_of(sorted(frames["agents"]["agent_id"].astype(str)), 3)
        found = f"nobody in it is known: {names}; write the ids of agents.agent_id, such as {known}"
        raise InputError([Problem(f"{path}, column 'agent_id'", found)])
    if strangers:
        notes = (*notes, f"{len(strangers)} rows are not played, as nobody is called so: {names}")
    whole = with_queues(inside, frames["agent_skills"], frames["routing"], week.grid)
    tables = {"schedule": whole, "breaches": breaches}
    tables |= {name: empty_table(name) for name in ("prices", "assignment")}
    tables["wishes_met"] = pd.DataFrame(columns=WISHES_MET)
    reasons = tuple(map(_said, breaches.head(SAID).to_dict("records")))
    if len(breaches) > SAID:
        reasons += (f"{len(breaches) - SAID} more breaches of rules; see table breaches",)
    return ScheduleResult(tables, Meta(reasons=reasons, seed=stages.scenario.seed, notes=tuple(notes)))


def _said(breach: dict[Hashable, Any]) -> str:
    """``A012, Mon 07 Jul: 9 h of rest before the shift; needed are 11 (rest)``."""
    date = breach["schedule_date"]
    day = f", {date:%a %d %b}" if isinstance(date, dt.date) and pd.notna(date) else ""
    return f"{breach['agent_id'] or 'all agents'}{day}: {breach['message']} ({breach['rule']})"


def _kept(stages: Stages, stage: str, result: Result) -> Stored:
    """The result as stages are stored, under its content."""
    parts = {name: frame_hash(frame) for name, frame in result.tables.items()}
    key = frame_hash(pd.DataFrame({"part": list(parts.values())}))
    folder = stages.cache / stage / f"given-{key}"
    reused = stages.reuse and (folder / "result.json").is_file()
    stored = open_stored(folder, type(result)) if reused else save_stored(folder, result)
    stages.entries.append(Entry(stage, 1, key, parts, 0.0, reused, "given", stored))
    stages.progress(stage, "given")
    return stored


def _within(schedule: pd.DataFrame, grid: TimeGrid) -> tuple[pd.DataFrame, int]:
    """Rows that touch the week, and how many do not."""
    inside = (schedule["end"] > pd.Timestamp(grid.start)) & (schedule["start"] < pd.Timestamp(grid.end))
    return schedule[inside.to_numpy()].reset_index(drop=True), int((~inside).sum())


def _of_known(schedule: pd.DataFrame, agents: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Rows of agents whom the centre has, and who the others are for."""
    known = schedule["agent_id"].astype(str).isin(agents["agent_id"].astype(str)).to_numpy()
    return schedule[known].reset_index(drop=True), schedule.loc[~known, "agent_id"].astype(str).tolist()


def with_queues(
    schedule: pd.DataFrame, agent_skills: pd.DataFrame, routing: pd.DataFrame, grid: TimeGrid
) -> pd.DataFrame:
    """Schedule whose work says which queues it is for: where it says none, all that the agent may serve."""
    skills = skills_by_agent(agent_skills, grid)
    known = {agent: list(served_by(routing, own)) for agent, own in skills.items()}
    rows = zip(schedule["agent_id"], schedule["kind"], schedule["queues"], strict=True)
    named = [
        list(own) if len(own) or kind != Kind.WORK.value else known.get(str(agent), [])
        for agent, kind, own in rows
    ]
    return schedule.assign(queues=pd.Series(named, index=schedule.index, dtype=object))
