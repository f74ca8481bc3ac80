"""Persons to the arrays of a problem: allowed shifts and their money, automata of days, hours."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfo.scheduling.agent_limits import both_rules, limits_of
from wfo.scheduling.agent_money import hour_prices, on_day, shift_values
from wfo.scheduling.day_rules import PATTERNS, DayRules, Past, diagram, legal_patterns, safe_patterns
from wfo.scheduling.past import past_of, week_choices
from wfo.scheduling.people import WeekAgent
from wfo.scheduling.problem import FORBIDDEN, People, Shifts
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_lengths import length_of
from wfo.scheduling.shift_money import shift_money
from wfo.scheduling.shifts import Kind, kind_of, local_min, pack


@dataclass(frozen=True)
class _Week:
    """The planning week on the slot grid."""

    days: tuple[dt.date, ...]
    start_min: int
    slot_min: int
    slots: int


def build_people(
    persons: Sequence[WeekAgent],
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
        must[a] = [any(on_day(span[0], day, person.zone) for span in person.locked) for day in days]
        own = shift_values(person, kinds[u], money[u], must[a], settings)
        base[a, :, : own.shape[1], : own.shape[2]] = own
    off_row, off = _meetings(persons, week, slots + 2 * int(shifts.length.max(initial=1)))
    plan, step = _plans(persons, kinds, kind_ids, must)
    choices = [week_choices(person, days[0]) for person in persons]
    choice = np.zeros((size, max([1] + [len(c) for c in choices])), np.int64)
    for a, own_choices in enumerate(choices):
        choice[a, : len(own_choices)] = own_choices
    limits = [limits_of(p, kinds[u], start_min, settings) for p, u in zip(persons, kind_ids, strict=True)]
    columns = np.array(limits).reshape(size, 10).astype(np.int64)
    prices = [hour_prices(p, kinds[u], slot_min, settings) for p, u in zip(persons, kind_ids, strict=True)]
    over, under = np.array(prices, float).reshape(size, 2).T.copy()
    people = People(
        np.array([class_of[p.agent_id] for p in persons], np.int64), np.array(kind_ids, np.int64), base, must,
        off_row, off, step, plan, choice, over, under, *(columns[:, n].copy() for n in range(10)),
    )  # fmt: skip
    return people, shifts, kinds


def _kinds(persons: Sequence[WeekAgent], week: _Week) -> tuple[list[Kind], list[int]]:
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


def _locked_kind(person: WeekAgent, week: _Week) -> Kind:
    """The contract's templates with the agent's fixed shifts among them."""
    usual = kind_of(person.contract, person.zone, week.days, week.start_min, week.slot_min)
    starts = [dict(zip(s, c, strict=True)) for s, c in zip(usual.starts, usual.clocks, strict=True)]
    lengths = list(usual.lengths)
    for begin, end in person.locked:
        for d, day in enumerate(week.days):
            if on_day(begin, day, person.zone):
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


def _meetings(persons: Sequence[WeekAgent], week: _Week, horizon: int) -> tuple[np.ndarray, np.ndarray]:
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
    persons: Sequence[WeekAgent], kinds: list[Kind], kind_ids: list[int], must: np.ndarray
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
        now, usual = both_rules(person, kind)
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
