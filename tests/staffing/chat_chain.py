"""Every agent's number of chats followed by a Markov chain: the exact answer for chat laws."""

import itertools
import math

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from wfo.staffing.queue_law import waiting_figures


def not_full_to_full(rate: float, n: int, session_s: tuple[float, ...]) -> float:
    """Log of P(some slot free) ÷ P(all taken, nobody waits): contacts go to whoever holds the fewest.

    The queue hangs on the one full state, so the others' shares are those of the chain without a queue.
    """
    slots = len(session_s)
    states = [
        (n - sum(rest), *rest) for rest in itertools.product(range(n + 1), repeat=slots) if sum(rest) <= n
    ]
    number = {state: k for k, state in enumerate(states)}
    rows, columns, values = [], [], []

    def move(at: int, frm: int, to: int, speed: float) -> None:
        state = list(states[at])
        state[frm] -= 1
        state[to] += 1
        there = number[tuple(state)]
        rows.extend([there, at])
        columns.extend([at, at])
        values.extend([speed, -speed])

    for at, state in enumerate(states):
        least = next(k for k, agents in enumerate(state) if agents)
        if least < slots:
            move(at, least, least + 1, rate)
        for k in range(1, slots + 1):
            if state[k]:
                move(at, k, k - 1, state[k] * k / session_s[k - 1])
    size = len(states)
    flow = coo_array((values, (rows, columns)), shape=(size, size)).tocsc()
    full = number[(*[0] * slots, n)]
    keep = np.flatnonzero(np.arange(size) != full)
    # every state relative to the full one
    shares = spsolve(flow[keep][:, keep], -flow[keep][:, [full]].toarray().ravel())
    return math.log(shares.sum())


def exact_figures(
    rate: float, session_s: tuple[float, ...], patience_s: float, n: int, t: float, short: float = 0.0
) -> tuple[float, ...]:
    """Figures in the order of `queue_law.figures`; occupancy is not among the exact ones."""
    full_s, slots = session_s[-1], len(session_s)
    log_idle = not_full_to_full(rate, n, session_s)
    return waiting_figures(rate, full_s, patience_s, float(n * slots), t, short, log_idle)
