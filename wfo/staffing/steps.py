"""Cover: what each further scheduled position is worth, never more than the one before it."""

import numba
import numpy as np

NEGLIGIBLE = 0.005
"""Steps worth less than this share of the first are left out."""


@numba.njit(cache=True, error_model="numpy")
def step_values(curves, first, size, present, hard, most):  # type: ignore[no-untyped-def]
    """Value of each scheduled position, from the curves of expected cost.

    A scheduled position is present with probability ``present`` (unscheduled shrinkage), so m scheduled ones
    stand at m · present on the curve, between whole positions on the straight line. The drops of the curve's
    lower convex envelope are the values (pooled neighbours, Ayer et al. 1955).

    Parameters
    ----------
    curves : ndarray
        Money lost at 0, 1, 2 … positions, one curve after the other.
    first, size : ndarray of int64, shape (I,)
        Where each curve begins, and its number of points.
    present : ndarray, shape (I,)
        1 − unscheduled shrinkage.
    hard, most : ndarray of int64, shape (I,)
        Steps up to a hard target; most steps to give.

    Returns
    -------
    row, step : ndarray of int64
    value : ndarray
    """
    total = 0
    for i in range(first.size):
        total += most[i]
    row = np.empty(total, np.int64)
    step = np.empty(total, np.int64)
    value = np.empty(total)
    filled = 0
    for i in range(first.size):
        drops = _envelope_drops(curves[first[i] : first[i] + size[i]], present[i], most[i])
        for m in range(most[i]):
            if m >= hard[i] and (drops[m] <= 0.0 or drops[m] < NEGLIGIBLE * drops[0]):
                break
            row[filled], step[filled], value[filled] = i, m + 1, drops[m]
            filled += 1
    return row[:filled], step[:filled], value[:filled]


@numba.njit(cache=True, error_model="numpy")
def _at(curve, x: float) -> float:  # type: ignore[no-untyped-def]
    low = int(x)
    if low >= curve.size - 1:
        return curve[curve.size - 1]
    return curve[low] + (x - low) * (curve[low + 1] - curve[low])


@numba.njit(cache=True, error_model="numpy")
def _envelope_drops(curve, present: float, steps: int):  # type: ignore[no-untyped-def]
    total = np.zeros(steps)
    count = np.zeros(steps, np.int64)
    blocks = 0
    before = curve[0]
    for m in range(1, steps + 1):
        here = _at(curve, m * present)
        total[blocks], count[blocks] = before - here, 1
        before = here
        blocks += 1
        while blocks > 1 and total[blocks - 1] * count[blocks - 2] > total[blocks - 2] * count[blocks - 1]:
            total[blocks - 2] += total[blocks - 1]
            count[blocks - 2] += count[blocks - 1]
            blocks -= 1
    out = np.empty(steps)
    m = 0
    for b in range(blocks):
        for _ in range(count[b]):
            out[m] = max(0.0, total[b] / count[b])
            m += 1
    return out
