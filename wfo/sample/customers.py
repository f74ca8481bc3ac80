"""Who contacts the centre, and by which keys the centre could know."""

from dataclasses import dataclass

import numpy as np

from wfo.sample.compiled import entry
from wfo.sample.laws import LOGIN_ALONE, LOGIN_AND_KEY, OVERLAP_S, Preset

KEY_TYPES = ("phone", "email", "cookie", "handle")
KEY_OF_CHANNEL = {
    "voice": 0,
    "text": 0,
    "message": 0,
    "email": 1,
    "back_office": 1,
    "web": 2,
    "bot": 2,
    "chat": 2,
    "social": 3,
}


@dataclass(frozen=True)
class Identity:
    """What the log shows of a contact's customer.

    Attributes
    ----------
    has_id, has_key : ndarray of bool, shape (n,)
    key : ndarray of int64, shape (n,)
        Number of the key; customers who share one have the same.
    """

    has_id: np.ndarray
    has_key: np.ndarray
    key: np.ndarray


def draw_customers(
    preset: Preset, at: np.ndarray, intent: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Customer of each fresh contact, and its intent where a parallel need had to become another one.

    Customers come at rates of their own; a share of contacts is planted up to two days after another contact
    of the same customer, with another need.
    """
    weight = np.cumsum(rng.gamma(2.0, 1.0, preset.customers))
    own = np.searchsorted(weight, rng.random(len(at)) * weight[-1], side="right")
    beside = np.searchsorted(at, at - rng.random(len(at)) * OVERLAP_S)
    planted = (rng.random(len(at)) < preset.overlap) & (beside < np.arange(len(at)))
    customer = _follow(own.astype(np.int64), np.where(planted, beside, -1))
    other = intent[rng.permutation(len(intent))]
    same = planted & (intent == intent[np.clip(beside, 0, None)])
    return customer, np.where(same, other, intent)


@entry
def _follow(own: np.ndarray, beside: np.ndarray) -> np.ndarray:
    for k in range(own.shape[0]):
        if beside[k] >= 0:
            own[k] = own[beside[k]]
    return own


def draw_identity(preset: Preset, customer: np.ndarray, rng: np.random.Generator) -> Identity:
    """Which of its identities each contact shows."""
    known = rng.random(len(customer)) >= preset.unknown
    u = rng.random(len(customer))
    sharer = rng.random(preset.customers) < preset.shared_keys
    # A shared key is the neighbour's: a family's phone, an office's address.
    key = np.where(sharer, (np.arange(preset.customers) + 1) % preset.customers, np.arange(preset.customers))
    login = u < LOGIN_AND_KEY + LOGIN_ALONE
    return Identity(known & login, known & ((u < LOGIN_AND_KEY) | ~login), key[customer])
