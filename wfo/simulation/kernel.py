"""Kernel: the event loop of one replication, compiled.

Contacts of an interval are made when it begins; three sorted streams are then merged: those arrivals, the
roster, and a heap of service ends, patience ends and children that come within the interval.
"""

import numpy as np

from wfo.compiled import entry, inner
from wfo.simulation import luck
from wfo.simulation.contacts import (
    announce,
    arrive_forced,
    cell,
    count,
    count_offer,
    count_old,
    give_up,
    handle_at_once,
    queue_at,
    wait,
)
from wfo.simulation.dispatch import come_on, defer, go_off, offer, release
from wfo.simulation.lists import append, drop_first
from wfo.simulation.memory import (
    ABSENT,
    AGENT_SIZE,
    AGENTS,
    ARRIVING,
    BACKLOG,
    BASE,
    BUCKETS,
    C_ARRIVAL,
    C_DUE,
    C_GIVE_UP,
    C_ID,
    C_KIND,
    C_NEXT,
    C_QUEUE,
    C_STATE,
    CARRIED,
    CARRIED_COUNTS,
    CONTACT_SIZE,
    CONTACTS,
    DEFERRED,
    E_KEY,
    E_TIE,
    E_UNITS,
    E_WHO,
    END,
    EVENTS,
    EVENTS_N,
    FORCED,
    FRESH,
    FRESH_COUNTS,
    FULL,
    GIVING_UP,
    GROUP_SIZE,
    GROUPS,
    HEAP,
    HEAP_N,
    HORIZON_MS,
    INTERVAL,
    INTERVALS_N,
    N_LEFT,
    N_OLD_DUE,
    N_OLD_LEFT,
    NEVER,
    NEXT_CONTACT,
    OLD_DUE_AT,
    OLD_N,
    OLD_QUEUE,
    OLD_SIZE,
    OLD_WORK,
    Q_CARRIED_WORD,
    Q_FRESH_WORD,
    Q_LAW,
    Q_OLD_LINE,
    QUEUES_N,
    R_AGENT,
    R_END,
    R_GROUP,
    R_INSTANT,
    R_SHIFT,
    R_STARTS,
    RANKS,
    ROSTER,
    ROSTER_SIZE,
    START_MIN,
    STEP_MS,
    T_ARRIVAL,
    T_QUEUE,
    T_WORD,
    TRACE,
    TRACE_N,
    TRACE_SIZE,
    TRACED,
    UNSTAFFED,
    WAITING,
    WAITING_DEFERRED,
)


@inner
def _recall(m):  # type: ignore[no-untyped-def]
    """Put the work that was open before the horizon into its lines, earliest due first."""
    for k in range(m[OLD_N]):
        row = m[OLD_WORK] + k * OLD_SIZE
        queue, due = m[row + OLD_QUEUE], m[row + OLD_DUE_AT]
        record = queue_at(m, queue)
        contact = announce(m, luck.fresh_id(np.uint64(m[record + Q_FRESH_WORD]), 0, k), queue, BACKLOG, 0)
        if contact < 0:
            return
        m[contact + C_DUE] = due
        m[contact + C_STATE] = WAITING
        append(m, record + Q_OLD_LINE, contact)
        m[WAITING_DEFERRED] += 1
        if 0 <= due <= m[HORIZON_MS]:
            count_old(m, N_OLD_DUE, queue, 1)


@inner
def _gather_given(m, interval, arrivals):  # type: ignore[no-untyped-def]
    """Make the given contacts of an interval; how many."""
    n, limit = 0, (interval + 1) * m[STEP_MS]
    while m[TRACED] < m[TRACE_N]:
        row = m[TRACE] + m[TRACED] * TRACE_SIZE
        if m[row + T_ARRIVAL] >= limit:
            break
        contact = announce(m, m[row + T_WORD], m[row + T_QUEUE], FRESH, m[row + T_ARRIVAL])
        if contact < 0:
            return 0
        arrivals[n] = contact
        m[TRACED] += 1
        n += 1
    return n


