"""When shifts of the past start: fitted greedily to what each home wants, agent by agent."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.domain.hours import clock_min
from wfo.sample.compiled import entry
from wfo.sample.homes import home_weights, worth
from wfo.sample.laws import STEP_MIN
from wfo.sample.people import People

_SLOTS = 24 * 60 // STEP_MIN
_ON_DUTY = 0.80
"""Share of scheduled agents that time off, absence and breaks leave."""
_MOST_SWING_MIN = 240
"""Starts within a week and the next lie within so much, so that eleven hours of rest remain."""
WEEKDAY, WEEKEND = 0, 1
NO_DAY, BOTH_DAYS = -1, 7
"""An agent's day of the weekend, beside 5 and 6."""


def fit_starts(
    centre: Centre,
    people: People,
    length: np.ndarray,
    weekend: np.ndarray,
    phase: np.ndarray,
    need: np.ndarray,
    can: np.ndarray,
) -> np.ndarray:
    """Start of each agent's shifts in local minutes by week's parity and kind of day, int64 (A, 2, 2).

    Parameters
    ----------
    centre, people
    length : ndarray, shape (A,)
        Shift length in minutes.
    weekend : ndarray of int64, shape (A,)
        What an agent works of every second weekend: 5, 6, `NO_DAY` or `BOTH_DAYS`.
    phase : ndarray of int64, shape (A,)
        Parity of the weeks in which he does.
    need : ndarray, shape (homes, 7 days × intervals)
        Agents wanted.
    can : ndarray of bool, shape (A, homes)
    """
    agents = len(length)
    out = np.zeros((agents, 2, 2), dtype=np.int64)
    by_day = need.reshape(len(need), 7, _SLOTS) / _ON_DUTY
    windows, lag = _windows(centre, people), _lags(centre, people)
    # Full-timers first: the short shifts then fill what they leave.
    order = np.argsort(-length, kind="stable")
    for parity in range(2):
        allowed = np.stack([windows[:, 0], windows[:, 1]], axis=1)
        if parity:
            allowed = _near(allowed, out[:, 0, WEEKDAY])
        wanted = by_day[:, :5].mean(axis=1)
        out[:, parity, WEEKDAY] = _fit(
            order, allowed, windows[:, 2], lag, length, wanted, can, home_weights()
        )
    near_both = _near(_near(windows[:, :2], out[:, 0, WEEKDAY]), out[:, 1, WEEKDAY])
    out[:, :, WEEKEND] = out[:, :, WEEKDAY]
    for day in (5, 6):
        for parity in range(2):
            here = ((weekend == day) | (weekend == BOTH_DAYS)) & (phase == parity)
            # Who works both days comes first, and keeps on Sunday the start he got on Saturday.
            rows = np.concatenate([order[(here & (weekend == d))[order]] for d in (BOTH_DAYS, day)])
            allowed = near_both.copy()
            if day == 6:
                kept = weekend == BOTH_DAYS
                allowed[kept] = out[kept, parity, WEEKEND][:, None]
            fitted = _fit(rows, allowed, windows[:, 2], lag, length, by_day[:, day], can, home_weights())
            out[rows, parity, WEEKEND] = fitted[rows]
    return out


def _windows(centre: Centre, people: People) -> np.ndarray:
    """Earliest and latest start and step of each agent, minutes, shape (A, 3)."""
    rules = [centre.contracts[c].start for c in people.agents["contract"]]
    return np.array([(clock_min(r.earliest), clock_min(r.latest), r.step_min) for r in rules], dtype=np.int64)


def _near(allowed: np.ndarray, start: np.ndarray) -> np.ndarray:
    low = np.maximum(allowed[:, 0], start - _MOST_SWING_MIN)
    return np.stack([low, np.minimum(allowed[:, 1], start + _MOST_SWING_MIN)], axis=1)


def _lags(centre: Centre, people: People) -> np.ndarray:
    """Minutes by which the centre's clock is ahead of each agent's, int64, shape (A,)."""
    noon = pd.Timestamp("2025-01-15 12:00", tz="UTC")

    def offset(zone: str) -> float:
        return (noon.tz_convert(ZoneInfo(zone)).utcoffset() or dt.timedelta()).total_seconds()

    lag = {s: (offset(centre.zone) - offset(spec.zone)) // 60 for s, spec in centre.sites.items()}
    return np.array([lag[s] for s in people.agents["site"]], dtype=np.int64)


@entry
def _fit(  # type: ignore[no-untyped-def]
    order, allowed, step, lag, length, wanted, can, weight
):
    """Start of each agent in ``order`` where he is worth most, given those before."""
    left = wanted.copy()
    homes, slots = left.shape
    out = np.zeros(allowed.shape[0], np.int64)
    gain, home = np.zeros(slots), np.zeros(slots, np.int64)
    for a in order:
        for t in range(slots):
            gain[t] = -1e9
            for h in range(homes):
                if can[a, h]:
                    value = worth(left[h, t], weight[h])
                    if value > gain[t]:
                        gain[t], home[t] = value, h
        best, best_sum = -1, -1e18
        for start in range(allowed[a, 0], allowed[a, 1] + 1, step[a]):
            first = (start + lag[a]) // STEP_MIN
            total = 0.0
            for t in range(first, first + length[a] // STEP_MIN):
                total += gain[t] if t < slots else -0.1
            if total > best_sum:
                best, best_sum = start, total
        out[a] = best
        first = (best + lag[a]) // STEP_MIN
        for t in range(first, min(first + length[a] // STEP_MIN, slots)):
            left[home[t], t] -= 1.0
    return out
