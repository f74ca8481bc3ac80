"""Cuts: where the simulation missed a target, more people on duty are asked for.

A cut belongs to a queue and an interval: the people on duty who can serve the queue must be those there now
and a few more. Its ``value`` is what one missing position loses there.
"""

import itertools

import numpy as np
import pandas as pd

MOVED_BY_STAFFING = ("service_level", "asa", "abandonment")
"""Metrics of immediate work that people on duty decide."""
SHARE_OF_LOSS = 0.8
"""Cuts are made for the intervals that hold this share of a queue's loss."""
MORE = 0.1
"""A cut asks for this share more people than are on duty, at least one."""


def missed_queues(scorecard: pd.DataFrame) -> tuple[str, ...]:
    """Queues whose hard or priced target for immediate work is missed more often than not."""
    rows = scorecard[
        scorecard["metric"].isin(MOVED_BY_STAFFING)
        & scorecard["mode"].isin(["hard", "priced"])
        & (scorecard["p_met"] < 0.5)
    ]
    return tuple(sorted(rows.loc[rows["scope"] != "centre", "scope"].unique()))


def new_cuts(
    intervals: pd.DataFrame,
    schedule: pd.DataFrame,
    queues: tuple[str, ...],
    *,
    routing: pd.DataFrame,
    before: pd.DataFrame,
    price_abandoned: float,
    price_late: float,
) -> pd.DataFrame | None:
    """Cuts for the intervals where the queues lose most, added to those there were.

    Parameters
    ----------
    intervals : DataFrame
        Simulated means: ``queue, interval_start, abandoned, late``.
    schedule : DataFrame
        The schedule that was simulated.
    queues : tuple of str
        Queues whose targets were missed.
    routing : DataFrame
        After the table contract.
    before : DataFrame
        Cuts that hold already; a new one of the same name replaces it where it asks for more.
    price_abandoned, price_late : float
        Money lost with an abandoned and with a late contact.

    Returns
    -------
    DataFrame or None
        Table ``cuts``, ordered by key; None where nothing new is asked for.
    """
    wanted = _where(intervals[intervals["queue"].isin(queues)], price_abandoned, price_late)
    if wanted.empty:
        return None
    wanted["rhs"] = _asked(wanted, schedule)
    rows = []
    for queue, part in wanted.groupby("queue", sort=True):
        able = sorted(set(routing.loc[routing["queue"] == queue, "skill"]))
        rows += [part.assign(skill_set=_repeated(s, part.index), coefficient=c) for s, c in _either_of(able)]
    if not rows:
        return None
    new = pd.concat(rows, ignore_index=True)
    new["cut"] = new["queue"] + "/" + new["interval_start"].dt.strftime("%Y-%m-%dT%H:%MZ")
    columns = ["cut", "skill_set", "interval_start", "coefficient", "rhs", "value"]
    both = pd.concat([before[columns], new[columns]], ignore_index=True) if len(before) else new[columns]
    both["_word"] = both["skill_set"].map("|".join)
    both = both.sort_values(["cut", "_word", "interval_start", "rhs"], kind="stable")
    kept = both.drop_duplicates(["cut", "_word", "interval_start"], keep="last")
    return kept[columns].reset_index(drop=True)


def _where(intervals: pd.DataFrame, price_abandoned: float, price_late: float) -> pd.DataFrame:
    """Intervals that hold most of each queue's loss, with what one missing position loses there."""
    rows = intervals[["queue", "interval_start"]].copy()
    rows["value"] = price_abandoned * intervals["abandoned"] + price_late * intervals["late"]
    rows = rows[(rows["value"] > 0).to_numpy()].sort_values(
        ["queue", "value", "interval_start"], ascending=[True, False, True]
    )
    total = rows.groupby("queue")["value"].transform("sum")
    above = rows.groupby("queue")["value"].cumsum() - rows["value"]
    return rows[(above < SHARE_OF_LOSS * total).to_numpy()].reset_index(drop=True)


def _asked(wanted: pd.DataFrame, schedule: pd.DataFrame) -> np.ndarray:
    """People on duty for each queue and interval, and a few more."""
    work = schedule[(schedule["kind"] == "work").to_numpy()].explode("queues")
    on_duty = np.zeros(len(wanted))
    for queue, part in wanted.groupby("queue", sort=True):
        rows = work[(work["queues"] == queue).to_numpy()]
        moments = pd.DatetimeIndex(part["interval_start"]).asi8
        starts = np.sort(pd.DatetimeIndex(rows["start"]).as_unit(part["interval_start"].dt.unit).asi8)
        ends = np.sort(pd.DatetimeIndex(rows["end"]).as_unit(part["interval_start"].dt.unit).asi8)
        there = np.searchsorted(starts, moments, side="right") - np.searchsorted(ends, moments, side="right")
        on_duty[part.index] = there
    return on_duty + np.maximum(1.0, np.ceil(MORE * on_duty))


def _either_of(skills: list[str]) -> list[tuple[tuple[str, ...], float]]:
    """Skill sets with coefficients that count everybody once who has at least one of the skills.

    A row of a cut counts the agents who have all of its skills; inclusion and exclusion makes "any of" of it.
    """
    sizes = range(1, len(skills) + 1)
    return [(part, 1.0 if n % 2 else -1.0) for n in sizes for part in itertools.combinations(skills, n)]


def _repeated(skill_set: tuple[str, ...], index: pd.Index) -> "pd.Series":
    return pd.Series([list(skill_set) for _ in index], index=index, dtype=object)
