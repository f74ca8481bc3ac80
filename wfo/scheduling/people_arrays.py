"""Persons to the arrays of a problem: allowed shifts and their money, automata of days, hours."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from wfo.scheduling.day_rules import PATTERNS, DayRules, Past, diagram, legal_patterns, safe_patterns
from wfo.scheduling.leave import usual_hours
from wfo.scheduling.past import (
    contract_days,
    day_rules,
    days_for_hours,
    last_type,
    paid_hours,
    past_of,
    week_choices,
)
from wfo.scheduling.people import Person
from wfo.scheduling.problem import FORBIDDEN, People, Shifts
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_lengths import length_of
from wfo.scheduling.shift_money import KindMoney, shift_money
from wfo.scheduling.shifts import Kind, kind_of, local_min, pack

_ANY_SPREAD = 1 << 30


@dataclass(frozen=True)
class _Week:
    """The planning week on the slot grid."""

    days: tuple[dt.date, ...]
    start_min: int
    slot_min: int
    slots: int


def build_people(
    persons: Sequence[Person],
    class_of: dict[str, int],
    days: tuple[dt.date, ...],
    start_min: int,
    slot_min: int,
    slots: int,
    settings: ScheduleSettings,
) -> tuple[People, Shifts, list[Kind]]:
    """Arrays of agents and of their shift templates."""
    week = _Week(days, start_min, slot_min, slots)
    kinds, kind_ids = _kinds(persons, week)
    shifts = pack(kinds)
    money = [shift_money(kind, week.start_min, settings) for kind in kinds]
    size = len(persons)
    base = np.full((size, *shifts.start.shape[1:], shifts.length.shape[1]), FORBIDDEN)
    must = np.zeros((size, 7), bool)
    for a, person in enumerate(persons):
        u = kind_ids[a]
        must[a] = [any(_on_day(span[0], day, person.zone) for span in person.locked) for day in days]
        own = _values(person, kinds[u], money[u], must[a], settings)
        base[a, :, : own.shape[1], : own.shape[2]] = own
    off_row, off = _meetings(persons, week, slots + 2 * int(shifts.length.max(initial=1)))
    plan, step = _plans(persons, kinds, kind_ids, must)
    choices = [week_choices(person, days[0]) for person in persons]
    choice = np.zeros((size, max([1] + [len(c) for c in choices])), np.int64)
    for a, own_choices in enumerate(choices):
        choice[a, : len(own_choices)] = own_choices
    limits = [_limits(p, kinds[u], week, settings) for p, u in zip(persons, kind_ids, strict=True)]
    columns = np.array(limits).reshape(size, 10).astype(np.int64)
    prices = [_hour_prices(p, kinds[u], slot_min, settings) for p, u in zip(persons, kind_ids, strict=True)]
    over, under = np.array(prices, float).reshape(size, 2).T.copy()
    people = People(
        np.array([class_of[p.agent_id] for p in persons], np.int64), np.array(kind_ids, np.int64), base, must,
        off_row, off, step, plan, choice, over, under, *(columns[:, n].copy() for n in range(10)),
    )  # fmt: skip
    return people, shifts, kinds


def _kinds(persons: Sequence[Person], week: _Week) -> tuple[list[Kind], list[int]]:
    """Templates of each contract and site, of their own where shifts are locked; whose they are."""
    kinds: list[Kind] = []
    known: dict[tuple[str, str], int] = {}
    found = []
    for person in persons:
        key = (person.contract_id, person.zone)
        if person.locked:
            kinds.append(_locked_kind(person, week))
            found.append(len(kinds) - 1)
            continue
        if key not in known:
            known[key] = len(kinds)
            kinds.append(kind_of(person.contract, person.zone, week.days, week.start_min, week.slot_min))
        found.append(known[key])
    return kinds, found


def _locked_kind(person: Person, week: _Week) -> Kind:
    """The contract's templates with the agent's fixed shifts among them."""
    usual = kind_of(person.contract, person.zone, week.days, week.start_min, week.slot_min)
    starts = [dict(zip(s, c, strict=True)) for s, c in zip(usual.starts, usual.clocks, strict=True)]
    lengths = list(usual.lengths)
    for begin, end in person.locked:
        for d, day in enumerate(week.days):
            if _on_day(begin, day, person.zone):
                slot, clock = (
                    (begin - week.start_min) // week.slot_min,
                    begin - local_min(day, 0, person.zone),
                )
                starts[d].setdefault(slot, clock)
                made = length_of(person.contract, end - begin, week.slot_min, regular=False)
                if made is not None and made.slots not in {n.slots for n in lengths}:
                    lengths.append(made)
    ordered = [dict(sorted(s.items())) for s in starts]
    return Kind(
        usual.contract, usual.days, tuple(tuple(s) for s in ordered),
        tuple(tuple(s.values()) for s in ordered), tuple(lengths), usual.slot_min,
    )  # fmt: skip


def _on_day(minute: int, day: dt.date, zone: str) -> bool:
    return dt.datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).date() == day


def _values(
    person: Person, kind: Kind, money: KindMoney, must: np.ndarray, settings: ScheduleSettings
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


def _locked(person: Person, kind: Kind, money: KindMoney, must: np.ndarray) -> np.ndarray:
    """The shifts that locked days must have: the one that is fixed, if no absence forbids it."""
    found = np.zeros(money.end.shape, bool)
    for d, day in enumerate(kind.days):
        fixed = [span for span in person.locked if _on_day(span[0], day, person.zone)]
        if must[d] and len(set(fixed)) == 1:
            begin, end = fixed[0]
            free = not any(a < end and begin < b for a, b in person.blocked)
            found[d] = (money.begin[d] == begin) & (money.end[d] == end) & free
    return found


def _number(kind: Kind, name: str) -> int:
    """Number of a kind of shift; -2 where the contract has no such kind."""
    names = list(kind.contract.shift_types)
    return names.index(name) + 1 if name in names else -2


def _seniority(person: Person, settings: ScheduleSettings) -> float:
    """Factor on the weight of an agent's wishes."""
    return 1.0 + settings.seniority_share * min(person.tenure_years, settings.seniority_years)


