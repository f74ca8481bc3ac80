"""One queue with so many lines (M/M/n/K+M), compiled: whoever finds all K taken is turned away.

Of a contact that finds j waiting, 1 − P(served by t) is a sum of j + 1 positive terms (negative binomial with
patience, Poisson without), so every figure is a sum of positive terms over j. Blocked contacts are offered.
"""

import math

from wfo.staffing.compiled import formula
from wfo.staffing.gamma import log_upper
from wfo.staffing.queue_law import NOTHING_OFFERED, impatient, loss, nobody

_FORGOTTEN = 42.0
"""Weights smaller than the largest by this factor, in logs, change no digit."""


@formula
def _last_weight(rate: float, drain: float, theta: float, room: int) -> tuple[float, int]:
    """Log of the largest weight of a number waiting (nobody: 0), and the number after which none counts."""
    log_w = most = 0.0
    for j in range(1, room + 1):
        step = math.log(rate / (drain + j * theta))
        log_w += step
        most = max(most, log_w)
        if step < 0.0 and log_w < most - _FORGOTTEN:
            return most, j
    return most, room


@formula
def _waits(rate: float, drain: float, theta: float, room: int, most: float, last: int):  # type: ignore[no-untyped-def]
    """Sums over those who wait, scaled by e^−most: weight, abandoned, wait of served; and weight of full."""
    log_w = waits = left = served = seconds = 0.0
    for j in range(min(last + 1, room)):
        if j > 0:
            log_w += math.log(rate / (drain + j * theta))
        w = math.exp(log_w - most)
        leaves = drain + (j + 1) * theta
        seconds += 1.0 / leaves
        waits += w
        left += w * (j + 1) * theta / leaves
        served += w * drain / leaves * seconds
    full = 0.0
    if last == room:
        full = 1.0 if room == 0 else math.exp(log_w + math.log(rate / (drain + room * theta)) - most)
    return waits, left, served, full


@formula
def _after(rate: float, drain: float, theta: float, room: int, most: float, last: int, t: float):  # type: ignore[no-untyped-def]
    """Sums, scaled by e^−most, of P(served after t) and of P(virtual wait > t) of those who wait."""
    reach = t if theta == 0.0 else -math.expm1(-theta * t) / theta
    log_w = served = beyond = tail = tail_served = 0.0
    log_b, log_b_served = -drain * t, -(drain + theta) * t
    for j in range(min(last + 1, room)):
        if j > 0:
            log_w += math.log(rate / (drain + j * theta))
        w = math.exp(log_w - most)
        tail += math.exp(log_b) if log_b > -700.0 else 0.0
        tail_served += math.exp(log_b_served) if log_b_served > -700.0 else 0.0
        log_b += math.log(reach * (drain + j * theta) / (j + 1.0))
        log_b_served += math.log(reach * (drain + (j + 1) * theta) / (j + 1.0))
        beyond += w * min(1.0, tail)
        served += w * drain / (drain + (j + 1) * theta) * min(1.0, tail_served)
    return served, beyond


@formula
def limited_figures(  # type: ignore[no-untyped-def]
    rate: float, handle_s: float, patience_s: float, n: float, lines: float, t: float, short: float
):
    """All figures of one queue with ``lines`` lines, as of `queue_law.figures`, of all offered contacts.

    Parameters
    ----------
    rate, handle_s, patience_s, n, t, short
        As of `queue_law.figures`.
    lines : float
        Contacts that may be in service or wait, finite; positions beyond it stay idle.
    """
    load = rate * handle_s
    if load <= 0.0:
        return NOTHING_OFFERED
    servers = min(n, lines)
    if servers <= 0.0:
        return _nobody(rate, patience_s, lines, t, short)
    if patience_s <= 0.0:
        if lines > n:
            return impatient(loss(load, n), load, handle_s, n, t, short)
        lost = loss(load, servers)
        return 0.0, 0.0, 0.0, 0.0, min(1.0, load * (1.0 - lost) / n), 1.0 - lost, 0.0, 1.0 - lost, 0.0, lost
    theta = 0.0 if math.isinf(patience_s) else 1.0 / patience_s
    drain, room = servers / handle_s, int(lines - servers)
    most, last = _last_weight(rate, drain, theta, room)
    waits, left, served, full = _waits(rate, drain, theta, room, most, last)
    log_idle = math.log(servers) + log_upper(servers, load)
    log_queue = most + math.log(waits + full)
    high = max(log_idle, log_queue)
    scale = math.exp(most - high - math.log(math.exp(log_idle - high) + math.exp(log_queue - high)))
    blocked, p_left = scale * full, scale * left
    answered = max(0.0, 1.0 - p_left - blocked)
    in_t, left_t, beyond = _by(rate, drain, theta, room, most, last, t, scale, answered, blocked)
    left_short = 0.0
    if short > 0.0:
        left_short = _by(rate, drain, theta, room, most, last, short, scale, answered, blocked)[1]
    return (
        min(1.0, scale * waits),
        p_left,
        p_left * patience_s if theta > 0.0 else scale * served,
        scale * served / answered if answered > 0.0 else math.inf,
        min(1.0, load * answered / n),
        in_t,
        min(p_left, left_t),
        max(0.0, 1.0 - blocked - beyond),
        min(p_left, left_short),
        blocked,
    )


@formula
def _by(  # type: ignore[no-untyped-def]
    rate: float, drain: float, theta: float, room: int, most: float, last: int, t: float,
    scale: float, answered: float, blocked: float,
):  # fmt: skip
    """Shares of the offered: answered by t, abandoned by t, and with a virtual wait above t."""
    late, beyond = _after(rate, drain, theta, room, most, last, t)
    in_t = max(0.0, answered - scale * late)
    waiting = math.exp(-theta * t) * scale * beyond
    return in_t, max(0.0, 1.0 - blocked - in_t - waiting), scale * beyond


@formula
def _nobody(rate: float, patience_s: float, lines: float, t: float, short: float):  # type: ignore[no-untyped-def]
    """Figures without positions: the lines fill with contacts that wait until they give up."""
    blocked = 1.0 if math.isinf(patience_s) or lines <= 0.0 else loss(rate * patience_s, lines)
    row = nobody(patience_s, t, short)
    gone = 1.0 - blocked
    wait = 0.0 if gone == 0.0 else gone * patience_s
    return gone, gone * row[1], wait, math.inf, 1.0, 0.0, gone * row[6], 0.0, gone * row[8], blocked
