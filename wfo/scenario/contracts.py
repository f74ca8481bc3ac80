"""Contracts that no week can satisfy, by arithmetic alone."""

import math

from wfo.domain.contract import Contract
from wfo.domain.hours import DAY_MIN

WEEK_DAYS = 7
_LONGEST_NIGHT_MIN = 12 * 60
"""A window of starts that passes midnight and is longer is taken for one the wrong way round."""


def contradictions(contract: Contract) -> list[tuple[str, str]]:
    """What makes a contract impossible, as field and message; empty where a legal week may exist."""
    earliest, latest = contract.start.minutes
    if latest - earliest > _LONGEST_NIGHT_MIN and latest > DAY_MIN:
        return [("start", f"shifts cannot start from {contract.start.earliest} to {contract.start.latest}")]
    if contract.days.min > WEEK_DAYS or contract.days.max < contract.days.min:
        return [("days", f"a week has {WEEK_DAYS} days, got at least {contract.days.min:g}")]
    most = min(math.floor(contract.days.max), _most_days(contract, latest - earliest))
    most_h = most * _paid_h(contract, contract.shift_h.max)
    least_h = contract.days.min * _least_paid_h(contract)
    found = []
    if most < contract.days.min:
        why = f"rest of {contract.rest_h:g} h and {contract.max_days_in_row} days in a row allow {most}"
        found.append(("days", f"at least {contract.days.min:g} days a week are asked for, but {why}"))
    if most_h < contract.week_h.min - 1e-9:
        why = f"{most} shifts of at most {contract.shift_h.max:g} h hold {most_h:g}"
        found.append(("week_h", f"at least {contract.week_h.min:g} paid hours are asked for, but {why}"))
    if least_h > contract.week_h.max + 1e-9:
        why = f"{contract.days.min:g} shifts of at least {contract.shift_h.min:g} h hold {least_h:g}"
        found.append(("week_h", f"at most {contract.week_h.max:g} paid hours are allowed, but {why}"))
    return found


def _most_days(contract: Contract, window_min: int) -> int:
    """Most days of a week that rest and days in a row can allow; never too few."""
    apart_h = contract.rest_h + contract.shift_h.min - window_min / 60
    gap = max(1, math.ceil(apart_h / 24 - 1e-9))
    in_row = contract.max_days_in_row
    return min(math.ceil(WEEK_DAYS / gap), WEEK_DAYS - WEEK_DAYS // (in_row + 1))


def _paid_h(contract: Contract, shift_h: float) -> float:
    """Paid hours of a shift: its length less unpaid breaks."""
    unpaid = 0.0
    for rest in contract.breaks.values():
        if not rest.paid and shift_h > rest.over_h:
            times = 1 if rest.per_h is None else int(shift_h // rest.per_h)
            unpaid += times * rest.minutes / 60
    return shift_h - unpaid


def _least_paid_h(contract: Contract) -> float:
    """Paid hours of the shift that is paid least; a longer one may be, where a break begins."""
    step = contract.shift_step_min / 60
    steps = int((contract.shift_h.max - contract.shift_h.min) / step + 1e-9)
    return min(_paid_h(contract, contract.shift_h.min + n * step) for n in range(steps + 1))
