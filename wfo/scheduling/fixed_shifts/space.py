"""What a person's plan must remember from day to day: a small automaton, and amounts that are used up."""

from typing import NamedTuple

import numpy as np

from wfo.scheduling.fixed_shifts.arrays import Arrays


class Space(NamedTuple):
    """States of one person's dynamic program.

    Nodes tell days on and off in a row and what the last shift bars. Arcs lead from a node before a day to
    one after it, by a day off or by a kind of shift; kinds gather the types that cost the same working time,
    bar the same, are barred alike and are counted alike.

    Attributes
    ----------
    start, nodes : int
    source, target, kind, fresh : int64, shape (A,)
        Of each arc; kind -1 is a day off; `fresh`: the day before was off.
    arcs_in : int64, shape (A,)
        Arcs in the order of their targets.
    first_in : int64, shape (nodes + 1,)
        Where a target's arcs begin in `arcs_in`.
    kind_of : int64, shape (S,)
        Kind of each type; -1: not to be worked.
    units : int64, shape (K,)
    axis : int64, shape (K,)
        Which counter a kind uses; -1: none.
    counts : int64, shape (C,)
        Most shifts of each counter.
    weekends : int
        Most weekends.
    low, high : int
        Least and most units of working time.
    """

    start: int
    nodes: int
    source: np.ndarray
    target: np.ndarray
    kind: np.ndarray
    fresh: np.ndarray
    arcs_in: np.ndarray
    first_in: np.ndarray
    kind_of: np.ndarray
    units: np.ndarray
    axis: np.ndarray
    counts: np.ndarray
    weekends: int
    low: int
    high: int

    @property
    def size(self) -> int:
        """Numbers the program keeps for one day."""
        return self.nodes * int(np.prod(self.counts + 1)) * (self.weekends + 1) * (self.high + 1)


def person_space(arrays: Arrays, person: int, counted: tuple[int, ...]) -> Space:
    """States of a person; of the limits on single types only those in `counted` are kept."""
    rules, (_, _, n_shifts) = arrays.team.persons[person], arrays.shape
    can = arrays.allow[person].any(axis=0)[:n_shifts]
    keys, kind_of = list[tuple[object, ...]](), np.full(n_shifts, -1)
    for s in np.flatnonzero(can):
        key = (
            int(arrays.units[s]), arrays.bars[s][can].tobytes(), arrays.bars[can, s].tobytes(),
            counted.index(s) if s in counted else -1,
        )  # fmt: skip
        if key not in keys:
            keys.append(key)
        kind_of[s] = keys.index(key)
    arcs, start, nodes = _arcs(arrays, person, kind_of)
    source, target, kind, fresh = np.array(arcs, np.int64).reshape(-1, 4).T.copy()
    order = np.argsort(target, kind="stable")
    names = [t.name for t in arrays.team.shift_types]
    weekends = int((arrays.weekend == 1).sum())
    return Space(
        start, nodes, source, target, kind, fresh, order,
        np.searchsorted(target[order], np.arange(nodes + 1)), kind_of,
        np.array([k[0] for k in keys], np.int64), np.array([k[3] for k in keys], np.int64),
        np.array([rules.max_shifts[names[s]] for s in counted], np.int64),
        weekends if rules.max_weekends is None else min(rules.max_weekends, weekends),
        -(-rules.minutes[0] // arrays.unit),
        min(rules.minutes[1] // arrays.unit, len(arrays.weekend) * int(arrays.units.max())),
    )  # fmt: skip


def _arcs(
    arrays: Arrays, person: int, kind_of: np.ndarray
) -> tuple[list[tuple[int, int, int, int]], int, int]:
    """Arcs (source, target, kind, fresh), the start node and the number of nodes, all reachable ones."""
    rules = arrays.team.persons[person]
    (least, most), rest = rules.days_on, rules.min_days_off
    member = [int(np.flatnonzero(kind_of == k)[0]) for k in range(kind_of.max(initial=-1) + 1)]
    can = kind_of >= 0

    def barred(s: int) -> bytes:
        return arrays.bars[s][can].tobytes()

    free = np.zeros(int(can.sum()), bool).tobytes()
    # A node: (days on, days off, what is barred, whether a short row is forgiven).
    before, names = rules.before, [t.name for t in arrays.team.shift_types]
    if before is None:
        begin = (0, rest, free, True)
    elif before.days_on:
        begin = (before.days_on, 0, barred(names.index(before.shift)), False)
    else:
        begin = (0, min(before.days_off, rest), free, False)
    number, todo, arcs = {begin: 0}, [begin], list[tuple[int, int, int, int]]()
    while todo:
        node = todo.pop()
        on, off, bars, forgiven = node
        steps: list[tuple[tuple[int, int, bytes, bool], int]] = []
        if on == 0 or forgiven or on >= least:
            steps.append(((0, min(off + 1, rest), free, False), -1))
        if (on > 0 and on < most) or (on == 0 and off >= rest):
            for k, s in enumerate(member):
                if not np.frombuffer(bars, bool)[int(can[:s].sum())]:
                    row = on + 1
                    steps.append(((row, 0, barred(s), forgiven and row < least), k))
        for after, k in steps:
            if after not in number:
                number[after] = len(number)
                todo.append(after)
            arcs.append((number[node], number[after], k, int(on == 0)))
    return arcs, 0, len(number)
