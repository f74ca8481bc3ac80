"""Service levels of interval counts, by each denominator: sources divide by different contacts."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from wfo.errors import Problem
from wfo.tables.data import Data

OURS = "offered without short abandons"
"""What this engine's service levels divide by."""


def service_levels(counts: pd.DataFrame) -> pd.DataFrame:
    """Share answered within the source's threshold, by queue and denominator, from sums.

    Parameters
    ----------
    counts : DataFrame
        Table ``queue_intervals``; rows without ``answered_in_target`` are left out.

    Returns
    -------
    DataFrame
        queue, in_target (contacts), then a share for each denominator: ``offered``, ``answered`` and
        ``offered without short abandons``; NaN where the counts do not hold it.

    Examples
    --------
    >>> counts = pd.DataFrame(
    ...     {"queue": ["voice"], "offered": [100.0], "answered": [90.0], "abandoned_short": [4.0],
    ...      "answered_in_target": [72.0]})
    >>> service_levels(counts).iloc[0, 2:].tolist()
    [0.72, 0.8, 0.75]
    """
    columns = ["offered", "answered", "abandoned_short", "answered_in_target"]
    known = counts.reindex(columns=["queue", *columns])
    known = known[known["answered_in_target"].notna().to_numpy()]
    sums = known.groupby("queue", sort=True)[columns].sum(min_count=1).astype("float64")
    short = sums["abandoned_short"] if known["abandoned_short"].notna().all() else np.nan
    shares = {"offered": sums["offered"], "answered": sums["answered"], OURS: sums["offered"] - short}
    out = pd.DataFrame({"in_target": sums["answered_in_target"]})
    for name, of in shares.items():
        out[name] = sums["answered_in_target"] / of.where(of > 0)
    return out.reset_index()


def service_notes(data: Data) -> Iterator[Problem]:
    """What the source's own service level is, by what it divides, and what it is as this engine counts."""
    if "queue_intervals" not in data or "answered_in_target" not in data["queue_intervals"].columns:
        return
    where = data.source("queue_intervals")
    origin = data.origins.get("queue_intervals")
    of = None if origin is None else origin.facts.get("service_level_of")
    levels = service_levels(data["queue_intervals"])
    if of is None:
        yield Problem(
            where,
            "what the source's service level divides by is not known (service_level_of of its mapping); "
            f"shares answered in target are of contacts {OURS}",
        )
        return
    for row in levels.to_dict("records"):
        ours = _share(row[OURS], "not known: abandoned_short is missing")
        own = _share(row.get(of, float("nan")), "not to be had from these counts")
        yield Problem(
            where,
            f"service level of '{row['queue']}' as its source counts, of contacts {of}: {own}; "
            f"as counted here, of contacts {OURS}: {ours}",
        )


def _share(value: float, otherwise: str) -> str:
    return otherwise if np.isnan(value) else f"{value:.1%}"
