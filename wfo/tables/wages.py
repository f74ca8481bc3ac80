"""Wages an hour, from table ``agents``: who has none costs the mean of the others."""

import numpy as np
import pandas as pd


def hourly_wages(agents: pd.DataFrame) -> "pd.Series[float] | None":
    """Money an hour of each agent's time.

    Parameters
    ----------
    agents : DataFrame
        ``agent_id`` and, where wages are known, ``cost_per_h``.

    Returns
    -------
    Series or None
        By agent_id in the order of the table, a repeated agent once; None where nobody's wage is known.
    """
    known = agents.drop_duplicates("agent_id").set_index("agent_id").get("cost_per_h")
    if known is None or known.isna().all():
        return None
    wages = pd.to_numeric(known).astype(float)
    return wages.fillna(float(np.sort(wages.dropna().to_numpy()).mean()))


def without_wage(agents: pd.DataFrame) -> list[str]:
    """Agents whose wage is not known, in order of id."""
    missing = agents["cost_per_h"].isna() if "cost_per_h" in agents else pd.Series(True, index=agents.index)
    return sorted(agents.loc[missing.to_numpy(dtype=bool), "agent_id"].astype(str).unique())
