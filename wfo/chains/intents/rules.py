"""Intents by the taxonomy's rules."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import translate

import numpy as np
import pandas as pd

from wfo.chains.taxonomy import Intent, IntentRule


def ruled(contacts: pd.DataFrame, taxonomy: Mapping[str, Intent]) -> np.ndarray:
    """Intent of each contact by the first rule that holds, in the taxonomy's order.

    Parameters
    ----------
    contacts : DataFrame
        Any of queue, channel, disposition, page, text; a rule on a column that is absent never holds.
    taxonomy : mapping of str to Intent

    Returns
    -------
    ndarray of object, shape (contacts,)
        None where no rule holds.
    """
    found = np.full(len(contacts), None, dtype=object)
    left = np.arange(len(contacts))
    for name, intent in taxonomy.items():
        for rule in intent.rules:
            hit = holds(rule, contacts.iloc[left])
            found[left[hit]] = name
            left = left[~hit]
    return found


def holds(rule: IntentRule, contacts: pd.DataFrame) -> np.ndarray:
    """Whether a rule holds, by contact, shape (contacts,)."""
    hit = np.ones(len(contacts), dtype=bool)
    for column in ("queue", "channel"):
        words = getattr(rule, column)
        if words:
            hit &= _cells(contacts, column).isin(words).to_numpy()
    for column in ("disposition", "page"):
        words = getattr(rule, column)
        if words:
            hit &= _any(_cells(contacts, column), [translate(word.casefold()) for word in words], fold=True)
    if rule.text:
        hit[hit] = _any(_cells(contacts[hit], "text"), rule.text)
    return hit


def _cells(contacts: pd.DataFrame, column: str) -> pd.Series:
    if column not in contacts.columns:
        return pd.Series(np.nan, index=contacts.index, dtype="str")
    return contacts[column]


def _any(cells: pd.Series, patterns: Sequence[str], *, fold: bool = False) -> np.ndarray:
    """Whether one of the patterns is found; each different text is read once."""
    codes, texts = pd.factorize(cells)
    one = re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)
    told = np.array([bool(one.search(str(t).casefold() if fold else str(t))) for t in texts], dtype=bool)
    return np.append(told, False)[codes]
