"""Old work written into the kernel's memory: deferred work that is open when the horizon begins."""

import numpy as np

from wfo.draws import word_of
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.options import OldWork
from wfo.simulation.row_words import row_words


def old_rows(old: OldWork, demand: DemandPaths) -> np.ndarray:
    """Rows (queue, due, handle time, release, chased, word), each queue's earliest due first, shape (B, 6).

    The word is a hash of queue, due instant, handle time and ordinal among equals, so that a piece of work
    more changes nothing of what the others cause.

    Raises
    ------
    ValueError
        If arrays differ in length or name a queue that is not there.
    """
    queues = len(demand.queues)
    release = old.release_ms if len(old.release_ms) else np.zeros(len(old.queue))
    chased = old.chased if len(old.chased) else old.queue
    columns = (old.queue, old.due_ms, old.handle_ms, release, chased)
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"old work: queue, due_ms, handle_ms, release_ms, chased have lengths {lengths}; give one value "
            "a piece of work in each, or none at all of the last two"
        )
    for name, values, least in (("queue", old.queue, 0), ("chased", chased, -1)):
        outside = np.flatnonzero((values < least) | (values >= queues))
        if outside.size:
            at = int(outside[0])
            raise ValueError(
                f"old work: {name} of piece {at} is {values[at]}; allowed is {least} … {queues - 1}"
            )
    rows = np.column_stack(columns).astype(np.int64)
    rows = rows[np.lexsort(rows.T[::-1])]
    of_queue = np.array([word_of(f"{name}/old") for name in demand.queues], dtype=np.uint64)
    due_ms = rows[:, 1] + demand.grid.start_min * 60_000
    return np.column_stack([rows, row_words(of_queue, rows[:, 0], due_ms, rows[:, 2])])
