"""Calling: people called by agents, several numbers at once where the queue's pacing says so, until reached.

A call is a try at the one step of its queue's work. Who is not reached is called again later, in the queue's
open hours and before his list ends; reached while the agent already talks to somebody, he is dropped.
"""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import cause_follow_ups
from wfo.simulation.handling import base_handle_ms
from wfo.simulation.listed import count_listed, ends_at, first_to_call, is_call
from wfo.simulation.lists import drop_due_first
from wfo.simulation.memory import (
    C_CELL,
    C_DUE,
    C_STATE,
    F_HANDLE,
    GONE,
    HORIZON_MS,
    INTERVAL,
    LANDING_START,
    MS_HANDLE,
    MS_STEP_WORK,
    N_ABANDONED,
    N_AGAIN,
    N_BEGUN,
    N_CALLED,
    N_DROPPED,
    N_DUE,
    N_EXHAUSTED,
    N_REACHED,
    NEVER,
    Q_BY_DUE,
    QF_SIGMA,
    S_MOST,
    S_PACING,
    S_PAUSE_MS,
    SF_AGAIN_P,
    SF_MEDIAN_MS,
    SF_VAIN_MS,
    STEP_MS,
    T_HANDLE_MS,
    TRACE_N,
    WAITING_DEFERRED,
)
from wfo.simulation.records import cell, counts_at, laws_at, queue_at, queue_of, told, tries_of
from wfo.simulation.steps import (
    at_speed,
    come_to_step,
    finish,
    leave_line,
    step_at,
    step_counts,
    step_laws,
    try_of,
)
from wfo.simulation.tally import count_busy_ms


@inner
def _take_one_more(m, queue, instant):  # type: ignore[no-untyped-def]
    """Take a further contact to be called out of its line; −1 if there is none."""
    contact = first_to_call(m, queue, instant)
    if contact < 0 or not is_call(m, contact):
        return np.int64(-1)
    drop_due_first(m, queue_at(m, queue) + Q_BY_DUE)
    m[WAITING_DEFERRED] -= 1
    return contact


@inner
def _talk(m, f, contact, agent, instant, step, word):  # type: ignore[no-untyped-def]
    """Let an agent talk to somebody reached; how long."""
    queue = queue_of(m, contact)
    if told(m, contact, T_HANDLE_MS) >= 0:
        handle = base_handle_ms(m, f, contact, queue)
    else:
        median = f[m[F_HANDLE] + cell(m, queue, m[INTERVAL])]
        if median <= 0.0:
            median = f[step_laws(m, step) + SF_MEDIAN_MS]
        handle = luck.handle_ms(word, median, f[laws_at(m, queue) + QF_SIGMA])
    handle = at_speed(m, f, agent, queue, handle)
    count_listed(m, contact, N_REACHED)
    finish(m, contact, instant, instant + handle, handle)
    cause_follow_ups(m, f, contact, instant + handle)
    return handle


@inner
def _drop(m, contact):  # type: ignore[no-untyped-def]
    """Let go somebody reached to whom nobody can talk: abandoned, and no work that is due."""
    counts = counts_at(m, m[contact + C_CELL])
    m[contact + C_STATE] = GONE
    m[counts + N_ABANDONED] += 1
    m[counts + N_DUE] -= m[contact + C_DUE] <= m[HORIZON_MS]
    count_listed(m, contact, N_DROPPED)


@inner
def _open_at(m, contact, instant):  # type: ignore[no-untyped-def]
    """First instant from one on at which a contact may be called; `NEVER` where his list ends before."""
    queue = queue_of(m, contact)
    if instant >= m[HORIZON_MS]:
        return np.int64(NEVER)
    interval = instant // m[STEP_MS]
    start = m[m[LANDING_START] + cell(m, queue, interval)]
    if start < 0:
        return np.int64(NEVER)
    instant = instant if start == interval else start * m[STEP_MS]
    return instant if instant < ends_at(m, contact) else np.int64(NEVER)


@inner
def _not_reached(m, f, contact, step, instant, handle):  # type: ignore[no-untyped-def]
    """Let a contact who does not answer be called again later, or given up after the last try."""
    end = instant + np.int64(f[step_laws(m, step) + SF_VAIN_MS])
    tries = tries_of(m, contact) + 1
    if tries >= m[step + S_MOST]:
        count_listed(m, contact, N_EXHAUSTED)
        finish(m, contact, instant, end, handle)
        return
    m[counts_at(m, m[contact + C_CELL]) + MS_HANDLE] += handle
    ready = _open_at(m, contact, end + m[step + S_PAUSE_MS])
    if ready < NEVER:
        m[step_counts(m, step) + N_AGAIN] += 1
        come_to_step(m, contact, 0, tries, ready, instant)


@inner
def call(m, f, first, agent, instant):  # type: ignore[no-untyped-def]
    """Let an agent call a contact, and as many more of the line as the pacing says; when he is free again."""
    step, queue = step_at(m, first), queue_of(m, first)
    counts, vain_ms = step_counts(m, step), np.int64(f[step_laws(m, step) + SF_VAIN_MS])
    talk, contact, answers = np.int64(-1), first, True
    for k in range(m[step + S_PACING] if m[TRACE_N] == 0 else 1):
        if k > 0:
            contact = _take_one_more(m, queue, instant)
            if contact < 0:
                break
        leave_line(m, contact, instant)
        count_listed(m, contact, N_CALLED)
        m[counts + N_BEGUN] += 1
        word = try_of(m, contact, step)
        vain = luck.comes_back(word, f[step_laws(m, step) + SF_AGAIN_P])
        if not vain or told(m, contact, T_HANDLE_MS) >= 0:
            if talk < 0:
                talk = _talk(m, f, contact, agent, instant, step, word)
            else:
                _drop(m, contact)
        elif k == 0:
            answers = False
        else:
            _not_reached(m, f, contact, step, instant, 0)
    if not answers:
        _not_reached(m, f, first, step, instant, vain_ms if talk < 0 else 0)
    end = instant + (vain_ms if talk < 0 else talk)
    m[counts + MS_STEP_WORK] += end - instant
    count_busy_ms(m, agent, m[INTERVAL], instant, end, 1)
    return end
