"""Deferred work placed at prices, against a quadratic program; laid anew, against a linear program."""

import numpy as np
import pytest
from scheduling_small import agents, cover, grid, inputs
from scipy.optimize import LinearConstraint, linprog, minimize
from test_pools import handed_in

from wfo.scheduling import settle as settling
from wfo.scheduling.build import build_problem
from wfo.scheduling.placed_work import PlacedWork
from wfo.scheduling.search import Roster, first_weeks, one_pass, seat_all
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.settle import settle
from wfo.scheduling.watch import Watch


def problem_of(n=6, **changes):
    """Calls at noon, and mail with three releases, for agents who can do both."""
    people, skills = agents(n, skills=(("talk", "write"),))
    week = grid(30)
    asked = cover(week, {"calls": lambda hour, day: n // 2 if 11 <= hour < 14 and day < 6 else 0}, fall=1.0)
    work = handed_in((0, "08:00"), (1, "08:00"), (3, "08:00"), work_h=2.0 * n)
    fields = {"grid": week, "agents": people, "agent_skills": skills, "cover": asked, "deferred": work}
    return build_problem(inputs(n, **(fields | changes)), ScheduleSettings())[0]


def seated(problem):
    nobody, order = np.zeros(len(problem.agent_ids), bool), np.arange(len(problem.agent_ids))
    weeks, without = first_weeks(problem, problem.demand, problem.people, problem.no_weeks(), nobody, order)
    roster = Roster(problem, problem.demand, problem.people)
    seat_all(roster, weeks, ~without, order)
    return roster, order[~without]


def tiny():
    """A demand of one queue and six slots with two pools, cut out of a larger one."""
    whole = problem_of().demand
    zero = np.zeros((1, 6), np.int64)
    return whole._replace(
        step_at=zero, step_n=zero, step_value=np.zeros(1), over=np.array([1.0]),
        pool_queue=np.zeros(2, np.int64), pool_from=np.array([2, 0]), pool_to=np.array([5, 6]),
        pool_work=np.array([5.0, 4.0]), pool_value=np.array([9.0, 7.0]), queue_pool=np.array([0, 2]),
        queue_value=np.zeros(1), pool_at=zero, pool_end=zero + 2,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_work_is_placed_as_a_quadratic_program_places_it(seed):
    draw, demand, width = np.random.default_rng(seed), tiny(), 0.7
    units, price = draw.integers(0, 5, (1, 6)), draw.uniform(0.0, 9.0, (1, 6))
    later = PlacedWork.of(demand, units)
    for _ in range(60):
        use = later.place(units, price, width)
    slope = width * later.size / (later.top + 1.0)

    def cost(x):
        y = x.reshape(2, 6).sum(axis=0)
        return (
            float(price[0] @ y)
            + float(((y - units[0]) ** 2 / (2 * slope[0])).sum())
            - float(x.reshape(2, 6).sum(axis=1) @ demand.pool_value)
        )

    inside = [(0.0, None if a <= t < b else 0.0) for a, b in ((2, 5), (0, 6)) for t in range(6)]
    whole = LinearConstraint(np.kron(np.eye(2), np.ones(6)), -np.inf, demand.pool_work)
    best = minimize(cost, np.zeros(12), bounds=inside, constraints=[whole], method="SLSQP", tol=1e-12)
    assert cost(later.work.ravel()) <= best.fun + 1e-5
    assert np.all(later.work.sum(axis=1) <= demand.pool_work + 1e-6)
    assert not later.work[0, [0, 1, 5]].any()
    assert np.allclose(use[0], later.work.sum(axis=0))


def test_steps_stand_where_work_is_placed():
    problem = problem_of()
    roster, _ = seated(problem)
    units = roster.state.units[:, :-1].T
    later = PlacedWork.of(problem.demand, units)
    use = later.place(units, np.full(units.shape, 1.0), 1.0)
    steps = later.as_steps(use)
    there = later.top > 0
    assert steps.pool_work.size == 0
    assert np.array_equal(steps.step_n[~there], problem.demand.step_n[~there])
    assert np.all(steps.step_n[there] >= use[there] - 1e-6)
    assert np.all(steps.step_n[there] <= np.maximum(1.0, use[there] + 1.0))
    for q, t in np.argwhere(there)[::50]:
        own = steps.step_value[steps.step_at[q, t] : steps.step_at[q, t] + steps.step_n[q, t]]
        assert np.all(own == later.top[q, t])


def most_done(demand, units):
    """Value of deferred work that agents there could do at best, by a linear program."""
    slots = units.shape[1]
    cells = [
        (p, t)
        for p in range(demand.pool_work.size)
        for t in range(int(demand.pool_from[p]), int(demand.pool_to[p]))
    ]
    by_pool = np.array([[cell[0] == p for cell in cells] for p in range(demand.pool_work.size)], float)
    by_slot = np.array([[cell[1] == t for cell in cells] for t in range(slots)], float)
    value = -np.array([demand.pool_value[p] for p, _ in cells])
    limits = np.concatenate([demand.pool_work, units.sum(axis=0)])
    return -linprog(value, np.vstack([by_pool, by_slot]), limits, method="highs-ds").fun


@pytest.mark.parametrize("seed", range(4))
def test_work_laid_anew_is_all_that_those_there_can_do(seed):
    """Agents counted in in any order; everybody may do the mail and nothing else is asked for."""
    people, skills = agents(5, skills=(("write",),))
    nothing = cover(grid(30), {"calls": lambda hour, day: 0})
    problem = problem_of(5, agents=people, agent_skills=skills, cover=nothing)
    roster, movers = seated(problem)
    weeks, order = roster.weeks, np.random.default_rng(seed).permutation(movers)
    trial = roster.laid_on(problem.demand, weeks, order)
    before = trial.value
    trial.relay()
    demand, state = problem.demand, trial.state
    assert trial.value >= before
    done = state.work.sum(axis=0)
    assert np.allclose(done + state.left, demand.pool_work)
    assert np.all(state.done <= state.units[:, :-1] + 1e-9)
    assert done @ demand.pool_value == pytest.approx(most_done(demand, state.units.T))


def test_settling_with_deferred_work_never_loses_and_repeats_itself():
    problem = problem_of(9)
    plans = []
    for _ in range(2):
        roster, movers = seated(problem)
        before = roster.value
        price = settle(roster, movers, 12, Watch(), 1.0)
        assert roster.value >= before
        while one_pass(roster, movers) > 1e-6:
            pass
        roster.relay()
        plans.append(roster)
    assert price.shape == problem.demand.step_n.shape
    assert all(np.array_equal(a, b) for a, b in zip(plans[0].weeks, plans[1].weeks, strict=True))


class Glances(Watch):
    """A clock that ends after so many looks."""

    def __init__(self, most):
        super().__init__(seconds=1000.0)
        self.most, self.count = most, 0

    def over(self, share=1.0):
        self.count += 1
        return self.count > self.most


@pytest.mark.parametrize(
    ("passes", "watch", "made"),
    [(100, Watch(), 20), (6, Watch(), 6), (6, Watch(1000.0), 6), (100, Glances(4), 3)],
    ids=["at most twenty", "as many as effort says", "a limit adds none", "a limit ends them"],
)
def test_passes_with_deferred_work(monkeypatch, passes, watch, made):
    counted = []
    monkeypatch.setattr(settling, "one_pass", lambda *given: counted.append(one_pass(*given)))
    roster, movers = seated(problem_of(6))
    before = roster.value
    assert settle(roster, movers, passes, watch, 1.0) is not None
    assert len(counted) == made
    assert roster.value >= before


def test_without_deferred_work_nothing_is_laid_anew():
    problem = problem_of(deferred=handed_in((0, "08:00")).iloc[:0])
    roster, _ = seated(problem)
    before = [array.copy() for array in roster.state]
    roster.relay()
    assert all(np.array_equal(a, b) for a, b in zip(before, roster.state, strict=True))
