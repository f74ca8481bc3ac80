"""The forecast of past weeks, each made from what came before it, beside what came and plain baselines."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from wfo.domain.centre import Centre
from wfo.errors import InputError
from wfo.forecasting.choice import fit
from wfo.forecasting.frames import keyed
from wfo.forecasting.fresh import Fresh
from wfo.forecasting.history import History
from wfo.forecasting.horizon import approach_of, carried_volume, recent_abandonment
from wfo.forecasting.inputs import ForecastInputs
from wfo.forecasting.intents import no_intents
from wfo.forecasting.laws import Laws, read_laws
from wfo.forecasting.learning import learn
from wfo.forecasting.levers import Causing
from wfo.forecasting.model import expected_fresh
from wfo.forecasting.past import Past
from wfo.forecasting.propagation import expected_volume
from wfo.forecasting.settings import ForecastSettings
from wfo.timegrid import TimeGrid, local_midnight

METHODS = ("two_level", "same_weekday_mean", "seasonal_naive")
"""Columns of forecasts; the mean is that of the last `BASELINE_WEEKS` same weekdays there are."""
BASELINE_WEEKS = 8


@dataclass(frozen=True)
class Backtest:
    """Forecasts of past weeks.

    Attributes
    ----------
    table : DataFrame
        queue, interval_start, origin, schedule_date, actual (contacts offered), and a column a method; open
        intervals of days with data that are neither excluded nor days of an event.
    """

    table: pd.DataFrame

    def accuracy(self) -> pd.DataFrame:
        """Error by queue and pooled (``centre``), per interval and per day.

        Returns
        -------
        DataFrame
            queue, grain, method, wape (Σ|actual − forecast| ÷ Σ actual), bias (Σ(forecast − actual) ÷ Σ
            actual).
        """
        by_day = self.table.groupby(["queue", "schedule_date"], sort=True)
        days = by_day[["actual", *METHODS]].sum().reset_index()
        rows = []
        for grain, frame in (("interval", self.table), ("day", days)):
            for queue, part in [("centre", frame), *frame.groupby("queue", sort=True)]:
                total = part["actual"].sum()
                for method in METHODS:
                    error = part[method] - part["actual"]
                    scale = total if total > 0 else np.nan
                    rows.append((queue, grain, method, error.abs().sum() / scale, error.sum() / scale))
        return pd.DataFrame(rows, columns=["queue", "grain", "method", "wape", "bias"])


@threadpool_limits.wrap(limits=1, user_api="blas")
def backtest(inputs: ForecastInputs, settings: ForecastSettings, *, weeks: int = 8) -> Backtest:
    """Forecast each of the last weeks before the planning moment from its own start.

    The kernel of follow-ups is the one given, learnt from the whole log; levels, profiles and carried
    contacts come from before each origin alone. Volumes are stated at the abandonment of the weeks before the
    origin and not at the planned one, since what came was served as it was. Levers and the planner's own
    factors are left out.

    Parameters
    ----------
    inputs : ForecastInputs
        As for `forecast`; ``now`` ends the last week that is tested.
    settings : ForecastSettings
    weeks : int
        Weekly origins.

    Raises
    ------
    InputError
        If history is too short for a single origin.
    """
    centre = inputs.centre
    laws = read_laws(
        centre,
        inputs.kernel,
        inputs.redial,
        inputs.chain_members,
        inputs.interactions,
        settings.planned_abandonment,
        [],
    )
    first = inputs.grid.local(centre.zone)[0].date()
    causing = Causing.of(centre, (), first, laws, no_intents(len(centre.queues)))
    learnt = learn(replace(inputs, levers=()), settings, laws, causing, [])
    history, fresh, past = learnt.history, learnt.fresh, learnt.past
    parts = []
    for back in range(weeks, 0, -1):
        origin = history.days - 7 * back
        if origin >= 7 * settings.min_weeks:
            parts.append(_one_week(centre, history, fresh, past, laws, causing, origin, settings))
    if not parts:
        need = settings.min_weeks + 1
        raise InputError(f"history has {history.days} complete days; a backtest needs at least {need} weeks")
    return Backtest(pd.concat(parts, ignore_index=True))


def _one_week(
    centre: Centre,
    history: History,
    fresh: Fresh,
    past: Past,
    laws: Laws,
    causing: Causing,
    origin: int,
    settings: ForecastSettings,
) -> pd.DataFrame:
    first = history.first_day + dt.timedelta(days=origin)
    grid = TimeGrid.of_days(first, 7, zone=centre.zone, step_min=history.grid.step_min)
    now = int(local_midnight(first, centre.zone).timestamp()) // 60
    known = (now - history.grid.start_min) // history.grid.step_min
    before = replace(
        history,
        grid=TimeGrid(history.grid.start, history.grid.step_min, known),
        days=origin,
        offered=history.offered[:, :known],
        abandoned=history.abandoned[:, :known],
    )
    served = Fresh(fresh.counts[:, :known], fresh.served[:, :known], fresh.taken[:, :known], ())
    laws = replace(laws, planned_abandonment=recent_abandonment(before, laws))
    models = [fit(past, q, origin, settings) for q in range(len(centre.queues))]
    approach = approach_of(centre, before, grid, laws.reach_min)
    is_open = approach.is_open[:, approach.start :]
    base = expected_fresh(past, models, grid, centre.zone, is_open)
    base += carried_volume(centre, before, served, past, models, approach, laws, causing, (), settings)
    volume = expected_volume(base, laws.links(grid.step_min), *laws.landing(is_open, grid.step_min))
    day = origin + grid.local_day_number(centre.zone)
    cell = history.slot[known : known + grid.n]
    columns = {
        "actual": history.offered[:, known : known + grid.n],
        "two_level": volume,
        "same_weekday_mean": _mean_of_last(past, origin, BASELINE_WEEKS)[:, day - origin, cell] * is_open,
        "seasonal_naive": _mean_of_last(past, origin, 1)[:, day - origin, cell] * is_open,
    }
    frame = keyed(centre.queue_ids, grid, columns)
    dates = np.array([history.first_day + dt.timedelta(days=int(d)) for d in day], dtype=object)
    frame.insert(2, "origin", grid.starts[0])
    frame.insert(3, "schedule_date", np.tile(dates, len(centre.queues)))
    keep = is_open & past.usable[:, day]
    return frame[keep.ravel()].drop(columns="interval_min").reset_index(drop=True)


def _mean_of_last(past: Past, origin: int, weeks: int) -> np.ndarray:
    """Mean contacts of the last same weekdays before the origin, shape (Q, 7 days from the origin, S)."""
    out = np.zeros((len(past.offered), 7, past.offered.shape[2]))
    for q in range(len(out)):
        for ahead in range(7):
            same = np.arange(origin + ahead - 7, -1, -7)
            same = same[past.usable[q, same]][:weeks]
            if len(same):
                out[q, ahead] = past.offered[q, same].mean(axis=0)
    return out
