"""The past as it happened: a plain single-pass queue with abandonment, redials and follow-ups.

Contacts are taken in order of time; each gets the server that is free first (of several idle ones the longest idle)
or gives up. Follow-ups and redials join the same stream. It shares nothing with the planning engine's simulator.
"""

import heapq
from dataclasses import dataclass

import numba
import numpy as np

FRESH, FOLLOW_UP, REDIAL = 0, 1, 2
HANDLED, ABANDONED, CONTAINED, OPEN = 0, 1, 2, 3


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


@numba.njit(cache=True)
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


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _delay(u, v, z, days):  # type: ignore[no-untyped-def]
    """Half within hours (exponential, mean 2 h), half some days later at about the same hour."""
    if u < 0.5:
        return -7200.0 * np.log(1.0 - v)
    whole = 1.0
    # Poisson by inversion, mean days − 1.
    term = np.exp(-(days - 1.0))
    total = term
    while v > total and whole < 60.0:
        term *= (days - 1.0) / whole
        total += term
        whole += 1.0
    return max(86400.0 * whole + 7200.0 * z, 600.0)


@numba.njit(cache=True)
def run_queue(  # type: ignore[no-untyped-def]
    fresh_at, fresh_queue, fresh_intent, horizon_s, windows, servers, can, agent_handle, agent_resolution, laws, draws,
    promise, midnight
):
    """Play the log.

    Parameters
    ----------
    fresh_at, fresh_queue, fresh_intent : ndarray, shape (n,)
        Fresh contacts in order of time.
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
        Of shape (capacity, …): unit patience; unit handle times and steps; seven uniforms; normals.
    promise : ndarray of int64, shape (D, k)
        Day of the k-th business day after each day.
    midnight : ndarray of float64, shape (D',)
        Start of each local day, seconds.

    Returns
    -------
    tuple of ndarray
        In order of arrival: time, queue, intent, parent, fresh ordinal of the root, role, served contacts before, wait,
        start of service (inf: none), handle time, end, agent, outcome, promise (NaN: none).
    """
    (mode, handle_s, patience_s, open_factor, first_p, first_to, second_p, second_to, late_p, home, second_contact,
     redial_p, redial_mean_s, redial_cut_s, landing_s, delay_days, session_s) = laws
    window_of, opens, closes = windows
    offset, agent_of, first, begin, end_of = servers
    unit_patience, unit_handle, steps, uniform, normal = draws
    n, capacity = fresh_at.shape[0], unit_patience.shape[0]
    at, wait, start = np.zeros(capacity), np.zeros(capacity), np.full(capacity, np.inf)
    work, end, due = np.zeros(capacity), np.full(capacity, np.inf), np.full(capacity, np.nan)
    queue, intent = np.zeros(capacity, np.int64), np.zeros(capacity, np.int64)
    parent, root = np.full(capacity, -1, np.int64), np.zeros(capacity, np.int64)
    role, before = np.zeros(capacity, np.int64), np.zeros(capacity, np.int64)
    agent, outcome = np.full(capacity, -1, np.int64), np.zeros(capacity, np.int64)
    next_parent, next_queue, next_role = (
        np.zeros(capacity, np.int64), np.zeros(capacity, np.int64), np.zeros(capacity, np.int64)
    )
    pointer, free = first[:-1].copy(), np.full(first.shape[0] - 1, -1.0)
    heap = [(np.inf, 0)]
    made, i, k = 0, 0, 0
    while k < capacity:
        if i < n and fresh_at[i] <= heap[0][0]:
            now, child = fresh_at[i], -1
            queue[k], intent[k], root[k], role[k] = fresh_queue[i], fresh_intent[i], i, 0
            i += 1
        else:
            now, child = heap[0]
            if now < horizon_s:
                heapq.heappop(heap)
                p = next_parent[child]
                queue[k], role[k], parent[k] = next_queue[child], next_role[child], p
                intent[k], root[k] = intent[p], root[p]
                before[k] = before[p] + (1 if outcome[p] != 1 else 0)
        if now >= horizon_s:
            break
        at[k] = now
        q = queue[k]
        m = mode[q]
        week = min(int(now // 604800.0), agent_handle.shape[1] - 1)
        to, follow_at = -1, np.inf
        if m < 0:
            outcome[k], work[k] = 2, 0.0
            start[k], end[k] = now, now + session_s * unit_handle[k]
        else:
            if late_p[q] > 0.0:
                d = min(np.searchsorted(midnight, now, side="right") - 1, promise.shape[0] - 1)
                ahead = min(2 + int(uniform[k, 6] * (promise.shape[1] - 2)), promise.shape[1] - 1)
                due[k] = midnight[promise[d, ahead]] + (now - midnight[d])
            v, ready = _find_server(now, m, can[q], offset, agent_of, first, begin, end_of, pointer, free)
            patience = patience_s[q] * unit_patience[k]
            if ready - now > patience:
                outcome[k], wait[k], end[k] = 1, patience, now + patience
                if uniform[k, 0] < redial_p:
                    cut = 1.0 - np.exp(-redial_cut_s / redial_mean_s)
                    to = q
                    follow_at = end[k] - redial_mean_s * np.log(1.0 - uniform[k, 1] * cut)
            elif v < 0:
                outcome[k], wait[k] = 3, np.inf
            else:
                a = agent_of[v]
                agent[k], wait[k], start[k] = a, ready - now, ready
                work[k] = handle_s[q] * unit_handle[k] * agent_handle[a, week]
                if late_p[q] > 0.0:
                    work[k] *= steps[k]
                if before[k] > 0:
                    work[k] *= second_contact
                end[k] = ready + work[k] * open_factor[q]
                free[v] = end[k]
        if outcome[k] == 0 or outcome[k] == 2:
            w = intent[k]
            less = agent_resolution[agent[k], week] if agent[k] >= 0 else 0.0
            p1, p2 = first_p[w, q], second_p[w, q]
            if p1 + p2 > 0.0:
                share = max(1.0 - less / (p1 + p2), 0.1)
                p1, p2 = p1 * share, p2 * share
            u = uniform[k, 0]
            if u < p1:
                to = first_to[w, q]
            elif u < p1 + p2:
                to = second_to[w, q]
            elif end[k] > due[k] and u > 1.0 - late_p[q]:
                to = home[w]
            if to >= 0:
                base = min(end[k], due[k]) if end[k] > due[k] else end[k]
                follow_at = base + _delay(uniform[k, 1], uniform[k, 2], normal[k], delay_days)
        if to >= 0:
            lands = _landing(follow_at, to, window_of, opens, closes, uniform[k, 3], landing_s)
            if lands < horizon_s and made < capacity:
                next_parent[made], next_queue[made], next_role[made] = k, to, 2 if outcome[k] == 1 else 1
                heapq.heappush(heap, (lands, made))
                made += 1
        k += 1
    return (at[:k], queue[:k], intent[:k], parent[:k], root[:k], role[:k], before[:k], wait[:k], start[:k], work[:k],
            end[:k], agent[:k], outcome[:k], due[:k])
