"""Dispatch: agents come, take contacts, end them and go."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation.chasing import watch
from wfo.simulation.choice import earliest_due, find_agent, find_contact, spare
from wfo.simulation.listed import count_listed
from wfo.simulation.lists import delist, drop_due_first, enlist, event_word, number_of, push
from wfo.simulation.memory import (
    A_AWAY,
    A_GROUP,
    A_HELD,
    A_LOAD,
    A_NUMBER,
    A_OFF_SINCE,
    A_ON_DUTY,
    AGENT_SIZE,
    AGENTS,
    C_ARRIVAL,
    C_CELL,
    DUTY_MS,
    END,
    F_MAX_OCCUPANCY,
    FULL_LOAD,
    G_CHATTING,
    G_IDLE,
    G_MAIN,
    G_SERVES_FROM,
    G_SERVES_TO,
    GROUP_SIZE,
    GROUPS,
    GROUPS_N,
    HORIZON_MS,
    INTERVALS_N,
    L_AFTER_MS,
    L_WHAT,
    LINK_SIZE,
    N_LISTED,
    N_WAITING,
    NEVER,
    Q_BUSY,
    Q_BY_DUE,
    Q_LISTS,
    Q_LOOSE,
    Q_ON_DUTY,
    Q_OWN,
    Q_SERVED_FROM,
    Q_SERVED_TO,
    Q_SLOTS,
    Q_STEPS_FROM,
    Q_UNITS,
    SLOTS_MOST,
    STEP_MS,
    WAITING_DEFERRED,
    WIDENING,
)
from wfo.simulation.records import counts_at, queue_at, queue_of
from wfo.simulation.service import end_held, serve, set_next_end, work_on
from wfo.simulation.steps import begin_steps
from wfo.simulation.tally import spread
from wfo.simulation.waiting import wait


@inner
def _count_agent(m, agent, field, change):  # type: ignore[no-untyped-def]
    """Change a number (on duty, busy) of each queue the agent serves."""
    group = m[agent + A_GROUP]
    for link in range(m[group + G_SERVES_FROM], m[group + G_SERVES_TO], LINK_SIZE):
        m[queue_at(m, m[link + L_WHAT]) + field] += change


@inner
def _count_free(m, agent, change):  # type: ignore[no-untyped-def]
    """Change the number of those who do no deferred work: of an agent's own queue, else of all he serves."""
    group = m[agent + A_GROUP]
    main = m[group + G_MAIN]
    if main >= 0:
        m[queue_at(m, main) + Q_OWN] += change
    else:
        _count_agent(m, agent, Q_LOOSE, change)


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
def settle(m, f, agent, instant):  # type: ignore[no-untyped-def]
    """Let an agent on duty take waiting contacts as long as he has room, then wait for more."""
    while m[agent + A_LOAD] < FULL_LOAD:
        contact = find_contact(m, f, agent, instant)
        if contact < 0:
            break
        assign(m, f, contact, agent, instant, 1.0)
    if m[agent + A_LOAD] < FULL_LOAD:
        delist(m, agent)
        enlist(m, agent, m[agent + A_GROUP] + (G_IDLE if m[agent + A_LOAD] == 0 else G_CHATTING), instant)
        if m[agent + A_LOAD] == 0:
            pull(m, f, instant)


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
            free = spare(m, f, group, True)
            hurried = free > 0 and spare(m, f, group, False) == 0
            contact = earliest_due(m, f, group, instant, hurried) if free > 0 else np.int64(-1)
            if contact < 0:
                break
            m[WAITING_DEFERRED] -= 1
            by_due = queue_at(m, queue_of(m, contact)) + Q_BY_DUE
            if m[by_due] == contact:
                drop_due_first(m, by_due)
            stretch = 1.0 / f[F_MAX_OCCUPANCY] if free == 2 else 1.0
            agent = m[group + G_IDLE]
            assign(m, f, contact, agent, instant, stretch)
            m[agent + A_AWAY] = 1
            _count_free(m, agent, -1)


@inner
def defer(m, f, contact, instant):  # type: ignore[no-untyped-def]
    """Let a piece of deferred work arrive, a case at its first step."""
    watch(m, f, contact)
    if m[queue_at(m, queue_of(m, contact)) + Q_STEPS_FROM] >= 0:
        if m[queue_at(m, queue_of(m, contact)) + Q_LISTS] >= 0:
            count_listed(m, contact, N_LISTED)
        begin_steps(m, contact, instant)
    else:
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
    """End a piece of an agent's work; off duty he leaves with the last one, and that time counts as duty.

    Returns
    -------
    bool
        Whether anything ended.
    """
    agent, slots = m[AGENTS] + about // SLOTS_MOST * AGENT_SIZE, about % SLOTS_MOST
    if m[agent + A_HELD] >= 0:
        work_on(m, agent, instant)
    if slots == 0:
        slots = end_held(m, f, agent, instant)
        if slots == 0:
            return False
    m[agent + A_LOAD] -= FULL_LOAD if slots == 1 else FULL_LOAD // slots
    if m[agent + A_HELD] >= 0:
        set_next_end(m, agent, instant)
    if m[agent + A_ON_DUTY] == 1:
        if m[agent + A_LOAD] == 0:
            _count_agent(m, agent, Q_BUSY, -1)
            _count_free(m, agent, m[agent + A_AWAY])
            m[agent + A_AWAY] = 0
        settle(m, f, agent, instant)
    elif m[agent + A_LOAD] == 0:
        m[agent + A_AWAY] = 0
        _count_duty_ms(m, agent, m[agent + A_OFF_SINCE], instant)
    return True


@inner
def go_off(m, agent, instant):  # type: ignore[no-untyped-def]
    """End an agent's segment; the contact in hand is finished, nothing new is taken."""
    delist(m, agent)
    m[agent + A_ON_DUTY] = 0
    m[agent + A_OFF_SINCE] = instant
    if m[agent + A_LOAD] > 0:
        _count_agent(m, agent, Q_BUSY, -1)
    _count_agent(m, agent, Q_ON_DUTY, -1)
    _count_free(m, agent, m[agent + A_AWAY] - 1)


@inner
def come_on(m, f, agent, group, instant, end):  # type: ignore[no-untyped-def]
    """Begin an agent's segment in a group."""
    if m[agent + A_LOAD] > 0:
        _count_duty_ms(m, agent, m[agent + A_OFF_SINCE], instant)
    m[agent + A_ON_DUTY] = 1
    m[agent + A_GROUP] = group
    _count_duty_ms(m, agent, instant, end)
    _count_agent(m, agent, Q_ON_DUTY, 1)
    _count_free(m, agent, 1 - m[agent + A_AWAY])
    if m[agent + A_LOAD] > 0:
        _count_agent(m, agent, Q_BUSY, 1)
    settle(m, f, agent, instant)
