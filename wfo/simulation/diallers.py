"""Diallers written into the kernel's memory."""

import numpy as np

from wfo.draws import word_of
from wfo.simulation.blocks import Plan
from wfo.simulation.memory import (
    COUNTED,
    D_LEAST_FREE,
    D_QUEUE,
    D_WORD,
    DEFERRED,
    DIAL_GROUPS,
    DIAL_SIZE,
    DIALLERS,
    F_DIALLERS,
    SERVING,
)
from wfo.simulation.options import Dialler
from wfo.simulation.staffing import Staffing

MOST_CALLS = 100.0
"""Numbers that a dialler may call at once for a free agent."""


def place_diallers(plan: Plan, staffing: Staffing, diallers: tuple[Dialler, ...], intervals: int) -> None:
    """Place what diallers do, whose free agents count for each, and whom they reach when.

    Raises
    ------
    ValueError
        If a queue is not there or not served at once, probabilities are not one an interval within 0…1, or
        calls are not within 0…100.
    """
    groups = len(staffing.serves_ptr) - 1
    records = np.zeros((len(diallers), DIAL_SIZE), dtype=np.int64)
    counts = np.zeros((len(diallers), groups), dtype=np.int64)
    laws = np.zeros((len(diallers), 1 + intervals))
    for k, dialler in enumerate(diallers):
        _check(dialler, staffing, intervals)
        before = sum(other.queue == dialler.queue for other in diallers[:k])
        word = dialler_name(staffing.queues[dialler.queue], before).view(np.int64)
        records[k, [D_QUEUE, D_LEAST_FREE, D_WORD]] = dialler.queue, dialler.least_free, word
        for group in range(groups):
            own = staffing.serves[staffing.serves_ptr[group] : staffing.serves_ptr[group + 1], 0].tolist()
            if dialler.queue in own:
                counts[k, group] = SERVING
            elif set(own).intersection(dialler.beside):
                counts[k, group] = COUNTED
        laws[k, 0], laws[k, 1:] = dialler.calls, dialler.reached
    plan.place(DIALLERS, records)
    plan.place(DIAL_GROUPS, counts)
    plan.place_float(F_DIALLERS, laws)


def dialler_name(queue: str, before: int) -> np.uint64:
    """Word of a dialler's name: its queue, and how many diallers of the queue stand before it."""
    return word_of(f"{queue}/dialler" + (f"/{before}" if before else ""))


def _check(dialler: Dialler, staffing: Staffing, intervals: int) -> None:
    queues = len(staffing.queues)
    if not all(0 <= q < queues for q in (dialler.queue, *dialler.beside)):
        raise ValueError(f"dialler: queues {(dialler.queue, *dialler.beside)}, allowed are 0 … {queues - 1}")
    if staffing.law[dialler.queue] >= DEFERRED:
        name = staffing.queues[dialler.queue]
        raise ValueError(f"dialler: {name} is not served at once; who is reached cannot wait for days")
    reached = np.asarray(dialler.reached)
    if reached.shape != (intervals,):
        raise ValueError(
            f"dialler: reached has shape {reached.shape}; give one for each of {intervals} intervals"
        )
    outside = np.flatnonzero(~((reached >= 0.0) & (reached <= 1.0)))
    if outside.size:
        at = int(outside[0])
        raise ValueError(f"dialler: reached is {reached[at]} in interval {at}; allowed is 0 … 1")
    if not 0.0 <= dialler.calls <= MOST_CALLS:
        raise ValueError(
            f"dialler: calls for a free agent are {dialler.calls}; allowed is 0 … {MOST_CALLS:g}"
        )
