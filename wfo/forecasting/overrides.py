"""The planner's own figures for days: the fresh demand that brings them about, beside what the model says."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.forecasting.settings import Override

_ROUNDS = 60
_NEAR = 1e-6  # relative to the day's contacts

COLUMNS = {
    "override": "str",
    "queue": "str",
    "schedule_date": "object",
    "model": "float64",
    "planner": "float64",
    "planned": "float64",
    "reason": "str",
    "who": "str",
}


@dataclass(frozen=True)
class Hand:
    """Demand after the planner's hand.

    Attributes
    ----------
    fresh : ndarray, shape (Q, T)
        Expected fresh contacts.
    table : DataFrame
        override, queue, schedule_date, model (contacts of the day as the model sees them), planner (as the
        planner says), planned (what is planned with), reason, who.
    notes : tuple of str
        Where a figure could not be had.
    """

    fresh: np.ndarray
    table: pd.DataFrame
    notes: tuple[str, ...]


def with_overrides(
    overrides: Mapping[str, Override],
    queues: tuple[str, ...],
    dates: tuple[dt.date, ...],
    day: np.ndarray,
    fresh: np.ndarray,
    is_open: np.ndarray,
    volume: Callable[[np.ndarray], np.ndarray],
) -> Hand:
    """Scale the fresh demand of overridden days until their whole volume is the planner's.

    Follow-ups of what was fixed go on as everywhere: other queues and later days move too.

    Parameters
    ----------
    overrides : mapping of str to Override
        At most one for a queue's day.
    queues : tuple of str
    dates : tuple of date
        Days of the grid.
    day : ndarray of int64, shape (T,)
        Day number of each interval.
    fresh : ndarray, shape (Q, T)
        The model's.
    is_open : ndarray of bool, shape (Q, T)
    volume : callable
        Expected volume, shape (Q, T), for fresh demand of that shape.
    """
    cells = [
        (name, given, queues.index(given.queue), d)
        for name, given in overrides.items()
        for d, date in enumerate(dates)
        if given.start <= date <= given.last
    ]
    if not cells:
        return Hand(fresh, _table([]), ())
    q, d = np.array([c[2] for c in cells]), np.array([c[3] for c in cells])
    model = _by_day(volume(fresh), day, len(dates))[q, d]
    said = np.array(
        [
            g.contacts if g.contacts is not None else m * (g.factor or 0.0)
            for (_, g, _, _), m in zip(cells, model, strict=True)
        ]
    )
    notes: list[str] = []
    shape = _shapes(cells, dates, day, fresh, is_open, notes)
    base = fresh.copy()
    for i in range(len(cells)):
        base[q[i], day == d[i]] = 0.0
    total = shape.sum(axis=1)
    amount = np.where(total > 0, _by_day(fresh, day, len(dates))[q, d], 0.0)
    for _ in range(_ROUNDS):
        now = _laid(base, shape, total, amount, q)
        short = said - _by_day(volume(now), day, len(dates))[q, d]
        following = np.where(total > 0, np.maximum(amount + short, 0.0), 0.0)
        if np.abs(following - amount).max() <= _NEAR * max(1.0, float(said.max())):
            break
        amount = following
    final = _laid(base, shape, total, amount, q)
    planned = _by_day(volume(final), day, len(dates))[q, d]
    rows = []
    for i, (name, given, _, _) in enumerate(cells):
        if total[i] > 0 and abs(planned[i] - said[i]) > 0.005 * max(1.0, said[i]):
            notes.append(
                f"override '{name}': {given.queue} on {dates[d[i]]} cannot have {said[i]:,.0f} contacts; "
                f"what earlier contacts cause alone is {planned[i]:,.0f}"
            )
        rows.append((name, given.queue, dates[d[i]], model[i], said[i], planned[i], given.reason, given.who))
    return Hand(final, _table(rows), tuple(notes))


def _shapes(
    cells: Sequence[tuple[str, Override, int, int]],
    dates: tuple[dt.date, ...],
    day: np.ndarray,
    fresh: np.ndarray,
    is_open: np.ndarray,
    notes: list[str],
) -> np.ndarray:
    """Fresh contacts of each overridden day by interval, even where there are none; (cells, T)."""
    shape = np.zeros((len(cells), len(day)))
    for i, (name, given, q, d) in enumerate(cells):
        here = (day == d) & is_open[q]
        shape[i] = np.where(here, fresh[q], 0.0)
        if here.any() and shape[i].sum() <= 0:
            shape[i] = here
        if not here.any():
            notes.append(f"override '{name}': {given.queue} is closed on {dates[d]}; it does not act there")
    return shape


def _laid(
    base: np.ndarray, shape: np.ndarray, total: np.ndarray, amount: np.ndarray, q: np.ndarray
) -> np.ndarray:
    out = base.copy()
    np.add.at(out, q, shape * (amount / np.maximum(total, 1e-300))[:, None])
    return out


def _by_day(values: np.ndarray, day: np.ndarray, days: int) -> np.ndarray:
    return np.array([np.bincount(day, row, days) for row in values])


def _table(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
