"""Choice: which agent a contact goes to, and which contact an agent takes.

A contact goes to the agents its queue's routing names first, there to the one idle longest; chats fill
agents who are chatting before they take one who is idle, but where chats slow each other they go to whoever
has least to do. An agent takes from his first queues the contact that waits longest. Deferred work goes to
idle agents, earliest due first, as long as the agents on duty of every open immediate queue they serve stay
within the occupancy allowed; while it can wait, only if as many people as each of these queues is to have do
none.
"""

import numpy as np

from wfo.compiled import inner
from wfo.simulation.listed import first_to_call
from wfo.simulation.memory import (
    A_AFTER,
    A_GROUP,
    A_LOAD,
    A_SINCE,
    C_ARRIVAL,
    C_DUE,
    DEFERRED,
    F_MAX_OCCUPANCY,
    F_WAITS,
    FULL_LOAD,
    G_CHATTING,
    G_IDLE,
    G_MAIN,
    G_SERVES_FROM,
    G_SERVES_TO,
    INTERVAL,
    KEPT,
    L_AFTER_MS,
    L_TIER,
    L_WHAT,
    LANDING_START,
    LINK_SIZE,
    NEVER,
    Q_BUSY,
    Q_BY_DUE,
    Q_LAW,
    Q_LINE,
    Q_LISTS,
    Q_LOOSE,
    Q_ON_DUTY,
    Q_OWN,
    Q_PACE,
    Q_SERVED_FROM,
    Q_SERVED_TO,
    Q_UNITS,
)
from wfo.simulation.records import cell, queue_at
from wfo.simulation.waiting import first_waiting


@inner
def _longest(m, where, units):  # type: ignore[no-untyped-def]
    """First agent of a list with so much room."""
    agent = m[where]
    while agent >= 0 and m[agent + A_LOAD] + units > FULL_LOAD:
        agent = m[agent + A_AFTER]
    return agent


@inner
def _find_in(m, queue, field, waited):  # type: ignore[no-untyped-def]
    """Best agent in one kind of list (idle, chatting) of the groups that serve a queue."""
    record = queue_at(m, queue)
    best, best_tier, best_since = np.int64(-1), np.int64(-1), np.int64(NEVER)
    for link in range(m[record + Q_SERVED_FROM], m[record + Q_SERVED_TO], LINK_SIZE):
        if best >= 0 and m[link + L_TIER] > best_tier:
            break
        if m[link + L_AFTER_MS] <= waited:
            agent = _longest(m, m[link + L_WHAT] + field, m[record + Q_UNITS])
            if agent >= 0 and m[agent + A_SINCE] < best_since:
                best, best_tier, best_since = agent, m[link + L_TIER], m[agent + A_SINCE]
    return best


@inner
def _lightest(m, agent, units):  # type: ignore[no-untyped-def]
    """Of the agents of a list from one on the one with least to do, if he has so much room."""
    best, best_load = np.int64(-1), FULL_LOAD - units + 1
    while agent >= 0:
        if m[agent + A_LOAD] < best_load:
            best, best_load = agent, m[agent + A_LOAD]
        agent = m[agent + A_AFTER]
    return best


@inner
def _find_lightest(m, queue, waited):  # type: ignore[no-untyped-def]
    """Of the first groups that serve a queue the agent with least to do."""
    record = queue_at(m, queue)
    best, best_tier = np.int64(-1), np.int64(-1)
    for link in range(m[record + Q_SERVED_FROM], m[record + Q_SERVED_TO], LINK_SIZE):
        if best >= 0 and m[link + L_TIER] > best_tier:
            break
        if m[link + L_AFTER_MS] > waited:
            continue
        agent = m[m[link + L_WHAT] + G_IDLE]
        if agent < 0:
            agent = _lightest(m, m[m[link + L_WHAT] + G_CHATTING], m[record + Q_UNITS])
        if agent < 0 or (best >= 0 and m[agent + A_LOAD] > m[best + A_LOAD]):
            continue
        if best < 0 or m[agent + A_LOAD] < m[best + A_LOAD] or m[agent + A_SINCE] < m[best + A_SINCE]:
            best, best_tier = agent, m[link + L_TIER]
    return best


@inner
def find_agent(m, queue, waited):  # type: ignore[no-untyped-def]
    """Best agent with room for a contact that has waited some ms; −1 if there is none."""
    if m[queue_at(m, queue) + Q_PACE] >= 0:
        return _find_lightest(m, queue, waited)
    if m[queue_at(m, queue) + Q_UNITS] < FULL_LOAD:
        agent = _find_in(m, queue, G_CHATTING, waited)
        if agent >= 0:
            return agent
    if m[queue_at(m, queue) + Q_ON_DUTY] == m[queue_at(m, queue) + Q_BUSY]:
        return np.int64(-1)
    return _find_in(m, queue, G_IDLE, waited)


