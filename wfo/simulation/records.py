"""Records: where a queue, a contact and a cell stand in the kernel's memory, and what their words hold."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation.lists import number_of
from wfo.simulation.memory import (
    C_WHAT,
    COUNTS,
    COUNTS_N,
    F_QUEUES,
    KIND_BITS,
    OLD_N,
    QUEUE_F_SIZE,
    QUEUE_SIZE,
    QUEUES,
    QUEUES_N,
    TRACE,
    TRACE_N,
    TRACE_SIZE,
)


@inner
def queue_at(m, queue):  # type: ignore[no-untyped-def]
    """Address of a queue's record."""
    return m[QUEUES] + queue * QUEUE_SIZE


@inner
def queue_of(m, contact):  # type: ignore[no-untyped-def]
    """Number of a contact's queue."""
    return m[contact + C_WHAT] & ((1 << KIND_BITS) - 1)


@inner
def kind_of(m, contact):  # type: ignore[no-untyped-def]
    """What a contact is: fresh, carried and so on."""
    return m[contact + C_WHAT] >> KIND_BITS


@inner
def laws_at(m, queue):  # type: ignore[no-untyped-def]
    """Address of a queue's laws in the float memory."""
    return m[F_QUEUES] + queue * QUEUE_F_SIZE


@inner
def cell(m, queue, interval):  # type: ignore[no-untyped-def]
    """Offset of a queue's interval in a block of shape (T, Q)."""
    return interval * m[QUEUES_N] + queue


@inner
def counts_at(m, where):  # type: ignore[no-untyped-def]
    """Address of the counts of a cell."""
    return m[COUNTS] + where * COUNTS_N


@inner
def told(m, contact, field):  # type: ignore[no-untyped-def]
    """What a trace says of a contact (its records come next after older work's); −1 if nothing."""
    if m[TRACE_N] == 0:
        return np.int64(-1)
    row = number_of(m, contact) - m[OLD_N]
    return m[m[TRACE] + row * TRACE_SIZE + field] if row >= 0 else np.int64(-1)
