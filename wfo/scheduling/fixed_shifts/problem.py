"""A fixed-shift team: shift types, persons with their rules, wishes, and cover by day and shift type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wfo.errors import InputError
from wfo.errors import Problem as Wrong

FREE = ""
"""No shift, where the types a day allows are named."""


@dataclass(frozen=True)
class ShiftType:
    """A shift that is worked as it is.

    Attributes
    ----------
    name : str
    minutes : int
        Length that counts.
    bars : tuple of str
        Types that may not follow on the next day.
    """

    name: str
    minutes: int
    bars: tuple[str, ...] = ()


@dataclass(frozen=True)
class Before:
    """How a person comes out of the period before.

    Attributes
    ----------
    days_on, days_off : int
        Days worked, or free, in a row until the first day; one of them is 0.
    shift : str
        Type of the last shift, where `days_on` > 0.
    """

    days_on: int = 0
    days_off: int = 0
    shift: str = ""


@dataclass(frozen=True)
class Person:
    """Rules of one person over the horizon.

    Attributes
    ----------
    name : str
    minutes : tuple of int
        Least and most minutes of all shifts.
    days_on : tuple of int
        Fewest and most days worked in a row. A row that the end of the horizon cuts may be shorter.
    min_days_off : int
        Fewest days off in a row. Days off that the end of the horizon cuts may be fewer.
    max_weekends : int, optional
        Most weekends with work; empty: no rule.
    max_shifts : mapping of str to int
        Most shifts of a type; 0: cannot work it; a type not named: no limit.
    off : frozenset of int
        Days away.
    before : Before, optional
        Empty: the days before count as off, as many as wished, and a row that begins on the first day may
        be as short as wished.
    may : mapping of int to frozenset of str
        Days on which only some types may be worked; without `FREE` among them one must be. A day not named:
        any, or free.
    """

    name: str
    minutes: tuple[int, int]
    days_on: tuple[int, int] = (1, 7)
    min_days_off: int = 1
    max_weekends: int | None = None
    max_shifts: Mapping[str, int] = field(default_factory=dict)
    off: frozenset[int] = frozenset()
    before: Before | None = None
    may: Mapping[int, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """A shift that a person wants (`wanted`) or does not want, and what it costs when that is not met."""

    person: str
    day: int
    shift: str
    weight: int
    wanted: bool = True


@dataclass(frozen=True)
class Cover:
    """Persons needed on a day in a shift type, and what one too few or too many costs."""

    day: int
    shift: str
    needed: int
    under: int
    over: int = 0


@dataclass(frozen=True)
class FixedShiftProblem:
    """Who works which shift on which day.

    Attributes
    ----------
    days : int
        Length of the horizon.
    shift_types : tuple of ShiftType
    persons : tuple of Person
    cover : tuple of Cover
        A day and type that is not named costs nothing either way.
    wishes : tuple of Wish
    first_weekday : int
        Of day 0; 0 is Monday. Saturday and Sunday make a weekend.

    Raises
    ------
    InputError
        If names are unknown or repeated, days lie outside, or a figure is negative or out of order.
    """

    days: int
    shift_types: tuple[ShiftType, ...]
    persons: tuple[Person, ...]
    cover: tuple[Cover, ...]
    wishes: tuple[Wish, ...] = ()
    first_weekday: int = 0

    def __post_init__(self) -> None:
        wrong = [Wrong(where, message) for where, message in self._wrong()]
        if wrong:
            raise InputError(wrong)

    def _wrong(self) -> Iterator[tuple[str, str]]:
        if not 1 <= self.days <= 1000:
            yield "days", f"found {self.days}; a horizon has 1 to 1000 days"
        if not 0 <= self.first_weekday <= 6:
            yield "first_weekday", f"found {self.first_weekday}; 0 is Monday, 6 Sunday"
        for what, names in (
            ("shift type", [t.name for t in self.shift_types]),
            ("person", [p.name for p in self.persons]),
        ):
            if not names:
                yield f"{what}s", f"found none; name at least one {what}"
            for name in sorted({n for n in names if names.count(n) > 1}):
                yield f"{what} '{name}'", f"found {names.count(name)} of that name; give each its own"
        for shift in self.shift_types:
            if shift.minutes <= 0:
                yield f"shift type '{shift.name}'", f"found {shift.minutes} minutes; a length is above 0"
            yield from self._known(f"shift type '{shift.name}'", shift.bars)
        for person in self.persons:
            yield from self._wrong_person(person)
        yield from self._wrong_demand()

    def _known(self, where: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        known = {t.name for t in self.shift_types}
        for name in names:
            if name not in known:
                yield where, f"found shift type '{name}'; there are {', '.join(sorted(known))}"

    def _wrong_person(self, person: Person) -> Iterator[tuple[str, str]]:
        where = f"person '{person.name}'"
        yield from self._known(where, tuple(person.max_shifts))
        for what, (low, high) in (("minutes", person.minutes), ("days_on", person.days_on)):
            if not 0 <= low <= high:
                yield (
                    where,
                    f"found {what} from {low} to {high}; the least is 0 or more and not above the most",
                )
        if person.days_on[1] < 1 or person.min_days_off < 1:
            yield where, "found rows of 0 days; at least one day on and one day off in a row must be allowed"
        if any(n < 0 for n in person.max_shifts.values()) or (person.max_weekends or 0) < 0:
            yield where, "found a negative limit; limits are 0 or more"
        for day in sorted(person.off):
            if not 0 <= day < self.days:
                yield where, f"found day {day} off; days are 0 to {self.days - 1}"
        for day, types in sorted(person.may.items()):
            yield from self._known(f"{where}, day {day}", tuple(sorted(types - {FREE})))
            if not 0 <= day < self.days:
                yield where, f"found what day {day} allows; days are 0 to {self.days - 1}"
        if person.before is not None:
            on, off = person.before.days_on, person.before.days_off
            if (on > 0) == (off > 0) or min(on, off) < 0:
                yield where, f"found {on} days on and {off} off before; one of them is 0 and the other above"
            if on > 0:
                yield from self._known(where, (person.before.shift,))

    def _wrong_demand(self) -> Iterator[tuple[str, str]]:
        persons, seen = {p.name for p in self.persons}, set[tuple[int, str]]()
        for row in self.cover:
            where = f"cover of day {row.day}, shift type '{row.shift}'"
            yield from self._known(where, (row.shift,))
            if not 0 <= row.day < self.days:
                yield where, f"found day {row.day}; days are 0 to {self.days - 1}"
            if min(row.needed, row.under, row.over) < 0:
                yield where, "found a negative number; needed, under and over are 0 or more"
            if (row.day, row.shift) in seen:
                yield where, "found twice; name each day and shift type once"
            seen.add((row.day, row.shift))
        for wish in self.wishes:
            where = f"wish of '{wish.person}' for day {wish.day}"
            yield from self._known(where, (wish.shift,))
            if wish.person not in persons:
                yield where, f"found person '{wish.person}'; there is none of that name"
            if not 0 <= wish.day < self.days:
                yield where, f"found day {wish.day}; days are 0 to {self.days - 1}"
            if wish.weight < 0:
                yield where, f"found weight {wish.weight}; weights are 0 or more"
