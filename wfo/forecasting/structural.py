"""The residual level as a random walk plus noise, averaged over how fast it may walk.

Durbin & Koopman (2012, ch. 2): log residuals of the regression are a local level, as in statsmodels'
UnobservedComponents; the Kalman filter follows it through closed days. Few days hardly tell how fast a level
walks, and the likeliest speed alone overreacts, so that levels are averaged over a grid of speeds by their
posterior (Hoeting et al. 1999, Bayesian model averaging). Logs of skewed or few contacts have a mean below
the log of their mean: each level is raised until its forecasts of the next day add up to what came (Duan's
1983 smearing, by sums), leaning on no raise at first.
"""

import numpy as np
from numba import njit

from wfo.forecasting.ridge import SPREAD

LEAST_DAYS = 7
"""Usable days from which a walk is followed."""
_SMALL = 0.5  # of a count, so that its log exists
_LEAST_VARIANCE = 1e-4  # of a day's noise: nobody knows a day to better than 1 %
_LOG_RATIOS = np.linspace(-10.0, 3.0, 14)  # of the walk's variance to the noise's, alike likely at first
_PRIOR_DAYS = 14.0  # days without a raise that the raise leans on
_LEAST_LEFT = 0.1  # of what the regression expects, at least, whatever days below 0 lack


def walk_level(
    total: np.ndarray, mean: np.ndarray, used: np.ndarray, taken: np.ndarray | None = None
) -> float | None:
    """Where the walk stands after the last day, in logs: its forecast for every day to come.

    Parameters
    ----------
    total, mean : ndarray, shape (D,)
        Contacts of days and what the regression expects of them.
    used : ndarray of bool, shape (D,)
    taken : ndarray or None, shape (D,)
        Contacts taken off each total in expectation; totals may be below 0.

    Returns
    -------
    float or None
        None with fewer than `LEAST_DAYS` used days, with no more come on them than was taken off, or where
        nothing finite comes out.
    """
    if used.sum() < LEAST_DAYS or total[used].sum() <= 0:
        return None
    off = np.zeros(len(total)) if taken is None else taken
    level, weight, came, said = walk_speeds(total, mean, used, _LOG_RATIOS, off)
    prior = _PRIOR_DAYS * float((total + off)[used].mean())
    part = float(mean[used].sum() / (mean + off)[used].sum())
    walk = float(weight @ (part * level + np.log((came + prior) / (said + prior))))
    if part < 1:  # a move of all contacts is told as one of those that are left
        walk = float(np.log(max(1 + np.expm1(walk) / part, _LEAST_LEFT)))
    return walk if np.isfinite(walk) else None


def walk_speeds(
    total: np.ndarray,
    mean: np.ndarray,
    used: np.ndarray,
    log_ratios: np.ndarray,
    taken: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The level after the last day at each speed, the speed's posterior, and what its forecasts add up to.

    Parameters
    ----------
    total, mean, used, taken
        As for `walk_level`.
    log_ratios : ndarray, shape (R,)
        Logs of the walk's variance over the noise's.

    Returns
    -------
    level, weight, came, said : ndarray, shape (R,)
        ``weight`` integrates the noise's variance out (Jeffreys prior) and sums to 1; ``came`` and ``said``
        are contacts of days after the first, with those taken off, and the forecasts of them from the day
        before.
    """
    off = np.zeros(len(total)) if taken is None else taken
    mean = np.maximum(mean, 1e-9)
    # a log of all contacts, its rise told as one of those that are left, linear where these are few: the
    # total alone may have no log
    part = mean / (mean + off)
    residual = np.log(np.maximum(total + off, _SMALL) / (mean + off)) / part
    noise = (1 / (part * mean) + SPREAD**2) / (1 / mean + SPREAD**2)
    begin = int(np.argmax(used))
    y = np.where(used, residual, np.nan)[begin:]
    known = np.maximum(total + off, 0.0)[begin:], (mean + off)[begin:], part[begin:], noise[begin:]
    found = np.array([_filtered(y, *known, np.exp(x)) for x in log_ratios])
    level, squares, logs, came, said = found.T
    n = np.count_nonzero(used) - 1
    log_weight = -0.5 * (n * np.log(squares + n * _LEAST_VARIANCE) + logs)
    weight = np.exp(log_weight - log_weight.max())
    return level, weight / weight.sum(), came, said


@njit(cache=True)
def _filtered(y, total, mean, part, noise, ratio):  # type: ignore[no-untyped-def]
    """Level after the last day, scaled squares and log spreads of the errors, contacts and their forecasts.

    ``total`` and ``mean`` are of all that came; the level is that of the ``part`` of a mean that was not
    taken off. The first day sets the level (a diffuse start); variances are in units of a day's noise with
    nothing taken off, of which a day has ``noise``.
    """
    level, spread = y[0], noise[0]
    squares, logs, came, said = 0.0, 0.0, 0.0, 0.0
    for t in range(1, y.size):
        spread += ratio
        if np.isnan(y[t]):
            continue
        whole = spread + noise[t]
        off = y[t] - level
        squares += off * off / whole
        logs += np.log(whole)
        came += total[t]
        said += mean[t] * np.exp(part[t] * level)
        level += spread / whole * off
        spread *= noise[t] / whole
    return level, squares, logs, came, said
