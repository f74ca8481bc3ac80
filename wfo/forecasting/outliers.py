"""What history has that no forecast learns from: outlying days, bursts, gaps, lost days, closed hours.

They are left out of learning and shown, never removed in silence; and on channels nobody controls bursts come
again, so that their share of demand and their spread stay in the forecast.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.forecasting.fitting import calm_counts
from wfo.forecasting.history import History
from wfo.forecasting.model import QueueModel, day_totals
from wfo.forecasting.past import Past

COLUMNS = ("queue", "schedule_date", "kind", "minutes", "actual", "expected")
_SHOWN_DAYS = 365
_LEAST_PART = 0.03  # of a mean day, from which a burst or a gap is shown
_NAMED = 3  # days that a note names, at most
_MUCH_CLOSED = 0.01  # share of contacts in closed hours that a note tells


def outlier_table(
    centre: Centre, history: History, past: Past, models: list[QueueModel], notes: list[str]
) -> pd.DataFrame:
    """Table ``outliers`` of the last year of history.

    ``kind`` is day (the whole day lies far from its mean), burst (minutes of a day that do), gap (minutes
    without a contact where many were expected), lost (an open day without a contact) or closed (contacts of
    a day on which the queue was closed).
    """
    rows: list[tuple[str, dt.date, str, int, float, float]] = []
    known = past.cube.shape[1]
    every = history.by_day(history.offered)
    for q, (name, model) in enumerate(zip(centre.queue_ids, models, strict=True)):
        recent = np.arange(max(0, known - _SHOWN_DAYS), known)
        shut = ~past.is_open[q, recent].any(axis=1)
        came = every[q, recent].sum(axis=1)
        closed = {past.days.dates[d]: float(every[q, d].sum()) for d in recent[shut & (came > 0)]}
        rows += [(name, day, "closed", 0, number, 0.0) for day, number in closed.items()]
        notes += _closed_notes(name, float(every[q].sum()), past, q, closed)
        if model.level is None or not len(recent):
            continue
        mean = day_totals(past, q, model, recent)
        for d, expected in zip(recent, mean, strict=True):
            if past.lost[q, d]:
                rows.append((name, past.days.dates[d], "lost", 0, 0.0, float(expected)))
            elif past.usable[q, d] and len(model.level.used) > d and not model.level.used[d]:
                rows.append((name, past.days.dates[d], "day", 0, float(past.total[q, d]), float(expected)))
        change = past.cube[q] - calm_counts(past, q, known)
        for d in recent[np.abs(change[recent]).sum(axis=1) > 0]:
            for kind, cells in (("burst", change[d] > 0), ("gap", change[d] < 0)):
                least = _LEAST_PART * past.total[q, past.usable[q]].mean()
                if np.abs(change[d, cells].sum()) > least:
                    actual = float(past.cube[q, d, cells].sum())
                    minutes = int(cells.sum()) * past.step_min
                    expected = actual - float(change[d, cells].sum())
                    rows.append((name, past.days.dates[d], kind, minutes, actual, expected))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.astype({"queue": "str", "kind": "str", "minutes": "int64"})
    frame = frame.astype({"actual": "float64", "expected": "float64", "schedule_date": "object"})
    return frame.sort_values(["queue", "schedule_date", "kind"], kind="stable").reset_index(drop=True)


def _closed_notes(name: str, every: float, past: Past, q: int, closed: dict[dt.date, float]) -> list[str]:
    """What is to be said of contacts while a queue was closed: few days by their dates, more by a share."""
    seen = past.usable[q]
    usual = float(past.offered[q, seen].sum()) / max(int(seen.sum()), 1)
    much = {day: number for day, number in closed.items() if number >= max(_LEAST_PART * usual, 1)}
    named = much if len(much) <= _NAMED else {}
    notes = []
    if named:
        days = ", ".join(f"{number:,.0f} on {day}" for day, number in named.items())
        notes.append(
            f"{name}: contacts came on days on which it is closed ({days}); nothing is learnt from them; "
            "if it was open, take the day out of the closed days"
        )
    outside = every - float(past.offered[q].sum()) - sum(named.values())
    if outside > _MUCH_CLOSED * every and outside >= 1:
        notes.append(
            f"{name}: {100 * outside / every:.1f} % of its contacts came while it is closed by its hours; "
            "no demand is forecast there"
        )
    return notes


@dataclass(frozen=True)
class Bursts:
    """Bursts of channels that nobody controls.

    Attributes
    ----------
    p : ndarray, shape (Q,)
        Probability that a day has one; 0 for queues that the organization controls, and where none was seen.
    size : ndarray, shape (Q,)
        What one adds in the mean, as a part of the day's usual contacts.
    days : ndarray of bool, shape (Q, D)
        Days that had one.
    """

    p: np.ndarray
    size: np.ndarray
    days: np.ndarray

    @property
    def lift(self) -> np.ndarray:
        """Factor on expected contacts, shape (Q,)."""
        return np.asarray(1 + self.p * self.size)


def bursts(centre: Centre, past: Past, models: list[QueueModel]) -> Bursts:
    """How often bursts came and how large they were on queues that nobody controls."""
    p, size = np.zeros((2, len(models)))
    days = np.zeros(past.usable.shape, dtype=bool)
    known = past.cube.shape[1]
    for q, (name, model) in enumerate(zip(centre.queue_ids, models, strict=True)):
        if centre.queues[name].controlled or model.level is None or not len(model.level.used):
            continue
        rows = np.flatnonzero(past.usable[q])[-_SHOWN_DAYS:]
        mean = np.maximum(day_totals(past, q, model, rows), 1e-9)
        calm = calm_counts(past, q, known)[rows].sum(axis=1)
        over = past.total[q, rows] - np.where(model.level.used[rows], calm, mean)
        hit = (over > 0) & ((past.total[q, rows] > calm) | ~model.level.used[rows])
        if hit.any():
            days[q, rows[hit]] = True
            p[q] = hit.mean()
            size[q] = float((over[hit] / mean[hit]).mean())
    return Bursts(p, size, days)
