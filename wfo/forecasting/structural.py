"""The residual level by a structural time series, its speed estimated by maximum likelihood.

Durbin & Koopman (2012, ch. 3): log residuals of the regression are a random walk plus noise; the Kalman
filter of statsmodels' UnobservedComponents follows it through closed days.
"""

import warnings

import numpy as np
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.statespace.structural import UnobservedComponents

LEAST_DAYS = 28
"""Usable days from which a random walk is told from noise."""
_SMALL = 0.5  # of a count, so that its log exists
_LEAST_COUNT = 10.0  # contacts on a usual day below which their logs say little


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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = _walk(total, mean, used).fit(disp=False, maxiter=60)
    found = np.asarray(fitted.params)
    return found if np.isfinite(found).all() else None


def walk_level(total: np.ndarray, mean: np.ndarray, used: np.ndarray, variances: np.ndarray) -> float:
    """Where the walk stands after the last day, in logs: its forecast for every day to come."""
    filtered = _walk(total, mean, used).filter(variances)
    return float(np.asarray(filtered.filtered_state)[0, -1])


def _walk(total: np.ndarray, mean: np.ndarray, used: np.ndarray) -> UnobservedComponents:
    first = int(np.argmax(used))
    residual = np.log(np.maximum(total, _SMALL) / np.maximum(mean, 1e-9))
    return UnobservedComponents(np.where(used, residual, np.nan)[first:], level="llevel")
