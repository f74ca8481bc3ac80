"""The verb: volumes and handle times of the planning week, and the laws from which paths are drawn."""

from typing import Any

from threadpoolctl import threadpool_limits

from wfo.domain.centre import Centre
from wfo.forecasting.events import scale_seen_events
from wfo.forecasting.frames import empty_tables, forecast_table, history_table, method_table, state
from wfo.forecasting.horizon import recent_abandonment
from wfo.forecasting.inputs import ForecastInputs, check_inputs
from wfo.forecasting.intents import by_intent
from wfo.forecasting.laws import Laws, read_laws
from wfo.forecasting.learning import learn
from wfo.forecasting.levers import Causing, moved_laws
from wfo.forecasting.model import QueueModel
from wfo.forecasting.outliers import bursts, outlier_table
from wfo.forecasting.result import ForecastResult
from wfo.forecasting.sampling import DayFactors
from wfo.forecasting.settings import ForecastSettings
from wfo.forecasting.spread import week_factors, week_volumes
from wfo.forecasting.week import week_demand
from wfo.forecasting.work import week_handle
from wfo.tables.result import Meta, Status

__all__ = ["ForecastInputs", "forecast"]

_ENDLESS = (
    "chains would never end: each contact causes {:.2f} further ones (follow-ups and redials); "
    "it must be below 1. Look at the kernel of the chains, levers on follow-ups and planned abandonment."
)
_NO_CHAINS = (
    "a lever on follow-ups needs to know which contacts cause which, and that cannot be told from counts: "
    "the data have no interactions with customer ids from which chains could be built. "
    "Give a log with customer ids or keys, or take the lever out."
)
_NO_FOLLOW_UPS = (
    "a lever on follow-ups has nothing to move: no follow-ups beyond chance were found in the log. "
    "Give customer ids or keys of more of its contacts, or take the lever out."
)


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
    centre, grid, dates = inputs.centre, inputs.grid, inputs.dates
    check_inputs(inputs, settings)
    notes: list[str] = []
    laws = _laws(inputs, settings, notes)
    intents = by_intent(centre.queue_ids, inputs.interactions, inputs.chain_members)
    causing = Causing.of(centre, inputs.levers, dates[0], laws, intents)
    if causing.levers and (inputs.kernel is None or inputs.kernel.empty):
        return _refused(_NO_CHAINS if inputs.kernel is None else _NO_FOLLOW_UPS, seed)
    learnt = learn(inputs, settings, laws, causing, notes)
    laws, causing = learnt.before.laws, learnt.before.causing
    notes += learnt.before.notes
    factor = causing.factor(dates)
    longest = moved_laws(laws.scaled(factor.max(axis=0)), inputs.levers, centre.queue_ids, dates)
    if longest.radius >= 1:
        return _refused(_ENDLESS.format(longest.radius), seed)
    notes += learnt.notes(centre, settings)
    models = learnt.models
    past = scale_seen_events(centre, learnt.past, models, notes)
    burst = bursts(centre, past, models)
    week = week_demand(inputs, settings, learnt, past, causing, burst, notes)
    factors = week_factors(past, learnt, burst, settings, len(dates))
    volumes = week_volumes(week, factors, grid, centre, paths=settings.paths, seed=seed)
    handle, handle_s = week_handle(inputs, settings, learnt, week.fresh, volumes)
    tables = {
        "forecast": forecast_table(centre, grid, week.fresh, volumes, week.model_volume, handle_s, handle.cv),
        "history": history_table(centre, learnt.history, learnt.fresh, grid),
        "overrides": week.overrides,
        "methods": method_table(centre, past, models, settings, lead_days=learnt.lead_days),
        "outliers": outlier_table(centre, learnt.history, past, models, notes),
        "follow_ups_by_intent": intents.table(centre.queue_ids, laws.follow_ups),
    }
    meta = Meta(seed=seed, notes=(*notes, *handle.notes), facts=_facts(centre, models, factors, week.laws))
    seen = recent_abandonment(learnt.history, laws)
    return ForecastResult(
        tables, meta, state(centre, grid, week.is_open, week.carried, week.laws, seen, handle, factors)
    )


def _laws(inputs: ForecastInputs, settings: ForecastSettings, notes: list[str]) -> Laws:
    return read_laws(
        inputs.centre,
        inputs.kernel,
        inputs.redial,
        inputs.chain_members,
        inputs.interactions,
        settings.planned_abandonment,
        notes,
    )


def _facts(centre: Centre, models: list[QueueModel], factors: DayFactors, laws: Laws) -> dict[str, Any]:
    return {
        "method": {q: m.method.value for q, m in zip(centre.queue_ids, models, strict=True)},
        "day_cv": dict(zip(centre.queue_ids, factors.day_cv.tolist(), strict=True)),
        "day_correlation": factors.day_correlation,
        "half_correlation": factors.half_correlation,
        "wild_days": factors.wild,
        "spectral_radius": laws.radius,
    }


def _refused(reason: str, seed: int) -> ForecastResult:
    return ForecastResult(empty_tables(), Meta(Status.INFEASIBLE, reasons=(reason,), seed=seed))
