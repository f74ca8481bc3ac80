"""Lists: the kernel's event heap, its lists of agents with room and its lines of contacts."""

from wfo.compiled import inner
from wfo.simulation.memory import (
    A_AFTER,
    A_BEFORE,
    A_LIST,
    A_SINCE,
    C_NEXT,
    E_KEY,
    E_TIE,
    E_UNITS,
    E_WHO,
    EVENT_SIZE,
    FULL,
    HEAP,
    HEAP_N,
    HEAP_SIZE,
    RANKS,
)


@inner
def _move(m, to, source):  # type: ignore[no-untyped-def]
    m[to + E_KEY] = m[source + E_KEY]
    m[to + E_TIE] = m[source + E_TIE]
    m[to + E_WHO] = m[source + E_WHO]
    m[to + E_UNITS] = m[source + E_UNITS]


@inner
def push(m, instant, rank, tie, who, units):  # type: ignore[no-untyped-def]
    """Put an event into the heap; events come out by instant, rank and tie."""
    child = m[HEAP_N]
    if child >= m[HEAP_SIZE]:
        m[FULL] = 1
        return
    m[HEAP_N] = child + 1
    key, first = instant * RANKS + rank, m[HEAP]
    while child > 0:
        parent = (child - 1) >> 1
        at = first + parent * EVENT_SIZE
        if m[at + E_KEY] < key or (m[at + E_KEY] == key and m[at + E_TIE] <= tie):
            break
        _move(m, first + child * EVENT_SIZE, at)
        child = parent
    at = first + child * EVENT_SIZE
    m[at + E_KEY] = key
    m[at + E_TIE] = tie
    m[at + E_WHO] = who
    m[at + E_UNITS] = units


@inner
def drop_first(m):  # type: ignore[no-untyped-def]
    """Take the first event out of the heap."""
    n, first = m[HEAP_N] - 1, m[HEAP]
    m[HEAP_N] = n
    last = first + n * EVENT_SIZE
    key, tie = m[last + E_KEY], m[last + E_TIE]
    hole = 0
    while 2 * hole + 1 < n:
        child = 2 * hole + 1
        at = first + child * EVENT_SIZE
        right = at + EVENT_SIZE
        if child + 1 < n and (
            m[right + E_KEY] < m[at + E_KEY]
            or (m[right + E_KEY] == m[at + E_KEY] and m[right + E_TIE] < m[at + E_TIE])
        ):
            child, at = child + 1, right
        if key < m[at + E_KEY] or (key == m[at + E_KEY] and tie <= m[at + E_TIE]):
            break
        _move(m, first + hole * EVENT_SIZE, at)
        hole = child
    _move(m, first + hole * EVENT_SIZE, last)


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
