"""What a plan costs, in money: the objective by which rounds are compared.

cost = price_abandoned · abandoned + price_late · late + Σ targets' price · contacts by which they are missed
     + wages of paid hours − value of placed coaching,

all contacts being means over the simulated weeks; deferred work not done by due is late.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.planning.losses import Prices, target_losses


def plan_cost(
    evaluated: Mapping[str, pd.DataFrame],
    placed: Mapping[str, pd.DataFrame],
    agents: pd.DataFrame,
    prices: Prices,
) -> float:
    """Cost of a plan in the centre's currency.

    Parameters
    ----------
    evaluated : mapping of str to DataFrame
        Tables of the simulation; ``intervals`` and ``replications`` are read.
    placed : mapping of str to DataFrame
        Tables of the plan; ``schedule`` and ``placements`` are read.
    agents : DataFrame
        ``agent_id, cost_per_h``; where no wage is known, hours cost nothing.
    prices : Prices
    """
    intervals = evaluated["intervals"]
    lost = prices.abandoned * _total(intervals["abandoned"]) + prices.late * _total(intervals["late"])
    lost += target_losses(evaluated, prices)
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
