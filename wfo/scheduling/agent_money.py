"""What each shift is worth to the plan beside coverage, and what hours cost, for one agent."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np

from wfo.scheduling.people import WeekAgent
from wfo.scheduling.problem import FORBIDDEN
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_money import KindMoney
from wfo.scheduling.shifts import Kind


def on_day(minute: int, day: dt.date, zone: str) -> bool:
    """Whether a minute since the epoch is on a local day."""
    return dt.datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).date() == day


def shift_values(
    person: WeekAgent, kind: Kind, money: KindMoney, must: np.ndarray, settings: ScheduleSettings
) -> np.ndarray:
    """Value of each shift apart from coverage, `FORBIDDEN` where a rule forbids it; shape (7, I, L)."""
    wage = settings.price_paid_hour * person.cost_per_h
    hours = money.paid_h if _paid_by_hour(person) else 0.0
    value = -wage * (hours + money.premium_h) - settings.price_unfair * person.beyond_h * money.unpopular_h
    legal = money.regular & ~must[:, None, None]
    for date, low, high, name, weight in person.wishes:
        if date in kind.days:
            d = kind.days.index(date)
            inside = (money.clock[d] >= low) & (money.clock[d] <= high)
            met = inside[:, None] & (money.types[d] == _number(kind, name) if name else True)
            value[d] += weight * settings.price_wish * _seniority(person, settings) * met
    if person.planned is not None and settings.price_change > 0.0:
        value += settings.price_change * _kept(person, kind, money)
    for begin, end in person.blocked:
        legal &= ~((begin < money.end) & (money.begin < end))
    if person.allowed:
        inside = np.zeros(legal.shape, bool)
        for begin, end in person.allowed:
            inside |= (begin <= money.begin) & (money.end <= end)
        legal &= inside
    for begin, end, _, _ in person.busy:
        part = (begin < money.end) & (money.begin < end)
        legal &= ~part | ((money.begin <= begin) & (end <= money.end))
    return np.where(legal | _locked(person, kind, money, must), value, FORBIDDEN)


def _locked(person: WeekAgent, kind: Kind, money: KindMoney, must: np.ndarray) -> np.ndarray:
    """The shifts that locked days must have: the one that is fixed, if no absence forbids it."""
    found = np.zeros(money.end.shape, bool)
    for d, day in enumerate(kind.days):
        fixed = [span for span in person.locked if on_day(span[0], day, person.zone)]
        if must[d] and len(set(fixed)) == 1:
            begin, end = fixed[0]
            free = not any(a < end and begin < b for a, b in person.blocked)
            found[d] = (money.begin[d] == begin) & (money.end[d] == end) & free
    return found


def _number(kind: Kind, name: str) -> int:
    """Number of a kind of shift; -2 where the contract has no such kind."""
    names = list(kind.contract.shift_types)
    return names.index(name) + 1 if name in names else -2


def _seniority(person: WeekAgent, settings: ScheduleSettings) -> float:
    """Factor on the weight of an agent's wishes."""
    return 1.0 + settings.seniority_share * min(person.tenure_years, settings.seniority_years)


def _kept(person: WeekAgent, kind: Kind, money: KindMoney) -> np.ndarray:
    """1 where a shift is the published one, -1 on days published as free; shape (7, I, L)."""
    kept = np.zeros(money.end.shape)
    planned = person.planned or {}
    for d, day in enumerate(kind.days):
        if day in planned:
            kept[d] = (money.begin[d] == planned[day][0]) & (money.end[d] == planned[day][1])
        else:
            kept[d] = -1.0
    return kept


def _paid_by_hour(person: WeekAgent) -> bool:
    """Whether paid hours are a decision, so that each costs its wage."""
    return person.contract.week_h.min < person.contract.week_h.max


def hour_prices(
    person: WeekAgent, kind: Kind, slot_min: int, settings: ScheduleSettings
) -> tuple[float, float]:
    """Money for a paid unit of overtime, and saved with one of voluntary time off."""
    contract = person.contract
    unit = settings.price_paid_hour * person.cost_per_h * kind.unit * slot_min / 60
    sunk = 0.0 if _paid_by_hour(person) else unit
    over = sunk + unit * contract.overtime.premium if contract.overtime else 0.0
    return over, sunk if contract.voluntary_time_off_h else 0.0
