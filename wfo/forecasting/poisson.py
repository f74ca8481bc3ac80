"""Poisson counts by inversion of uniforms."""

import numpy as np
from numba import njit
from scipy.special import ndtri

_LARGE = 400.0  # above it exp(-mean) nears underflow and the Cornish-Fisher error is far below one count


def poisson_counts(u: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Poisson counts by inversion: non-decreasing in ``u`` and in ``mean``, so scenarios stay paired.

    Exact up to a mean of 400; above, Cornish and Fisher's (1937) expansion of the quantile.

    Parameters
    ----------
    u : ndarray
        Uniforms in (0, 1).
    mean : ndarray
        Broadcastable to ``u``.
    """
    wide = np.ascontiguousarray(np.broadcast_to(mean, u.shape))
    return _invert(u.ravel(), wide.ravel(), ndtri(u.ravel())).reshape(u.shape)


@njit(cache=True)
def _invert(u, mean, z):  # type: ignore[no-untyped-def]
    out = np.zeros(u.size, dtype=np.int32)
    for i in range(u.size):
        m = mean[i]
        if m > _LARGE:
            root = np.sqrt(m)
            q = m + root * z[i] + (z[i] ** 2 - 1) / 6 - 0.5 + (z[i] - z[i] ** 3) / (72 * root)
            out[i] = max(0, int(np.ceil(q)))
        elif m > 0:
            p = np.exp(-m)
            total = p
            k = 0
            while total < u[i] and p > 1e-18 * total + 1e-300:
                k += 1
                p *= m / k
                total += p
            out[i] = k
    return out
