"""The day in progress: how far what came so far moves what is still to come.

A plain ratio (came ÷ expected, times the rest) believes the morning's noise. Here the factors of the
forecast's own law (how much days come out above or below, how mornings go with afternoons, days with days,
queues with queues) are estimated from what came by the best linear prediction, so that few contacts move
little and the morning moves the afternoon less than itself (in the spirit of Shen & Huang 2008). The first
hours also mislead by their timing: by how much is measured on the days of the result's history.
"""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.errors import InputError, Problem
from wfo.forecasting.frames import keyed
from wfo.forecasting.propagation import expected_volume
from wfo.forecasting.result import ForecastResult
from wfo.forecasting.sampling import DayFactors

_DAY = 24 * 60
_LEAST_DAYS = 10


def intraday(forecast: ForecastResult, came: pd.DataFrame, at: dt.datetime) -> pd.DataFrame:
    """Forecast the rest of the week again from what has come in it so far.

    Parameters
    ----------
    forecast : ForecastResult
        Of the week in progress.
    came : DataFrame
        queue, interval_start, offered of the week so far, on the forecast's grid; an interval that is not
        listed had no contact. A queue that is not listed at all is not known. Later rows are not used.
    at : datetime
        Now, aware; on the edge of an interval or cut down to one.

    Returns
    -------
    DataFrame
        queue, interval_start, interval_min from ``at`` to the end of the week; ``volume_mean`` as forecast,
        ``updated_mean``, and ``factor``, by which fresh demand is moved.

    Raises
    ------
    InputError
        If ``at`` is not within the week, or a count is negative or missing.
    """
    grid, queues = forecast.grid, forecast.queues
    if at.tzinfo is None:
        raise InputError(f"{at} has no time zone; give an aware instant")
    known = int((at - grid.start).total_seconds() // 60) // grid.step_min
    if not 0 <= known < grid.n:
        raise InputError(
            f"{at} is not within the week from {grid.start:%Y-%m-%d %H:%M} to {grid.end:%Y-%m-%d %H:%M} UTC"
        )
    seen, offered = _counts(forecast, came, known)
    fresh, expected = forecast.fresh(), forecast.expected()
    factors, zone = forecast.day_factors(), forecast.zone
    local = grid.local(zone)
    half = (np.asarray(local.hour * 60 + local.minute)[None, :] >= factors.split_min[:, None]).astype(
        np.int64
    )
    cell = 2 * grid.local_day_number(zone)[None, :] + half
    shape = _shape_noise(forecast, cell, known)
    factor = 1 + _estimate(factors, cell, fresh, expected, offered, seen, known, shape)
    moved = np.take_along_axis(factor, cell, axis=1)
    paths = forecast.laws()
    base = fresh * moved + forecast.carried()
    base[:, :known] = np.where(seen[:, None], offered, expected)[:, :known]
    updated = expected_volume(base, forecast.links(), paths.landing_start, paths.landing_len, known=known)
    table = keyed(queues, grid, {"volume_mean": expected, "updated_mean": updated, "factor": moved})
    return table[np.tile(np.arange(grid.n) >= known, len(queues))].reset_index(drop=True)


def _counts(forecast: ForecastResult, came: pd.DataFrame, known: int) -> tuple[np.ndarray, np.ndarray]:
    """Which queues are known, shape (Q,), and what came before now, shape (Q, T)."""
    grid, queues = forecast.grid, forecast.queues
    counts = came["offered"].to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~(counts >= 0))
    if len(bad):
        where = f"came, row {bad[0]}, column 'offered'"
        raise InputError([Problem(where, f"{len(bad)} counts are negative or missing; give 0 or more")])
    queue = pd.Index(queues).get_indexer(pd.Index(came["queue"]))
    at = grid.locate(came["interval_start"])
    inside = (queue >= 0) & (at >= 0) & (at < known)
    offered = np.zeros((len(queues), grid.n))
    np.add.at(offered, (queue[inside], at[inside]), counts[inside])
    return np.isin(np.arange(len(queues)), queue), offered


