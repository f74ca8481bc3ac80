"""Old work written into the kernel's memory: deferred work that is open when the horizon begins."""

import numpy as np

from wfo.draws import word_of
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.later_work import LaterWork
from wfo.simulation.options import OldWork
from wfo.simulation.row_words import row_words
from wfo.timegrid import MINUTE_MS


def old_rows(old: OldWork, demand: DemandPaths, later: LaterWork) -> np.ndarray:
    """Rows (queue, due, handle time, step, release, silent, word), each queue's earliest due first, (B, 7).

    The word is a hash of queue, due instant, handle time, step and ordinal among equals, so that a piece of
    work more changes nothing of what the others cause.

    Raises
    ------
    ValueError
        If arrays differ in length, or name a queue or a step that is not there.
    """
    size = len(old.queue)
    whole = np.where(old.single(), old.handle_ms, 0) if len(old.handle_ms) == size else old.handle_ms
    columns = {
        "queue": old.queue,
        "due_ms": old.due_ms,
        "handle_ms": whole,
        "step": old.step if len(old.step) else np.full(size, -1),
        "release_ms": old.release_ms if len(old.release_ms) else np.zeros(size),
        "silent": old.silent if len(old.silent) else np.zeros(size),
    }
    lengths = [len(column) for column in columns.values()]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"old work: {', '.join(columns)} have lengths {lengths}; give one value a piece of work in each, "
            "or none at all of the last three"
        )
    queues = len(demand.queues)
    _refuse_outside("queue", columns["queue"], np.zeros(size), np.full(size, queues))
    known = np.array([len(later.steps.get(q, ())) for q in range(queues)])
    _refuse_outside("step", columns["step"], np.full(size, -1), known[columns["queue"]])
    rows = np.column_stack(list(columns.values())).astype(np.int64)
    rows = rows[np.lexsort(rows.T[::-1])]
    of_queue = np.array([word_of(f"{name}/old") for name in demand.queues], dtype=np.uint64)
    due_ms = rows[:, 1] + demand.grid.start_min * MINUTE_MS
    return np.column_stack([rows, row_words(of_queue, rows[:, 0], due_ms, rows[:, 2], rows[:, 3])])


def _refuse_outside(name: str, values: np.ndarray, least: np.ndarray, end: np.ndarray) -> None:
    """Refuse the first value that is not in its half-open range."""
    outside = np.flatnonzero((values < least) | (values >= end))
    if outside.size:
        at = int(outside[0])
        raise ValueError(
            f"old work: {name} of piece {at} is {values[at]}; allowed is {least[at]:.0f} … {end[at] - 1:.0f}"
        )
