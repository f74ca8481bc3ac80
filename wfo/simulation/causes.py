"""Causes: how contacts come to be, and what further contacts they cause."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.lists import event_word, number_of, push
from wfo.simulation.memory import (
    ARRIVING,
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
    EDGES_MS,
    F_DELAYS,
    F_FOLLOW_UPS,
    FOLLOW_SIZE,
    FOLLOW_UP,
    FULL,
    HORIZON_MS,
    INTERVAL,
    KIND_AT,
    LANDING_LEN,
    LANDING_START,
    NEVER,
    NEXT_CONTACT,
    O_PAIR,
    O_QUEUE,
    Q_FOLLOWS_FROM,
    Q_FOLLOWS_TO,
    QF_REDIAL_MEAN_MS,
    QF_REDIAL_P,
    REDIAL,
    STEP_MS,
)
from wfo.simulation.records import cell, is_old, laws_at, queue_at, queue_of


@inner
def announce(m, word, queue, kind, instant, where):  # type: ignore[no-untyped-def]
    """Make a contact that will arrive at an instant inside the horizon, in a cell; −1 when memory is full."""
    contact = m[NEXT_CONTACT]
    if contact + CONTACT_SIZE > m[CONTACTS_END]:
        m[FULL] = 1
        return np.int64(-1)
    m[NEXT_CONTACT] = contact + CONTACT_SIZE
    m[contact + C_WORD] = np.int64(word)
    m[contact + C_WHAT] = queue + (kind << KIND_AT)
    m[contact + C_ARRIVAL] = instant
    m[contact + C_GIVE_UP] = NEVER
    m[contact + C_NEXT] = -1
    m[contact + C_STATE] = COMING
    m[contact + C_CELL] = where
    m[contact + C_DUE] = NEVER
    return contact


@inner
def cause(m, word, queue, kind, due):  # type: ignore[no-untyped-def]
    """Let a child come: when due, or early in its queue's next opening; never past the horizon.

    Returns
    -------
    bool
        Whether it comes.
    """
    if due >= m[HORIZON_MS]:
        return False
    here = cell(m, queue, due // m[STEP_MS])
    start = m[m[LANDING_START] + here]
    if start < 0:
        return False
    instant = luck.landing_ms(word, due, start, m[m[LANDING_LEN] + here], m[STEP_MS])
    if instant >= m[HORIZON_MS]:
        return False
    where = instant // m[STEP_MS]
    contact = announce(m, word, queue, kind, instant, cell(m, queue, where))
    if contact < 0:
        return False
    if where <= m[INTERVAL]:
        push(m, event_word(instant, ARRIVING, number_of(m, contact)))
    else:
        bucket = m[BUCKETS] + where
        m[contact + C_NEXT] = m[bucket]
        m[bucket] = contact
    return True


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
    if m[record + Q_FOLLOWS_FROM] == m[record + Q_FOLLOWS_TO] or is_old(m, contact):
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
def redials(m, f, contact):  # type: ignore[no-untyped-def]
    """Whether a contact calls again if it abandons."""
    probability = f[laws_at(m, queue_of(m, contact)) + QF_REDIAL_P]
    return probability > 0.0 and luck.redials(np.uint64(m[contact + C_WORD]), probability)


@inner
def call_again(m, f, contact, queue):  # type: ignore[no-untyped-def]
    """Let an abandoned contact call again, if it does."""
    if redials(m, f, contact):
        child = luck.redial_word(np.uint64(m[contact + C_WORD]))
        delay = luck.redial_delay_ms(child, f[laws_at(m, queue) + QF_REDIAL_MEAN_MS])
        cause(m, child, queue, REDIAL, m[contact + C_GIVE_UP] + delay)
