"""What an ordinary week is expected to bring: fresh contacts, follow-ups and redials by interval."""

import numpy as np

from wfo.domain.centre import Centre
from wfo.sample import demand, intents
from wfo.sample.laws import LANDING_S, LOST, REDIAL_P, SHORT_DELAY_S, STEP_MIN, Preset

_STEP_S = STEP_MIN * 60.0
_ROUNDS = 6
"""Generations of follow-ups that are followed; the seventh is below one in ten thousand."""


def expected_week(centre: Centre, preset: Preset) -> np.ndarray:
    """Mean contacts by queue and interval of a week in equilibrium, shape (Q, 7 days × intervals)."""
    fresh = demand.fresh_week(centre, preset)
    r = demand.follow_up_shares(centre, preset)
    lost = np.array([LOST if q.patience_s else 0.0 for q in centre.queues.values()])
    kernel = np.fft.rfft(_delay_weights(preset))
    land = [_landing(intents.open_week(q.hours)) for q in centre.queues.values()]
    total = fresh
    for _ in range(_ROUNDS):
        due = np.fft.irfft(np.fft.rfft((1 - lost)[:, None] * total) * kernel, n=total.shape[1])
        again = np.stack([land[q](column @ due) for q, column in enumerate(r.T)])
        total = fresh + np.maximum(again, 0.0) + (REDIAL_P * lost)[:, None] * total
    return np.asarray(total)


def _delay_weights(preset: Preset) -> np.ndarray:
    """P(delay in so many intervals), wrapped around the week; half within hours, half some days later."""
    n = 7 * 24 * 60 // STEP_MIN
    day = n // 7
    out = np.zeros(n)
    lag = np.arange(n)
    rate = _STEP_S / SHORT_DELAY_S
    out += 0.5 * np.exp(-rate * lag) * (1 - np.exp(-rate)) / (1 - np.exp(-rate * n))
    p, blur = np.exp(-(preset.delay_days - 1)), np.arange(-24, 25)
    bump = np.exp(-0.5 * (blur * rate) ** 2)
    for days in range(1, 30):
        np.add.at(out, (days * day + blur) % n, 0.5 * p * bump / bump.sum())
        p *= (preset.delay_days - 1) / days
    return out


def _landing(is_open: np.ndarray):  # type: ignore[no-untyped-def]
    """Function that moves what is due in closed intervals into the first hours of the next opening."""
    n, length = len(is_open), int(LANDING_S / _STEP_S)
    opens = np.flatnonzero(is_open & ~np.roll(is_open, 1))
    if len(opens) == 0:
        return lambda due: due
    closed = np.flatnonzero(~is_open)
    to = opens[np.searchsorted(opens, closed) % len(opens)]

    def land(due: np.ndarray) -> np.ndarray:
        out = np.where(is_open, due, 0.0)
        for k in range(length):
            np.add.at(out, (to + k) % n, due[closed] / length)
        return out

    return land
