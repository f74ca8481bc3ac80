"""One queue in equilibrium, compiled: M/M/n+M by closed form, with M/M/n and the loss system as its limits.

With c = nμ/θ, η = λ/θ and x = η e^(−θt) every figure is a ratio of incomplete gammas (Garnett, Mandelbaum &
Reiman 2002; Zeltyn & Mandelbaum 2005); abandonment and the wait of answered contacts are sums over the number
ahead in queue, taken from the mode outwards, where every term is positive. Of very long patience they are
integrals (`wfo.staffing.long_patience`).
"""

import math

from wfo.staffing.compiled import formula
from wfo.staffing.gamma import digamma, harmonic_from, log_lower, log_total, log_upper, share_below
from wfo.staffing.long_patience import LONG, integrals, is_flooded, log_top

_EPS = 1e-18
NOTHING_OFFERED = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
"""Figures where no contact comes."""


@formula
def loss(load: float, n: float) -> float:
    """Erlang B: share of contacts that find all n positions taken; n = 0 or n ≥ 1, load ≥ 0 in erlangs."""
    if load <= 0.0:
        return 1.0 if n <= 0.0 else 0.0
    if n <= 0.0:
        return 1.0
    return math.exp(-math.log(load) - log_upper(n + 1.0, load))


@formula
def _waiting_sums(c: float, eta: float, theta: float) -> tuple[float, float]:
    """Of those who wait: P(abandon), and E[wait; answered]; summed over the number ahead."""
    mode = max(0, int(math.floor(eta - c)))
    harmonic = harmonic_from(c, mode + 1)
    weight = ahead = 1.0
    left = (mode + 1.0) / (c + mode + 1.0)
    served = c / (c + mode + 1.0) * harmonic
    j, h = mode, harmonic
    while ahead > _EPS * weight:
        j += 1
        ahead *= eta / (c + j)
        h += 1.0 / (c + j + 1.0)
        weight += ahead
        left += ahead * (j + 1.0) / (c + j + 1.0)
        served += ahead * c / (c + j + 1.0) * h
    ahead, j, h = 1.0, mode, harmonic
    while j > 0 and ahead > _EPS * weight:
        ahead *= (c + j) / eta
        h -= 1.0 / (c + j + 1.0)
        j -= 1
        weight += ahead
        left += ahead * (j + 1.0) / (c + j + 1.0)
        served += ahead * c / (c + j + 1.0) * h
    return left / weight, served / weight / theta


@formula
def _after(t: float, c: float, eta: float, theta: float, log_s: float):  # type: ignore[no-untyped-def]
    """Of those who wait: shares answered after t, and with a virtual wait beyond t."""
    if c > LONG:
        mass = integrals(c, eta, 0.0)[0]
        beyond, _, served, _ = integrals(c, eta, theta * t)
        return served / mass, beyond / mass
    x = eta * math.exp(-theta * t)
    if is_flooded(c, eta):
        return c / eta * share_below(c + 1.0, x), share_below(c, x)
    rise = -eta * math.expm1(-theta * t) - c * theta * t
    served = math.exp(min(0.0, rise - theta * t + log_lower(c + 1.0, x) - log_s))
    return served, math.exp(min(0.0, rise + log_lower(c, x) - log_s))


@formula
def _by(t: float, c: float, eta: float, theta: float, p_wait: float, p_left: float, log_s: float):  # type: ignore[no-untyped-def]
    """Shares answered by t, abandoned by t, and virtual waits of at most t."""
    served, later = _after(t, c, eta, theta, log_s)
    beyond = p_wait * later
    answered = min(1.0, max(0.0, 1.0 - p_left - p_wait * served))
    left = min(p_left, max(0.0, 1.0 - math.exp(-theta * t) * beyond - answered))
    return answered, left, 1.0 - beyond


@formula
def _waiting(c: float, eta: float, theta: float) -> tuple[float, float, float]:
    """Log of the density of waits, in all; of those who wait: P(abandon), and E[wait; answered]."""
    if c > LONG:
        mass, left, _, seconds = integrals(c, eta, 0.0)
        return log_top(c, eta) + math.log(mass), left / mass, seconds / mass / theta
    if is_flooded(c, eta):
        wait = math.log(eta) - digamma(c + 1.0)
        return log_total(c, eta), 1.0 - c / eta, c / eta * wait / theta
    left, seconds = _waiting_sums(c, eta, theta)
    return log_lower(c, eta), left, seconds


