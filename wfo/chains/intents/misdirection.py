"""Stated intent against what the chain was truly about: how often a contact lands in the wrong place."""

import pandas as pd

from wfo.chains.taxonomy import UNKNOWN


def misdirection(interactions: pd.DataFrame, members: pd.DataFrame, chains: pd.DataFrame) -> pd.DataFrame:
    """Share of contacts whose intent is not the chain's true one, by channel and queue.

    Parameters
    ----------
    interactions : DataFrame
        With ``intent``.
    members, chains : DataFrame
        ``chain_members`` and ``chains``; only chains that are closed count, an open one may still show
        another intent.

    Returns
    -------
    DataFrame
        channel, queue, contacts (with a known intent, of closed chains), misdirected, rate, identity_coverage
        (share of those contacts whose customer is known: of the others only their own chain of one is seen).
    """
    closed = chains.loc[(chains["status"] != "open").to_numpy(), ["chain_id", "true_intent", "customer_id"]]
    rows = interactions[["interaction_id", "channel", "queue", "intent"]].merge(
        members[["interaction_id", "chain_id"]], on="interaction_id"
    )
    rows = rows.merge(closed, on="chain_id")
    known = rows["intent"].notna() & rows["true_intent"].notna() & (rows["intent"] != UNKNOWN)
    rows = rows[known.to_numpy()]
    rows = rows.assign(
        queue=rows["queue"].fillna(""),
        wrong=rows["intent"] != rows["true_intent"],
        identified=rows["customer_id"].notna(),
    )
    grouped = rows.groupby(["channel", "queue"], sort=True)
    table = grouped.agg(
        contacts=("wrong", "size"), misdirected=("wrong", "sum"), identity_coverage=("identified", "mean")
    ).reset_index()
    table["rate"] = table["misdirected"] / table["contacts"]
    return table[["channel", "queue", "contacts", "misdirected", "rate", "identity_coverage"]]
