"""What a forecast is made from, and what it refuses."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from wfo.domain.centre import NO_QUEUE, Centre
from wfo.domain.lever import Lever
from wfo.errors import InputError, Problem
from wfo.forecasting.levers import check_names
from wfo.forecasting.settings import DemandSettings, ForecastSettings
from wfo.forecasting.ways import Method
from wfo.timegrid import TimeGrid

_ASKED = (
    Method.AUTO,
    Method.TWO_LEVEL,
    Method.STRUCTURAL,
    Method.GLM,
    Method.SAME_WEEKDAY_MEAN,
    Method.SEASONAL_NAIVE,
)


@dataclass(frozen=True)
class ForecastInputs:
    """What a forecast is made from.

    Attributes
    ----------
    centre : Centre
    grid : TimeGrid
        The planning week, whole local days.
    now : datetime
        The planning moment, aware; at or before the week's start.
    interactions, chain_members, kernel, queue_intervals, drivers, agents : DataFrame or None
        As in the table contracts.
    redial : mapping or None
        By queue ``p``, the probability that an abandoned contact calls again, and ``mean_s``, its mean delay;
        without it redials are counted in ``chain_members``.
    demand : DemandSettings
    levers : tuple of Lever
    """

    centre: Centre
    grid: TimeGrid
    now: dt.datetime
    interactions: pd.DataFrame | None = None
    chain_members: pd.DataFrame | None = None
    kernel: pd.DataFrame | None = None
    redial: Mapping[str, Mapping[str, float]] | None = None
    queue_intervals: pd.DataFrame | None = None
    drivers: pd.DataFrame | None = None
    agents: pd.DataFrame | None = None
    demand: DemandSettings = DemandSettings()
    levers: tuple[Lever, ...] = ()

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """Local days of the planning week."""
        first = self.grid.local(self.centre.zone)[0].date()
        days = int(self.grid.local_day_number(self.centre.zone)[-1]) + 1
        return tuple(first + dt.timedelta(days=k) for k in range(days))


def check_inputs(inputs: ForecastInputs, settings: ForecastSettings) -> None:
    """Refuse what no forecast can be made from.

    Raises
    ------
    InputError
        If there is no queue, a lever or a setting names an unknown one, the method is none, or the week lies
        before the planning moment.
    """
    check_names(inputs.centre.queue_ids, inputs.levers, inputs.demand)
    problems = [] if inputs.centre.queues else [Problem("centre.queues", NO_QUEUE)]
    if settings.method not in _ASKED:
        message = f"'{settings.method}' is not a method; write one of {', '.join(_ASKED)}"
        problems.append(Problem("forecast.method", message))
    if inputs.now > inputs.grid.start:
        start = f"{inputs.grid.start:%Y-%m-%d %H:%M} UTC"
        message = f"the week starts {start}, before the planning moment; plan a later week"
        problems.append(Problem("week.start", message))
    if problems:
        raise InputError(problems)
