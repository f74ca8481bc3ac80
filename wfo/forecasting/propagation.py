"""How contacts cause contacts, in expectation: exactly what the simulator does with the same laws.

``volume = fresh + carried + follow-ups + redials``; a served contact in ``a`` causes R[a, b] contacts in
``b`` after a delay, an abandoned one calls the same queue again with its redial probability.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.signal import oaconvolve

from wfo.forecasting.lags import interval_lags, redial_lags


@dataclass(frozen=True)
class Links:
    """Who causes whom, by interval lag.

    Attributes
    ----------
    source, target : ndarray of int64, shape (P,)
        Queue numbers.
    weight : ndarray, shape (P, K)
        Expected contacts due in ``target`` k intervals after the interval of one arrival in ``source``.
    """

    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray


def links_of(
    follow_ups: np.ndarray,
    delay_cdf: np.ndarray,
    edges_min: np.ndarray,
    redial_p: np.ndarray,
    redial_mean_s: np.ndarray,
    abandonment: np.ndarray,
    step_min: int,
) -> Links:
    """Links by interval lag of one *arrival*: served with 1 − abandonment, else redialling.

    Parameters
    ----------
    follow_ups : ndarray, shape (Q, Q)
        R[from, to] of one served contact.
    delay_cdf : ndarray, shape (Q, Q, L)
    edges_min : ndarray, shape (L + 1,)
    redial_p, redial_mean_s, abandonment : ndarray, shape (Q,)
    step_min : int
    """
    pairs: list[tuple[int, int, np.ndarray]] = []
    for a, b in np.argwhere(follow_ups > 0):
        served = follow_ups[a, b] * (1 - abandonment[a])
        pairs.append((int(a), int(b), served * interval_lags(edges_min, delay_cdf[a, b], step_min)))
    for q in np.flatnonzero(redial_p * abandonment > 0):
        again = redial_p[q] * abandonment[q]
        pairs.append((int(q), int(q), again * redial_lags(float(redial_mean_s[q]), step_min)))
    reach = max((len(w) for *_, w in pairs), default=1)
    weight = np.zeros((len(pairs), reach))
    for i, (*_, w) in enumerate(pairs):
        weight[i, : len(w)] = w
    source = np.array([a for a, *_ in pairs], dtype=np.int64)
    target = np.array([b for _, b, _ in pairs], dtype=np.int64)
    return Links(source, target, weight)


def spectral_radius(follow_ups: np.ndarray, redial_p: np.ndarray, abandonment: np.ndarray) -> float:
    """Largest eigenvalue of the expected children of one arrival; at 1 or above chains never end."""
    if not follow_ups.size:
        return 0.0
    children = follow_ups * (1 - abandonment)[:, None] + np.diag(redial_p * abandonment)
    return float(np.abs(np.linalg.eigvals(children)).max())


def expected_volume(
    base: np.ndarray, links: Links, landing_start: np.ndarray, landing_len: np.ndarray, *, known: int = 0
) -> np.ndarray:
    """Expected arrivals of all generations.

    Parameters
    ----------
    base : ndarray, shape (Q, T) or (n, Q, T)
        Contacts that come of themselves: fresh and carried.
    links : Links
    landing_start, landing_len : ndarray of int32, shape (Q, T)
        As in `DemandPaths`.
    known : int
        The first ``known`` intervals of ``base`` are whole volumes already: they cause, but nothing is added.

    Returns
    -------
    ndarray, like ``base``
        What is due, or lands, after the last interval is left out.

    Examples
    --------
    >>> import numpy as np
    >>> one = Links(np.array([0]), np.array([0]), np.array([[0.0, 0.5]]))
    >>> start, length = np.arange(3, dtype=np.int32)[None], np.ones((1, 3), dtype=np.int32)
    >>> expected_volume(np.array([[8.0, 0.0, 0.0]]), one, start, length).tolist()
    [[8.0, 4.0, 2.0]]
    """
    paths = base[None] if base.ndim == 2 else base
    volume = np.ascontiguousarray(paths.transpose(2, 1, 0), dtype=np.float64)
    n_queues, n = landing_start.shape
    inverse = np.broadcast_to(np.eye(n_queues), (n, n_queues, n_queues)).copy()
    within = np.zeros((n_queues, n_queues))
    np.add.at(within, (links.target, links.source), links.weight[:, 0])
    open_now = landing_start == np.arange(n)
    for pattern in np.unique(open_now.T, axis=0):
        here = (pattern == open_now.T).all(axis=1)
        inverse[here] = np.linalg.inv(np.eye(n_queues) - within * pattern[:, None])
    _propagate(volume, inverse, links.source, links.target, links.weight, landing_start, landing_len, known)
    out = np.ascontiguousarray(volume.transpose(2, 1, 0))
    return out[0] if base.ndim == 2 else out


@njit(cache=True)
def _propagate(volume, inverse, source, target, weight, start, length, known):  # type: ignore[no-untyped-def]
    n, n_queues, paths = volume.shape
    due = np.zeros((n, n_queues, paths))
    total = np.zeros((n_queues, paths))
    for t in range(n):
        if t >= known:
            # children in their parent's own interval: a geometric series over the queues that are open
            for q in range(n_queues):
                if start[q, t] == t:
                    for r in range(paths):
                        volume[t, q, r] += due[t, q, r]
            for q in range(n_queues):
                for r in range(paths):
                    total[q, r] = 0.0
                for p in range(n_queues):
                    c = inverse[t, q, p]
                    if c != 0.0:
                        for r in range(paths):
                            total[q, r] += c * volume[t, p, r]
            for q in range(n_queues):
                for r in range(paths):
                    volume[t, q, r] = total[q, r]
        for i in range(source.size):
            a = source[i]
            b = target[i]
            if start[b, t] != t:
                for r in range(paths):
                    due[t, b, r] += weight[i, 0] * volume[t, a, r]
            for k in range(1, min(weight.shape[1], n - t)):
                w = weight[i, k]
                # what is due before ``known`` at a closed queue may still land after it
                if w > 0.0 and (t + k >= known or start[b, t + k] != t + k):
                    for r in range(paths):
                        due[t + k, b, r] += w * volume[t, a, r]
        for q in range(n_queues):
            first = start[q, t]
            if first > t:
                for u in range(max(first, known), first + length[q, t]):
                    for r in range(paths):
                        volume[u, q, r] += due[t, q, r] / length[q, t]


def children(
    volume: np.ndarray,
    links: Links,
    landing_start: np.ndarray,
    landing_len: np.ndarray,
    *,
    scale: np.ndarray | None = None,
) -> np.ndarray:
    """Expected contacts of the next generation alone, for volumes that are known.

    Parameters
    ----------
    volume : ndarray, shape (Q, T)
    links : Links
    landing_start, landing_len : ndarray of int32, shape (Q, T)
    scale : ndarray, shape (P, T), or None
        Factor on each link by the interval of the contact that causes.

    Returns
    -------
    ndarray, shape (Q, T)
    """
    due = np.zeros_like(volume)
    for i, (a, b) in enumerate(zip(links.source, links.target, strict=True)):
        causing = volume[a] if scale is None else volume[a] * scale[i]
        due[b] += oaconvolve(causing, links.weight[i])[: volume.shape[1]]
    return land(np.maximum(due, 0.0), landing_start, landing_len)


def land(due: np.ndarray, landing_start: np.ndarray, landing_len: np.ndarray) -> np.ndarray:
    """Move what is due to where it arrives; what lands beyond the last interval is left out. Shape (Q, T)."""
    n_queues, n = due.shape
    out = np.zeros((n_queues, n))
    for q in range(n_queues):
        lands = landing_len[q] > 0
        first, length = landing_start[q][lands], landing_len[q][lands]
        each = due[q][lands] / length
        moved = first != np.flatnonzero(lands)
        still = due[q] * (landing_start[q] == np.arange(n))
        change = np.bincount(first[moved], each[moved], n + 1)
        change -= np.bincount((first + length)[moved], each[moved], n + 1)
        out[q] = still + np.maximum(np.cumsum(change)[:n], 0.0)
    return out
