"""Search and bound of a problem, for the run's own objective and again for the flat benchmark."""

from dataclasses import dataclass, field

import numpy as np

from wfo.effort import Limits
from wfo.scheduling.bound import descend, queue_prices
from wfo.scheduling.cover import State, empty_state
from wfo.scheduling.problem import Demand, Problem, Weeks
from wfo.scheduling.search import first_weeks, one_pass, ruin_and_recreate

_TRIALS_A_PASS = 400
_BOUND_ROUNDS_A_PASS = 20
_GROUP = 4


@dataclass(frozen=True)
class Solution:
    """What was found.

    Attributes
    ----------
    weeks : Weeks
    without : ndarray of bool, shape (A,)
        Agents without a legal week.
    objective, bound : float
        Of the run's objective, in money.
    flat_objective, flat_bound, required : float
        Of the flat benchmark (a penalty: lower is better), and needed agent-slots.
    price, price_low, price_high : ndarray, shape (Q, T)
        Money for one agent-slot on a queue: dual; value of one more; value of the last one.
    facts : dict
        Further figures for the result's meta.
    """

    weeks: Weeks
    without: np.ndarray
    objective: float
    bound: float
    flat_objective: float
    flat_bound: float
    required: float
    price: np.ndarray
    price_low: np.ndarray
    price_high: np.ndarray
    facts: dict[str, float] = field(default_factory=dict)


def _copy(weeks: Weeks) -> Weeks:
    return Weeks(weeks.start.copy(), weeks.length.copy(), weeks.breaks.copy())


def _search(
    problem: Problem, demand: Demand, start: Weeks, has: np.ndarray, seed: int, limits: Limits
) -> tuple[Weeks, State, np.ndarray]:
    """Best weeks for a demand, their assignment, and who has no legal week."""
    people, shifts = problem.people, problem.shifts
    weeks, state = _copy(start), empty_state(demand)
    order = np.random.default_rng(seed).permutation(len(problem.agent_ids)).astype(np.int64)
    without = first_weeks(order, has, demand, state, people, shifts, weeks)
    movers = order[~without[order]]
    for _ in range(min(3, limits.passes)):
        if not one_pass(movers, demand, state, people, shifts, weeks):
            break
    best = _copy(weeks)
    trials = limits.passes * _TRIALS_A_PASS if movers.size else 0
    heat = 0.1 * max(1e-9, float(np.mean(np.abs(state.price))))
    ruin_and_recreate(
        movers.copy(), trials, heat, _GROUP, np.array([seed + 1], np.uint64), demand, state, people, shifts, weeks, best
    )
    state = empty_state(demand)
    planned = ~without
    first_weeks(movers, planned, demand, state, people, shifts, best)
    one_pass(movers, demand, state, people, shifts, best)
    return best, state, without


def _equals(problem: Problem, without: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One agent of each group of agents with the same rules, and the groups' sizes; who has no week is left out."""
    people = problem.people
    rows = np.stack([people.class_id, people.kind, *people[6:]], axis=1)
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for a in np.flatnonzero(~without):
        key = (people.base[a].tobytes(), people.must[a].tobytes(), rows[a].tobytes(), people.off_row[a].tobytes())
        groups.setdefault(key, []).append(int(a))
    heads = np.array([own[0] for own in groups.values()], np.int64)
    return heads, np.array([len(own) for own in groups.values()], float)


def _bounded(
    problem: Problem, demand: Demand, state: State, without: np.ndarray, rounds: int
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Bound, its prices, and the schedule's own marginal values."""
    more, less = np.zeros((2, *demand.step_n.shape))
    queue_prices(demand, state, more, less)
    price, cut_price = np.clip((more + less) / 2, -demand.over[0], None), np.zeros(demand.cut_rhs.size)
    heads, weight = _equals(problem, without)
    target = float(state.total[0])
    bound = descend(
        price, cut_price, target, rounds, demand, problem.people, problem.shifts, heads, weight, problem.no_weeks()
    )
    return max(bound, target), price, more, less


def solve(problem: Problem, start: Weeks, has: np.ndarray, *, seed: int, limits: Limits) -> Solution:
    """Plan, bound, and measure on the flat benchmark.

    Parameters
    ----------
    start : Weeks
        Where to begin; used for agents of `has`.
    has : ndarray of bool, shape (A,)
    """
    weeks, state, without = _search(problem, problem.demand, start, has, seed, limits)
    rounds = limits.passes * _BOUND_ROUNDS_A_PASS
    bound, price, low, high = _bounded(problem, problem.demand, state, without, rounds)
    flat_weeks, flat_state, _ = _search(problem, problem.flat, weeks, ~without, seed, limits)
    flat_bound, *_ = _bounded(problem, problem.flat, flat_state, without, rounds)
    # The flat benchmark counts penalties: all needed slots missed, less what the schedule gains.
    worst = 10.0 * problem.required_slots
    return Solution(
        weeks, without, float(state.total[0]), bound, worst - float(flat_state.total[0]), max(0.0, worst - flat_bound),
        problem.required_slots, price, np.minimum(low, high), np.maximum(low, high),
        {"slots_needed": problem.required_slots, "agents_planned": float((~without).sum())},
    )  # fmt: skip
