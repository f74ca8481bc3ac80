"""Lists: the kernel's event heap, its lists of agents with room and its lines of contacts."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation.memory import (
    A_AFTER,
    A_BEFORE,
    A_LIST,
    A_SINCE,
    ABOUT_BITS,
    C_NEXT,
    C_WORD,
    CONTACT_SIZE,
    CONTACTS,
    END,
    FULL,
    HEAP,
    HEAP_N,
    HEAP_SIZE,
    LAST_MS,
    RANK_BITS,
)


@inner
def event_word(instant, rank, about):  # type: ignore[no-untyped-def]
    """Word of an event."""
    return (((min(instant, np.int64(LAST_MS)) << RANK_BITS) + rank) << ABOUT_BITS) + about


@inner
def contact_of(m, event):  # type: ignore[no-untyped-def]
    """Address of the contact an event is about."""
    return m[CONTACTS] + (event & ((1 << ABOUT_BITS) - 1)) * CONTACT_SIZE


@inner
def number_of(m, contact):  # type: ignore[no-untyped-def]
    """Number of a contact."""
    return (contact - m[CONTACTS]) // CONTACT_SIZE


@inner
def comes_first(m, one, other):  # type: ignore[no-untyped-def]
    """Whether an event comes before another."""
    when = one >> ABOUT_BITS
    if when != other >> ABOUT_BITS or when & ((1 << RANK_BITS) - 1) == END:
        return one < other
    return m[contact_of(m, one) + C_WORD] < m[contact_of(m, other) + C_WORD]


@inner
def push(m, event):  # type: ignore[no-untyped-def]
    """Put an event into the heap."""
    child = m[HEAP_N]
    if child >= m[HEAP_SIZE]:
        m[FULL] = 1
        return
    m[HEAP_N] = child + 1
    first = m[HEAP]
    while child > 0:
        parent = (child - 1) >> 1
        above = m[first + parent]
        if not comes_first(m, event, above):
            break
        m[first + child] = above
        child = parent
    m[first + child] = event


@inner
def drop_first(m):  # type: ignore[no-untyped-def]
    """Take the first event out of the heap."""
    n, first = m[HEAP_N] - 1, m[HEAP]
    m[HEAP_N] = n
    event = m[first + n]
    hole, child = 0, 1
    while child < n:
        below = m[first + child]
        if child + 1 < n:
            right = m[first + child + 1]
            if comes_first(m, right, below):
                child, below = child + 1, right
        if not comes_first(m, below, event):
            break
        m[first + hole] = below
        hole, child = child, 2 * child + 1
    m[first + hole] = event


@inner
def enlist(m, agent, where, instant):  # type: ignore[no-untyped-def]
    """Append an agent to the list at an address (head, then tail); the first has been in it longest."""
    last = m[where + 1]
    m[agent + A_LIST] = where
    m[agent + A_BEFORE] = last
    m[agent + A_AFTER] = -1
    m[agent + A_SINCE] = instant
    m[where if last < 0 else last + A_AFTER] = agent
    m[where + 1] = agent


@inner
def delist(m, agent):  # type: ignore[no-untyped-def]
    """Take an agent out of the list he is in, if any."""
    where = m[agent + A_LIST]
    if where < 0:
        return
    before, after = m[agent + A_BEFORE], m[agent + A_AFTER]
    m[where if before < 0 else before + A_AFTER] = after
    m[where + 1 if after < 0 else after + A_BEFORE] = before
    m[agent + A_LIST] = -1


@inner
def append(m, line, contact):  # type: ignore[no-untyped-def]
    """Put a contact at the end of the line at an address (head, then tail)."""
    m[contact + C_NEXT] = -1
    m[line if m[line] < 0 else m[line + 1] + C_NEXT] = contact
    m[line + 1] = contact
