"""Erlang B, C and A over arrays: figures of a queue, and the positions that meet several targets at once."""

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import ArrayLike

from wfo.staffing.queue_law import figures, loss

MOST_POSITIONS = 10_000_000
DENOMINATORS = ("offered", "answered", "without_short", "virtual")


@dataclass(frozen=True)
class Performance:
    """Figures of queues in equilibrium; every field has the broadcast shape of the inputs.

    Attributes
    ----------
    p_wait, p_abandon : ndarray
        Share that waits at all; share that abandons.
    mean_wait_s, asa_s : ndarray
        Mean wait of all contacts; of answered ones (inf where nobody is answered).
    occupancy : ndarray
        Handling time ÷ time of the positions.
    answered_in, abandoned_in : ndarray
        Shares of the offered that are answered, or have abandoned, within the threshold.
    virtual_in : ndarray
        Share of virtual waits (of a contact with endless patience) within the threshold.
    abandoned_short : ndarray
        Share of the offered that abandons within the short-abandon threshold.
    """

    p_wait: np.ndarray
    p_abandon: np.ndarray
    mean_wait_s: np.ndarray
    asa_s: np.ndarray
    occupancy: np.ndarray
    answered_in: np.ndarray
    abandoned_in: np.ndarray
    virtual_in: np.ndarray
    abandoned_short: np.ndarray

    def service_level(self, denominator: str = "without_short") -> np.ndarray:
        """Share within the threshold, by denominator.

        Parameters
        ----------
        denominator : str
            ``offered``, ``answered``, ``without_short`` (offered without short abandons) or ``virtual``.

        Raises
        ------
        ValueError
            If the denominator is none of these.
        """
        if denominator not in DENOMINATORS:
            raise ValueError(
                f"denominator '{denominator}' is unknown; choose one of {', '.join(DENOMINATORS)}"
            )
        if denominator == "offered":
            return self.answered_in
        if denominator == "virtual":
            return self.virtual_in
        lost = self.p_abandon if denominator == "answered" else self.abandoned_short
        base = 1.0 - lost
        return np.where(base > 0, np.minimum(1.0, self.answered_in / np.where(base > 0, base, 1.0)), 0.0)


def erlang_b(load: ArrayLike, positions: ArrayLike) -> np.ndarray:
    """Share of contacts lost when none can wait (Erlang B).

    Parameters
    ----------
    load : array_like
        Offered load in erlangs, ≥ 0.
    positions : array_like
        0, or at least 1; need not be whole.

    Raises
    ------
    ValueError
        If an input is negative or not finite.
    """
    a, n = np.broadcast_arrays(np.asarray(load, dtype=float), np.asarray(positions, dtype=float))
    _require("load", a, least=0.0)
    _require_positions(n)
    return _loss_all(a.ravel(), n.ravel()).reshape(a.shape)


def performance(
    rate_per_h: ArrayLike,
    handle_s: ArrayLike,
    positions: ArrayLike,
    *,
    patience_s: ArrayLike = math.inf,
    within_s: ArrayLike = 20.0,
    short_s: ArrayLike = 0.0,
) -> Performance:
    """Figures of M/M/n+M queues (Erlang A); Erlang C where patience is infinite, a loss system where it is 0.

    Parameters
    ----------
    rate_per_h : array_like
        Contacts an hour.
    handle_s : array_like
        Mean handle time in seconds.
    positions : array_like
        0, or at least 1.
    patience_s : array_like
        Mean of exponential patience in seconds, 0 … inf.
    within_s, short_s : array_like
        Threshold of the service level, and below which an abandon is short, seconds.

    Raises
    ------
    ValueError
        If an input is out of range.
    """
    arrays = [
        np.asarray(v, dtype=float) for v in (rate_per_h, handle_s, patience_s, positions, within_s, short_s)
    ]
    rate, handle, patience, n, within, short = np.broadcast_arrays(*arrays)
    _require("rate_per_h", rate, least=0.0)
    _require("handle_s", handle, least=0.0)
    _require("patience_s", patience, least=0.0, finite=False)
    _require("within_s", within, least=0.0)
    _require("short_s", short, least=0.0)
    _require_positions(n)
    flat = [np.ascontiguousarray(v.ravel()) for v in (rate, handle, patience, n, within, short)]
    table = _figures_all(flat[0] / 3600.0, *flat[1:])
    return Performance(*(table[i].reshape(rate.shape) for i in range(9)))


