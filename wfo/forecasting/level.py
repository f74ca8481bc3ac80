"""The level of a day: weekday and calendar effects by discounted ridge regression, and a residual level.

Day totals have mean μ = exp(xβ) and variance μ + (SPREAD·μ)², the working weights of a negative binomial
regression (McCullagh & Nelder 1989), plus that of contacts taken off as caused by earlier ones; older days
weigh less by exp(−age / memory). Coefficients have normal priors, so that an effect seen once moves little.
What the regression leaves is smoothed over the last weeks, since levels drift.
"""

from dataclasses import dataclass

import numpy as np

from wfo.forecasting.calendar import EFFECT_SD, Days, holidays_alone
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
_LEAST_LEFT = 0.1  # of the mean, at least, whatever days below 0 lack
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
        Whether they are in it, or 0 but for holidays.
    learnt_from : ndarray of bool or None, shape (days,)
        The first of the days, those that may be learnt from: the reports' column is `told_apart` by them.
    """
    weekday = (days.weekday[:, None] == np.arange(7)).astype(np.float64)
    effects = days.effects[q] if calendar_effects else holidays_alone(days.effects[q])
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
    taken: np.ndarray | None = None,
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
    taken : ndarray or None, shape (D,)
        Contacts taken off each total in expectation; totals may be below 0.
    """
    known = np.zeros(len(total)) if offset is None else offset
    chance = np.zeros(len(total)) if taken is None else taken
    rows = np.flatnonzero(usable)
    sd, discount = prior_sd(design.shape[1]), np.exp((np.arange(len(total)) - len(total)) / memory_days)

    def regress(rows: np.ndarray, start: np.ndarray | None) -> np.ndarray:
        x, y, off = design[rows], total[rows], known[rows]
        return ridge(x, y, offset=off, weight=discount[rows], sd=sd, taken=chance[rows], start=start)

    everything, beta = rows, regress(rows, None)
    for _ in range(_SIFTINGS):
        # a wild day also bends the effects it has part in, so that others seem wild until it is gone
        mean = np.exp(design[everything] @ beta + known[everything])
        kept = everything[~outlying(total[everything], mean, chance[everything])]
        if not len(kept) or np.array_equal(kept, rows):
            break
        rows, beta = kept, regress(kept, beta)
    used = np.zeros(len(total), dtype=bool)
    used[rows] = True
    beta = _adding_up(beta, total[rows], design[rows], known[rows], discount[rows] * (chance[rows] > 0))
    mean = np.exp(design[rows] @ beta + known[rows])
    weight = np.exp(-(len(total) - rows) / drift_days) * mean
    weight /= 1 + chance[rows] / mean + SPREAD**2 * mean
    moved = (weight @ (total[rows] / mean - 1)) / (weight.sum() + DRIFT_SD**-2)
    return Level(beta, float(np.log1p(max(-0.9, moved))), used)


def _adding_up(
    beta: np.ndarray, total: np.ndarray, design: np.ndarray, known: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Coefficients whose means add up to the totals of days off which contacts were taken.

    There a day's weight hangs on its mean much more than elsewhere, so that what chance adds counts for more
    than what it takes away.
    """
    came, said = weight @ total, weight @ np.exp(design @ beta + known)
    if said <= 0:
        return beta
    out = beta.copy()
    out[0] += np.log(max(came / said, _LEAST_LEFT))
    return out


def outlying(total: np.ndarray, mean: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Days far from their mean that are no run: three in a row are a new level, not a mishap.

    ``taken`` contacts have been taken off each total, in expectation.
    """
    score = (total - mean) / np.sqrt(mean + taken + (SPREAD * mean) ** 2)
    scale = max(0.5, 1.4826 * float(np.median(np.abs(score - np.median(score)))))
    far = (np.abs(score) > _OUTLIER_SD * scale) & (np.abs(total - mean) > _OUTLIER_LEAST)
    run = np.convolve(far, np.ones(_RUN), "same") >= _RUN if len(far) >= _RUN else far
    shift = np.convolve(run, np.ones(_RUN), "same") > 0 if len(far) >= _RUN else far
    return np.asarray(far & ~shift)
