"""Luck: what chance gives one contact — its work, its patience, what it causes.

Every function is a pure function of a contact's word, a hash of seed, replication and what the contact is, so
that a contact has the same luck whatever happens around it. A word is the seed of a SplitMix64 sequence
(Steele, Lea & Flood 2014), in which every purpose has its place.
"""

import math
from typing import Any

import numpy as np
from numba.extending import register_jitable

from wfo import draws
from wfo.compiled import inner
from wfo.draws import Purpose
from wfo.simulation.normal import normal_quantile
from wfo.timegrid import MINUTE_MS

mix: Any = register_jitable(draws.mix)
fold: Any = register_jitable(draws.fold)

REDIAL_CUT_MS = 30 * MINUTE_MS
"""Nobody redials later than this."""

_STEP = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


def _place(purpose: int) -> np.uint64:
    return np.uint64(purpose * _STEP & _WORD)


_ARRIVAL = _place(Purpose.ARRIVAL)
_HANDLE = _place(Purpose.HANDLE)
_PATIENCE = _place(Purpose.PATIENCE)
_REDIAL = _place(Purpose.REDIAL)
_REDIAL_DELAY = _place(Purpose.REDIAL_DELAY)
_FOLLOW_UP = _place(Purpose.FOLLOW_UP)
_FOLLOW_UP_DELAY = _place(Purpose.FOLLOW_UP_DELAY)
_LANDING = _place(Purpose.LANDING)
_FORCED = _place(Purpose.FORCED_ABANDON)
_BALKING = _place(Purpose.BALKING)
_CALLBACK = _place(Purpose.CALLBACK)
_REACHED = _place(Purpose.REACHED)
_AGAIN = _place(Purpose.AGAIN)
_CHASING = _place(Purpose.CHASING)
_CHASE_DELAY = _place(Purpose.CHASE_DELAY)
_REDIAL_CHILD = np.uint64(0)
_CHASE_CHILD = np.uint64(1 << 62)
_SECOND, _ELEVENTH = np.uint64(16), np.uint64(11)
_ONE = np.uint64(1)
_TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53


@inner
def replication_word(seed, replication):  # type: ignore[no-untyped-def]
    """Word of a replication."""
    return fold(np.uint64(seed), np.uint64(replication))


@inner
def stream_word(base, queue_word, minute):  # type: ignore[no-untyped-def]
    """Word of the contacts that come fresh to a queue in the interval that starts at an epoch minute."""
    return fold(fold(base, queue_word), np.uint64(minute))


@inner
def calls_word(base, name_word):  # type: ignore[no-untyped-def]
    """Word of the calls of a dialler, or of a list."""
    return fold(base, name_word)


@inner
def old_word(base, own):  # type: ignore[no-untyped-def]
    """Word, for what it causes, of a piece of work from before the horizon that has a word of its own."""
    return fold(base, np.uint64(own))


@inner
def fresh_word(stream, ordinal):  # type: ignore[no-untyped-def]
    """Word of the ordinal-th of them."""
    return fold(stream, np.uint64(ordinal))


@inner
def redial_word(parent):  # type: ignore[no-untyped-def]
    """Word of the redial of an abandoned contact."""
    return fold(parent, _REDIAL_CHILD)


@inner
def follow_up_word(parent, queue, number):  # type: ignore[no-untyped-def]
    """Word of the number-th follow-up of a contact in a queue."""
    return fold(parent, (np.uint64(number) << _SECOND) + np.uint64(queue) + _ONE)


@inner
def chase_word(parent, number):  # type: ignore[no-untyped-def]
    """Word of the number-th contact that chases late work."""
    return fold(parent, _CHASE_CHILD + np.uint64(number))


@inner
def try_word(parent, step_word, tries):  # type: ignore[no-untyped-def]
    """Word of a contact's try at a step, so many tries after the first."""
    return fold(fold(parent, step_word), np.uint64(tries))


@inner
def chance(word, place):  # type: ignore[no-untyped-def]
    """Uniform draw in (0, 1) of a contact at the place of a purpose."""
    return (np.float64(np.int64(mix(word + place) >> _ELEVENTH)) + 0.5) * _TO_UNIT


