"""Intents of contacts that state none: by rules, then by a fitted classifier, else unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wfo.chains.intents.rules import ruled
from wfo.chains.taxonomy import UNKNOWN, InferSettings, Intent

if TYPE_CHECKING:
    from wfo.chains.intents.classifier import Classifier

SOURCES = ("stated", "rule", "fitted", UNKNOWN)
HELD_OUT = 4
"""One in so many contacts that state their intent is held out to judge the reading of the others."""


@dataclass(frozen=True)
class ReadIntents:
    """What was read.

    Attributes
    ----------
    intents : DataFrame
        interaction_id, intent, source (rule, fitted, unknown), p; contacts that stated none, in order.
    coverage : DataFrame
        channel, queue, source, contacts, share (of the queue's contacts).
    confusion : DataFrame
        actual, predicted, contacts: held-out contacts that state their intent, read as if they did not; empty
        where every contact states its own.
    """

    intents: pd.DataFrame
    coverage: pd.DataFrame
    confusion: pd.DataFrame


def read_intents(
    interactions: pd.DataFrame, taxonomy: Mapping[str, Intent], settings: InferSettings
) -> ReadIntents:
    """Read the intents of contacts that state none.

    Parameters
    ----------
    interactions : DataFrame
        After the table contract; columns ``page`` and ``text`` are used where they are there.
    taxonomy : mapping of str to Intent
    settings : InferSettings
    """
    stated = states_intent(interactions)
    silent = interactions[~stated]
    teachers = interactions[stated]
    held = np.zeros(len(teachers), dtype=bool)
    if len(silent) and len(teachers):
        held = order_of(teachers["interaction_id"]) % HELD_OUT == 0
    judged = Reader(teachers[~held], taxonomy, settings).read(teachers[held])
    read = Reader(teachers, taxonomy, settings).read(silent)
    intents = read.assign(interaction_id=silent["interaction_id"].to_numpy())
    source = np.full(len(interactions), "stated", dtype=object)
    source[~stated] = read["source"]
    actual = teachers["intent"].to_numpy()[held] if len(teachers) else np.empty(0, dtype=object)
    return ReadIntents(
        intents[["interaction_id", "intent", "source", "p"]].reset_index(drop=True),
        coverage_of(interactions, source),
        confusion_of(actual, judged["intent"].to_numpy()),
    )


def states_intent(interactions: pd.DataFrame) -> np.ndarray:
    """Which contacts state an intent."""
    if "intent" not in interactions.columns:
        return np.zeros(len(interactions), dtype=bool)
    return (interactions["intent"].notna() & (interactions["intent"] != UNKNOWN)).to_numpy()


def order_of(ids: pd.Series) -> np.ndarray:
    """A number by id alone, so that a longer log holds out the same contacts."""
    return pd.util.hash_pandas_object(ids, index=False).to_numpy()


class Reader:
    """Reads contacts by the taxonomy's rules, the others by what teachers state; fitted when first needed.

    Parameters
    ----------
    teachers : DataFrame
        Contacts that state their intent; those first by `order_of` teach, at most ``most_labelled``.
    taxonomy : mapping of str to Intent
    settings : InferSettings
    """

    def __init__(
        self, teachers: pd.DataFrame, taxonomy: Mapping[str, Intent], settings: InferSettings
    ) -> None:
        self._teachers, self._taxonomy, self._settings = teachers, taxonomy, settings

    @cached_property
    def _classifier(self) -> "Classifier | None":
        teachers, settings = self._teachers, self._settings
        if not settings.fitted or len(teachers) < settings.least_labelled:
            return None
        # Imported here: a log whose contacts all state their intent needs no classifier.
        from wfo.chains.intents.classifier import fit

        rank = order_of(teachers["interaction_id"]).argsort(kind="stable")[: settings.most_labelled]
        return fit(teachers.iloc[np.sort(rank)])

    def read(self, contacts: pd.DataFrame) -> pd.DataFrame:
        """intent, source and p of each contact."""
        found = ruled(contacts, self._taxonomy)
        by_rule = np.array([name is not None for name in found], dtype=bool)
        source = np.where(by_rule, "rule", UNKNOWN).astype(object)
        chance = np.where(by_rule, 1.0, 0.0)
        left = ~by_rule
        if left.any() and self._classifier is not None:
            name, p = self._classifier.probabilities(contacts[left])
            sure = p >= self._settings.threshold
            found[np.flatnonzero(left)[sure]] = name[sure]
            source[left] = np.where(sure, "fitted", UNKNOWN)
            chance[left] = p
        named = np.array([UNKNOWN if name is None else name for name in found], dtype=object)
        return pd.DataFrame(
            {"intent": pd.Series(named, dtype="str"), "source": pd.Series(source, dtype="str"), "p": chance}
        )


def coverage_of(interactions: pd.DataFrame, source: np.ndarray) -> pd.DataFrame:
    """`ReadIntents.coverage`, given how each contact was read."""
    queue = interactions["queue"] if "queue" in interactions.columns else pd.Series(np.nan, dtype="str")
    rows = pd.DataFrame(
        {
            "channel": interactions["channel"].to_numpy(),
            "queue": queue.reindex(interactions.index).fillna("").to_numpy(),
            "source": source,
        }
    )
    return with_shares(
        rows.groupby(["channel", "queue", "source"], sort=True).size().reset_index(name="contacts")
    )


def with_shares(counted: pd.DataFrame) -> pd.DataFrame:
    """Contacts by channel, queue and source with their share of the queue's."""
    whole = counted.groupby(["channel", "queue"])["contacts"].transform("sum")
    return counted.assign(share=counted["contacts"] / whole)


def confusion_of(actual: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
    """`ReadIntents.confusion`, of contacts that state ``actual`` and were read as ``predicted``."""
    pairs = pd.DataFrame({"actual": actual.astype(str), "predicted": predicted.astype(str)}, dtype="str")
    return pairs.groupby(["actual", "predicted"], sort=True).size().reset_index(name="contacts")


def not_in_taxonomy(interactions: pd.DataFrame, taxonomy: Mapping[str, Intent]) -> pd.Series:
    """Contacts by stated intent, of intents that a taxonomy lacks; empty where there is no taxonomy."""
    if not taxonomy or "intent" not in interactions.columns:
        return pd.Series(dtype="int64")
    stated = interactions["intent"].dropna().value_counts().sort_index()
    return stated[~stated.index.isin([*taxonomy, UNKNOWN])]


def quality(confusion: pd.DataFrame) -> pd.DataFrame:
    """Precision and recall of each intent on held-out contacts.

    Returns
    -------
    DataFrame
        intent, contacts (that state it), precision (NaN where nothing was read so), recall, unknown (share of
        its contacts left unknown), taken_for (the other intent they are most often read as; empty: none).
    """
    rows = []
    table = confusion.pivot_table(
        index="actual", columns="predicted", values="contacts", aggfunc="sum", fill_value=0
    )
    for intent in table.index:
        right = int(table.loc[intent].get(intent, 0))
        called = int(table[intent].sum()) if intent in table.columns else 0
        others = table.loc[intent].drop([intent, UNKNOWN], errors="ignore")
        rows.append(
            {
                "intent": intent,
                "contacts": int(table.loc[intent].sum()),
                "precision": right / called if called else np.nan,
                "recall": right / int(table.loc[intent].sum()),
                "unknown": int(table.loc[intent].get(UNKNOWN, 0)) / int(table.loc[intent].sum()),
                "taken_for": others.idxmax() if len(others) and others.max() > 0 else "",
            }
        )
    columns = ["intent", "contacts", "precision", "recall", "unknown", "taken_for"]
    return pd.DataFrame(rows, columns=columns)


def with_intents(interactions: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """Contacts with the intents read where they stated none; where all state theirs, the frame as it was."""
    if not len(read):
        return interactions
    named = read.set_index("interaction_id")["intent"].reindex(interactions["interaction_id"]).to_numpy()
    known = named.astype(object) != UNKNOWN
    own = (
        interactions["intent"] if "intent" in interactions.columns else pd.Series(np.nan, interactions.index)
    )
    stated = own.notna() & (own != UNKNOWN)
    filled = own.astype("str").where(stated | ~known | pd.isna(named), pd.Series(named, own.index))
    return interactions.assign(intent=filled.mask(filled == UNKNOWN).astype("str"))
