"""Figures and searches for positions over arrays, compiled."""

import math

import numba
import numpy as np

from wfo.metrics.abandonment import counted_abandonment
from wfo.staffing.compiled import formula
from wfo.staffing.limited_lines import limited_figures
from wfo.staffing.queue_law import figures, loss

MOST_POSITIONS = 10_000_000
"""Where a search gives up, unless twice the load is more."""
_counted_abandonment = numba.njit(counted_abandonment)


@formula
def loss_all(load, n):  # type: ignore[no-untyped-def]
    """Erlang B of each load and number of positions, shape (I,)."""
    out = np.empty(load.size)
    for i in range(load.size):
        out[i] = loss(load[i], n[i])
    return out


@formula
def _row(rate: float, handle: float, patience: float, n: float, within: float, short: float, lines: float):  # type: ignore[no-untyped-def]
    if math.isinf(lines):
        return figures(rate, handle, patience, n, within, short)
    return limited_figures(rate, handle, patience, n, lines, within, short)


@formula
def figures_all(rate, handle, patience, n, within, short, lines):  # type: ignore[no-untyped-def]
    """All figures of I queues, shape (10, I); see `queue_law.figures` for their order."""
    out = np.empty((10, rate.size))
    for i in range(rate.size):
        row = _row(rate[i], handle[i], patience[i], n[i], within[i], short[i], lines[i])
        for k in range(10):
            out[k, i] = row[k]
    return out


@formula
def _share(row, denominator: int) -> float:  # type: ignore[no-untyped-def]
    if denominator == 0:
        return row[5]
    if denominator == 3:
        return row[7]
    base = 1.0 - (row[1] + row[9] if denominator == 1 else row[8])
    return row[5] / base if base > 0.0 else 0.0


@formula
def _meets(n, queue, denominator) -> bool:  # type: ignore[no-untyped-def]
    rate, handle, patience, within, short, level, occupancy, asa, abandonment, p_wait, lines = queue
    if math.isinf(patience) and math.isinf(lines):  # Erlang C, whose occupancy is the load's share of n
        busy = min(1.0, rate * handle / n) if n > 0 else 1.0
        if busy > occupancy + 1e-12 or (busy == 1.0 and level > 0.0):
            return False
    row = _row(rate, handle, patience, float(n), within, short, lines)
    gave_up, of = _counted_abandonment(1.0, row[1], row[8])
    served = _share(row, denominator) >= level and gave_up <= abandonment * of
    return served and row[4] <= occupancy + 1e-12 and row[3] <= asa and row[0] <= p_wait


@formula
def _fewest(queue, denominator) -> int:  # type: ignore[no-untyped-def]
    """Gallop from the occupancy cap to a bracket (fails, meets], then halve it; -1 where nothing meets."""
    load, occupancy = queue[0] * queue[1], queue[6]
    guess = load / occupancy
    low, high, jump = -1, max(1, math.ceil(guess if guess <= MOST_POSITIONS else load)), 1
    if _meets(high, queue, denominator):
        while high > 0:
            low = max(0, high - jump)
            if not _meets(low, queue, denominator):
                break
            high = low
            jump *= 2
    else:
        low = high
        high = low + jump
        while not _meets(high, queue, denominator):
            if high > MOST_POSITIONS and high > 2 * queue[0] * queue[1]:
                return -1
            low = high
            jump *= 2
            high = low + jump
    while high - low > 1:
        middle = (low + high) // 2
        if _meets(middle, queue, denominator):
            high = middle
        else:
            low = middle
    return high


@formula
def required_all(  # type: ignore[no-untyped-def]
    rate, handle, patience, within, short, level, occupancy, asa, abandonment, p_wait, lines, denominator
):
    """Fewest positions of I queues, shape (I,); 0 where nothing is offered, -1 where no number is enough."""
    out = np.zeros(rate.size, np.int64)
    for i in range(rate.size):
        if rate[i] * handle[i] > 0.0:
            queue = (
                rate[i], handle[i], patience[i], within[i], short[i], level[i],
                occupancy[i], asa[i], abandonment[i], p_wait[i], lines[i],
            )  # fmt: skip
            out[i] = _fewest(queue, denominator)
    return out
