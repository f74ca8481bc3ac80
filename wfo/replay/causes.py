"""Where a miss came from: the same week played again with one thing true after the other."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.replay.promises import service_metric

COLUMNS = (
    "queue",
    "metric",
    "target",
    "fractional",
    "promised",
    "volumes",
    "handle_times",
    "realised",
    "rounding",
    "forecast",
    "handle_time",
    "luck",
    "of",
    "status",
)


def cause_table(promises: pd.DataFrame, might: Mapping[str, pd.DataFrame], centre: Centre) -> pd.DataFrame:
    """Steps from the positions asked for to what came true, by queue, for the week's service.

    ``realised = fractional + rounding + forecast + handle_time + luck``:

    - ``fractional``: promised with exactly the positions that staffing asks for, each queue alone;
    - ``rounding``: what people, shifts, breaks and shared skills make of them, ``promised`` less that;
    - ``forecast``: the same plan with the contacts that came, all else by the forecast's laws;
    - ``handle_time``: with their handle times too;
    - ``luck``: with patience and absence as they were, once instead of on the average.

    Parameters
    ----------
    promises : DataFrame
        From `promise_table`.
    might : mapping of str to DataFrame
        ``fractional``, ``volumes`` and ``handle_times``, after `realised.values`.
    centre : Centre

    Returns
    -------
    DataFrame
        `COLUMNS`.
    """
    own = [service_metric(centre, q) == m for q, m in zip(promises["queue"], promises["metric"], strict=True)]
    week = promises[np.array(own, dtype=bool) & (promises["grain"] == "week").to_numpy()].reset_index(
        drop=True
    )
    table = week[["queue", "metric", "target", "promised", "realised", "of", "status"]].copy()
    for name, frame in might.items():
        whole = frame[frame["day"].isna()]
        key = {(q, m): v for q, m, v in zip(whole["queue"], whole["metric"], whole["value"], strict=True)}
        table[name] = [key.get(pair, np.nan) for pair in zip(table["queue"], table["metric"], strict=True)]
    table["rounding"] = table["promised"] - table["fractional"]
    table["forecast"] = table["volumes"] - table["promised"]
    table["handle_time"] = table["handle_times"] - table["volumes"]
    table["luck"] = table["realised"] - table["handle_times"]
    return table[list(COLUMNS)]
