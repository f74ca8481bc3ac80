"""Waiting: contacts in line, those who give up, and those who do not even wait."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import call_again, redials
from wfo.simulation.lists import append, event_word, number_of, push
from wfo.simulation.memory import (
    C_ARRIVAL,
    C_CELL,
    C_DUE,
    C_GIVE_UP,
    C_NEXT,
    C_STATE,
    C_WORD,
    DEFERRED,
    GIVING_UP,
    GONE,
    N_ABANDONED,
    N_BALKED,
    N_SHORT,
    NEVER,
    Q_CALLBACK_MS,
    Q_IN_LINE,
    Q_LAW,
    Q_LINE,
    Q_ROOM,
    Q_SHORT,
    QF_BALK_P,
    QF_CALLBACK_P,
    QF_PATIENCE_MS,
    T_PATIENCE_MS,
    T_WAITED_MS,
    WAITING,
)
from wfo.simulation.records import counts_at, laws_at, queue_at, queue_of, told


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
    call_again(m, f, contact, queue)


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
    call_again(m, f, contact, queue)
    return True


@inner
def _patience_ms(m, f, contact):  # type: ignore[no-untyped-def]
    """How long a contact waits before it gives up; `NEVER` if it does not."""
    queue = queue_of(m, contact)
    given, mean_ms = told(m, contact, T_PATIENCE_MS), f[laws_at(m, queue) + QF_PATIENCE_MS]
    if given >= 0:
        return given
    if mean_ms >= NEVER:
        return np.int64(NEVER)
    known = max(np.int64(0), told(m, contact, T_WAITED_MS))
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
    if _called_back(m, f, contact, queue, patience):
        m[contact + C_DUE] = m[contact + C_ARRIVAL] + m[record + Q_CALLBACK_MS]
        return
    if patience >= NEVER:
        return
    m[contact + C_GIVE_UP] = m[contact + C_ARRIVAL] + patience
    # In a line with limited room the moment of giving up decides whether the next finds room.
    if m[record + Q_ROOM] < NEVER or redials(m, f, contact):
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
