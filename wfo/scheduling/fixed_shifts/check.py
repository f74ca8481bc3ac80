"""What a plan of a fixed-shift team breaks and what it costs, read from the team as it is stated.

It shares no code with the solver.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from wfo.scheduling.fixed_shifts.problem import FixedShiftProblem, Person

Rota = Mapping[str, Mapping[int, str]]
"""Shift type by day for each person; days not named are off."""


@dataclass(frozen=True)
class Breach:
    """A rule that a plan breaks.

    Attributes
    ----------
    rule, person : str
    message : str
        What was found and what is allowed.
    """

    rule: str
    person: str
    message: str


def penalty(team: FixedShiftProblem, rota: Rota) -> int:
    """Cost of wishes not met and of cover missed or exceeded."""
    total = 0
    for wish in team.wishes:
        if (rota.get(wish.person, {}).get(wish.day) == wish.shift) != wish.wanted:
            total += wish.weight
    for row in team.cover:
        there = sum(days.get(row.day) == row.shift for days in rota.values())
        total += row.under * max(0, row.needed - there) + row.over * max(0, there - row.needed)
    return total


def breaches(team: FixedShiftProblem, rota: Rota) -> list[Breach]:
    """Every rule that a plan breaks; empty: none.

    Examples
    --------
    >>> from wfo.scheduling.fixed_shifts.problem import Cover, ShiftType
    >>> late, early = ShiftType("late", 480, bars=("early",)), ShiftType("early", 480)
    >>> team = FixedShiftProblem(2, (late, early), (Person("Ann", (0, 960)),), (Cover(0, "late", 1, 9),))
    >>> [b.message for b in breaches(team, {"Ann": {0: "late", 1: "early"}})]
    ["day 1: 'early' after 'late'; after 'late' no early"]
    """
    persons = {p.name for p in team.persons}
    found = [Breach("person", name, "not in the team") for name in rota if name not in persons]
    for person in team.persons:
        own = rota.get(person.name, {})
        found += [Breach(rule, person.name, text) for rule, text in _of_person(team, person, own)]
    return found


def _of_person(team: FixedShiftProblem, person: Person, own: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    types = {t.name: t for t in team.shift_types}
    for day, name in sorted(own.items()):
        if not 0 <= day < team.days or name not in types:
            yield "known", f"day {day}: '{name}' is no shift of the horizon"
            return
    for day in sorted(set(own) & person.off):
        yield "day off", f"day {day}: works '{own[day]}' on a day off"
    for day, allowed in sorted(person.may.items()):
        if own.get(day, "") not in allowed:
            names = ", ".join(sorted(name or "free" for name in allowed)) or "nothing"
            yield "day", f"day {day}: '{own.get(day) or 'free'}'; allowed is {names}"
    yield from _successions(team, person, own)
    for name, most in person.max_shifts.items():
        n = list(own.values()).count(name)
        if n > most:
            yield "most shifts", f"{n} shifts of '{name}'; at most {most}"
    worked = sum(types[name].minutes for name in own.values())
    if not person.minutes[0] <= worked <= person.minutes[1]:
        yield "minutes", f"{worked} minutes; from {person.minutes[0]} to {person.minutes[1]}"
    weekends = {(day + team.first_weekday) // 7 for day in own if (day + team.first_weekday) % 7 in (5, 6)}
    if person.max_weekends is not None and len(weekends) > person.max_weekends:
        yield "weekends", f"{len(weekends)} weekends with work; at most {person.max_weekends}"
    yield from _rows(team, person, own)


def _successions(
    team: FixedShiftProblem, person: Person, own: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    types = {t.name: t for t in team.shift_types}
    shifts = dict(own)
    if person.before is not None and person.before.days_on:
        shifts[-1] = person.before.shift
    for day in range(team.days):
        if day in shifts and day - 1 in shifts and shifts[day] in types[shifts[day - 1]].bars:
            earlier = shifts[day - 1]
            barred = ", ".join(types[earlier].bars)
            yield "succession", f"day {day}: '{shifts[day]}' after '{earlier}'; after '{earlier}' no {barred}"


def _rows(team: FixedShiftProblem, person: Person, own: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """Days on and off in a row; the first row goes on from the days before."""
    before, (least, most) = person.before, person.days_on
    rows = [(work, len(list(days))) for work, days in groupby(range(team.days), key=lambda d: d in own)]
    day = 0
    for n, (work, length) in enumerate(rows):
        first, last = day, n == len(rows) - 1
        day += length
        excused = last
        if n == 0 and before is None:
            excused = True
        elif n == 0 and before is not None:
            if bool(before.days_on) == work:
                length += before.days_on + before.days_off
            elif 0 < before.days_on < least:
                yield "days on", f"{before.days_on} days on before day 0; at least {least}"
            elif 0 < before.days_off < person.min_days_off:
                yield "days off", f"{before.days_off} days off before day 0; at least {person.min_days_off}"
        if work and length > most:
            yield "days on", f"{length} days on in a row from day {first}; at most {most}"
        if work and length < least and not excused:
            yield "days on", f"{length} days on in a row from day {first}; at least {least}"
        if not work and length < person.min_days_off and not excused:
            yield "days off", f"{length} days off in a row from day {first}; at least {person.min_days_off}"
