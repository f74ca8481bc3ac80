"""How far days come out from their forecast, measured on forecasts made in the past.

In-sample residuals are too small, so the factors' spread comes from rolling refits: weekly origins, each
forecasting the days that lie as far ahead as the planning week does now. Poisson noise is taken off each
moment.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from wfo.forecasting.sampling import WILD_P, DayFactors, wild_scales

_LEAST_CV, _MOST_CV = 0.02, 0.6
_DEFAULT_CV = 0.1
_DEFAULT_HALVES = 0.5
_MOST_INTERVAL_CV = 0.3
_RATIOS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0)  # of a wild day's spread to a usual one's
_PRIOR_RATIO, _PRIOR_SD = 2.0, 0.5  # its prior: in the middle, and in logs
_PRIOR_PAIRS = 30.0  # the day-to-day correlation is shrunk to 0 as if by this many pairs of days
_MOST_DAYS = 0.95


@dataclass(frozen=True)
class Residuals:
    """Past forecasts of fresh contacts and what came, by half-day.

    Attributes
    ----------
    actual, mean : ndarray, shape (Q, D, 2)
        Fresh contacts of mornings and afternoons; ``mean`` is 0 where there was no forecast.
    noise : ndarray, shape (Q, D, 2)
        Poisson variance of ``actual``: all contacts offered, since what they caused has been taken off in
        expectation.
    week : ndarray of int64, shape (D,)
        Number of the forecast that each day belongs to.
    """

    actual: np.ndarray
    mean: np.ndarray
    noise: np.ndarray
    week: np.ndarray


def day_factors(residuals: Residuals, interval_cv: np.ndarray, split_min: np.ndarray) -> DayFactors:
    """Estimate the day factors' law by moments.

    Parameters
    ----------
    residuals : Residuals
    interval_cv : ndarray, shape (Q,)
    split_min : ndarray of int64, shape (Q,)
    """
    known = np.asarray((residuals.mean > 0).any(axis=2))
    mean = np.where(known[:, :, None], residuals.mean, 0.0)
    error = np.where(known[:, :, None], residuals.actual - residuals.mean, 0.0)
    noise = np.where(known[:, :, None], residuals.noise, 0.0)
    half_cv, precision = _spread(error, mean, noise)
    halves = _half_correlation(error, mean, noise, precision)
    day_mean = mean.sum(axis=2)
    ratio = np.divide(error.sum(axis=2), day_mean, out=np.zeros_like(day_mean), where=day_mean > 0)
    shared = np.maximum(halves * half_cv**2, 1e-12)
    whole = np.array(
        [
            max(float(np.square(r[k]).mean()), 1e-12) if k.any() else 1.0
            for r, k in zip(ratio, known, strict=True)
        ]
    )
    whole = np.maximum(whole, shared)
    n_queues = len(mean)
    between = np.eye(n_queues)
    for a in range(n_queues):
        for b in range(a):
            both = known[a] & known[b]
            between[a, b] = between[b, a] = _correlation(
                ratio[a][both], ratio[b][both], shared[[a, b]], whole[[a, b]]
            )
    day_correlation = _day_correlation(ratio, known, residuals.week, shared, whole)
    usual = np.sqrt(noise.sum(axis=2) + (half_cv**2 * (1 + halves) / 2)[:, None] * day_mean**2)
    return DayFactors(
        half_cv=half_cv,
        half_correlation=halves,
        day_correlation=day_correlation,
        queue_correlation=nearest_correlation(between),
        interval_cv=interval_cv,
        split_min=split_min,
        burst_p=np.zeros(n_queues),
        burst_size=np.zeros(n_queues),
        day_spread=np.zeros((n_queues, 0)),
        wild=_wild([error[q].sum(axis=1)[k] / usual[q][k] for q, k in enumerate(known)]),
    )


def interval_spread(cube: np.ndarray, expected: np.ndarray, noise: np.ndarray) -> float:
    """Coefficient of variation of interval rates beyond the day's total.

    Parameters
    ----------
    cube, expected : ndarray, shape (D, S)
        Contacts, and their means given each day's total.
    noise : ndarray, shape (D, S)
        Poisson variance of the contacts.
    """
    level = float(np.square(expected).sum())
    if level <= 0:
        return 0.0
    excess = float((np.square(cube - expected) - noise).sum()) / level
    return float(np.clip(np.sqrt(max(excess, 0.0)), 0.0, _MOST_INTERVAL_CV))


def nearest_correlation(matrix: np.ndarray) -> np.ndarray:
    """Positive semidefinite matrix with unit diagonal: negative eigenvalues clipped (Higham 2002)."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    clipped = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(clipped))
    out = clipped / np.outer(scale, scale)
    np.fill_diagonal(out, 1.0)
    return np.asarray(out)


