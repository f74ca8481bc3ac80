"""A fixed-shift team as its own solver reads it, made from the arrays of any planning week.

Absences, availability, locked shifts, wishes, wages, fairness and stability are in the value of each agent's
shifts already. Rules that the solver does not know are left out here, so that its bound holds; `team_weeks`
gives who breaks one a week anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wfo.errors import InputError, Problem
from wfo.scheduling.fixed_shifts.problem import (
    FREE,
    Before,
    Cover,
    FixedShiftProblem,
    Person,
    ShiftType,
    Wish,
)
from wfo.scheduling.past import day_rules, last_type, past_of
from wfo.scheduling.people import WeekAgent
from wfo.scheduling.problem import FORBIDDEN, WeekProblem
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_cover_settings import wanted
from wfo.scheduling.shifts import Kind, type_of

CENT = 100
"""Units of the solver's whole-numbered weights in one unit of money."""
_DAY_MIN = 1440
_BEFORE = "(before)"


@dataclass(frozen=True)
class Team:
    """The team's problem, and what its words are in the week's arrays.

    Attributes
    ----------
    problem : FixedShiftProblem
        Persons are `agents` in order, named by their ids; weights are in hundredths of money.
    agents : int64, shape (P,)
        Numbers in the week's arrays.
    names : tuple of str
        Kinds of shift, in the order of the contracts.
    place : int64, shape (P, 7, S, 2)
        Indices of start and length of a kind of shift on a day; -1: nobody may work it.
    """

    problem: FixedShiftProblem
    agents: np.ndarray
    names: tuple[str, ...]
    place: np.ndarray


@dataclass(frozen=True)
class _Type:
    """A kind of shift of a contract: local start and end in minutes, paid minutes."""

    start: int
    end: int
    paid: int


def team_of(
    problem: WeekProblem, persons: Sequence[WeekAgent], kinds: Sequence[Kind], agents: np.ndarray,
    settings: ScheduleSettings,
) -> Team:  # fmt: skip
    """Read a team.

    Parameters
    ----------
    agents : int64
        Who has a legal week.

    Raises
    ------
    InputError
        If kinds of shift have no times of their own, differ between contracts, or a fixed shift is of none.
    """
    types = _types(kinds, problem.slot_min)
    names = tuple(types)
    place = np.stack([_places(problem, a, kinds, names) for a in agents])
    _refuse_odd_locks(problem, persons, agents, place, names)
    first = kinds[0].days[0]
    members = tuple(
        _member(problem, persons[a], kinds, int(a), types, place[n]) for n, a in enumerate(agents)
    )
    wishes = [
        wish
        for n, a in enumerate(agents)
        for wish in _wishes(problem, persons[a].agent_id, int(a), place[n], names)
    ]
    shifts = tuple(ShiftType(name, one.paid, _bars(name, types, kinds)) for name, one in types.items())
    if any(m.before and m.before.shift not in names for m in members):
        shifts = (*shifts, ShiftType(_BEFORE, shifts[0].minutes))
        members = tuple(replace(m, max_shifts={_BEFORE: 0}) for m in members)
    team = FixedShiftProblem(
        7, shifts, members, tuple(_cover(settings, names, first.weekday())), tuple(wishes),
        first.weekday(),
    )  # fmt: skip
    return Team(team, agents, names, place)


def _types(kinds: Sequence[Kind], slot_min: int) -> dict[str, _Type]:
    """Kinds of shift by name; each has one start, one length and one paid time, whoever works it."""
    found: dict[str, set[_Type]] = {}
    for kind in kinds:
        names, regular = list(kind.contract.shift_types), [n for n in kind.lengths if n.regular]
        for clock in sorted({c for day in kind.clocks for c in day}):
            for length in regular:
                y = type_of(kind.contract, clock, length.slots * slot_min)
                if y > 0:
                    own = _Type(clock, clock + length.slots * slot_min, length.paid_slots * slot_min)
                    found.setdefault(names[y - 1], set()).add(own)
    wrong = [
        Problem(
            f"contracts, shift_types.{name}",
            f"{len(own)} starts and lengths found ({_times(own)}); cover by kind of shift needs one: set "
            "'earliest' alone and one figure of 'hours', the same in all contracts of the team",
        )
        for name, own in found.items()
        if len(own) > 1
    ]
    if wrong or not found:
        raise InputError(wrong or "contracts: no shift_types; name kinds of shift for schedule.cover")
    return {name: next(iter(own)) for name, own in found.items()}


def _times(types: set[_Type]) -> str:
    def clock(minute: int) -> str:
        return f"{minute % _DAY_MIN // 60:02d}:{minute % 60:02d}"

    shown = [f"{clock(t.start)}–{clock(t.end)}" for t in sorted(types, key=lambda t: (t.start, t.end))]
    return ", ".join(dict.fromkeys(shown[:3])) + (" …" if len(shown) > 3 else "")


def _places(problem: WeekProblem, agent: int, kinds: Sequence[Kind], names: tuple[str, ...]) -> np.ndarray:
    """Indices of start and length by day and kind of shift, shape (7, S, 2), past rest of before."""
    kind, shifts = int(problem.people.kind[agent]), problem.shifts
    own = list(kinds[kind].contract.shift_types)
    found = np.full((7, len(names), 2), -1, np.int64)
    for d, i, k in zip(*np.nonzero(problem.people.base[agent] > FORBIDDEN / 2), strict=True):
        y = int(shifts.type_id[kind, d, i, k])
        if y > 0 and own[y - 1] in names and shifts.start[kind, d, i] >= problem.people.ready[agent]:
            found[d, names.index(own[y - 1])] = i, k
    return found