@formula
def figures(rate: float, handle_s: float, patience_s: float, n: float, t: float, short: float):  # type: ignore[no-untyped-def]
    """All figures of one queue.

    Parameters
    ----------
    rate : float
        Contacts a second.
    handle_s, patience_s : float
        Means in seconds; patience 0 … inf.
    n : float
        Positions, 0 or at least 1.
    t, short : float
        Threshold and short-abandon threshold, seconds.

    Returns
    -------
    tuple of float
        P(wait), P(abandon), mean wait of all s, mean wait of answered s, occupancy, P(answered by t),
        P(abandoned by t), P(virtual wait ≤ t), P(abandoned by short), P(blocked), here 0.
    """
    load = rate * handle_s
    if load <= 0.0:
        return NOTHING_OFFERED
    if n <= 0.0:
        return nobody(patience_s, t, short)
    if patience_s <= 0.0:
        return impatient(loss(load, n), load, handle_s, n, t, short)
    log_idle = math.log(n) + log_upper(n, load)
    return waiting_figures(rate, handle_s, patience_s, n, t, short, log_idle)


@formula
def impatient(lost: float, load: float, handle_s: float, n: float, t: float, short: float):  # type: ignore[no-untyped-def]
    """Figures, as of `figures`, where nobody waits, a share is lost: the limit of ever shorter patience."""
    by_t, by_short = lost if t > 0.0 else 0.0, lost if short > 0.0 else 0.0
    busy, virtual = min(1.0, load * (1.0 - lost) / n), 1.0 - lost * math.exp(-n * t / handle_s)
    return lost, lost, 0.0, 0.0, busy, 1.0 - lost, by_t, virtual, by_short, 0.0


@formula
def nobody(patience_s: float, t: float, short: float):  # type: ignore[no-untyped-def]
    """Figures, as of `figures`, of a queue without positions."""
    gone = 0.0 if math.isinf(patience_s) else 1.0
    by_t = -math.expm1(-t / patience_s) if t > 0.0 else 0.0
    by_short = -math.expm1(-short / patience_s) if short > 0.0 else 0.0
    return 1.0, gone, patience_s, math.inf, 1.0, 0.0, by_t, 0.0, by_short, 0.0


@formula
def waiting_figures(  # type: ignore[no-untyped-def]
    rate: float, handle_s: float, patience_s: float, n: float, t: float, short: float, log_idle: float
):
    """Figures, as of `figures`, of any queue in which all who wait are served by n positions.

    Parameters
    ----------
    rate, handle_s, patience_s, n, t, short
        As of `figures`; contacts are offered, patience is not 0 and there are positions.
    log_idle : float
        Log of P(some position is free) ÷ P(all are taken and nobody waits).
    """
    load = rate * handle_s
    if math.isinf(patience_s):
        if load >= n:
            return 1.0, 0.0, math.inf, math.inf, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
        spare = (n - load) / handle_s
        p_wait = 1.0 / (1.0 + math.exp(min(700.0, log_idle)) * (1.0 - load / n))
        in_t = 1.0 - p_wait * math.exp(-spare * t)
        wait = p_wait / spare
        return p_wait, 0.0, wait, wait, load / n, in_t, 0.0, in_t, 0.0, 0.0
    theta = 1.0 / patience_s
    c, eta = n / (handle_s * theta), rate / theta
    log_s, left_if_wait, served_wait = _waiting(c, eta, theta)
    p_wait = 1.0 / (1.0 + math.exp(min(700.0, log_idle - log_s - math.log(c))))
    p_left = p_wait * left_if_wait
    answered = max(1.0 - p_left, 1e-300)
    in_t, left_t, virtual = _by(t, c, eta, theta, p_wait, p_left, log_s)
    left_short = left_t
    if short != t:
        left_short = _by(short, c, eta, theta, p_wait, p_left, log_s)[1] if short > 0.0 else 0.0
    busy = min(1.0, load * (1.0 - p_left) / n)
    asa = p_wait * served_wait / answered
    return p_wait, p_left, p_left * patience_s, asa, busy, in_t, left_t, virtual, left_short, 0.0
