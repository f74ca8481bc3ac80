"""Intervals: service by queue and interval, its mean over the simulated weeks and its spread."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.evaluation.measures import mean_interval, measure, ratio
from wfo.evaluation.play import Played
from wfo.evaluation.scorecard import meets
from wfo.metrics.specs import MetricSpec
from wfo.simulation.memory import DEFERRED
from wfo.staffing.targets import response_spec


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
    tail, parts = (1.0 - interval) / 2, []
    for q, name in enumerate(played.paths.queues):
        found = service(played, centre, q)
        rate = ratio(found.top, found.bottom)
        low, high = quantiles(rate, (tail, 1.0 - tail))
        mean_low, mean_high = mean_interval(found.top, found.bottom, interval)
        part = _means(played, centre, q).assign(
            low=low,
            high=high,
            mean_low=mean_low,
            mean_high=mean_high,
            p_met=share_met(rate, response_spec(name, specs)),
            required=required[q],
            scheduled=scheduled[q],
            over=np.maximum(0.0, scheduled[q] - required[q]),
            under=np.maximum(0.0, required[q] - scheduled[q]),
        )
        told = ["offered", "of", "required", "scheduled"]
        parts.append(part[(part[told] > 0).any(axis=1)])
    out = pd.concat(parts).astype({"queue": "str"})
    return out.sort_values(["queue", "interval_start"], kind="stable").reset_index(drop=True)


def interval_means(played: Played, centre: Centre) -> pd.DataFrame:
    """Means over replications of each queue and interval, in the order of the queues.

    Returns
    -------
    DataFrame
        ``queue, interval_start, offered, answered, abandoned, abandoned_short, of, late, service_level``, as
        `interval_table` says.
    """
    return pd.concat([_means(played, centre, q) for q in range(len(played.paths.queues))], ignore_index=True)


def _means(played: Played, centre: Centre, q: int) -> pd.DataFrame:
    counts, found = played.counts, service(played, centre, q)
    return pd.DataFrame(
        {
            "queue": played.paths.queues[q],
            "interval_start": played.paths.grid.starts,
            "offered": counts.offered[:, q].mean(axis=0),
            "answered": counts.answered[:, q].mean(axis=0),
            "abandoned": counts.abandoned[:, q].mean(axis=0),
            "abandoned_short": counts.abandoned_short[:, q].mean(axis=0),
            "of": found.bottom.mean(axis=0),
            "late": _late(played, q).mean(axis=0),
            "service_level": ratio(found.top.sum(axis=0), found.bottom.sum(axis=0)),
        }
    )


def _late(played: Played, q: int) -> np.ndarray:
    """Late contacts, shape (n, T): answered too late, or deferred work not done by due.

    Work open before the week is late in its first interval.
    """
    counts = played.counts
    deferred = played.staffing.law[q] == DEFERRED
    late = np.asarray((counts.due if deferred else counts.answered)[:, q] - counts.in_target[:, q])
    late[:, 0] += counts.old_due[:, q] - counts.old_in_target[:, q]
    return late


def quantiles(rate: np.ndarray, tails: tuple[float, float]) -> np.ndarray:
    """Quantiles over replications, NaN ones left out, shape (2, T)."""
    out = np.full((2, rate.shape[1]), np.nan)
    seen = ~np.isnan(rate)
    whole = seen.all(axis=0)
    if whole.any():
        out[:, whole] = np.quantile(rate[:, whole], tails, axis=0)
    for t in np.flatnonzero(seen.any(axis=0) & ~whole):
        out[:, t] = np.quantile(rate[seen[:, t], t], tails)
    return out


def share_met(rate: np.ndarray, spec: MetricSpec | None) -> np.ndarray:
    """Share of replications in which a target is met, by interval; NaN where there is none."""
    if spec is None:
        return np.full(rate.shape[1], np.nan)
    seen = ~np.isnan(rate)
    return ratio((meets(rate, spec) & seen).sum(axis=0), seen.sum(axis=0))
