"""What happened to a day's service: what was answered in time, and what each of four causes did to it."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.domain.centre import Law
from wfo.metrics.specs import DEFAULT_WITHIN_S
from wfo.scenario.model import Scenario
from wfo.staffing.erlang import performance
from wfo.staffing.targets import response_spec
from wfo.timegrid import TimeGrid

STEPS = ("by_volume", "by_handle_time", "by_staffing", "by_shrinkage")
"""Causes in the order in which they are let in."""


def served(
    queue: str, came: pd.DataFrame, scenario: Scenario, dates: list[dt.date]
) -> list[tuple[float, float]]:
    """Share answered within the threshold of contacts without short abandons, and their number, by day."""
    spec = scenario.centre.queues[queue]
    own = came[(came["queue"] == queue).to_numpy() & (came["direction"] == "in").to_numpy()]
    if spec.law is Law.DEFERRED or "wait_s" not in own:
        return [(np.nan, np.nan)] * len(dates)
    target = response_spec(queue, scenario.specs())
    within = DEFAULT_WITHIN_S if target is None or target.within_s is None else target.within_s
    wait = own["wait_s"].to_numpy(dtype=np.float64, na_value=np.nan)
    gave_up = (own["outcome"] == "abandoned").to_numpy(dtype=bool, na_value=False)
    date = pd.DatetimeIndex(own["started_at"]).tz_convert(scenario.centre.zone).date
    counted = ~(gave_up & (wait < spec.short_abandon_s))
    out = []
    for day in dates:
        here = (date == day) & counted
        of = int(here.sum())
        met = int((here & ~gave_up & (wait <= within)).sum())
        out.append((met / of if of else np.nan, float(of)))
    return out


def steps_of(
    queue: str,
    arrays: Mapping[str, np.ndarray],
    usual: float,
    lost: float,
    there: float,
    patience_s: float,
    scenario: Scenario,
    grid: TimeGrid,
) -> tuple[float, float, float, float] | None:
    """What volume, handle time, staffing and shrinkage each did to a day's service, one after the other.

    Erlang A by interval with the plan's patience and the queue's room in line, short abandons left out,
    pooled by contacts; NaN figures leave their step at 0. None for deferred queues.
    """
    spec = scenario.centre.queues[queue]
    if spec.law is Law.DEFERRED:
        return None
    shrunk = 1.0 if np.isnan(lost) else (1.0 - lost) / (1.0 - usual)
    staffed = 1.0 if np.isnan(there) else there / ((1.0 - usual) * shrunk)
    took = np.where(arrays["handle"] > 0, arrays["handle"], arrays["handle_planned"])
    base = arrays["positions"] * (1.0 - usual)
    cases = [
        (arrays["planned"], arrays["handle_planned"], base),
        (arrays["came"], arrays["handle_planned"], base),
        (arrays["came"], took, base),
        (arrays["came"], took, base * staffed),
        (arrays["came"], took, base * staffed * shrunk),
    ]
    level = [_level(queue, *case, patience_s, scenario, grid) for case in cases]
    if any(np.isnan(level)):
        return None
    change = np.diff(level)
    return float(change[0]), float(change[1]), float(change[2]), float(change[3])


def _level(
    queue: str,
    volume: np.ndarray,
    handle: np.ndarray,
    positions: np.ndarray,
    patience_s: float,
    scenario: Scenario,
    grid: TimeGrid,
) -> float:
    spec = scenario.centre.queues[queue]
    target = response_spec(queue, scenario.specs())
    within = DEFAULT_WITHIN_S if target is None or target.within_s is None else target.within_s
    slots = spec.concurrency if spec.law is Law.CONCURRENT else 1
    here = (volume > 0) & (handle > 0)
    if not here.any():
        return float("nan")
    served_by = np.where(positions[here] * slots < 1, 0.0, positions[here] * slots)
    room = np.inf if spec.most_waiting is None else float(spec.most_waiting)
    found = performance(
        volume[here] * 60.0 / grid.step_min,
        handle[here] * slots,
        served_by,
        patience_s=patience_s,
        within_s=within,
        short_s=spec.short_abandon_s,
        lines=np.floor(served_by) + room,
    ).service_level()
    known = ~np.isnan(found)
    return float(np.average(found[known], weights=volume[here][known])) if known.any() else float("nan")
