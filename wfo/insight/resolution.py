"""Resolved by the agent's word against resolved in truth: no other contact of the chain came.

Source: the product-limit estimator of Kaplan and Meier (1958), with Greenwood's variance on the log scale; a
contact made a day ago has not been quiet for a week, so young ones are censored, never counted as resolved.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

DAY_MS = 86_400_000
_Z80 = 1.2815515655446004


def resolution(steps: pd.DataFrame, now_ms: int, days: Sequence[int], coverage: float) -> pd.DataFrame:
    """By queue: what agents say and what chains show.

    Parameters
    ----------
    steps : DataFrame
        As `wfo.insight.steps.steps_of` gives, open chains included.
    now_ms : int
    days : sequence of int
    coverage : float
        Share of contacts whose customer is known.

    Returns
    -------
    DataFrame
        queue, contacts, by_word (share marked resolved of those marked), false_success (share of those marked
        resolved that were followed within the longest time), then for each day ``by_day_<d>``, ``low_<d>``
        and ``high_<d>`` (10 % and 90 % points), identity_coverage; ordered by queue.
    """
    served = steps[~steps["outcome"].isin(["abandoned", "open", "ignored"]) & steps["queue"].notna()]
    quiet = _quiet_ms(steps).reindex(served.index)
    rows = []
    for queue, contacts in served.groupby("queue", sort=True):
        gap = quiet.loc[contacts.index]
        end = contacts["end_ms"].to_numpy()
        event = gap.notna().to_numpy()
        time = np.where(event, gap.fillna(0).to_numpy(), now_ms - end)
        row = {"queue": queue, "contacts": len(contacts), **_by_word(contacts, gap, max(days))}
        for d in days:
            row |= dict(
                zip((f"by_day_{d}", f"low_{d}", f"high_{d}"), kept(time, event, d * DAY_MS), strict=True)
            )
        rows.append({**row, "identity_coverage": coverage})
    return pd.DataFrame(rows)


def _quiet_ms(steps: pd.DataFrame) -> pd.Series:
    """Time from a contact's end to the next of its chain; NaN where none came."""
    following = steps["start_ms"].shift(-1)
    gap = (following - steps["end_ms"]).clip(lower=0)
    return gap.mask(steps["last"])


def _by_word(contacts: pd.DataFrame, gap: pd.Series, days: int) -> dict[str, float]:
    said = contacts["resolved"].notna().to_numpy()
    if not said.any():
        return {"by_word": np.nan, "false_success": np.nan}
    good = contacts["resolved"].to_numpy()[said].astype(bool)
    again = (gap.to_numpy()[said] <= days * DAY_MS)[good]
    return {"by_word": float(good.mean()), "false_success": float(again.mean()) if len(again) else np.nan}


def kept(time: np.ndarray, event: np.ndarray, until: float) -> tuple[float, float, float]:
    """Share that nothing has followed by ``until``, with its 10 % and 90 % points.

    Parameters
    ----------
    time : ndarray, shape (n,)
        When something followed, or until when nothing was seen.
    event : ndarray of bool, shape (n,)
        Whether something followed.
    until : float

    Examples
    --------
    >>> kept(np.array([1.0, 2.0, 3.0, 3.0]), np.array([True, False, True, False]), 2.5)[0]
    0.75
    """
    if not len(time):
        return np.nan, np.nan, np.nan
    times, happened = np.unique(time[event & (time <= until)], return_counts=True)
    risk = len(time) - np.searchsorted(np.sort(time), times, side="left")
    share = float(np.prod(1 - happened / risk))
    if not 0 < share < 1:
        return share, share, share
    variance = float(np.sum(happened / (risk * np.maximum(risk - happened, 1))))
    # On the scale of log(−log S) the interval stays between 0 and 1.
    spread = _Z80 * np.sqrt(variance) / abs(np.log(share))
    return share, float(share ** np.exp(spread)), float(share ** np.exp(-spread))
