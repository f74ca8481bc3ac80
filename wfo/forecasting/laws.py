"""The laws by which contacts cause contacts and people give up, as arrays in the scenario's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law, Queue
from wfo.forecasting.landing import LANDING_MIN, landing
from wfo.forecasting.propagation import Links, links_of, spectral_radius
from wfo.metrics.lint import specs_of
from wfo.metrics.specs import MetricSpec, Mode

PATIENCE_DAYS = 90
"""Days from whose waits and abandonments patience is estimated."""
_REDIAL_MEAN_S = 600.0  # where an unknown delay must have some length; within the 30 minutes of a redial


@dataclass(frozen=True)
class Laws:
    """How contacts cause contacts.

    Attributes
    ----------
    follow_ups : ndarray, shape (Q, Q)
        R[from, to] of one served contact.
    edges_min : ndarray of int64, shape (L + 1,)
    delay_cdf : ndarray, shape (Q, Q, L)
    redial_p, redial_mean_s : ndarray, shape (Q,)
    patience_s : ndarray, shape (Q,)
        inf where nobody gives up.
    planned_abandonment : ndarray, shape (Q,)
    landing_min : ndarray of int64, shape (Q,)
        Minutes of the next opening within which contacts due at a closed queue arrive.
    """

    follow_ups: np.ndarray
    edges_min: np.ndarray
    delay_cdf: np.ndarray
    redial_p: np.ndarray
    redial_mean_s: np.ndarray
    patience_s: np.ndarray
    planned_abandonment: np.ndarray
    landing_min: np.ndarray

    @property
    def radius(self) -> float:
        """Spectral radius of the expected children of one arrival at planned abandonment."""
        return spectral_radius(self.follow_ups, self.redial_p, self.planned_abandonment)

    @property
    def reach_min(self) -> int:
        """Longest delay in minutes; 0 where nothing is caused."""
        return int(self.edges_min[-1]) if (self.follow_ups > 0).any() else 0

    def links(self, step_min: int) -> Links:
        """Links of one arrival at planned abandonment."""
        return links_of(
            self.follow_ups,
            self.delay_cdf,
            self.edges_min,
            self.redial_p,
            self.redial_mean_s,
            self.planned_abandonment,
            step_min,
        )

    def landing(self, is_open: np.ndarray, step_min: int) -> tuple[np.ndarray, np.ndarray]:
        """First interval and number of intervals in which what is due in each interval arrives."""
        return landing(is_open, step_min, self.landing_min)

    def scaled(self, factor: np.ndarray) -> "Laws":
        """The same with R multiplied by a factor of shape (Q, Q)."""
        return replace(self, follow_ups=self.follow_ups * factor)


def read_laws(
    centre: Centre,
    kernel: pd.DataFrame | None,
    redial: Mapping[str, Mapping[str, float]] | None,
    members: pd.DataFrame | None,
    interactions: pd.DataFrame | None,
    planned_abandonment: float,
    notes: list[str],
) -> Laws:
    """Read the kernel and the rest; what is not known is 0, with a note.

    Parameters
    ----------
    centre : Centre
    kernel : DataFrame or None
        After its contract; ``r`` of a row is the follow-ups whose delay lies in the bin that ends at
        ``lag_min``.
    redial : mapping or None
        By queue ``p`` and ``mean_s``; without it redials are counted in ``members``.
    members, interactions : DataFrame or None
    planned_abandonment : float
        Where a queue has no target for abandonment.
    notes : list of str
        Notes are added here.

    Raises
    ------
    InputError
        With every target of a queue that cannot be read.
    """
    queues = centre.queue_ids
    follow_ups, edges, cdf = _kernel(queues, kernel)
    if kernel is None:
        notes.append("chains are not available: every contact counts as fresh and causes none")
    elif kernel.empty:
        notes.append("no follow-ups beyond chance were found: every contact but redials counts as fresh")
    patience = np.array([_patience(name, centre.queues[name], interactions, notes) for name in queues])
    specs = specs_of(centre, {})
    planned = np.array([_planned(name, centre.queues[name], specs, planned_abandonment) for name in queues])
    planned[np.isinf(patience)] = 0.0
    known = redial if redial is not None else _redials(members, interactions)
    gives_up = np.isfinite(patience)
    p = np.array([float(known.get(name, {}).get("p", 0.0)) for name in queues]) * gives_up
    mean_s = np.array([float(known.get(name, {}).get("mean_s", _REDIAL_MEAN_S)) for name in queues])
    mean_s = np.where(mean_s > 0, mean_s, _REDIAL_MEAN_S)
    land = np.full(len(queues), LANDING_MIN, dtype=np.int64)
    return Laws(follow_ups, edges, cdf, np.clip(p, 0.0, 1.0), mean_s, patience, planned, land)


def _kernel(
    queues: tuple[str, ...], kernel: pd.DataFrame | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = len(queues)
    if kernel is None or kernel.empty:
        return np.zeros((n, n)), np.array([0, 60], dtype=np.int64), np.zeros((n, n, 1))
    upper = np.unique(kernel["lag_min"].to_numpy(dtype=np.int64))
    upper = upper[upper > 0]
    index = pd.Index(queues)
    a = index.get_indexer(pd.Index(kernel["from_queue"]))
    b = index.get_indexer(pd.Index(kernel["to_queue"]))
    lag = kernel["lag_min"].to_numpy(dtype=np.int64)
    keep = (a >= 0) & (b >= 0) & (lag > 0)
    r = np.zeros((n, n, len(upper)))
    np.add.at(
        r,
        (a[keep], b[keep], np.searchsorted(upper, lag[keep])),
        np.maximum(kernel["r"].to_numpy()[keep], 0.0),
    )
    total = r.sum(axis=2)
    cdf = np.divide(
        np.cumsum(r, axis=2), total[:, :, None], out=np.zeros_like(r), where=total[:, :, None] > 0
    )
    cdf[total > 0, -1] = 1.0
    return total, np.concatenate([[0], upper]), cdf


def _planned(name: str, queue: Queue, specs: Sequence[MetricSpec], default: float) -> float:
    """The least abandonment that targets of a queue ask for; 100 %, or a report alone, asks for nothing."""
    if queue.law not in (Law.IMMEDIATE, Law.CONCURRENT):
        return 0.0
    asked = [
        s.level
        for s in specs
        if (s.scope, s.metric, s.sense) == (name, "abandonment", "<=")
        and s.mode is not Mode.REPORT
        and s.level < 1.0
    ]
    return min(*asked, 0.999) if asked else default


def _patience(name: str, queue: Queue, interactions: pd.DataFrame | None, notes: list[str]) -> float:
    if queue.law not in (Law.IMMEDIATE, Law.CONCURRENT):
        return np.inf
    if queue.patience_s is not None:
        return queue.patience_s
    if interactions is None or "wait_s" not in interactions:
        return np.inf
    rows = interactions[(interactions["queue"] == name).fillna(False).to_numpy(dtype=bool)]
    if rows.empty:
        return np.inf
    recent = rows["started_at"] > rows["started_at"].max() - pd.Timedelta(days=PATIENCE_DAYS)
    abandoned = int((rows["outcome"][recent] == "abandoned").sum())
    waited = float(rows["wait_s"][recent].fillna(0.0).sum())
    if abandoned == 0 or waited <= 0:
        return np.inf
    notes.append(f"{name}: mean patience {waited / abandoned:.0f} s is estimated from waits and abandonments")
    return waited / abandoned


def _redials(members: pd.DataFrame | None, interactions: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    if members is None or interactions is None or members.empty:
        return {}
    again = members.loc[members["role"] == "redial", "interaction_id"]
    came_back = interactions["interaction_id"].isin(again)
    lost = interactions["outcome"] == "abandoned"
    abandoned = interactions.loc[lost].groupby("queue", sort=True).size()
    redials = interactions.loc[came_back].groupby("queue", sort=True).size()
    return {str(q): {"p": float(redials.get(q, 0)) / float(n)} for q, n in abandoned.items()}
