"""The plain planner's requirement: Erlang C in every interval, each queue alone."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import MetricSpec
from wfo.staffing.erlang import required_positions
from wfo.staffing.targets import targets_of
from wfo.timegrid import TimeGrid

SHORT_WORTH = 4.0
"""Wages a missing position is said to cost: the plain planner covers his curve, whatever it is worth."""


def erlang_c_requirement(
    centre: Centre,
    grid: TimeGrid,
    specs: tuple[MetricSpec, ...],
    laws: DemandPaths,
    expected: np.ndarray,
    *,
    unscheduled: float,
    easing: float,
) -> pd.DataFrame:
    """Positions of immediate and concurrent queues, in the shape of table ``requirement``.

    Parameters
    ----------
    centre : Centre
    grid : TimeGrid
    specs : tuple of MetricSpec
    laws : DemandPaths
        Handle times; a queue's mean over its open hours is used, as plain planners do.
    expected : ndarray, shape (Q, T)
        Contacts.
    unscheduled : float
        Shrinkage by which positions are grossed up.
    easing : float
        Factor on the share that may miss the threshold: 0.5 plans 80 % as 90 %.

    Notes
    -----
    Erlang 1917; nobody gives up, each interval is in equilibrium, an agent with K chats is K servers.
    """
    is_open = open_intervals(centre, grid)
    parts = []
    for q, name in enumerate(laws.queues):
        spec = centre.queues[name]
        if spec.law not in (Law.IMMEDIATE, Law.CONCURRENT):
            continue
        target = targets_of(name, specs, price_late=0.0, price_abandoned=0.0)[0]
        slots = spec.concurrency if spec.law is Law.CONCURRENT else 1
        at = np.flatnonzero(is_open[q] & (expected[q] > 0) & (laws.handle_mean_s[q] > 0))
        if not at.size:
            continue
        work = float(np.average(laws.handle_mean_s[q, at], weights=expected[q, at])) * slots
        servers = required_positions(
            expected[q, at] * 60.0 / grid.step_min,
            work,
            within_s=target.within_s,
            service_level=1.0 - easing * (1.0 - target.level),
        )
        need = np.ceil(np.asarray(servers, dtype=np.float64) / slots)
        parts.append(
            pd.DataFrame(
                {
                    "queue": name,
                    "interval_start": grid.starts[at],
                    "law": spec.law.value,
                    "offered_load": expected[q, at] / (grid.step_min * 60.0) * work / slots,
                    "positions": need,
                    "positions_with_shrinkage": np.ceil(need / (1.0 - unscheduled) - 1e-9),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).astype({"queue": "str", "law": "str"})


def flat_cover(requirement: pd.DataFrame, wage_per_h: float, step_min: int) -> pd.DataFrame:
    """Table ``cover`` in which every position asked for is worth the same, and none beyond.

    Parameters
    ----------
    requirement : DataFrame
        From `erlang_c_requirement`.
    wage_per_h : float
    step_min : int
    """
    need = requirement["positions_with_shrinkage"].to_numpy(dtype=np.int64)
    row = np.repeat(np.arange(len(requirement)), need)
    step = np.arange(row.size) - np.repeat(np.cumsum(need) - need, need) + 1
    return pd.DataFrame(
        {
            "queue": requirement["queue"].to_numpy()[row],
            "interval_start": requirement["interval_start"].to_numpy()[row],
            "step": step,
            "value": SHORT_WORTH * wage_per_h * step_min / 60.0,
            "hard": False,
        }
    ).astype({"queue": "str", "interval_start": "datetime64[us, UTC]"})


def scaled_work(deferred: pd.DataFrame, factors: Mapping[str, float]) -> pd.DataFrame:
    """Table ``deferred`` with each queue's work multiplied by a factor."""
    factor = deferred["queue"].map(factors).fillna(1.0).astype("float64")
    return deferred.assign(work_s=deferred["work_s"] * factor)
