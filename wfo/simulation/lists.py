"""Lists: the kernel's event heap, lists of agents with room, lines of contacts and heaps by due instant."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation.memory import (
    A_AFTER,
    A_BEFORE,
    A_LIST,
    A_SINCE,
    ABOUT_BITS,
    C_DUE,
    C_GIVE_UP,
    C_LEFT,
    C_NEXT,
    C_RIGHT,
    C_WORD,
    CONTACT_SIZE,
    CONTACTS,
    END,
    FULL,
    HEAP,
    HEAP_N,
    HEAP_SIZE,
    LAST_MS,
    NEVER,
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
def _rise(m, event, place):  # type: ignore[no-untyped-def]
    """Put an event into a place of the heap that is free, or as far above it as it belongs."""
    first = m[HEAP]
    while place > 0:
        parent = (place - 1) >> 1
        above = m[first + parent]
        if not comes_first(m, event, above):
            break
        m[first + place] = above
        place = parent
    m[first + place] = event


@inner
def push(m, event):  # type: ignore[no-untyped-def]
    """Put an event into the heap."""
    n = m[HEAP_N]
    if n >= m[HEAP_SIZE]:
        m[FULL] = 1
        return
    m[HEAP_N] = n + 1
    _rise(m, event, n)


@inner
def drop_first(m):  # type: ignore[no-untyped-def]
    """Take the first event out of the heap.

    The hole goes down to a leaf, always to where the earlier event comes up, and the last event from there
    up: it mostly stays near the bottom, so that this takes half the comparisons, and no guess of a branch.
    """
    n, first = m[HEAP_N] - 1, m[HEAP]
    m[HEAP_N] = n
    hole, child = 0, 2
    while child < n:
        left, right = m[first + child - 1], m[first + child]
        if (left ^ right) >> ABOUT_BITS == 0:
            child -= comes_first(m, left, right)
        else:
            child -= left < right
        m[first + hole] = m[first + child]
        hole, child = child, 2 * child + 2
    if child == n:
        m[first + hole] = m[first + child - 1]
        hole = child - 1
    _rise(m, m[first + n], hole)


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


@inner
def _due_first(m, one, other):  # type: ignore[no-untyped-def]
    """Whether a contact is due before another; of those due at once the smaller word comes first."""
    if m[one + C_DUE] != m[other + C_DUE]:
        return m[one + C_DUE] < m[other + C_DUE]
    return m[one + C_WORD] < m[other + C_WORD]


@inner
def _merge(m, top, one, other):  # type: ignore[no-untyped-def]
    """Put two skew heaps (Sleator & Tarjan 1986) together; the first of both goes to the address ``top``."""
    place = top
    while one >= 0 and other >= 0:
        if _due_first(m, other, one):
            one, other = other, one
        m[place] = one
        right = m[one + C_RIGHT]
        m[one + C_RIGHT] = m[one + C_LEFT]
        place = one + C_LEFT
        one = right
    m[place] = one if one >= 0 else other


@inner
def insert_by_due(m, top, contact):  # type: ignore[no-untyped-def]
    """Put a contact into the heap by due instant whose first contact stands at an address."""
    m[contact + C_LEFT] = m[contact + C_RIGHT] = -1
    _merge(m, top, m[top], contact)


@inner
def drop_due_first(m, top):  # type: ignore[no-untyped-def]
    """Take the contact that is due first out of such a heap."""
    contact = m[top]
    _merge(m, top, m[contact + C_LEFT], m[contact + C_RIGHT])
    m[contact + C_NEXT] = -1
    m[contact + C_GIVE_UP] = NEVER
