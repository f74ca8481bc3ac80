"""Small fixed-shift teams, and all legal plans of a person by plain enumeration."""

from collections.abc import Iterator
from itertools import product

from wfo.scheduling.fixed_shifts.check import breaches, penalty
from wfo.scheduling.fixed_shifts.problem import (
    Cover,
    FixedShiftProblem,
    Person,
    ShiftType,
    Wish,
)

EARLY, LATE, NIGHT = (
    ShiftType("early", 480),
    ShiftType("late", 480, ("early",)),
    ShiftType("night", 600, ("early", "late")),
)


def team(
    persons: tuple[Person, ...], days: int = 7, needed: int = 1, wishes: tuple[Wish, ...] = ()
) -> FixedShiftProblem:
    """A team of early and late shifts with the same need every day."""
    cover = tuple(Cover(d, t, needed, 20, 1) for d in range(days) for t in ("early", "late"))
    return FixedShiftProblem(days, (EARLY, LATE), persons, cover, wishes)


def all_plans(one: FixedShiftProblem, person: Person) -> Iterator[dict[int, str]]:
    """Every legal plan of a person, the checker's word."""
    alone = FixedShiftProblem(
        one.days, one.shift_types, (person,), (), tuple(w for w in one.wishes if w.person == person.name),
        one.first_weekday,
    )  # fmt: skip
    for names in product(["", *(t.name for t in one.shift_types)], repeat=one.days):
        own = {d: name for d, name in enumerate(names) if name}
        if not breaches(alone, {person.name: own}):
            yield own


def least_penalty(one: FixedShiftProblem) -> int | None:
    """The least penalty of any legal plans; None: there are none."""
    choices = [list(all_plans(one, p)) for p in one.persons]
    names = [p.name for p in one.persons]
    costs = [penalty(one, dict(zip(names, plans, strict=True))) for plans in product(*choices)]
    return min(costs, default=None)
