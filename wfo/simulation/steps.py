"""Steps: work done in several goes — a case handed from queue to queue, a call tried until somebody answers.

A contact of such a queue is one record that goes from line to line; its counts are those of the queue to
which it came. Each time an agent takes it up is a try at its step: of a case the result may come back and is
done again (rework), of a call nobody may answer. Then it waits for the next try, or for the next step.
"""

import numpy as np

from wfo.compiled import inner
from wfo.simulation import luck
from wfo.simulation.causes import cause_follow_ups
from wfo.simulation.lists import event_word, insert_by_due, number_of, push
from wfo.simulation.memory import (
    A_NUMBER,
    ARRIVING,
    BACKLOG,
    BETWEEN,
    C_CELL,
    C_STATE,
    C_WHAT,
    F_SPEED,
    F_STEPS,
    HORIZON_MS,
    INTERVAL,
    KIND_AT,
    KINDS_MOST,
    LIST_AT,
    MS_HANDLE,
    MS_STEP_WAIT,
    MS_STEP_WORK,
    N_AGAIN,
    N_BEGUN,
    N_STEP_LEFT,
    N_WAITING,
    Q_BY_DUE,
    Q_STEPS_FROM,
    Q_STEPS_TO,
    QF_SIGMA,
    QUEUES_N,
    S_MOST,
    S_PAUSE_MS,
    S_QUEUE,
    S_WAIT_MS,
    S_WORD,
    SF_AGAIN_P,
    SF_MEDIAN_MS,
    SF_SHARE,
    STEP_AT,
    STEP_COUNTS,
    STEP_COUNTS_N,
    STEP_F_SIZE,
    STEP_MS,
    STEP_SIZE,
    STEPS,
    T_HANDLE_MS,
    TRIES_AT,
    WAITING,
    WAITING_DEFERRED,
)
from wfo.simulation.records import (
    cell,
    counts_at,
    is_old,
    kind_of,
    laws_at,
    owner_of,
    queue_at,
    queue_of,
    step_of,
    told,
    tries_of,
    word_of_luck,
)
from wfo.simulation.tally import count_answer, count_busy_ms


@inner
def step_at(m, contact):  # type: ignore[no-untyped-def]
    """Address of the step a contact is at; −1 where its work is one piece."""
    first = m[queue_at(m, owner_of(m, contact)) + Q_STEPS_FROM]
    if first < 0 or kind_of(m, contact) == BACKLOG:
        return np.int64(-1)
    return first + step_of(m, contact) * STEP_SIZE


@inner
def step_laws(m, step):  # type: ignore[no-untyped-def]
    """Address of a step's laws in the float memory."""
    return m[F_STEPS] + (step - m[STEPS]) // STEP_SIZE * STEP_F_SIZE


@inner
def step_counts(m, step):  # type: ignore[no-untyped-def]
    """Address of a step's counts."""
    return m[STEP_COUNTS] + (step - m[STEPS]) // STEP_SIZE * STEP_COUNTS_N


@inner
def try_of(m, contact, step):  # type: ignore[no-untyped-def]
    """Word of the try at a step that a contact has next."""
    return luck.try_word(word_of_luck(m, contact), np.uint64(m[step + S_WORD]), tries_of(m, contact))


