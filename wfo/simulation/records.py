"""Records: where a queue, a contact and a cell stand in the kernel's memory, and what their words hold."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.lists import number_of
from wfo.simulation.memory import (
    BACKLOG,
    BASE,
    C_CELL,
    C_WHAT,
    C_WORD,
    COUNTS,
    COUNTS_N,
    F_QUEUES,
    KIND_AT,
    KINDS_MOST,
    LIST_AT,
    OLD_N,
    OLD_SIZE,
    OLD_WORD,
    OLD_WORK,
    QUEUE_F_SIZE,
    QUEUE_SIZE,
    QUEUES,
    QUEUES_MOST,
    QUEUES_N,
    STEP_AT,
    STEPS_MOST,
    TRACE,
    TRACE_N,
    TRACE_SIZE,
    TRIES_AT,
    TRIES_MOST,
)


@inner
def queue_at(m, queue):  # type: ignore[no-untyped-def]
    """Address of a queue's record."""
    return m[QUEUES] + queue * QUEUE_SIZE


@inner
def queue_of(m, contact):  # type: ignore[no-untyped-def]
    """Number of the queue in which a contact waits."""
    return m[contact + C_WHAT] & (QUEUES_MOST - 1)


@inner
def owner_of(m, contact):  # type: ignore[no-untyped-def]
    """Number of the queue to which a contact came."""
    return m[contact + C_CELL] % m[QUEUES_N]


@inner
def kind_of(m, contact):  # type: ignore[no-untyped-def]
    """What a contact is: fresh, carried and so on."""
    return (m[contact + C_WHAT] >> KIND_AT) & (KINDS_MOST - 1)


@inner
def is_old(m, contact):  # type: ignore[no-untyped-def]
    """Whether a contact came before the horizon: a piece of work, or a case."""
    return kind_of(m, contact) >= BACKLOG


@inner
def word_of_luck(m, contact):  # type: ignore[no-untyped-def]
    """Word on which a contact's luck hangs."""
    if not is_old(m, contact):
        return np.uint64(m[contact + C_WORD])
    row = m[OLD_WORK] + number_of(m, contact) * OLD_SIZE
    return luck.old_word(np.uint64(m[BASE]), np.uint64(m[row + OLD_WORD]))


@inner
def step_of(m, contact):  # type: ignore[no-untyped-def]
    """Number of the step a contact is at."""
    return (m[contact + C_WHAT] >> STEP_AT) & (STEPS_MOST - 1)


@inner
def tries_of(m, contact):  # type: ignore[no-untyped-def]
    """Tries at a contact's step before this one."""
    return (m[contact + C_WHAT] >> TRIES_AT) & TRIES_MOST


@inner
def list_of(m, contact):  # type: ignore[no-untyped-def]
    """Number of a contact's list among those of its queue; 0: none."""
    return m[contact + C_WHAT] >> LIST_AT


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
