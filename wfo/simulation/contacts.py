"""Contacts: how they come, give up, are handled and cause further contacts."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.lists import append, event_word, number_of, push
from wfo.simulation.memory import (
    ARRIVING,
    BACKLOG,
    BINS_N,
    BUCKETS,
    C_ARRIVAL,
    C_CELL,
    C_DUE,
    C_GIVE_UP,
    C_NEXT,
    C_STATE,
    C_WHAT,
    C_WORD,
    COMING,
    CONTACT_SIZE,
    CONTACTS_END,
    COUNTS,
    COUNTS_N,
    DEFERRED,
    DUE_MS,
    EDGES_MS,
    F_DELAYS,
    F_FOLLOW_UPS,
    F_HANDLE,
    F_QUEUES,
    FOLLOW_SIZE,
    FOLLOW_UP,
    FULL,
    GIVING_UP,
    GONE,
    HORIZON_MS,
    INTERVAL,
    INTERVALS_N,
    KIND_BITS,
    LANDING_LEN,
    LANDING_START,
    MS_HANDLE,
    MS_WAIT,
    N_ABANDONED,
    N_ANSWERED,
    N_BALKED,
    N_CALLBACK,
    N_DUE,
    N_FRESH,
    N_IN_TARGET,
    N_OFFERED,
    N_OLD_IN_TARGET,
    N_SHORT,
    NEVER,
    NEXT_CONTACT,
    O_PAIR,
    O_QUEUE,
    OLD_COUNTS,
    OLD_HANDLE_MS,
    OLD_N,
    OLD_SIZE,
    OLD_WORK,
    Q_CALLBACK_MS,
    Q_FOLLOWS_FROM,
    Q_FOLLOWS_TO,
    Q_IN_LINE,
    Q_LAW,
    Q_LINE,
    Q_ROOM,
    Q_SHORT,
    Q_THRESHOLD,
    QF_BALK_P,
    QF_CALLBACK_P,
    QF_FORCED_P,
    QF_PATIENCE_MS,
    QF_REDIAL_MEAN_MS,
    QF_REDIAL_P,
    QF_SIGMA,
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
def announce(m, word, queue, kind, instant, where):  # type: ignore[no-untyped-def]
    """Make a contact that will arrive at an instant inside the horizon, in a cell; −1 when memory is full."""
    contact = m[NEXT_CONTACT]
    if contact + CONTACT_SIZE > m[CONTACTS_END]:
        m[FULL] = 1
        return np.int64(-1)
    m[NEXT_CONTACT] = contact + CONTACT_SIZE
    m[contact + C_WORD] = np.int64(word)
    m[contact + C_WHAT] = queue + (kind << KIND_BITS)
    m[contact + C_ARRIVAL] = instant
    m[contact + C_GIVE_UP] = NEVER
    m[contact + C_NEXT] = -1
    m[contact + C_STATE] = COMING
    m[contact + C_CELL] = where
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
    instant = luck.landing_ms(word, due, start, m[m[LANDING_LEN] + here], m[STEP_MS])
    if instant >= m[HORIZON_MS]:
        return
    where = instant // m[STEP_MS]
    contact = announce(m, word, queue, kind, instant, cell(m, queue, where))
    if contact < 0:
        return
    if where <= m[INTERVAL]:
        push(m, event_word(instant, ARRIVING, number_of(m, contact)))
    else:
        bucket = m[BUCKETS] + where
        m[contact + C_NEXT] = m[bucket]
        m[bucket] = contact


@inner
def _cause_follow_up(m, f, contact, queue, number, pair, end):  # type: ignore[no-untyped-def]
    """Let one follow-up come, not before its parent's service ends."""
    word = luck.follow_up_word(np.uint64(m[contact + C_WORD]), queue, number)
    bins = m[BINS_N]
    delay = luck.follow_up_delay_ms(word, m, m[EDGES_MS], f, m[F_DELAYS] + pair * bins, bins)
    cause(m, word, queue, FOLLOW_UP, max(end, m[contact + C_ARRIVAL] + delay))


