"""Patience from what was seen of it: who was answered would have waited longer, nobody knows how long."""

from dataclasses import dataclass

import numpy as np

LEAST = 20
"""Abandonments from which a queue's own patience is believed."""


@dataclass(frozen=True)
class Patience:
    """Patience of a queue's contacts, from waits of which most are cut short by an answer.

    Attributes
    ----------
    mean_s : float
        Mean of the exponential law, inf where nobody gave up.
    abandoned, waited : int
        Contacts that gave up, and those whose wait is known.
    still_waiting : ndarray, shape (2, K)
        Kaplan-Meier estimate: seconds at which contacts gave up, and the share still waiting after them.
    """

    mean_s: float
    abandoned: int
    waited: int
    still_waiting: np.ndarray

    def after(self, seconds: float) -> float:
        """Share that waits longer than so many seconds, by the Kaplan-Meier estimate."""
        k = int(np.searchsorted(self.still_waiting[0], seconds, side="right"))
        return 1.0 if k == 0 else float(self.still_waiting[1, k - 1])

    def exponential_after(self, seconds: float) -> float:
        """The same by the exponential law."""
        return float(np.exp(-seconds / self.mean_s))


def patience_of(wait_s: np.ndarray, abandoned: np.ndarray) -> Patience:
    """Estimate patience with censoring.

    Parameters
    ----------
    wait_s : ndarray of float64, shape (N,)
        How long each contact waited; NaN where it is not known, which says nothing.
    abandoned : ndarray of bool, shape (N,)
        Whether it gave up; the others were answered, so that their patience is longer than their wait.

    Raises
    ------
    ValueError
        If a wait is negative.

    Notes
    -----
    The exponential law's likelihood is greatest at all waits ÷ abandonments. Without a law: Kaplan & Meier
    1958, Nonparametric estimation from incomplete observations; Brown et al. 2005 for call centres.
    """
    known = ~np.isnan(wait_s)
    wait, gave_up = wait_s[known].astype(np.float64), abandoned[known].astype(bool)
    if (wait < 0).any():
        raise ValueError(f"a wait of {wait.min():g} s is below zero; mend wait_s")
    events = int(gave_up.sum())
    mean = float(wait.sum()) / events if events else np.inf
    times, count = np.unique(wait[gave_up], return_counts=True)
    waiting = len(wait) - np.searchsorted(np.sort(wait), times, side="left")
    share = np.cumprod(1.0 - count / np.maximum(waiting, 1))
    return Patience(mean, events, len(wait), np.stack([times, share]))
