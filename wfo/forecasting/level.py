"""The level of a day: weekday and calendar effects by discounted ridge regression, and a residual level.

Day totals have mean μ = exp(xβ) and variance μ + (SPREAD·μ)², the working weights of a negative binomial
regression (McCullagh & Nelder 1989); older days weigh less by exp(−age / memory). Coefficients have normal
priors, so that an effect seen once moves little. What the regression leaves is smoothed over the last weeks,
since levels drift.
"""

from dataclasses import dataclass

import numpy as np

from wfo.forecasting.calendar import EFFECT_SD, Days
from wfo.forecasting.ridge import SPREAD, ridge

DRIFT_DAYS = 14.0
"""Memory of the residual level."""
DRIFT_SD = 0.1
"""Standard deviation of its prior, in logs."""
_INTERCEPT_SD, _WEEKDAY_SD, _OWN_SD = 10.0, 1.0, 0.15
_OUTLIER_SD = 4.5
_SIFTINGS = 3
_OUTLIER_LEAST = 3.0  # contacts off, beyond which a day of a queue that hardly rings can be outlying
_LEAST_LOG_DAYS = 14  # after older reports, from which how the two count is told apart
_RUN = 3  # this many outlying days in a row are a new level, not a mishap


@dataclass(frozen=True)
class Level:
    """A fitted level.

    Attributes
    ----------
    beta : ndarray, shape (K,)
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
        return np.exp(np.clip(design @ self.beta + self.drift, -50.0, 50.0))


def design_of(
    days: Days, q: int, *, calendar_effects: bool, learnt_from: np.ndarray | None = None
) -> np.ndarray:
    """Rows of 1, weekdays, calendar effects, the reports' column and drivers of a queue's days, shape (D, K).

    K = 1 + 7 + E, one more where the days have a reports' column, and one a driver.

    Parameters
    ----------
    days : Days
    q : int
    calendar_effects : bool
        Whether they are in it, or 0.
    learnt_from : ndarray of bool or None, shape (days,)
        The first of the days, those that may be learnt from: the reports' column is `told_apart` by them.
    """
    weekday = (days.weekday[:, None] == np.arange(7)).astype(np.float64)
    effects = days.effects[q] if calendar_effects else np.zeros_like(days.effects[q])
    reported = days.reported[q] if learnt_from is None else told_apart(days.reported[q], learnt_from)
    return np.hstack([np.ones((len(weekday), 1)), weekday, effects, reported, days.drivers[q]])


def told_apart(reported: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """The reports' column, or 0 with under 14 usable days of log: so few would set the level alone.

    Parameters
    ----------
    reported : ndarray, shape (D, 1) or (D, 0)
    usable : ndarray of bool, shape (D or fewer,)
    """
    logged = usable[:, None] & (reported[: len(usable)] == 0)
    return reported * (logged.sum(axis=0) >= _LEAST_LOG_DAYS)


def prior_sd(columns: int) -> np.ndarray:
    """Standard deviations of the priors of a design's columns, one for all after `EFFECT_SD`'s."""
    sd = [_INTERCEPT_SD, *[_WEEKDAY_SD] * 7, *EFFECT_SD.values()]
    return np.array(sd + [_OWN_SD] * (columns - len(sd)))


def fit_level(
    total: np.ndarray,
    design: np.ndarray,
    usable: np.ndarray,
    *,
    memory_days: float,
    drift_days: float = DRIFT_DAYS,
    offset: np.ndarray | None = None,
) -> Level:
    """Fit the level of one queue's days.

    Single days far from what is expected of them (an outage, a mailing nobody noted) are left out.

    Parameters
    ----------
    total : ndarray, shape (D,)
        Fresh contacts of each day, the last one just before the forecast's origin.
    design : ndarray, shape (D, K)
        As by `design_of`.
    usable : ndarray of bool, shape (D,)
        Open days that may be learnt from; at least one.
    memory_days : float
        A day weighs ``exp(−age / memory_days)``.
    drift_days : float
        The same for the residual level.
    offset : ndarray or None, shape (D,)
        Known part of the log mean: the course of a year, a new channel's growth.
    """
    known = np.zeros(len(total)) if offset is None else offset
    rows = np.flatnonzero(usable)
    sd, discount = prior_sd(design.shape[1]), np.exp((np.arange(len(total)) - len(total)) / memory_days)

    def regress(rows: np.ndarray, start: np.ndarray | None) -> np.ndarray:
        x, y = design[rows], total[rows]
        return ridge(x, y, offset=known[rows], weight=discount[rows], sd=sd, start=start)

    everything, beta = rows, regress(rows, None)
    for _ in range(_SIFTINGS):
        # a wild day also bends the effects it has part in, so that others seem wild until it is gone
        mean = np.exp(design[everything] @ beta + known[everything])
        kept = everything[~outlying(total[everything], mean)]
        if not len(kept) or np.array_equal(kept, rows):
            break
        rows, beta = kept, regress(kept, beta)
    used = np.zeros(len(total), dtype=bool)
    used[rows] = True
    mean = np.exp(design[rows] @ beta + known[rows])
    weight = np.exp(-(len(total) - rows) / drift_days) * mean / (1 + SPREAD**2 * mean)
    moved = (weight @ (total[rows] / mean - 1)) / (weight.sum() + DRIFT_SD**-2)
    return Level(beta, float(np.log1p(max(-0.9, moved))), used)


def outlying(total: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Days far from their mean that are no run: three in a row are a new level, not a mishap."""
    score = (total - mean) / np.sqrt(mean + (SPREAD * mean) ** 2)
    scale = max(0.5, 1.4826 * float(np.median(np.abs(score - np.median(score)))))
    far = (np.abs(score) > _OUTLIER_SD * scale) & (np.abs(total - mean) > _OUTLIER_LEAST)
    run = np.convolve(far, np.ones(_RUN), "same") >= _RUN if len(far) >= _RUN else far
    shift = np.convolve(run, np.ones(_RUN), "same") > 0 if len(far) >= _RUN else far
    return np.asarray(far & ~shift)
