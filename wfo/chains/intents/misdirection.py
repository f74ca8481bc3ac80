"""Stated intent against what the chain was truly about: how often a contact lands in the wrong place."""

import pandas as pd

from wfo.chains.taxonomy import UNKNOWN
from wfo.metrics.chains import closed


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
    place = pd.Index(interactions["interaction_id"]).get_indexer(pd.Index(members["interaction_id"]))
    chain = pd.Index(chains["chain_id"]).get_indexer(pd.Index(members["chain_id"]))
    log = interactions.reindex(columns=["channel", "queue", "intent"]).iloc[place].reset_index(drop=True)
    own = chains[["status", "true_intent", "customer_id"]].iloc[chain].reset_index(drop=True)
    known = log["intent"].notna() & own["true_intent"].notna() & (log["intent"] != UNKNOWN)
    counted = (known & closed(own)).to_numpy()
    rows = pd.DataFrame(
        {
            "channel": log["channel"][counted],
            "queue": log["queue"][counted].fillna(""),
            "wrong": (log["intent"] != own["true_intent"])[counted],
            "identified": own["customer_id"].notna()[counted],
        }
    )
    table = (
        rows.groupby(["channel", "queue"], sort=True)
        .agg(
            contacts=("wrong", "size"), misdirected=("wrong", "sum"), identity_coverage=("identified", "mean")
        )
        .reset_index()
    )
    table["rate"] = table["misdirected"] / table["contacts"]
    return table[["channel", "queue", "contacts", "misdirected", "rate", "identity_coverage"]]
