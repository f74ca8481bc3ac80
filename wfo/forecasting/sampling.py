"""Joint draws of counts: day factors shared by the intervals of a day, and Poisson counts given them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from scipy.special import ndtri

from wfo.draws import Purpose, uniforms, word_of
from wfo.forecasting.poisson import poisson_counts
from wfo.timegrid import TimeGrid

WILD_P = 0.1
"""Part of days that come out far from their forecast: the heavy tails of forecast errors."""


@dataclass(frozen=True)
class DayFactors:
    """The law of the factors by which a day comes out above or below its mean.

    A queue's half-day factor is lognormal with mean 1. Its normal score is a part that both halves of the day
    share, which follows an AR(1) from day to day and is correlated between queues, and a part of the half's
    own. One day in ten is a wild one, whose score is some times as far out as that of the others.

    Attributes
    ----------
    half_cv : ndarray, shape (Q,)
        Coefficient of variation of a half-day's factor.
    half_correlation : float
        Correlation of morning and afternoon.
    day_correlation : float
        Correlation of the shared part from one day to the next.
    queue_correlation : ndarray, shape (Q, Q)
        Correlation of the shared part between queues, positive semidefinite.
    interval_cv : ndarray, shape (Q,)
        Coefficient of variation of an interval's rate beyond the half-day's.
    split_min : ndarray of int64, shape (Q,)
        Local minute of the day at which the afternoon begins: half of the contacts have come.
    burst_p, burst_size : ndarray, shape (Q,)
        Probability that a day has a burst, and what it adds in the mean, as a part of the day's usual
        contacts; the mean over days is not moved by it.
    day_spread : ndarray, shape (Q, D) or (Q, 0)
        Standard deviation of the log mean of each of the horizon's days: what drivers leave open.
    wild : float
        How many times as far out a wild day is, at least 1; the variance over all days is not moved by it.
    """

    half_cv: np.ndarray
    half_correlation: float
    day_correlation: float
    queue_correlation: np.ndarray
    interval_cv: np.ndarray
    split_min: np.ndarray
    burst_p: np.ndarray
    burst_size: np.ndarray
    day_spread: np.ndarray
    wild: float = 1.0

    @property
    def day_cv(self) -> np.ndarray:
        """Coefficient of variation of a whole day's factor, shape (Q,)."""
        usual = self.half_cv**2 * (1 + self.half_correlation) / 2
        lift = 1 + self.burst_p * self.burst_size
        burst = self.burst_p * (1 - self.burst_p) * np.square(self.burst_size / lift)
        driven = np.square(self.day_spread).mean(axis=1) if self.day_spread.size else 0.0
        return np.asarray(np.sqrt(usual + burst + driven))

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from `state`'s JSON."""
        return cls(
            half_cv=np.asarray(state["half_cv"], dtype=np.float64),
            half_correlation=float(state["half_correlation"]),
            day_correlation=float(state["day_correlation"]),
            queue_correlation=np.asarray(state["queue_correlation"], dtype=np.float64),
            interval_cv=np.asarray(state["interval_cv"], dtype=np.float64),
            split_min=np.asarray(state["split_min"], dtype=np.int64),
            burst_p=np.asarray(state["burst_p"], dtype=np.float64),
            burst_size=np.asarray(state["burst_size"], dtype=np.float64),
            day_spread=np.asarray(state["day_spread"], dtype=np.float64).reshape(len(state["half_cv"]), -1),
            wild=float(state["wild"]),
        )

    def state(self) -> dict[str, Any]:
        """Plain JSON of the law."""
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in asdict(self).items()}


def draw_fresh(
    mean: np.ndarray,
    factors: DayFactors,
    grid: TimeGrid,
    queues: Sequence[str],
    zone: str,
    *,
    n: int,
    seed: int,
) -> np.ndarray:
    """Counts of fresh contacts.

    Parameters
    ----------
    mean : ndarray, shape (Q, T)
        Expected contacts.
    factors : DayFactors
    grid : TimeGrid
    queues : sequence of str
    zone : str
        The zone in which days begin.
    n, seed : int

    Returns
    -------
    ndarray of int32, shape (n, Q, T)
        Their mean over paths is ``mean``; 0 where ``mean`` is 0.
    """
    if n == 0:
        return np.zeros((0, *mean.shape), dtype=np.int32)
    path, word, minute = _keys(queues, grid, n)
    log_factor = _log_factors(factors, grid, queues, zone, n=n, seed=seed)
    spread = np.sqrt(np.log1p(factors.interval_cv**2))[None, :, None]
    noise = ndtri(uniforms(seed, int(Purpose.COUNT), 1, path, word, minute)) if spread.any() else 0.0
    rate = mean * np.exp(log_factor + spread * noise - spread**2 / 2)
    return poisson_counts(uniforms(seed, int(Purpose.COUNT), 2, path, word, minute), rate)