@inner
def cause_follow_ups(m, f, contact, end):  # type: ignore[no-untyped-def]
    """Draw the follow-ups of a served contact; work from before the horizon causes none."""
    record = queue_at(m, queue_of(m, contact))
    if m[record + Q_FOLLOWS_FROM] == m[record + Q_FOLLOWS_TO] or kind_of(m, contact) == BACKLOG:
        return
    word = np.uint64(m[contact + C_WORD])
    for row in range(m[record + Q_FOLLOWS_FROM], m[record + Q_FOLLOWS_TO], FOLLOW_SIZE):
        queue, pair = m[row + O_QUEUE], m[row + O_PAIR]
        expected = f[m[F_FOLLOW_UPS] + pair]
        number = 0
        while expected > 0.0:
            if expected >= 1.0 or luck.follows_up(word, queue, number, expected):
                _cause_follow_up(m, f, contact, queue, number, pair, end)
            expected -= 1.0
            number += 1


@inner
def _redials(m, f, contact):  # type: ignore[no-untyped-def]
    probability = f[laws_at(m, queue_of(m, contact)) + QF_REDIAL_P]
    return probability > 0.0 and luck.redials(np.uint64(m[contact + C_WORD]), probability)


@inner
def give_up(m, f, contact):  # type: ignore[no-untyped-def]
    """Let a contact abandon at the end of its patience, and perhaps call again."""
    if m[contact + C_STATE] == WAITING:
        m[queue_at(m, queue_of(m, contact)) + Q_IN_LINE] -= 1
    m[contact + C_STATE] = GONE
    queue, counts = queue_of(m, contact), counts_at(m, m[contact + C_CELL])
    m[counts + N_ABANDONED] += 1
    if m[contact + C_GIVE_UP] - m[contact + C_ARRIVAL] < m[queue_at(m, queue) + Q_SHORT]:
        m[counts + N_SHORT] += 1
    _call_again(m, f, contact, queue)


@inner
def _call_again(m, f, contact, queue):  # type: ignore[no-untyped-def]
    if _redials(m, f, contact):
        child = luck.redial_word(np.uint64(m[contact + C_WORD]))
        delay = luck.redial_delay_ms(child, f[laws_at(m, queue) + QF_REDIAL_MEAN_MS])
        cause(m, child, queue, REDIAL, m[contact + C_GIVE_UP] + delay)


@inner
def turned_away(m, f, contact):  # type: ignore[no-untyped-def]
    """Whether a contact that would have to wait finds no room in line, or balks; it abandons at once then.

    It is not a short abandon: it stays in the denominator of the service level.
    """
    queue = queue_of(m, contact)
    record, p = queue_at(m, queue), f[laws_at(m, queue) + QF_BALK_P]
    room = m[record + Q_IN_LINE] < m[record + Q_ROOM]
    if room and not (p > 0.0 and luck.balks(np.uint64(m[contact + C_WORD]), p)):
        return False
    counts = counts_at(m, m[contact + C_CELL])
    m[contact + C_STATE] = GONE
    m[contact + C_GIVE_UP] = m[contact + C_ARRIVAL]
    m[counts + N_ABANDONED] += 1
    m[counts + N_BALKED] += 1
    _call_again(m, f, contact, queue)
    return True


@inner
def _given(m, contact, field):  # type: ignore[no-untyped-def]
    """What a trace says of a contact (its records come next after older work's); −1 if nothing."""
    if m[TRACE_N] == 0:
        return np.int64(-1)
    row = number_of(m, contact) - m[OLD_N]
    return m[m[TRACE] + row * TRACE_SIZE + field] if row >= 0 else np.int64(-1)


@inner
def _patience_ms(m, f, contact):  # type: ignore[no-untyped-def]
    """How long a contact waits before it gives up; `NEVER` if it does not."""
    queue = queue_of(m, contact)
    given, mean_ms = _given(m, contact, T_PATIENCE_MS), f[laws_at(m, queue) + QF_PATIENCE_MS]
    if given >= 0:
        return given
    if mean_ms >= NEVER:
        return np.int64(NEVER)
    known = max(np.int64(0), _given(m, contact, T_WAITED_MS))
    return known + luck.patience_ms(np.uint64(m[contact + C_WORD]), mean_ms)


