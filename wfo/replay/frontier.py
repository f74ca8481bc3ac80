"""Cost at equal realised service: planners compared on the line through their own levels."""

import numpy as np
import pandas as pd

from wfo.scenario.model import Scenario


def cost_at(service: np.ndarray, cost: np.ndarray, wanted: float) -> float:
    """Cost at which a planner reaches a service, linear between its levels.

    Parameters
    ----------
    service, cost : ndarray, shape (L,)
        Realised by each level; a level that another beats in both is passed over.
    wanted : float

    Returns
    -------
    float
        NaN outside what its levels reach: nothing is extrapolated.
    """
    order = np.lexsort((cost, -service))
    service, cost = service[order], cost[order]
    cheapest = np.minimum.accumulate(cost)
    kept = cost <= cheapest
    x, y = service[kept][::-1], cost[kept][::-1]
    if not x[0] <= wanted <= x[-1]:
        return float("nan")
    return float(np.interp(wanted, x, y))


def compared(levels: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Cost of every planner beside a reference, at each service that the reference realised.

    Parameters
    ----------
    levels : DataFrame
        ``planner, level, service, cost``: one row a planner and level, over all weeks.
    reference : str
        The planner whose points are looked up on the lines of the others.

    Returns
    -------
    DataFrame
        ``planner, level, service, cost, reference, saved, reach``: ``cost`` of the planner at the reference's
        service, ``reference`` its cost there, ``saved`` = 1 − reference ÷ cost. ``reach`` is ``on the line``;
        ``at most`` where the planner's cheapest level serves more already, so that its cost is that level's
        or less; ``at least`` where no level serves as well: cost is that of the level that serves best,
        and serving better costs no less.
    """
    own = levels[levels["planner"] == reference].sort_values("service")
    rows = []
    for planner, part in levels.groupby("planner", sort=True):
        x, y = (part[c].to_numpy(dtype=np.float64) for c in ("service", "cost"))
        for level, service, cost in zip(own["level"], own["service"], own["cost"], strict=True):
            there = cost_at(x, y, float(service))
            reach = "on the line"
            if np.isnan(there) and service < x[np.argmin(y)]:
                there, reach = float(y.min()), "at most"
            elif np.isnan(there):
                there, reach = float(y[x == x.max()].min()), "at least"
            rows.append((planner, level, service, there, cost, 1.0 - float(cost) / there, reach))
    names = ["planner", "level", "service", "cost", "reference", "saved", "reach"]
    return pd.DataFrame(rows, columns=names)


def level_table(ladder: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """What each planner at each level realised over all weeks it planned.

    Returns
    -------
    DataFrame
        ``planner, level, weeks, service, deferred, cost, lost``: ``service`` of contacts served at once,
        ``deferred`` of work done by due, ``cost`` the wages of all weeks, ``lost`` the money lost with
        contacts that gave up or were late, at the scenario's own prices.
    """
    rows = []
    staff = scenario.staff
    for (planner, level), part in ladder.groupby(["planner", "level"], sort=True):
        now = part[part["metric"] == "service_level"]
        later = part[part["metric"] == "response_within"]
        whole = part.drop_duplicates(["week", "lead"])
        money = staff.price_abandoned * part["abandoned"].sum() + staff.price_late * part["late"].sum()
        line = (planner, level, len(whole), _pooled(now), _pooled(later), whole["cost"].sum(), money)
        rows.append(line)
    names = ["planner", "level", "weeks", "service", "deferred", "cost", "lost"]
    return pd.DataFrame(rows, columns=names)


def _pooled(part: pd.DataFrame) -> float:
    known = part[part["of"] > 0]
    if known.empty:
        return float("nan")
    return float(np.average(known["value"].to_numpy(), weights=known["of"].to_numpy()))
