"""What bounds one agent's week: rules of whole days, paid hours, days, rest and starts."""

import numpy as np

from wfo.scheduling.day_rules import DayRules
from wfo.scheduling.leave import usual_hours
from wfo.scheduling.past import contract_days, day_rules, days_for_hours, last_type, paid_hours
from wfo.scheduling.people import WeekAgent
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shifts import Kind

_ANY_SPREAD = 1 << 30


def both_rules(person: WeekAgent, kind: Kind) -> tuple[DayRules, DayRules]:
    """Rules of whole days for this week, and for the weeks to come."""
    hour = 60 / kind.slot_min
    lengths = [n.paid_slots / hour for n in kind.lengths]
    low, high = paid_hours(person, kind.days[0])
    least, most = (getattr(person.contract.days, side) - person.days_off for side in ("min", "max"))
    counts = days_for_hours(low, high, lengths, max(0.0, least), max(0.0, most))
    regular = [n.paid_slots / hour for n in kind.lengths if n.regular]
    ordinary = contract_days(person.contract, regular)
    return day_rules(person, kind, counts), day_rules(person, kind, ordinary)


def limits_of(person: WeekAgent, kind: Kind, start_min: int, settings: ScheduleSettings) -> tuple[int, ...]:
    """paid_lo … last_type of `People`, in order."""
    contract, unit = person.contract, kind.unit * kind.slot_min / 60
    low, high = paid_hours(person, kind.days[0])
    usual_low, usual_high = usual_hours(contract, person.days_off)
    least = max(0, int(np.ceil(contract.days.min)) - person.days_off)
    most = max(0, int(contract.days.max) - person.days_off)
    rest = int(np.ceil(contract.rest_h * 60 / kind.slot_min))
    ready = max(0, -((start_min - person.free_from) // kind.slot_min)) if person.before else 0
    spread = settings.start_variance_min
    if contract.start.variance_min is not None:
        spread = min(spread, contract.start.variance_min)
    return (
        _up(low / unit), max(-1, _down(high / unit)), _up(usual_low / unit), _down(usual_high / unit),
        least, min(most, 7), rest, ready, _ANY_SPREAD if person.locked else spread,
        last_type(person, kind.days[0]),
    )  # fmt: skip


def _up(value: float) -> int:
    return int(np.ceil(value - 1e-9))


def _down(value: float) -> int:
    return int(np.floor(value + 1e-9))
