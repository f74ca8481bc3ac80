"""The past as it happened: a plain single-pass queue with abandonment, redials and follow-ups.

Contacts are taken in order of time; each gets the server that is free first (of several idle ones the longest
idle) or gives up. Follow-ups and redials join the stream. It shares nothing with the engine's simulator.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from wfo.sample.compiled import entry, inner
from wfo.sample.laws import PROMISE_DAYS, SHORT_DELAY_S, SLOW_DELAY_SD_S

FRESH, FOLLOW_UP, REDIAL = 0, 1, 2
HANDLED, ABANDONED, CONTAINED, OPEN = 0, 1, 2, 3
LEAST_PROMISE_DAYS = PROMISE_DAYS[0]


@dataclass(frozen=True)
class Laws:
    """What the queue needs to know of each queue and agent.

    Attributes
    ----------
    mode : ndarray of int64, shape (Q,)
        Mode of the servers; −1 unstaffed.
    handle_s, patience_s : ndarray of float64, shape (Q,)
        Mean agent work (of a step) and mean patience (inf: nobody gives up).
    open_factor : ndarray of float64, shape (Q,)
        How many times its work a contact occupies its server.
    first_p, second_p : ndarray of float64, shape (intents, Q)
        P(follow-up) of the first and of the second kind.
    first_to, second_to : ndarray of int64, shape (intents, Q)
        Where it goes.
    late_p : ndarray of float64, shape (Q,)
        P(follow-up to the intent's voice queue) of work done after its promise.
    home : ndarray of int64, shape (intents,)
        Voice queue of each intent.
    second_contact, redial_p, redial_mean_s, redial_cut_s, landing_s, delay_days, session_s : float
    """

    mode: np.ndarray
    handle_s: np.ndarray
    patience_s: np.ndarray
    open_factor: np.ndarray
    first_p: np.ndarray
    first_to: np.ndarray
    second_p: np.ndarray
    second_to: np.ndarray
    late_p: np.ndarray
    home: np.ndarray
    second_contact: float
    redial_p: float
    redial_mean_s: float
    redial_cut_s: float
    landing_s: float
    delay_days: float
    session_s: float


@inner
def _landing(at, queue, window_of, opens, closes, u, landing_s):  # type: ignore[no-untyped-def]
    """When a contact due at ``at`` arrives: then if its queue is open, else soon after the next opening."""
    low, high = window_of[queue], window_of[queue + 1]
    while low < high:
        middle = (low + high) // 2
        if closes[middle] > at:
            high = middle
        else:
            low = middle + 1
    if low >= window_of[queue + 1]:
        return np.inf
    if opens[low] <= at:
        return at
    return opens[low] + u * min(landing_s, closes[low] - opens[low])


@inner
def _find_server(at, mode, can, offset, agent, first, begin, end, pointer, free):  # type: ignore[no-untyped-def]
    """Server that can start first, and when; of several idle ones the longest idle."""
    best, best_at, best_free = -1, np.inf, np.inf
    for v in range(offset[mode], offset[mode + 1]):
        if not can[agent[v]]:
            continue
        ready = max(at, free[v])
        p = pointer[v]
        while p < first[v + 1] and end[p] <= ready:
            p += 1
        pointer[v] = p
        if p == first[v + 1]:
            continue
        start = max(ready, begin[p])
        if start < best_at or (start == best_at and free[v] < best_free):
            best, best_at, best_free = v, start, free[v]
    return best, best_at


@inner
def _delay(u, v, z, days):  # type: ignore[no-untyped-def]
    """Half within hours (exponential), half some days later at about the same hour."""
    if u < 0.5:
        return -SHORT_DELAY_S * np.log(1.0 - v)
    whole = 1.0
    # Poisson by inversion, mean days − 1.
    term = np.exp(-(days - 1.0))
    total = term
    while v > total and whole < 60.0:
        term *= (days - 1.0) / whole
        total += term
        whole += 1.0
    return max(86400.0 * whole + SLOW_DELAY_SD_S * z, 600.0)


@inner
def _promise(at, u, promise, midnight):  # type: ignore[no-untyped-def]
    """When a case that comes at ``at`` is promised: some business days later at the same time of day."""
    day = min(np.searchsorted(midnight, at, side="right") - 1, promise.shape[0] - 1)
    least = LEAST_PROMISE_DAYS
    ahead = min(least + int(u * (promise.shape[1] - least)), promise.shape[1] - 1)
    return midnight[promise[day, ahead]] + (at - midnight[day])


@inner
def _redial(u, v, end, redial_p, mean_s, cut_s):  # type: ignore[no-untyped-def]
    """When who gave up calls again (exponential, cut); inf if he does not."""
    if u >= redial_p:
        return np.inf
    return end - mean_s * np.log(1.0 - v * (1.0 - np.exp(-cut_s / mean_s)))


@inner
def _follow_up(u, first_p, first_to, second_p, second_to, resolution, late_p, home):  # type: ignore[no-untyped-def]
    """Queue of the follow-up that a served contact causes, −1 for none; good work makes each kind rarer."""
    if first_p + second_p > 0.0:
        share = max(1.0 - resolution / (first_p + second_p), 0.1)
        if u < first_p * share:
            return first_to
        if u < (first_p + second_p) * share:
            return second_to
    return home if u > 1.0 - late_p else -1


@inner
def _what_follows(outcome, q, w, end, due, resolution, u, z, laws):  # type: ignore[no-untyped-def]
    """Queue of what a contact of queue q and intent w causes, −1 for nothing, and when it is due."""
    (_, _, _, _, first_p, first_to, second_p, second_to, late_p, home, _,
     redial_p, redial_mean_s, redial_cut_s, _, delay_days, _) = laws  # fmt: skip
    if outcome == ABANDONED:
        return q, _redial(u[0], u[1], end, redial_p, redial_mean_s, redial_cut_s)
    if outcome == OPEN:
        return -1, np.inf
    late = late_p[q] if end > due else 0.0
    to = _follow_up(
        u[0], first_p[w, q], first_to[w, q], second_p[w, q], second_to[w, q], resolution, late, home[w]
    )
    return to, (due if late > 0.0 else end) + _delay(u[1], u[2], z, delay_days)


@inner
def _served(  # type: ignore[no-untyped-def]
    now, mode, can, servers, pointer, free, patience, work, agent_handle, again, open_factor
):
    """What becomes of a contact that people serve: outcome, agent, wait, service's start, work and end."""
    offset, agent_of, first, begin, end_of = servers
    v, ready = _find_server(now, mode, can, offset, agent_of, first, begin, end_of, pointer, free)
    wait = min(ready - now, patience)
    if ready - now > patience:
        return ABANDONED, -1, wait, np.inf, 0.0, now + patience
    if v < 0:
        return OPEN, -1, wait, np.inf, 0.0, np.inf
    work *= agent_handle[agent_of[v]]
    work *= again
    free[v] = ready + work * open_factor
    return HANDLED, agent_of[v], wait, ready, work, free[v]


@inner
def _caused(k, p, to, queue, intent, root, parent, role, before, outcome):  # type: ignore[no-untyped-def]
    """Note contact k as one on queue ``to`` that contact p caused."""
    queue[k], intent[k], root[k], parent[k] = to, intent[p], root[p], p
    role[k] = REDIAL if outcome[p] == ABANDONED else FOLLOW_UP
    before[k] = before[p] + (1 if outcome[p] != ABANDONED else 0)


@entry
def run_queue(  # type: ignore[no-untyped-def]
    fresh, horizon_s, windows, servers, can, agent_handle, agent_resolution, laws, draws, promise, midnight
):
    """Play the log.

    Parameters
    ----------
    fresh : tuple of ndarray, shape (n,)
        Time, queue and intent of the fresh contacts in order of time.
    horizon_s : float
        Contacts from then on are dropped.
    windows : tuple of ndarray
        Openings: offsets (Q + 1,), starts, ends.
    servers : tuple of ndarray
        As `Servers`.
    can : ndarray of bool, shape (Q, A)
    agent_handle, agent_resolution : ndarray of float64, shape (A, weeks)
    laws : tuple
        As `Laws`.
    draws : tuple of ndarray
        Of shape (capacity, …): unit patience; unit handle times and steps; five uniforms; normals.
    promise : ndarray of int64, shape (D, k)
        Day of the k-th business day after each day.
    midnight : ndarray of float64, shape (D',)
        Start of each local day, seconds.

    Returns
    -------
    tuple of ndarray
        In order of arrival: time, queue, intent, parent, fresh ordinal of the root, role, served contacts
        before, wait, service's start (inf: none), handle time, end, agent, outcome, promise (NaN: none).
    """
    mode, handle_s, patience_s, open_factor, _, _, _, _, late_p, _, second_contact = laws[:11]
    landing_s, _, session_s = laws[14:]
    fresh_at, fresh_queue, fresh_intent = fresh
    window_of, opens, closes = windows
    first = servers[2]
    unit_patience, unit_handle, steps, uniform, normal = draws
    capacity = unit_patience.shape[0]
    at, wait, start = np.zeros(capacity), np.zeros(capacity), np.full(capacity, np.inf)
    work, end, due = np.zeros(capacity), np.full(capacity, np.inf), np.full(capacity, np.nan)
    queue, intent, parent, root, role, before, agent, outcome = np.zeros((8, capacity), np.int64)
    parent[:], agent[:] = -1, -1
    next_parent, next_queue = np.zeros((2, capacity), np.int64)
    pointer, free = first[:-1].copy(), np.full(first.shape[0] - 1, -1.0)
    heap = [(np.inf, 0)]
    made, i, k = 0, 0, 0
    while k < capacity:
        is_fresh = i < fresh_at.shape[0] and fresh_at[i] <= heap[0][0]
        now = fresh_at[i] if is_fresh else heap[0][0]
        if now >= horizon_s:
            break
        if is_fresh:
            queue[k], intent[k], root[k] = fresh_queue[i], fresh_intent[i], i
            i += 1
        else:
            child = heapq.heappop(heap)[1]
            _caused(
                k, next_parent[child], next_queue[child], queue, intent, root, parent, role, before, outcome
            )
        at[k] = now
        q, w = queue[k], intent[k]
        week = min(int(now // 604800.0), agent_handle.shape[1] - 1)
        resolution = 0.0
        if late_p[q] > 0.0:
            due[k] = _promise(now, uniform[k, 4], promise, midnight)
        if mode[q] < 0:
            outcome[k], start[k], end[k] = CONTAINED, now, now + session_s * unit_handle[k]
        else:
            again = (steps[k] if late_p[q] > 0.0 else 1.0) * (second_contact if before[k] > 0 else 1.0)
            outcome[k], agent[k], wait[k], start[k], work[k], end[k] = _served(
                now, mode[q], can[q], servers, pointer, free, patience_s[q] * unit_patience[k],
                handle_s[q] * unit_handle[k], agent_handle[:, week], again, open_factor[q],
            )  # fmt: skip
            if agent[k] >= 0:
                resolution = agent_resolution[agent[k], week]
        to, follow_at = _what_follows(
            outcome[k], q, w, end[k], due[k], resolution, uniform[k], normal[k], laws
        )
        if to >= 0 and follow_at < horizon_s:
            lands = _landing(follow_at, to, window_of, opens, closes, uniform[k, 3], landing_s)
            if made < capacity:
                next_parent[made], next_queue[made] = k, to
                heapq.heappush(heap, (lands, made))
                made += 1
        k += 1
    return (at[:k], queue[:k], intent[:k], parent[:k], root[:k], role[:k], before[:k], wait[:k], start[:k],
            work[:k], end[:k], agent[:k], outcome[:k], due[:k])  # fmt: skip
