"""Mentions in channels nobody controls: which are answered, and which are only seen."""

from collections.abc import Mapping

import pandas as pd

from wfo.chains.intents.infer import with_intents
from wfo.chains.taxonomy import Intent

IGNORED = "ignored"


def engaged(interactions: pd.DataFrame, taxonomy: Mapping[str, Intent]) -> pd.DataFrame:
    """Contacts with the outcome ``ignored`` where the taxonomy says that a mention is not answered.

    Only channels that are not ``controlled`` are touched: a customer who calls is always answered. An ignored
    mention is no work: it is counted neither as offered nor in what staffing has to serve.
    """
    silent = [name for name, intent in taxonomy.items() if not intent.engage]
    if not silent or not {"controlled", "intent"} <= set(interactions.columns):
        return interactions
    outside = ~interactions["controlled"].fillna(True).astype(bool)
    left = (outside & interactions["intent"].isin(silent)).to_numpy()
    return interactions.assign(outcome=interactions["outcome"].mask(left, IGNORED))


def as_read(
    interactions: pd.DataFrame, intents: pd.DataFrame, taxonomy: Mapping[str, Intent]
) -> pd.DataFrame:
    """Contacts as every later stage sees them: with the intents read, ignored mentions marked.

    Parameters
    ----------
    interactions : DataFrame
    intents : DataFrame
        Table ``intents`` of the chains.
    taxonomy : mapping of str to Intent
    """
    return engaged(with_intents(interactions, intents), taxonomy)
