"""One customer's story: chains and contacts over every channel, open chains first."""

from collections.abc import Mapping

import pandas as pd

from wfo.errors import InputError

_SHOWN = (
    "started_at",
    "channel",
    "queue",
    "outcome",
    "agent_id",
    "intent",
    "wait_s",
    "handle_s",
    "interaction_id",
)


def story(customer: str, tables: Mapping[str, pd.DataFrame], interactions: pd.DataFrame) -> pd.DataFrame:
    """Contacts of one customer, chain by chain.

    Parameters
    ----------
    customer : str
        A customer id, a key (phone number, e-mail address), an interaction or a chain.
    tables : mapping of str to DataFrame
        ``chains`` and ``chain_members`` of a run.
    interactions : DataFrame

    Returns
    -------
    DataFrame
        chain_id, status, role, started_at, channel, queue, outcome, agent_id, intent, wait_s, handle_s,
        interaction_id; open chains first, then the latest, each in the order of time.

    Raises
    ------
    InputError
        If nobody of that name is known.
    """
    chains, members = tables["chains"], tables["chain_members"]
    seen = pd.Series(False, index=interactions.index)
    for column in ("customer_id", "customer_key", "interaction_id"):
        if column in interactions.columns:
            seen |= (interactions[column] == customer).fillna(False).astype(bool)
    named = members["interaction_id"].isin(interactions.loc[seen, "interaction_id"])
    found = chains["chain_id"].isin(members.loc[named, "chain_id"]) | (chains["chain_id"] == customer)
    people = chains.loc[found, "customer_id"].dropna().unique()
    mine = chains[(found | chains["customer_id"].isin(people)).to_numpy()]
    if mine.empty:
        raise InputError(
            f"nobody is known as '{customer}'; give a customer id, a key (phone number, e-mail address), "
            "an interaction id or a chain id"
        )
    columns = ["interaction_id", *(c for c in _SHOWN if c in interactions.columns and c != "interaction_id")]
    rows = members[members["chain_id"].isin(mine["chain_id"]).to_numpy()]
    rows = rows[["interaction_id", "chain_id", "role", "position"]].merge(
        interactions[columns], on="interaction_id"
    )
    rows = rows.merge(mine[["chain_id", "status", "last_at"]], on="chain_id")
    rows["closed"] = rows["status"] != "open"
    order = ["closed", "last_at", "chain_id", "started_at", "interaction_id"]
    rows = rows.sort_values(order, ascending=[True, False, True, True, True])
    shown = ["chain_id", "status", "role", *(c for c in _SHOWN if c in rows.columns)]
    return rows[shown].reset_index(drop=True)
