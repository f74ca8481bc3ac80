"""Review of last week: the published plan against what happened, by queue and day, and why."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.pipeline.came import Came, came_in
from wfo.pipeline.published import newest_published
from wfo.pipeline.review_steps import STEPS, steps_of
from wfo.pipeline.run_folder import MODEL
from wfo.pipeline.source import Source
from wfo.pipeline.week import PlanningWeek
from wfo.scenario.model import Scenario
from wfo.staffing.adherence import adherence, adherence_by_day
from wfo.staffing.lost_by_day import lost_by_day
from wfo.staffing.settings import Loss
from wfo.staffing.shrinkage import lost_share
from wfo.tables.parquet import read_frame
from wfo.timegrid import TimeGrid

NEEDED = ("schedule", "forecast", "intervals", "days")
"""Tables of a published week without which it cannot be reviewed."""


def last_week(root: Path, source: Source, week: PlanningWeek, scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Tables ``review`` and of adherence; none where last week was not published or is not over.

    Parameters
    ----------
    root : Path
        Folder of all runs.
    source : Source
    week : PlanningWeek
        The week now planned; the one before it is reviewed, from what is known at its planning moment.
    scenario : Scenario

    Returns
    -------
    dict of str to DataFrame
        ``review``: ``queue, day, volume_planned, volume, handle_planned, handle, hours_planned, hours,
        lost_planned, lost, work_planned, work, promised, realised, of`` and what made the difference of
        ``realised − promised``: `STEPS` and ``rest``. Work is in hours: volume times handle time as planned,
        and what was done on contacts within that day, whenever they came and whoever passed them on; from
        interval counts what was done is not known, and service is by their source's threshold.
        ``review_adherence``: ``day, agents, scheduled_min, adherent_min, work_min, worked_min, adherence,
        conformance``; ``review_agents`` the same by agent.
    """
    first = week.first - dt.timedelta(weeks=1)
    folder = newest_published(root, first)
    if folder is None or any(not (folder / f"{n}.parquet").is_file() for n in NEEDED):
        return {}
    zone = scenario.centre.zone
    grid = TimeGrid.of_days(first, 7, zone=zone, step_min=scenario.week.grid_min)
    came = came_in(source, grid, week.now, scenario, grid.local_dates(zone))
    if came is None or grid.end > week.now:
        return {}
    files = {name: folder / f"{name}.parquet" for name in (*NEEDED, "shrinkage")}
    plan = {name: read_frame(path) for name, path in files.items() if path.is_file()}
    states = source.known("agent_states", week.now)
    found = {"review": _review(plan, came, states, _patience(folder, scenario), grid, scenario)}
    if states is not None and len(states):
        kept = adherence(plan["schedule"], states, scenario.staff.states)
        found["review_agents"] = kept.rename(columns={"schedule_date": "day"})
        found["review_adherence"] = adherence_by_day(kept)
    return found


def _review(
    plan: Mapping[str, pd.DataFrame],
    came: Came,
    states: pd.DataFrame | None,
    patience: Mapping[str, float],
    grid: TimeGrid,
    scenario: Scenario,
) -> pd.DataFrame:
    centre = scenario.centre
    dates = grid.local_dates(centre.zone)
    day = grid.local_day_number(centre.zone)
    lost = lost_by_day(states, grid, centre.zone, scenario.staff.states)
    known = plan.get("shrinkage")
    usual = scenario.staff.unscheduled_shrinkage if known is None else lost_share(known, Loss.UNSCHEDULED)
    hours_planned = _work_hours(plan["schedule"], dates)
    hours = _worked_hours(states, dates, scenario)
    promised = plan["days"].set_index(["queue", "day"])["predicted"]
    rows = []
    for queue in centre.staffed_ids:
        arrays = _arrays(queue, plan, came.counts, grid)
        worked_h = np.full(grid.n, np.nan)
        if came.work is not None:
            worked_h = _laid(came.work[came.work["queue"] == queue], "worked_s", grid) / 3600
        planned_h = arrays["planned"] * arrays["handle_planned"] / 3600
        service = came.service(queue)
        for d, date in enumerate(dates):
            here = day == d
            volume, planned = arrays["came"][here].sum(), arrays["planned"][here].sum()
            if not (volume or planned):
                continue
            is_lost = lost.get(date, np.nan)
            there = hours[d] / hours_planned[d] if hours_planned[d] > 0 and not np.isnan(hours[d]) else np.nan
            own = {k: v[here] for k, v in arrays.items()}
            steps = steps_of(queue, own, usual, is_lost, there, patience[queue], scenario, grid)
            said = float(promised.get((queue, date), np.nan))
            realised, of = service[d]
            rest = realised - said - (0.0 if steps is None else sum(steps))
            rows.append(
                (
                    queue, date, planned, volume,
                    _weighted(arrays["handle_planned"][here], arrays["planned"][here]),
                    _weighted(arrays["handle"][here], arrays["came"][here]),
                    hours_planned[d], hours[d], usual, is_lost, planned_h[here].sum(), worked_h[here].sum(),
                    said, realised, of,
                    *((np.nan,) * 4 if steps is None else steps), rest,
                )
            )  # fmt: skip
    names = [
        "queue", "day", "volume_planned", "volume", "handle_planned", "handle", "hours_planned", "hours",
        "lost_planned", "lost", "work_planned", "work", "promised", "realised", "of", *STEPS, "rest",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names).astype({"queue": "str"})