def wild_scales(ratio: float) -> tuple[float, float]:
    """Standard deviations of usual and of wild days, so many times apart, where that of all days is 1."""
    usual = 1 / np.sqrt(1 - WILD_P + WILD_P * ratio**2)
    return float(usual), float(ratio * usual)


def draw_carried(mean: np.ndarray, grid: TimeGrid, queues: Sequence[str], *, n: int, seed: int) -> np.ndarray:
    """Poisson counts of the follow-ups of contacts before the horizon, int32, shape (n, Q, T)."""
    if n == 0:
        return np.zeros((0, *mean.shape), dtype=np.int32)
    return poisson_counts(uniforms(seed, int(Purpose.COUNT), 3, *_keys(queues, grid, n)), mean)


def poisson_noise(mean: np.ndarray, grid: TimeGrid, queues: Sequence[str], *, seed: int) -> np.ndarray:
    """Poisson counts around the follow-ups that each path expects, int32, shape (n, Q, T) like ``mean``."""
    return poisson_counts(uniforms(seed, int(Purpose.COUNT), 4, *_keys(queues, grid, len(mean))), mean)


def _keys(queues: Sequence[str], grid: TimeGrid, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    word = np.array([word_of(q) for q in queues], dtype=np.uint64)
    return np.arange(n)[:, None, None], word[None, :, None], grid.minutes[None, None, :]


def _log_factors(
    factors: DayFactors, grid: TimeGrid, queues: Sequence[str], zone: str, *, n: int, seed: int
) -> np.ndarray:
    local = grid.local(zone)
    day = grid.local_day_number(zone)
    first = int(local[0].tz_localize(None).normalize().timestamp()) // 86400
    number = first + np.arange(int(day[-1]) + 1)
    _, word, _ = _keys(queues, grid, n)
    path = np.arange(n)[:, None, None]
    # paths 2k and 2k + 1 have opposite scores (antithetic), so that few paths already average to the mean
    pair, sign = path // 2, 1 - 2 * (path % 2)
    draw = (seed, int(Purpose.DAY_FACTOR))
    shock = (
        ndtri(uniforms(*draw, 0, pair, word, number[None, None, :])) if len(queues) else np.zeros((n, 0, 1))
    )
    shock = np.einsum("pq,nqd->npd", _root(factors.queue_correlation), shock)
    shared = shock.copy()
    phi = factors.day_correlation
    for d in range(1, shared.shape[2]):
        shared[:, :, d] = phi * shared[:, :, d - 1] + np.sqrt(1 - phi**2) * shock[:, :, d]
    own = np.stack([ndtri(uniforms(*draw, half, pair, word, number[None, None, :])) for half in (1, 2)])
    rho = factors.half_correlation
    score = np.sqrt(rho) * shared + np.sqrt(1 - rho) * own
    sigma = np.sqrt(np.log1p(factors.half_cv**2))[:, None]
    usual, wild = wild_scales(factors.wild)
    far = uniforms(*draw, 5, pair, word, number[None, None, :]) < WILD_P
    log_mean = np.log(
        (1 - WILD_P) * np.exp((usual * sigma) ** 2 / 2) + WILD_P * np.exp((wild * sigma) ** 2 / 2)
    )
    log_half = sigma * np.where(far, wild, usual) * sign * score - log_mean
    log_half = log_half + _whole_days(factors, number - first, draw, path, word, number)
    minute = np.asarray(local.hour * 60 + local.minute)
    afternoon = (minute[None, :] >= factors.split_min[:, None]).astype(np.int64)
    return np.asarray(
        log_half[afternoon, :, np.arange(len(queues))[:, None], day[None, :]].transpose(2, 0, 1)
    )


def _whole_days(
    factors: DayFactors,
    day: np.ndarray,
    draw: tuple[int, int],
    path: np.ndarray,
    word: np.ndarray,
    number: np.ndarray,
) -> np.ndarray:
    """Log factors of bursts and of what drivers leave open, shape (n, Q, D); the factors have mean 1."""
    out = np.zeros((len(path), word.shape[1], len(day)))
    if factors.burst_p.any():
        p, size = factors.burst_p[:, None], factors.burst_size[:, None]
        burst = uniforms(*draw, 3, path, word, number[None, None, :]) < p
        out += np.log1p(size * burst) - np.log1p(size * p)
    if factors.day_spread.any():
        spread = np.zeros((word.shape[1], len(day)))
        spread[:, : factors.day_spread.shape[1]] = factors.day_spread[:, : len(day)]
        noise = ndtri(uniforms(*draw, 4, path, word, number[None, None, :]))
        out += spread * noise - spread**2 / 2
    return out


def _root(correlation: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(correlation)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
