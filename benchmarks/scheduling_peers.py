"""Peers of the scheduler on one centre: a plain CP-SAT model, and pyworkforce on what it can express.

The plain model is in the style of OR-Tools' own shift_scheduling_sat: a boolean for each agent, day and
shift, cover with slack. Its limits: breaks at the middle of their windows, no wishes, fixed hours.

pyworkforce knows fixed shifts of a day without breaks, the number of agents on each, and no agents: its
`MinAbsDifference` is given the contracts' usual shifts as coverage by hour, each day's agents as its cap.
Hours, days off, rest, breaks, skills and unavailability cannot be said; its penalty is measured on whole
hours, by the same weights, and bounds nothing.
"""

import json
import subprocess
import time
from pathlib import Path

import numpy as np
from ortools.sat.python import cp_model
from scheduling_cases import OVER, UNDER, Case, make

from wfo.scheduling.build import build_problem
from wfo.scheduling.problem import FORBIDDEN, WeekProblem


def compare(case: Case, seconds: list[float], pyworkforce: str) -> list[dict[str, object]]:
    """A row for each peer and time limit."""
    inputs, settings = make(case)
    problem, *_ = build_problem(inputs, settings)
    rows = [_plain(case, problem, limit) for limit in seconds]
    return rows + ([_pyworkforce(case, problem, max(seconds), pyworkforce)] if pyworkforce else [])


def _row(
    case: Case, peer: str, limit: float, spent: float, penalty: float, bound: float, need: float
) -> dict:
    return {
        "case": case.name,
        "peer": peer,
        "limit s": f"{limit:g}",
        "all s": f"{spent:.1f}",
        "penalty": f"{penalty:,.0f}",
        "its own bound": f"{bound:,.0f}",
        "penalty ÷ needed": f"{penalty / need:.2%}",
    }


def _plain(case: Case, problem: WeekProblem, limit: float) -> dict[str, object]:
    """Booleans for each agent, day and shift."""
    begin = time.perf_counter()
    model, people, shifts = cp_model.CpModel(), problem.people, problem.shifts
    need = problem.demand.step_n[0]
    on: list[list[cp_model.IntVar]] = [[] for _ in range(need.size)]
    for agent in range(people.kind.size):
        kind, by_day = int(people.kind[agent]), []
        for day in range(7):
            legal = []
            for i, k in zip(*np.nonzero(people.base[agent, day] > FORBIDDEN / 2), strict=True):
                start, length = int(shifts.start[kind, day, i]), int(shifts.length[kind, k])
                var = model.new_bool_var("")
                legal.append((start, start + length, int(shifts.paid[kind, k]), var))
                rest = np.zeros(length, bool)
                for b in range(shifts.break_n[kind, k]):
                    at = (int(shifts.break_lo[kind, k, b]) + int(shifts.break_hi[kind, k, b])) // 2
                    rest[at : at + shifts.break_len[kind, k, b]] = True
                for t in np.flatnonzero(~rest) + start:
                    if t < need.size:
                        on[t].append(var)
            model.add_at_most_one(var for *_, var in legal)
            by_day.append(legal)
        everything = [one for legal in by_day for one in legal]
        hours = sum(paid * var for _, _, paid, var in everything)
        days = sum(var for *_, var in everything)
        model.add_linear_constraint(hours, int(people.paid_lo[agent]), int(people.paid_hi[agent]))
        model.add_linear_constraint(days, int(people.days_lo[agent]), int(people.days_hi[agent]))
        for today, tomorrow in zip(by_day[:-1], by_day[1:], strict=True):
            for _, end, _, one in today:
                early = [var for start, _, _, var in tomorrow if start < end + people.rest[agent]]
                for var in early:
                    model.add_implication(one, var.negated())
    penalty = []
    for t, asked in enumerate(need.tolist()):
        under, over = model.new_int_var(0, asked, ""), model.new_int_var(0, len(on[t]), "")
        model.add(sum(on[t]) + under - over == asked)
        penalty.append(int(UNDER) * under + int(OVER) * over)
    model.minimize(sum(penalty))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = max(0.1, limit - (time.perf_counter() - begin))
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    value = solver.objective_value if found else float("nan")
    spent = time.perf_counter() - begin
    bound = solver.best_objective_bound
    return _row(case, "plain CP-SAT", limit, spent, value, bound, problem.required_slots)


def _pyworkforce(case: Case, problem: WeekProblem, limit: float, python: str) -> dict[str, object]:
    """In an environment of its own."""
    begin = time.perf_counter()
    by_hour = problem.demand.step_n[0].reshape(7, 24, -1).mean(axis=2)
    shifts = {}
    for kind in range(problem.shifts.length.shape[0]):
        for slot in problem.shifts.start[kind, 0, : problem.shifts.start_n[kind, 0]][::4].tolist():
            hour, size = slot // 4, round(int(problem.shifts.length[kind].max()) / 4)
            cover = [int(hour <= h < hour + size) for h in range(24)]
            shifts[f"{hour:02d}+{size}"] = cover
    given = {
        "need": np.round(by_hour).astype(int).tolist(),
        "shifts": shifts,
        "agents": int(problem.people.kind.size * 5 / 7),
        "seconds": limit,
    }
    script = Path(__file__).parent / "scheduling_pyworkforce.py"
    done = subprocess.run(
        [python, script], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    cover = np.array(json.loads(done.stdout))
    short = np.asarray(given["need"]) - cover
    penalty = 4 * float((UNDER * np.maximum(short, 0) + OVER * np.maximum(-short, 0)).sum())
    spent = time.perf_counter() - begin
    return _row(case, "pyworkforce", limit, spent, penalty, float("nan"), problem.required_slots)
