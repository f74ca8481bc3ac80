"""The residual level by a structural time series, its speed estimated by maximum likelihood.

Durbin & Koopman (2012, ch. 2): log residuals of the regression are a random walk plus noise; the Kalman
filter follows it through closed days. It is the local level of statsmodels' UnobservedComponents, with the
same likelihood; one variance is taken out of it in closed form and the filter is compiled, because a forecast
needs it some hundred times a queue.
"""

import numpy as np
from numba import njit
from scipy.optimize import minimize_scalar

LEAST_DAYS = 28
"""Usable days from which a random walk is told from noise."""
_SMALL = 0.5  # of a count, so that its log exists
_LEAST_COUNT = 10.0  # contacts on a usual day below which their logs say little
_LOG_RATIOS = np.linspace(-14.0, 3.0, 18)  # of the walk's variance to the noise's, where the search begins


def walk_variances(total: np.ndarray, mean: np.ndarray, used: np.ndarray) -> np.ndarray | None:
    """Variances of noise and walk by maximum likelihood; None where they cannot be told.

    Parameters
    ----------
    total, mean : ndarray, shape (D,)
        Contacts of days and what the regression expects of them.
    used : ndarray of bool, shape (D,)
    """
    if used.sum() < LEAST_DAYS or np.median(total[used]) < _LEAST_COUNT:
        return None
    residual = _residual(total, mean, used)

    def lost(log_ratio: float) -> float:
        return float(_filtered(residual, np.exp(log_ratio))[2])

    start = _LOG_RATIOS[int(np.argmin([lost(x) for x in _LOG_RATIOS]))]
    step = _LOG_RATIOS[1] - _LOG_RATIOS[0]
    found = minimize_scalar(
        lost, bounds=(start - step, start + step), method="bounded", options={"xatol": 1e-3}
    )
    ratio = float(np.exp(found.x))
    noise = float(_filtered(residual, ratio)[1])
    return np.array([noise, ratio * noise]) if np.isfinite(noise) and noise > 0 else None


def walk_level(total: np.ndarray, mean: np.ndarray, used: np.ndarray, variances: np.ndarray) -> float:
    """Where the walk stands after the last day, in logs: its forecast for every day to come."""
    return float(_filtered(_residual(total, mean, used), variances[1] / variances[0])[0])


def _residual(total: np.ndarray, mean: np.ndarray, used: np.ndarray) -> np.ndarray:
    residual = np.log(np.maximum(total, _SMALL) / np.maximum(mean, 1e-9))
    return np.where(used, residual, np.nan)[int(np.argmax(used)) :]


@njit(cache=True)
def _filtered(y, ratio):  # type: ignore[no-untyped-def]
    """Level after the last day, variance of the noise, and minus the log likelihood at it.

    The first day sets the level (a diffuse start); variances are in units of the noise's.
    """
    level, spread = y[0], 1.0
    squares, logs, n = 0.0, 0.0, 0
    for t in range(1, y.size):
        spread += ratio
        if np.isnan(y[t]):
            continue
        whole = spread + 1.0
        off = y[t] - level
        squares += off * off / whole
        logs += np.log(whole)
        level += spread / whole * off
        spread /= whole
        n += 1
    noise = squares / max(n, 1)
    return level, noise, 0.5 * (n * np.log(max(noise, 1e-300)) + logs)
