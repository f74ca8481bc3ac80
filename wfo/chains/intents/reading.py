"""The log as chains see it: silent intents read, mentions that nobody answers marked."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from wfo.chains.intents.engage import as_read
from wfo.chains.intents.infer import not_in_taxonomy, read_intents
from wfo.chains.taxonomy import UNKNOWN, InferSettings, Intent

_READ_BY = {"rule": "read by rules", "fitted": "by the classifier", UNKNOWN: "unknown"}


@dataclass(frozen=True)
class ReadLog:
    """A log with its intents read.

    Attributes
    ----------
    interactions : DataFrame
        With the intents that were read, ignored mentions marked.
    tables : mapping of str to DataFrame
        ``intents``, ``intent_coverage`` and ``intent_confusion`` (`ReadIntents`).
    notes : tuple of str
        What a planner should know of the reading.
    """

    interactions: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...]


def read_log(interactions: pd.DataFrame, taxonomy: Mapping[str, Intent], settings: InferSettings) -> ReadLog:
    """Read the intents of contacts that state none (`read_intents`), and say how well.

    Parameters
    ----------
    interactions : DataFrame
        After the table contract.
    taxonomy : mapping of str to Intent
    settings : InferSettings
    """
    told = read_intents(interactions, taxonomy, settings)
    tables = {
        "intents": told.intents,
        "intent_coverage": told.coverage,
        "intent_confusion": told.confusion,
    }
    seen = as_read(interactions, told.intents, taxonomy)
    by = told.intents["source"].value_counts()
    return ReadLog(
        seen, tables, (*strange(not_in_taxonomy(interactions, taxonomy)), *judged(by, told.confusion))
    )


def read_anew(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Contacts of both logs of which the intent or the outcome is read differently: ``interaction_id``.

    Parameters
    ----------
    before, after : DataFrame
        `ReadLog.interactions`, one row an interaction id.
    """
    columns = ["intent", "outcome"]
    old, new = (f.set_index("interaction_id").reindex(columns=columns).astype("str") for f in (before, after))
    ids = new.index.intersection(old.index, sort=False)
    differ = (new.loc[ids].fillna("") != old.loc[ids].fillna("")).any(axis=1)
    return pd.DataFrame({"interaction_id": pd.Series(ids[differ.to_numpy()], dtype="str")})


def strange(contacts: pd.Series) -> tuple[str, ...]:
    """A word about intents that the taxonomy lacks (`not_in_taxonomy`)."""
    if not len(contacts):
        return ()
    named = ", ".join(f"{name} ({n:,})" for name, n in contacts.head(10).items())
    return (f"Intents in the log that the taxonomy lacks: {named}; add them to chains.intents.",)


def judged(by: pd.Series, confusion: pd.DataFrame) -> tuple[str, ...]:
    """A word about how contacts that state no intent were read, from their number by source."""
    if not len(by):
        return ()
    parts = [f"{by[s]:,} {words}" for s, words in _READ_BY.items() if s in by]
    right = confusion.loc[confusion["actual"] == confusion["predicted"], "contacts"].sum()
    held = confusion.loc[confusion["predicted"] != UNKNOWN, "contacts"].sum()
    known = f"; of held-out ones read, {right / held:.0%} are right" if held else ""
    return (f"{int(by.sum()):,} contacts state no intent: {', '.join(parts)}{known}.",)