@inner
def arrival_ms(word, interval, step_ms):  # type: ignore[no-untyped-def]
    """Arrival of a fresh contact, uniform in its interval, ms after the grid's start."""
    return interval * step_ms + np.int64(chance(word, _ARRIVAL) * step_ms)


@inner
def handle_ms(word, median_ms, sigma):  # type: ignore[no-untyped-def]
    """Lognormal handle time in ms with a median and a standard deviation of its logarithm, at least 1."""
    if sigma <= 0.0:
        return max(np.int64(1), np.int64(median_ms + 0.5))
    normal = normal_quantile(chance(word, _HANDLE))
    return max(np.int64(1), np.int64(median_ms * math.exp(sigma * normal) + 0.5))


@inner
def patience_ms(word, mean_ms):  # type: ignore[no-untyped-def]
    """Exponential patience in ms."""
    return np.int64(-mean_ms * math.log(chance(word, _PATIENCE)))


@inner
def balks(word, probability):  # type: ignore[no-untyped-def]
    """Whether a contact that would have to wait leaves at once."""
    return chance(word, _BALKING) < probability


@inner
def takes_callback(word, probability):  # type: ignore[no-untyped-def]
    """Whether a waiting contact takes the offer to be called back."""
    return chance(word, _CALLBACK) < probability


@inner
def is_reached(word, probability):  # type: ignore[no-untyped-def]
    """Whether somebody answers a call that a dialler makes."""
    return chance(word, _REACHED) < probability


@inner
def redials(word, probability):  # type: ignore[no-untyped-def]
    """Whether a contact calls again if it abandons."""
    return chance(word, _REDIAL) < probability


@inner
def redial_delay_ms(word, mean_ms):  # type: ignore[no-untyped-def]
    """Delay of a redial: exponential with the given mean, conditioned on being below the cut."""
    inside = -math.expm1(-REDIAL_CUT_MS / mean_ms)
    return np.int64(-mean_ms * math.log1p(-chance(word, _REDIAL_DELAY) * inside))


@inner
def forced_to_abandon(word, probability):  # type: ignore[no-untyped-def]
    """Whether a contact abandons where abandonment is forced to a probability."""
    return chance(word, _FORCED) < probability


@inner
def follows_up(parent, queue, number, probability):  # type: ignore[no-untyped-def]
    """Whether the number-th possible follow-up of a contact in a queue comes to be."""
    place = mix(_FOLLOW_UP + (np.uint64(number) << _SECOND) + np.uint64(queue))
    return chance(parent, place) < probability


@inner
def follow_up_delay_ms(word, m, edges, f, cdf, bins):  # type: ignore[no-untyped-def]
    """Delay of a follow-up after its parent: the piecewise linear inverse of a cdf over bins.

    The edges of the bins stand in ``m`` from one place on, the cdf in ``f`` from another.
    """
    draw, below = chance(word, _FOLLOW_UP_DELAY), 0.0
    k = 0
    while k < bins - 1 and draw >= f[cdf + k]:
        below = f[cdf + k]
        k += 1
    share = min(1.0, (draw - below) / max(f[cdf + k] - below, 1e-300))
    first = m[edges + k]
    return first + np.int64(share * (m[edges + k + 1] - first))


@inner
def comes_back(word, probability):  # type: ignore[no-untyped-def]
    """Whether a try at a step is to be done again."""
    return chance(word, _AGAIN) < probability


@inner
def chases(parent, number, probability):  # type: ignore[no-untyped-def]
    """Whether the number-th possible chase contact of late work comes to be."""
    return chance(parent, mix(_CHASING + np.uint64(number))) < probability


@inner
def chase_delay_ms(word, within_ms):  # type: ignore[no-untyped-def]
    """Delay of a chase contact after the due instant, uniform."""
    return np.int64(chance(word, _CHASE_DELAY) * within_ms)


@inner
def landing_ms(word, due_ms, start, length, step_ms):  # type: ignore[no-untyped-def]
    """Arrival of a child due at an instant: then, or uniform over the intervals in which it lands."""
    if length == 1 and start == due_ms // step_ms:
        return due_ms
    return start * step_ms + np.int64(chance(word, _LANDING) * (length * step_ms))
