"""A week that has been, played against a schedule: what every promise turned into, and what might have."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.evaluation.measures import measure, ratio
from wfo.evaluation.play import options_of
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import MetricSpec
from wfo.replay.absence import absence_of
from wfo.replay.reality import Reality
from wfo.simulation.counts import Counts
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import play_trace
from wfo.simulation.staffing import Staffing, staffing_of
from wfo.simulation.trace import Trace
from wfo.timegrid import TimeGrid

METRICS: Mapping[Law, tuple[str, ...]] = {
    Law.IMMEDIATE: ("service_level", "abandonment", "asa", "volume"),
    Law.CONCURRENT: ("service_level", "abandonment", "asa", "volume"),
    Law.DEFERRED: ("response_within", "volume"),
    Law.UNSTAFFED: (),
}
"""What is compared, by how a queue is served."""


@dataclass(frozen=True)
class PastWeek:
    """A week that has been, and how it is judged.

    Attributes
    ----------
    centre : Centre
    grid : TimeGrid
    specs : tuple of MetricSpec
    settings : EvaluateSettings
    agents, agent_skills, routing : DataFrame
    requirement : DataFrame
        What staffing asks for; deferred work is left to others while it can wait.
    backlog : DataFrame or None
        Deferred work that really was open when the week began.
    reality : Reality
    lost : mapping of date to float
        Share of work time lost by day, where it is known.
    seed : int
    availability : DataFrame or None
        Days of leave, beside which overtime begins earlier.
    """

    centre: Centre
    grid: TimeGrid
    specs: tuple[MetricSpec, ...]
    settings: EvaluateSettings
    agents: pd.DataFrame
    agent_skills: pd.DataFrame
    routing: pd.DataFrame
    requirement: pd.DataFrame
    backlog: pd.DataFrame | None
    reality: Reality
    lost: Mapping[dt.date, float]
    seed: int
    availability: pd.DataFrame | None = None

    def staffing(self, schedule: pd.DataFrame) -> Staffing:
        """Who is there when, by a schedule."""
        return staffing_of(schedule, self.agents, self.agent_skills, self.routing, self.centre, self.grid)

    def _options(self, staffing: Staffing, backlog: pd.DataFrame | None) -> SimulationOptions:
        """How contacts are judged; who was called, and who chased late work, is in the log."""
        own = options_of(
            self.centre, self.grid, self.specs, staffing, backlog, self.settings, requirement=self.requirement
        )
        return own.of_given()

    def came(self, schedule: pd.DataFrame) -> Counts:
        """Reality: the contacts as they came, once, with the absence of the days as they were."""
        staffing = self.staffing(schedule)
        options = self._options(staffing, self.backlog)
        absence = absence_of(staffing, schedule, options.absence, self.lost, seed=self.seed)
        trace, laws = self.reality.trace, self.reality.laws
        return play_trace(trace, laws, staffing, seed=self.seed, options=replace(options, absence=absence))

    def might(
        self,
        schedule: pd.DataFrame,
        laws: DemandPaths,
        n: int,
        *,
        handle_times: bool,
        backlog: pd.DataFrame | None,
    ) -> Counts:
        """The same arrivals, the rest by the forecast's laws, n times; true handle times where asked.

        Parameters
        ----------
        schedule : DataFrame
        laws : DemandPaths
            Of the forecast.
        n : int
        handle_times : bool
            Whether contacts take as long as they took.
        backlog : DataFrame or None
            As the plan saw it.
        """
        staffing = self.staffing(schedule)
        options = self._options(staffing, backlog)
        known = self.reality.trace
        nothing = np.full(known.n, np.nan)
        trace = Trace(known.queue, known.arrival_ms, known.handle_s if handle_times else nothing, nothing)
        mean = self.reality.laws.handle_mean_s if handle_times else laws.handle_mean_s
        drawn = replace(laws, handle_mean_s=mean)
        return play_trace(trace, drawn, staffing, seed=self.seed, options=options, replications=n)


def values(counts: Counts, centre: Centre, queues: tuple[str, ...], grid: TimeGrid) -> pd.DataFrame:
    """Means over replications of every metric, by queue, for the week (``day`` empty) and each local day.

    Returns
    -------
    DataFrame
        ``queue, metric, day, value, of``; ``of`` is the denominator, or the count itself.
    """
    day, week = grid.local_day_number(centre.zone), np.zeros(grid.n, dtype=np.int64)
    dates = grid.local_dates(centre.zone)
    rows = []
    for q, name in enumerate(queues):
        for metric in METRICS[centre.queues[name].law]:
            found = measure(metric, counts, np.array([q]))
            if found is None:
                raise AssertionError(f"{metric} is a simulated metric")
            base = found.top if found.bottom is None else found.bottom
            for period, named in ((week, [None]), (day, dates)):
                top, of = _mean_by(period, found.top, len(named)), _mean_by(period, base, len(named))
                value = top if found.bottom is None else ratio(top, of)
                of = of / 1000 if metric == "asa" else of
                rows += [(name, metric, d, v, o) for d, v, o in zip(named, value, of, strict=True)]
    return pd.DataFrame(rows, columns=["queue", "metric", "day", "value", "of"])


def _mean_by(period: np.ndarray, counts: np.ndarray, n: int) -> np.ndarray:
    """Sums over each period, means over replications, shape (n,)."""
    return np.asarray(np.bincount(period, counts.sum(axis=0), n) / len(counts))
