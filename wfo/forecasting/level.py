"""The level of a day: weekday and calendar effects by discounted ridge regression, and a residual level.

Day totals have mean μ = exp(xβ) and variance μ + (SPREAD·μ)², the working weights of a negative binomial
regression (McCullagh & Nelder 1989); older days weigh less by exp(−age / memory). Coefficients have normal
priors, so that an effect seen once moves little. What the regression leaves is smoothed over the last weeks,
since levels drift.
"""

from dataclasses import dataclass

import numpy as np

from wfo.forecasting.calendar import EFFECTS, Days

SPREAD = 0.1
"""Coefficient of variation of a day around its mean, for the weights."""
DRIFT_DAYS = 14.0
"""Memory of the residual level."""
_PRIOR_SD = {"intercept": 10.0, "weekday": 1.0, "effect": 0.15, "drift": 0.1}
_ROUNDS = 25
_OUTLIER_SD = 4.5
_RUN = 3  # this many outlying days in a row are a new level, not a mishap


@dataclass(frozen=True)
class Level:
    """A fitted level.

    Attributes
    ----------
    beta : ndarray, shape (1 + 7 + E,)
    drift : float
        Residual level, in logs.
    used : ndarray of bool, shape (D,)
        Days learnt from, outlying days left out.
    """

    beta: np.ndarray
    drift: float
    used: np.ndarray

    def mean(self, design: np.ndarray) -> np.ndarray:
        """Expected contacts of days with the given design rows."""
        return np.exp(design @ self.beta + self.drift)


def design_of(days: Days, q: int, *, calendar_effects: bool) -> np.ndarray:
    """Rows of 1, seven weekday dummies and the calendar effects of a queue's days, shape (D, 1 + 7 + E)."""
    weekday = (days.weekday[:, None] == np.arange(7)).astype(np.float64)
    effects = days.effects[q] if calendar_effects else np.zeros_like(days.effects[q])
    return np.hstack([np.ones((len(weekday), 1)), weekday, effects])


def fit_level(total: np.ndarray, design: np.ndarray, usable: np.ndarray, *, memory_days: float) -> Level:
    """Fit the level of one queue's days.

    Single days far from what is expected of them (an outage, a mailing nobody noted) are left out.

    Parameters
    ----------
    total : ndarray, shape (D,)
        Fresh contacts of each day, the last one just before the forecast's origin.
    design : ndarray, shape (D, 1 + 7 + E)
    usable : ndarray of bool, shape (D,)
        Open days that may be learnt from; at least one.
    memory_days : float
        A day weighs ``exp(−age / memory_days)``.
    """
    rows = np.flatnonzero(usable)
    beta = _ridge(total, design, rows, memory_days, None)
    kept = rows[~_outliers(total[rows], np.exp(design[rows] @ beta))]
    if 0 < len(kept) < len(rows):
        rows = kept
        beta = _ridge(total, design, rows, memory_days, beta)
    used = np.zeros(len(total), dtype=bool)
    used[rows] = True
    return Level(beta, _drift(total, design, rows, beta), used)


def _ridge(
    total: np.ndarray, design: np.ndarray, rows: np.ndarray, memory_days: float, start: np.ndarray | None
) -> np.ndarray:
    x, y = design[rows], total[rows]
    discount = np.exp(-(len(total) - rows) / memory_days)
    sd = [_PRIOR_SD["intercept"]] + [_PRIOR_SD["weekday"]] * 7 + [_PRIOR_SD["effect"]] * len(EFFECTS)
    precision = 1.0 / np.square(sd)
    centre = np.zeros(x.shape[1])
    centre[0] = np.log(max(np.average(y, weights=discount), 1e-3))
    beta = centre.copy() if start is None else start
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(x @ beta, -20.0, 20.0))
        weight = discount * mean / (1 + SPREAD**2 * mean)
        score = x.T @ (weight * (y / mean - 1)) - precision * (beta - centre)
        step = np.linalg.solve((x.T * weight) @ x + np.diag(precision), score)
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-6:
            break
    return beta


def _outliers(total: np.ndarray, mean: np.ndarray) -> np.ndarray:
    score = (total - mean) / np.sqrt(mean + (SPREAD * mean) ** 2)
    scale = max(0.5, 1.4826 * float(np.median(np.abs(score - np.median(score)))))
    far = np.abs(score) > _OUTLIER_SD * scale
    run = np.convolve(far, np.ones(_RUN), "same") >= _RUN if len(far) >= _RUN else far
    shift = np.convolve(run, np.ones(_RUN), "same") > 0 if len(far) >= _RUN else far
    return np.asarray(far & ~shift)


def _drift(total: np.ndarray, design: np.ndarray, rows: np.ndarray, beta: np.ndarray) -> float:
    mean = np.exp(design[rows] @ beta)
    weight = np.exp(-(len(total) - rows) / DRIFT_DAYS) * mean / (1 + SPREAD**2 * mean)
    residual = total[rows] / mean - 1
    return float(np.log1p(max(-0.9, (weight @ residual) / (weight.sum() + _PRIOR_SD["drift"] ** -2))))