@inner
def _count_waiting(m, contact, instant, change):  # type: ignore[no-untyped-def]
    """Count a contact that joins or leaves the line of its step."""
    counts = step_counts(m, step_at(m, contact))
    m[counts + MS_STEP_WAIT] -= change * min(instant, m[HORIZON_MS])
    if instant < m[HORIZON_MS]:
        where = cell(m, queue_of(m, contact), instant // m[STEP_MS])
        m[counts_at(m, where) + N_WAITING] += change


@inner
def stand_in_line(m, contact, instant):  # type: ignore[no-untyped-def]
    """Put a contact that can be worked on among what is to be done."""
    m[contact + C_STATE] = WAITING
    m[WAITING_DEFERRED] += 1
    insert_by_due(m, queue_at(m, queue_of(m, contact)) + Q_BY_DUE, contact)
    _count_waiting(m, contact, instant, 1)


@inner
def leave_line(m, contact, instant):  # type: ignore[no-untyped-def]
    """Count a contact out of the line of its step."""
    m[contact + C_STATE] = BETWEEN
    _count_waiting(m, contact, instant, -1)


@inner
def left_in_line(m, contact, until):  # type: ignore[no-untyped-def]
    """Count a contact that still waits for its step when all is over, or waited until an instant before."""
    m[step_counts(m, step_at(m, contact)) + N_STEP_LEFT] += until >= m[HORIZON_MS]
    _count_waiting(m, contact, until, -1)


@inner
def come_to_step(m, contact, number, tries, ready, now):  # type: ignore[no-untyped-def]
    """Let a contact come to a step of its queue's work, where it can be worked on from an instant on."""
    step = m[queue_at(m, owner_of(m, contact)) + Q_STEPS_FROM] + number * STEP_SIZE
    what = m[contact + C_WHAT]
    kept = (what & ((KINDS_MOST - 1) << KIND_AT)) + ((what >> LIST_AT) << LIST_AT)
    m[contact + C_WHAT] = kept + m[step + S_QUEUE] + (number << STEP_AT) + (tries << TRIES_AT)
    if ready <= now:
        stand_in_line(m, contact, now)
        return
    m[contact + C_STATE] = BETWEEN
    push(m, event_word(ready, ARRIVING, number_of(m, contact)))


@inner
def begin_steps(m, contact, instant):  # type: ignore[no-untyped-def]
    """Let a contact that has just come get to the first step of its work."""
    first = m[queue_at(m, owner_of(m, contact)) + Q_STEPS_FROM]
    come_to_step(m, contact, 0, 0, instant + m[first + S_WAIT_MS], instant)


@inner
def finish(m, contact, instant, end, handle):  # type: ignore[no-untyped-def]
    """Count a contact whose last piece of work begins at an instant and ends at another."""
    owner = owner_of(m, contact)
    m[contact + C_WHAT] += owner - queue_of(m, contact)
    count_answer(m, contact, queue_at(m, owner), instant, end, handle)


@inner
def at_speed(m, f, agent, queue, handle):  # type: ignore[no-untyped-def]
    """Handle time by an agent in a queue."""
    speed = f[m[F_SPEED] + m[agent + A_NUMBER] * m[QUEUES_N] + queue]
    return handle if speed == 1.0 else max(np.int64(1), np.int64(handle / speed + 0.5))


@inner
def _count_handle(m, contact, handle):  # type: ignore[no-untyped-def]
    """Count the work of a try after which more is to do; older cases are no contacts of the horizon."""
    if not is_old(m, contact):
        m[counts_at(m, m[contact + C_CELL]) + MS_HANDLE] += handle


@inner
def _touch_ms(m, f, contact, step, word):  # type: ignore[no-untyped-def]
    """Work of a try by an agent of speed 1; of a given contact its share of the whole."""
    given, laws = told(m, contact, T_HANDLE_MS), step_laws(m, step)
    if given >= 0:
        return max(np.int64(1), np.int64(given * f[laws + SF_SHARE] + 0.5))
    return luck.handle_ms(word, f[laws + SF_MEDIAN_MS], f[laws_at(m, owner_of(m, contact)) + QF_SIGMA])


@inner
def work_on_step(m, f, contact, agent, instant):  # type: ignore[no-untyped-def]
    """Begin a try at a contact's step by an agent; when it ends."""
    step, queue, number = step_at(m, contact), queue_of(m, contact), step_of(m, contact)
    word, tries, counts = try_of(m, contact, step), tries_of(m, contact), step_counts(m, step)
    leave_line(m, contact, instant)
    handle = at_speed(m, f, agent, queue, _touch_ms(m, f, contact, step, word))
    end = instant + handle
    m[counts + N_BEGUN] += 1
    m[counts + MS_STEP_WORK] += handle
    count_busy_ms(m, agent, m[INTERVAL], instant, end, 1)
    again = tries + 1 < m[step + S_MOST] and told(m, contact, T_HANDLE_MS) < 0
    if again and luck.comes_back(word, f[step_laws(m, step) + SF_AGAIN_P]):
        m[counts + N_AGAIN] += 1
        _count_handle(m, contact, handle)
        come_to_step(m, contact, number, tries + 1, end + m[step + S_PAUSE_MS], instant)
    elif step + STEP_SIZE < m[queue_at(m, owner_of(m, contact)) + Q_STEPS_TO]:
        _count_handle(m, contact, handle)
        come_to_step(m, contact, number + 1, 0, end + m[step + STEP_SIZE + S_WAIT_MS], instant)
    else:
        finish(m, contact, instant, end, handle)
        cause_follow_ups(m, f, contact, end)
    return end
