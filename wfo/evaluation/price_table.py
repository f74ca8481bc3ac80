"""Price table: simulated prices and the schedule's in one table, each row naming its source."""

import pandas as pd

from wfo.tables.empty import empty_table


def joined_prices(simulated: pd.DataFrame, dual: pd.DataFrame | None) -> pd.DataFrame:
    """The schedule's prices, those that the simulation finds above zero put in their place.

    Without the schedule's the simulated ones stand alone, whatever their sign.
    """
    if dual is None or dual.empty:
        joined = simulated
    else:
        sure = simulated[simulated["low"] > 0]
        key = ["skill", "interval_start"]
        known = pd.MultiIndex.from_frame(sure[key])
        rest = dual[~pd.MultiIndex.from_frame(dual[key]).isin(known)]
        joined = pd.concat([rest[simulated.columns], sure], ignore_index=True)
    if joined.empty:
        return empty_table("prices")
    out = joined.sort_values(["skill", "interval_start"], ignore_index=True)
    return out.astype({"skill": "str", "source": "str"})
