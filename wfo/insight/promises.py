"""Promises kept, and what late steps of the back office cost the front line."""

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law
from wfo.metrics.intervals import Z80
from wfo.timegrid import epoch_ms

_TALKS = (Law.IMMEDIATE, Law.CONCURRENT)
_NAMES = (("customer_id",), ("key_type", "customer_key"))
"""Columns that name a contact's customer."""


def promises(
    steps: pd.DataFrame, interactions: pd.DataFrame, centre: Centre, now_ms: int, weeks: float
) -> pd.DataFrame:
    """By queue: promises due by now, how many were kept, and the contacts that late ones brought.

    A promise of deferred work is kept when the work ends in time. A promise made while talking is kept when
    the customer, as identified, is contacted in time after it, by whatever channel, or a contact in time
    names it as its parent; in a log without outgoing contacts that cannot be told, and such promises are
    left out.

    Parameters
    ----------
    steps : DataFrame
        As `wfo.insight.steps.steps_of` gives.
    interactions : DataFrame
        With ``promise_due`` where a promise was made.
    centre : Centre
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
    late = (rows["end_ms"].to_numpy() > due) | (rows["outcome"] == "open").to_numpy()
    talked = rows["queue"].isin([n for n, q in centre.queues.items() if q.law in _TALKS]).to_numpy(dtype=bool)
    back = _contacted(rows[talked], due[talked], steps, interactions)
    countable = (due <= now_ms) & (~talked | (back is not None))
    if back is not None:
        late[talked] = ~back
    rows = rows.assign(late=late)[countable]
    after = _caused(steps)
    told = []
    for queue, made in rows.groupby("queue", sort=True):
        told.append(_row(str(queue), made, after, weeks))
    return pd.DataFrame(told, columns=columns)


def _contacted(
    rows: pd.DataFrame, due: np.ndarray, steps: pd.DataFrame, interactions: pd.DataFrame
) -> np.ndarray | None:
    """Whether each row's customer got a contact after it and by ``due``; None in a log that has none."""
    out = interactions[(interactions["direction"] == "out").to_numpy()]
    if out.empty:
        return None
    start = epoch_ms(out["started_at"])
    found = _in_time(rows, rows["customer"], due, _customers(out, steps, interactions), start)
    if "parent_id" in out.columns:
        found |= _in_time(rows, rows["interaction_id"], due, out["parent_id"], start)
    return found


def _in_time(
    rows: pd.DataFrame, asked: pd.Series, due: np.ndarray, sent: pd.Series, start: np.ndarray
) -> np.ndarray:
    """Whether of the contacts sent to each row's name the first after its end is in time."""
    left = pd.DataFrame(
        {"name": asked.to_numpy(dtype=object), "row": range(len(rows)), "end": rows["end_ms"], "due": due}
    )
    right = pd.DataFrame({"name": sent.to_numpy(dtype=object), "start": start})
    left, right = (frame.dropna(subset=["name"]).astype({"name": "str"}) for frame in (left, right))
    pair = pd.merge_asof(
        left.sort_values("end"),
        right.sort_values("start"),
        left_on="end",
        right_on="start",
        by="name",
        direction="forward",
    )
    found = np.zeros(len(rows), dtype=bool)
    found[pair.loc[(pair["start"] <= pair["due"]).to_numpy(dtype=bool), "row"].to_numpy()] = True
    return found


def _customers(out: pd.DataFrame, steps: pd.DataFrame, interactions: pd.DataFrame) -> pd.Series:
    """Whom each outgoing contact went to: the one customer who was identified by its id, else by its key.

    A name that customers share, or that identity holds to be nobody's, says nothing.
    """
    known = steps[steps["known"]]
    seen = interactions.iloc[pd.Index(interactions["interaction_id"]).get_indexer(known["interaction_id"])]
    found = pd.Series(None, index=out.index, dtype=object)
    for columns in _NAMES:
        if set(columns) <= set(interactions.columns):
            pairs = pd.DataFrame({"name": _name(seen, columns), "customer": known["customer"].to_numpy()})
            pairs = pairs.dropna().drop_duplicates()
            whose = pairs[~pairs["name"].duplicated(keep=False)].set_index("name")["customer"]
            found = found.fillna(pd.Series(_name(out, columns), out.index).map(whose))
    return found


def _name(contacts: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """What the columns say together; None where one of them is empty."""
    whole, name = np.ones(len(contacts), dtype=bool), np.full(len(contacts), "", dtype=object)
    for column in columns:
        part = contacts[column].fillna("").astype("str").to_numpy(dtype=object)
        whole &= part != ""
        name = name + part + "\t"
    name[~whole] = None
    return name


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
