"""How far the week may come out from what is expected: the law of day factors, and quantiles of volumes."""

from dataclasses import replace

import numpy as np

from wfo.domain.centre import Centre
from wfo.forecasting.drivers import driver_spread
from wfo.forecasting.frames import Volumes
from wfo.forecasting.learning import Learnt
from wfo.forecasting.outliers import Bursts
from wfo.forecasting.past import Past
from wfo.forecasting.propagation import expected_volume
from wfo.forecasting.rolling import measure_factors
from wfo.forecasting.sampling import DayFactors, draw_carried, draw_fresh, poisson_noise
from wfo.forecasting.settings import ForecastSettings
from wfo.forecasting.week import WeekDemand
from wfo.timegrid import TimeGrid


def week_factors(
    past: Past, learnt: Learnt, burst: Bursts, settings: ForecastSettings, days: int
) -> DayFactors:
    """The law of day factors of a week of so many days, from forecasts made in the past."""
    first = learnt.history.days + learnt.lead_days
    return replace(
        measure_factors(past, learnt.models, settings, lead_days=learnt.lead_days, left_out=burst.days),
        burst_p=burst.p,
        burst_size=burst.size,
        day_spread=driver_spread(past, learnt.models, first, days),
    )


def week_volumes(
    demand: WeekDemand, factors: DayFactors, grid: TimeGrid, centre: Centre, *, paths: int, seed: int
) -> Volumes:
    """Volumes in the mean, and their spread over paths, whose follow-ups are Poisson around expectation."""
    links = demand.laws.links(grid.step_min)
    land = demand.laws.landing(demand.is_open, grid.step_min)
    fresh = draw_fresh(demand.fresh, factors, grid, centre.queue_ids, centre.zone, n=paths, seed=seed)
    base = fresh + draw_carried(demand.carried, grid, centre.queue_ids, n=paths, seed=seed)
    caused = np.maximum(expected_volume(base, links, *land) - base, 0.0)
    drawn = base + poisson_noise(caused, grid, centre.queue_ids, seed=seed)
    p10, p50, p90 = np.quantile(drawn, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")
    return Volumes(expected_volume(demand.fresh + demand.carried, links, *land), p10, p50, p90)
