"""A fractional schedule: positions as staffing asks for them, without people, shifts or breaks."""

import numpy as np
import pandas as pd

from wfo.domain.activities import Kind
from wfo.timegrid import TimeGrid


def fractional_schedule(
    requirement: pd.DataFrame, routing: pd.DataFrame, present: float, grid: TimeGrid, zone: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Schedule and skills in which each queue has exactly its positions, parts of an interval included.

    Parameters
    ----------
    requirement : DataFrame
        Table of staffing; ``positions`` ÷ ``present`` are on duty.
    routing : DataFrame
        A position has the skill by which its queue is served first.
    present : float
        1 − the probability that a shift is missed.
    grid : TimeGrid
    zone : str
        Local days are shifts.

    Returns
    -------
    schedule, agent_skills : DataFrame
    """
    keys = [name for name in ("queue", "priority") if name in routing]
    first = routing.sort_values(keys, kind="stable").drop_duplicates("queue")
    skill = first.set_index("queue")["skill"]
    step = grid.step_min * 60.0
    date = np.asarray(grid.local(zone).date, dtype=object)
    parts, skills = [], []
    for queue, rows in requirement[requirement["queue"].isin(skill.index)].groupby("queue", sort=True):
        at = grid.locate(rows["interval_start"])
        need = rows["positions"].to_numpy(dtype=np.float64) / present
        for k in range(int(np.ceil(need.max(initial=0.0)))):
            share = np.clip(need - k, 0.0, 1.0)
            here = np.flatnonzero(np.round(share * step) > 0)
            start = grid.starts[at[here]]
            parts.append(
                pd.DataFrame(
                    {
                        "agent_id": f"{queue} {k}",
                        "start": start,
                        "end": start + pd.to_timedelta(np.round(share[here] * step), unit="s"),
                        "schedule_date": date[at[here]],
                        "kind": Kind.WORK.value,
                        "queues": pd.Series([[queue]] * len(here), dtype=object),
                    }
                )
            )
            skills.append((f"{queue} {k}", str(skill[queue]), 1))
    columns = ["agent_id", "start", "end", "schedule_date", "kind", "queues"]
    schedule = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return schedule, pd.DataFrame(skills, columns=["agent_id", "skill", "priority"])
