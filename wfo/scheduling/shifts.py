"""Shift templates of a contract at a site: local starts as slots in UTC, lengths, windows for breaks."""

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from wfo.domain.contract import Break, Contract
from wfo.domain.hours import DAY_MIN, clock_min
from wfo.scheduling.problem import Shifts

_GAP_MIN = 30


@dataclass(frozen=True)
class PlacedBreak:
    """A break of a shift and where it may start.

    Attributes
    ----------
    name : str
    slots : int
    paid : bool
    first, last : int
        Earliest and latest start in slots after the shift's start.
    """

    name: str
    slots: int
    paid: bool
    first: int
    last: int


@dataclass(frozen=True)
class Length:
    """One length of shifts.

    Attributes
    ----------
    slots, paid_slots : int
    breaks : tuple of PlacedBreak
        In order of time.
    """

    slots: int
    paid_slots: int
    breaks: tuple[PlacedBreak, ...]


@dataclass(frozen=True)
class Kind:
    """Templates of one contract at one site.

    Attributes
    ----------
    starts : tuple of tuple of int
        Start slots by day of the week, ascending.
    lengths : tuple of Length
    """

    starts: tuple[tuple[int, ...], ...]
    lengths: tuple[Length, ...]

    @property
    def unit(self) -> int:
        """Greatest number of slots that divides the paid time of every length."""
        return math.gcd(*(n.paid_slots for n in self.lengths)) or 1


def breaks_of(contract: Contract, length_min: int) -> list[tuple[str, Break]]:
    """Breaks a shift of that length has: names with their rule, longest (then unpaid) in the middle."""
    found: list[tuple[str, Break]] = []
    for name, rule in contract.breaks.items():
        if length_min > rule.over_h * 60:
            found += [(name, rule)] * (int(length_min // (rule.per_h * 60)) if rule.per_h else 1)
    found.sort(key=lambda item: (item[1].minutes, not item[1].paid))
    if not found:
        return []
    half = len(found) // 2
    return [*found[:half], found[-1], *found[half:-1]]


def length_of(contract: Contract, length_min: int, slot_min: int) -> Length | None:
    """Length with its breaks in equal windows of the shift's inner part; None when the breaks do not fit.

    The part that breaks may lie in is cut into as many equal windows as there are breaks; each break keeps to
    its own and to its ``after_h``, and half an hour of work follows it where there is room. A planning rule
    of ours: it keeps breaks apart, and lets each be placed without regard to the others.
    """
    breaks = breaks_of(contract, length_min)
    margin = min([rule.after_h * 60 for _, rule in breaks], default=0.0)
    width = (length_min - 2 * margin) / max(1, len(breaks))
    placed: list[PlacedBreak] = []
    free = 0
    for n, (name, rule) in enumerate(breaks):
        size = rule.minutes // slot_min
        low, high = rule.after_h * 60, length_min - rule.after_h * 60
        first = max(free, math.ceil(max(margin + n * width, low) / slot_min))
        latest = math.floor(min(margin + (n + 1) * width, high) / slot_min) - size
        if latest < first:  # too tight for windows: it follows the one before
            first = max(free, math.ceil(low / slot_min))
            latest = min(first, math.floor(high / slot_min) - size)
        if latest < first:
            return None
        last = max(first, latest - (_GAP_MIN // slot_min if n < len(breaks) - 1 else 0))
        placed.append(PlacedBreak(name, size, rule.paid, first, last))
        free = last + size
    unpaid = sum(b.slots for b in placed if not b.paid)
    slots = length_min // slot_min
    return Length(slots, slots - unpaid, tuple(placed))


def lengths_of(contract: Contract, slot_min: int) -> tuple[Length, ...]:
    """All lengths of a contract, ascending."""
    low, high = round(contract.shift_h.min * 60), round(contract.shift_h.max * 60)
    found = [length_of(contract, m, slot_min) for m in range(low, high + 1, contract.shift_step_min)]
    return tuple(n for n in found if n is not None)


def day_starts(contract: Contract, zone: str, day: dt.date, start_min: int, slot_min: int) -> tuple[int, ...]:
    """Start slots of a local day; of a window that passes midnight, the parts on both sides."""
    earliest, latest = clock_min(contract.start.earliest), clock_min(contract.start.latest)
    latest += DAY_MIN if latest < earliest else 0
    slots = []
    for minute in range(earliest, latest + 1, contract.start.step_min):
        slot, rest = divmod(local_min(day, minute % DAY_MIN, zone) - start_min, slot_min)
        if rest == 0 and slot >= 0:
            slots.append(slot)
    return tuple(sorted(dict.fromkeys(slots)))


def local_min(day: dt.date, minute: int, zone: str) -> int:
    """Minutes since the epoch of a local wall-clock minute; past 24:00 it is on the next day."""
    date = day + dt.timedelta(days=minute // DAY_MIN)
    clock = dt.time(minute % DAY_MIN // 60, minute % 60)
    return int(dt.datetime.combine(date, clock, ZoneInfo(zone)).timestamp()) // 60


def kind_of(contract: Contract, zone: str, days: tuple[dt.date, ...], start_min: int, slot_min: int) -> Kind:
    """Templates of a contract at a site in a week."""
    starts = tuple(day_starts(contract, zone, day, start_min, slot_min) for day in days)
    return Kind(starts, lengths_of(contract, slot_min))


def pack(kinds: list[Kind]) -> Shifts:
    """Kinds as padded arrays."""
    most_starts = max([1] + [len(s) for kind in kinds for s in kind.starts])
    most_lengths = max([1] + [len(kind.lengths) for kind in kinds])
    most_breaks = max([1] + [len(n.breaks) for kind in kinds for n in kind.lengths])
    size = len(kinds)
    start, start_n = np.full((size, 7, most_starts), -1, np.int64), np.zeros((size, 7), np.int64)
    length, paid = np.zeros((2, size, most_lengths), np.int64)
    break_n = np.zeros((size, most_lengths), np.int64)
    breaks = np.zeros((3, size, most_lengths, most_breaks), np.int64)
    for u, kind in enumerate(kinds):
        for d, slots in enumerate(kind.starts):
            start[u, d, : len(slots)] = slots
            start_n[u, d] = len(slots)
        for k, one in enumerate(kind.lengths):
            length[u, k], paid[u, k] = one.slots, one.paid_slots // kind.unit
            break_n[u, k] = len(one.breaks)
            for b, rest in enumerate(one.breaks):
                breaks[:, u, k, b] = rest.slots, rest.first, rest.last
    return Shifts(start, start_n, length, paid, break_n, breaks[0], breaks[1], breaks[2])
