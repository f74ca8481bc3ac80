"""Arrivals: work open before the horizon, and the contacts of an interval, made when it begins and sorted."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import announce
from wfo.simulation.chasing import watch
from wfo.simulation.lists import event_word, insert_by_due, push
from wfo.simulation.memory import (
    ARRIVING,
    BACKLOG,
    BASE,
    BINS,
    BUCKETS,
    C_ARRIVAL,
    C_DUE,
    C_NEXT,
    C_STATE,
    C_WORD,
    CARRIED,
    CARRIED_COUNTS,
    FOUND,
    FRESH,
    FRESH_COUNTS,
    HORIZON_MS,
    N_OLD_DUE,
    OLD_DUE_AT,
    OLD_N,
    OLD_QUEUE,
    OLD_RELEASE,
    OLD_SILENT,
    OLD_SIZE,
    OLD_STEP,
    OLD_WORK,
    OPEN_CASE,
    Q_BY_DUE,
    Q_CARRIED_WORD,
    Q_FRESH_WORD,
    QUEUES_N,
    SORTED,
    START_MIN,
    STEP_MS,
    T_ARRIVAL,
    T_QUEUE,
    T_WORD,
    TRACE,
    TRACE_N,
    TRACE_SIZE,
    TRACED,
    WAITING,
    WAITING_DEFERRED,
)
from wfo.simulation.records import cell, queue_at, queue_of
from wfo.simulation.steps import come_to_step
from wfo.simulation.tally import count_old
from wfo.timegrid import MINUTE_MS


@inner
def take_up(m, contact):  # type: ignore[no-untyped-def]
    """Put older work that can be begun from now on among what is to be done."""
    m[contact + C_STATE] = WAITING
    insert_by_due(m, queue_at(m, queue_of(m, contact)) + Q_BY_DUE, contact)
    m[WAITING_DEFERRED] += 1


@inner
def recall(m, f):  # type: ignore[no-untyped-def]
    """Put the work that was open before the horizon among what is to be done; later what cannot be begun."""
    for k in range(m[OLD_N]):
        row = m[OLD_WORK] + k * OLD_SIZE
        queue, due, release = m[row + OLD_QUEUE], m[row + OLD_DUE_AT], m[row + OLD_RELEASE]
        step = m[row + OLD_STEP]
        # in place of a word its number: of what can be begun at one instant the earliest due comes first
        kind, where = BACKLOG if step < 0 else OPEN_CASE, cell(m, queue, 0)
        contact = announce(m, np.uint64(k), queue, kind, 0, where)
        if contact < 0:
            return
        m[contact + C_DUE] = due
        if m[row + OLD_SILENT] == 0:
            watch(m, f, contact)
        if step >= 0:
            come_to_step(m, contact, step, 0, release, 0)
        elif release > 0:
            push(m, event_word(release, ARRIVING, k))
        else:
            take_up(m, contact)
        if 0 <= due <= m[HORIZON_MS]:
            count_old(m, N_OLD_DUE, queue, 1)


@inner
def _gather_given(m, interval):  # type: ignore[no-untyped-def]
    """Make the given contacts of an interval; how many."""
    n, limit = 0, (interval + 1) * m[STEP_MS]
    while m[TRACED] < m[TRACE_N]:
        row = m[TRACE] + m[TRACED] * TRACE_SIZE
        if m[row + T_ARRIVAL] >= limit:
            break
        word = luck.fresh_word(np.uint64(m[BASE]), np.uint64(m[row + T_WORD]))
        where = cell(m, m[row + T_QUEUE], interval)
        contact = announce(m, word, m[row + T_QUEUE], FRESH, m[row + T_ARRIVAL], where)
        if contact < 0:
            return 0
        m[m[FOUND] + n] = contact
        m[TRACED] += 1
        n += 1
    return n


@inner
def gather(m, interval):  # type: ignore[no-untyped-def]
    """Make the contacts that come in an interval; how many."""
    minute = m[START_MIN] + interval * (m[STEP_MS] // MINUTE_MS)
    n, found = _gather_given(m, interval), m[FOUND]
    for kind in range(FRESH, CARRIED + 1):
        for queue in range(m[QUEUES_N]):
            where = cell(m, queue, interval)
            number = m[m[FRESH_COUNTS if kind == FRESH else CARRIED_COUNTS] + where]
            if number == 0:
                continue
            name = m[queue_at(m, queue) + (Q_FRESH_WORD if kind == FRESH else Q_CARRIED_WORD)]
            stream = luck.stream_word(np.uint64(m[BASE]), np.uint64(name), minute)
            for ordinal in range(number):
                word = luck.fresh_word(stream, ordinal)
                instant = luck.arrival_ms(word, interval, m[STEP_MS])
                contact = announce(m, word, queue, kind, instant, where)
                if contact < 0:
                    return 0
                m[found + n] = contact
                n += 1
    contact = m[m[BUCKETS] + interval]
    while contact >= 0:
        m[found + n] = contact
        n += 1
        contact = m[contact + C_NEXT]
    return n


@inner
def _comes_before(m, one, other):  # type: ignore[no-untyped-def]
    if m[one + C_ARRIVAL] != m[other + C_ARRIVAL]:
        return m[one + C_ARRIVAL] < m[other + C_ARRIVAL]
    return m[one + C_WORD] < m[other + C_WORD]


@inner
def sort_arrivals(m, n, begin):  # type: ignore[no-untyped-def]
    """Sort the n contacts found of an interval by instant and word: into bins, then by insertion."""
    found, ordered, bins, scale = m[FOUND], m[SORTED], m[BINS], n / m[STEP_MS]
    for k in range(n + 1):
        m[bins + k] = 0
    for k in range(n):
        m[bins + np.int64((m[m[found + k] + C_ARRIVAL] - begin) * scale) + 1] += 1
    for k in range(1, n):
        m[bins + k] += m[bins + k - 1]
    for k in range(n):
        b = bins + np.int64((m[m[found + k] + C_ARRIVAL] - begin) * scale)
        m[ordered + m[b]] = m[found + k]
        m[b] += 1
    for k in range(ordered + 1, ordered + n):
        contact, j = m[k], k
        while j > ordered and _comes_before(m, contact, m[j - 1]):
            m[j] = m[j - 1]
            j -= 1
        m[j] = contact
