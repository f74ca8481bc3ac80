"""A person's cheapest legal plans against prices of shifts, by a compiled dynamic program over days.

Irnich and Desaulniers (2005), Shortest path problems with resource constraints: the resources are small
integers here, so every amount has its own place and no labels need comparing.
"""

import numpy as np

from wfo import compiled
from wfo.scheduling.fixed_shifts.space import Space

_entry = compiled.entry("scheduling/fixed_shifts/pricing.py", "scheduling/fixed_shifts/space.py", nogil=True)
_inner = compiled.inner


@_inner
def _cheapest_types(
    cost: np.ndarray, allow: np.ndarray, space: Space, price: np.ndarray, which: np.ndarray
) -> None:
    """Cheapest allowed type of each kind on each day, into `price` and `which` (D, K)."""
    price[:] = np.inf
    for d in range(cost.shape[0]):
        for s in range(cost.shape[1]):
            k = space.kind_of[s]
            if k >= 0 and allow[d, s] and cost[d, s] < price[d, k]:
                price[d, k] = cost[d, s]
                which[d, k] = s


@_inner
def _open(d: int, arc: int, price: np.ndarray, allow: np.ndarray, space: Space) -> bool:
    """Whether an arc can be taken on a day."""
    k = space.kind[arc]
    return allow[d, allow.shape[1] - 1] if k < 0 else price[d, k] < np.inf


@_inner
def _reach(
    price: np.ndarray, allow: np.ndarray, space: Space, least: np.ndarray, most: np.ndarray,
    ahead_least: np.ndarray, ahead_most: np.ndarray,
) -> None:  # fmt: skip
    """Least and most units until a node, and from it to the end; shape (D + 1, nodes); most -1: no way."""
    n_days = price.shape[0]
    big = 1 << 30
    least[:], most[:], ahead_least[:], ahead_most[:] = big, -1, big, -1
    least[0, space.start] = most[0, space.start] = 0
    ahead_least[n_days], ahead_most[n_days] = 0, 0
    for step in range(n_days):
        back = n_days - 1 - step
        for a in range(space.kind.size):
            i, j, k = space.source[a], space.target[a], space.kind[a]
            u = 0 if k < 0 else space.units[k]
            if most[step, i] >= 0 and _open(step, a, price, allow, space):
                least[step + 1, j] = min(least[step + 1, j], least[step, i] + u)
                most[step + 1, j] = max(most[step + 1, j], most[step, i] + u)
            if ahead_most[back + 1, j] >= 0 and _open(back, a, price, allow, space):
                ahead_least[back, i] = min(ahead_least[back, i], ahead_least[back + 1, j] + u)
                ahead_most[back, i] = max(ahead_most[back, i], ahead_most[back + 1, j] + u)


@_inner
def _takes_weekend(weekend: int, arc: int, space: Space) -> int:
    """Whether an arc begins a worked weekend: any Saturday, a Sunday after a free Saturday."""
    if space.kind[arc] < 0:
        return 0
    return 1 if weekend == 1 or (weekend == 2 and space.fresh[arc] == 1) else 0


