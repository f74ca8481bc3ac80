"""Contacts: how they come, give up, are handled and cause further contacts."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.lists import append, push
from wfo.simulation.memory import (
    A_GROUP,
    A_NUMBER,
    ARRIVING,
    BACKLOG,
    BASE,
    BINS_N,
    BUCKETS,
    BUSY_MS,
    C_ARRIVAL,
    C_DUE,
    C_GIVE_UP,
    C_ID,
    C_KIND,
    C_NEXT,
    C_QUEUE,
    C_STATE,
    COMING,
    CONTACT_SIZE,
    CONTACTS,
    CONTACTS_END,
    COUNTS,
    DEFERRED,
    DUE_MS,
    EDGES_MS,
    F_DELAYS,
    F_FOLLOW_UPS,
    F_HANDLE,
    F_QUEUES,
    F_SPEED,
    FOLLOW_UP,
    FULL,
    GIVING_UP,
    GONE,
    GROUP_SIZE,
    GROUPS,
    HORIZON_MS,
    INTERVAL,
    INTERVALS_N,
    LANDING_LEN,
    LANDING_START,
    MS_HANDLE,
    MS_WAIT,
    N_ABANDONED,
    N_ANSWERED,
    N_DUE,
    N_FRESH,
    N_IN_TARGET,
    N_OFFERED,
    N_OLD_IN_TARGET,
    N_SHORT,
    N_WAITING,
    NEVER,
    NEXT_CONTACT,
    OLD_COUNTS,
    OLD_HANDLE_MS,
    OLD_N,
    OLD_SIZE,
    OLD_WORK,
    Q_LAW,
    Q_LINE,
    Q_SHORT,
    Q_SLOTS,
    Q_THRESHOLD,
    QF_CV,
    QF_FORCED_P,
    QF_PATIENCE_MS,
    QF_REDIAL_MEAN_MS,
    QF_REDIAL_P,
    QUEUE_F_SIZE,
    QUEUE_SIZE,
    QUEUES,
    QUEUES_N,
    REDIAL,
    STEP_MS,
    T_HANDLE_MS,
    T_PATIENCE_MS,
    T_WAITED_MS,
    TRACE,
    TRACE_N,
    TRACE_SIZE,
    WAITING,
)


@inner
def queue_at(m, queue):  # type: ignore[no-untyped-def]
    """Address of a queue's record."""
    return m[QUEUES] + queue * QUEUE_SIZE


@inner
def _laws_at(m, queue):  # type: ignore[no-untyped-def]
    return m[F_QUEUES] + queue * QUEUE_F_SIZE


@inner
def cell(m, queue, interval):  # type: ignore[no-untyped-def]
    """Offset of a queue's interval in a block of shape (Q, T)."""
    return queue * m[INTERVALS_N] + interval


@inner
def count(m, what, queue, interval, amount):  # type: ignore[no-untyped-def]
    """Add to a count of a queue in an interval."""
    m[m[COUNTS] + (what * m[QUEUES_N] + queue) * m[INTERVALS_N] + interval] += amount


@inner
def count_old(m, what, queue, amount):  # type: ignore[no-untyped-def]
    """Add to a count of a queue's work from before the horizon."""
    m[m[OLD_COUNTS] + what * m[QUEUES_N] + queue] += amount


@inner
def spread(m, target, start, end, divisor):  # type: ignore[no-untyped-def]
    """Add the overlap of ``[start, end)`` with each interval, divided, to the row at an address."""
    step = m[STEP_MS]
    k = start // step
    while k < m[INTERVALS_N] and k * step < end:
        m[target + k] += (min(end, (k + 1) * step) - max(start, k * step)) // divisor
        k += 1


@inner
def announce(m, word, queue, kind, instant):  # type: ignore[no-untyped-def]
    """Make a contact that will arrive at an instant inside the horizon; −1 when memory is full."""
    contact = m[NEXT_CONTACT]
    if contact + CONTACT_SIZE > m[CONTACTS_END]:
        m[FULL] = 1
        return np.int64(-1)
    m[NEXT_CONTACT] = contact + CONTACT_SIZE
    m[contact + C_ID] = np.int64(word)
    m[contact + C_QUEUE] = queue
    m[contact + C_ARRIVAL] = instant
    m[contact + C_GIVE_UP] = NEVER
    m[contact + C_NEXT] = -1
    m[contact + C_STATE] = COMING
    m[contact + C_KIND] = kind
    m[contact + C_DUE] = NEVER
    return contact


