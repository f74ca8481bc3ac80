"""Queues of very long patience, compiled: sums over the number ahead become integrals over the wait.

The virtual wait v of those who wait has the density e^(η (1 − e^−x) − c x), x = θ v (Zeltyn & Mandelbaum
2005). Where c is large its logarithm is a difference of large numbers, and the sums have many terms; about
its top the density is smooth, and a few points tell it whole. Where only η is large, far beyond c, η e^−x has
the gamma law of shape c.
"""

import math

import numpy as np

from wfo.staffing.compiled import formula

LONG = 1e6
"""Contacts that people serve in the time of one's patience from which on the integrals are taken."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_PANELS = 12
_FORGOTTEN = 42.0
"""Where the density is smaller than at its top by this factor, in logs, it counts no more."""


@formula
def is_flooded(c: float, eta: float) -> bool:
    """Whether so many contacts come in the time of one's patience, and so few are served, that all wait."""
    return eta > LONG and eta > 2.0 * c + 2000.0


@formula
def _beyond_linear(y: float) -> float:
    """``e^−y − 1 + y`` of a small y, without loss of digits."""
    if abs(y) > 0.01:
        return math.expm1(-y) + y
    return y * y * (0.5 - y * (1.0 / 6.0 - y * (1.0 / 24.0 - y * (1.0 / 120.0 - y / 720.0))))


@formula
def log_top(c: float, eta: float) -> float:
    """Log of the density, not normed, at its top."""
    if eta <= c:
        return 0.0
    d = (eta - c) / c
    if d > 0.01:
        return c * (d - math.log1p(d))
    return c * d * d * (0.5 - d * (1.0 / 3.0 - d * (0.25 - d * (0.2 - d / 6.0))))


@formula
def integrals(c: float, eta: float, after: float) -> tuple[float, float, float, float]:
    """Integrals beyond some x of 1, 1 − e^−x, e^−x and x e^−x times the density, which is 1 at its top.

    Parameters
    ----------
    c, eta : float
        nμ/θ, at least `LONG`, and λ/θ.
    after : float
        Least x, ≥ 0.
    """
    at = math.log1p((eta - c) / c) if eta > c else 0.0
    steep = min(eta, c)
    slope = c - steep
    reach = 2.0 * _FORGOTTEN / (slope + math.sqrt(slope * slope + 2.0 * _FORGOTTEN * steep))
    begin, end = max(after - at, -min(at, reach)), reach
    mass = left = served = seconds = 0.0
    if begin >= end:
        return mass, left, served, seconds
    half = 0.5 * (end - begin) / _PANELS
    for panel in range(_PANELS):
        middle = begin + (2 * panel + 1) * half
        for k in range(_NODES.size):
            y = middle + half * _NODES[k]
            w = half * _WEIGHTS[k] * math.exp(-steep * _beyond_linear(y) - slope * y)
            x = max(0.0, at + y)
            stays = math.exp(-x)
            mass += w
            left -= w * math.expm1(-x)
            served += w * stays
            seconds += w * x * stays
    return mass, left, served, seconds