def _patience(folder: Path, scenario: Scenario) -> dict[str, float]:
    """Mean patience by queue, as the published plan had it; what it did not know is as the scenario says."""
    told = {name: queue.patience_s for name, queue in scenario.centre.queues.items()}
    if (folder / MODEL).is_file():
        model = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        told |= dict(zip(model["queues"], model["patience_s"], strict=True))
    return {name: np.inf if mean is None else float(mean) for name, mean in told.items()}


def _arrays(
    queue: str, plan: Mapping[str, pd.DataFrame], counts: pd.DataFrame, grid: TimeGrid
) -> dict[str, np.ndarray]:
    """Planned and real contacts, handle times and positions of a queue by interval, each of shape (T,)."""
    forecast = plan["forecast"][plan["forecast"]["queue"] == queue]
    counts = counts[(counts["queue"] == queue).to_numpy()]
    seen = plan["intervals"][plan["intervals"]["queue"] == queue]
    answered = counts["answered"].to_numpy(dtype=np.float64)
    mean = np.divide(
        counts["handle_s_total"].to_numpy(dtype=np.float64),
        answered,
        out=np.zeros(len(counts)),
        where=answered > 0,
    )
    return {
        "planned": _laid(forecast, "volume_mean", grid),
        "handle_planned": _laid(forecast, "handle_s_mean", grid),
        "came": _laid(counts, "offered", grid),
        "handle": _laid(counts.assign(mean=mean), "mean", grid),
        "positions": _laid(seen, "scheduled", grid),
    }


def _laid(frame: pd.DataFrame, column: str, grid: TimeGrid) -> np.ndarray:
    out = np.zeros(grid.n)
    at = grid.locate(frame["interval_start"])
    inside = (at >= 0) & (at < grid.n)
    out[at[inside]] = frame[column].to_numpy(dtype=np.float64, na_value=0.0)[inside]
    return out


def _weighted(values: np.ndarray, weights: np.ndarray) -> float:
    known = (weights > 0) & (values > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def _work_hours(schedule: pd.DataFrame, dates: list[dt.date]) -> np.ndarray:
    work = schedule[(schedule["kind"].astype(str) == Kind.WORK.value).to_numpy()]
    seconds = (work["end"] - work["start"]).dt.total_seconds().groupby(work["schedule_date"]).sum()
    return np.array([float(seconds.get(day, 0.0)) / 3600 for day in dates])


def _worked_hours(states: pd.DataFrame | None, dates: list[dt.date], scenario: Scenario) -> np.ndarray:
    """Hours in states that are work, by the local day on which they began; NaN where no state is known."""
    if states is None or states.empty:
        return np.full(len(dates), np.nan)
    losses = scenario.staff.states
    work = states[
        [losses.get(str(s), None) is None or losses[str(s)].value == "work" for s in states["state"]]
    ]
    date = pd.DatetimeIndex(work["start"]).tz_convert(scenario.centre.zone).date
    seconds = (work["end"] - work["start"]).dt.total_seconds().groupby(date).sum()
    return np.array([float(seconds.get(day, np.nan)) / 3600 for day in dates])
