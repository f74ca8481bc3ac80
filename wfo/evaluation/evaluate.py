"""Evaluate: a schedule played against draws of the forecast, and what that means for every target."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.evaluation.chain_metrics import causes_known, coaching_coverage, first_contact_resolution
from wfo.evaluation.containment import contained_by_queue
from wfo.evaluation.flow import call_lists, case_flow
from wfo.evaluation.intervals import interval_table
from wfo.evaluation.ledgers import known_points, ledger_table
from wfo.evaluation.left_open import left_open
from wfo.evaluation.notes import basis_notes, notes_of, who_serves_nothing
from wfo.evaluation.paid import wage_notes
from wfo.evaluation.periods import day_tables, worst_periods
from wfo.evaluation.play import Played, absence_of, judged_within, options_of
from wfo.evaluation.positions import required_positions, scheduled_positions
from wfo.evaluation.precision import weeks_wanted
from wfo.evaluation.price_table import joined_prices
from wfo.evaluation.prices import (
    APART,
    EXTRA,
    first_weeks,
    losses,
    price_rows,
    price_weeks,
    priced_skills,
    saved,
    with_one_more,
)
from wfo.evaluation.result import EvaluateResult
from wfo.evaluation.scorecard import Points, scorecard
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.result import ForecastResult
from wfo.metrics.specs import CENTRE, Grain, MetricSpec
from wfo.scheduling.pay import wages
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta
from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class EvaluateInputs:
    """What a plan is judged by.

    Attributes
    ----------
    centre : Centre
    grid : TimeGrid
        The planning week.
    specs : tuple of MetricSpec
    forecast : ForecastResult
        Or anything that answers ``sample(n, seed) -> DemandPaths``.
    schedule, agents, agent_skills, routing, requirement : DataFrame
        As in the table contracts; the schedule may come from elsewhere.
    backlog : DataFrame, optional
        ``queue, release, due, work_s`` of deferred work open at the start, and of cases where they stand, as
        of `old_work`.
    chains, chain_metrics : DataFrame, optional
        Without them first-contact resolution is not available, and failure demand is only where the forecast
        has follow-ups or redials.
    coaching : DataFrame, optional
        Sessions and their times; without rows, those in the schedule count.
    interactions : DataFrame, optional
        The log: without it, or without chains, containment is not available.
    due : tuple of str
        Agents due for coaching.
    initiative_cost : float
        Money the scenario's initiatives cost in the week.
    prices : DataFrame, optional
        The schedule's prices; simulated ones stand in their place where they are surely above zero.
    availability : DataFrame, optional
        Days of leave, beside which overtime begins earlier.
    """

    centre: Centre
    grid: TimeGrid
    specs: tuple[MetricSpec, ...]
    forecast: ForecastResult
    schedule: pd.DataFrame
    agents: pd.DataFrame
    agent_skills: pd.DataFrame
    routing: pd.DataFrame
    requirement: pd.DataFrame
    backlog: pd.DataFrame | None = None
    chains: pd.DataFrame | None = None
    chain_metrics: pd.DataFrame | None = None
    coaching: pd.DataFrame | None = None
    interactions: pd.DataFrame | None = None
    due: tuple[str, ...] = ()
    initiative_cost: float = 0.0
    prices: pd.DataFrame | None = None
    availability: pd.DataFrame | None = None


def evaluate(
    inputs: EvaluateInputs, settings: EvaluateSettings, *, seed: int, replications: int
) -> EvaluateResult:
    """Simulate the planned week so many times and judge every target.

    Parameters
    ----------
    inputs : EvaluateInputs
    settings : EvaluateSettings
    seed : int
    replications : int
        Simulated weeks, at least 1; more where the settings want a precision.

    Returns
    -------
    EvaluateResult
        ``p_met`` is the share of simulated weeks in which a target holds; of simulated days or intervals
        where the target is stated by day or interval.

    Raises
    ------
    ValueError
        If ``replications`` is below 1.

    Notes
    -----
    The same contact has the same luck in every scenario (common random numbers by counter-based draws,
    Steele, Lea & Flood 2014), so that differences between scenarios are paired.

    Examples
    --------
    How the last published week would have gone, judged from what was known before it:

    >>> import datetime as dt
    >>> import wfo
    >>> from wfo.evaluation.settings import EvaluateSettings
    >>> from wfo.forecasting.settings import ForecastSettings
    >>> from wfo.metrics.specs import parse_target
    >>> from wfo.staffing.settings import StaffSettings
    >>> sample = wfo.sample_centre("tiny")
    >>> monday = sample.now - dt.timedelta(days=7)
    >>> grid = wfo.TimeGrid(monday, step_min=15, n=7 * 96)
    >>> known, people = sample.data.before(monday), sample.data
    >>> past = wfo.ForecastInputs(sample.centre, grid, monday, interactions=known["interactions"])
    >>> forecast = wfo.forecast(past, ForecastSettings(), seed=1)
    >>> specs = (parse_target("80% in 20s", metric="service_level", scope="voice_billing"),)
    >>> who = {"routing": people["routing"], "agent_skills": people["agent_skills"]}
    >>> staffed = wfo.staff(
    ...     wfo.StaffInputs(sample.centre, grid, specs, forecast, **who), StaffSettings(), seed=1
    ... )
    >>> inputs = wfo.EvaluateInputs(
    ...     sample.centre, grid, specs, forecast, people["published_schedule"], people["agents"],
    ...     requirement=staffed.frame(), **who,
    ... )
    >>> played = wfo.evaluate(inputs, EvaluateSettings(), seed=1, replications=5)
    >>> played.p_met("service_level", "voice_billing") in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    True
    """
    if replications < 1:
        raise ValueError(f"replications must be at least 1, got {replications}")
    played, options = _played(inputs, settings, seed, replications)
    tables = _tables(inputs, settings, played)
    tables["prices"] = joined_prices(
        _simulated_prices(inputs, settings, played, options, seed), inputs.prices
    )
    meta = Meta(
        seed=seed,
        notes=notes_of(played, inputs.centre, inputs.specs, inputs.routing, settings)
        + basis_notes(tables["scorecard"])
        + wage_notes(inputs.schedule, inputs.agents),
        reasons=who_serves_nothing(inputs.schedule, played.staffing, inputs.grid),
        facts={"replications": played.counts.n, "contacts": int(played.counts.offered.sum())},
    )
    return EvaluateResult(tables=tables, meta=meta, state={"left": left_open(played)})


def _tables(inputs: EvaluateInputs, settings: EvaluateSettings, played: Played) -> dict[str, pd.DataFrame]:
    """All tables but prices."""
    centre, grid = inputs.centre, inputs.grid
    required = required_positions(inputs.requirement, played.paths.queues, grid)
    scheduled = scheduled_positions(played.staffing, required, grid)
    paid = wages(
        inputs.schedule, inputs.agents, centre, days=grid.local_dates(centre.zone),
        availability=inputs.availability,
    )  # fmt: skip
    cost = None if paid is None else paid + inputs.initiative_cost
    runs, days = day_tables(played, centre, inputs.specs, settings.interval)
    tables = {
        "scorecard": scorecard(
            played,
            inputs.specs,
            _periods(grid, centre.zone),
            _others(inputs, played, cost),
            settings.interval,
        ),
        "intervals": interval_table(played, centre, inputs.specs, required, scheduled, settings.interval),
        "days": days,
        "replications": runs,
        "ledgers": ledger_table(played, inputs.schedule, paid, inputs.initiative_cost, settings),
        "worst": worst_periods(played, centre, inputs.specs, settings.worst),
    }
    tables |= {"case_flow": case_flow(played)} if played.later.steps else {}
    return tables | ({"call_lists": call_lists(played)} if played.later.calls else {})


def _played(
    inputs: EvaluateInputs, settings: EvaluateSettings, seed: int, n: int
) -> tuple[Played, SimulationOptions]:
    """The plan simulated, again with more weeks until the precision wanted is reached; and how."""
    centre, grid = inputs.centre, inputs.grid
    staffing = staffing_of(inputs.schedule, inputs.agents, inputs.agent_skills, inputs.routing, centre, grid)
    while True:
        paths = inputs.forecast.sample(n, seed)
        options = options_of(
            centre, grid, inputs.specs, staffing, inputs.backlog, settings,
            requirement=inputs.requirement, handle_mean_s=paths.handle_mean_s,
        )  # fmt: skip
        counts = simulate(paths, staffing, seed=seed, options=options)
        within_s = judged_within(paths.queues, inputs.specs)
        known = causes_known(inputs.chains, paths)
        played = Played(counts, staffing, paths, known, within_s, options.later)
        wanted = weeks_wanted(played, centre, inputs.specs, settings)
        if wanted <= n:
            return played, options
        n = wanted


def _simulated_prices(
    inputs: EvaluateInputs, settings: EvaluateSettings, played: Played, options: SimulationOptions, seed: int
) -> pd.DataFrame:
    """What one more agent saves, by skill and interval; empty where it is not asked for."""
    centre, grid, staffing = inputs.centre, inputs.grid, played.staffing
    skills = priced_skills(inputs.routing, played.paths, staffing) if settings.prices else []
    paths = first_weeks(played.paths, price_weeks(played.counts.n, len(skills), settings.prices_effort))
    before = losses(played.counts, staffing.law, settings)[: paths.n]
    frames = [empty_table("prices")]
    for skill in skills:
        for turn in range(APART):
            schedule, own = with_one_more(inputs.schedule, inputs.agent_skills, grid, skill, turn)
            more = staffing_of(schedule, inputs.agents, own, inputs.routing, centre, grid)
            there = replace(options, absence=absence_of(more, centre, settings, EXTRA))
            counts = simulate(paths, more, seed=seed, options=there)
            money = saved(before, losses(counts, staffing.law, settings), grid, turn)
            frames.append(price_rows(money, grid, skill, turn, settings.interval))
    return frames[0] if len(frames) == 1 else pd.concat(frames[1:], ignore_index=True)


def _periods(grid: TimeGrid, zone: str) -> dict[Grain, np.ndarray]:
    return {
        Grain.INTERVAL: np.arange(grid.n),
        Grain.DAY: grid.local_day_number(zone),
        Grain.WEEK: np.zeros(grid.n, dtype=np.int64),
    }


def _others(inputs: EvaluateInputs, played: Played, cost: float | None) -> dict[tuple[str, str], Points]:
    found = {
        "cost": known_points(cost),
        "fcr": first_contact_resolution(inputs.chains, inputs.chain_metrics, played),
        "coaching_coverage": coaching_coverage(inputs.coaching, inputs.schedule, inputs.due),
    }
    contained = contained_by_queue(inputs.interactions, inputs.chains, played)
    of_centre = {(name, CENTRE): points for name, points in found.items() if points is not None}
    return of_centre | {("containment", queue): points for queue, points in contained.items()}
