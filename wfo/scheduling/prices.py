"""What one more agent-minute is worth, by skill and interval."""

import numpy as np
import pandas as pd

from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.problem import WeekProblem
from wfo.scheduling.solve import Solution


def price_table(problem: WeekProblem, solution: Solution, inputs: ScheduleInputs) -> pd.DataFrame:
    """Prices of queues as prices of skills: the dearest queue the skill may serve, never below zero.

    A queue's price is its dual, kept between what one more agent gains there and what the last one does:
    duals are seldom unique, and outside that range they would contradict the schedule.
    """
    dual = np.clip(solution.price, solution.price_low, solution.price_high)
    per = inputs.grid.step_min // problem.slot_min
    number = {q: n for n, q in enumerate(problem.queues)}
    skills = sorted(set(inputs.routing["skill"]) | set(inputs.agent_skills["skill"]))
    frames = []
    for skill in skills:
        own = sorted(
            {number[q] for q in inputs.routing.loc[inputs.routing["skill"] == skill, "queue"] if q in number}
        )
        columns = []
        for table in (dual, solution.price_low, solution.price_high):
            best = table[own].max(axis=0) if own else np.zeros(table.shape[1])
            columns.append(np.maximum(best, 0.0).reshape(inputs.grid.n, per).mean(axis=1) / problem.slot_min)
        frames.append(
            pd.DataFrame(
                {
                    "skill": skill,
                    "interval_start": inputs.grid.starts,
                    "value_per_agent_min": columns[0],
                    "low": np.minimum(columns[0], columns[1]),
                    "high": np.maximum(columns[0], columns[2]),
                    "source": "dual",
                }
            )
        )
    if not frames:
        frames = [
            pd.DataFrame(columns=["skill", "interval_start", "value_per_agent_min", "low", "high", "source"])
        ]
    return pd.concat(frames, ignore_index=True)
