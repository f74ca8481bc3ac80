"""Earliest due first: how much deferred work a given capacity takes up in time."""

import heapq
from collections.abc import Sequence

import numpy as np


def taken_up(
    work: np.ndarray,
    release: np.ndarray,
    due: np.ndarray,
    capacity: np.ndarray,
    group: np.ndarray | None = None,
    limit: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Work done in its window by earliest due first, as a fluid.

    With one group no order takes up more (windows are convex: Glover 1967). Limits by group keep it possible,
    not always the most.

    Parameters
    ----------
    work : ndarray, shape (R,)
    release, due : ndarray of int64, shape (R,)
        Intervals ``[release, due)``.
    capacity : ndarray, shape (T,)
        In all groups together, in the unit of ``work``.
    group : ndarray of int64, shape (R,), optional
        0 … G − 1.
    limit : ndarray, shape (G, T), optional
        Capacity of each group.

    Returns
    -------
    row, interval : ndarray of int64
    amount : ndarray
        What is done of a piece in an interval.

    Examples
    --------
    >>> work, release, due = np.array([2.0, 1.0]), np.array([0, 0]), np.array([3, 1])
    >>> row, interval, amount = taken_up(work, release, due, np.array([1.0, 1.0, 0.5]))
    >>> row.tolist(), interval.tolist(), amount.tolist()
    ([1, 0, 0], [0, 1, 2], [1.0, 1.0, 0.5])
    """
    kind = np.zeros(work.size, dtype=np.int64) if group is None else group
    most = (
        np.broadcast_to(capacity, (int(kind.max(initial=0)) + 1, capacity.size)) if limit is None else limit
    )
    done: list[tuple[int, int, float]] = []
    left = np.array(work, dtype=float)
    waiting: list[list[tuple[int, int]]] = [[] for _ in range(most.shape[0])]
    coming, arrived = np.argsort(release, kind="stable"), 0
    for t in range(capacity.size):
        while arrived < work.size and release[coming[arrived]] <= t:
            row = int(coming[arrived])
            heapq.heappush(waiting[kind[row]], (int(due[row]), row))
            arrived += 1
        _one_interval(t, waiting, left, done, float(capacity[t]), most[:, t].tolist())
    where = np.array([(r, t) for r, t, _ in done], dtype=np.int64).reshape(-1, 2)
    return where[:, 0], where[:, 1], np.array([some for _, _, some in done], dtype=float)


def _one_interval(
    t: int,
    waiting: Sequence[list[tuple[int, int]]],
    left: np.ndarray,
    done: list[tuple[int, int, float]],
    room: float,
    room_of: list[float],
) -> None:
    """Give an interval's capacity to what is due first."""
    while room > 0.0:
        for heap in waiting:
            while heap and (heap[0][0] <= t or left[heap[0][1]] <= 0.0):
                heapq.heappop(heap)
        able = [(heap[0], g) for g, heap in enumerate(waiting) if heap and room_of[g] > 0.0]
        if not able:
            return
        (_, row), g = min(able)
        some = min(room, room_of[g], float(left[row]))
        left[row] -= some
        done.append((row, t, some))
        room -= some
        room_of[g] -= some
