"""One agent's best legal week against prices of slots, by dynamic programming.

The state before a day is a node of the agent's automaton of days, the paid units so far, which starts of the
day rest still forbids, and the kind of yesterday's shift where the contract has forbidden successions; value
to go is computed backwards, the week is read off forwards. What a contract does not need collapses: the
automaton is the smallest that reads the legal patterns, shifts of one paid length need no hours, and of
shifts that leave the next day as free only the best start stays. Breaks have disjoint windows, so each takes
the cheapest place in its own.
"""

import numpy as np

from wfo.scheduling.compiled import entry, inner
from wfo.scheduling.hours_value import hours_value
from wfo.scheduling.problem import FORBIDDEN, People, Shifts
from wfo.scheduling.shift_values import IMPOSSIBLE, shift_values
from wfo.scheduling.week_options import Limits, ShiftOptions, blocked_first, week_limits, week_options


@inner
def _ranges(step: np.ndarray, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Least and most paid units with which each node can be met and left legally, shape (8, S)."""
    nodes = step.shape[1]
    low, high = np.full((8, nodes), 1 << 30), np.full((8, nodes), -1)
    low[0, 0] = high[0, 0] = 0
    least, most = np.full((8, nodes), 1 << 30), np.full((8, nodes), -1)
    least[7, 0] = most[7, 0] = 0
    for d in range(7):
        for s in range(nodes):
            for on in range(2):
                to = step[d, s, on]
                if to >= 0 and high[d, s] >= 0:
                    low[d + 1, to] = min(low[d + 1, to], low[d, s] + on)
                    high[d + 1, to] = max(high[d + 1, to], high[d, s] + on)
    for d in range(6, -1, -1):
        for s in range(nodes):
            for on in range(2):
                to = step[d, s, on]
                if to >= 0 and most[d + 1, to] >= 0:
                    least[d, s] = min(least[d, s], least[d + 1, to] + on)
                    most[d, s] = max(most[d, s], most[d + 1, to] + on)
    for d in range(8):
        for s in range(nodes):
            if high[d, s] < 0 or most[d, s] < 0:
                low[d, s], high[d, s] = 1, 0
            elif limits.timed:
                low[d, s] = max(low[d, s] * limits.low, limits.paid_lo - most[d, s] * limits.high)
                high[d, s] = min(high[d, s] * limits.high, limits.paid_hi - least[d, s] * limits.low)
            else:
                low[d, s] = high[d, s] = 0
    return low, high


@inner
def _to_go(
    agent: int, step: np.ndarray, found: ShiftOptions, people: People, shifts: Shifts, limits: Limits
) -> np.ndarray:
    """Value to go, shape (8, S, paid units, states of rest and kind)."""
    kind, kinds, width = people.kind[agent], limits.kinds, limits.width
    low, high = _ranges(step, limits)
    room = limits.paid_hi + (limits.high if limits.timed else 0) + 1
    togo = np.full((8, step.shape[1], room, width * kinds), FORBIDDEN)
    for paid in range(max(0, low[7, 0]), high[7, 0] + 1):
        togo[7, 0, paid] = hours_value(agent, paid, people) if limits.timed else 0.0
    for d in range(6, -1, -1):
        n = shifts.start_n[kind, d]
        for s in range(step.shape[1]):
            rest, work = step[d, s, 0], step[d, s, 1]
            for paid in range(max(0, low[d, s]), high[d, s] + 1):
                here = togo[d, s, paid]
                if rest >= 0 and not people.must[agent, d]:
                    for j in range(width):
                        for y in range(kinds):
                            here[j * kinds + y] = togo[d + 1, rest, paid, max(0, j - n) * kinds]
                if work < 0:
                    continue
                for y in range(kinds):
                    bars = shifts.bars[kind, y] if kinds > 1 else 0
                    best, o = FORBIDDEN, 0
                    for j in range(width - 1, -1, -1):
                        while o < found.size[d] and found.start[d, o] >= j:
                            if (bars >> found.kind[d, o]) & 1 == 0 or people.must[agent, d]:
                                v = found.value[d, o]
                                v += togo[d + 1, work, paid + found.paid[d, o], found.after[d, o]]
                                best = max(best, v)
                            o += 1
                        here[j * kinds + y] = max(here[j * kinds + y], best)
    return togo


@inner
def _read_off(
    agent: int, step: np.ndarray, found: ShiftOptions, people: People, shifts: Shifts, limits: Limits,
    togo: np.ndarray, pick_start: np.ndarray, pick_length: np.ndarray,
) -> None:  # fmt: skip
    """Follow the values to go from the first day and write each day's choice."""
    kind, kinds = people.kind[agent], limits.kinds
    s = paid = 0
    j, y = blocked_first(agent, people, shifts), people.last_type[agent] if kinds > 1 else 0
    for d in range(7):
        pick_start[d], pick_length[d] = -1, 0
        best, pick, n = FORBIDDEN, -1, shifts.start_n[kind, d]
        rest, work = step[d, s, 0], step[d, s, 1]
        if rest >= 0 and not people.must[agent, d]:
            best = togo[d + 1, rest, paid, max(0, j - n) * kinds]
        bars = shifts.bars[kind, y] if kinds > 1 else 0
        for o in range(found.size[d] - 1 if work >= 0 else -1, -1, -1):
            allowed = (bars >> found.kind[d, o]) & 1 == 0 or people.must[agent, d]
            if allowed and found.start[d, o] >= j:
                v = found.value[d, o] + togo[d + 1, work, paid + found.paid[d, o], found.after[d, o]]
                if v > best:
                    best, pick = v, o
        if pick < 0:
            s, j, y = rest, max(0, j - n), 0
        else:
            pick_start[d], pick_length[d] = found.start[d, pick], found.length[d, pick]
            s, paid = work, paid + found.paid[d, pick]
            j, y = found.after[d, pick] // kinds, found.after[d, pick] % kinds


@inner
def best_week(
    agent: int, automaton: int, value: np.ndarray, people: People, shifts: Shifts, pick_start: np.ndarray,
    pick_length: np.ndarray,
) -> float:  # fmt: skip
    """Value of the best week that an automaton of days allows; writes indices of start and length (-1: free).

    Parameters
    ----------
    value : float64, shape (7, I, L)
        From `shift_values`.

    Returns
    -------
    float
        At most half of `FORBIDDEN` when no legal week exists.
    """
    kind = people.kind[agent]
    step = people.step[automaton]
    limits = week_limits(agent, value, people, shifts)
    trial_start, trial_length = np.full(7, -1, np.int64), np.zeros(7, np.int64)
    first = blocked_first(agent, people, shifts) * limits.kinds
    first += people.last_type[agent] if limits.kinds > 1 else 0
    spread, best, latest = people.spread[agent], FORBIDDEN, -1
    for n in range(shifts.band.shape[1]):
        latest = max(latest, shifts.band[kind, n])
    for n in range(shifts.band.shape[1]):
        begin = shifts.band[kind, n]
        if begin < 0 or (n > 0 and shifts.band[kind, n - 1] + spread >= latest):
            break
        for choice in people.choice[agent]:
            if choice == 0:
                break
            found = week_options(agent, value, people, shifts, limits, (begin, begin + spread), choice)
            togo = _to_go(agent, step, found, people, shifts, limits)
            if togo[0, 0, 0, first] > max(best, IMPOSSIBLE):
                best = togo[0, 0, 0, first]
                _read_off(agent, step, found, people, shifts, limits, togo, trial_start, trial_length)
                for d in range(7):
                    pick_start[d], pick_length[d] = trial_start[d], trial_length[d]
    return best


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

    A week that leaves no legal week after it is taken only where no other is legal.

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
    best = FORBIDDEN
    for automaton in people.plan[agent]:
        if automaton >= 0 and best <= IMPOSSIBLE:
            best = best_week(agent, automaton, value, people, shifts, pick_start, pick_length)
    if best <= IMPOSSIBLE:
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
