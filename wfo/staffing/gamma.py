"""Incomplete gamma functions scaled by ``e^x x^-c``, in logarithms, so that nothing under- or overflows.

Queueing formulas need ratios of incomplete gammas whose values pass 1e-300 and 1e300 long before a centre
is large. Scaled, the lower one is a series of positive terms and the upper one a continued fraction; each is
used where it is quick, and the other follows from their sum.
"""

import math

from wfo.staffing.compiled import formula

_EPS = 1e-17
_TINY = 1e-300
_MOST_TERMS = 50_000_000


@formula
def log_total(c: float, x: float) -> float:
    """``log(e^x x^-c Γ(c))``; by Stirling's series where c is large, or the difference loses digits."""
    if c < 30.0:
        return x - c * math.log(x) + math.lgamma(c)
    d = (x - c) / c
    rise = d - math.log1p(d) if d > -0.5 else d - math.log(x / c)
    stirling = 1.0 / (12.0 * c) - 1.0 / (360.0 * c**3) + 1.0 / (1260.0 * c**5)
    return c * rise + 0.5 * math.log(2.0 * math.pi / c) + stirling


@formula
def _lower_series(c: float, x: float) -> float:
    term = 1.0 / c
    total = term
    k = 0
    while term > _EPS * total and k < _MOST_TERMS:
        k += 1
        term *= x / (c + k)
        total += term
    return total


@formula
def _upper_fraction(c: float, x: float) -> float:
    b = x + 1.0 - c
    big = 1.0 / _TINY
    d = 1.0 / b
    h = d
    for i in range(1, _MOST_TERMS):
        a = -i * (i - c)
        b += 2.0
        d = a * d + b
        if abs(d) < _TINY:
            d = _TINY
        big = b + a / big
        if abs(big) < _TINY:
            big = _TINY
        d = 1.0 / d
        step = d * big
        h *= step
        if abs(step - 1.0) < 1e-16:
            break
    return h


@formula
def log_lower(c: float, x: float) -> float:
    """``log(e^x x^-c γ(c, x))`` for c > 0, x ≥ 0; equals ``log Σ_k x^k / (c (c+1) … (c+k))``."""
    if x < c + 1.0:
        return math.log(_lower_series(c, x))
    total = log_total(c, x)
    return total + math.log1p(-min(1.0, math.exp(math.log(_upper_fraction(c, x)) - total)))


@formula
def log_upper(c: float, x: float) -> float:
    """``log(e^x x^-c Γ(c, x))`` for c ≥ 1, x > 0; at c = n + 1 it is ``log(1 / (x B(n, x)))`` of Erlang B."""
    if x >= c + 1.0:
        return math.log(_upper_fraction(c, x))
    total = log_total(c, x)
    return total + math.log1p(-min(1.0, math.exp(math.log(_lower_series(c, x)) - total)))


@formula
def harmonic_from(c: float, m: int) -> float:
    """``Σ_{k=1}^{m} 1 / (c + k)``, c ≥ 0; by the digamma function's asymptotic series where m is large."""
    total = 0.0
    direct = min(m, 40)
    for k in range(1, direct + 1):
        total += 1.0 / (c + k)
    if m > direct:
        total += digamma(c + m + 1.0) - digamma(c + direct + 1.0)
    return total


@formula
def digamma(x: float) -> float:
    """Logarithmic derivative of the gamma function, x > 0; raised to where its asymptotic series is exact."""
    below = 0.0
    while x < 20.0:
        below += 1.0 / x
        x += 1.0
    inverse = 1.0 / (x * x)
    series = inverse * (1.0 / 12.0 - inverse * (1.0 / 120.0 - inverse / 252.0))
    return math.log(x) - 0.5 / x - series - below


@formula
def share_below(c: float, x: float) -> float:
    """``γ(c, x) / Γ(c)``, the probability that a gamma variable of shape c > 0 is at most x ≥ 0."""
    return math.exp(min(0.0, log_lower(c, x) - log_total(c, x))) if x > 0.0 else 0.0
