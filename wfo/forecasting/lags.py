"""When what a contact causes falls due: probabilities by intervals later."""

import numpy as np
from scipy.special import expm1

REDIAL_CUT_S = 1800.0
"""A redial comes within this many seconds of the abandonment."""


def interval_lags(edges_min: np.ndarray, cdf: np.ndarray, step_min: int) -> np.ndarray:
    """Probability that what a contact causes is due k intervals later.

    The contact arrives uniformly within its interval and the delay is uniform within its bin, so the
    probability is a second difference of the integral of the piecewise linear delay distribution.

    Parameters
    ----------
    edges_min : ndarray, shape (L + 1,)
        Edges of the delay bins in minutes, first 0.
    cdf : ndarray, shape (L,)
        P(delay ≤ upper edge).
    step_min : int
        Length of an interval in minutes.

    Returns
    -------
    ndarray, shape (K,)
        K = the whole reach of the delay; the sum is the last value of ``cdf``.
    """
    edges = np.asarray(edges_min, dtype=np.float64)
    level = np.concatenate([[0.0], cdf])
    area = np.concatenate([[0.0], np.cumsum(np.diff(edges) * (level[1:] + level[:-1]) / 2)])
    lags = int(np.ceil(edges[-1] / step_min)) + 1
    points = step_min * np.arange(-1, lags + 1, dtype=np.float64)

    def integral(x: np.ndarray) -> np.ndarray:
        inside = np.clip(x, 0.0, edges[-1])
        bin_ = np.minimum(np.searchsorted(edges, inside, side="right") - 1, len(edges) - 2)
        slope = np.diff(level)[bin_] / np.diff(edges)[bin_]
        into = inside - edges[bin_]
        return np.asarray(
            area[bin_] + level[bin_] * into + slope * into**2 / 2 + level[-1] * np.maximum(x - edges[-1], 0)
        )

    reached = np.diff(integral(points)) / step_min
    return np.diff(reached)


def redial_lags(mean_s: float, step_min: int) -> np.ndarray:
    """Probability that a redial is due k intervals after the interval of the abandoned arrival, shape (K,).

    The delay is exponential, given that it is below 30 minutes.
    """
    edges = np.linspace(0.0, REDIAL_CUT_S / 60.0, 121)
    cdf = expm1(-edges[1:] * 60.0 / mean_s) / expm1(-REDIAL_CUT_S / mean_s)
    return interval_lags(edges, cdf, step_min)
