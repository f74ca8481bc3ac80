"""Listed: people on lists who may be called, from when on, and until when."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import announce
from wfo.simulation.lists import drop_due_first, event_word, push
from wfo.simulation.memory import (
    BASE,
    C_DUE,
    C_WHAT,
    FORCED,
    FRESH,
    HOLDS,
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
    OPENING,
    Q_BY_DUE,
    Q_LISTS,
    QUEUES_N,
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
def _release_listed(m, row):  # type: ignore[no-untyped-def]
    """Make the contacts of a row of listed people, who may be called from the interval that begins."""
    queue, number, interval = m[row + LISTED_QUEUE], m[row + LISTED_LIST], m[INTERVAL]
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


@inner
def _opens(m, queue):  # type: ignore[no-untyped-def]
    """Whether a queue of calls opens at the beginning of the interval."""
    k = m[INTERVAL]
    if m[queue_at(m, queue) + Q_LISTS] < 0 or m[m[LANDING_START] + cell(m, queue, k)] != k:
        return False
    return k == 0 or m[m[LANDING_START] + cell(m, queue, k - 1)] != k - 1


@inner
def _released(m):  # type: ignore[no-untyped-def]
    """Row of the next listed people if they may be called from the interval on; −1 if not, or forced."""
    row = m[LISTED] + m[RELEASED] * LISTED_SIZE
    if m[RELEASED] == m[LISTED_N] or m[FORCED] == 1 or m[row + LISTED_FROM] > m[INTERVAL]:
        return np.int64(-1)
    return row


@inner
def expect_opening(m):  # type: ignore[no-untyped-def]
    """Set an event for the interval's beginning if people are released or a queue of calls opens then."""
    opens = m[HOLDS] == 1 or _released(m) >= 0
    for queue in range(m[QUEUES_N]):
        if _opens(m, queue):
            opens = True
    if opens:
        push(m, event_word(m[INTERVAL] * m[STEP_MS], OPENING, 0))


@inner
def open_lists(m, instant):  # type: ignore[no-untyped-def]
    """Release who may be called from the beginning of the interval on.

    Returns
    -------
    bool
        Whether there is now somebody to call of whom agents have not been told.
    """
    found = False
    for queue in range(m[QUEUES_N]):
        if _opens(m, queue) and first_to_call(m, queue, instant) >= 0:
            found = True
    row = _released(m)
    while row >= 0:
        _release_listed(m, row)
        m[RELEASED] += 1
        if m[row + LISTED_NUMBER] > 0 and first_to_call(m, m[row + LISTED_QUEUE], instant) >= 0:
            found = True
        row = _released(m)
    return found
