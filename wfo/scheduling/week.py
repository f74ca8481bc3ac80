"""One agent's best legal week against prices of slots, by dynamic programming.

The state before day d is (which starts of the day rest still forbids, days worked, paid units, days in a
row); value to go is computed backwards, the week is read off forwards. Breaks have disjoint windows, so each
takes the cheapest place in its own.
"""

import numpy as np

from wfo.scheduling.compiled import entry, inner
from wfo.scheduling.problem import FORBIDDEN, People, Shifts

_IMPOSSIBLE = FORBIDDEN / 2
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
                if worth > _IMPOSSIBLE:
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


@inner
def _after(end: int, rest: int, day: int, kind: int, shifts: Shifts) -> int:
    """State before `day` once a shift ends: starts forbidden on it, plus those forbidden on the day after."""
    blocked = 0
    for ahead in range(2):
        if day + ahead < 7:
            for i in range(shifts.start_n[kind, day + ahead]):
                if shifts.start[kind, day + ahead, i] < end + rest:
                    blocked += 1
    return blocked


@inner
def _day_allowed(day: int, worked: int, run: int, runs: int, row_max: int, row_before: int) -> bool:
    """Whether one more day in a row is legal; with one run state only the run from before can be too long."""
    if runs > 1:
        return run < row_max
    return not (worked == day and row_before + day + 1 > row_max)


@inner
def best_week(
    agent: int,
    value: np.ndarray,
    people: People,
    shifts: Shifts,
    band: tuple[int, int],
    pick_start: np.ndarray,
    pick_length: np.ndarray,
) -> float:
    """Value of the best legal week; writes indices of start and length by day (-1: free).

    Parameters
    ----------
    value : float64, shape (7, I, L)
        From `shift_values`.
    band : (int, int)
        Lowest and highest index of start allowed on any day.

    Returns
    -------
    float
        At most half of `FORBIDDEN` when no legal week exists.
    """
    kind, rest = people.kind[agent], people.rest[agent]
    days_hi, paid_hi = people.days_hi[agent], people.paid_hi[agent]
    row_max, row_before = people.row_max[agent], people.row_before[agent]
    runs = row_max + 1 if days_hi > row_max else 1
    lengths = shifts.length.shape[1]
    low, high = 1 << 30, 0
    for k in range(lengths):
        if shifts.length[kind, k] > 0:
            low = min(low, shifts.paid[kind, k])
            high = max(high, shifts.paid[kind, k])
    j = 0
    for d in range(2):
        for i in range(shifts.start_n[kind, d]):
            if shifts.start[kind, d, i] < people.ready[agent]:
                j += 1
    width = j + 1
    state = np.zeros((7, value.shape[1], lengths), np.int64)
    for d in range(7):
        for i in range(shifts.start_n[kind, d]):
            for k in range(lengths):
                if value[d, i, k] > _IMPOSSIBLE:
                    end = shifts.start[kind, d, i] + shifts.length[kind, k]
                    state[d, i, k] = _after(end, rest, d + 1, kind, shifts)
                    width = max(width, state[d, i, k] + 1)
    togo = np.full((8, days_hi + 1, paid_hi + 1, runs, width), FORBIDDEN)
    for worked in range(people.days_lo[agent], days_hi + 1):
        for paid in range(people.paid_lo[agent], paid_hi + 1):
            togo[7, worked, paid] = 0.0
    for d in range(6, -1, -1):
        n = shifts.start_n[kind, d]
        for worked in range(min(d, days_hi) + 1):
            least = max(worked * low, people.paid_lo[agent] - (7 - d) * high)
            for paid in range(least, min(worked * high, paid_hi) + 1):
                for run in range(runs):
                    skip = not people.must[agent, d]
                    for blocked in range(width):
                        if skip:
                            togo[d, worked, paid, run, blocked] = togo[
                                d + 1, worked, paid, 0, max(0, blocked - n)
                            ]
                    if worked == days_hi or not _day_allowed(d, worked, run, runs, row_max, row_before):
                        continue
                    best = FORBIDDEN
                    for i in range(min(n - 1, band[1]), band[0] - 1, -1):
                        for k in range(lengths):
                            v = value[d, i, k]
                            if v > _IMPOSSIBLE and paid + shifts.paid[kind, k] <= paid_hi:
                                v += togo[
                                    d + 1,
                                    worked + 1,
                                    paid + shifts.paid[kind, k],
                                    min(run + 1, runs - 1),
                                    state[d, i, k],
                                ]
                                best = max(best, v)
                        if i < width and best > togo[d, worked, paid, run, i]:
                            togo[d, worked, paid, run, i] = best
                    for i in range(min(band[0], n, width)):
                        if best > togo[d, worked, paid, run, i]:
                            togo[d, worked, paid, run, i] = best
    run = min(row_before, runs - 1)
    answer = togo[0, 0, 0, run, j]
    if answer > _IMPOSSIBLE:
        _read_off(agent, value, people, shifts, band, togo, state, j, run, pick_start, pick_length)
    return answer


