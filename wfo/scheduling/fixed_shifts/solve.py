"""The door: plan a fixed-shift team, with a bound."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wfo.effort import Effort, Limits
from wfo.scheduling.fixed_shifts.arrays import Arrays, to_arrays
from wfo.scheduling.fixed_shifts.conflict import conflict
from wfo.scheduling.fixed_shifts.dive import dive
from wfo.scheduling.fixed_shifts.generate import Generator
from wfo.scheduling.fixed_shifts.master import Master, Pool
from wfo.scheduling.fixed_shifts.pricer import Pricer
from wfo.scheduling.fixed_shifts.problem import FixedShiftProblem
from wfo.scheduling.fixed_shifts.search import Search
from wfo.scheduling.fixed_shifts.turns import best_responses
from wfo.scheduling.watch import Progress, Watch
from wfo.tables.result import Status

_ROUNDS = 400
_STEPS = 5
_BOUND_UNTIL, _DIVE_UNTIL = 0.5, 0.75
_TREE_NODES = 100


@dataclass(frozen=True)
class FixedShiftResult:
    """Who works what, what it costs, and what it must cost.

    Attributes
    ----------
    status : Status
        ``INFEASIBLE`` where a person has no legal plan.
    rota : dict of str to dict of int to str
        Shift type by day for each person; days not named are off.
    penalty : int
        Wishes not met, cover missed and exceeded, at their weights.
    bound : int
        No legal plan costs less.
    reasons : tuple of str
        Why persons have no plan, or why the search ended early.
    """

    status: Status
    rota: dict[str, dict[int, str]]
    penalty: int
    bound: int
    reasons: tuple[str, ...] = ()

    @property
    def gap(self) -> float:
        """Share of the bound that the penalty may be too high."""
        return (self.penalty - self.bound) / max(1, abs(self.bound))


def schedule_fixed_shifts(
    team: FixedShiftProblem, *, seed: int, effort: Effort = Effort.NORMAL, seconds: float | None = None,
    tell: Callable[[Progress], None] | None = None,
) -> FixedShiftResult:  # fmt: skip
    """Plan a team whose demand is cover by day and shift type.

    Best response gives a first plan; column generation the bound; a dive and neighbourhoods, each a column
    generation with its own bound, better the plan until it meets the bound or the effort is spent.

    Parameters
    ----------
    team : FixedShiftProblem
    seed : int
    effort : Effort
        Limits are counts, so the same team gives the same plan.
    seconds : float, optional
        A time limit instead: neighbourhoods go on until then.
    tell : callable, optional
        Gets a `Progress` after each step; its objective and bound are penalties with their signs turned.

    Returns
    -------
    FixedShiftResult

    Notes
    -----
    The first Ctrl-C ends the search: the best plan so far is the result, and ``reasons`` say so.

    Examples
    --------
    >>> from wfo.scheduling.fixed_shifts.problem import Cover, Person, ShiftType
    >>> night = ShiftType("night", 600)
    >>> staff = tuple(Person(name, (600, 1200), max_weekends=0) for name in ("Ann", "Bo"))
    >>> cover = tuple(Cover(day, "night", 1, under=10) for day in range(4))
    >>> plan = schedule_fixed_shifts(FixedShiftProblem(7, (night,), staff, cover), seed=1)
    >>> plan.status.value, plan.penalty, plan.bound
    ('optimal', 0, 0)
    """
    with Watch(seconds, tell) as watch:
        return solve_team(to_arrays(team), seed=seed, limits=effort.limits, watch=watch)


def solve_team(arrays: Arrays, *, seed: int, limits: Limits, watch: Watch) -> FixedShiftResult:
    """As `schedule_fixed_shifts`, for who watches over more than this: ``watch`` has been entered."""
    team, pricer = arrays.team, Pricer(arrays)
    plans, without = best_responses(arrays, pricer, seed=seed, passes=limits.passes, watch=watch)
    cost = arrays.cost(plans)
    watch.tell("first plan", -cost)
    if without:
        reasons = tuple(f"person '{team.persons[p].name}': {_why(team, p)}" for p in without)
        return FixedShiftResult(Status.INFEASIBLE, _rota(arrays, plans), cost, 0, reasons)
    plans, bound = _searched(arrays, pricer, plans, seed, limits, watch)
    cost = arrays.cost(plans)
    status = Status.OPTIMAL if cost == bound else Status.FEASIBLE
    return FixedShiftResult(status, _rota(arrays, plans), cost, bound, watch.reasons())


def _why(team: FixedShiftProblem, person: int) -> str:
    """Why a person has no plan, and what would help."""
    rules = conflict(team, person)
    if not rules:
        return "no plan is legal whatever the limits; look at the shift types that may follow each other"
    return f"no plan keeps {' and '.join(rules)} together; loosen one of them"


def _searched(
    arrays: Arrays, pricer: Pricer, plans: np.ndarray, seed: int, limits: Limits, watch: Watch
) -> tuple[np.ndarray, int]:
    """Better plans, and the bound."""
    pool = Pool(arrays)
    generator, master = Generator(arrays, pricer, pool, watch), Master(arrays, arrays.allow, pool)
    for p, plan in enumerate(plans):
        master.take(pool.add(p, plan)[0])
    generator.share = _BOUND_UNTIL
    root = generator.run(master, arrays.allow, _ROUNDS, arrays.cost(plans))
    bound = max(0, root.least)
    watch.learn(float(-bound))
    watch.tell("bound", -arrays.cost(plans))
    generator.share = _DIVE_UNTIL
    dived = dive(generator, master, arrays.allow, rounds=3, better_than=arrays.cost(plans))
    generator.share = 1.0
    if dived is not None:
        dived, _ = best_responses(arrays, pricer, seed=seed, passes=limits.passes, watch=watch, begin=dived)
    search = Search(generator, plans if dived is None else min(plans, dived, key=arrays.cost), seed)
    watch.tell("dive", -search.cost)
    steps = _STEPS * limits.neighbourhoods if watch.seconds is None else 1 << 30
    for _ in range(steps):
        if search.cost <= bound or watch.look():
            break
        if search.step(_TREE_NODES):
            watch.tell("neighbourhood", -search.cost)
    return search.plans, bound


def _rota(arrays: Arrays, plans: np.ndarray) -> dict[str, dict[int, str]]:
    names = [t.name for t in arrays.team.shift_types]
    return {
        person.name: {int(d): names[plans[p, d]] for d in np.flatnonzero(plans[p] < len(names))}
        for p, person in enumerate(arrays.team.persons)
    }
