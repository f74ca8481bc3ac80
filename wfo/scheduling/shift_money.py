"""Money and hours of a kind's shifts that are the same for all agents who have it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from wfo.domain.hours import DAY_MIN, parse_hours
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shifts import Kind


@dataclass(frozen=True)
class KindMoney:
    """Arrays by day, start and length, shape (7, I, L) unless said else.

    Attributes
    ----------
    begin, end : int64
        Minutes since the epoch; `begin` has shape (7, I, 1).
    clock : int64, shape (7, I)
        Local start minute.
    types : int64
        Kind of shift; -1: of none though the contract names some.
    regular : bool
        Shifts that the contract allows.
    paid_h, premium_h, unpopular_h : float64
        Paid hours, hours' worth of premiums, hours in unpopular time.
    """

    begin: np.ndarray
    end: np.ndarray
    clock: np.ndarray
    types: np.ndarray
    regular: np.ndarray
    paid_h: np.ndarray
    premium_h: np.ndarray
    unpopular_h: np.ndarray


def shift_money(kind: Kind, start_min: int, settings: ScheduleSettings) -> KindMoney:
    """What a kind's shifts cost in hours, apart from who works them."""
    most = max((len(s) for s in kind.starts), default=0)
    start, clock = np.full((2, 7, most), -1, np.int64)
    for d, slots in enumerate(kind.starts):
        start[d, : len(slots)], clock[d, : len(slots)] = slots, kind.clocks[d]
    length = np.array([n.slots for n in kind.lengths], np.int64) * kind.slot_min
    paid = np.array([n.paid_slots for n in kind.lengths], float) * kind.slot_min
    begin = start_min + start[:, :, None] * kind.slot_min
    types = kind.types()
    regular = (np.isin(clock, _window(kind)) & (start >= 0))[:, :, None] & (types >= 0)
    regular &= np.array([n.regular for n in kind.lengths], bool)
    local = clock[:, :, None] + DAY_MIN * np.array([day.weekday() for day in kind.days])[:, None, None]
    premium = np.zeros(types.shape)
    for rule in kind.contract.premiums.values():
        # Unpaid breaks lie anywhere: premium hours are paid as the shift's hours are in the mean.
        premium += rule.share * minutes_inside(local, length, rule.hours) / 60 * paid / np.maximum(1, length)
    return KindMoney(
        begin, begin + length, clock, types, regular, np.broadcast_to(paid / 60, types.shape), premium,
        minutes_inside(local, length, settings.unpopular) / 60,
    )  # fmt: skip


def _window(kind: Kind) -> list[int]:
    """Local minutes at which the contract's shifts may start."""
    earliest, latest = kind.contract.start.minutes
    return [minute % DAY_MIN for minute in range(earliest, latest + 1, kind.contract.start.step_min)]


def minutes_inside(begin: np.ndarray, length: np.ndarray, hours: Iterable[str]) -> np.ndarray:
    """Minutes of spans that lie in weekly hours.

    Parameters
    ----------
    begin, length : ndarray
        Local minutes from a Monday's midnight, and minutes; broadcast together.
    hours : iterable of str
        Lines such as ``Sat-Sun 00:00-24:00``.
    """
    windows = [
        (day * DAY_MIN + a, day * DAY_MIN + b) for day, own in parse_hours(hours).items() for a, b in own
    ]
    first, last = np.broadcast_arrays(begin, begin + length)
    total = np.zeros(last.shape)
    for week in (-1, 0, 1):
        for a, b in windows:
            low, high = a + week * 7 * DAY_MIN, b + week * 7 * DAY_MIN
            total += np.maximum(0, np.minimum(last, high) - np.maximum(first, low))
    return total
