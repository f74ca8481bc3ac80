"""Counter-based random draws: the same contact gets the same luck in every scenario.

A draw is a pure function of 64-bit words (seed, replication, contact, purpose), mixed by SplitMix64
(Steele, Lea & Flood 2014). Nothing is consumed in order, so two arms of a comparison stay paired even when
one of them has more contacts. The integer functions work on NumPy ``uint64`` arrays and scalars alike, and
`numba.njit` compiles them unchanged.
"""

import hashlib
from enum import IntEnum
from typing import Any

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53


class Purpose(IntEnum):
    """What a draw is for; part of its key, never renumbered."""

    DAY_FACTOR = 1
    COUNT = 2
    ARRIVAL = 3
    HANDLE = 4
    PATIENCE = 5
    REDIAL = 6
    REDIAL_DELAY = 7
    FOLLOW_UP = 8
    FOLLOW_UP_DELAY = 9
    LANDING = 10
    ABSENCE = 11
    STEPS = 12
    FORCED_ABANDON = 13
    BALKING = 14
    CALLBACK = 15
    REACHED = 16
    AGAIN = 17
    CHASING = 18
    CHASE_DELAY = 19


def mix(word: Any) -> Any:
    """SplitMix64 finalizer of a ``uint64`` word or array."""
    z = word + _GOLDEN
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


def fold(left: Any, right: Any) -> Any:
    """Hash two ``uint64`` words (or arrays, broadcast) into one; not symmetric."""
    return mix(mix(left) ^ right)


def unit(word: Any) -> Any:
    """Map a hashed ``uint64`` word or array to a double in the open interval (0, 1)."""
    return ((word >> _S11) + 0.5) * _TO_UNIT


def word_of(text: str) -> np.uint64:
    """64-bit word of a string (blake2b), stable across processes and versions."""
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def words(*parts: "int | np.ndarray") -> np.ndarray:
    """Fold integer parts, broadcast against each other, into ``uint64`` words.

    Examples
    --------
    >>> import numpy as np
    >>> bool((words(1, np.arange(3)) == words(1, np.arange(3))).all())
    True
    """
    with np.errstate(over="ignore"):
        out = np.atleast_1d(np.asarray(parts[0])).astype(np.uint64)
        for part in parts[1:]:
            out = fold(out, np.atleast_1d(np.asarray(part)).astype(np.uint64))
    return out


def uniforms(*parts: "int | np.ndarray") -> np.ndarray:
    """Uniform doubles in (0, 1) for each broadcast combination of the key parts."""
    with np.errstate(over="ignore"):
        return np.asarray(unit(mix(words(*parts))))
