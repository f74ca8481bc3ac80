"""Dialling: calls that a machine makes while enough people are free, when an agent has ended a contact."""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import announce
from wfo.simulation.lists import event_word, number_of, push
from wfo.simulation.memory import (
    A_AFTER,
    ARRIVING,
    BASE,
    D_LEAST_FREE,
    D_MADE,
    D_QUEUE,
    D_WORD,
    DIAL_GROUPS,
    DIAL_SIZE,
    DIALLERS,
    DIALLERS_N,
    F_DIALLERS,
    FRESH,
    G_IDLE,
    GROUP_SIZE,
    GROUPS,
    GROUPS_N,
    HORIZON_MS,
    INTERVAL,
    INTERVALS_N,
    SERVING,
)
from wfo.simulation.records import cell


@inner
def _idle(m, group):  # type: ignore[no-untyped-def]
    """Number of a group's agents who have nothing to do."""
    n, agent = 0, m[m[GROUPS] + group * GROUP_SIZE + G_IDLE]
    while agent >= 0:
        n += 1
        agent = m[agent + A_AFTER]
    return n


@inner
def _calls(m, f, dialler):  # type: ignore[no-untyped-def]
    """Numbers that a dialler calls now: none where too few people are free."""
    free, serving = 0, 0
    for group in range(m[GROUPS_N]):
        counts = m[m[DIAL_GROUPS] + dialler * m[GROUPS_N] + group]
        if counts > 0:
            idle = _idle(m, group)
            free += idle
            if counts == SERVING:
                serving += idle
    if free < m[m[DIALLERS] + dialler * DIAL_SIZE + D_LEAST_FREE]:
        return 0
    return np.int64(f[m[F_DIALLERS] + dialler * (1 + m[INTERVALS_N])] * serving + 1e-9)


@inner
def dial(m, f, instant):  # type: ignore[no-untyped-def]
    """Let every dialler make its calls; who is reached comes to its queue at once."""
    if instant >= m[HORIZON_MS]:
        return
    for dialler in range(m[DIALLERS_N]):
        reached = f[m[F_DIALLERS] + dialler * (1 + m[INTERVALS_N]) + 1 + m[INTERVAL]]
        if reached <= 0.0:
            continue
        record = m[DIALLERS] + dialler * DIAL_SIZE
        stream = luck.calls_word(np.uint64(m[BASE]), np.uint64(m[record + D_WORD]))
        for _ in range(_calls(m, f, dialler)):
            word = luck.fresh_word(stream, m[record + D_MADE])
            m[record + D_MADE] += 1
            if not luck.is_reached(word, reached):
                continue
            queue = m[record + D_QUEUE]
            contact = announce(m, word, queue, FRESH, instant, cell(m, queue, m[INTERVAL]))
            if contact < 0:
                return
            push(m, event_word(instant, ARRIVING, number_of(m, contact)))