def _spread(error: np.ndarray, mean: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spread of each queue's half-day factor, leaning on the centre's where Poisson noise hides its own.

    The second array is the precision of a queue's own variance, up to a common factor.
    """
    level = np.square(mean).sum(axis=(1, 2))
    seen = level > 0
    if not seen.any():
        return np.full(len(level), _DEFAULT_CV), np.zeros(len(level))
    level = np.where(seen, level, 1.0)
    own = (np.square(error) - noise).sum(axis=(1, 2)) / level
    hidden = noise.sum(axis=(1, 2)) / level
    halves = np.maximum((mean > 0).sum(axis=(1, 2)), 1)
    precision = np.where(seen, halves / np.square(hidden + _DEFAULT_CV**2), 0.0)
    pooled = max(float(precision @ own / precision.sum()), _LEAST_CV**2)
    sampling = 2.0 / halves * np.square(hidden + pooled)
    trust = np.where(seen, pooled**2 / (pooled**2 + sampling), 0.0)
    cv = np.sqrt(np.clip(trust * own + (1 - trust) * pooled, _LEAST_CV**2, _MOST_CV**2))
    return cv, precision


def _half_correlation(error: np.ndarray, mean: np.ndarray, noise: np.ndarray, precision: np.ndarray) -> float:
    level = np.square(mean).sum(axis=(1, 2))
    product = mean.prod(axis=2).sum(axis=1)
    seen = (level > 0) & (product > 0)
    if not seen.any():
        return _DEFAULT_HALVES
    variance = ((np.square(error) - noise).sum(axis=(1, 2))[seen] / level[seen]) @ precision[seen]
    common = (error.prod(axis=2).sum(axis=1)[seen] / product[seen]) @ precision[seen]
    return float(np.clip(common / variance, 0.0, 0.95)) if variance > 0 else _DEFAULT_HALVES


def _wild(scores: list[np.ndarray]) -> float:
    """How many times as far out wild days are, by maximum likelihood over the queues' scaled errors."""
    z = np.concatenate([s / np.sqrt(np.square(s).mean()) for s in scores if np.square(s).sum() > 0] or [[]])
    best, found = -np.inf, 1.0
    for ratio in _RATIOS:
        usual, wild = wild_scales(ratio)
        density = (1 - WILD_P) * np.exp(-0.5 * (z / usual) ** 2) / usual
        density = density + WILD_P * np.exp(-0.5 * (z / wild) ** 2) / wild
        value = float(np.log(density).sum()) - 0.5 * (np.log(ratio / _PRIOR_RATIO) / _PRIOR_SD) ** 2
        if value > best:
            best, found = value, ratio
    return found


def _correlation(a: np.ndarray, b: np.ndarray, shared: np.ndarray, whole: np.ndarray) -> float:
    """Correlation of the shared parts of two queues, shrunk to 0 by the noise of its estimate."""
    pairs = len(a)
    if pairs == 0:
        return 0.0
    signal = float(np.sqrt(shared.prod()))
    noise = float(whole.prod()) / pairs
    trust = shared.prod() / (shared.prod() + noise)
    return float(np.clip(trust * float((a * b).mean()) / signal, -0.95, 0.95))


def _day_correlation(
    ratio: np.ndarray, known: np.ndarray, week: np.ndarray, shared: np.ndarray, whole: np.ndarray
) -> float:
    """AR(1) of the shared part from day to day that gives totals of a week the variance they had.

    All pairs of days of one forecast count, as a level that was missed stays missed for the week; days of
    different forecasts do not, since the later one has seen the earlier day. Shrunk to 0.
    """
    days = ratio.shape[1]
    moved, possible = 0.0, np.zeros(min(7, days))
    for lag in range(1, len(possible)):
        together = known[:, lag:] & known[:, :-lag] & (week[lag:] == week[:-lag])
        products = np.where(together, ratio[:, lag:] * ratio[:, :-lag], 0.0)
        moved += float((products.sum(axis=1) / whole).sum())
        possible[lag] = float((together.sum(axis=1) * shared / whole).sum())
    if len(possible) < 2:
        return 0.0
    possible[1] += _PRIOR_PAIRS

    def missing(phi: float) -> float:
        return float(possible @ phi ** np.arange(len(possible))) - moved

    if moved <= 0:
        return 0.0
    return float(brentq(missing, 0.0, _MOST_DAYS)) if missing(_MOST_DAYS) > 0 else _MOST_DAYS
