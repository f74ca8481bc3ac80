"""Dispatch: which agent gets which contact.

An arriving contact goes to the agents its queue's routing names first, there to the one idle longest; chats
fill agents who are chatting before they take one who is idle, but where chats slow each other they go to
whoever has least to do. An agent who becomes free takes from his first queues the contact that waits longest.
Deferred work goes to idle agents, earliest due first, as long as the agents on duty of every open immediate
queue they serve stay within the occupancy allowed.
"""

import numpy as np

from wfo.compiled import inner
from wfo.simulation.contacts import (
    cell,
    counts_at,
    first_waiting,
    queue_at,
    queue_of,
    spread,
    wait,
)
from wfo.simulation.lists import delist, enlist, event_word, number_of, push
from wfo.simulation.memory import (
    A_AFTER,
    A_GROUP,
    A_HELD,
    A_LOAD,
    A_NUMBER,
    A_OFF_SINCE,
    A_ON_DUTY,
    A_SINCE,
    AGENT_SIZE,
    AGENTS,
    C_ARRIVAL,
    C_CELL,
    C_DUE,
    DEFERRED,
    DUTY_MS,
    END,
    F_MAX_OCCUPANCY,
    FULL_LOAD,
    G_CHATTING,
    G_IDLE,
    G_SERVES_FROM,
    G_SERVES_TO,
    GROUP_SIZE,
    GROUPS,
    GROUPS_N,
    HORIZON_MS,
    INTERVAL,
    INTERVALS_N,
    L_AFTER_MS,
    L_TIER,
    L_WHAT,
    LANDING_START,
    LINK_SIZE,
    N_WAITING,
    NEVER,
    Q_BUSY,
    Q_LAW,
    Q_LINE,
    Q_OLD_LINE,
    Q_ON_DUTY,
    Q_PACE,
    Q_SERVED_FROM,
    Q_SERVED_TO,
    Q_SLOTS,
    Q_UNITS,
    SLOTS_MOST,
    STEP_MS,
    WAITING_DEFERRED,
    WIDENING,
)
from wfo.simulation.service import end_held, serve, set_next_end, work_on


@inner
def _count_agent(m, agent, field, change):  # type: ignore[no-untyped-def]
    """Change a number (on duty, busy) of each queue the agent serves."""
    group = m[agent + A_GROUP]
    for link in range(m[group + G_SERVES_FROM], m[group + G_SERVES_TO], LINK_SIZE):
        m[queue_at(m, m[link + L_WHAT]) + field] += change


