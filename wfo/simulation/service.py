"""Service: agents at work on contacts, and chats that go the faster the fewer their agent holds.

Such a chat has as much work in it as it would be open with all slots taken. It goes on at its queue's pace
for the room that its agent has given away, so that its end is known only until the agent takes or ends
another; each time an event is set for the next end, and those set before find nothing done. All in whole
numbers.
"""

import numpy as np

from wfo.compiled import inner
from wfo.simulation.calling import call
from wfo.simulation.causes import cause_follow_ups
from wfo.simulation.handling import base_handle_ms
from wfo.simulation.listed import is_call
from wfo.simulation.lists import event_word, push
from wfo.simulation.memory import (
    A_HELD,
    A_LOAD,
    A_NUMBER,
    A_PACED,
    BACKLOG,
    C_BEGAN,
    C_BESIDE,
    C_REMAINS,
    C_STATE,
    DEFERRED,
    END,
    F_SPEED,
    FULL_LOAD,
    INTERVAL,
    LAST_MS,
    N_WAITING,
    NEVER,
    PACE_ONE,
    Q_IN_LINE,
    Q_LAW,
    Q_PACE,
    Q_SLOTS,
    QUEUES_N,
    SLOTS_MOST,
    STEP_MS,
    WAITING,
)
from wfo.simulation.records import cell, counts_at, kind_of, queue_at, queue_of
from wfo.simulation.steps import step_at, work_on_step
from wfo.simulation.tally import count_answer, count_busy_ms


@inner
def serve(m, f, contact, agent, instant):  # type: ignore[no-untyped-def]
    """Begin a contact's service by an agent; when it ends, −1 where that depends on what else he holds."""
    queue = queue_of(m, contact)
    record = queue_at(m, queue)
    if m[record + Q_LAW] == DEFERRED and step_at(m, contact) >= 0:
        if is_call(m, contact):
            return call(m, f, contact, agent, instant)
        return work_on_step(m, f, contact, agent, instant)
    if m[contact + C_STATE] == WAITING and kind_of(m, contact) != BACKLOG:
        m[record + Q_IN_LINE] -= 1
    speed = f[m[F_SPEED] + m[agent + A_NUMBER] * m[QUEUES_N] + queue]
    handle = base_handle_ms(m, f, contact, queue)
    if speed != 1.0:
        handle = max(np.int64(1), np.int64(handle / speed + 0.5))
    slots = m[record + Q_SLOTS]
    if m[record + Q_PACE] >= 0:
        count_answer(m, contact, record, instant, instant, handle)
        _hold(m, contact, agent, instant, handle * slots)
        return np.int64(-1)
    end = instant + handle * slots
    count_busy_ms(m, agent, m[INTERVAL], instant, end, slots)
    if m[record + Q_LAW] == DEFERRED:
        m[counts_at(m, cell(m, queue, m[INTERVAL])) + N_WAITING] -= 1
    count_answer(m, contact, record, instant, end, handle)
    cause_follow_ups(m, f, contact, end)
    return end


@inner
def _hold(m, contact, agent, instant, open_ms):  # type: ignore[no-untyped-def]
    """Put a chat among those that an agent holds; open so long if all his slots are taken."""
    m[contact + C_BEGAN] = instant
    m[contact + C_REMAINS] = min(open_ms, np.int64(LAST_MS)) * PACE_ONE
    m[contact + C_BESIDE] = m[agent + A_HELD]
    m[agent + A_HELD] = contact
    m[agent + A_PACED] = instant


@inner
def _pace(m, agent, contact):  # type: ignore[no-untyped-def]
    """Pace of a held chat, by the slots of its size that its agent has given away."""
    record = queue_at(m, queue_of(m, contact))
    taken = (m[agent + A_LOAD] * m[record + Q_SLOTS] + FULL_LOAD - 1) // FULL_LOAD
    return m[m[record + Q_PACE] + taken - 1]


@inner
def work_on(m, agent, instant):  # type: ignore[no-untyped-def]
    """Bring the chats an agent holds up to an instant; to be called before his load changes."""
    elapsed, contact = instant - m[agent + A_PACED], m[agent + A_HELD]
    while contact >= 0:
        m[contact + C_REMAINS] -= elapsed * _pace(m, agent, contact)
        contact = m[contact + C_BESIDE]
    m[agent + A_PACED] = instant


@inner
def set_next_end(m, agent, instant):  # type: ignore[no-untyped-def]
    """Set an event for the next end among the chats an agent holds; to be called after his load changed."""
    soonest, contact = np.int64(NEVER), m[agent + A_HELD]
    while contact >= 0:
        pace = _pace(m, agent, contact)
        soonest = min(soonest, instant + max(np.int64(0), (m[contact + C_REMAINS] + pace - 1) // pace))
        contact = m[contact + C_BESIDE]
    if soonest < NEVER:
        push(m, event_word(soonest, END, m[agent + A_NUMBER] * SLOTS_MOST))


@inner
def end_held(m, f, agent, instant):  # type: ignore[no-untyped-def]
    """End the chat held longest of those that are done; its slots, 0 if none is done."""
    done, before_done, before, contact = np.int64(-1), np.int64(-1), np.int64(-1), m[agent + A_HELD]
    while contact >= 0:
        if m[contact + C_REMAINS] <= 0:
            done, before_done = contact, before
        before, contact = contact, m[contact + C_BESIDE]
    if done < 0:
        return np.int64(0)
    m[agent + A_HELD if before_done < 0 else before_done + C_BESIDE] = m[done + C_BESIDE]
    slots, began = m[queue_at(m, queue_of(m, done)) + Q_SLOTS], m[done + C_BEGAN]
    count_busy_ms(m, agent, began // m[STEP_MS], began, instant, slots)
    cause_follow_ups(m, f, done, instant)
    return slots
