"""Who serves what in the plan: positions that the schedule gives to each queue's work."""

import numpy as np
import pandas as pd

from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.problem import WeekProblem
from wfo.scheduling.solve import Solution


def assignment_table(problem: WeekProblem, solution: Solution, inputs: ScheduleInputs) -> pd.DataFrame:
    """Table ``assignment``: positions by queue and interval, averaged over the interval.

    For deferred queues these are the positions whose time is filled with work, which says when the plan does
    it; for the others, the people the plan reserves for the queue.
    """
    per = inputs.grid.step_min // problem.slot_min
    by_interval = solution.served.reshape(len(solution.served), inputs.grid.n, per).mean(axis=2)
    both = sorted(set(inputs.cover["queue"]) & set(inputs.deferred["queue"]))
    names = np.array([*problem.queues, *both], dtype=object)
    q, t = np.nonzero(by_interval > 1e-9)
    frame = pd.DataFrame(
        {
            "queue": pd.Series(names[q], dtype="str"),
            "interval_start": inputs.grid.starts[t],
            "positions": by_interval[q, t],
        }
    )
    return frame.groupby(["queue", "interval_start"], sort=True)[["positions"]].sum().reset_index()
