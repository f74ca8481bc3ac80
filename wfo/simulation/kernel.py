"""Kernel: the event loop of one replication, compiled.

Contacts of an interval are made when it begins; three sorted streams are then merged: those arrivals, the
roster, and a heap of service ends, patience ends and children that come within the interval.
"""

import numpy as np

from wfo.compiled import entry, inner, pointer
from wfo.simulation import luck
from wfo.simulation.arrivals import gather, recall, sort_arrivals, take_up
from wfo.simulation.chasing import chase
from wfo.simulation.dialling import dial
from wfo.simulation.dispatch import come_on, defer, go_off, offer, pull, release
from wfo.simulation.handling import arrive_forced, handle_at_once
from wfo.simulation.listed import ends_at, expect_opening, open_lists
from wfo.simulation.lists import comes_first, contact_of, drop_first, event_word, number_of
from wfo.simulation.memory import (
    ABOUT_BITS,
    ABSENT,
    AGENT_SIZE,
    AGENTS,
    ARRIVING,
    BACKLOG,
    BASE,
    BETWEEN,
    C_ARRIVAL,
    C_CELL,
    C_GIVE_UP,
    C_STATE,
    CALLS_N,
    CHASING,
    CONTACT_SIZE,
    CONTACTS,
    DEFERRED,
    DIALLERS_N,
    END,
    EVENTS,
    EVENTS_N,
    FORCED,
    FULL,
    GIVING_UP,
    GROUP_SIZE,
    GROUPS,
    HEAP,
    HEAP_N,
    HOLDS,
    INTERVAL,
    INTERVALS_N,
    LAST_MS,
    N_LEFT,
    N_OLD_LEFT,
    NEVER,
    NEXT_CONTACT,
    OPENING,
    Q_LAW,
    R_AGENT,
    R_END,
    R_GROUP,
    R_INSTANT,
    R_SHIFT,
    R_STARTS,
    RANK_BITS,
    ROSTER,
    ROSTER_SIZE,
    SORTED,
    STEP_MS,
    UNSTAFFED,
    WAITING,
)
from wfo.simulation.records import counts_at, is_old, kind_of, owner_of, queue_at, queue_of
from wfo.simulation.steps import left_in_line, stand_in_line, step_at
from wfo.simulation.tally import count_offer, count_old
from wfo.simulation.waiting import give_up, turned_away, wait

NO_EVENT = (1 << 63) - 1
"""Word after that of every event."""


@inner
def _arrive(m, f, contact):  # type: ignore[no-untyped-def]
    """Let a contact arrive: handled at once, given to an agent, turned away or waiting."""
    instant, law = m[contact + C_ARRIVAL], m[queue_at(m, queue_of(m, contact)) + Q_LAW]
    count_offer(m, contact)
    if law == UNSTAFFED:
        handle_at_once(m, f, contact)
    elif m[FORCED] == 1:
        arrive_forced(m, f, contact)
    elif law == DEFERRED:
        defer(m, f, contact, instant)
    elif not offer(m, f, contact, instant) and not turned_away(m, f, contact):
        wait(m, f, contact)


@inner
def _happen(m, f):  # type: ignore[no-untyped-def]
    """Let the first event of the heap happen."""
    event = m[m[HEAP]]
    drop_first(m)
    rank = (event >> ABOUT_BITS) & ((1 << RANK_BITS) - 1)
    instant = event >> (ABOUT_BITS + RANK_BITS)
    if rank == END:
        if release(m, f, event & ((1 << ABOUT_BITS) - 1), instant) and m[DIALLERS_N] > 0:
            dial(m, f, instant)
        return
    if rank == OPENING:
        if open_lists(m, instant) or m[HOLDS] == 1:
            pull(m, f, instant)
        return
    who = contact_of(m, event)
    if rank == CHASING:
        chase(m, f, who, instant)
    elif rank == ARRIVING and kind_of(m, who) == BACKLOG:
        take_up(m, who)
        pull(m, f, instant)
    elif rank == ARRIVING and m[who + C_STATE] == BETWEEN:
        stand_in_line(m, who, instant)
        pull(m, f, instant)
    elif rank == ARRIVING:
        _arrive(m, f, who)
    elif m[who + C_STATE] == WAITING:
        if rank == GIVING_UP or m[who + C_GIVE_UP] <= instant:
            give_up(m, f, who)
        else:
            offer(m, f, who, instant)


