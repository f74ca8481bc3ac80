"""Promises kept, and what late steps of the back office cost the front line."""

import numpy as np
import pandas as pd

from wfo.metrics.intervals import Z80
from wfo.timegrid import epoch_ms


def promises(steps: pd.DataFrame, interactions: pd.DataFrame, now_ms: int, weeks: float) -> pd.DataFrame:
    """By queue: promises due by now, how many were kept, and the contacts that late ones brought.

    Parameters
    ----------
    steps : DataFrame
        As `wfo.insight.steps.steps_of` gives.
    interactions : DataFrame
        With ``promise_due`` where a promise was made.
    now_ms : int
    weeks : float
        Weeks the log covers.

    Returns
    -------
    DataFrame
        queue, due, kept, kept_share, contacts_after_kept and contacts_after_late (contacts with people that
        one to a known customer caused), late_cost (money a week of what late ones brought more than kept
        ones), low, high (10 % and 90 % points, counts taken as Poisson), identity_coverage (share of those
        due whose customer is known); ordered by queue. Empty where nothing was promised.
    """
    columns = [
        "queue",
        "due",
        "kept",
        "kept_share",
        "contacts_after_kept",
        "contacts_after_late",
        "late_cost",
        "low",
        "high",
        "identity_coverage",
    ]
    if "promise_due" not in interactions.columns or interactions["promise_due"].isna().all():
        return pd.DataFrame(columns=columns)
    due_at = interactions.set_index("interaction_id")["promise_due"].dropna()
    rows = steps[steps["interaction_id"].isin(due_at.index)]
    due = epoch_ms(due_at.reindex(rows["interaction_id"]))
    rows = rows.assign(late=(rows["end_ms"].to_numpy() > due) | (rows["outcome"] == "open").to_numpy())
    rows = rows[due <= now_ms]
    after = _caused(steps)
    told = []
    for queue, made in rows.groupby("queue", sort=True):
        told.append(_row(str(queue), made, after, weeks))
    return pd.DataFrame(told, columns=columns)


def _caused(steps: pd.DataFrame) -> pd.DataFrame:
    """Contacts with people caused by a contact: how many and what they cost, by the causing one."""
    caused = steps[steps["human"] & steps["parent_interaction"].notna()]
    return caused.groupby("parent_interaction").agg(n=("cost", "size"), cost=("cost", "sum"))


def _row(queue: str, made: pd.DataFrame, after: pd.DataFrame, weeks: float) -> list[object]:
    n, n_late = len(made), int(made["late"].sum())
    known = made[made["known"]]
    caused = after.reindex(known["interaction_id"]).fillna(0.0)
    late = known["late"].to_numpy(dtype=bool)
    number, cost = caused["n"].to_numpy(), caused["cost"].to_numpy()
    kept_rate = number[~late].mean() if not late.all() else np.nan
    late_rate = number[late].mean() if late.any() else np.nan
    more = spread = np.nan
    if late.any() and not late.all() and number.sum():
        each = cost.sum() / number.sum()
        more = (late_rate - kept_rate) * n_late * each / weeks
        error = np.sqrt(number[late].sum() / late.sum() ** 2 + number[~late].sum() / (~late).sum() ** 2)
        spread = Z80 * error * n_late * each / weeks
    shares = [n, n - n_late, (n - n_late) / n, kept_rate, late_rate]
    return [queue, *shares, more, more - spread, more + spread, len(known) / n]
