"""The verb: volumes and handle times of the planning week, and the laws from which paths are drawn."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from wfo.domain.centre import NO_QUEUE, Centre
from wfo.domain.lever import Lever, What
from wfo.errors import InputError, Problem
from wfo.forecasting.calendar import Days
from wfo.forecasting.choice import fit
from wfo.forecasting.drivers import driver_spread, with_drivers
from wfo.forecasting.events import scale_seen_events
from wfo.forecasting.frames import (
    SHOWN_WEEKS,
    Volumes,
    empty_tables,
    forecast_table,
    history_table,
    method_table,
    state,
)
from wfo.forecasting.fresh import Fresh, fresh_contacts
from wfo.forecasting.handle import handle_times
from wfo.forecasting.handle_mix import (
    caused_share,
    second_contact_factor,
    second_contact_uplift,
    tenure_factor,
)
from wfo.forecasting.history import History, read_history
from wfo.forecasting.horizon import approach_of, carried_volume, recent_abandonment
from wfo.forecasting.intents import by_intent
from wfo.forecasting.laws import Laws, read_laws
from wfo.forecasting.learnt_landing import with_landing
from wfo.forecasting.levers import (
    Causing,
    check_names,
    day_factor,
    mean_factor,
    moved_laws,
    planner_factor,
)
from wfo.forecasting.model import QueueModel, expected_fresh
from wfo.forecasting.moves import moved_contacts
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.outliers import bursts, outlier_table
from wfo.forecasting.overrides import with_overrides
from wfo.forecasting.past import Past, past_of
from wfo.forecasting.past_levers import Before, before_levers
from wfo.forecasting.propagation import expected_volume
from wfo.forecasting.result import ForecastResult
from wfo.forecasting.rolling import measure_factors
from wfo.forecasting.sampling import DayFactors, draw_carried, draw_fresh, poisson_noise
from wfo.forecasting.settings import DemandSettings, ForecastSettings
from wfo.forecasting.ways import Method
from wfo.tables.result import Meta, Status
from wfo.timegrid import TimeGrid

_ENDLESS = (
    "chains would never end: each contact causes {:.2f} further ones (follow-ups and redials); "
    "it must be below 1. Look at the kernel of the chains, levers on follow-ups and planned abandonment."
)
_NO_CHAINS = (
    "a lever on follow-ups needs to know which contacts cause which, and that cannot be told from counts: "
    "the data have no interactions with customer ids from which chains could be built, or none was found. "
    "Give a log with customer ids or keys, or take the lever out."
)
_ASKED = (
    Method.AUTO,
    Method.TWO_LEVEL,
    Method.STRUCTURAL,
    Method.GLM,
    Method.SAME_WEEKDAY_MEAN,
    Method.SEASONAL_NAIVE,
)
_TWO_YEARS_DAYS = 790  # of history that are read where they exist, for the course of a year
_LITTLE_DAYS = 28
_MEMORIES = 5  # days older than this many memories weigh under 1 %


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


@threadpool_limits.wrap(limits=1, user_api="blas")
def forecast(inputs: ForecastInputs, settings: ForecastSettings, *, seed: int) -> ForecastResult:
    """Forecast every queue of the centre on the grid.

    Parameters
    ----------
    inputs : ForecastInputs
    settings : ForecastSettings
    seed : int
        Of the paths from which quantiles are taken.

    Returns
    -------
    ForecastResult
        ``forecast`` (queue, interval) and ``history`` (the last eight weeks). Where chains would never end
        (the spectral radius of follow-ups and redials is 1 or more) the status is infeasible and the tables
        are empty.

    Raises
    ------
    InputError
        If counts are negative, intervals do not fit the grid, or a lever names an unknown queue.
    """
    centre, grid = inputs.centre, inputs.grid
    _check(inputs, settings)
    notes: list[str] = []
    laws = read_laws(
        centre,
        inputs.kernel,
        inputs.redial,
        inputs.chain_members,
        inputs.interactions,
        settings.planned_abandonment,
        notes,
    )
    dates = _dates(grid, centre.zone)
    intents = by_intent(centre.queue_ids, inputs.interactions, inputs.chain_members)
    causing = Causing.of(centre, inputs.levers, dates[0], laws, intents)
    if causing.levers and (inputs.kernel is None or inputs.kernel.empty):
        return _refused(_NO_CHAINS, seed)
    history, fresh, past, models, before = learn(inputs, settings, laws, causing, notes)
    laws, causing = before.laws, before.causing
    notes += before.notes
    factor = causing.factor(dates)
    longest = moved_laws(laws.scaled(factor.max(axis=0)), inputs.levers, centre.queue_ids, dates)
    if longest.radius >= 1:
        return _refused(_ENDLESS.format(longest.radius), seed)
    notes += [
        *history.notes,
        *fresh.notes,
        *past.notes,
        *_method_notes(centre, history, models, settings),
    ]
    past = scale_seen_events(centre, past, models, notes)
    burst = bursts(centre, past, models)
    approach = approach_of(centre, history, grid, laws.reach_min)
    is_open = approach.is_open[:, approach.start :]
    mean = expected_fresh(past, models, grid, centre.zone, is_open) * burst.lift[:, None]
    day = grid.local_day_number(centre.zone)
    mean *= day_factor(What.FRESH, inputs.levers, centre.queue_ids, dates, dates[0])[:, day]
    mean *= planner_factor(inputs.demand, centre.queue_ids)[:, None]
    mean = moved_contacts(mean, inputs.levers, centre, grid, is_open, notes)
    carried = carried_volume(
        centre, history, fresh, past, models, approach, laws, causing, inputs.levers, settings
    )
    land = laws.landing(is_open, grid.step_min)
    as_before = expected_volume(mean + carried, laws.links(grid.step_min), *land)
    week_laws = laws.scaled(mean_factor(factor, as_before, day, laws, grid.step_min))
    week_laws = moved_laws(week_laws, inputs.levers, centre.queue_ids, dates)
    links = week_laws.links(grid.step_min)

    def volume(fresh_mean: np.ndarray) -> np.ndarray:
        return expected_volume(fresh_mean + carried, links, *land)

    model_volume = volume(mean)
    hand = with_overrides(inputs.demand.overrides, centre.queue_ids, dates, day, mean, is_open, volume)
    mean = hand.fresh
    notes += hand.notes
    lead = (dates[0] - history.first_day).days - history.days
    factors = replace(
        measure_factors(past, models, settings, lead_days=lead, left_out=burst.days),
        burst_p=burst.p,
        burst_size=burst.size,
        day_spread=driver_spread(past, models, history.days + lead, len(dates)),
    )
    now_min = int(inputs.now.timestamp()) // 60
    handle = handle_times(
        centre, inputs.interactions, inputs.queue_intervals, now_min, memory_days=settings.profile_days
    )
    handle_s = handle.on(grid, centre.zone)
    longer = day_factor(What.HANDLE_TIME, inputs.levers, centre.queue_ids, dates, dates[0])
    handle_s = handle_s * longer[:, day]
    handle_s *= tenure_factor(centre, inputs.interactions, inputs.agents, dates[0])[:, None]
    volumes = _volumes(mean, carried, week_laws, is_open, factors, grid, centre, settings, seed)
    uplift, linked = second_contact_uplift(centre, inputs.interactions, inputs.chain_members)
    second = np.divide(volumes.mean - mean, volumes.mean, out=np.zeros_like(mean), where=volumes.mean > 0)
    recent = -SHOWN_WEEKS * 7 * 24 * 60 // grid.step_min
    usual = caused_share(history.offered[:, recent:], fresh.counts[:, recent:])
    handle_s *= second_contact_factor(uplift, linked, second, usual)
    tables = {
        "forecast": forecast_table(centre, grid, mean, volumes, model_volume, handle_s, handle.cv),
        "history": history_table(centre, history, fresh, grid),
        "overrides": hand.table,
        "methods": method_table(centre, past, models, settings, lead_days=lead),
        "outliers": outlier_table(centre, history, past, models, notes),
        "follow_ups_by_intent": intents.table(centre.queue_ids, laws.follow_ups),
    }
    meta = Meta(seed=seed, notes=(*notes, *handle.notes), facts=_facts(centre, models, factors, week_laws))
    seen = recent_abandonment(history, laws)
    return ForecastResult(
        tables, meta, state(centre, grid, is_open, carried, week_laws, seen, handle, factors)
    )


def learn(
    inputs: ForecastInputs, settings: ForecastSettings, laws: Laws, causing: Causing, notes: list[str]
) -> tuple[History, Fresh, Past, list[QueueModel], Before]:
    """Read the history, take out what was caused and what levers did, and fit every queue."""
    centre, grid = inputs.centre, inputs.grid
    reach_days = max(int(_MEMORIES * max(settings.memory_days, settings.profile_days)), _TWO_YEARS_DAYS)
    history = read_history(
        centre, grid.step_min, inputs.now, inputs.interactions, inputs.queue_intervals, reach_days=reach_days
    )
    is_open = open_intervals(centre, history.grid)
    laws = with_landing(laws, history, is_open, inputs.interactions, inputs.chain_members, centre.queue_ids)
    before = before_levers(laws, causing, inputs.levers, history, inputs.interactions)
    fresh = fresh_contacts(history, is_open, before.laws, centre.queue_ids, before.follow_ups)
    usual = fresh.counts / np.where(before.fresh > 0, before.fresh, 1.0)[:, history.day]
    span = (_dates(grid, centre.zone)[-1] - history.first_day).days + 1
    days = Days.of(centre, history.first_day, span)
    days = with_drivers(days, centre, inputs.drivers, inputs.now, history.days, notes)
    past = past_of(centre, history, usual, is_open, days, inputs.demand.adoption)
    lead = span - 7 - history.days
    models = [fit(past, q, history.days, settings, lead_days=lead) for q in range(len(centre.queues))]
    return history, fresh, past, models, before


def _check(inputs: ForecastInputs, settings: ForecastSettings) -> None:
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


def _dates(grid: TimeGrid, zone: str) -> tuple[dt.date, ...]:
    first = grid.local(zone)[0].date()
    return tuple(first + dt.timedelta(days=k) for k in range(int(grid.local_day_number(zone)[-1]) + 1))


def _volumes(
    mean: np.ndarray,
    carried: np.ndarray,
    laws: Laws,
    is_open: np.ndarray,
    factors: DayFactors,
    grid: TimeGrid,
    centre: Centre,
    settings: ForecastSettings,
    seed: int,
) -> Volumes:
    """Volumes in the mean, and their spread over paths, whose follow-ups are Poisson around expectation."""
    links = laws.links(grid.step_min)
    land = laws.landing(is_open, grid.step_min)
    drawn = {"n": settings.paths, "seed": seed}
    fresh = draw_fresh(mean, factors, grid, centre.queue_ids, centre.zone, **drawn)
    base = fresh + draw_carried(carried, grid, centre.queue_ids, **drawn)
    caused = np.maximum(expected_volume(base, links, *land) - base, 0.0)
    paths = base + poisson_noise(caused, grid, centre.queue_ids, seed=seed)
    p10, p50, p90 = np.quantile(paths, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")
    return Volumes(expected_volume(mean + carried, links, *land), p10, p50, p90)


def _facts(centre: Centre, models: list[QueueModel], factors: DayFactors, laws: Laws) -> dict:
    return {
        "method": {q: m.method.value for q, m in zip(centre.queue_ids, models, strict=True)},
        "day_cv": dict(zip(centre.queue_ids, factors.day_cv.tolist(), strict=True)),
        "day_correlation": factors.day_correlation,
        "half_correlation": factors.half_correlation,
        "spectral_radius": laws.radius,
    }


def _method_notes(
    centre: Centre, history: History, models: list[QueueModel], settings: ForecastSettings
) -> list[str]:
    notes = []
    for q, (name, model) in enumerate(zip(centre.queue_ids, models, strict=True)):
        if model.method is Method.NONE:
            seen = "no contact of its own in its open hours" if history.covered[q].any() else "no history"
            notes.append(f"{name}: {seen}; its fresh demand counts as 0")
        elif model.method is Method.PLAIN_MEAN:
            notes.append(
                f"{name}: under {settings.min_weeks} weeks of history; forecast by the plain mean of its days"
            )
        elif history.covered[q].sum() < _LITTLE_DAYS:
            days = int(history.covered[q].sum())
            notes.append(f"{name}: {days} days of history; what sets weekdays and dates apart is uncertain")
    return notes


def _refused(reason: str, seed: int) -> ForecastResult:
    return ForecastResult(empty_tables(), Meta(Status.INFEASIBLE, reasons=(reason,), seed=seed))
