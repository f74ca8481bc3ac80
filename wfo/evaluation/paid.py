"""What a schedule is paid for: hours by agent, and whose wage is not known."""

import numpy as np
import pandas as pd

from wfo.tables.wages import hourly_wages, without_wage


def paid_hours_by_agent(schedule: pd.DataFrame) -> "pd.Series[float]":
    """Paid hours of each agent, by agent_id in order, unpaid breaks left out."""
    paid = schedule[schedule["paid"].fillna(True).to_numpy(dtype=bool)]
    hours = (paid["end"] - paid["start"]).dt.total_seconds() / 3600
    return hours.groupby(paid["agent_id"].to_numpy(), sort=True).sum()


def paid_hours(schedule: pd.DataFrame) -> float:
    """Paid hours of a schedule."""
    return float(np.sort(paid_hours_by_agent(schedule).to_numpy()).sum())


def wage_notes(schedule: pd.DataFrame, agents: pd.DataFrame) -> tuple[str, ...]:
    """A note where scheduled agents have no wage and others have: theirs is the mean of these."""
    here = agents[agents["agent_id"].isin(schedule["agent_id"].unique()).to_numpy()]
    missing = without_wage(here)
    if not missing or hourly_wages(agents) is None:
        return ()
    who = (
        f"agent {missing[0]} has no wage in agents.cost_per_h and costs"
        if len(missing) == 1
        else f"{len(missing)} scheduled agents have no wage in agents.cost_per_h and cost"
    )
    return (f"Cost: {who} the mean of the others.",)
