"""Tally: the kernel's counts of contacts and of time."""

from wfo.compiled import inner
from wfo.simulation.memory import (
    A_GROUP,
    BUSY_MS,
    C_ARRIVAL,
    C_CELL,
    C_DUE,
    C_STATE,
    DEFERRED,
    DUE_GAP,
    DUE_MS,
    DUE_TURN,
    GONE,
    GROUP_SIZE,
    GROUPS,
    HORIZON_MS,
    INTERVALS_N,
    LATE,
    MS_HANDLE,
    MS_WAIT,
    N_ANSWERED,
    N_CALLBACK,
    N_DUE,
    N_FRESH,
    N_IN_TARGET,
    N_OFFERED,
    N_OLD_IN_TARGET,
    OLD_COUNTS,
    Q_LAW,
    Q_THRESHOLD,
    QUEUES_N,
    STEP_MS,
)
from wfo.simulation.records import counts_at, is_old, kind_of, queue_at, queue_of


@inner
def count_old(m, what, queue, amount):  # type: ignore[no-untyped-def]
    """Add to a count of a queue's work from before the horizon."""
    m[m[OLD_COUNTS] + what * m[QUEUES_N] + queue] += amount


@inner
def spread(m, target, k, start, end, divisor):  # type: ignore[no-untyped-def]
    """Add the overlap of ``[start, end)`` with each interval from k on, divided, to the row at an address."""
    step = m[STEP_MS]
    limit = (k + 1) * step
    while k < m[INTERVALS_N] and end > limit:
        if start < limit:
            m[target + k] += (limit - start) // divisor
            start = limit
        k += 1
        limit += step
    if k < m[INTERVALS_N] and end > start:
        m[target + k] += (end - start) // divisor


@inner
def count_busy_ms(m, agent, first, start, end, slots):  # type: ignore[no-untyped-def]
    """Count work from an instant of an interval to another for the agent's group."""
    group = (m[agent + A_GROUP] - m[GROUPS]) // GROUP_SIZE
    spread(m, m[BUSY_MS] + group * m[INTERVALS_N], first, start, end, slots)


@inner
def count_offer(m, contact):  # type: ignore[no-untyped-def]
    """Count a contact that arrives; deferred work gets its due instant."""
    where = m[contact + C_CELL]
    counts = counts_at(m, where)
    m[counts + N_OFFERED] += 1
    m[counts + N_FRESH + kind_of(m, contact)] += 1
    if m[queue_at(m, queue_of(m, contact)) + Q_LAW] == DEFERRED:
        since, turn = m[contact + C_ARRIVAL] % m[STEP_MS], m[m[DUE_TURN] + where]
        m[contact + C_DUE] = m[m[DUE_MS] + where] + (since if turn >= 0 else 0)
        if 0 <= turn < since:
            m[contact + C_DUE] += m[m[DUE_GAP] + where]
        if m[contact + C_DUE] <= m[HORIZON_MS]:
            m[counts + N_DUE] += 1


@inner
def count_answer(m, contact, record, instant, end, handle):  # type: ignore[no-untyped-def]
    """Count a contact whose service begins at an instant and ends at another."""
    due, deferred = m[contact + C_DUE], m[record + Q_LAW] == DEFERRED
    m[contact + C_STATE] = LATE if deferred and end > due else GONE
    in_time = end <= due and due <= m[HORIZON_MS]
    if is_old(m, contact):
        if in_time and due >= 0:
            count_old(m, N_OLD_IN_TARGET, queue_of(m, contact), 1)
        return
    waited = instant - m[contact + C_ARRIVAL]
    counts = counts_at(m, m[contact + C_CELL])
    m[counts + N_ANSWERED] += 1
    m[counts + MS_WAIT] += waited
    m[counts + MS_HANDLE] += handle
    if in_time if deferred else waited <= m[record + Q_THRESHOLD]:
        m[counts + N_IN_TARGET] += 1
    if not deferred and due < instant:
        m[counts + N_CALLBACK] += 1
