"""What staffing reads."""

from dataclasses import dataclass

import pandas as pd

from wfo.domain.centre import Centre
from wfo.forecasting.result import ForecastResult
from wfo.metrics.specs import MetricSpec
from wfo.staffing.settings import StaffSettings
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
    """

    centre: Centre
    grid: TimeGrid
    specs: tuple[MetricSpec, ...]
    forecast: ForecastResult
    routing: pd.DataFrame
    agent_skills: pd.DataFrame
    backlog: pd.DataFrame | None = None


def shrinkage_of(centre: Centre, queue: str, settings: StaffSettings) -> float:
    """Unscheduled shrinkage of a queue."""
    own = centre.queues[queue].shrinkage
    return settings.unscheduled_shrinkage if own is None else own
