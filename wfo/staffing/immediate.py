"""Queues served at once: their load and targets in each interval, gathered for the kernels."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from wfo.domain.centre import Centre, Law
from wfo.errors import InputError, Problem
from wfo.forecasting.paths import DemandPaths
from wfo.staffing.inputs import StaffInputs
from wfo.staffing.load import modified_offered_load, stationary
from wfo.staffing.mixture import COLUMNS
from wfo.staffing.settings import StaffSettings
from wfo.staffing.targets import QueueTargets, targets_of

_ROUND_UP = 1e-9
_RATE = COLUMNS.index("rate")


@dataclass(frozen=True)
class ImmediateWork:
    """The I queue-intervals served at once.

    Attributes
    ----------
    queue, interval : ndarray of int64, shape (I,)
        Index of the queue and of the interval.
    load : ndarray, shape (I,)
        Offered load in positions.
    rows, hard : tuple of ndarray, shape (I, len(COLUMNS))
        What the kernels read, a table for the first target of each kind of every queue, one for the second
        and so on; ``hard`` with hard targets alone.
    present : ndarray, shape (I,)
        1 − unscheduled shrinkage.
    ratios : ndarray, shape (Q, most slots)
        As of `fewest_positions`.
    """

    queue: np.ndarray
    interval: np.ndarray
    load: np.ndarray
    rows: tuple[np.ndarray, ...]
    hard: tuple[np.ndarray, ...]
    present: np.ndarray
    ratios: np.ndarray

    def loaded(self, factors: np.ndarray) -> "ImmediateWork":
        """The same with each load multiplied by a factor, shape (I,)."""
        busier = np.ones(len(COLUMNS)) + np.outer(factors - 1.0, np.arange(len(COLUMNS)) == _RATE)
        rows, hard = (tuple(table * busier for table in tables) for tables in (self.rows, self.hard))
        return replace(self, load=self.load * factors, rows=rows, hard=hard)

    def asking_as_of(self, factors: np.ndarray) -> "ImmediateWork":
        """The same load staffed as if it were higher by a factor, shape (I,)."""
        return replace(self.loaded(factors), load=self.load)

    def scheduled(self, positions: np.ndarray) -> np.ndarray:
        """Positions to schedule so that so many are there on average, shape (I,)."""
        return np.ceil(positions / self.present - _ROUND_UP).astype(np.int64)


def immediate_work(
    inputs: StaffInputs,
    settings: StaffSettings,
    laws: DemandPaths,
    expected: np.ndarray,
    is_open: np.ndarray,
    present: np.ndarray,
) -> ImmediateWork:
    """Gather the queue-intervals of immediate and concurrent queues.

    Parameters
    ----------
    inputs, settings
        As of `staff`.
    laws : DemandPaths
    expected : ndarray, shape (Q, T)
        Contacts in each interval.
    is_open : ndarray of bool, shape (Q, T)
    present : ndarray, shape (Q, T)
        1 − unscheduled shrinkage.
    """
    step_s = inputs.grid.step_min * 60.0
    at_all: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    tables: dict[bool, list[list[np.ndarray]]] = {False: [], True: []}
    for q, name in enumerate(laws.queues):
        spec = inputs.centre.queues[name]
        if spec.law not in (Law.IMMEDIATE, Law.CONCURRENT):
            continue
        slots = spec.concurrency if spec.law is Law.CONCURRENT else 1
        # at full concurrency a contact holds its slot for as many times its work as there are slots
        slot_s = laws.handle_mean_s[q] * slots
        if settings.load == "stationary":
            load = np.where(is_open[q], stationary(expected[q], slot_s, step_s), 0.0)
        else:
            load = modified_offered_load(expected[q], slot_s, float(laws.handle_cv[q]), is_open[q], step_s)
        at = np.flatnonzero(is_open[q] & (load > 0) & (slot_s > 0))
        for hard, made in tables.items():
            own = (load[at], slot_s[at], slots, expected[q, at])
            made.append(_rows(inputs, settings, name, float(laws.patience_s[q]), own, hard))
        at_all.append((q, at, load[at] / slots, present[q, at]))
    return ImmediateWork(
        queue=_join([np.full(p[1].size, p[0]) for p in at_all], np.int64),
        interval=_join([p[1] for p in at_all], np.int64),
        load=_join([p[2] for p in at_all], float),
        rows=_stacked(tables[False]),
        hard=_stacked(tables[True]),
        present=_join([p[3] for p in at_all], float),
        ratios=session_ratios(inputs.centre, laws.queues),
    )


def _stacked(tables: list[list[np.ndarray]]) -> tuple[np.ndarray, ...]:
    """Tables of all queues, one for each further target; a queue without it has rows that ask for nothing."""
    most = max((len(own) for own in tables), default=1)
    filled = [own + [_asking_nothing(own[0])] * (most - len(own)) for own in tables]
    return tuple(_join([own[k] for own in filled], float, (0, len(COLUMNS))) for k in range(most))


def _asking_nothing(rows: np.ndarray) -> np.ndarray:
    nothing = QueueTargets()
    values = {
        "level": nothing.level,
        "max_occupancy": nothing.max_occupancy,
        "max_asa_s": nothing.max_asa_s,
        "max_abandonment": nothing.max_abandonment,
    }
    values |= dict.fromkeys(("price_abandoned", "price_late", "price_service", "price_left"), 0.0)
    out = rows.copy()
    out[:, [COLUMNS.index(c) for c in values]] = list(values.values())
    return out


def session_ratios(centre: Centre, queues: tuple[str, ...]) -> np.ndarray:
    """Open time of a contact whose agent holds 1, 2, … ÷ that with all slots taken, shape (Q, most slots)."""
    ratios = [centre.queues[q].session_ratios for q in queues]
    out = np.ones((len(queues), max(map(len, ratios), default=1)))
    for row, own in zip(out, ratios, strict=True):
        row[: len(own)] = own
    return out


def _rows(
    inputs: StaffInputs,
    settings: StaffSettings,
    name: str,
    patience_s: float,
    own: tuple[np.ndarray, np.ndarray, int, np.ndarray],
    hard: bool,
) -> list[np.ndarray]:
    """One queue's rows for the kernels, columns as in `mixture.COLUMNS`, for each of its targets in turn.

    ``own`` are the load of its slots, the seconds a contact holds one, slots and contacts, by interval.
    """
    load, slot_s, slots, contacts = own
    prices = {"price_late": settings.price_late, "price_abandoned": settings.price_abandoned}
    queue, found = inputs.centre.queues[name], []
    for k, targets in enumerate(targets_of(name, inputs.specs, **prices, hard_only=hard)):
        _check_reachable(name, targets)
        first = k == 0
        cap = (
            targets.max_occupancy if hard or not first else min(targets.max_occupancy, settings.max_occupancy)
        )
        values: Mapping[str, np.ndarray | float] = {
            "rate": load / slot_s,
            "handle_s": slot_s,
            "patience_s": patience_s,
            "within_s": targets.within_s,
            "short_s": queue.short_abandon_s,
            "level": targets.level,
            "max_occupancy": cap,
            "max_asa_s": targets.max_asa_s,
            "max_abandonment": targets.max_abandonment,
            "slots": float(slots),
            "contacts": contacts,
            # a contact is lost or late once, whatever the number of targets
            "price_abandoned": settings.price_abandoned if first else 0.0,
            "price_late": settings.price_late if first and targets.level > 0 else 0.0,
            "price_service": targets.price_service,
            "price_left": targets.price_abandoned,
            "room": np.inf if queue.most_waiting is None else float(queue.most_waiting),
        }
        rows = [np.broadcast_to(np.asarray(values[c], dtype=float), load.shape) for c in COLUMNS]
        found.append(np.stack(rows, axis=1))
    return found


def _check_reachable(name: str, targets: QueueTargets) -> None:
    problems = []
    if targets.level >= 1:
        problems.append("a service level of 100 % is met by no number of positions; write 99.9% or less")
    if targets.max_occupancy <= 0:
        problems.append("an occupancy of 0 % is met by no number of positions; write more than 0%")
    if targets.max_abandonment <= 0 or targets.max_asa_s <= 0:
        problems.append(
            "abandonment and wait targets of 0 are met by no number of positions; write more than 0"
        )
    if problems:
        raise InputError([Problem(f"queues.{name}.targets", text) for text in problems])


def _join(parts: list[np.ndarray], dtype: type, shape: tuple[int, ...] = (0,)) -> np.ndarray:
    return np.ascontiguousarray(np.concatenate([np.zeros(shape), *parts]).astype(dtype))
