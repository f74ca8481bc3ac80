"""Contacts of closed chains in order, with what each cost: what every question of insight is asked of."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wfo.chains.taxonomy import UNKNOWN
from wfo.domain.centre import Centre, Law
from wfo.metrics.chains import closed
from wfo.timegrid import epoch_ms

_READ = (
    "channel",
    "queue",
    "outcome",
    "intent",
    "resolved",
    "started_at",
    "ended_at",
    "wait_s",
    "handle_s",
    "session_s",
    "transfers",
)


def steps_of(
    centre: Centre, interactions: pd.DataFrame, chains: pd.DataFrame, members: pd.DataFrame
) -> pd.DataFrame:
    """One row a contact of a chain, ordered by chain and position.

    Parameters
    ----------
    centre : Centre
    interactions, chains, members : DataFrame
        As in the table contracts; ``members`` with ``cost``.

    Returns
    -------
    DataFrame
        chain (its row in ``chains``), interaction_id, position, last (of its chain), closed, known (its
        chain's customer), customer, human, channel, queue, intent (the chain's true one, else ``unknown``),
        stated (its own), outcome, resolved (agent's word), start_ms, end_ms, cost, effort_min (the customer's
        own minutes: waiting, talking, in self-service), transfers, parent_interaction.
    """
    chain = pd.Index(chains["chain_id"]).get_indexer(pd.Index(members["chain_id"]))
    order = np.lexsort([members["position"].to_numpy(), chain])
    rows, chain = members.iloc[order], chain[order]
    place = pd.Index(interactions["interaction_id"]).get_indexer(pd.Index(rows["interaction_id"]))
    log = interactions.reindex(columns=list(_READ)).iloc[place]
    own = chains.iloc[chain]
    start = epoch_ms(log["started_at"])
    ended = log["ended_at"].fillna(log["started_at"]) if "ended_at" in interactions else log["started_at"]
    return pd.DataFrame(
        {
            "chain": chain,
            "interaction_id": rows["interaction_id"].to_numpy(),
            "position": rows["position"].to_numpy(),
            "last": np.append(chain[1:] != chain[:-1], values=True)[: len(chain)],
            "closed": closed(own).to_numpy(),
            "known": own["customer_id"].notna().to_numpy(),
            "customer": own["customer_id"].to_numpy(),
            "human": log["queue"].map(_staffed(centre)).fillna(True).to_numpy(dtype=bool),
            "channel": log["channel"].to_numpy(),
            "queue": log["queue"].to_numpy(),
            "intent": own["true_intent"].fillna(UNKNOWN).to_numpy(),
            "stated": log["intent"].to_numpy(),
            "outcome": log["outcome"].to_numpy(),
            "resolved": log["resolved"].to_numpy(),
            "start_ms": start,
            "end_ms": epoch_ms(ended),
            "cost": rows["cost"].to_numpy(),
            "effort_min": _effort_min(log),
            "transfers": _number(log, "transfers"),
            "parent_interaction": rows["parent_interaction"].to_numpy(),
        }
    )


def _staffed(centre: Centre) -> Mapping[str, bool]:
    return {name: queue.law is not Law.UNSTAFFED for name, queue in centre.queues.items()}


def _number(log: pd.DataFrame, name: str) -> np.ndarray:
    return log[name].to_numpy(dtype=np.float64, na_value=0.0)


def _effort_min(log: pd.DataFrame) -> np.ndarray:
    """Waiting for an answer, then the session where there is one, else the talk."""
    session, handle = _number(log, "session_s"), _number(log, "handle_s")
    waits = log["channel"].isin(["voice", "chat"]).to_numpy() * _number(log, "wait_s")
    talks = log["channel"].isin(["voice", "chat"]).to_numpy() * handle
    return (waits + np.where(session > 0, session, talks)) / 60