@inner
def _gather(m, interval, arrivals):  # type: ignore[no-untyped-def]
    """Make the contacts that come in an interval, sorted by instant and id; how many."""
    minute = m[START_MIN] + interval * (m[STEP_MS] // 60_000)
    n = _gather_given(m, interval, arrivals)
    for kind in range(FRESH, CARRIED + 1):
        for queue in range(m[QUEUES_N]):
            record = queue_at(m, queue)
            queue_word = np.uint64(m[record + (Q_FRESH_WORD if kind == FRESH else Q_CARRIED_WORD)])
            counts = m[FRESH_COUNTS if kind == FRESH else CARRIED_COUNTS]
            for ordinal in range(m[counts + cell(m, queue, interval)]):
                word = luck.fresh_id(queue_word, minute, ordinal)
                instant = luck.arrival_ms(np.uint64(m[BASE]), word, interval, m[STEP_MS])
                contact = announce(m, word, queue, kind, instant)
                if contact < 0:
                    return 0
                arrivals[n] = contact
                n += 1
    contact = m[m[BUCKETS] + interval]
    while contact >= 0:
        arrivals[n] = contact
        n += 1
        contact = m[contact + C_NEXT]
    _sort(m, arrivals, n)
    return n


@inner
def _comes_before(m, one, other):  # type: ignore[no-untyped-def]
    if m[one + C_ARRIVAL] != m[other + C_ARRIVAL]:
        return m[one + C_ARRIVAL] < m[other + C_ARRIVAL]
    return m[one + C_ID] < m[other + C_ID]


@inner
def _sort(m, arrivals, n):  # type: ignore[no-untyped-def]
    """Sort contacts by instant and id (Shell 1959, gaps of Knuth): short lists, no memory of its own."""
    gap = 1
    while 3 * gap + 1 < n:
        gap = 3 * gap + 1
    while gap >= 1:
        for k in range(gap, n):
            contact, j = arrivals[k], k
            while j >= gap and _comes_before(m, contact, arrivals[j - gap]):
                arrivals[j] = arrivals[j - gap]
                j -= gap
            arrivals[j] = contact
        gap //= 3


@inner
def _arrive(m, f, contact):  # type: ignore[no-untyped-def]
    """Let a contact arrive: handled at once, given to an agent, or waiting."""
    instant, law = m[contact + C_ARRIVAL], m[queue_at(m, m[contact + C_QUEUE]) + Q_LAW]
    count_offer(m, contact)
    if law == UNSTAFFED:
        handle_at_once(m, f, contact)
    elif m[FORCED] == 1:
        arrive_forced(m, f, contact)
    elif law == DEFERRED:
        defer(m, f, contact, instant)
    elif not offer(m, f, contact, instant):
        wait(m, f, contact)


@inner
def _happen(m, f):  # type: ignore[no-untyped-def]
    """Let the first event of the heap happen."""
    first = m[HEAP]
    key, who, units = m[first + E_KEY], m[first + E_WHO], m[first + E_UNITS]
    drop_first(m)
    instant, rank = key // RANKS, key % RANKS
    if rank == END:
        release(m, f, who, units, instant)
    elif rank == ARRIVING:
        _arrive(m, f, who)
    elif m[who + C_STATE] == WAITING:
        if rank == GIVING_UP or m[who + C_GIVE_UP] <= instant:
            give_up(m, f, who)
        else:
            offer(m, f, who, instant)


@inner
def _roster_event(m, f, row):  # type: ignore[no-untyped-def]
    """Let an agent's segment begin or end, unless he misses the shift."""
    if m[m[ABSENT] + m[row + R_SHIFT]] == 1:
        return
    agent = m[AGENTS] + m[row + R_AGENT] * AGENT_SIZE
    if m[row + R_STARTS] == 1:
        come_on(m, f, agent, m[GROUPS] + m[row + R_GROUP] * GROUP_SIZE, m[row + R_INSTANT], m[row + R_END])
    else:
        go_off(m, agent, m[row + R_INSTANT])


@inner
def _until(m, f, limit, arrivals, n, row):  # type: ignore[no-untyped-def]
    """Let everything before an instant happen in order; the roster's next row."""
    cursor, last_row = 0, m[EVENTS] + m[EVENTS_N] * ROSTER_SIZE
    while m[FULL] == 0:
        heap_key = m[m[HEAP] + E_KEY] if m[HEAP_N] > 0 else NEVER
        roster_key = m[row + R_INSTANT] * RANKS + ROSTER if row < last_row else NEVER
        arrival_key = m[arrivals[cursor] + C_ARRIVAL] * RANKS + ARRIVING if cursor < n else NEVER
        if min(heap_key, roster_key, arrival_key) >= limit * RANKS:
            break
        if roster_key < heap_key and roster_key < arrival_key:
            _roster_event(m, f, row)
            row += ROSTER_SIZE
        elif heap_key < arrival_key or (
            heap_key == arrival_key and m[m[HEAP] + E_TIE] <= m[arrivals[cursor] + C_ID]
        ):
            _happen(m, f)
        else:
            cursor += 1
            _arrive(m, f, arrivals[cursor - 1])
    return row


@inner
def _close(m, f):  # type: ignore[no-untyped-def]
    """After the last event: who still waits gives up if he ever would, the rest is left."""
    for contact in range(m[CONTACTS], m[NEXT_CONTACT], CONTACT_SIZE):
        if m[contact + C_STATE] != WAITING:
            continue
        if m[contact + C_GIVE_UP] < NEVER:
            give_up(m, f, contact)
        elif m[contact + C_KIND] == BACKLOG:
            count_old(m, N_OLD_LEFT, m[contact + C_QUEUE], 1)
        else:
            count(m, N_LEFT, m[contact + C_QUEUE], m[contact + C_ARRIVAL] // m[STEP_MS], 1)


@entry("simulation", "draws.py", nogil=True)
def run_replication(m, f, seed, replication):  # type: ignore[no-untyped-def]
    """Simulate one replication in a memory laid out by `wfo.simulation.memory`.

    Parameters
    ----------
    m : ndarray of int64
        Integer memory; counts are written into it.
    f : ndarray of float64
        Float memory, read only.
    seed, replication : uint64

    Returns
    -------
    bool
        False if there was too little room for contacts: the counts are not valid then.
    """
    m[BASE] = np.int64(luck.replication_word(seed, replication))
    _recall(m)
    arrivals = np.empty((m.shape[0] - m[CONTACTS]) // CONTACT_SIZE, dtype=np.int64)
    row = m[EVENTS]
    for interval in range(m[INTERVALS_N]):
        m[INTERVAL] = interval
        n = _gather(m, interval, arrivals)
        row = _until(m, f, (interval + 1) * m[STEP_MS], arrivals, n, row)
        if m[FULL] == 1:
            return False
    _until(m, f, NEVER // RANKS, arrivals, 0, row)
    _close(m, f)
    return m[FULL] == 0
