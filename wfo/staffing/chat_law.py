"""Agents who hold several contacts at once, compiled: a birth–death law of how fast n agents finish.

Contacts go to the agent who holds the fewest, so the numbers held differ by at most one while all are alike;
taking them so always makes the number in the system a birth–death process, solved exactly. What it leaves out
is that they differ by more for a while after departures; the error is in docs/benchmarks.md.
"""

import math

from wfo.staffing.compiled import formula
from wfo.staffing.queue_law import figures, impatient, waiting_figures


@formula
def chat_figures(  # type: ignore[no-untyped-def]
    rate: float, full_s: float, patience_s: float, n: float, t: float, short: float, ratios
):
    """All figures of a queue whose n agents hold up to K contacts each, as of `queue_law.figures`.

    Parameters
    ----------
    rate : float
        Contacts a second.
    full_s : float
        Mean seconds that a contact is open while its agent holds K.
    patience_s, t, short : float
        As of `queue_law.figures`.
    n : float
        Agents, whole.
    ratios : ndarray, shape (K,)
        Open time while its agent holds 1 … K, ÷ ``full_s``.

    Notes
    -----
    Occupancy is contacts held ÷ contacts that could be held.
    """
    slots = ratios.size
    even = True
    for ratio in ratios:
        even = even and ratio == 1.0
    if even or n <= 0.0 or rate <= 0.0:
        return figures(rate, full_s, patience_s, n * slots, t, short)
    log_idle, held = _not_full(rate * full_s, int(n), ratios)
    if patience_s <= 0.0:
        lost = 1.0 / (1.0 + math.exp(min(log_idle, 700.0)))
        row = impatient(lost, rate * full_s, full_s, n * slots, t, short)
    else:
        row = waiting_figures(rate, full_s, patience_s, n * slots, t, short, log_idle)
    # those who are not turned to full agents hold fewer at a time than their rate says
    occupancy = row[0] + (1.0 - row[0]) * held / (n * slots)
    return row[0], row[1], row[2], row[3], occupancy, row[5], row[6], row[7], row[8], 0.0


@formula
def _not_full(load: float, n: int, ratios) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Log of P(not full) ÷ P(full, nobody waits), and the mean number held where not full.

    Walks down from full; scaled where it would grow beyond what a float holds.
    """
    slots = ratios.size
    term, total, weighted, log_scale = 1.0, 0.0, 0.0, 0.0
    for held in range(n * slots, 0, -1):
        most, with_most = held // n, held % n
        finish = with_most * (most + 1) / ratios[most] if with_most else 0.0
        finish += (n - with_most) * most / ratios[most - 1] if most else 0.0
        term *= finish / load
        total += term
        weighted += term * (held - 1)
        if finish < load and term < 1e-18 * total:
            break
        if total > 1e250:
            term, total, weighted, log_scale = term / 1e250, total / 1e250, weighted / 1e250, log_scale + 1.0
    return math.log(total) + log_scale * math.log(1e250), weighted / total
