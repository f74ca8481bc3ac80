"""What staffing reads."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.forecasting.result import ForecastResult
from wfo.metrics.specs import MetricSpec
from wfo.staffing.shrinkage import unscheduled_by_interval
from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class StaffInputs:
    """What staffing reads.

    Attributes
    ----------
    centre : Centre
    grid : TimeGrid
        The planning week, T intervals.
    specs : tuple of MetricSpec
        Targets; those with a queue as scope matter here.
    forecast : ForecastResult
    routing, agent_skills : DataFrame
        After the table contracts; they say whether anybody can serve a queue.
    backlog : DataFrame, optional
        Deferred work open at the week's start: ``queue, release, due, work_s``.
    agent_states : DataFrame, optional
        What agents did: shrinkage is estimated from it.
    """

    centre: Centre
    grid: TimeGrid
    specs: tuple[MetricSpec, ...]
    forecast: ForecastResult
    routing: pd.DataFrame
    agent_skills: pd.DataFrame
    backlog: pd.DataFrame | None = None
    agent_states: pd.DataFrame | None = None


def present_shares(inputs: StaffInputs, shrinkage: pd.DataFrame) -> np.ndarray:
    """1 − unscheduled shrinkage by queue and interval, shape (Q, T); a queue's own figure counts first."""
    usual = 1.0 - unscheduled_by_interval(shrinkage, inputs.grid, inputs.centre.zone)
    own = [spec.shrinkage for spec in inputs.centre.queues.values()]
    return np.array([usual if s is None else np.full(usual.size, 1.0 - s) for s in own]).reshape(
        -1, usual.size
    )
