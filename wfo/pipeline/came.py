"""What came in a week that is over, from contacts or, where there are none, from interval counts."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from wfo.domain.centre import Law
from wfo.pipeline.review_steps import served
from wfo.pipeline.source import Source
from wfo.scenario.model import Scenario
from wfo.tables.history import interval_counts
from wfo.tables.worked import worked_by_interval
from wfo.timegrid import TimeGrid

_SUMS = ("offered", "answered", "abandoned_short", "answered_in_target", "handle_s_total")


@dataclass(frozen=True)
class Came:
    """A week as it came.

    Attributes
    ----------
    counts : DataFrame
        queue, interval_start on the week's grid, offered, answered, handle_s_total.
    work : DataFrame or None
        Work by the interval in which it was done (`wfo.tables.worked.worked_by_interval`); None from counts.
    service : callable
        Of a queue, by day: the share answered in time of contacts offered without short abandons, and their
        number; NaN where that is not known.
    """

    counts: pd.DataFrame
    work: pd.DataFrame | None
    service: Callable[[str], list[tuple[float, float]]]


def came_in(
    source: Source, grid: TimeGrid, now: dt.datetime, scenario: Scenario, dates: list[dt.date]
) -> Came | None:
    """What came in a week; None where nothing is known of it.

    Parameters
    ----------
    source : Source
    grid : TimeGrid
        The week.
    now : datetime
        What became known later is left out.
    scenario : Scenario
    dates : list of date
        The week's local days.
    """
    log = source.known("interactions", now)
    if log is not None:
        own = _within(log, "started_at", grid)
        counts = interval_counts(own, step_min=grid.step_min, start_min=grid.start_min)
        parts = source.known("segments", now)
        work = worked_by_interval(log, parts, step_min=grid.step_min, start_min=grid.start_min)
        service = partial(served, came=own, scenario=scenario, dates=dates)
        return None if own.empty else Came(counts, work, service)
    given = source.known("queue_intervals", now)
    if given is None:
        return None
    own = _within(given, "interval_start", grid)
    service = partial(served_of_counts, counts=own, scenario=scenario, dates=dates)
    return None if own.empty else Came(_on_grid(own, grid), None, service)


def served_of_counts(
    queue: str, counts: pd.DataFrame, scenario: Scenario, dates: list[dt.date]
) -> list[tuple[float, float]]:
    """Share answered within the source's threshold of contacts offered without short abandons, by day.

    What the source divides by does not matter here: the share is made anew from its counts. It is not known
    where these lack answered in target or short abandons.
    """
    own = counts[(counts["queue"] == queue).to_numpy()].reindex(columns=["interval_start", *_SUMS])
    date = pd.DatetimeIndex(own["interval_start"]).tz_convert(scenario.centre.zone).date
    out = []
    for day in dates:
        sums = own[date == day][list(_SUMS)].astype("float64").sum(skipna=False)
        of = float(sums["offered"] - sums["abandoned_short"])
        unknown = scenario.centre.queues[queue].law is Law.DEFERRED or np.isnan(sums["answered_in_target"])
        known = not (unknown or np.isnan(of)) and of > 0
        out.append((float(sums["answered_in_target"]) / of, of) if known else (np.nan, np.nan))
    return out


def _within(frame: pd.DataFrame, column: str, grid: TimeGrid) -> pd.DataFrame:
    at = grid.locate(frame[column])
    return frame[(at >= 0) & (at < grid.n)]


def _on_grid(counts: pd.DataFrame, grid: TimeGrid) -> pd.DataFrame:
    """Counts by the grid's intervals: longer ones spread evenly, shorter ones added up."""
    times = np.maximum(counts["interval_min"].to_numpy(dtype=np.int64) // grid.step_min, 1)
    rows = np.repeat(np.arange(len(counts)), times)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    out = counts.reindex(columns=["queue", "interval_start", *_SUMS]).iloc[rows].reset_index(drop=True)
    begun = out["interval_start"] + pd.to_timedelta(nth * grid.step_min, unit="min")
    out["interval_start"] = grid.starts[np.clip(grid.locate(begun), 0, grid.n - 1)]
    out[list(_SUMS)] = out[list(_SUMS)].astype("float64").div(times[rows], axis=0)
    return out.groupby(["queue", "interval_start"], sort=True)[list(_SUMS)].sum().reset_index()