@inner
def _count_duty_ms(m, agent, start, end):  # type: ignore[no-untyped-def]
    group = (m[agent + A_GROUP] - m[GROUPS]) // GROUP_SIZE
    spread(m, m[DUTY_MS] + group * m[INTERVALS_N], start // m[STEP_MS], start, end, 1)


@inner
def assign(m, f, contact, agent, instant, stretch):  # type: ignore[no-untyped-def]
    """Give a contact to an agent with room for it; he is blocked ``stretch`` times as long as it takes."""
    record = queue_at(m, queue_of(m, contact))
    delist(m, agent)
    if m[agent + A_LOAD] == 0:
        _count_agent(m, agent, Q_BUSY, 1)
    if m[agent + A_HELD] >= 0:
        work_on(m, agent, instant)
    m[agent + A_LOAD] += m[record + Q_UNITS]
    end = serve(m, f, contact, agent, instant)
    if stretch > 1.0:
        end += np.int64((end - instant) * (stretch - 1.0))
    if end >= 0:
        push(m, event_word(end, END, m[agent + A_NUMBER] * SLOTS_MOST + m[record + Q_SLOTS]))
    if m[agent + A_HELD] >= 0:
        set_next_end(m, agent, instant)


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
def _find_contact(m, f, agent, instant):  # type: ignore[no-untyped-def]
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
def settle(m, f, agent, instant):  # type: ignore[no-untyped-def]
    """Let an agent on duty take waiting contacts as long as he has room, then wait for more."""
    while m[agent + A_LOAD] < FULL_LOAD:
        contact = _find_contact(m, f, agent, instant)
        if contact < 0:
            break
        assign(m, f, contact, agent, instant, 1.0)
    if m[agent + A_LOAD] < FULL_LOAD:
        delist(m, agent)
        enlist(m, agent, m[agent + A_GROUP] + (G_IDLE if m[agent + A_LOAD] == 0 else G_CHATTING), instant)
        if m[agent + A_LOAD] == 0:
            pull(m, f, instant)


@inner
def _spare(m, f, group):  # type: ignore[no-untyped-def]
    """0: idle agents stay free for immediate work; 1: one may be spared; 2: no such work is open."""
    answer = 2
    for link in range(m[group + G_SERVES_FROM], m[group + G_SERVES_TO], LINK_SIZE):
        record = queue_at(m, m[link + L_WHAT])
        opens = m[m[LANDING_START] + cell(m, m[link + L_WHAT], m[INTERVAL])]
        if m[record + Q_LAW] < DEFERRED and opens == m[INTERVAL]:
            allowed = max(np.int64(1), np.int64(f[F_MAX_OCCUPANCY] * m[record + Q_ON_DUTY] + 1e-9))
            if m[record + Q_BUSY] + 1 > allowed:
                return 0
            answer = 1
    return answer


@inner
def _earliest_due(m, f, group, instant):  # type: ignore[no-untyped-def]
    best, best_due = np.int64(-1), np.int64(NEVER)
    for link in range(m[group + G_SERVES_FROM], m[group + G_SERVES_TO], LINK_SIZE):
        record = queue_at(m, m[link + L_WHAT])
        if m[record + Q_LAW] == DEFERRED:
            for line in range(record + Q_LINE, record + Q_OLD_LINE + 1, Q_OLD_LINE - Q_LINE):
                contact = first_waiting(m, f, line, instant)
                if contact >= 0 and (best < 0 or m[contact + C_DUE] < best_due):
                    best, best_due = contact, m[contact + C_DUE]
    return best


@inner
def pull(m, f, instant):  # type: ignore[no-untyped-def]
    """Give deferred work to idle agents.

    Where no immediate queue is open an agent rests after each piece of work, so that his own occupancy stays
    within the limit.
    """
    if instant >= m[HORIZON_MS]:
        return
    for group in range(m[GROUPS], m[GROUPS] + m[GROUPS_N] * GROUP_SIZE, GROUP_SIZE):
        while m[WAITING_DEFERRED] > 0 and m[group + G_IDLE] >= 0:
            spare = _spare(m, f, group)
            contact = _earliest_due(m, f, group, instant) if spare > 0 else np.int64(-1)
            if contact < 0:
                break
            m[WAITING_DEFERRED] -= 1
            stretch = 1.0 / f[F_MAX_OCCUPANCY] if spare == 2 else 1.0
            assign(m, f, contact, m[group + G_IDLE], instant, stretch)


@inner
def defer(m, f, contact, instant):  # type: ignore[no-untyped-def]
    """Let a piece of deferred work arrive."""
    m[WAITING_DEFERRED] += 1
    m[counts_at(m, m[contact + C_CELL]) + N_WAITING] += 1
    wait(m, f, contact)
    pull(m, f, instant)


@inner
def offer(m, f, contact, instant):  # type: ignore[no-untyped-def]
    """Give a contact to the best agent with room; if there is none, see when further groups may take it.

    Returns
    -------
    bool
        Whether an agent took it.
    """
    queue, waited = queue_of(m, contact), instant - m[contact + C_ARRIVAL]
    agent = find_agent(m, queue, waited)
    if agent >= 0:
        assign(m, f, contact, agent, instant, 1.0)
        if m[agent + A_LOAD] < FULL_LOAD:
            settle(m, f, agent, instant)
        return True
    record = queue_at(m, queue)
    following = np.int64(NEVER)
    for link in range(m[record + Q_SERVED_FROM], m[record + Q_SERVED_TO], LINK_SIZE):
        if waited < m[link + L_AFTER_MS] < following:
            following = m[link + L_AFTER_MS]
    if following < NEVER:
        push(m, event_word(m[contact + C_ARRIVAL] + following, WIDENING, number_of(m, contact)))
    return False


@inner
def release(m, f, about, instant):  # type: ignore[no-untyped-def]
    """End a piece of an agent's work; off duty he leaves with the last one, and that time counts as duty."""
    agent, slots = m[AGENTS] + about // SLOTS_MOST * AGENT_SIZE, about % SLOTS_MOST
    if m[agent + A_HELD] >= 0:
        work_on(m, agent, instant)
    if slots == 0:
        slots = end_held(m, f, agent, instant)
        if slots == 0:
            return
    m[agent + A_LOAD] -= FULL_LOAD if slots == 1 else FULL_LOAD // slots
    if m[agent + A_HELD] >= 0:
        set_next_end(m, agent, instant)
    if m[agent + A_ON_DUTY] == 1:
        if m[agent + A_LOAD] == 0:
            _count_agent(m, agent, Q_BUSY, -1)
        settle(m, f, agent, instant)
    elif m[agent + A_LOAD] == 0:
        _count_duty_ms(m, agent, m[agent + A_OFF_SINCE], instant)


@inner
def go_off(m, agent, instant):  # type: ignore[no-untyped-def]
    """End an agent's segment; the contact in hand is finished, nothing new is taken."""
    delist(m, agent)
    m[agent + A_ON_DUTY] = 0
    m[agent + A_OFF_SINCE] = instant
    if m[agent + A_LOAD] > 0:
        _count_agent(m, agent, Q_BUSY, -1)
    _count_agent(m, agent, Q_ON_DUTY, -1)


@inner
def come_on(m, f, agent, group, instant, end):  # type: ignore[no-untyped-def]
    """Begin an agent's segment in a group."""
    if m[agent + A_LOAD] > 0:
        _count_duty_ms(m, agent, m[agent + A_OFF_SINCE], instant)
    m[agent + A_ON_DUTY] = 1
    m[agent + A_GROUP] = group
    _count_duty_ms(m, agent, instant, end)
    _count_agent(m, agent, Q_ON_DUTY, 1)
    if m[agent + A_LOAD] > 0:
        _count_agent(m, agent, Q_BUSY, 1)
    settle(m, f, agent, instant)
