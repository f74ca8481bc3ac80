"""Questions about a finished run, answered in sentences."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from wfo.domain.centre import Centre, Law
from wfo.forecasting.opening import open_intervals
from wfo.pipeline.reopen import Reopened, reopen
from wfo.scheduling.conflicts import conflict_of
from wfo.scheduling.helps import next_hours, what_would_help
from wfo.scheduling.revision import Revision
from wfo.scheduling.team_why import short_cover, why_team_shift
from wfo.scheduling.why import why_shift
from wfo.scheduling.wording import local_text, span_text
from wfo.tables.parquet import read_frame
from wfo.timegrid import TimeGrid, epoch_min


def why(folder: Path, runs: Path, agent: str, date: str) -> list[str]:
    """Why an agent has a shift on a day."""
    run, day = reopen(folder, runs), dt.date.fromisoformat(date)
    if run.scenario.schedule.cover:
        return why_team_shift(_revision(run), agent, day, run.scenario.schedule.cover)
    return why_shift(_revision(run), agent, day)


def short(folder: Path, runs: Path) -> list[str]:
    """Where one more agent-hour is worth most, and the changes that would win most."""
    run = reopen(folder, runs)
    if run.scenario.schedule.cover:
        return short_cover(_revision(run), run.scenario.schedule.cover)
    revision, money = _revision(run), run.scenario.centre.currency
    hours = next_hours(revision)
    out = ["one more agent-hour is worth most at"]
    for start, queues, value in zip(epoch_min(hours["start"]), hours["queues"], hours["value"], strict=True):
        when = local_text(int(start), run.scenario.centre.zone)
        names = ", ".join(worked_at(run.scenario.centre, run.inputs.grid, int(start), queues.split("|")))
        out += [f"  {when}  {value:8.2f} {money}  for {names}"] if names else []
    helps = what_would_help(revision, run.scenario.schedule.relax)
    if helps.empty:
        return [*out, "no single change wins more than it costs"]
    out.append("what would win most beyond its cost")
    for text, gain, cost in zip(helps["text"], helps["gain"], helps["cost"], strict=True):
        out.append(f"  {text}: wins {gain:.2f} {money} and costs {cost:.2f}")
    return out


def worked_at(centre: Centre, grid: TimeGrid, start: int, queues: Sequence[str]) -> list[str]:
    """Which of some queues an agent works for in the hour from ``start``, minutes since the epoch.

    A queue that is served at once is left out while it is closed; deferred work is done then too.
    """
    first = (start - grid.start_min) // grid.step_min
    hour = slice(first, first + max(1, 60 // grid.step_min))
    opened = open_intervals(centre, grid)[:, hour]
    is_open = {queue: bool(opened[n].any()) for n, queue in enumerate(centre.queue_ids)}
    later = [q for q in queues if not is_open[q] and centre.queues[q].law is Law.DEFERRED]
    return [q for q in queues if is_open[q]] + [
        f"{q} (closed; its work can wait for this hour)" for q in later
    ]


def agent_week(folder: Path, runs: Path, agent: str) -> list[str] | None:
    """An agent's shifts in a run, or why there are none; None: nobody is called so."""
    if agent not in set(read_frame(folder / "agents.parquet")["agent_id"]):
        return None
    run = reopen(folder, runs)
    rows = run.plan[(run.plan["agent_id"] == agent).to_numpy()]
    if len(rows):
        days = sorted(set(rows["schedule_date"]))
        text = ", ".join(f"{day:%a %d %b}" for day in days)
        return [f"{agent} works on {text}", f"  for one of them: {agent}/{days[0].isoformat()}"]
    found = conflict_of(run.inputs, agent, run.scenario.schedule)
    if found is not None:
        return [found.text(run.scenario.centre.currency)]
    return [f"{agent} has no shift; a week without shifts keeps every rule", *_leave(run, agent)]


def _leave(run: Reopened, agent: str) -> list[str]:
    frame = run.inputs.availability
    if frame is None:
        return []
    own = frame[(frame["agent_id"] == agent).to_numpy()]
    zone = run.scenario.centre.zone
    spans = zip(own["kind"], epoch_min(own["start"]), epoch_min(own["end"]), strict=True)
    return [f"  {str(kind).replace('_', ' ')} {span_text(int(a), int(b), zone)}" for kind, a, b in spans]


def _revision(run: Reopened) -> Revision:
    return Revision(run.inputs, run.plan, run.scenario.schedule)
