"""What a plan costs, in money: the objective by which rounds are compared.

cost = price_abandoned · abandoned + price_late · late + wages of paid hours − value of placed coaching,

abandoned and late contacts being means over the simulated weeks; deferred work not done by due is late.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd


def plan_cost(
    evaluated: Mapping[str, pd.DataFrame],
    placed: Mapping[str, pd.DataFrame],
    agents: pd.DataFrame,
    price_abandoned: float,
    price_late: float,
) -> float:
    """Cost of a plan in the centre's currency.

    Parameters
    ----------
    evaluated : mapping of str to DataFrame
        Tables of the simulation; ``intervals`` is read.
    placed : mapping of str to DataFrame
        Tables of the plan; ``schedule`` and ``placements`` are read.
    agents : DataFrame
        ``agent_id, cost_per_h``; where no wage is known, hours cost nothing.
    price_abandoned, price_late : float
        Money lost with an abandoned and with a late contact.
    """
    intervals = evaluated["intervals"]
    lost = price_abandoned * _total(intervals["abandoned"]) + price_late * _total(intervals["late"])
    return round(lost + wages(placed["schedule"], agents) - _placed_value(placed), 6)


def wages(schedule: pd.DataFrame, agents: pd.DataFrame) -> float:
    """Wages of the paid hours of a schedule."""
    if "cost_per_h" not in agents.columns:
        return 0.0
    paid = schedule[schedule["paid"].to_numpy(dtype=bool)]
    hours = (paid["end"] - paid["start"]).dt.total_seconds() / 3600
    per_h = paid["agent_id"].map(agents.set_index("agent_id")["cost_per_h"]).astype(float).fillna(0.0)
    return _total(hours * per_h)


def _placed_value(placed: Mapping[str, pd.DataFrame]) -> float:
    placements = placed.get("placements")
    if placements is None or placements.empty:
        return 0.0
    return _total(placements.loc[placements["start"].notna(), "value"])


def _total(values: "pd.Series[float]") -> float:
    """Sum in a fixed order, whatever the order of rows."""
    return float(np.sort(values.to_numpy(dtype=np.float64, na_value=0.0)).sum())
