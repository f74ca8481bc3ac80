"""Best response: each person in turn takes the cheapest plan against the others."""

import numpy as np

from wfo.scheduling.fixed_shifts.arrays import Arrays
from wfo.scheduling.fixed_shifts.pricer import Pricer
from wfo.scheduling.watch import Watch


def best_responses(
    arrays: Arrays, pricer: Pricer, *, seed: int, passes: int, watch: Watch, begin: np.ndarray | None = None
) -> tuple[np.ndarray, list[int]]:
    """Legal plans of all persons, and the persons who have none.

    Parameters
    ----------
    arrays : Arrays
    pricer : Pricer
    seed : int
        Of the order of persons.
    passes : int
        At most; it ends when a pass gains nothing.
    watch : Watch
    begin : int8, shape (P, D), optional
        Legal plans to begin with; empty: nobody works yet.

    Returns
    -------
    plans : int8, shape (P, D)
        Off all days for a person without a legal plan.
    without : list of int
    """
    n_persons, n_days, n_shifts = arrays.shape
    plans = np.full((n_persons, n_days), n_shifts, np.int8) if begin is None else begin.copy()
    count, without = arrays.staffed(plans), set[int]()
    order, draws = np.arange(n_persons), np.random.default_rng(seed)
    for number in range(passes):
        new = number == 0 and begin is None
        gained = new
        for person in draws.permutation(order):
            if int(person) in without or (not new and watch.look()):
                continue
            old = plans[person]
            on = np.flatnonzero(old < n_shifts)
            count[on, old[on]] -= 1
            more = np.where(count < arrays.need, -arrays.under, arrays.over)
            cost = (arrays.wish[person] + more).astype(float)
            least, found = pricer.cheapest(int(person), cost, arrays.allow[person])
            if not len(found):
                without.add(int(person))
            elif new or least < cost[on, old[on]].sum() - 0.5:
                plans[person], gained = found[0], True
            on = np.flatnonzero(plans[person] < n_shifts)
            count[on, plans[person][on]] += 1
        if not gained:
            break
    return plans, sorted(without)
