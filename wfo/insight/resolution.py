"""Resolved by the agent's word against resolved in truth: no other contact of the chain came.

Source: the product-limit estimator of Kaplan and Meier (1958), with Greenwood's variance on the log scale; a
contact made a day ago has not been quiet for a week, so young ones are censored, never counted as resolved.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wfo.metrics.intervals import Z80
from wfo.timegrid import DAY_MS


def resolution(steps: pd.DataFrame, now_ms: int, days: Sequence[int], window_ms: np.ndarray) -> pd.DataFrame:
    """By queue: what agents say and what chains show, over contacts of known customers.

    Parameters
    ----------
    steps : DataFrame
        As `wfo.insight.steps.steps_of` gives, open chains included.
    now_ms : int
    days : sequence of int
    window_ms : ndarray, shape (steps,)
        How long after a contact another one still belongs to its chain.

    Returns
    -------
    DataFrame
        queue, contacts (of known customers: of the others nobody can tell what followed), by_word (share
        marked resolved of those marked), false_success (share of those marked resolved that another of the
        chain follows within the longest time), then for each day ``by_day_<d>``, ``low_<d>`` and ``high_<d>``
        (10 % and 90 % points), containment (of self-service contacts whose window has passed: resolved
        without a person, and no other of the chain within it), identity_coverage (share of the queue's
        contacts whose customer is known); ordered by queue.
    """
    served = ~steps["outcome"].isin(["abandoned", "open", "ignored"]) & steps["queue"].notna()
    quiet = _quiet_ms(steps)
    contained = _contained(steps, now_ms, window_ms, quiet)
    rows = []
    for queue, everyone in steps[steps["queue"].notna()].groupby("queue", sort=True):
        contacts = everyone[everyone["known"] & served.loc[everyone.index]]
        gap = quiet.loc[contacts.index]
        event = gap.notna().to_numpy()
        time = np.where(event, gap.fillna(0).to_numpy(), now_ms - contacts["end_ms"].to_numpy())
        row = {"queue": queue, "contacts": len(contacts), **_by_word(contacts, time, event, max(days))}
        for d in days:
            row |= dict(
                zip((f"by_day_{d}", f"low_{d}", f"high_{d}"), kept(time, event, d * DAY_MS), strict=True)
            )
        row["containment"] = float(contained.loc[everyone.index].mean())
        rows.append({**row, "identity_coverage": float(everyone["known"].mean())})
    return pd.DataFrame(rows)


def _contained(steps: pd.DataFrame, now_ms: int, window_ms: np.ndarray, quiet: pd.Series) -> pd.Series:
    """1 where a self-service contact was contained, 0 where not, NaN where it is none or nobody can tell."""
    judged = ~steps["human"] & steps["known"] & (steps["end_ms"] + window_ms <= now_ms)
    alone = (steps["outcome"] == "contained") & ~(quiet <= window_ms)
    return alone.astype("float64").where(judged)


def _quiet_ms(steps: pd.DataFrame) -> pd.Series:
    """Time from a contact's end to the next of its chain; NaN where none came."""
    following = steps["start_ms"].shift(-1)
    gap = (following - steps["end_ms"]).clip(lower=0)
    return gap.mask(steps["last"])


def _by_word(contacts: pd.DataFrame, time: np.ndarray, event: np.ndarray, days: int) -> dict[str, float]:
    said = contacts["resolved"].notna().to_numpy()
    if not said.any():
        return {"by_word": np.nan, "false_success": np.nan}
    good = contacts["resolved"].eq(True).fillna(False).to_numpy(dtype=bool)
    share = kept(time[good], event[good], days * DAY_MS)[0]
    return {"by_word": float(good.sum() / said.sum()), "false_success": 1 - share}


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
    spread = Z80 * np.sqrt(variance) / abs(np.log(share))
    return share, float(share ** np.exp(spread)), float(share ** np.exp(-spread))
