"""What a plan costs, in money: the objective by which rounds are compared.

cost = price_abandoned · abandoned + price_late · late + Σ targets' price · contacts by which they are missed
     + wages as the scorecard has them − value of placed coaching and of activities that take place,

all contacts being means over the simulated weeks; deferred work not done by due is late. A meeting counts
once, at what it is worth for one: how many of a team can come differs from round to round.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.evaluation.ledgers import PAID
from wfo.planning.losses import Prices, target_losses

COACHING = "coaching"
"""Kind of a request whose value is what the session brings; others' is a price each for taking part."""


def plan_cost(
    evaluated: Mapping[str, pd.DataFrame],
    placed: Mapping[str, pd.DataFrame],
    prices: Prices,
) -> float:
    """Cost of a plan in the centre's currency.

    Parameters
    ----------
    evaluated : mapping of str to DataFrame
        Tables of the simulation; ``intervals``, ``replications`` and ``ledgers`` are read.
    placed : mapping of str to DataFrame
        Tables of the plan; ``placements`` is read.
    prices : Prices
    """
    intervals = evaluated["intervals"]
    lost = prices.abandoned * _total(intervals["abandoned"]) + prices.late * _total(intervals["late"])
    lost += target_losses(evaluated, prices)
    return round(lost + _wages(evaluated["ledgers"]) - _placed_value(placed), 6)


def _wages(ledgers: pd.DataFrame) -> float:
    """Wages as the scorecard has them, premiums and overtime included; none where no wage is known."""
    paid = ledgers.loc[(ledgers["label"] == PAID).to_numpy(), "value"]
    return float(paid.fillna(0.0).sum())


def _placed_value(placed: Mapping[str, pd.DataFrame]) -> float:
    placements = placed.get("placements")
    if placements is None or placements.empty:
        return 0.0
    held = placements[placements["start"].notna()]
    coached = (held["kind"] == COACHING).to_numpy()
    people = held["participants"].map(len).where(~coached, 1)
    return _total(held["value"] / people.clip(lower=1))


def _total(values: "pd.Series[float]") -> float:
    """Sum in a fixed order, whatever the order of rows."""
    return float(np.sort(values.to_numpy(dtype=np.float64, na_value=0.0)).sum())
