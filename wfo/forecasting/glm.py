"""Volume by generalized linear models: calendar on day totals, splines by weekday on the shape of the day.

A log-linear model of intervals whose calendar effects move whole days falls into two parts that share no
coefficient: day totals on weekday and calendar (negative binomial), and the shares of a weekday's intervals
(Poisson on counts summed over its days, B-splines of the time of day). Both are fitted by statsmodels.
"""

import warnings

import numpy as np
from scipy.interpolate import BSpline
from statsmodels.genmod.families import NegativeBinomial, Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from wfo.forecasting.ridge import SPREAD

_LEAST_SEEN = 3  # days on which an effect must have been seen, and as many without it
_DEPENDENT = 1e-9  # of a column's length, what is left of it beside the others
_LEAST_LEFT = 0.01  # of what days above 0 had, at least, whatever those below 0 lack
_KNOT_MIN = 75.0  # minutes between knots of the time of day


def fit_totals(
    total: np.ndarray, design: np.ndarray, used: np.ndarray, *, memory_days: float
) -> np.ndarray | None:
    """Coefficients of the design's columns; 0 for those that the days do not tell, or that the others say.

    Totals below 0 count as 0, and the intercept takes off what that adds.

    An effect must have been there on three days and not there on three.

    None with fewer than three days, or contacts, a coefficient.

    Parameters
    ----------
    total : ndarray, shape (D,)
    design : ndarray, shape (D, K)
        The first column, the intercept, is left to the weekdays but for that.
    used : ndarray of bool, shape (D,)
    memory_days : float
    """
    rows = np.flatnonzero(used)
    x = design[rows]
    unlike = (x != np.median(x, axis=0)).sum(axis=0)  # the median of zeros and ones is the commoner of them
    seen = unlike >= np.minimum(_LEAST_SEEN, len(rows))
    seen[1:8] = (x[:, 1:8] > 0).any(axis=0)
    seen[0] = False
    columns = np.flatnonzero(seen)
    came = np.maximum(total[rows], 0.0)
    if min(len(rows), total[rows].sum()) < _LEAST_SEEN * len(columns):
        return None
    columns = columns[_independent(x[:, columns])]
    weight = np.exp(-(len(total) - rows) / memory_days)
    model = GLM(
        came,
        x[:, columns],
        family=NegativeBinomial(alpha=SPREAD**2),
        var_weights=weight / weight.mean(),
        hasconst=False,  # looking for one takes a decomposition that is longer than the fit
    )
    beta = np.zeros(design.shape[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        beta[columns] = model.fit(maxiter=25).params
    beta[0] = np.log(max(weight @ total[rows] / (weight @ came), _LEAST_LEFT))
    return beta


def _independent(x: np.ndarray) -> np.ndarray:
    """Columns that are no combination of those before them, bool, shape (K,)."""
    left = np.abs(np.diagonal(np.linalg.qr(x, mode="r")))
    return np.asarray(left > _DEPENDENT * np.linalg.norm(x, axis=0))


def spline_profiles(
    cube: np.ndarray,
    weekday: np.ndarray,
    used: np.ndarray,
    is_open: np.ndarray,
    *,
    memory_days: float,
    step_min: int,
) -> np.ndarray:
    """Smooth shapes of the day by weekday, shape (7, S); the arguments are those of `weekday_profiles`."""
    weight = np.exp((np.arange(len(cube)) - len(cube)) / memory_days) * used
    out = np.zeros((7, cube.shape[1]))
    for w in range(7):
        here = weight * (weekday == w)
        if not (here > 0).any():
            here = weight
        exposure = here @ is_open
        opened = np.flatnonzero(exposure > 0)
        count = np.maximum(here @ cube, 0.0)[opened]
        if not len(opened) or count.sum() <= 0:
            continue
        basis = _splines(opened * step_min, step_min)
        if basis.shape[1] >= np.count_nonzero(count):
            out[w, opened] = count.sum() * exposure[opened] / exposure.sum()
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = GLM(count, basis, family=Poisson(), offset=np.log(exposure[opened])).fit(maxiter=25)
        out[w, opened] = np.asarray(fitted.fittedvalues) / exposure[opened] * here.sum()
    return out


def _splines(minute: np.ndarray, step_min: int) -> np.ndarray:
    """Cubic B-splines over the open part of a day, columns that no open step touches left out."""
    low, high = float(minute[0]), float(minute[-1] + step_min)
    inner = np.linspace(low, high, max(2, round((high - low) / _KNOT_MIN) + 1))
    knots = np.concatenate([[low] * 3, inner, [high] * 3])
    basis = BSpline.design_matrix(np.clip(minute + step_min / 2, low, high), knots, 3).toarray()
    return np.asarray(basis[:, basis.max(axis=0) > 1e-3])
