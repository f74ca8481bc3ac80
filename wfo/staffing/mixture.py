"""Days are not alike: positions and their worth on a mixture of day factors, compiled.

The day factor is lognormal with mean 1; Gauss–Hermite points carry it. Ratios are taken of sums over the
points, each weighted by its contacts.
"""

import math

import numba
import numpy as np

from wfo.metrics.abandonment import counted_abandonment
from wfo.staffing.chat_law import chat_figures
from wfo.staffing.compiled import formula
from wfo.staffing.limited_lines import limited_figures

COLUMNS = (
    "rate",  # contacts a second on a day of factor 1
    "handle_s",  # of a contact in a slot, all slots of its agent taken
    "patience_s",
    "within_s",
    "short_s",
    "level",
    "max_occupancy",
    "max_asa_s",
    "max_abandonment",
    "slots",  # contacts a position holds at once
    "contacts",  # in the interval
    "price_abandoned",
    "price_late",
    "price_service",  # for each contact by which service misses its level
    "price_left",  # for each contact by which abandonment passes its target
    "room",  # most contacts that wait in line, inf: no limit
)
"""Columns of the array of queue-intervals that the kernels read, in order."""

_MOST = 10_000_000
_counted_abandonment = numba.njit(counted_abandonment)


def day_points(cv: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Day factors and their weights.

    Parameters
    ----------
    cv : ndarray, shape (Q,)
        Coefficient of variation of each queue's day factor.
    points : int

    Returns
    -------
    factors : ndarray, shape (Q, points)
    weights : ndarray, shape (points,)
        Sum 1; the weighted mean of the factors is 1.
    """
    nodes, weights = np.polynomial.hermite.hermgauss(points)
    weights = weights / weights.sum()
    sigma = np.sqrt(np.log1p(np.asarray(cv, dtype=float) ** 2))[:, None]
    factors = np.exp(sigma * np.sqrt(2.0) * nodes[None, :])
    return factors / (factors * weights).sum(axis=1, keepdims=True), weights


@formula
def _mixed(row, n, factors, weights, ratios):  # type: ignore[no-untyped-def]
    """At n positions: shares answered in time, abandoned, abandoned short; wait of answered; occupancy."""
    in_time = left = short = waited = busy = 0.0
    for p in range(weights.size):
        if math.isinf(row[15]):
            f = chat_figures(row[0] * factors[p], row[1], row[2], n, row[3], row[4], ratios)
        else:
            held = n * row[9]
            f = limited_figures(row[0] * factors[p], row[1], row[2], held, held + row[15], row[3], row[4])
        w = weights[p] * factors[p]
        in_time += w * f[5]
        # who is turned away gives up
        left += w * (f[1] + f[9])
        short += w * f[8]
        busy += weights[p] * f[4]
        if f[1] + f[9] < 1.0:
            waited += w * (1.0 - f[1] - f[9]) * f[3]
    asa = waited / (1.0 - left) if left < 1.0 else math.inf
    return in_time, left, short, asa, busy


@formula
def _meets(row, n, factors, weights, ratios) -> bool:  # type: ignore[no-untyped-def]
    in_time, left, short, asa, busy = _mixed(row, float(n), factors, weights, ratios)
    counted = 1.0 - short
    gave_up, of = _counted_abandonment(1.0, left, short)
    if in_time < row[5] * counted or gave_up > row[8] * of or asa > row[7]:
        return False
    return busy <= row[6] + 1e-12


@formula
def fewest_positions(rows, queue, factors, weights, ratios):  # type: ignore[no-untyped-def]
    """Fewest positions that meet each row's targets on the mixture; −1 where no number does.

    Parameters
    ----------
    rows : ndarray, shape (I, len(COLUMNS))
    queue : ndarray of int64, shape (I,)
        Row of ``factors``.
    factors, weights : ndarray
        From `day_points`.
    ratios : ndarray, shape (Q, most slots)
        Open time of a contact whose agent holds 1, 2, … at once ÷ that with all slots taken.

    Returns
    -------
    ndarray of int64, shape (I,)
    """
    out = np.zeros(queue.size, np.int64)
    for i in range(queue.size):
        row, day = rows[i], factors[queue[i]]
        held = ratios[queue[i], : int(row[9])]
        if row[0] * row[1] <= 0.0:
            continue
        low, high, jump = -1, max(1, int(row[0] * row[1] / row[9])), 1
        if _meets(row, high, day, weights, held):
            while high > 0:
                low = max(0, high - jump)
                if not _meets(row, low, day, weights, held):
                    break
                high = low
                jump *= 2
        else:
            while high <= _MOST:
                low = high
                high = low + jump
                jump *= 2
                if _meets(row, high, day, weights, held):
                    break
        if high > _MOST:
            out[i] = -1
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if _meets(row, middle, day, weights, held):
                high = middle
            else:
                low = middle
        out[i] = high
    return out


@formula
def _cost(row, n, factors, weights, ratios) -> float:  # type: ignore[no-untyped-def]
    in_time, left, short, _, _ = _mixed(row, float(n), factors, weights, ratios)
    counted = 1.0 - short
    missed = max(0.0, row[5] * counted - in_time)
    late = max(0.0, 1.0 - left - in_time)
    gave_up, of = _counted_abandonment(1.0, left, short)
    money = row[11] * left + row[12] * late + row[13] * missed + row[14] * max(0.0, gave_up - row[8] * of)
    return row[10] * money


@formula
def cost_curves(rows, queue, factors, weights, ratios, first, size):  # type: ignore[no-untyped-def]
    """Expected money lost in each row at 0, 1, 2 … positions.

    Far below the load the curve is all but straight; there it is interpolated between some points.

    Parameters
    ----------
    rows, queue, factors, weights, ratios
        As in `fewest_positions`.
    first, size : ndarray of int64, shape (I,)
        Where each row's curve begins in the result, and its number of points.

    Returns
    -------
    ndarray, shape (sum of sizes,)
    """
    out = np.zeros(first[-1] + size[-1] if size.size else 0)
    for i in range(queue.size):
        row, day = rows[i], factors[queue[i]]
        held = ratios[queue[i], : int(row[9])]
        straight = int(0.7 * row[0] * row[1] / row[9])
        stride = max(1, straight // 12)
        at, previous = 0, 0
        while at < size[i]:
            out[first[i] + at] = _cost(row, at, day, weights, held)
            base, rise = out[first[i] + previous], out[first[i] + at] - out[first[i] + previous]
            for k in range(previous + 1, at):
                out[first[i] + k] = base + rise * (k - previous) / (at - previous)
            previous = at
            at += stride if at + stride <= straight and at + stride < size[i] else 1
    return out
