"""Periods: tables by interval, by day and by replication, and the worst periods in words."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.evaluation.measures import mean_interval, measure, ratio
from wfo.evaluation.play import Played, caused_by_earlier
from wfo.evaluation.scorecard import meets
from wfo.metrics.specs import MetricSpec
from wfo.simulation.memory import DEFERRED
from wfo.staffing.targets import response_spec
from wfo.timegrid import TimeGrid

WORST_MIN = 30
"""Worst periods are named in half hours (whole intervals, if these are longer)."""


@dataclass(frozen=True)
class Service:
    """Contacts of one queue answered in time (deferred: done by due), and of how many, shape (n, T)."""

    top: np.ndarray
    bottom: np.ndarray


def service(played: Played, centre: Centre, q: int) -> Service:
    """Service of queue number q."""
    deferred = centre.queues[played.paths.queues[q]].law is Law.DEFERRED
    found = measure("response_within" if deferred else "service_level", played.counts, np.array([q]))
    if found is None or found.bottom is None:
        raise AssertionError("service is a ratio")
    return Service(found.top, found.bottom)


def interval_table(
    played: Played,
    centre: Centre,
    specs: tuple[MetricSpec, ...],
    required: np.ndarray,
    scheduled: np.ndarray,
    interval: float,
) -> pd.DataFrame:
    """Table ``intervals``: means over replications, by queue and interval with contacts or people.

    ``of`` are the contacts that ``service_level`` is a share of; work open before the week is among those of
    its first interval, in ``late`` too.

    Parameters
    ----------
    played : Played
    centre : Centre
    specs : tuple of MetricSpec
    required, scheduled : ndarray, shape (Q, T)
        Positions.
    interval : float
        Coverage of ``low`` and ``high``, the spread of simulated weeks, and of ``mean_low`` and
        ``mean_high``, what is known of the mean.
    """
    counts, tail = played.counts, (1.0 - interval) / 2
    parts = []
    for q, name in enumerate(played.paths.queues):
        found = service(played, centre, q)
        rate = ratio(found.top, found.bottom)
        low, high = _quantiles(rate, (tail, 1.0 - tail))
        mean_low, mean_high = mean_interval(found.top, found.bottom, interval)
        spec = response_spec(name, specs)
        part = pd.DataFrame(
            {
                "queue": name,
                "interval_start": played.paths.grid.starts,
                "offered": counts.offered[:, q].mean(axis=0),
                "answered": counts.answered[:, q].mean(axis=0),
                "abandoned": counts.abandoned[:, q].mean(axis=0),
                "abandoned_short": counts.abandoned_short[:, q].mean(axis=0),
                "of": found.bottom.mean(axis=0),
                "late": _late(played, q).mean(axis=0),
                "service_level": ratio(found.top.sum(axis=0), found.bottom.sum(axis=0)),
                "low": low,
                "high": high,
                "mean_low": mean_low,
                "mean_high": mean_high,
                "p_met": _share_met(rate, spec),
                "required": required[q],
                "scheduled": scheduled[q],
                "over": np.maximum(0.0, scheduled[q] - required[q]),
                "under": np.maximum(0.0, required[q] - scheduled[q]),
            }
        )
        told = ["offered", "of", "required", "scheduled"]
        parts.append(part[(part[told] > 0).any(axis=1)])
    out = pd.concat(parts).astype({"queue": "str"})
    return out.sort_values(["queue", "interval_start"], kind="stable").reset_index(drop=True)


def _late(played: Played, q: int) -> np.ndarray:
    """Late contacts, shape (n, T): answered too late, or deferred work not done by due.

    Work open before the week is late in its first interval.
    """
    counts = played.counts
    deferred = played.staffing.law[q] == DEFERRED
    late = np.asarray((counts.due if deferred else counts.answered)[:, q] - counts.in_target[:, q])
    late[:, 0] += counts.old_due[:, q] - counts.old_in_target[:, q]
    return late


def _quantiles(rate: np.ndarray, tails: tuple[float, float]) -> np.ndarray:
    """Quantiles over replications, NaN ones left out, shape (2, T)."""
    out = np.full((2, rate.shape[1]), np.nan)
    seen = ~np.isnan(rate)
    whole = seen.all(axis=0)
    if whole.any():
        out[:, whole] = np.quantile(rate[:, whole], tails, axis=0)
    for t in np.flatnonzero(seen.any(axis=0) & ~whole):
        out[:, t] = np.quantile(rate[seen[:, t], t], tails)
    return out


def _share_met(rate: np.ndarray, spec: MetricSpec | None) -> np.ndarray:
    if spec is None:
        return np.full(rate.shape[1], np.nan)
    seen = ~np.isnan(rate)
    return ratio((meets(rate, spec) & seen).sum(axis=0), seen.sum(axis=0))


def day_tables(
    played: Played, centre: Centre, specs: tuple[MetricSpec, ...], interval: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``replications`` (every simulated day) and ``days`` (service over the replications).

    Columns of the first: ``replication, queue, day, offered, answered, abandoned, abandoned_short, in_time,
    of, wait_s, caused, service_level``; of the second: ``queue, day, predicted, low, high, mean_low,
    mean_high, p_met, target``, where low and high are the spread of simulated days, mean_low and mean_high
    what is known of the mean. Days are local.
    """
    grid, tail = played.paths.grid, (1.0 - interval) / 2
    number = grid.local_day_number(centre.zone)
    dates = _dates(grid, centre.zone)
    counts, caused, runs, days = played.counts, caused_by_earlier(played), [], []
    first = np.flatnonzero(np.diff(number, prepend=-1))
    for q, name in enumerate(played.paths.queues):
        found = service(played, centre, q)
        sums = {
            column: np.add.reduceat(array, first, axis=1)
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
        rate = ratio(sums["in_time"], sums["of"])
        keys = {"replication": np.repeat(np.arange(n), d), "queue": name, "day": np.tile(dates, n)}
        flat = {column: values.ravel() for column, values in sums.items()}
        runs.append(pd.DataFrame({**keys, **flat, "service_level": rate.ravel()}))
        low, high = _quantiles(rate, (tail, 1.0 - tail))
        spec = response_spec(name, specs)
        pooled = ratio(sums["in_time"].sum(axis=0), sums["of"].sum(axis=0))
        target = np.nan if spec is None else spec.level
        mean_low, mean_high = mean_interval(sums["in_time"], sums["of"], interval)
        line = {"queue": name, "day": dates, "predicted": pooled, "low": low, "high": high}
        line |= {"mean_low": mean_low, "mean_high": mean_high}
        days.append(pd.DataFrame({**line, "p_met": _share_met(rate, spec), "target": target}))
    by_run = pd.concat(runs).astype({"queue": "str"})
    by_run = by_run.sort_values(["replication", "queue", "day"], kind="stable").reset_index(drop=True)
    by_day = pd.concat(days).astype({"queue": "str"}).sort_values(["queue", "day"], kind="stable")
    return by_run, by_day.reset_index(drop=True)


def _dates(grid: TimeGrid, zone: str) -> np.ndarray:
    """Local dates of the grid's days, an object array of `datetime.date`."""
    found: list[dt.date] = sorted(set(grid.local(zone).date))
    dates = np.empty(len(found), dtype=object)
    dates[:] = found
    return dates


def worst_periods(played: Played, centre: Centre, specs: tuple[MetricSpec, ...], most: int) -> pd.DataFrame:
    """Table ``worst``: periods in which most contacts miss their queue's service target.

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
            rows.append(
                (float(short[k]), name, int(starts[k]), predicted, spec.level, missed, int(seen.sum()))
            )
    rows.sort(key=lambda row: (-row[0], row[1], row[2]))
    return _named(rows[:most], grid, centre.zone, width)


def _named(
    rows: list[tuple[float, str, int, float, float, int, int]], grid: TimeGrid, zone: str, width: int
) -> pd.DataFrame:
    out = []
    for rank, (short, queue, t, predicted, target, missed, of) in enumerate(rows, start=1):
        start = grid.starts[t]
        end = start + pd.Timedelta(minutes=grid.step_min * min(width, grid.n - t))
        local, until = start.tz_convert(zone), end.tz_convert(zone)
        text = (
            f"{local:%a %H:%M}–{until:%H:%M}, {queue.replace('_', ' ')}: {100 * predicted:.0f} % expected, "
            f"target {100 * target:g} %, missed in {missed} of {of} simulated weeks"
        )
        out.append((rank, queue, start, end, predicted, target, missed, of, short, text))
    names = ["rank", "queue", "start", "end", "predicted", "target", "missed", "of", "short", "text"]
    frame = pd.DataFrame(out, columns=names)
    times = dict.fromkeys(("start", "end"), "datetime64[us, UTC]")
    numbers = dict.fromkeys(("predicted", "target", "short"), "float64")
    whole = dict.fromkeys(("rank", "missed", "of"), "int64")
    return frame.astype({"queue": "str", "text": "str", **times, **numbers, **whole})
