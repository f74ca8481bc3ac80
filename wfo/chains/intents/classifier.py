"""A small classifier of intents: multinomial logistic regression on words and on where the contact was.

Logistic regression with an L2 penalty (scikit-learn, L-BFGS) gives probabilities that can be held against a
threshold; naive Bayes on texts does not.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_WHERE = ("channel", "queue", "disposition", "page")
_VOCABULARY = 20_000
_SEEN = 2
"""A word seen in fewer contacts than this teaches nothing."""


@dataclass(frozen=True)
class Classifier:
    """Fitted to contacts that state their intent."""

    words: CountVectorizer
    model: LogisticRegression

    def probabilities(self, contacts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Most probable intent (object) and its probability by contact, each of shape (contacts,)."""
        if not len(contacts):
            return np.empty(0, dtype=object), np.empty(0)
        codes, texts = pd.factorize(_documents(contacts))
        chances = self.model.predict_proba(self.words.transform(texts))
        best = chances.argmax(axis=1)
        return self.model.classes_[best][codes].astype(object), chances[np.arange(len(best)), best][codes]


def fit(contacts: pd.DataFrame) -> Classifier | None:
    """Fit to contacts with ``intent``; None where they state fewer than two, or nothing repeats among them.

    Equal contacts are counted once with their number as weight, so a log without texts is fitted in no time.
    """
    if contacts["intent"].nunique() < 2:
        return None
    documents = pd.DataFrame({"document": _documents(contacts), "intent": contacts["intent"].astype(str)})
    counted = documents.groupby(["document", "intent"], sort=True).size().reset_index(name="n")
    words = CountVectorizer(
        analyzer=str.split, max_features=_VOCABULARY, min_df=1 if len(counted) < 100 else _SEEN, binary=True
    )
    try:
        matrix = words.fit_transform(counted["document"])
    except ValueError:  # an empty vocabulary
        return None
    model = LogisticRegression(C=1.0, max_iter=500, tol=1e-4)
    model.fit(matrix, counted["intent"].to_numpy(), sample_weight=counted["n"].to_numpy(dtype=np.float64))
    return Classifier(words, model)


def _documents(contacts: pd.DataFrame) -> pd.Series:
    """Each contact as words: where it was (``queue=billing``), then what the customer wrote."""
    parts = pd.Series("", index=contacts.index, dtype="str")
    for column in _WHERE:
        if column in contacts.columns:
            cells = contacts[column].astype("str").fillna("").str.replace(r"\s+", "_", regex=True)
            parts = parts + (" " + column + "=" + cells.str.casefold()).where(cells != "", "")
    if "text" in contacts.columns:
        codes, texts = pd.factorize(contacts["text"])
        said = [" ".join(dict.fromkeys(_WORD.findall(str(text).casefold()))) for text in texts]
        parts = parts + " " + pd.Series(np.asarray([*said, ""], dtype=object)[codes], index=contacts.index)
    return parts.str.strip()