def _refuse_odd_locks(
    problem: WeekProblem,
    persons: Sequence[WeekAgent],
    agents: np.ndarray,
    place: np.ndarray,
    names: tuple[str, ...],
) -> None:
    wrong = [
        Problem(
            f"availability, agent '{persons[a].agent_id}'",
            f"the shift locked on day {d + 1} of the week is of no kind; lock one of {', '.join(names)}",
        )
        for n, a in enumerate(agents)
        for d in np.flatnonzero(problem.people.must[a] & (place[n, :, :, 0] < 0).all(axis=1)).tolist()
    ]
    if wrong:
        raise InputError(wrong)


def _member(
    problem: WeekProblem, person: WeekAgent, kinds: Sequence[Kind], agent: int, types: dict[str, _Type],
    place: np.ndarray,
) -> Person:  # fmt: skip
    """An agent's rules, as far as the solver knows them."""
    people, kind = problem.people, kinds[int(problem.people.kind[agent])]
    contract, names, unit = kind.contract, tuple(types), kind.unit * problem.slot_min
    low, high = int(people.usual_lo[agent]) * unit, int(people.usual_hi[agent]) * unit
    lengths = {types[name].paid for name in contract.shift_types if name in types}
    if len(lengths) == 1:
        minutes = lengths.pop()
        low = max(low, int(people.days_lo[agent]) * minutes)
        high = min(high, int(people.days_hi[agent]) * minutes)
    choice = int(np.bitwise_or.reduce(people.choice[agent]))
    turns = {name for y, name in enumerate(contract.shift_types) if (choice >> (y + 1)) & 1}
    last = int(people.last_type[agent])
    barred = set(contract.not_after.get(list(contract.shift_types)[last - 1], ())) if last else set()
    may = {}
    for d in range(7):
        there = {name for s, name in enumerate(names) if place[d, s, 0] >= 0}
        free = there & turns - (barred if d == 0 else set()) | {FREE}
        allowed = there if people.must[agent, d] else free
        if allowed != {*names, FREE}:
            may[d] = frozenset(allowed)
    return Person(
        person.agent_id, (low, max(low, high)), (contract.min_days_in_row, contract.max_days_in_row),
        contract.min_days_off_in_row, _weekends(person, kind), before=_before(person, kind), may=may,
    )  # fmt: skip


def _weekends(person: WeekAgent, kind: Kind) -> int | None:
    """Weekends that may have work in the week: 1 or 0; None where the solver's weekends are other ones."""
    rule, first = person.contract.weekends, kind.days[0]
    if rule is None or person.weekend != (5, 6) or first.weekday() != 0:
        return None
    worked = past_of(person, day_rules(person, kind, frozenset(range(8))), first).weekends
    return int(worked.bit_count() < rule.worked)


def _before(person: WeekAgent, kind: Kind) -> Before | None:
    """How the agent comes out of the published weeks; a last shift of no kind bars none by its name."""
    first = kind.days[0]
    past = past_of(person, day_rules(person, kind, frozenset(range(8))), first)
    if not person.before or not (past.on or past.off):
        return None
    last = last_type(person, first)
    shift = list(person.contract.shift_types)[last - 1] if last else _BEFORE
    return Before(past.on, 0, shift) if past.on else Before(0, past.off)


def _bars(name: str, types: dict[str, _Type], kinds: Sequence[Kind]) -> tuple[str, ...]:
    """Kinds that no contract of those who have both lets follow on the next day."""
    return tuple(other for other in types if _barred(name, other, types, kinds))


def _barred(name: str, other: str, types: dict[str, _Type], kinds: Sequence[Kind]) -> bool:
    contracts = [
        k.contract for k in kinds if name in k.contract.shift_types and other in k.contract.shift_types
    ]
    gap_h = (types[other].start + _DAY_MIN - types[name].end) / 60
    return all(other in c.not_after.get(name, ()) or gap_h < c.rest_h for c in contracts)


def _wishes(
    problem: WeekProblem, name: str, agent: int, place: np.ndarray, names: tuple[str, ...]
) -> Iterator[Wish]:
    """What each shift is worth to the agent and costs the centre, as weights."""
    for d in range(7):
        for s, shift in enumerate(names):
            i, k = place[d, s]
            weight = round(CENT * float(problem.people.base[agent, d, i, k])) if i >= 0 else 0
            if weight:
                yield Wish(name, d, shift, abs(weight), weight > 0)


def _cover(settings: ScheduleSettings, names: tuple[str, ...], weekday: int) -> Iterator[Cover]:
    """Cover of the week; on days that its rows do not name a covered kind of shift is one too many."""
    rows = wanted(settings.cover)
    dearest = {shift: max(r.price_over for (_, s), r in rows.items() if s == shift) for _, shift in rows}
    for day in range(7):
        for shift, over in dearest.items():
            row = rows.get(((weekday + day) % 7, shift))
            if shift not in names:
                continue
            if row is None:
                yield Cover(day, shift, 0, 0, round(CENT * over))
            else:
                yield Cover(day, shift, row.agents, round(CENT * row.price), round(CENT * row.price_over))
