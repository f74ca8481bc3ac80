"""Ridge regression of counts with a log link: normal priors, discounted weights, Newton's steps."""

import numpy as np

SPREAD = 0.1
"""Coefficient of variation of a day around its mean, for the weights."""
_ROUNDS = 25


def ridge(
    x: np.ndarray,
    y: np.ndarray,
    *,
    offset: np.ndarray,
    weight: np.ndarray,
    sd: np.ndarray,
    taken: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Coefficients at the posterior's mode; variance of a count is μ + taken + (SPREAD·μ)².

    The score is linear in the counts, so that those below 0 need not be cut.

    Parameters
    ----------
    x : ndarray, shape (n, K)
        The first column is 1.
    y, offset, weight : ndarray, shape (n,)
        Counts, known part of the log mean, discount.
    sd : ndarray, shape (K,)
        Of the priors, centred at 0; the first at the log of the mean.
    taken : ndarray or None, shape (n,)
        What has been taken off each count in expectation; its Poisson variance is still there.
    start : ndarray or None, shape (K,)
    """
    precision = 1.0 / np.square(sd)
    centre = np.zeros(x.shape[1])
    ratio = np.average(y, weights=weight) / max(float(np.average(np.exp(offset), weights=weight)), 1e-12)
    centre[0] = np.log(max(ratio, 1e-3))
    beta = centre.copy() if start is None else start
    chance = np.zeros(len(y)) if taken is None else taken
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(x @ beta + offset, -20.0, 20.0))
        working = weight * mean / (1 + chance / mean + SPREAD**2 * mean)
        score = x.T @ (working * (y / mean - 1)) - precision * (beta - centre)
        step = np.linalg.solve((x.T * working) @ x + np.diag(precision), score)
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-6:
            break
    return beta