def required_positions(
    rate_per_h: ArrayLike,
    handle_s: ArrayLike,
    *,
    patience_s: ArrayLike = math.inf,
    within_s: ArrayLike = 20.0,
    short_s: ArrayLike = 0.0,
    service_level: ArrayLike = 0.0,
    denominator: str = "without_short",
    max_occupancy: ArrayLike = 1.0,
    max_asa_s: ArrayLike = math.inf,
    max_abandonment: ArrayLike = 1.0,
) -> np.ndarray:
    """Fewest positions that meet every target given.

    Parameters
    ----------
    rate_per_h, handle_s, patience_s, within_s, short_s, denominator
        As in `performance` and `Performance.service_level`.
    service_level, max_occupancy, max_asa_s, max_abandonment : array_like
        Targets; the defaults ask for nothing.

    Returns
    -------
    ndarray of int64
        0 where nothing is offered.

    Raises
    ------
    ValueError
        If an input is out of range, or a target (100 % service, 0 % occupancy) cannot be met by any number.
    """
    if denominator not in DENOMINATORS:
        raise ValueError(f"denominator '{denominator}' is unknown; choose one of {', '.join(DENOMINATORS)}")
    given = (
        rate_per_h,
        handle_s,
        patience_s,
        within_s,
        short_s,
        service_level,
        max_occupancy,
        max_asa_s,
        max_abandonment,
    )
    arrays = np.broadcast_arrays(*[np.asarray(v, dtype=float) for v in given])
    names = (
        *("rate_per_h", "handle_s", "patience_s", "within_s", "short_s"),
        *("service_level", "max_occupancy", "max_asa_s", "max_abandonment"),
    )
    for name, values in zip(names, arrays, strict=True):
        _require(name, values, least=0.0, finite=name not in {"patience_s", "max_asa_s"})
    if (arrays[5] >= 1).any():
        raise ValueError("a service level of 100 % is met by no number of positions; set it below 100 %")
    if (arrays[6] <= 0).any() or (arrays[6] > 1).any():
        raise ValueError("max_occupancy must be above 0 and at most 1")
    flat = [np.ascontiguousarray(v.ravel()) for v in arrays]
    found = _required_all(flat[0] / 3600.0, *flat[1:], DENOMINATORS.index(denominator))
    if (found < 0).any():
        at = int(np.flatnonzero(found < 0)[0])
        raise ValueError(
            f"no number of positions up to {MOST_POSITIONS:,} meets the targets at {flat[0][at]:g} "
            f"contacts/h of {flat[1][at]:g} s; ease abandonment or wait targets of exactly 0"
        )
    return found.reshape(arrays[0].shape)


def _require(name: str, values: np.ndarray, *, least: float, finite: bool = True) -> None:
    if np.isnan(values).any() or (values < least).any():
        raise ValueError(f"{name} must be at least {least:g}, got {np.nanmin(values):g} or no number")
    if finite and np.isinf(values).any():
        raise ValueError(f"{name} must be finite")


def _require_positions(n: np.ndarray) -> None:
    _require("positions", n, least=0.0)
    if ((n > 0) & (n < 1)).any():
        raise ValueError("positions must be 0 or at least 1")


@numba.njit(cache=True, error_model="numpy")
def _loss_all(load, n):  # type: ignore[no-untyped-def]
    out = np.empty(load.size)
    for i in range(load.size):
        out[i] = loss(load[i], n[i])
    return out


@numba.njit(cache=True, error_model="numpy")
def _figures_all(rate, handle, patience, n, within, short):  # type: ignore[no-untyped-def]
    out = np.empty((9, rate.size))
    for i in range(rate.size):
        row = figures(rate[i], handle[i], patience[i], n[i], within[i], short[i])
        for k in range(9):
            out[k, i] = row[k]
    return out


@numba.njit(cache=True, error_model="numpy")
def _share(row, denominator: int) -> float:  # type: ignore[no-untyped-def]
    if denominator == 0:
        return row[5]
    if denominator == 3:
        return row[7]
    base = 1.0 - (row[1] if denominator == 1 else row[8])
    return row[5] / base if base > 0.0 else 0.0


@numba.njit(cache=True, error_model="numpy")
def _meets(n, rate, handle, patience, within, short, level, occupancy, asa, abandonment, denominator) -> bool:  # type: ignore[no-untyped-def]
    row = figures(rate, handle, patience, float(n), within, short)
    served = _share(row, denominator) >= level and row[1] <= abandonment
    return served and row[4] <= occupancy + 1e-12 and row[3] <= asa


@numba.njit(cache=True, error_model="numpy")
def _fewest(rate, handle, patience, within, short, level, occupancy, asa, abandonment, denominator) -> int:  # type: ignore[no-untyped-def]
    """Gallop from the load to a bracket (fails, meets], then halve it; -1 where nothing meets."""
    low, high, jump = -1, max(1, int(rate * handle)), 1
    rest = (rate, handle, patience, within, short, level, occupancy, asa, abandonment, denominator)
    if _meets(high, *rest):
        while high > 0:
            low = max(0, high - jump)
            if not _meets(low, *rest):
                break
            high = low
            jump *= 2
    else:
        low = high
        high = low + jump
        while not _meets(high, *rest):
            if high > MOST_POSITIONS:
                return -1
            low = high
            jump *= 2
            high = low + jump
    while high - low > 1:
        middle = (low + high) // 2
        if _meets(middle, *rest):
            high = middle
        else:
            low = middle
    return high


@numba.njit(cache=True, error_model="numpy")
def _required_all(rate, handle, patience, within, short, level, occupancy, asa, abandonment, denominator):  # type: ignore[no-untyped-def]
    out = np.zeros(rate.size, np.int64)
    for i in range(rate.size):
        if rate[i] * handle[i] > 0.0:
            out[i] = _fewest(
                rate[i],
                handle[i],
                patience[i],
                within[i],
                short[i],
                level[i],
                occupancy[i],
                asa[i],
                abandonment[i],
                denominator,
            )
    return out