@inner
def _called_back(m, f, contact, queue, patience):  # type: ignore[no-untyped-def]
    """Whether a contact that waits long enough to be offered a callback takes it."""
    p = f[laws_at(m, queue) + QF_CALLBACK_P]
    if p <= 0.0 or patience <= m[queue_at(m, queue) + Q_CALLBACK_MS]:
        return False
    return luck.takes_callback(np.uint64(m[contact + C_WORD]), p)


@inner
def wait(m, f, contact):  # type: ignore[no-untyped-def]
    """Put a contact into its queue's line; who would call again gets an event at his patience's end.

    Other abandonments are noticed when the contact comes to the head of the line. Who takes a callback keeps
    his place and never gives up.
    """
    queue = queue_of(m, contact)
    record = queue_at(m, queue)
    m[contact + C_STATE] = WAITING
    m[record + Q_IN_LINE] += 1
    append(m, record + Q_LINE, contact)
    if m[record + Q_LAW] >= DEFERRED:
        return
    patience = _patience_ms(m, f, contact)
    if patience >= NEVER:
        return
    if _called_back(m, f, contact, queue, patience):
        m[contact + C_DUE] = m[contact + C_ARRIVAL] + m[record + Q_CALLBACK_MS]
        return
    m[contact + C_GIVE_UP] = m[contact + C_ARRIVAL] + patience
    # In a line with limited room the moment of giving up decides whether the next finds room.
    if m[record + Q_ROOM] < NEVER or _redials(m, f, contact):
        push(m, event_word(m[contact + C_GIVE_UP], GIVING_UP, number_of(m, contact)))


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
    where = m[contact + C_CELL]
    counts = counts_at(m, where)
    m[counts + N_OFFERED] += 1
    m[counts + N_FRESH + kind_of(m, contact)] += 1
    if m[queue_at(m, queue_of(m, contact)) + Q_LAW] == DEFERRED:
        m[contact + C_DUE] = m[m[DUE_MS] + where] + m[contact + C_ARRIVAL] % m[STEP_MS]
        if m[contact + C_DUE] <= m[HORIZON_MS]:
            m[counts + N_DUE] += 1


@inner
def count_answer(m, contact, record, instant, end, handle):  # type: ignore[no-untyped-def]
    """Count a contact whose service begins at an instant and ends at another."""
    m[contact + C_STATE] = GONE
    due, deferred = m[contact + C_DUE], m[record + Q_LAW] == DEFERRED
    in_time = end <= due and due <= m[HORIZON_MS]
    if kind_of(m, contact) == BACKLOG:
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


@inner
def base_handle_ms(m, f, contact, queue):  # type: ignore[no-untyped-def]
    """Handle time by an agent of speed 1; older work and given contacts may bring their own."""
    if kind_of(m, contact) == BACKLOG:
        return m[m[OLD_WORK] + number_of(m, contact) * OLD_SIZE + OLD_HANDLE_MS]
    given = _given(m, contact, T_HANDLE_MS)
    if given >= 0:
        return max(np.int64(1), given)
    median = f[m[F_HANDLE] + m[contact + C_CELL]]
    return luck.handle_ms(np.uint64(m[contact + C_WORD]), median, f[laws_at(m, queue) + QF_SIGMA])


@inner
def handle_at_once(m, f, contact):  # type: ignore[no-untyped-def]
    """Handle a contact that needs no person, or whose service is taken for granted."""
    arrival, queue = m[contact + C_ARRIVAL], queue_of(m, contact)
    count_answer(m, contact, queue_at(m, queue), arrival, arrival, base_handle_ms(m, f, contact, queue))
    cause_follow_ups(m, f, contact, arrival)


@inner
def arrive_forced(m, f, contact):  # type: ignore[no-untyped-def]
    """Let a contact abandon with its queue's given probability, else handle it at once."""
    probability = f[laws_at(m, queue_of(m, contact)) + QF_FORCED_P]
    if luck.forced_to_abandon(np.uint64(m[contact + C_WORD]), probability):
        m[contact + C_GIVE_UP] = m[contact + C_ARRIVAL]
        give_up(m, f, contact)
    else:
        handle_at_once(m, f, contact)
