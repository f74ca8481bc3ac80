"""Search and bound of a problem, for the run's own objective and again for the flat benchmark."""

from dataclasses import dataclass, field

import numpy as np

from wfo.effort import Limits
from wfo.scheduling.bound import Dual, descend, queue_prices
from wfo.scheduling.cover import renew
from wfo.scheduling.linear_bound import linear_bound
from wfo.scheduling.neighbourhood import improve_days
from wfo.scheduling.problem import FORBIDDEN, Demand, People, Problem, Weeks
from wfo.scheduling.search import (
    Roster,
    cooling,
    counter,
    first_weeks,
    one_pass,
    ruin_and_recreate,
    seat_all,
)

_PASSES = 3
_TRIALS_A_PASS = 130
_FLAT_TRIALS_A_PASS = 500
_BOUND_ROUNDS_A_PASS = 20
_GROUP = 3
_HEAT = 1.0
_FLAT_HEAT = 60.0


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
    served : ndarray, shape (Q, T)
        Agents on each queue; of deferred queues, the agent-slots of work done.
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
    served: np.ndarray
    facts: dict[str, float] = field(default_factory=dict)


def _search(
    problem: Problem, demand: Demand, people: People, start: Weeks, has: np.ndarray, seed: int,
    limits: Limits, trials_a_pass: int, heat: float,
) -> tuple[Roster, np.ndarray]:  # fmt: skip
    """Best weeks for an objective, and who has no legal week.

    Parameters
    ----------
    trials_a_pass : int
        Trials of ruin and recreate for each pass of the limits.
    heat : float
        First temperature of the annealing, in prices of overstaffing.
    """
    draw = np.random.default_rng(seed)
    roster = Roster(problem, demand, people)
    order = draw.permutation(len(problem.agent_ids))
    begin, without = first_weeks(problem, demand, people, start, has, order)
    seat_all(roster, begin, ~without, order[~without[order]])
    movers = order[~without[order]]
    for _ in range(min(_PASSES, limits.passes)):
        if one_pass(roster, movers) < 1e-6:
            break
    if not movers.size:
        return roster, without
    warmth = heat * float(demand.over[0]) or 0.5 * float(np.abs(roster.state.worth).mean())
    ruin_and_recreate(roster, movers, cooling(warmth, limits.passes * trials_a_pass), _GROUP, counter(seed))
    one_pass(roster, movers)
    improve_days(roster, limits.neighbourhoods, limits.solver_s, seed, draw)
    return roster, without


def _equals(problem: Problem, people: People, without: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One agent of each group with the same rules, and the groups' sizes; who has no week is left out."""
    limits = people[people._fields.index("over_price") :]
    rows = np.stack([people.class_id, people.kind, people.off_row, *people.plan.T, *limits], axis=1)
    groups: dict[tuple[bytes, ...], list[int]] = {}
    for a in np.flatnonzero(~without):
        key = (
            people.base[a].tobytes(),
            people.must[a].tobytes(),
            people.choice[a].tobytes(),
            rows[a].tobytes(),
        )
        groups.setdefault(key, []).append(int(a))
    heads = np.array([own[0] for own in groups.values()], np.int64)
    return heads, np.array([len(own) for own in groups.values()], float)


def _bounded(
    problem: Problem, fine: Demand, roster: Roster, without: np.ndarray, rounds: int
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Bound, its prices, and the schedule's own marginal values."""
    more, less = np.zeros((2, *fine.step_n.shape))
    renew(roster.demand, roster.state)
    queue_prices(roster.demand, roster.state, more, less)
    heads, weight = _equals(problem, roster.people, without)
    dual = Dual(fine, roster.people, problem.shifts, heads, weight, problem.no_weeks())
    starts = [(np.maximum((more + less) / 2, dual.floor), np.zeros(fine.cut_rhs.size))]
    linear, highest = linear_bound(problem, fine, roster.people, without), np.inf
    if linear is not None:
        starts.append((np.clip(linear.price, dual.floor, dual.top), linear.cut_price))
        highest = linear.value
    start = min(starts, key=lambda s: dual.value(s[0], s[1], 0.0)[0])
    bound, price, _ = descend(dual, *start, roster.value, rounds)
    return max(min(bound, highest), roster.value), price, more, less


def _served(roster: Roster) -> np.ndarray:
    """Agents on each queue, and work done of deferred ones, shape (Q, T)."""
    demand, state = roster.demand, roster.state
    deferred = np.diff(demand.queue_pool) > 0
    return np.where(deferred, state.done, state.units[:, : deferred.size]).T


def solve(problem: Problem, start: Weeks, has: np.ndarray, *, seed: int, limits: Limits) -> Solution:
    """Plan, bound, and measure on the flat benchmark.

    Parameters
    ----------
    start : Weeks
        Where to begin; used for agents of `has`.
    has : ndarray of bool, shape (A,)
    """
    people = problem.people
    roster, without = _search(
        problem, problem.demand, people, start, has, seed, limits, _TRIALS_A_PASS, _HEAT
    )
    rounds = limits.passes * _BOUND_ROUNDS_A_PASS
    bound, price, low, high = _bounded(problem, problem.demand_fine, roster, without, rounds)
    free = np.zeros_like(people.over_price)
    unpaid = people._replace(
        base=np.where(people.base > FORBIDDEN / 2, 0.0, FORBIDDEN), over_price=free, under_price=free
    )
    flat, _ = _search(
        problem,
        problem.flat,
        unpaid,
        roster.weeks,
        ~without,
        seed,
        limits,
        _FLAT_TRIALS_A_PASS,
        _FLAT_HEAT,
    )
    flat_bound, *_ = _bounded(problem, problem.flat_fine, flat, without, rounds)
    # The flat benchmark counts penalties: all needed slots missed, less what the schedule gains.
    worst = 10.0 * problem.required_slots
    return Solution(
        roster.weeks, without, roster.value, bound, worst - flat.value, max(0.0, worst - flat_bound),
        problem.required_slots, price, np.minimum(low, high), np.maximum(low, high), _served(roster),
        {"slots_needed": problem.required_slots, "agents_planned": float((~without).sum())},
    )  # fmt: skip