@_inner
def _relax(
    before: np.ndarray,
    after: np.ndarray,
    c: float,
    u: int,
    w: int,
    low: int,
    high: int,
    stride: int,
    most: int,
) -> None:
    """Carry costs along one arc: (counters, weekends, units) of a node to those of another."""
    outer, weekends = before.shape[0], before.shape[1]
    for o in range(outer):
        if stride > 0 and (o // stride) % (most + 1) == most:
            continue
        here, there = before[o], after[o + stride]
        for v in range(weekends - w):
            source, target = here[v], there[v + w]
            for m in range(low, high + 1):
                target[m + u] = min(target[m + u], source[m] + c)


@_inner
def _stride(k: int, space: Space) -> int:
    """Distance between a counter's values; 0: not counted."""
    if k < 0 or space.axis[k] < 0:
        return 0
    stride = 1
    for c in range(space.axis[k]):
        stride *= space.counts[c] + 1
    return stride


@_inner
def _fill(
    value: np.ndarray, price: np.ndarray, allow: np.ndarray, weekend: np.ndarray, space: Space
) -> np.ndarray:
    """Least cost until each node and amount; gives which nodes a day reaches, bool (D + 1, nodes)."""
    n_days = price.shape[0]
    shape = (n_days + 1, space.nodes)
    least, most = np.empty(shape, np.int64), np.empty(shape, np.int64)
    ahead_least, ahead_most = np.empty(shape, np.int64), np.empty(shape, np.int64)
    _reach(price, allow, space, least, most, ahead_least, ahead_most)
    seen = np.zeros(shape, np.bool_)
    if ahead_most[0, space.start] < 0:
        return seen
    seen[0, space.start] = True
    value[0, space.start] = np.inf
    value[0, space.start, 0, 0, 0] = 0.0
    for d in range(n_days):
        for a in range(space.kind.size):
            i, j, k = space.source[a], space.target[a], space.kind[a]
            if not seen[d, i] or ahead_most[d + 1, j] < 0 or not _open(d, a, price, allow, space):
                continue
            c, u = (0.0, 0) if k < 0 else (price[d, k], space.units[k])
            low = max(least[d, i], space.low - ahead_most[d + 1, j] - u)
            high = min(most[d, i], space.high - ahead_least[d + 1, j] - u)
            if low > high:
                continue
            if not seen[d + 1, j]:
                seen[d + 1, j] = True
                value[d + 1, j] = np.inf
            w, stride = _takes_weekend(weekend[d], a, space), _stride(k, space)
            cap = 0 if stride == 0 else space.counts[space.axis[k]]
            _relax(value[d, i], value[d + 1, j], c, u, w, low, high, stride, cap)
    return seen


@_inner
def _read(
    value: np.ndarray, seen: np.ndarray, price: np.ndarray, which: np.ndarray, allow: np.ndarray,
    weekend: np.ndarray, space: Space, end: tuple[int, int, int, int], plan: np.ndarray,
) -> None:  # fmt: skip
    """Read a plan backwards from an end state (node, counters, weekends, units)."""
    j, o, v, m = end
    off = allow.shape[1] - 1
    for back in range(price.shape[0]):
        d = price.shape[0] - 1 - back
        for n in range(space.first_in[j], space.first_in[j + 1]):
            a = space.arcs_in[n]
            i, k = space.source[a], space.kind[a]
            if not seen[d, i] or not _open(d, a, price, allow, space):
                continue
            c, u = (0.0, 0) if k < 0 else (price[d, k], space.units[k])
            w, stride = _takes_weekend(weekend[d], a, space), _stride(k, space)
            if stride > 0 and (o // stride) % (space.counts[space.axis[k]] + 1) == 0:
                continue
            if m < u or v < w:
                continue
            if value[d, i, o - stride, v - w, m - u] + c == value[d + 1, j, o, v, m]:
                plan[d] = off if k < 0 else which[d, k]
                j, o, v, m = i, o - stride, v - w, m - u
                break


@_entry
def cheapest_plans(
    cost: np.ndarray, allow: np.ndarray, weekend: np.ndarray, space: Space, work: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cheapest plans of a person that end in different states.

    Parameters
    ----------
    cost : float64, shape (D, S)
        What a shift adds.
    allow : bool, shape (D, S + 1)
        Shifts, and off, that are allowed on a day.
    weekend : int64, shape (D,)
        As of `Arrays`.
    space : Space
    work : float64, shape (≥ (D + 1) · size,)
        Scratch.
    count : int
        Plans, at most.

    Returns
    -------
    values : float64, shape (N,)
        Ascending; none: no plan keeps the rules.
    plans : int8, shape (N, D)
    """
    n_days, n_kinds = cost.shape[0], space.units.size
    outer = 1
    for c in range(space.counts.size):
        outer *= space.counts[c] + 1
    shape = (n_days + 1, space.nodes, outer, space.weekends + 1, space.high + 1)
    value = work[: shape[0] * shape[1] * shape[2] * shape[3] * shape[4]].reshape(shape)
    price, which = np.empty((n_days, n_kinds)), np.zeros((n_days, n_kinds), np.int64)
    _cheapest_types(cost, allow, space, price, which)
    seen = _fill(value, price, allow, weekend, space)
    best, ends = np.full(space.nodes, np.inf), np.zeros((space.nodes, 3), np.int64)
    for j in range(space.nodes):
        if not seen[n_days, j]:
            continue
        for o in range(outer):
            for v in range(space.weekends + 1):
                for m in range(space.low, space.high + 1):
                    if value[n_days, j, o, v, m] < best[j]:
                        best[j] = value[n_days, j, o, v, m]
                        ends[j, 0], ends[j, 1], ends[j, 2] = o, v, m
    order = np.argsort(best, kind="mergesort")
    found = 0
    while found < min(count, space.nodes) and best[order[found]] < np.inf:
        found += 1
    plans = np.zeros((found, n_days), np.int8)
    for n in range(found):
        j = order[n]
        end = (j, ends[j, 0], ends[j, 1], ends[j, 2])
        _read(value, seen, price, which, allow, weekend, space, end, plans[n])
    return best[order[:found]], plans
