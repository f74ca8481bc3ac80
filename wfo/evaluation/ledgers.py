"""Ledgers: the plan in counts and money, on the customers' side and on the business's."""

import numpy as np
import pandas as pd

from wfo.evaluation.measures import measure, queues_of
from wfo.evaluation.paid import paid_hours
from wfo.evaluation.play import Played, caused_by_earlier
from wfo.evaluation.scorecard import Points
from wfo.evaluation.settings import EvaluateSettings
from wfo.simulation.memory import DEFERRED, UNSTAFFED

SHIFT_HOURS = "paid hours of shifts"
"""Label of the hours in the schedule: leave of whole days, though paid, is not among them."""
PAID = "cost of paid hours"
"""Label of the wages, premiums and overtime included."""


def ledger_table(
    played: Played,
    schedule: pd.DataFrame,
    paid: float | None,
    initiative_cost: float,
    settings: EvaluateSettings,
) -> pd.DataFrame:
    """Table ``ledgers``: ``ledger, label, unit, value, low, high``, in the order in which they are read.

    Parameters
    ----------
    played : Played
    schedule : DataFrame
    paid : float or None
        Wages of the paid hours.
    initiative_cost : float
        Money the initiatives cost in the week.
    settings : EvaluateSettings
    """
    counts, law = played.counts, played.staffing.law
    at_once, by_people = law < DEFERRED, law < UNSTAFFED
    abandoned = counts.abandoned.sum(axis=(1, 2)).astype(float)
    late = (counts.answered - counts.in_target)[:, at_once].sum(axis=(1, 2)).astype(float)
    overdue = (counts.due - counts.in_target)[:, law == DEFERRED].sum(axis=(1, 2)) + 0.0
    overdue += (counts.old_due - counts.old_in_target).sum(axis=1)
    caused = caused_by_earlier(played).sum(axis=(1, 2))
    lost = settings.price_abandoned * abandoned + settings.price_late * (late + overdue)
    busy = measure("occupancy", counts, queues_of("occupancy", law))
    occupancy = np.array([]) if busy is None else busy.by(np.zeros(busy.top.shape[1], dtype=np.int64))[:, 0]
    lines: list[tuple[str, str, str, np.ndarray]] = [
        ("customer", "contacts", "count", counts.offered.sum(axis=(1, 2)).astype(float)),
        ("customer", "contacts caused by earlier ones", "count", caused),
        ("customer", "abandoned", "count", abandoned),
        ("customer", "answered late", "count", late),
        ("customer", "deferred work not done in time", "count", overdue),
        ("customer", "waiting for an answer", "h", counts.wait_ms[:, at_once].sum(axis=(1, 2)) / 3.6e6),
        ("business", SHIFT_HOURS, "h", np.array([paid_hours(schedule)])),
        ("business", PAID, "money", np.array([np.nan if paid is None else paid])),
        ("business", "cost of initiatives", "money", np.array([initiative_cost])),
        ("business", "lost with abandoned and late contacts", "money", lost),
        (
            "business",
            "work on contacts",
            "h",
            counts.handle_ms[:, by_people].sum(axis=(1, 2)) / 3.6e6,
        ),
        ("business", "occupancy", "share", occupancy),
        ("business", "deferred work left at the end", "count", _left(played)),
    ]
    tail = (1.0 - settings.interval) / 2
    rows = [(ledger, label, unit, *_spread(values, tail)) for ledger, label, unit, values in lines]
    frame = pd.DataFrame(rows, columns=["ledger", "label", "unit", "value", "low", "high"])
    return frame.astype(dict.fromkeys(("ledger", "label", "unit"), "str"))


def _left(played: Played) -> np.ndarray:
    counts = played.counts
    deferred = played.staffing.law == DEFERRED
    return np.asarray(counts.left[:, deferred].sum(axis=(1, 2)) + counts.old_left.sum(axis=1) + 0.0)


def _spread(values: np.ndarray, tail: float) -> tuple[float, float, float]:
    seen = values[~np.isnan(values)]
    if not len(seen):
        return (np.nan, np.nan, np.nan)
    low, high = np.quantile(seen, [tail, 1.0 - tail])
    return float(seen.mean()), float(low), float(high)


def known_points(value: float | None) -> Points | None:
    """A figure that does not depend on chance."""
    return None if value is None else Points(value, np.array([value]))
