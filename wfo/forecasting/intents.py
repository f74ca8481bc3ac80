"""R by intent: how much of a queue's follow-ups comes of contacts with each stated intent."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_LEAN = 50.0
"""A pair's shares lean on those of all its queue's contacts as if by this many follow-ups."""


@dataclass(frozen=True)
class ByIntent:
    """Shares by intent; I intents, Q queues.

    Attributes
    ----------
    intents : tuple of str
    parents : ndarray, shape (I, Q)
        Share of a queue's contacts with each intent.
    follow_ups : ndarray, shape (I, Q, Q)
        Share of the follow-ups from queue to queue whose earlier contact stated the intent.
    counted : ndarray, shape (Q, Q)
        Follow-ups behind it.
    """

    intents: tuple[str, ...]
    parents: np.ndarray
    follow_ups: np.ndarray
    counted: np.ndarray

    def share_of_parents(self, intent: str) -> np.ndarray:
        """Share of each queue's contacts with an intent, shape (Q,); 0 where it is never stated."""
        i = self._number(intent)
        return self.parents[i] if i is not None else np.zeros(self.parents.shape[1])

    def share_of_follow_ups(self, intent: str) -> np.ndarray:
        """Share of each pair's follow-ups that come of contacts with an intent, shape (Q, Q)."""
        i = self._number(intent)
        return self.follow_ups[i] if i is not None else np.zeros(self.follow_ups.shape[1:])

    def table(self, queues: tuple[str, ...], r: np.ndarray) -> pd.DataFrame:
        """R by queue, queue and intent of the earlier contact.

        Parameters
        ----------
        queues : tuple of str
        r : ndarray, shape (Q, Q)
            Follow-ups of one served contact, whatever its intent.

        Returns
        -------
        DataFrame
            from_queue, to_queue, intent, r, share; sorted.
        """
        rows = []
        for a, b in np.argwhere(r > 0):
            for i, intent in enumerate(self.intents):
                if self.parents[i, a] > 0:
                    share = self.follow_ups[i, a, b]
                    rows.append((queues[a], queues[b], intent, r[a, b] * share / self.parents[i, a], share))
        frame = pd.DataFrame(rows, columns=["from_queue", "to_queue", "intent", "r", "share"])
        types = {"from_queue": "str", "to_queue": "str", "intent": "str", "r": "float64", "share": "float64"}
        return frame.astype(types).sort_values(["from_queue", "to_queue", "intent"], ignore_index=True)

    def _number(self, intent: str) -> int | None:
        return self.intents.index(intent) if intent in self.intents else None


def by_intent(
    queues: tuple[str, ...], interactions: pd.DataFrame | None, members: pd.DataFrame | None
) -> ByIntent:
    """Count the follow-ups of chains by the stated intent of the contact before.

    A pair with few follow-ups leans on the mix of its queue's contacts: there every intent has the same R.

    Parameters
    ----------
    queues : tuple of str
    interactions, members : DataFrame or None
        As in the table contracts; without them, or without intents, nothing is known by intent.
    """
    n = len(queues)
    if interactions is None or members is None or members.empty or "intent" not in interactions:
        return no_intents(n)
    log = interactions[["interaction_id", "queue", "intent"]].dropna()
    intents = tuple(sorted(set(log["intent"])))
    queue = pd.Index(queues).get_indexer(pd.Index(log["queue"]))
    intent = pd.Index(intents).get_indexer(pd.Index(log["intent"]))
    known = queue >= 0
    parents = np.zeros((len(intents), n))
    np.add.at(parents, (intent[known], queue[known]), 1.0)
    parents /= np.maximum(parents.sum(axis=0), 1.0)
    links = members.loc[members["role"] == "follow_up", ["interaction_id", "parent_interaction"]].dropna()
    position = pd.Index(log["interaction_id"])
    child = position.get_indexer(pd.Index(links["interaction_id"]))
    parent = position.get_indexer(pd.Index(links["parent_interaction"]))
    both = (child >= 0) & (parent >= 0)
    child, parent = child[both], parent[both]
    inside = known[child] & known[parent]
    child, parent = child[inside], parent[inside]
    count = np.zeros((len(intents), n, n))
    np.add.at(count, (intent[parent], queue[parent], queue[child]), 1.0)
    total = count.sum(axis=0)
    share = (count + _LEAN * parents[:, :, None]) / (total + _LEAN)
    return ByIntent(intents, parents, np.asarray(share), total)


def no_intents(queues: int = 0) -> ByIntent:
    """Nothing known by intent."""
    return ByIntent((), np.zeros((0, queues)), np.zeros((0, queues, queues)), np.zeros((queues, queues)))
