"""Main queues: who keeps to which queue, so that a week is worked as it was planned.

The plan counts people by queue and interval (table ``assignment``). Contacts alone would not follow it: a
call of a large queue takes whoever has been idle longest, those meant for a small one too. Each stretch of
work therefore gets at most one main queue, and routing goes by it.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.timegrid import TimeGrid, epoch_min

ROUNDS = 20
"""Most rounds of improvement; the sample's week settles after four."""


def with_main_queues(
    schedule: pd.DataFrame, assignment: pd.DataFrame, at_once: Collection[str], grid: TimeGrid
) -> pd.DataFrame:
    """Schedule with ``main_queue`` in its work rows, empty where a stretch of work is kept for no queue.

    Stretches are gone through again and again, those of the least flexible people first; each takes the queue
    in which it closes most of what is still missing, until none changes.

    Parameters
    ----------
    schedule : DataFrame
        ``kind, start, end, queues``.
    assignment : DataFrame
        ``queue, interval_start, positions``: whom the plan reserves.
    at_once : collection of str
        Queues whose contacts are served at once; deferred work has no main queue.
    grid : TimeGrid
    """
    names = tuple(sorted(at_once))
    need = _need(assignment, names, grid)
    offset, step = grid.start_min, grid.step_min
    first = np.maximum(0, (epoch_min(schedule["start"]) - offset) // step)
    last = np.minimum(grid.n, -((offset - epoch_min(schedule["end"])) // step))
    number = {name: k for k, name in enumerate(names)}
    work = (schedule["kind"].astype(str) == Kind.WORK.value).to_numpy() & (last > first)
    knows = [[number[q] for q in (own or ()) if q in number] for own in schedule["queues"].tolist()]
    order = sorted(
        (k for k in np.flatnonzero(work).tolist() if knows[k]), key=lambda k: (len(knows[k]), first[k], k)
    )
    main = _improve(order, first, last, knows, need)
    named = [names[main[k]] if k in main and main[k] >= 0 else None for k in range(len(schedule))]
    return schedule.assign(main_queue=pd.Series(named, index=schedule.index, dtype="str"))


def _need(assignment: pd.DataFrame, names: tuple[str, ...], grid: TimeGrid) -> np.ndarray:
    """Reserved positions, shape (Q, T)."""
    need = np.zeros((len(names), grid.n))
    rows = assignment[assignment["queue"].isin(names)]
    at = grid.locate(rows["interval_start"])
    inside = (at >= 0) & (at < grid.n)
    queue = rows["queue"].map({name: k for k, name in enumerate(names)}).to_numpy(dtype=np.int64)
    need[queue[inside], at[inside]] = rows["positions"].to_numpy(dtype=float)[inside]
    return need


def _improve(
    order: list[int], first: np.ndarray, last: np.ndarray, knows: list[list[int]], need: np.ndarray
) -> dict[int, int]:
    """Queue of each stretch, −1 for none."""
    missing = need.copy()
    main = dict.fromkeys(order, -1)
    for _ in range(ROUNDS):
        changed = False
        for k in order:
            span = slice(first[k], last[k])
            before = main[k]
            if before >= 0:
                missing[before, span] += 1.0
            gains = np.clip(missing[knows[k], span], 0.0, 1.0).sum(axis=1)
            best = int(np.argmax(gains))
            main[k] = knows[k][best] if gains[best] > 1e-9 else -1
            if main[k] >= 0:
                missing[main[k], span] -= 1.0
            changed |= main[k] != before
        if not changed:
            break
    return main
