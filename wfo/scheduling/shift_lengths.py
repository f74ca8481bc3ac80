"""Lengths of a contract's shifts, each break in a window of its own."""

import math
from dataclasses import dataclass
from itertools import pairwise

from wfo.domain.contract import Break, Contract

SPLIT = "split"
"""Activity of the free time between the parts of a split shift."""


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
    regular : bool
        Whether the contract has it, and not only a locked shift.
    """

    slots: int
    paid_slots: int
    breaks: tuple[PlacedBreak, ...]
    regular: bool = True


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


def _windows(breaks: list[tuple[str, Break]], length_min: int) -> list[tuple[str, Break, float, float]]:
    """Breaks in order of time, each with its own part of the shift.

    Without windows of the contract's the inner part is cut into equal ones; where those of the contract
    overlap, they are cut in the middle.
    """
    margin = min([rule.after_h * 60 for _, rule in breaks], default=0.0)
    width = (length_min - 2 * margin) / max(1, len(breaks))
    found = []
    for n, (name, rule) in enumerate(breaks):
        low, high = margin + n * width, margin + (n + 1) * width
        if rule.window_h is not None:
            low, high = rule.window_h.min * 60, rule.window_h.max * 60
        away = rule.after_h * 60
        found.append((name, rule, max(low, away), min(high, length_min - away)))
    if all(rule.window_h is None for _, rule in breaks):
        return found
    found.sort(key=lambda item: item[2] + item[3])
    for n, (one, two) in enumerate(pairwise(found)):
        if one[3] > two[2]:
            cut = max(one[2] + one[1].minutes, min((one[3] + two[2]) / 2, two[3] - two[1].minutes))
            found[n], found[n + 1] = (*one[:3], cut), (*two[:2], cut, two[3])
    return found


def length_of(contract: Contract, length_min: int, slot_min: int, *, regular: bool = True) -> Length | None:
    """Length with its breaks in windows of the shift's inner part; None when the breaks do not fit.

    The part that breaks may lie in is cut into as many equal windows as there are breaks (or as the
    contract's own windows say); each break keeps to its own and to its ``after_h``, and the contract's
    ``break_gap_min`` of work follows it where there is room. A planning rule of ours: it keeps breaks apart,
    and lets each be placed without regard to the others.
    """
    breaks = breaks_of(contract, length_min)
    placed: list[PlacedBreak] = []
    free = 0
    for n, (name, rule, begin, stop) in enumerate(_windows(breaks, length_min)):
        size = rule.minutes // slot_min
        low, high = rule.after_h * 60, length_min - rule.after_h * 60
        if rule.window_h is not None:
            low, high = max(low, rule.window_h.min * 60), min(high, rule.window_h.max * 60)
        first = max(free, math.ceil(begin / slot_min))
        latest = math.floor(stop / slot_min) - size
        if latest < first:  # too tight for windows: it follows the one before
            first = max(free, math.ceil(low / slot_min))
            latest = min(first, math.floor(high / slot_min) - size)
        if latest < first:
            return None
        last = max(first, latest - (contract.break_gap_min // slot_min if n < len(breaks) - 1 else 0))
        placed.append(PlacedBreak(name, size, rule.paid, first, last))
        free = last + size
    unpaid = sum(b.slots for b in placed if not b.paid)
    slots = length_min // slot_min
    return Length(slots, slots - unpaid, tuple(placed), regular)


def _minutes(hours: tuple[float, float], step: int) -> range:
    return range(round(hours[0] * 60), round(hours[1] * 60) + 1, step)


def _split_lengths(contract: Contract, slot_min: int) -> list[Length]:
    """Shifts of two parts: each part has the breaks of a shift of its length, the gap is an unpaid break."""
    rule, step = contract.split, contract.shift_step_min
    if rule is None:
        return []
    whole = _minutes((contract.shift_h.min, contract.shift_h.max), step)
    parts = {m: length_of(contract, m, slot_min) for m in _minutes((rule.part_h.min, rule.part_h.max), step)}
    found = []
    for one_min, one in parts.items():
        for two_min, two in parts.items():
            if one is None or two is None or one_min + two_min not in whole:
                continue
            for gap_min in _minutes((rule.gap_h.min, rule.gap_h.max), step):
                gap = gap_min // slot_min
                shift = one.slots + gap
                later = [
                    PlacedBreak(b.name, b.slots, b.paid, b.first + shift, b.last + shift) for b in two.breaks
                ]
                middle = PlacedBreak(SPLIT, gap, False, one.slots, one.slots)
                breaks = (*one.breaks, middle, *later)
                found.append(Length(shift + two.slots, one.paid_slots + two.paid_slots, breaks))
    return found


def lengths_of(contract: Contract, slot_min: int) -> tuple[Length, ...]:
    """All lengths of a contract that a day's hours allow, ascending, split shifts after whole ones."""
    low, high = contract.shift_h.min, contract.shift_h.max
    whole = [length_of(contract, m, slot_min) for m in _minutes((low, high), contract.shift_step_min)]
    found = [n for n in whole if n is not None] + _split_lengths(contract, slot_min)
    if contract.day_h is not None:
        found = [n for n in found if n.paid_slots * slot_min <= contract.day_h * 60]
    return tuple(found)
