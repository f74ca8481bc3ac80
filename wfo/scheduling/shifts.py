"""Shift templates of a contract at a site: local starts as slots in UTC, with the lengths of shifts."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from wfo.domain.contract import Contract
from wfo.domain.hours import DAY_MIN
from wfo.scheduling.problem import Shifts
from wfo.scheduling.shift_lengths import Length, lengths_of


@dataclass(frozen=True)
class Kind:
    """Templates of one contract at one site.

    Attributes
    ----------
    contract : Contract
    days : tuple of date
    starts : tuple of tuple of int
        Start slots by day of the week, ascending.
    clocks : tuple of tuple of int
        The same as local minutes after the day's midnight.
    lengths : tuple of Length
    slot_min : int
    """

    contract: Contract
    days: tuple[dt.date, ...]
    starts: tuple[tuple[int, ...], ...]
    clocks: tuple[tuple[int, ...], ...]
    lengths: tuple[Length, ...]
    slot_min: int

    @property
    def unit(self) -> int:
        """Greatest number of slots that divides the paid time of every length."""
        return math.gcd(*(n.paid_slots for n in self.lengths)) or 1

    def types(self) -> np.ndarray:
        """Kind of shift by day, start and length, from 1; 0: none are named, -1: it is of none."""
        found = np.full((7, max((len(s) for s in self.starts), default=0), len(self.lengths)), -1, np.int64)
        for d, clocks in enumerate(self.clocks):
            for i, clock in enumerate(clocks):
                for k, length in enumerate(self.lengths):
                    found[d, i, k] = type_of(self.contract, clock, length.slots * self.slot_min)
        return found


def type_of(contract: Contract, clock: int, length_min: int) -> int:
    """Number of the first kind of shift that fits, from 1; 0: the contract names none; -1: it fits none."""
    for n, rule in enumerate(contract.shift_types.values()):
        earliest, latest = rule.minutes
        fits = rule.hours is None or rule.hours.min * 60 <= length_min <= rule.hours.max * 60
        if fits and (earliest <= clock <= latest or earliest <= clock + DAY_MIN <= latest):
            return n + 1
    return -1 if contract.shift_types else 0


def day_starts(contract: Contract, zone: str, day: dt.date, start_min: int, slot_min: int) -> dict[int, int]:
    """Start slots of a local day with their local minutes; both parts of a window that passes midnight."""
    earliest, latest = contract.start.minutes
    slots: dict[int, int] = {}
    for minute in range(earliest, latest + 1, contract.start.step_min):
        slot, rest = divmod(local_min(day, minute % DAY_MIN, zone) - start_min, slot_min)
        if rest == 0 and slot >= 0:
            slots.setdefault(slot, minute % DAY_MIN)
    return dict(sorted(slots.items()))


def local_min(day: dt.date, minute: int, zone: str) -> int:
    """Minutes since the epoch of a local wall-clock minute; past 24:00 it is on the next day."""
    date = day + dt.timedelta(days=minute // DAY_MIN)
    clock = dt.time(minute % DAY_MIN // 60, minute % 60)
    return int(dt.datetime.combine(date, clock, ZoneInfo(zone)).timestamp()) // 60


def kind_of(contract: Contract, zone: str, days: tuple[dt.date, ...], start_min: int, slot_min: int) -> Kind:
    """Templates of a contract at a site in a week."""
    starts = [day_starts(contract, zone, day, start_min, slot_min) for day in days]
    return Kind(
        contract, days, tuple(tuple(s) for s in starts), tuple(tuple(s.values()) for s in starts),
        lengths_of(contract, slot_min), slot_min,
    )  # fmt: skip


def pack(kinds: Sequence[Kind]) -> Shifts:
    """Kinds as padded arrays."""
    most_starts = max([1] + [len(s) for kind in kinds for s in kind.starts])
    most_lengths = max([1] + [len(kind.lengths) for kind in kinds])
    most_breaks = max([1] + [len(n.breaks) for kind in kinds for n in kind.lengths])
    most_types = max([0] + [len(kind.contract.shift_types) for kind in kinds])
    bands = [sorted({c for day in kind.clocks for c in day}) for kind in kinds]
    size = len(kinds)
    shape = (size, 7, most_starts, most_lengths)
    start, clock = np.full((2, size, 7, most_starts), -1, np.int64)
    start_n = np.zeros((size, 7), np.int64)
    length, paid = np.zeros((2, size, most_lengths), np.int64)
    break_n = np.zeros((size, most_lengths), np.int64)
    breaks = np.zeros((3, size, most_lengths, most_breaks), np.int64)
    after, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    bars = np.zeros((size, most_types + 1), np.int64)
    band = np.full((size, max([1] + [len(b) for b in bands])), -1, np.int64)
    for u, kind in enumerate(kinds):
        band[u, : len(bands[u])] = bands[u]
        for d, slots in enumerate(kind.starts):
            start[u, d, : len(slots)] = slots
            clock[u, d, : len(slots)] = kind.clocks[d]
            start_n[u, d] = len(slots)
        for k, one in enumerate(kind.lengths):
            length[u, k], paid[u, k] = one.slots, one.paid_slots // kind.unit
            break_n[u, k] = len(one.breaks)
            for b, rest in enumerate(one.breaks):
                breaks[:, u, k, b] = rest.slots, rest.first, rest.last
        own = kind.types()
        types[u, :, : own.shape[1], : own.shape[2]] = np.maximum(0, own)
        bars[u, : len(kind.contract.shift_types) + 1] = _bars(kind.contract)
        after[u] = _after(kind, start[u], length[u])
    return Shifts(
        start,
        clock,
        start_n,
        length,
        paid,
        break_n,
        breaks[0],
        breaks[1],
        breaks[2],
        after,
        types,
        bars,
        band,
    )


def _bars(contract: Contract) -> list[int]:
    """Kinds of shift that may not follow each kind on the next day, as bits; the first is for none."""
    names = list(contract.shift_types)
    barred = [contract.not_after.get(name, ()) for name in names]
    return [0, *(sum(1 << (names.index(other) + 1) for other in set(own)) for own in barred)]


def _after(kind: Kind, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Starts of the next two days that rest forbids after each shift, shape (7, I, L)."""
    rest = math.ceil(kind.contract.rest_h * 60 / kind.slot_min)
    ready = start[:, :, None] + length + rest
    found = np.zeros(ready.shape, np.int64)
    for d in range(7):
        for ahead in kind.starts[d + 1 : d + 3]:
            found[d] += np.searchsorted(np.array(ahead, np.int64), ready[d])
    return found
