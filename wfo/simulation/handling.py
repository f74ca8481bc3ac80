"""Handling: how much work a contact is, and contacts that no agent need handle."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import cause_follow_ups
from wfo.simulation.lists import number_of
from wfo.simulation.memory import (
    BACKLOG,
    C_ARRIVAL,
    C_CELL,
    C_GIVE_UP,
    C_WORD,
    F_HANDLE,
    OLD_HANDLE_MS,
    OLD_SIZE,
    OLD_WORK,
    QF_FORCED_P,
    QF_SIGMA,
    T_HANDLE_MS,
)
from wfo.simulation.records import kind_of, laws_at, queue_at, queue_of, told
from wfo.simulation.tally import count_answer
from wfo.simulation.waiting import give_up


@inner
def base_handle_ms(m, f, contact, queue):  # type: ignore[no-untyped-def]
    """Handle time by an agent of speed 1; older work and given contacts may bring their own."""
    if kind_of(m, contact) == BACKLOG:
        return m[m[OLD_WORK] + number_of(m, contact) * OLD_SIZE + OLD_HANDLE_MS]
    given = told(m, contact, T_HANDLE_MS)
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
