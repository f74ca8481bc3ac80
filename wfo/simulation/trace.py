"""Trace: given contacts, one by one, played against a staffing in the same kernel as drawn demand."""

from dataclasses import dataclass, field, replace

import numpy as np

from wfo.draws import word_of
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.memory import NEVER
from wfo.simulation.row_words import row_words
from wfo.timegrid import MINUTE_MS

UNKNOWN_MS = -1
"""A handle time or patience that is drawn from its queue's law."""


def _nothing() -> np.ndarray:
    return np.zeros(0)


@dataclass(frozen=True)
class Trace:
    """Contacts as they came, in any order.

    Attributes
    ----------
    queue : ndarray of int64, shape (N,)
        Index into the queues of the laws and the staffing.
    arrival_ms : ndarray of int64, shape (N,)
        Arrival, ms after the grid's start; inside the grid.
    handle_s : ndarray of float64, shape (N,)
        An agent's work at speed 1; NaN: drawn from the queue's law.
    patience_s : ndarray of float64, shape (N,)
        How long the contact waits before it gives up, inf: for ever; NaN: drawn from the queue's law. It is
        not read for deferred queues, where nobody gives up.
    waited_s : ndarray of float64, shape (N,), or empty
        So long the contact is known to have waited without giving up; a drawn patience is longer (exponential
        patience has no memory, so that it is this and a fresh draw). Empty: not known of any.
    """

    queue: np.ndarray
    arrival_ms: np.ndarray
    handle_s: np.ndarray
    patience_s: np.ndarray
    waited_s: np.ndarray = field(default_factory=_nothing)

    @property
    def n(self) -> int:
        """Number of contacts."""
        return len(self.queue)


def without_causes(laws: DemandPaths, replications: int) -> DemandPaths:
    """Laws in which no contact causes another, with so many empty paths: a trace holds every contact."""
    shape = (replications, len(laws.queues), laws.grid.n)
    return replace(
        laws,
        fresh=np.zeros(shape, dtype=np.int32),
        carried=np.zeros(shape, dtype=np.int32),
        follow_ups=np.zeros_like(laws.follow_ups),
        redial_p=np.zeros_like(laws.redial_p),
    )


def trace_rows(trace: Trace, laws: DemandPaths) -> np.ndarray:
    """Rows (word, queue, arrival, handle time, patience, waited), by arrival and word, int64, shape (N, 6).

    Times are ms. A contact's word is the hash of its queue, its arrival and its ordinal among equals, so that
    it has the same luck in a trace with other contacts added.

    Raises
    ------
    ValueError
        If arrays differ in length, a queue or arrival lies outside the laws' queues and grid, or a time is
        negative.
    """
    horizon = laws.grid.n * laws.grid.step_min * MINUTE_MS
    waited = trace.waited_s if len(trace.waited_s) else np.zeros(trace.n)
    columns = (trace.queue, trace.arrival_ms, trace.handle_s, trace.patience_s, waited)
    lengths = [len(column) for column in columns]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"trace: queue, arrival_ms, handle_s, patience_s, waited_s have lengths {lengths}; "
            "give one value a contact in each"
        )
    _refuse(trace.queue, (trace.queue < 0) | (trace.queue >= len(laws.queues)), "queue", len(laws.queues))
    _refuse(trace.arrival_ms, (trace.arrival_ms < 0) | (trace.arrival_ms >= horizon), "arrival_ms", horizon)
    for name, values in (
        ("handle_s", trace.handle_s),
        ("patience_s", trace.patience_s),
        ("waited_s", waited),
    ):
        _refuse(values, (values < 0) | (np.isinf(values) & (name != "patience_s")), name, "inf")
    queue, arrival = trace.queue.astype(np.int64), trace.arrival_ms.astype(np.int64)
    times = [_ms(values) for values in (trace.handle_s, trace.patience_s, np.nan_to_num(waited))]
    order = np.lexsort((times[2], times[1], times[0], arrival, queue))
    rows = np.column_stack([np.zeros_like(queue), queue, arrival, *times])[order]
    of_queue = np.array([word_of(f"{name}/trace") for name in laws.queues], dtype=np.uint64)
    rows[:, 0] = row_words(of_queue, rows[:, 1], rows[:, 2])
    return rows[np.lexsort((rows[:, 0], rows[:, 2]))]


def _refuse(values: np.ndarray, bad: np.ndarray, name: str, limit: "int | str") -> None:
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"trace: {name} of contact {first} is {values[first]}; allowed is 0 up to, not including, "
            f"{limit} ({int(bad.sum())} of {len(values)} are outside). Leave such contacts out or mend them"
        )


def _ms(seconds: np.ndarray) -> np.ndarray:
    """Whole ms; inf is `NEVER`, NaN is unknown."""
    finite = np.isfinite(seconds)
    ms = np.rint(np.where(finite, seconds, 0.0) * 1000.0).astype(np.int64)
    return np.where(finite, ms, np.where(np.isnan(seconds), UNKNOWN_MS, NEVER))