@inner
def cause(m, word, queue, kind, due):  # type: ignore[no-untyped-def]
    """Let a child come: when due, or early in its queue's next opening; never past the horizon."""
    if due >= m[HORIZON_MS]:
        return
    here = cell(m, queue, due // m[STEP_MS])
    start = m[m[LANDING_START] + here]
    if start < 0:
        return
    instant = luck.landing_ms(np.uint64(m[BASE]), word, due, start, m[m[LANDING_LEN] + here], m[STEP_MS])
    if instant >= m[HORIZON_MS]:
        return
    contact = announce(m, word, queue, kind, instant)
    where = instant // m[STEP_MS]
    if contact < 0:
        return
    if where <= m[INTERVAL]:
        push(m, instant, ARRIVING, m[contact + C_ID], contact, 0)
    else:
        bucket = m[BUCKETS] + where
        m[contact + C_NEXT] = m[bucket]
        m[bucket] = contact


@inner
def cause_follow_ups(m, f, contact, end):  # type: ignore[no-untyped-def]
    """Draw the follow-ups of a served contact; none comes before its parent's service ends."""
    if m[contact + C_KIND] == BACKLOG:
        return
    base, parent, bins = np.uint64(m[BASE]), np.uint64(m[contact + C_ID]), m[BINS_N]
    for queue in range(m[QUEUES_N]):
        pair = m[contact + C_QUEUE] * m[QUEUES_N] + queue
        expected = f[m[F_FOLLOW_UPS] + pair]
        number = 0
        while expected > 0.0:
            child = luck.follow_up_id(parent, queue, number)
            if expected >= 1.0 or luck.happens(base, child, expected):
                cdf = m[F_DELAYS] + pair * bins
                edges = m[EDGES_MS]
                delay = luck.follow_up_delay_ms(base, child, m[edges : edges + bins + 1], f[cdf : cdf + bins])
                cause(m, child, queue, FOLLOW_UP, max(end, m[contact + C_ARRIVAL] + delay))
            expected -= 1.0
            number += 1


@inner
def _redials(m, f, contact):  # type: ignore[no-untyped-def]
    probability = f[_laws_at(m, m[contact + C_QUEUE]) + QF_REDIAL_P]
    return probability > 0.0 and luck.redials(np.uint64(m[BASE]), np.uint64(m[contact + C_ID]), probability)


@inner
def give_up(m, f, contact):  # type: ignore[no-untyped-def]
    """Let a waiting contact abandon at the end of its patience, and perhaps call again."""
    m[contact + C_STATE] = GONE
    queue, interval = m[contact + C_QUEUE], m[contact + C_ARRIVAL] // m[STEP_MS]
    count(m, N_ABANDONED, queue, interval, 1)
    if m[contact + C_GIVE_UP] - m[contact + C_ARRIVAL] < m[queue_at(m, queue) + Q_SHORT]:
        count(m, N_SHORT, queue, interval, 1)
    if _redials(m, f, contact):
        child = luck.redial_id(np.uint64(m[contact + C_ID]))
        mean_ms = f[_laws_at(m, queue) + QF_REDIAL_MEAN_MS]
        delay = luck.redial_delay_ms(np.uint64(m[BASE]), child, mean_ms)
        cause(m, child, queue, REDIAL, m[contact + C_GIVE_UP] + delay)


@inner
def _given(m, contact, field):  # type: ignore[no-untyped-def]
    """What a trace says of a contact (its records come next after older work's); −1 if nothing."""
    if m[TRACE_N] == 0:
        return np.int64(-1)
    row = (contact - m[CONTACTS]) // CONTACT_SIZE - m[OLD_N]
    return m[m[TRACE] + row * TRACE_SIZE + field] if row >= 0 else np.int64(-1)


@inner
def _patience_ms(m, f, contact):  # type: ignore[no-untyped-def]
    """How long a contact waits before it gives up; `NEVER` if it does not."""
    queue = m[contact + C_QUEUE]
    if m[queue_at(m, queue) + Q_LAW] >= DEFERRED:
        return np.int64(NEVER)
    given, mean_ms = _given(m, contact, T_PATIENCE_MS), f[_laws_at(m, queue) + QF_PATIENCE_MS]
    if given >= 0:
        return given
    if mean_ms >= NEVER:
        return np.int64(NEVER)
    known = max(np.int64(0), _given(m, contact, T_WAITED_MS))
    return known + luck.patience_ms(np.uint64(m[BASE]), np.uint64(m[contact + C_ID]), mean_ms)


@inner
def wait(m, f, contact):  # type: ignore[no-untyped-def]
    """Put a contact into its queue's line; who would call again gets an event at his patience's end.

    Other abandonments are noticed when the contact comes to the head of the line.
    """
    queue = m[contact + C_QUEUE]
    m[contact + C_STATE] = WAITING
    append(m, queue_at(m, queue) + Q_LINE, contact)
    patience = _patience_ms(m, f, contact)
    if patience < NEVER:
        m[contact + C_GIVE_UP] = m[contact + C_ARRIVAL] + patience
        if _redials(m, f, contact):
            push(m, m[contact + C_GIVE_UP], GIVING_UP, m[contact + C_ID], contact, 0)


@inner
def first_waiting(m, f, line, instant):  # type: ignore[no-untyped-def]
    """Head of a line after those who gave up by the instant have left; −1 if it is empty."""
    while m[line] >= 0:
        contact = m[line]
        if m[contact + C_STATE] == WAITING:
            if m[contact + C_GIVE_UP] > instant:
                return contact
            give_up(m, f, contact)
        m[line] = m[contact + C_NEXT]
    return np.int64(-1)


@inner
def count_offer(m, contact):  # type: ignore[no-untyped-def]
    """Count a contact that arrives; deferred work gets its due instant."""
    queue, interval = m[contact + C_QUEUE], m[contact + C_ARRIVAL] // m[STEP_MS]
    count(m, N_OFFERED, queue, interval, 1)
    count(m, N_FRESH + m[contact + C_KIND], queue, interval, 1)
    if m[queue_at(m, queue) + Q_LAW] == DEFERRED:
        m[contact + C_DUE] = m[m[DUE_MS] + cell(m, queue, interval)] + m[contact + C_ARRIVAL] % m[STEP_MS]
        if m[contact + C_DUE] <= m[HORIZON_MS]:
            count(m, N_DUE, queue, interval, 1)


@inner
def count_answer(m, contact, instant, end, handle):  # type: ignore[no-untyped-def]
    """Count a contact whose service begins at an instant and ends at another."""
    m[contact + C_STATE] = GONE
    queue = m[contact + C_QUEUE]
    in_time = end <= m[contact + C_DUE] and m[contact + C_DUE] <= m[HORIZON_MS]
    if m[contact + C_KIND] == BACKLOG:
        if in_time and m[contact + C_DUE] >= 0:
            count_old(m, N_OLD_IN_TARGET, queue, 1)
        return
    interval = m[contact + C_ARRIVAL] // m[STEP_MS]
    waited = instant - m[contact + C_ARRIVAL]
    count(m, N_ANSWERED, queue, interval, 1)
    count(m, MS_WAIT, queue, interval, waited)
    count(m, MS_HANDLE, queue, interval, handle)
    record = queue_at(m, queue)
    if in_time if m[record + Q_LAW] == DEFERRED else waited <= m[record + Q_THRESHOLD]:
        count(m, N_IN_TARGET, queue, interval, 1)


@inner
def _base_handle_ms(m, f, contact):  # type: ignore[no-untyped-def]
    """Handle time by an agent of speed 1; older work and given contacts may bring their own."""
    if m[contact + C_KIND] == BACKLOG:
        row = (contact - m[CONTACTS]) // CONTACT_SIZE
        return m[m[OLD_WORK] + row * OLD_SIZE + OLD_HANDLE_MS]
    given = _given(m, contact, T_HANDLE_MS)
    if given >= 0:
        return max(np.int64(1), given)
    queue = m[contact + C_QUEUE]
    mean = f[m[F_HANDLE] + cell(m, queue, m[contact + C_ARRIVAL] // m[STEP_MS])]
    word = np.uint64(m[contact + C_ID])
    return luck.handle_ms(np.uint64(m[BASE]), word, mean, f[_laws_at(m, queue) + QF_CV])


@inner
def handle_at_once(m, f, contact):  # type: ignore[no-untyped-def]
    """Handle a contact that needs no person, or whose service is taken for granted."""
    arrival = m[contact + C_ARRIVAL]
    count_answer(m, contact, arrival, arrival, _base_handle_ms(m, f, contact))
    cause_follow_ups(m, f, contact, arrival)


@inner
def arrive_forced(m, f, contact):  # type: ignore[no-untyped-def]
    """Let a contact abandon with its queue's given probability, else handle it at once."""
    probability = f[_laws_at(m, m[contact + C_QUEUE]) + QF_FORCED_P]
    if luck.forced_to_abandon(np.uint64(m[BASE]), np.uint64(m[contact + C_ID]), probability):
        m[contact + C_GIVE_UP] = m[contact + C_ARRIVAL]
        give_up(m, f, contact)
    else:
        handle_at_once(m, f, contact)


@inner
def serve(m, f, contact, agent, instant):  # type: ignore[no-untyped-def]
    """Begin a contact's service by an agent; when it ends."""
    queue = m[contact + C_QUEUE]
    record = queue_at(m, queue)
    speed = f[m[F_SPEED] + m[agent + A_NUMBER] * m[QUEUES_N] + queue]
    handle = max(np.int64(1), np.int64(_base_handle_ms(m, f, contact) / speed + 0.5))
    end = instant + handle * m[record + Q_SLOTS]
    group = (m[agent + A_GROUP] - m[GROUPS]) // GROUP_SIZE
    spread(m, m[BUSY_MS] + group * m[INTERVALS_N], instant, end, m[record + Q_SLOTS])
    if m[record + Q_LAW] == DEFERRED:
        count(m, N_WAITING, queue, m[INTERVAL], -1)
    count_answer(m, contact, instant, end, handle)
    cause_follow_ups(m, f, contact, end)
    return end