@inner
def find_contact(m, f, agent, instant):  # type: ignore[no-untyped-def]
    """Waiting contact an agent with room should take: of his first tier the one that waits longest; or −1."""
    group, room = m[agent + A_GROUP], FULL_LOAD - m[agent + A_LOAD]
    best, best_tier, best_arrival = np.int64(-1), np.int64(-1), np.int64(NEVER)
    for link in range(m[group + G_SERVES_FROM], m[group + G_SERVES_TO], LINK_SIZE):
        if best >= 0 and m[link + L_TIER] > best_tier:
            break
        record = queue_at(m, m[link + L_WHAT])
        if m[record + Q_LAW] >= DEFERRED or m[record + Q_LINE] < 0 or m[record + Q_UNITS] > room:
            continue
        contact = first_waiting(m, f, record + Q_LINE, instant)
        if contact < 0 or instant - m[contact + C_ARRIVAL] < m[link + L_AFTER_MS]:
            continue
        if m[contact + C_ARRIVAL] < best_arrival:
            best, best_tier, best_arrival = contact, m[link + L_TIER], m[contact + C_ARRIVAL]
    return best


@inner
def hurries(m, f, contact, instant):  # type: ignore[no-untyped-def]
    """Whether deferred work has waited for so much of its time that any idle agent is to take it."""
    since = m[contact + C_ARRIVAL]
    return instant - since >= f[F_WAITS] * (m[contact + C_DUE] - since)


@inner
def spare(m, f, group, hurried):  # type: ignore[no-untyped-def]
    """0: idle agents stay free for immediate work; 1: one may be spared; 2: no such work is open.

    Unless the work is in a hurry so many of those who keep to a queue stay as the queue is to have, and of
    those who keep to none as many as all queues they serve lack beside.
    """
    answer, main, loose, lacking = 2, m[group + G_MAIN], np.int64(1), np.int64(0)
    for link in range(m[group + G_SERVES_FROM], m[group + G_SERVES_TO], LINK_SIZE):
        record = queue_at(m, m[link + L_WHAT])
        opens = m[m[LANDING_START] + cell(m, m[link + L_WHAT], m[INTERVAL])]
        if m[record + Q_LAW] < DEFERRED and opens == m[INTERVAL]:
            allowed = max(np.int64(1), np.int64(f[F_MAX_OCCUPANCY] * m[record + Q_ON_DUTY] + 1e-9))
            if m[record + Q_BUSY] + 1 > allowed:
                return 0
            answer = 1
            kept = m[m[KEPT] + cell(m, m[link + L_WHAT], m[INTERVAL])]
            if not hurried and main == m[link + L_WHAT] and m[record + Q_OWN] - 1 < kept:
                return 0
            lacks = max(np.int64(0), kept - m[record + Q_OWN])
            if not hurried and main < 0 and m[record + Q_LOOSE] - 1 < lacks:
                return 0
            loose, lacking = max(loose, m[record + Q_LOOSE]), lacking + lacks
    return 0 if not hurried and main < 0 and loose - 1 < lacking else answer


@inner
def earliest_due(m, f, group, instant, hurried):  # type: ignore[no-untyped-def]
    """Waiting deferred work that a group serves and that is due first; −1 if there is none.

    Where only hurried work is looked for, that of a queue is its first: of one queue what came first hurries
    first.
    """
    best, best_due = np.int64(-1), np.int64(NEVER)
    for link in range(m[group + G_SERVES_FROM], m[group + G_SERVES_TO], LINK_SIZE):
        record = queue_at(m, m[link + L_WHAT])
        if m[record + Q_LAW] == DEFERRED:
            contact = first_waiting(m, f, record + Q_LINE, instant)
            if (
                contact >= 0
                and m[contact + C_DUE] < best_due
                and (not hurried or hurries(m, f, contact, instant))
            ):
                best, best_due = contact, m[contact + C_DUE]
            contact = m[record + Q_BY_DUE]
            if contact >= 0 and m[record + Q_LISTS] >= 0:
                contact = first_to_call(m, m[link + L_WHAT], instant)
            if (
                contact >= 0
                and m[contact + C_DUE] < best_due
                and (not hurried or hurries(m, f, contact, instant))
            ):
                best, best_due = contact, m[contact + C_DUE]
    return best