def _estimate(
    factors: DayFactors,
    cell: np.ndarray,
    fresh: np.ndarray,
    expected: np.ndarray,
    offered: np.ndarray,
    seen: np.ndarray,
    known: int,
    shape: np.ndarray,
) -> np.ndarray:
    """Best linear prediction of each queue's half-day factors less 1, shape (Q, half-days)."""
    n_queues, halves = len(fresh), int(cell.max()) + 1
    sums = np.zeros((4, n_queues, halves))
    for k, values in enumerate((fresh, expected, offered, (factors.interval_cv[:, None] * fresh) ** 2)):
        for q in np.flatnonzero(seen):
            sums[k, q] = np.bincount(cell[q, :known], values[q, :known], halves)
    mass, mean, actual, rough = sums.reshape(4, -1)
    told = np.flatnonzero(mass > 0)
    if not len(told):
        return np.zeros((n_queues, halves))
    prior = _covariance(factors, halves)
    timing = np.zeros((n_queues, halves))
    timing[np.arange(n_queues), cell[:, max(known - 1, 0)]] = shape
    noise = (mean + rough)[told] / mass[told] ** 2 + timing.ravel()[told]
    ratio = (actual - mean)[told] / mass[told]
    gain = np.linalg.solve(prior[np.ix_(told, told)] + np.diag(noise), ratio)
    return np.maximum(prior[:, told] @ gain, -1.0).reshape(n_queues, halves)


def _shape_noise(forecast: ForecastResult, cell: np.ndarray, known: int) -> np.ndarray:
    """How far the first part of the half-day in progress misleads about its whole, beyond chance; shape (Q,).

    In history, contacts of that part ÷ its share of the half-day's contacts, less 1: its variance, less that
    of drawing the part from the whole.
    """
    history, grid = forecast.tables["history"], forecast.grid
    out = np.zeros(len(forecast.queues))
    if not known or history.empty:
        return out
    past_slot, day = _slot_and_day(pd.DatetimeIndex(history["interval_start"].unique()), forecast.zone)
    slot, _ = _slot_and_day(grid.starts, forecast.zone)
    offered = history["offered"].to_numpy(dtype=np.float64).reshape(len(out), -1)
    expected = forecast.expected()
    now = known - 1
    for q in range(len(out)):
        half = cell[q] == cell[q, now]
        whole = np.unique(slot[half] % _DAY)
        part = np.unique(slot[half & (np.arange(grid.n) < known)] % _DAY)
        usual = np.bincount(slot, expected[q], 7 * _DAY)[past_slot]
        sums = [
            np.bincount(day, values * np.isin(past_slot % _DAY, slots))
            for values in (offered[q], usual)
            for slots in (part, whole)
        ]
        came_part, came, usual_part, usual_whole = sums
        told = (came > 0) & (usual_part > 0) & (usual_part < usual_whole)
        if told.sum() < _LEAST_DAYS:
            continue
        share = usual_part[told] / usual_whole[told]
        off = came_part[told] / (share * came[told]) - 1
        chance = (1 - share) / (share * came[told])
        weight = came[told]
        out[q] = max(0.0, float(np.average(off**2, weights=weight) - np.average(chance, weights=weight)))
    return out


def _slot_and_day(starts: pd.DatetimeIndex, zone: str) -> tuple[np.ndarray, np.ndarray]:
    """Minute of the local week, and number of the local day, of each instant."""
    local = starts.tz_convert(zone)
    dates = local.tz_localize(None).normalize()
    minute = np.asarray(local.day_of_week * _DAY + local.hour * 60 + local.minute)
    return minute, np.asarray((dates - dates[0]).days)


def _covariance(factors: DayFactors, halves: int) -> np.ndarray:
    """Covariance of half-day factors, shape (Q · half-days, Q · half-days)."""
    day = np.arange(halves) // 2
    between_days = factors.day_correlation ** np.abs(day[:, None] - day[None, :])
    rho = factors.half_correlation
    queues = np.diag(factors.half_cv) @ factors.queue_correlation @ np.diag(factors.half_cv)
    own = np.diag(factors.half_cv**2)
    return np.asarray(np.kron(queues, rho * between_days) + np.kron(own, (1 - rho) * np.eye(halves)))
