"""Luck: what chance gives one contact — its work, its patience, what it causes.

Every function is a pure function of words (see `wfo.draws`), so a contact has the same luck whatever happens
around it. ``base`` is the hash of seed and replication, ``contact`` the contact's id, both ``uint64``.
"""

import math
from typing import Any

import numpy as np
from numba.extending import register_jitable

from wfo import draws
from wfo.compiled import entry
from wfo.draws import Purpose

mix: Any = register_jitable(draws.mix)
fold: Any = register_jitable(draws.fold)
unit: Any = register_jitable(draws.unit)
_compiled = entry("simulation", "draws.py")

REDIAL_CUT_MS = 30 * 60_000
"""Nobody redials later than this."""

_ARRIVAL = np.uint64(Purpose.ARRIVAL)
_HANDLE = np.uint64(Purpose.HANDLE)
_PATIENCE = np.uint64(Purpose.PATIENCE)
_REDIAL = np.uint64(Purpose.REDIAL)
_REDIAL_DELAY = np.uint64(Purpose.REDIAL_DELAY)
_FOLLOW_UP = np.uint64(Purpose.FOLLOW_UP)
_FOLLOW_UP_DELAY = np.uint64(Purpose.FOLLOW_UP_DELAY)
_LANDING = np.uint64(Purpose.LANDING)
_FORCED = np.uint64(Purpose.FORCED_ABANDON)
_REDIAL_CHILD = np.uint64(0)
_SECOND = np.uint64(16)
_ONE = np.uint64(1)


@_compiled
def replication_word(seed, replication):  # type: ignore[no-untyped-def]
    """Word of a replication, ``base`` of all draws in it."""
    return fold(np.uint64(seed), np.uint64(replication))


@_compiled
def fresh_id(queue_word, minute, ordinal):  # type: ignore[no-untyped-def]
    """Id of the ordinal-th contact of a queue in the interval that starts at an epoch minute."""
    return fold(fold(queue_word, np.uint64(minute)), np.uint64(ordinal))


@_compiled
def redial_id(parent):  # type: ignore[no-untyped-def]
    """Id of the redial of an abandoned contact."""
    return fold(parent, _REDIAL_CHILD)


@_compiled
def follow_up_id(parent, queue, number):  # type: ignore[no-untyped-def]
    """Id of the number-th follow-up of a contact in a queue."""
    return fold(parent, (np.uint64(number) << _SECOND) + np.uint64(queue) + _ONE)


@_compiled
def chance(base, contact, purpose):  # type: ignore[no-untyped-def]
    """Uniform draw in (0, 1) of a contact for a purpose."""
    return unit(mix(fold(fold(base, contact), purpose)))


@_compiled
def arrival_ms(base, contact, interval, step_ms):  # type: ignore[no-untyped-def]
    """Arrival of a fresh contact, uniform in its interval, ms after the grid's start."""
    return interval * step_ms + np.int64(chance(base, contact, _ARRIVAL) * step_ms)


@_compiled
def handle_ms(base, contact, mean_ms, cv):  # type: ignore[no-untyped-def]
    """Lognormal handle time in ms (Box & Muller 1958 for the normal), at least 1."""
    if cv <= 0.0:
        return max(np.int64(1), np.int64(mean_ms + 0.5))
    word = mix(fold(fold(base, contact), _HANDLE))
    normal = math.sqrt(-2.0 * math.log(unit(word))) * math.cos(2.0 * math.pi * unit(mix(word)))
    variance = math.log1p(cv * cv)
    return max(np.int64(1), np.int64(mean_ms * math.exp(math.sqrt(variance) * normal - 0.5 * variance) + 0.5))


@_compiled
def patience_ms(base, contact, mean_ms):  # type: ignore[no-untyped-def]
    """Exponential patience in ms."""
    return np.int64(-mean_ms * math.log(chance(base, contact, _PATIENCE)))


@_compiled
def redials(base, contact, probability):  # type: ignore[no-untyped-def]
    """Whether a contact calls again if it abandons."""
    return chance(base, contact, _REDIAL) < probability


@_compiled
def redial_delay_ms(base, contact, mean_ms):  # type: ignore[no-untyped-def]
    """Delay of a redial: exponential with the given mean, conditioned on being below the cut."""
    inside = -math.expm1(-REDIAL_CUT_MS / mean_ms)
    return np.int64(-mean_ms * math.log1p(-chance(base, contact, _REDIAL_DELAY) * inside))


@_compiled
def forced_to_abandon(base, contact, probability):  # type: ignore[no-untyped-def]
    """Whether a contact abandons where abandonment is forced to a probability."""
    return chance(base, contact, _FORCED) < probability


@_compiled
def happens(base, child, probability):  # type: ignore[no-untyped-def]
    """Whether a possible follow-up comes to be."""
    return chance(base, child, _FOLLOW_UP) < probability


@_compiled
def follow_up_delay_ms(base, child, edges_ms, cdf):  # type: ignore[no-untyped-def]
    """Delay of a follow-up after its parent: the piecewise linear inverse of a cdf over bins."""
    draw = chance(base, child, _FOLLOW_UP_DELAY)
    below = 0.0
    last = cdf.shape[0] - 1
    for k in range(last + 1):
        if draw < cdf[k] or k == last:
            share = min(1.0, (draw - below) / max(cdf[k] - below, 1e-300))
            return edges_ms[k] + np.int64(share * (edges_ms[k + 1] - edges_ms[k]))
        below = cdf[k]
    return edges_ms[0]


@_compiled
def landing_ms(base, child, due_ms, start, length, step_ms):  # type: ignore[no-untyped-def]
    """Arrival of a child due at an instant: then, or uniform over the intervals in which it lands."""
    if length == 1 and start == due_ms // step_ms:
        return due_ms
    return start * step_ms + np.int64(chance(base, child, _LANDING) * (length * step_ms))
