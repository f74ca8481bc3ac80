"""How far the generated centres could come: an estimate without sharing, a relaxation with it.

    python benchmarks/multiskill_bound.py

A linear program over an average day. Agents of a group choose among the starts of the contract, fractions of
agents allowed, and take their breaks whenever it suits; absences are spread evenly; days do not differ. Their
time goes to sets of queues: whoever knows one queue of a set serves all of it, first come first served, so
that a set is one queue (Erlang A, its concave hull over the number of agents). Service of every set is raised
above its target by the same number of points, as far as it goes. Where that is below zero no schedule reaches
all targets in this relaxation, though each of its rules is kinder than those of the centre. It is no proof:
other orders of service than by arrival may bring more contacts in time.

With sets of single queues everybody serves one queue at a time, which leaves out what sharing brings: an
estimate, and the one that the simulated plans come near.
"""

from itertools import combinations

import numpy as np
from multiskill_cases import GROUPS, HANDLE_S, PATIENCE_S, QUEUES
from ortools.linear_solver import pywraplp

from wfo.staffing.erlang import performance

STEP_H, TARGET, SHORT_S, ABSENT = 0.25, 0.8, 5.0, 0.08
OPEN = np.arange(8.0, 21.0, STEP_H)
STARTS = np.arange(7.0, 13.01, 0.5)
SHIFT_H, BREAK_H, DAYS_A_WEEK, WEEK_H = 8.0, 1.0, 5, 40.0
CENTRES = {"generated": ((0.5, 1.5), 0.78), "tight": ((0.4, 1.6), 0.80)}
A_GROUP = 8


def rates(sizes: tuple[float, float], busy: float) -> np.ndarray:
    """Contacts an hour of each queue in each interval of a day, shape (Q, T), as `many_queues` makes them."""
    at_work_h = A_GROUP * len(GROUPS) * WEEK_H * (SHIFT_H - BREAK_H) / SHIFT_H * (1 - ABSENT)
    contacts = busy * at_work_h * 3600 / HANDLE_S / 7
    mean = np.outer(np.linspace(*sizes, len(QUEUES)), np.exp(-(((OPEN - 13) / 5.0) ** 2)))
    return contacts * mean / mean.sum() / STEP_H


def hull(rate: float) -> list[tuple[float, float]]:
    """Lines (slope, height) above the contacts an hour that are in time beyond the target, by agents."""
    n = np.arange(0, int(rate * HANDLE_S / 3600 * 1.6) + 12)
    table = performance(rate, HANDLE_S, n, patience_s=PATIENCE_S, short_s=SHORT_S)
    beyond = rate * (table.answered_in - TARGET * (1 - table.abandoned_short))
    lines, at = [], 0
    while at < len(n) - 1:
        slopes = (beyond[at + 1 :] - beyond[at]) / (n[at + 1 :] - n[at])
        steepest = int(slopes.argmax())
        lines.append((float(slopes[steepest]), float(beyond[at] - slopes[steepest] * n[at])))
        at += 1 + steepest
    return lines


def most_above_target(rate: np.ndarray, sets: list[tuple[int, ...]]) -> float:
    """Share of contacts by which every set of queues can be above its target at once, at most."""
    lp = pywraplp.Solver.CreateSolver("GLOP")
    above = lp.NumVar(-1.0, 1.0, "")
    used = [[[] for _ in OPEN] for _ in sets]
    for group in GROUPS:
        serves = [k for k, queues in enumerate(sets) if set(queues) & set(group)]
        starting = [lp.NumVar(0.0, lp.infinity(), "") for _ in STARTS]
        lp.Add(sum(starting) <= A_GROUP * DAYS_A_WEEK / 7)
        resting = [lp.NumVar(0.0, lp.infinity(), "") for _ in OPEN]
        lp.Add(sum(resting) * STEP_H >= BREAK_H * sum(starting))
        for t, hour in enumerate(OPEN):
            there = sum(
                s for s, start in zip(starting, STARTS, strict=True) if start <= hour < start + SHIFT_H
            )
            time = [lp.NumVar(0.0, lp.infinity(), "") for _ in serves]
            lp.Add(sum(time) <= (1 - ABSENT) * (there - resting[t]))
            for k, share in zip(serves, time, strict=True):
                used[k][t].append(share)
    for k, queues in enumerate(sets):
        own = rate[list(queues)].sum(axis=0)
        beyond = [lp.NumVar(-lp.infinity(), lp.infinity(), "") for _ in OPEN]
        for t, number in enumerate(own):
            for slope, height in hull(number):
                lp.Add(beyond[t] <= height + slope * sum(used[k][t]))
        lp.Add(sum(beyond) >= above * float(own.sum()))
    lp.Maximize(above)
    if lp.Solve() != pywraplp.Solver.OPTIMAL:
        raise SystemExit("the linear program has no optimum")
    return above.solution_value()


def main() -> None:
    every = range(len(QUEUES))
    for name, (sizes, busy) in CENTRES.items():
        rate = rates(sizes, busy)
        alone = most_above_target(rate, [(q,) for q in every])
        told = f"all queues at {100 * TARGET:.0f} % {100 * alone:+.1f} points"
        print(f"{name}: {told}, agents on one queue at a time")
        found = {}
        for size in (2, 3):
            for chosen in combinations(every, size):
                if chosen[-1] == len(QUEUES) - 1:
                    rest = tuple(q for q in every if q not in chosen)
                    found[chosen] = most_above_target(rate, [chosen, rest])
        least = min(found, key=lambda chosen: found[chosen])
        names = ", ".join(QUEUES[q] for q in least)
        print(f"  perfectly shared in {names} and in the others: {100 * found[least]:+.1f} points")


if __name__ == "__main__":
    main()
