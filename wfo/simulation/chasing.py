"""Chasing: contacts by which customers ask after work that is not done when it is due."""

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import cause
from wfo.simulation.lists import event_word, number_of, push
from wfo.simulation.memory import (
    C_ARRIVAL,
    C_DUE,
    C_STATE,
    CH_QUEUE,
    CH_WITHIN_MS,
    CHASE_COUNTS,
    CHASE_SIZE,
    CHASES,
    CHASING,
    F_CHASES,
    FOLLOW_UP,
    GONE,
    HORIZON_MS,
)
from wfo.simulation.records import is_old, owner_of, word_of_luck


@inner
def watch(m, f, contact):  # type: ignore[no-untyped-def]
    """Look, when a contact's work is due, whether it is done, where its queue's late work is chased.

    Work that is due before it comes is late when it comes; what was late before the horizon was chased then.
    """
    due = m[contact + C_DUE]
    if f[m[F_CHASES] + owner_of(m, contact)] <= 0.0 or (is_old(m, contact) and due < 0):
        return
    instant = max(due, m[contact + C_ARRIVAL])
    if instant < m[HORIZON_MS]:
        push(m, event_word(instant, CHASING, number_of(m, contact)))


@inner
def chase(m, f, contact, instant):  # type: ignore[no-untyped-def]
    """Let the chase contacts of work come that is not done at its due instant."""
    if m[contact + C_STATE] == GONE:
        return
    owner, parent = owner_of(m, contact), word_of_luck(m, contact)
    row, expected, number = m[CHASES] + owner * CHASE_SIZE, f[m[F_CHASES] + owner], 0
    while expected > 0.0:
        if expected >= 1.0 or luck.chases(parent, number, expected):
            word = luck.chase_word(parent, number)
            delay = luck.chase_delay_ms(word, m[row + CH_WITHIN_MS])
            if cause(m, word, m[row + CH_QUEUE], FOLLOW_UP, instant + delay):
                m[m[CHASE_COUNTS] + owner] += 1
        expected -= 1.0
        number += 1