@inner
def _roster_event(m, f, row):  # type: ignore[no-untyped-def]
    """Let an agent's segment begin or end, unless he misses the shift."""
    if m[m[ABSENT] + m[row + R_SHIFT]] == 1:
        return
    agent = m[AGENTS] + m[row + R_AGENT] * AGENT_SIZE
    if m[row + R_STARTS] == 1:
        come_on(m, f, agent, m[GROUPS] + m[row + R_GROUP] * GROUP_SIZE, m[row + R_INSTANT], m[row + R_END])
    else:
        go_off(m, agent, m[row + R_INSTANT])


@inner
def _until(m, f, limit, n, row):  # type: ignore[no-untyped-def]
    """Let everything before an instant happen in order, n sorted arrivals too; the roster's next row."""
    cursor, end, last_row = m[SORTED], m[SORTED] + n, m[EVENTS] + m[EVENTS_N] * ROSTER_SIZE
    stop = event_word(limit, 0, 0)
    arrival = roster = np.int64(NO_EVENT)
    if n > 0:
        arrival = event_word(m[m[cursor] + C_ARRIVAL], ARRIVING, number_of(m, m[cursor]))
    if row < last_row:
        roster = event_word(m[row + R_INSTANT], ROSTER, 0)
    while m[FULL] == 0:
        event = m[m[HEAP]] if m[HEAP_N] > 0 else np.int64(NO_EVENT)
        if min(event, roster, arrival) >= stop:
            break
        if roster < event and roster < arrival:
            _roster_event(m, f, row)
            row += ROSTER_SIZE
            roster = np.int64(NO_EVENT)
            if row < last_row:
                roster = event_word(m[row + R_INSTANT], ROSTER, 0)
        elif arrival == NO_EVENT or (event != NO_EVENT and comes_first(m, event, arrival)):
            _happen(m, f)
        else:
            _arrive(m, f, m[cursor])
            cursor += 1
            arrival = np.int64(NO_EVENT)
            if cursor < end:
                arrival = event_word(m[m[cursor] + C_ARRIVAL], ARRIVING, number_of(m, m[cursor]))
    return row


@inner
def _close(m, f):  # type: ignore[no-untyped-def]
    """After the last event: who still waits gives up if he ever would, the rest is left."""
    for contact in range(m[CONTACTS], m[NEXT_CONTACT], CONTACT_SIZE):
        state = m[contact + C_STATE]
        if state != WAITING and state != BETWEEN:
            continue
        by_step = step_at(m, contact) >= 0
        if is_old(m, contact):
            count_old(m, N_OLD_LEFT, owner_of(m, contact), 1)
        elif by_step or m[contact + C_GIVE_UP] >= NEVER:
            m[counts_at(m, m[contact + C_CELL]) + N_LEFT] += 1
        else:
            give_up(m, f, contact)
        if by_step and state == WAITING:
            left_in_line(m, contact, ends_at(m, contact))


@entry("simulation", "draws.py", nogil=True)
def run_replication(memory, floats, seed, replication):  # type: ignore[no-untyped-def]
    """Simulate one replication in a memory laid out by `wfo.simulation.memory`.

    Parameters
    ----------
    memory : ndarray of int64
        Integer memory; counts are written into it.
    floats : ndarray of float64
        Float memory, read only.
    seed, replication : uint64

    Returns
    -------
    bool
        False if there was too little room for contacts: the counts are not valid then.
    """
    m, f = pointer(memory), pointer(floats)
    m[BASE] = np.int64(luck.replication_word(seed, replication))
    recall(m, f)
    row = m[EVENTS]
    for interval in range(m[INTERVALS_N]):
        m[INTERVAL] = interval
        n = gather(m, interval)
        sort_arrivals(m, n, interval * m[STEP_MS])
        if m[CALLS_N] > 0 or m[HOLDS] == 1:
            expect_opening(m)
        row = _until(m, f, (interval + 1) * m[STEP_MS], n, row)
        if m[FULL] == 1:
            return False
    # Numbers of one type: for another it would be compiled anew.
    _until(m, f, np.int64(LAST_MS), np.int64(0), row)
    _close(m, f)
    return m[FULL] == 0
