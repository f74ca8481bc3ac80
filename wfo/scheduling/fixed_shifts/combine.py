"""The best choice among known plans, one for each person, by SCIP within OR-Tools."""

from datetime import timedelta

import numpy as np
from ortools.math_opt.python import mathopt

from wfo.scheduling.fixed_shifts.master import Master


def combine(
    master: Master,
    columns: list[int],
    plans: np.ndarray,
    *,
    nodes: int,
    better_than: float,
    seconds: float | None,
) -> np.ndarray | None:
    """Plans that cost less than `better_than`; None: none found within the limits.

    Parameters
    ----------
    master : Master
        Says who is free and which cells count.
    columns : list of int
        Columns of its pool to choose from.
    plans : int8, shape (P, D)
        The best so far; those who are not free keep theirs.
    nodes : int
        Nodes of the tree, at most.
    better_than : float
    seconds : float, optional
        Time limit beside it.
    """
    model, share = master.integer_model(columns)
    limit = timedelta(seconds=max(0.05, seconds)) if seconds is not None else None
    asked = mathopt.SolveParameters(time_limit=limit, node_limit=nodes, threads=1)
    now = mathopt.SolutionHint(
        variable_values={
            variable: float((master.pool.plan[column] == plans[master.pool.person[column]]).all())
            for column, variable in share.items()
        }
    )
    answer = mathopt.solve(
        model, mathopt.SolverType.GSCIP, params=asked,
        model_params=mathopt.ModelSolveParameters(solution_hints=[now]),
    )  # fmt: skip
    if not answer.has_primal_feasible_solution():
        return None
    if answer.objective_value() + master.constant > better_than - 0.5:
        return None
    found, values = plans.copy(), answer.variable_values(list(share.values()))
    for column, value in zip(share, values, strict=True):
        if value > 0.5:
            found[master.pool.person[column]] = master.pool.plan[column]
    return found
