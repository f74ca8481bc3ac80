"""Search and bound of a problem, for the run's own objective and again for the flat benchmark."""

from dataclasses import dataclass, field

import numpy as np

from wfo.effort import Limits
from wfo.scheduling.bounded import Beside, Bounded
from wfo.scheduling.improve import Tries, improve, seated
from wfo.scheduling.problem import FORBIDDEN, Demand, People, WeekProblem, Weeks
from wfo.scheduling.search import Roster
from wfo.scheduling.watch import Watch

_TRIALS_A_PASS = 400
_FLAT_TRIALS_A_PASS = 1250
_BOUND_ROUNDS_A_PASS = 20
_HEAT = 1.0
_FLAT_HEAT = 20.0
_OWN_SHARE, _OWN_BOUND_SHARE, _FLAT_SHARE = 0.5, 0.75, 0.85
_UNDER = 10.0


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


def _planned(
    problem: WeekProblem, aim: tuple[Demand, Demand, People], start: Weeks, has: np.ndarray, seed: int,
    tries: Tries, rounds: int, share: float, watch: Watch,
) -> tuple[Roster, np.ndarray, Bounded]:  # fmt: skip
    """Schedule and bound of an objective, and who has no legal week.

    Parameters
    ----------
    aim : (Demand, Demand, People)
        For the search, for the bound, and what shifts are worth.
    rounds : int
        Of the bound.
    share : float
        Of the time limit, for search and bound together.
    """
    demand, fine, people = aim
    order = np.random.default_rng(seed).permutation(len(problem.agent_ids))
    roster, without = seated(problem, demand, people, start, has, order)
    beside = Beside(problem, fine, people, without, watch.left(share), watch)
    price = improve(roster, order[~without[order]], seed, tries, watch)
    found = beside.bound(roster, rounds, share, watch, price)
    watch.tell("bound", roster.value)
    return roster, without, found


def _served(roster: Roster) -> np.ndarray:
    """Agents on each queue, and work done of deferred ones, shape (Q, T)."""
    demand, state = roster.demand, roster.state
    deferred = np.diff(demand.queue_pool) > 0
    return np.where(deferred, state.done, state.units[:, : deferred.size]).T


def solve(
    problem: WeekProblem,
    start: Weeks,
    has: np.ndarray,
    *,
    seed: int,
    limits: Limits,
    watch: Watch | None = None,
) -> Solution:
    """Plan, bound, and measure on the flat benchmark.

    Parameters
    ----------
    start : Weeks
        Where to begin; used for agents of `has`.
    has : ndarray of bool, shape (A,)
    watch : Watch, optional
        A time limit, Ctrl-C, progress.
    """
    people, watch = problem.people, watch or Watch()
    watch.required = problem.required_slots
    once = _is_flat(problem)
    rounds = limits.passes * _BOUND_ROUNDS_A_PASS
    tries = Tries.of(
        limits, _FLAT_TRIALS_A_PASS if once else _TRIALS_A_PASS, _FLAT_HEAT if once else _HEAT,
        _FLAT_SHARE if once else _OWN_SHARE, len(problem.agent_ids),
    )  # fmt: skip
    own = problem.demand, problem.demand_fine, people
    share = 1.0 if once else _OWN_BOUND_SHARE
    roster, without, found = _planned(problem, own, start, has, seed, tries, rounds, share, watch)
    flat, flat_bound = roster, found.value
    if not once:
        tries = Tries.of(limits, _FLAT_TRIALS_A_PASS, _FLAT_HEAT, _FLAT_SHARE, len(problem.agent_ids))
        aim = problem.flat, problem.flat_fine, _unpaid(people)
        watch.mute()
        flat, _, measured = _planned(problem, aim, start, has, seed, tries, rounds, 1.0, watch)
        flat_bound = measured.value
    # The flat benchmark counts penalties: all needed slots missed, less what the schedule gains.
    worst = _UNDER * problem.required_slots
    low, high = np.minimum(found.more, found.less), np.maximum(found.more, found.less)
    return Solution(
        roster.weeks, without, roster.value, found.value, worst - flat.value, max(0.0, worst - flat_bound),
        problem.required_slots, found.price, low, high, _served(roster),
        {"slots_needed": problem.required_slots, "agents_planned": float((~without).sum())},
    )  # fmt: skip


def _unpaid(people: People) -> People:
    """Agents whose hours and wishes cost nothing."""
    free = np.zeros_like(people.over_price)
    base = np.where(people.base > FORBIDDEN / 2, 0.0, FORBIDDEN)
    return people._replace(base=base, over_price=free, under_price=free)


def _is_flat(problem: WeekProblem) -> bool:
    """Whether the run's own objective is the flat benchmark."""
    people = _unpaid(problem.people)
    return all(
        np.array_equal(one, other)
        for one, other in zip((*problem.demand, *problem.people), (*problem.flat, *people), strict=True)
    )
