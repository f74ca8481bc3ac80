"""Failure's cost and where it comes from, by removal effects on an absorbing Markov chain.

Of a chain, the contacts before the last cost money because the need was not met at once; the last one too, as
far as a need like it can do without a person (the taxonomy's ``self_service``) and self-service had been
tried before it. That is the chain's cost of failure. It is split over the contacts that were followed by
another, by how much the expected cost of a chain falls if that kind of contact, channel by intent, always met
the need on the spot.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import splu


@dataclass(frozen=True)
class Attribution:
    """Cost of failure, contact by contact.

    Attributes
    ----------
    caused : ndarray of float, shape (steps,)
        Cost that the failure of each contact caused; 0 for those that nothing followed. It sums to
        ``failure``.
    failure : ndarray of float, shape (steps,)
        The part of each contact's own cost that would not have come without failure; by chain it sums to the
        same as ``caused``.
    """

    caused: np.ndarray
    failure: np.ndarray


def attribute(steps: pd.DataFrame, avoidable: np.ndarray) -> Attribution:
    """Attribute the cost of failure of chains to the contacts that failed.

    Parameters
    ----------
    steps : DataFrame
        last, human, channel, intent, cost; contacts of whole chains in order.
    avoidable : ndarray of float, shape (steps,)
        Share of the contact's kind of need that no person is needed for.
    """
    if not len(steps):
        return Attribution(np.zeros(0), np.zeros(0))
    cost = steps["cost"].to_numpy(dtype=np.float64)
    last = steps["last"].to_numpy()
    chain = np.concatenate([[0], np.cumsum(last)[:-1]])
    tried = np.bincount(chain, weights=~last & ~steps["human"].to_numpy()) > 0
    needless = last & steps["human"].to_numpy() & tried[chain]
    failure = np.where(last, np.where(needless, avoidable, 0.0), 1.0) * cost
    kind, names = kinds(steps)
    weight = np.where(last, 0.0, removal_effects(kind, last, failure, len(names))[kind])
    whole = np.bincount(chain, weights=weight)
    # Where no kind in a chain has an effect, its contacts share equally.
    equal = np.bincount(chain, weights=~last)
    share = np.divide(weight, whole[chain], out=np.zeros(len(weight)), where=whole[chain] > 0)
    even = np.divide(
        ~last, equal[chain], out=np.zeros(len(weight)), where=(whole[chain] <= 0) & (equal[chain] > 0)
    )
    return Attribution((share + even) * np.bincount(chain, weights=failure)[chain], failure)


def kinds(steps: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Kind of each contact, and what the kinds are: intent and channel, in their order."""
    intent, intents = pd.factorize(steps["intent"], sort=True)
    channel, channels = pd.factorize(steps["channel"], sort=True)
    found, kind = np.unique(intent * len(channels) + channel, return_inverse=True)
    names = {"intent": intents[found // len(channels)], "channel": channels[found % len(channels)]}
    return kind, pd.DataFrame({name: pd.Series(list(words), dtype="str") for name, words in names.items()})


def removal_effects(kind: np.ndarray, last: np.ndarray, cost: np.ndarray, kinds: int) -> np.ndarray:
    """How much the expected cost of a chain falls if a kind of contact always ends it, for one such contact.

    Parameters
    ----------
    kind : ndarray of int64, shape (steps,)
        Kind of each contact; contacts of whole chains in order.
    last : ndarray of bool, shape (steps,)
        Whether its chain ends with it.
    cost : ndarray of float, shape (steps,)
    kinds : int

    Returns
    -------
    ndarray of float, shape (kinds,)
        With F = (I − Q)⁻¹, Q the transitions between kinds and c their mean costs, the cost that follows a
        first contact of kind s is (F c)_s − c_s; the chance to come to s at all is (π F)_s ÷ F_ss. Their
        product is what removal saves a chain; divided by the visits (π F)_s it is what it saves a contact.
    """
    n = len(kind)
    seen = np.bincount(kind, minlength=kinds).astype(np.float64)
    follows = np.flatnonzero(~last[: n - 1])
    moves = sparse.coo_matrix(
        (np.ones(len(follows)), (kind[follows], kind[follows + 1])), shape=(kinds, kinds)
    ).tocsr()
    transitions = sparse.diags_array(1 / np.maximum(seen, 1)) @ moves
    solver = splu((sparse.eye_array(kinds) - transitions).tocsc())
    mean_cost = np.bincount(kind, weights=cost, minlength=kinds) / np.maximum(seen, 1)
    after = solver.solve(mean_cost) - mean_cost
    inverse = solver.solve(np.eye(kinds))
    return np.maximum(after, 0.0) / np.diagonal(inverse)
