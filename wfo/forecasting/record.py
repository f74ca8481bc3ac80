"""The record of each way of forecasting a queue's days: past weeks forecast from what came before them."""

from dataclasses import dataclass

import numpy as np

from wfo.forecasting.fitting import fit_totals_as
from wfo.forecasting.model import day_totals
from wfo.forecasting.past import Past
from wfo.forecasting.settings import ForecastSettings
from wfo.forecasting.ways import Candidate

JUDGED = 12
"""Weeks by which ways are judged, at most: the latest there are."""


@dataclass(frozen=True)
class Record:
    """Past weeks of one queue, the latest first.

    Attributes
    ----------
    starts : tuple of int
        Days before which everything was known.
    lead_days : int
        Days from there to the week that is forecast.
    errors, biases : ndarray, shape (K, W)
        Of W ways: Σ|forecast − actual| ÷ Σ actual over the days of each week, and the same with signs. Where
        few contacts are left of those that came, Σ actual is at least its standard deviation.
    totals : tuple of ndarray, each of shape (W, days)
        Their forecasts of the usable days of each week.
    """

    starts: tuple[int, ...]
    lead_days: int
    errors: np.ndarray
    biases: np.ndarray
    totals: tuple[np.ndarray, ...]

    def over_by(self, day: int) -> np.ndarray:
        """Numbers of the latest weeks that were over before a day, at most `JUDGED`."""
        end = np.array(self.starts, dtype=np.int64) + self.lead_days + 7
        return np.flatnonzero(end <= day)[:JUDGED]


def record_of(
    past: Past,
    q: int,
    origin: int,
    ways: tuple[Candidate, ...],
    settings: ForecastSettings,
    *,
    lead_days: int,
    most: int = JUDGED,
) -> Record:
    """Forecast past weeks again in each way.

    Parameters
    ----------
    past : Past
    q, origin : int
        Numbers of the queue and of the first day that is not known.
    ways : tuple of Candidate
    settings : ForecastSettings
    lead_days : int
    most : int
        Weeks, at most; those without a contact are passed over.
    """
    found = []
    for start in origins(past, q, origin, settings, lead_days, most):
        ahead = week_ahead(past, q, start, lead_days)
        came, taken = past.total[q, ahead], past.taken_by_day(q)[ahead].sum()
        scale = max(came.sum(), np.sqrt(max(came.sum() + taken, 0.0)))
        if scale > 0:
            totals = np.array([week_totals(past, q, start, way, lead_days) for way in ways])
            gap = (totals - came) / scale
            found.append((start, np.abs(gap).sum(axis=1), gap.sum(axis=1), totals))
    none = np.zeros((0, len(ways)))
    return Record(
        starts=tuple(f[0] for f in found),
        lead_days=lead_days,
        errors=np.array([f[1] for f in found]) if found else none,
        biases=np.array([f[2] for f in found]) if found else none,
        totals=tuple(f[3] for f in found),
    )


def origins(
    past: Past, q: int, origin: int, settings: ForecastSettings, lead_days: int, most: int
) -> list[int]:
    """Weekly origins before ``origin`` whose forecast week is over by then, the latest first."""
    seen = np.flatnonzero(past.usable[q, :origin])
    first = int(seen[0]) + 7 * max(settings.min_weeks, 2) if len(seen) else origin
    starts = range(origin - 7 - lead_days, first - 1, -7)
    return [s for s in starts[:most] if len(week_ahead(past, q, s, lead_days))]


def week_ahead(past: Past, q: int, start: int, lead_days: int) -> np.ndarray:
    """Usable days of the week that an origin forecasts."""
    ahead = np.arange(start + lead_days, start + lead_days + 7)
    return ahead[past.usable[q, ahead]]


def week_totals(past: Past, q: int, start: int, way: Candidate, lead_days: int) -> np.ndarray:
    """What a way, learnt before ``start``, expects of the usable days of the week it forecasts."""
    ahead = week_ahead(past, q, start, lead_days)
    model = past.once(("totals", q, start, way), lambda: fit_totals_as(past, q, start, way))
    return day_totals(past, q, model, ahead)
