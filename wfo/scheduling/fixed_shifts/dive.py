"""Diving: decide the surest days of the master's solution, generate plans anew, until all is decided."""

import numpy as np

from wfo.scheduling.fixed_shifts.generate import Generator
from wfo.scheduling.fixed_shifts.master import Master

_SURE = 0.95
_SHARES = 0.02, 0.15
_FREE_OF_COST = 1e-4


def dive(
    generator: Generator, master: Master, allow: np.ndarray, *, rounds: int, better_than: float = np.inf
) -> np.ndarray | None:
    """Plans of all persons, int8, shape (P, D); None: none better than a cost.

    Parameters
    ----------
    generator : Generator
    master : Master
        Its columns that leave what is decided are dropped on the way.
    allow : bool, shape (P, D, S + 1)
    rounds : int
        Rounds of column generation after each decision.
    better_than : float
        Give up when the bound says that nothing below is left.

    Notes
    -----
    The more of the open days are decided at a time, the less the last decision cost. Days, not whole plans,
    are decided, as in Strandmark, Qu and Curtois (2020), *First-order linear programming in a column
    generation-based heuristic approach to the nurse rostering problem*.
    """
    allow, share, before = allow.copy(), _SHARES[0], np.inf
    while True:
        enough = before + _FREE_OF_COST * abs(before) / 10 if np.isfinite(before) else -np.inf
        done = generator.run(master, allow, rounds, better_than, enough=enough)
        if done.least >= better_than:
            return None
        shares = master.shares()
        if min(shares.values(), default=1.0) > 1 - 1e-6 or generator.over:
            return _rounded(allow, generator, shares)
        cheap = done.value - before <= _FREE_OF_COST * abs(done.value)
        share, before = min(share * 1.5, _SHARES[1]) if cheap else _SHARES[0], done.value
        _decide(allow, generator, shares, max(1, int(share * (allow.sum(axis=2) > 1).sum())))
        master.drop(allow)


def _rounded(allow: np.ndarray, generator: Generator, shares: dict[int, float]) -> np.ndarray | None:
    """Of each undecided person the plan with the largest share; None: somebody has none."""
    plans = allow.argmax(axis=2).astype(np.int8)
    best: dict[int, int] = {}
    for column, share in shares.items():
        person = generator.pool.person[column]
        if person not in best or share > shares[best[person]]:
            best[person] = column
    for person, column in best.items():
        plans[person] = generator.pool.plan[column]
    undecided = np.flatnonzero((allow.sum(axis=2) > 1).any(axis=1))
    return plans if set(undecided.tolist()) <= best.keys() else None


def _decide(allow: np.ndarray, generator: Generator, shares: dict[int, float], least: int) -> None:
    """Leave one choice on the days that are nearly decided, and on the surest others, so many at least."""
    pool, size = generator.pool, allow.shape
    weight, columns = np.zeros(size), dict[int, list[int]]()
    days = np.arange(size[1])
    for column, share in shares.items():
        person = pool.person[column]
        weight[person, days, pool.plan[column]] += share
        columns.setdefault(person, []).append(column)
    weight[allow.sum(axis=2) <= 1] = 0.0
    order = np.argsort(-weight, axis=None, kind="stable")[: int((weight > 1e-6).sum())]
    done = 0
    for cell in order:
        person, day, choice = (int(i) for i in np.unravel_index(cell, size))
        if weight[person, day, choice] < _SURE and done >= least:
            break
        kept = [c for c in columns[person] if pool.plan[c][day] == choice]
        if sum(shares[c] for c in kept) < 0.5 and (done or not kept):
            continue
        done += weight[person, day, choice] < 1 - 1e-6
        columns[person] = kept
        allow[person, day] = False
        allow[person, day, choice] = True
