"""Listed: people on lists who may be called, from when on, and until when."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import announce
from wfo.simulation.lists import drop_due_first
from wfo.simulation.memory import (
    BASE,
    C_DUE,
    C_WHAT,
    FRESH,
    HORIZON_MS,
    INTERVAL,
    LANDING_START,
    LIST_AT,
    LIST_COUNTS,
    LIST_COUNTS_N,
    LIST_SIZE,
    LIST_UNTIL_MS,
    LIST_WORD,
    LISTED,
    LISTED_BEFORE,
    LISTED_DUE,
    LISTED_FROM,
    LISTED_LIST,
    LISTED_N,
    LISTED_NUMBER,
    LISTED_QUEUE,
    LISTED_SIZE,
    LISTS,
    N_DUE,
    N_FRESH,
    N_LISTED,
    N_OFFERED,
    NEVER,
    Q_BY_DUE,
    Q_LISTS,
    RELEASED,
    S_PACING,
    STEP_MS,
    WAITING_DEFERRED,
)
from wfo.simulation.records import cell, counts_at, list_of, queue_at, queue_of
from wfo.simulation.steps import begin_steps, leave_line, step_at


@inner
def list_at(m, queue, number):  # type: ignore[no-untyped-def]
    """Address of a queue's list."""
    return m[LISTS] + (m[queue_at(m, queue) + Q_LISTS] + number) * LIST_SIZE


@inner
def count_listed(m, contact, what):  # type: ignore[no-untyped-def]
    """Count something of a contact's list."""
    number = m[queue_at(m, queue_of(m, contact)) + Q_LISTS] + list_of(m, contact)
    m[m[LIST_COUNTS] + number * LIST_COUNTS_N + what] += 1


@inner
def is_call(m, contact):  # type: ignore[no-untyped-def]
    """Whether a contact is one that agents call."""
    step = step_at(m, contact)
    return step >= 0 and m[step + S_PACING] > 0


@inner
def ends_at(m, contact):  # type: ignore[no-untyped-def]
    """Instant from which on nobody of a contact's list is called; `NEVER` where it is on none."""
    if not is_call(m, contact):
        return np.int64(NEVER)
    return m[list_at(m, queue_of(m, contact), list_of(m, contact)) + LIST_UNTIL_MS]


@inner
def release_listed(m, interval):  # type: ignore[no-untyped-def]
    """Make the contacts of lists that may be called from the beginning of an interval on."""
    while m[RELEASED] < m[LISTED_N]:
        row = m[LISTED] + m[RELEASED] * LISTED_SIZE
        if m[row + LISTED_FROM] > interval:
            return
        queue, number = m[row + LISTED_QUEUE], m[row + LISTED_LIST]
        where = cell(m, queue, interval)
        counts = counts_at(m, where)
        stream = luck.calls_word(np.uint64(m[BASE]), np.uint64(m[list_at(m, queue, number) + LIST_WORD]))
        for k in range(m[row + LISTED_NUMBER]):
            word = luck.fresh_word(stream, m[row + LISTED_BEFORE] + k)
            contact = announce(m, word, queue, FRESH, interval * m[STEP_MS], where)
            if contact < 0:
                return
            m[contact + C_WHAT] += number << LIST_AT
            m[contact + C_DUE] = m[row + LISTED_DUE]
            m[counts + N_OFFERED] += 1
            m[counts + N_FRESH] += 1
            m[counts + N_DUE] += m[contact + C_DUE] <= m[HORIZON_MS]
            count_listed(m, contact, N_LISTED)
            begin_steps(m, contact, interval * m[STEP_MS])
        m[RELEASED] += 1


@inner
def first_to_call(m, queue, instant):  # type: ignore[no-untyped-def]
    """Contact of a calling queue that is due first; −1 while it is closed. Whose list has ended is let go."""
    if m[m[LANDING_START] + cell(m, queue, m[INTERVAL])] != m[INTERVAL]:
        return np.int64(-1)
    top = queue_at(m, queue) + Q_BY_DUE
    while m[top] >= 0:
        contact = m[top]
        until = ends_at(m, contact)
        if instant < until:
            return contact
        drop_due_first(m, top)
        m[WAITING_DEFERRED] -= 1
        leave_line(m, contact, until)
    return np.int64(-1)
