"""Cuts that name a queue: so many people are to be kept for it in an interval, whatever else they can do."""

from dataclasses import replace

import numpy as np
import pandas as pd

from wfo.scheduling.inputs import ScheduleInputs


def with_asked_positions(inputs: ScheduleInputs) -> ScheduleInputs:
    """Inputs whose cover says what cuts that name a queue ask for; the other cuts stay as they are.

    People on duty who may serve a queue are not there for it when their time is worth more elsewhere. Such a
    cut therefore raises what the queue's positions are worth, up to the number asked for, to its value.
    """
    cuts = inputs.cuts
    if cuts is None or "queue" not in cuts or cuts.empty:
        return inputs
    named = (cuts["queue"].fillna("") != "").to_numpy(dtype=bool)
    if not named.any():
        return inputs
    return replace(inputs, cover=raised_cover(inputs.cover, cuts[named]), cuts=cuts[~named])


def raised_cover(cover: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Table ``cover`` in which positions that are asked for are worth at least what the asking says.

    Parameters
    ----------
    cover : DataFrame
        ``queue, interval_start, step, value, hard``.
    asked : DataFrame
        ``queue, interval_start, rhs`` (positions), ``value`` (money of each that is missing); of two for the
        same queue and interval the dearer counts for every position.

    Returns
    -------
    DataFrame
        By queue as before, interval and step; values do not increase with the step.
    """
    key = ["queue", "interval_start"]
    rows = asked[[*key, "rhs", "value"]].sort_values([*key, "rhs"]).reset_index(drop=True)
    count = np.ceil(rows["rhs"].to_numpy(dtype=np.float64) - 1e-9).astype(np.int64)
    steps = rows.loc[rows.index.repeat(count), [*key, "value"]].reset_index(drop=True)
    steps["step"] = np.concatenate([np.arange(1, n + 1) for n in count]) if len(count) else 0
    least = steps.groupby([*key, "step"], sort=True)["value"].max().rename("least").reset_index()
    both = cover.merge(least, on=[*key, "step"], how="outer")
    both["value"] = both[["value", "least"]].max(axis=1)
    both["hard"] = both["hard"].astype("boolean").fillna(False).astype(bool)
    rank = {name: k for k, name in enumerate(dict.fromkeys([*cover["queue"], *asked["queue"]]))}
    both = both[list(cover.columns)].sort_values(
        [*key, "step"], key=lambda c: c.map(rank) if c.name == "queue" else c, ignore_index=True
    )
    return both.astype({"step": "int64"})