def _kept(person: Person, kind: Kind, money: KindMoney) -> np.ndarray:
    """1 where a shift is the published one, -1 on days published as free; shape (7, I, L)."""
    kept = np.zeros(money.end.shape)
    planned = person.planned or {}
    for d, day in enumerate(kind.days):
        if day in planned:
            kept[d] = (money.begin[d] == planned[day][0]) & (money.end[d] == planned[day][1])
        else:
            kept[d] = -1.0
    return kept


def _paid_by_hour(person: Person) -> bool:
    """Whether paid hours are a decision, so that each costs its wage."""
    return person.contract.week_h.min < person.contract.week_h.max


def _hour_prices(
    person: Person, kind: Kind, slot_min: int, settings: ScheduleSettings
) -> tuple[float, float]:
    """Money for a paid unit of overtime, and saved with one of voluntary time off."""
    contract = person.contract
    unit = settings.price_paid_hour * person.cost_per_h * kind.unit * slot_min / 60
    sunk = 0.0 if _paid_by_hour(person) else unit
    over = sunk + unit * contract.overtime.premium if contract.overtime else 0.0
    return over, sunk if contract.voluntary_time_off_h else 0.0


def _meetings(persons: Sequence[Person], week: _Week, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Row of each agent's fixed activities, or -1; and the rows."""
    off_row = np.full(len(persons), -1, np.int64)
    rows: list[np.ndarray] = []
    for a, person in enumerate(persons):
        if person.busy:
            row = np.zeros(horizon, bool)
            for begin, end, _, _ in person.busy:
                first = (begin - week.start_min) // week.slot_min
                row[max(0, first) : max(0, -((week.start_min - end) // week.slot_min))] = True
            off_row[a] = len(rows)
            rows.append(row)
    return off_row, np.array(rows, bool).reshape(len(rows), horizon)


def _plans(
    persons: Sequence[Person], kinds: list[Kind], kind_ids: list[int], must: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Automata of each agent, the safe one first; and all of them, shape (G, 7, S, 2)."""
    rows: dict[bytes, int] = {}
    tables: list[np.ndarray] = []
    known: dict[tuple[DayRules, DayRules, Past, int, bytes], tuple[int, int]] = {}
    plan = np.full((len(persons), 2), -1, np.int64)

    def number(legal: np.ndarray) -> int:
        if not legal.any():
            return -1
        if legal.tobytes() not in rows:
            rows[legal.tobytes()] = len(tables)
            tables.append(diagram(legal))
        return rows[legal.tobytes()]

    for a, person in enumerate(persons):
        kind = kinds[kind_ids[a]]
        now, usual = _both_rules(person, kind)
        past = past_of(person, now, kind.days[0])
        leave = sum(1 << d for d in person.leave)
        key = (now, usual, past, leave, must[a].tobytes())
        if key not in known:
            legal = legal_patterns(now, past, leave) & (PATTERNS | ~must[a]).all(axis=1)
            safe = legal & safe_patterns(usual, past)
            first, second = number(safe), number(legal)
            known[key] = (first, second if second != first else -1)
        plan[a] = known[key]
    nodes = max([1] + [len(t[0]) for t in tables])
    step = np.full((max(1, len(tables)), 7, nodes, 2), -1, np.int64)
    for n, table in enumerate(tables):
        step[n, :, : table.shape[1]] = table
    return plan, step


def _both_rules(person: Person, kind: Kind) -> tuple[DayRules, DayRules]:
    """Rules of whole days for this week, and for the weeks to come."""
    hour = 60 / kind.slot_min
    lengths = [n.paid_slots / hour for n in kind.lengths]
    low, high = paid_hours(person, kind.days[0])
    least, most = (getattr(person.contract.days, side) - person.days_off for side in ("min", "max"))
    counts = days_for_hours(low, high, lengths, max(0.0, least), max(0.0, most))
    regular = [n.paid_slots / hour for n in kind.lengths if n.regular]
    ordinary = contract_days(person.contract, regular)
    return day_rules(person, kind, counts), day_rules(person, kind, ordinary)


def _limits(person: Person, kind: Kind, week: _Week, settings: ScheduleSettings) -> tuple[int, ...]:
    """paid_lo … last_type of `People`, in order."""
    contract, unit = person.contract, kind.unit * week.slot_min / 60
    low, high = paid_hours(person, week.days[0])
    usual_low, usual_high = usual_hours(contract, person.days_off)
    least = max(0, int(np.ceil(contract.days.min)) - person.days_off)
    most = max(0, int(contract.days.max) - person.days_off)
    rest = int(np.ceil(contract.rest_h * 60 / week.slot_min))
    ready = max(0, -((week.start_min - person.free_from) // week.slot_min)) if person.before else 0
    spread = settings.start_variance_min
    if contract.start.variance_min is not None:
        spread = min(spread, contract.start.variance_min)
    return (
        _up(low / unit), max(-1, _down(high / unit)), _up(usual_low / unit), _down(usual_high / unit),
        least, min(most, 7), rest, ready, _ANY_SPREAD if person.locked else spread,
        last_type(person, week.days[0]),
    )  # fmt: skip


def _up(value: float) -> int:
    return int(np.ceil(value - 1e-9))


def _down(value: float) -> int:
    return int(np.floor(value + 1e-9))
