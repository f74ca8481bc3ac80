"""What each shift of a week is worth to an agent at prices of slots, its breaks where they cost least."""

import numpy as np

from wfo.scheduling.compiled import inner
from wfo.scheduling.problem import FORBIDDEN, People, Shifts

IMPOSSIBLE = FORBIDDEN / 2
"""Values below it are of what a rule forbids."""
_NO_BREAK_HERE = -1e7


@inner
def shift_values(
    agent: int, price: np.ndarray, people: People, shifts: Shifts, value: np.ndarray, place: np.ndarray
) -> None:
    """Fill the value of each shift of an agent and the break starts that earn it.

    Parameters
    ----------
    price : float64, shape (≥ T + pad,)
        Worth of the agent's presence in each slot.
    value : float64, shape (7, I, L)
        Written.
    place : int64, shape (7, I, L, B)
        Written: break starts as slots.
    """
    kind, row = people.kind[agent], people.off_row[agent]
    n = price.shape[0]
    total = np.zeros(n + 1)
    free = np.zeros(n + 1)
    for t in range(n):
        away = row >= 0 and people.off[row, t]
        total[t + 1] = total[t] + (0.0 if away else price[t])
        free[t + 1] = free[t] + (_NO_BREAK_HERE if away else -price[t])
    for d in range(7):
        for i in range(shifts.start_n[kind, d]):
            start = shifts.start[kind, d, i]
            for k in range(shifts.length.shape[1]):
                worth = people.base[agent, d, i, k]
                if worth > IMPOSSIBLE:
                    worth += total[start + shifts.length[kind, k]] - total[start]
                    for b in range(shifts.break_n[kind, k]):
                        size = shifts.break_len[kind, k, b]
                        first = start + shifts.break_lo[kind, k, b]
                        last = start + shifts.break_hi[kind, k, b]
                        best, at = free[first + size] - free[first], first
                        for s in range(first + 1, last + 1):
                            gain = free[s + size] - free[s]
                            if gain > best + 1e-9:
                                best, at = gain, s
                        worth += best
                        place[d, i, k, b] = at
                value[d, i, k] = worth
