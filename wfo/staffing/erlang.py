"""Erlang B, C, A and M/M/n/K+M over arrays: figures of a queue, and positions that meet several targets."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wfo.metrics.abandonment import counted_abandonment
from wfo.staffing.search import MOST_POSITIONS, figures_all, loss_all, required_all

MOST_LINES = 2_000_000
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
    p_blocked : ndarray
        Share of the offered that finds all lines taken; part of no other share.
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
    p_blocked: np.ndarray

    def abandonment(self) -> np.ndarray:
        """Share that abandons, short abandons left out above and below the line."""
        top, bottom = counted_abandonment(np.ones_like(self.p_abandon), self.p_abandon, self.abandoned_short)
        return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), 0.0)

    def service_level(self, denominator: str = "without_short") -> np.ndarray:
        """Share within the threshold, by denominator.

        Parameters
        ----------
        denominator : str
            ``offered`` (blocked contacts included), ``answered``, ``without_short`` (offered without short
            abandons) or ``virtual`` (of contacts with endless patience).

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
        lost = self.p_abandon + self.p_blocked if denominator == "answered" else self.abandoned_short
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
    return loss_all(a.ravel(), n.ravel()).reshape(a.shape)


def performance(
    rate_per_h: ArrayLike,
    handle_s: ArrayLike,
    positions: ArrayLike,
    *,
    patience_s: ArrayLike = math.inf,
    within_s: ArrayLike = 20.0,
    short_s: ArrayLike = 0.0,
    lines: ArrayLike = math.inf,
) -> Performance:
    """Figures of M/M/n/K+M queues: Erlang A, or C where patience is infinite, a loss system where it is 0.

    At patience 0 figures are the limit of ever shorter patience: by a threshold of 0 s nobody has abandoned.

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
    lines : array_like
        K, whole: contacts that may be served or wait at a time; who comes then is turned away. inf: no limit.

    Raises
    ------
    ValueError
        If an input is out of range.

    Examples
    --------
    >>> table = performance(200, 180, [13, 14], patience_s=300)
    >>> table.service_level("offered").round(3).tolist()
    [0.858, 0.917]
    """
    given = (rate_per_h, handle_s, patience_s, positions, within_s, short_s, lines)
    arrays = np.broadcast_arrays(*[np.asarray(v, dtype=float) for v in given])
    rate, handle, patience, n, within, short, most = arrays
    _require("rate_per_h", rate, least=0.0)
    _require("handle_s", handle, least=0.0)
    _require("patience_s", patience, least=0.0, finite=False)
    _require("within_s", within, least=0.0)
    _require("short_s", short, least=0.0)
    _require_positions(n)
    _require_lines(most)
    flat = [np.ascontiguousarray(v.ravel()) for v in arrays]
    table = figures_all(flat[0] / 3600.0, *flat[1:])
    return Performance(*(table[i].reshape(rate.shape) for i in range(10)))


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
    max_p_wait: ArrayLike = 1.0,
    lines: ArrayLike = math.inf,
) -> np.ndarray:
    """Fewest positions that meet every target given.

    Parameters
    ----------
    rate_per_h, handle_s, patience_s, within_s, short_s, denominator, lines
        As in `performance` and `Performance.service_level`.
    service_level, max_occupancy, max_asa_s, max_abandonment, max_p_wait : array_like
        Targets; the defaults ask for nothing. P(wait) is a share of the offered; abandonment leaves short
        abandons out of what is counted and of what it is counted of.

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
    given = {
        "rate_per_h": rate_per_h,
        "handle_s": handle_s,
        "patience_s": patience_s,
        "within_s": within_s,
        "short_s": short_s,
        "service_level": service_level,
        "max_occupancy": max_occupancy,
        "max_asa_s": max_asa_s,
        "max_abandonment": max_abandonment,
        "max_p_wait": max_p_wait,
        "lines": lines,
    }
    arrays = dict(
        zip(given, np.broadcast_arrays(*[np.asarray(v, dtype=float) for v in given.values()]), strict=True)
    )
    for name, values in arrays.items():
        _require(name, values, least=0.0, finite=name not in {"patience_s", "max_asa_s", "lines"})
    _require_lines(arrays["lines"])
    if (arrays["service_level"] >= 1).any():
        raise ValueError("a service level of 100 % is met by no number of positions; set it below 100 %")
    if (arrays["max_occupancy"] <= 0).any() or (arrays["max_occupancy"] > 1).any():
        raise ValueError("max_occupancy must be above 0 and at most 1")
    shape = arrays["lines"].shape
    flat = [np.ascontiguousarray(v.ravel()) for v in arrays.values()]
    found = required_all(flat[0] / 3600.0, *flat[1:], DENOMINATORS.index(denominator))
    if (found < 0).any():
        at = int(np.flatnonzero(found < 0)[0])
        raise ValueError(
            f"no number of positions up to {MOST_POSITIONS:,} meets the targets at {flat[0][at]:g} "
            f"contacts/h of {flat[1][at]:g} s; ease abandonment or wait targets of exactly 0"
            + (", or give more lines" if np.isfinite(flat[10][at]) else "")
        )
    return found.reshape(shape)


def _require(name: str, values: np.ndarray, *, least: float, finite: bool = True) -> None:
    bad = ~(values >= least)
    if bad.any():
        raise ValueError(f"{name} must be at least {least:g}, got {values[bad].flat[0]:g}")
    if finite and np.isinf(values).any():
        raise ValueError(f"{name} must be finite")


def _require_positions(n: np.ndarray) -> None:
    _require("positions", n, least=0.0)
    if ((n > 0) & (n < 1)).any():
        raise ValueError("positions must be 0 or at least 1")


def _require_lines(lines: np.ndarray) -> None:
    _require("lines", lines, least=0.0, finite=False)
    finite = lines[np.isfinite(lines)]
    if (finite != np.floor(finite)).any() or (finite > MOST_LINES).any():
        raise ValueError(f"lines must be whole and at most {MOST_LINES:,}, or inf for no limit")
