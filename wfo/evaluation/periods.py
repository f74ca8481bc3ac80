"""Periods: tables by day and by replication, and the worst periods in words."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.evaluation.intervals import quantiles, service, share_met
from wfo.evaluation.measures import mean_interval, ratio
from wfo.evaluation.play import Played, caused_by_earlier
from wfo.evaluation.scorecard import meets
from wfo.metrics.specs import MetricSpec
from wfo.simulation.memory import DEFERRED
from wfo.staffing.targets import response_spec
from wfo.timegrid import TimeGrid

WORST_MIN = 30
"""Worst periods are named in half hours (whole intervals, if these are longer)."""


def day_tables(
    played: Played, centre: Centre, specs: tuple[MetricSpec, ...], interval: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``replications`` (every simulated day) and ``days`` (service over the replications).

    Columns of the first: ``replication, queue, day, offered, answered, abandoned, abandoned_short, in_time,
    of, wait_s, caused, service_level``; of the second: ``queue, day, predicted, low, high, mean_low,
    mean_high, p_met, target``, where low and high are the spread of simulated days, mean_low and mean_high
    what is known of the mean. Days are local.
    """
    tail, days = (1.0 - interval) / 2, []
    dates = _dates(played.paths.grid, centre.zone)
    for q, name in enumerate(played.paths.queues):
        found = service(played, centre, q)
        top, bottom = (_by_day(played, centre, part) for part in (found.top, found.bottom))
        low, high = quantiles(ratio(top, bottom), (tail, 1.0 - tail))
        spec = response_spec(name, specs)
        target = np.nan if spec is None else spec.level
        mean_low, mean_high = mean_interval(top, bottom, interval)
        pooled = ratio(top.sum(axis=0), bottom.sum(axis=0))
        line = {"queue": name, "day": dates, "predicted": pooled, "low": low, "high": high}
        line |= {"mean_low": mean_low, "mean_high": mean_high}
        days.append(pd.DataFrame({**line, "p_met": share_met(ratio(top, bottom), spec), "target": target}))
    by_day = pd.concat(days).astype({"queue": "str"}).sort_values(["queue", "day"], kind="stable")
    return replication_table(played, centre), by_day.reset_index(drop=True)


def replication_table(played: Played, centre: Centre) -> pd.DataFrame:
    """Table ``replications``: every simulated day of each queue; columns as `day_tables` says."""
    counts, caused, runs = played.counts, caused_by_earlier(played), []
    dates = _dates(played.paths.grid, centre.zone)
    for q, name in enumerate(played.paths.queues):
        found = service(played, centre, q)
        sums = {
            column: _by_day(played, centre, array)
            for column, array in (
                ("offered", counts.offered[:, q]),
                ("answered", counts.answered[:, q]),
                ("abandoned", counts.abandoned[:, q]),
                ("abandoned_short", counts.abandoned_short[:, q]),
                ("in_time", found.top),
                ("of", found.bottom),
                ("wait_s", counts.wait_ms[:, q] / 1000.0),
                ("caused", caused[:, q]),
            )
        }
        n, d = sums["offered"].shape
        keys = {"replication": np.repeat(np.arange(n), d), "queue": name, "day": np.tile(dates, n)}
        flat = {column: values.ravel() for column, values in sums.items()}
        rate = ratio(sums["in_time"], sums["of"])
        runs.append(pd.DataFrame({**keys, **flat, "service_level": rate.ravel()}))
    by_run = pd.concat(runs).astype({"queue": "str"})
    return by_run.sort_values(["replication", "queue", "day"], kind="stable").reset_index(drop=True)


def _by_day(played: Played, centre: Centre, values: np.ndarray) -> np.ndarray:
    """Sums of values by interval, shape (n, T), over local days, shape (n, days)."""
    number = played.paths.grid.local_day_number(centre.zone)
    return np.add.reduceat(values, np.flatnonzero(np.diff(number, prepend=-1)), axis=1)


def _dates(grid: TimeGrid, zone: str) -> np.ndarray:
    """Local dates of the grid's days, an object array of `datetime.date`."""
    found: list[dt.date] = grid.local_dates(zone)
    dates = np.empty(len(found), dtype=object)
    dates[:] = found
    return dates


def worst_periods(played: Played, centre: Centre, specs: tuple[MetricSpec, ...], most: int) -> pd.DataFrame:
    """Table ``worst``: of periods expected below their queue's service target, those by most contacts.

    Columns ``rank, queue, start, end, predicted, target, missed, of, short, text``; ``short`` is the mean
    number of contacts by which the target is missed, ``missed`` the number of simulated weeks in which it is,
    ``of`` those in which anybody came.
    """
    grid = played.paths.grid
    width = max(1, WORST_MIN // grid.step_min)
    rows = []
    for q, name in enumerate(played.paths.queues):
        spec = response_spec(name, specs)
        if spec is None or played.staffing.law[q] >= DEFERRED:
            continue
        found = service(played, centre, q)
        starts = np.arange(0, grid.n, width)
        top, bottom = (np.add.reduceat(a, starts, axis=1) for a in (found.top, found.bottom))
        short = np.maximum(0.0, spec.level * bottom - top).mean(axis=0)
        rate = ratio(top, bottom)
        for k in np.flatnonzero(short > 0):
            seen = bottom[:, k] > 0
            missed = int((seen & ~meets(rate[:, k], spec)).sum())
            predicted = float(top[:, k].sum() / bottom[:, k].sum())
            if predicted >= spec.level:
                continue  # missed by chance now and then, held in the mean
            rows.append(
                (float(short[k]), name, int(starts[k]), predicted, spec.level, missed, int(seen.sum()))
            )
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    return _named(rows[:most], grid, centre.zone, width, len(played.paths.fresh))


def _named(
    rows: list[tuple[float, str, int, float, float, int, int]],
    grid: TimeGrid,
    zone: str,
    width: int,
    weeks: int,
) -> pd.DataFrame:
    out = []
    for rank, (short, queue, t, predicted, target, missed, of) in enumerate(rows, start=1):
        start = grid.starts[t]
        end = start + pd.Timedelta(minutes=grid.step_min * min(width, grid.n - t))
        local, until = start.tz_convert(zone), end.tz_convert(zone)
        counted = f"{of} simulated weeks" if of == weeks else f"{of} simulated weeks in which contacts came"
        text = (
            f"{local:%a %H:%M}–{until:%H:%M}, {queue.replace('_', ' ')}: {100 * predicted:.0f} % expected, "
            f"target {100 * target:g} %, missed in {missed} of {counted}"
        )
        out.append((rank, queue, start, end, predicted, target, missed, of, short, text))
    names = ["rank", "queue", "start", "end", "predicted", "target", "missed", "of", "short", "text"]
    frame = pd.DataFrame(out, columns=names)
    times = dict.fromkeys(("start", "end"), "datetime64[us, UTC]")
    numbers = dict.fromkeys(("predicted", "target", "short"), "float64")
    whole = dict.fromkeys(("rank", "missed", "of"), "int64")
    return frame.astype({"queue": "str", "text": "str", **times, **numbers, **whole})
