"""Whether a given week keeps an agent's rules: the same arrays as the dynamic program, read forwards."""

import numpy as np

from wfo.scheduling.compiled import entry, inner
from wfo.scheduling.problem import FORBIDDEN, People, Shifts


@entry
def legal_week(agent: int, start: np.ndarray, length: np.ndarray, people: People, shifts: Shifts) -> bool:
    """Whether an agent may work a week.

    Parameters
    ----------
    start, length : int64, shape (7,)
        A row of `Weeks`: start slots (-1: a free day), indices of lengths.

    Notes
    -----
    Breaks are not looked at. Where weeks are legal that leave legal weeks after them, others do not count.
    """
    automaton = people.plan[agent, 0] if people.plan[agent, 0] >= 0 else people.plan[agent, 1]
    if automaton < 0:
        return False
    kind, node, paid, ready, before = people.kind[agent], 0, 0, people.ready[agent], people.last_type[agent]
    earliest, latest, types = 1 << 30, -1, 0
    for d in range(7):
        node = people.step[automaton, d, node, 1 if start[d] >= 0 else 0]
        if node < 0 or (people.must[agent, d] and start[d] < 0):
            return False
        if start[d] < 0:
            before = 0
            continue
        i = _index(kind, d, start[d], shifts)
        k = length[d]
        if i < 0 or people.base[agent, d, i, k] <= FORBIDDEN / 2 or start[d] < ready:
            return False
        own = shifts.type_id[kind, d, i, k]
        if not people.must[agent, d]:
            if (shifts.bars[kind, before] >> own) & 1:
                return False
            earliest, latest = min(earliest, shifts.clock[kind, d, i]), max(latest, shifts.clock[kind, d, i])
            types |= 1 << own
        paid, before = paid + shifts.paid[kind, k], own
        ready = start[d] + shifts.length[kind, k] + people.rest[agent]
    if latest - earliest > people.spread[agent]:
        return False
    if not people.paid_lo[agent] <= paid <= people.paid_hi[agent]:
        return False
    fits = False
    for choice in people.choice[agent]:
        fits |= choice != 0 and types & ~choice == 0
    return fits


@inner
def _index(kind: int, d: int, slot: int, shifts: Shifts) -> int:
    """Number of a start among those of a day; -1: it is none of them."""
    for i in range(shifts.start_n[kind, d]):
        if shifts.start[kind, d, i] == slot:
            return i
    return -1
