"""Shifts that could be part of an agent's best week, and what bounds it."""

from typing import NamedTuple

import numpy as np

from wfo.scheduling.compiled import inner
from wfo.scheduling.problem import FORBIDDEN, People, Shifts
from wfo.scheduling.shift_values import IMPOSSIBLE


class Limits(NamedTuple):
    """What bounds one agent's week.

    Attributes
    ----------
    timed : bool
        Whether paid units are part of the state.
    paid_lo, paid_hi : int
    low, high : int
        Paid units of the shortest and the longest shift.
    width, kinds : int
        Values of the number of forbidden starts, of yesterday's kind of shift.
    """

    timed: bool
    paid_lo: int
    paid_hi: int
    low: int
    high: int
    width: int
    kinds: int


class ShiftOptions(NamedTuple):
    """Shifts worth a look by day, later starts first.

    Attributes
    ----------
    size : int64, shape (7,)
    value : float64, shape (7, N)
    start, length, paid, after, kind : int64, shape (7, N)
        Indices of start and length, paid units, state of the next day, kind of shift.
    """

    size: np.ndarray
    value: np.ndarray
    start: np.ndarray
    length: np.ndarray
    paid: np.ndarray
    after: np.ndarray
    kind: np.ndarray


@inner
def week_limits(agent: int, value: np.ndarray, people: People, shifts: Shifts) -> Limits:
    """Bounds of an agent's week and the size of its state."""
    kind = people.kind[agent]
    low, high, width = 1 << 30, 0, blocked_first(agent, people, shifts) + 1
    for k in range(shifts.length.shape[1]):
        if shifts.length[kind, k] > 0:
            low = min(low, shifts.paid[kind, k])
            high = max(high, shifts.paid[kind, k])
            for d in range(7):
                for i in range(shifts.start_n[kind, d]):
                    if value[d, i, k] > IMPOSSIBLE:
                        width = max(width, shifts.after[kind, d, i, k] + 1)
    # Days alone tell the hours of shifts of one length, and the automaton counts those.
    timed = low != high or people.over_price[agent] != 0.0 or people.under_price[agent] != 0.0
    barred = False
    for y in range(shifts.bars.shape[1]):
        barred |= shifts.bars[kind, y] != 0
    return Limits(
        timed, people.paid_lo[agent] if timed else 0, people.paid_hi[agent] if timed else 0, low, high, width,
        shifts.bars.shape[1] if barred else 1,
    )  # fmt: skip


@inner
def blocked_first(agent: int, people: People, shifts: Shifts) -> int:
    """Starts of the first two days that come too soon after the published weeks."""
    kind, blocked = people.kind[agent], 0
    for d in range(2):
        for i in range(shifts.start_n[kind, d]):
            if shifts.start[kind, d, i] < people.ready[agent]:
                blocked += 1
    return blocked


@inner
def week_options(
    agent: int, value: np.ndarray, people: People, shifts: Shifts, limits: Limits, band: tuple[int, int],
    choice: int,
) -> ShiftOptions:  # fmt: skip
    """Shifts that could be part of a best week, later starts first.

    Of shifts of one length that leave the whole next day free only those stay that no later one beats; and
    where such a one may always be taken, no shift that is worth less and leaves less of the next day.
    """
    kind = people.kind[agent]
    starts, lengths = value.shape[1], value.shape[2]
    most = starts * lengths
    found = ShiftOptions(
        np.zeros(7, np.int64), np.empty((7, most)), np.empty((7, most), np.int64),
        np.empty((7, most), np.int64), np.empty((7, most), np.int64), np.empty((7, most), np.int64),
        np.empty((7, most), np.int64),
    )  # fmt: skip
    plain = limits.kinds == 1
    for d in range(7):
        top = np.full(lengths, FORBIDDEN)
        floor = np.full(lengths, FORBIDDEN)
        if plain:
            for k in range(lengths):
                for i in range(limits.width - 1, shifts.start_n[kind, d]):
                    if shifts.after[kind, d, i, k] == 0 and _fits(
                        agent, d, i, k, people, shifts, band, choice
                    ):
                        floor[k] = max(floor[k], value[d, i, k])
        n = 0
        for i in range(shifts.start_n[kind, d] - 1, -1, -1):
            for k in range(lengths - 1, -1, -1):
                v, after = value[d, i, k], shifts.after[kind, d, i, k]
                if v <= IMPOSSIBLE or not _fits(agent, d, i, k, people, shifts, band, choice):
                    continue
                if plain and after == 0:
                    if v < top[k]:
                        continue
                    top[k] = v
                elif plain and v < floor[k]:
                    continue
                y = 0 if plain else shifts.type_id[kind, d, i, k]
                found.value[d, n], found.start[d, n], found.length[d, n] = v, i, k
                found.paid[d, n] = shifts.paid[kind, k] if limits.timed else 0
                found.after[d, n], found.kind[d, n] = after * limits.kinds + y, y
                n += 1
        found.size[d] = n
    return found


@inner
def _fits(
    agent: int, d: int, i: int, k: int, people: People, shifts: Shifts, band: tuple[int, int], choice: int
) -> bool:
    """Whether a shift starts in the week's band and is of a kind it may have; locked ones may be any."""
    kind = people.kind[agent]
    if people.must[agent, d]:
        return True
    clock = shifts.clock[kind, d, i]
    return band[0] <= clock <= band[1] and (choice >> shifts.type_id[kind, d, i, k]) & 1 == 1
