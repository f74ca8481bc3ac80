"""Forecasts made in the past for as far ahead as the planning week lies now, beside what came."""

import numpy as np

from wfo.forecasting.choice import past_totals
from wfo.forecasting.dispersion import Residuals, day_factors, interval_spread
from wfo.forecasting.model import QueueModel, day_shares
from wfo.forecasting.past import Past
from wfo.forecasting.record import week_ahead
from wfo.forecasting.sampling import DayFactors
from wfo.forecasting.settings import ForecastSettings

ORIGINS = 26
"""Weekly origins that are forecast again, at most."""
_SHAPE_DAYS = 120
_LEAST_ORIGINS = 8


def measure_factors(
    past: Past,
    models: list[QueueModel],
    settings: ForecastSettings,
    *,
    lead_days: int,
    left_out: np.ndarray | None = None,
) -> DayFactors:
    """Estimate the law of the day factors from rolling refits.

    Parameters
    ----------
    past : Past
    models : list of QueueModel
        Fitted to all of the past; they give the shape of a day.
    settings : ForecastSettings
    lead_days : int
        Days from the planning moment to the week that is planned.
    left_out : ndarray of bool or None, shape (Q, D)
        Days whose errors have a law of their own.
    """
    origin = past.cube.shape[1]
    split = np.array([_split_slot(past, model) for model in models], dtype=np.int64)
    shape = [_half_shares(past, q, models[q], int(split[q])) for q in range(len(models))]
    actual = np.zeros((len(models), origin, 2))
    mean = np.zeros((len(models), origin, 2))
    noise = np.zeros((len(models), origin, 2))
    for q, model in enumerate(models):
        if model.candidate is None or past.start_per_day[q] > 0:
            continue
        actual[q] = _halves(past.cube[q], int(split[q]))
        noise[q] = _halves(past.offered[q], int(split[q]))
        said = past_totals(past, q, origin, settings, lead_days=lead_days, most=ORIGINS)
        for start in _alike(past, q, origin, list(said)):
            ahead, totals = week_ahead(past, q, start, lead_days), said[start]
            if left_out is not None:
                totals = np.where(left_out[q, ahead], 0.0, totals)
            mean[q, ahead] = totals[:, None] * shape[q][ahead]
    spread = np.array([_interval_cv(past, q, models[q], int(split[q])) for q in range(len(models))])
    week = (origin - 1 - np.arange(origin)) // 7  # origins go back from the last one week by week
    return day_factors(Residuals(actual, mean, noise, week), spread, split * past.step_min)


def _alike(past: Past, q: int, origin: int, starts: list[int]) -> list[int]:
    """Origins that had at least half of today's history to learn from; the last eight where those are few."""
    first = int(np.argmax(past.usable[q]))
    enough = [s for s in starts if s - first >= (origin - first) / 2]
    return enough if len(enough) >= _LEAST_ORIGINS else starts[:_LEAST_ORIGINS]


def _split_slot(past: Past, model: QueueModel) -> int:
    """Step of the day by which half of a queue's contacts have come."""
    total = np.cumsum(model.profile.sum(axis=0))
    return int(np.searchsorted(total, total[-1] / 2)) + 1 if total[-1] > 0 else past.cube.shape[2] // 2


def _half_shares(past: Past, q: int, model: QueueModel, split: int) -> np.ndarray:
    """Expected shares of mornings and afternoons, shape (D, 2)."""
    days = past.cube.shape[1]
    part = day_shares(model, past.days.weekday[:days], past.is_open[q])
    return np.where(past.usable[q][:, None], _halves(part, split), 0.0)


def _interval_cv(past: Past, q: int, model: QueueModel, split: int) -> float:
    """Spread of intervals around the shape of the day, given each half's contacts."""
    rows = np.flatnonzero(past.usable[q])
    rows = rows[rows >= past.cube.shape[1] - _SHAPE_DAYS]
    if not len(rows) or model.profile.sum() <= 0:
        return 0.0
    part = day_shares(model, past.days.weekday[rows], past.is_open[q, rows])
    cube = past.cube[q, rows]
    expected = np.zeros_like(part)
    for half in (slice(None, split), slice(split, None)):
        mass = part[:, half].sum(axis=1, keepdims=True)
        came = np.maximum(cube[:, half].sum(axis=1, keepdims=True), 0.0)
        expected[:, half] = np.divide(
            part[:, half] * came, mass, out=np.zeros_like(part[:, half]), where=mass > 0
        )
    return interval_spread(cube, expected, past.offered[q, rows])


def _halves(cube: np.ndarray, split: int) -> np.ndarray:
    """Sums of mornings and afternoons, shape (D, 2)."""
    return np.stack([cube[:, :split].sum(axis=1), cube[:, split:].sum(axis=1)], axis=1)