@inner
def _read_off(
    agent: int,
    value: np.ndarray,
    people: People,
    shifts: Shifts,
    band: tuple[int, int],
    togo: np.ndarray,
    state: np.ndarray,
    j: int,
    run: int,
    pick_start: np.ndarray,
    pick_length: np.ndarray,
) -> None:
    """Follow the values to go from the first day and write each day's choice."""
    kind = people.kind[agent]
    row_max, row_before = people.row_max[agent], people.row_before[agent]
    runs, days_hi, paid_hi = togo.shape[3], togo.shape[1] - 1, togo.shape[2] - 1
    worked = paid = 0
    for d in range(7):
        n = shifts.start_n[kind, d]
        pick_start[d] = -1
        pick_length[d] = 0
        best = FORBIDDEN
        if not people.must[agent, d]:
            best = togo[d + 1, worked, paid, 0, max(0, j - n)]
        if worked < days_hi and _day_allowed(d, worked, run, runs, row_max, row_before):
            for i in range(max(j, band[0]), min(n, band[1] + 1)):
                for k in range(value.shape[2]):
                    v = value[d, i, k]
                    if v > _IMPOSSIBLE and paid + shifts.paid[kind, k] <= paid_hi:
                        more = paid + shifts.paid[kind, k]
                        v += togo[d + 1, worked + 1, more, min(run + 1, runs - 1), state[d, i, k]]
                        if v > best:
                            best = v
                            pick_start[d] = i
                            pick_length[d] = k
        if pick_start[d] < 0:
            run, j = 0, max(0, j - n)
        else:
            i, k = pick_start[d], pick_length[d]
            worked += 1
            paid += shifts.paid[kind, k]
            run, j = min(run + 1, runs - 1), state[d, i, k]


@entry
def plan_week(
    agent: int,
    price: np.ndarray,
    people: People,
    shifts: Shifts,
    starts: np.ndarray,
    lengths: np.ndarray,
    breaks: np.ndarray,
) -> float:
    """Best legal week of an agent at given prices, written as slots (`Weeks` rows); its value.

    Parameters
    ----------
    price : float64, shape (≥ T + pad,)
    starts, lengths : int64, shape (7,)
    breaks : int64, shape (7, B)

    Returns
    -------
    float
        At most half of `FORBIDDEN` when no legal week exists; then nothing is written.
    """
    kind = people.kind[agent]
    size = shifts.start.shape[2]
    value = np.full((7, size, shifts.length.shape[1]), FORBIDDEN)
    place = np.full((7, size, shifts.length.shape[1], shifts.break_len.shape[2]), -1, np.int64)
    shift_values(agent, price, people, shifts, value, place)
    pick_start = np.full(7, -1, np.int64)
    pick_length = np.zeros(7, np.int64)
    trial_start, trial_length = np.full(7, -1, np.int64), np.zeros(7, np.int64)
    # A band of start indices means the same times of day on every day.
    spread = min(people.spread[agent], size - 1)
    best = FORBIDDEN
    for first in range(size - spread):
        worth = best_week(agent, value, people, shifts, (first, first + spread), trial_start, trial_length)
        if worth > best:
            best = worth
            for d in range(7):
                pick_start[d] = trial_start[d]
                pick_length[d] = trial_length[d]
    if best <= _IMPOSSIBLE:
        return best
    for d in range(7):
        starts[d] = -1
        lengths[d] = pick_length[d]
        breaks[d] = -1
        if pick_start[d] >= 0:
            starts[d] = shifts.start[kind, d, pick_start[d]]
            for b in range(shifts.break_n[kind, pick_length[d]]):
                breaks[d, b] = place[d, pick_start[d], pick_length[d], b]
    return best
