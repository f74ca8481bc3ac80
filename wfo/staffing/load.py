"""Offered load of each interval when arrivals change over the day."""

import numpy as np
from scipy.special import ndtr

_TAIL = 1e-4


def stationary(arrivals: np.ndarray, handle_s: np.ndarray, step_s: float) -> np.ndarray:
    """Load of each interval as if its arrival rate had always held, in erlangs.

    Parameters
    ----------
    arrivals : ndarray, shape (T,)
        Expected contacts in each interval.
    handle_s : ndarray, shape (T,)
        Mean handle time of those contacts, seconds.
    step_s : float
        Length of an interval in seconds.
    """
    return arrivals * handle_s / step_s


def modified_offered_load(
    arrivals: np.ndarray, handle_s: np.ndarray, handle_cv: float, is_open: np.ndarray, step_s: float
) -> np.ndarray:
    """Mean number in use if there were enough: m(t) = ∫ λ(t−u) P(S > u) du, averaged over intervals.

    Handle times are lognormal. Before an opening the rate of its first interval is used, so that the first
    intervals are not starved (Jagerman 1975; Massey & Whitt 1994).

    Parameters
    ----------
    arrivals, handle_s, step_s
        As in `stationary`.
    handle_cv : float
        Coefficient of variation of the handle time; 0 is constant.
    is_open : ndarray of bool, shape (T,)

    Returns
    -------
    ndarray, shape (T,)
        Erlangs; 0 in closed intervals.
    """
    rate = np.where(is_open, arrivals, 0.0) / step_s
    if not is_open.any():
        return np.zeros(rate.shape)
    handle = np.where(is_open, handle_s, 0.0)
    lags = _lags(float(handle.max()), handle_cv, step_s, rate.size)
    weights = _weights(handle, handle_cv, step_s, lags)
    at = np.arange(rate.size)
    opening = np.maximum.accumulate(np.where(is_open & ~np.r_[False, is_open[:-1]], at, 0))
    source = np.maximum(at[:, None] - np.arange(lags)[None, :], opening[:, None])
    load = (rate[source] * weights[source, np.arange(lags)[None, :]]).sum(axis=1)
    return np.where(is_open, load, 0.0)


def _lags(handle_s: float, cv: float, step_s: float, most: int) -> int:
    """Intervals after which less than a ten-thousandth of the work is left."""
    edges = step_s * np.arange(1, most + 1)
    left = 1.0 - _mean_below(np.array([handle_s]), cv, edges)[0][0] / max(handle_s, 1e-9)
    return min(most, 2 + int(np.count_nonzero(left > _TAIL)))


def _weights(handle_s: np.ndarray, cv: float, step_s: float, lags: int) -> np.ndarray:
    """Mean seconds of an arrival's work in its own and each later interval, shape (T, lags)."""
    edges = step_s * np.arange(lags + 1)
    integral = _mean_below(handle_s, cv, edges)[1]
    weights = np.empty((handle_s.size, lags))
    weights[:, 0] = integral[:, 1] / step_s
    weights[:, 1:] = (integral[:, 2:] - 2 * integral[:, 1:-1] + integral[:, :-2]) / step_s
    # the last bin takes the tail, so that no work is lost
    weights[:, -1] += handle_s - weights.sum(axis=1)
    return np.clip(weights, 0.0, None)


def _mean_below(mean: np.ndarray, cv: float, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``E[min(S, x)]`` and its integral over 0…x for a lognormal S, both of shape (means, x)."""
    m, x = np.maximum(mean, 1e-9)[:, None], x[None, :]
    if cv <= 0:
        within = m < x
        return np.minimum(m, x), np.where(within, x * m - m * m / 2, x * x / 2)
    sigma = np.sqrt(np.log1p(cv * cv))
    z = (np.log(np.maximum(x, 1e-12) / m) + sigma * sigma / 2) / sigma
    above = ndtr(-z)
    first = m * ndtr(z - sigma)
    second = m * m * (1 + cv * cv) * ndtr(z - 2 * sigma)
    return first + x * above, x * first - second / 2 + x * x / 2 * above
