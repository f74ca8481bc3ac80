"""Why a person has no legal plan: an irreducible set of rules that exclude each other."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from wfo.scheduling.fixed_shifts.arrays import to_arrays
from wfo.scheduling.fixed_shifts.pricer import Pricer
from wfo.scheduling.fixed_shifts.problem import FixedShiftProblem, Person


def conflict(team: FixedShiftProblem, person: int) -> tuple[str, ...]:
    """Rules of a person that no plan keeps together, each needed for that.

    Parameters
    ----------
    team : FixedShiftProblem
    person : int
        Number of one who has no legal plan.

    Returns
    -------
    tuple of str
        Empty: what is left without any of them still allows no plan (barred successions, say).
    """
    now, kept = team.persons[person], []
    for rule, without in _rules(now, team.days):
        bent = without(now)
        if _has_plan(team, bent):
            kept.append(rule)
        else:
            now = bent
    return tuple(kept)


def _rules(person: Person, days: int) -> Iterator[tuple[str, Callable[[Person], Person]]]:
    """The rules a person has, and how the person is without each."""
    (least, most), (low, high) = person.days_on, person.minutes
    if person.before is not None:
        yield "the days before the horizon", lambda p: replace(p, before=None)
    if person.max_shifts:
        yield "the most shifts of a type", lambda p: replace(p, max_shifts={})
    if person.max_weekends is not None:
        yield f"at most {person.max_weekends} weekends", lambda p: replace(p, max_weekends=None)
    if person.off:
        yield f"{len(person.off)} days away", lambda p: replace(p, off=frozenset())
    if person.may:
        yield f"what {len(person.may)} days allow", lambda p: replace(p, may={})
    if person.min_days_off > 1:
        yield f"at least {person.min_days_off} days off in a row", lambda p: replace(p, min_days_off=1)
    if least > 1:
        yield f"at least {least} days on in a row", lambda p: replace(p, days_on=(1, p.days_on[1]))
    if most < days:
        yield f"at most {most} days on in a row", lambda p: replace(p, days_on=(p.days_on[0], days))
    if low > 0:
        yield f"at least {low} minutes", lambda p: replace(p, minutes=(0, p.minutes[1]))
    yield f"at most {high} minutes", lambda p: replace(p, minutes=(p.minutes[0], max(low, days * 1440)))


def _has_plan(team: FixedShiftProblem, person: Person) -> bool:
    arrays = to_arrays(replace(team, persons=(person,), wishes=()))
    cost = np.zeros(arrays.shape[1:])
    return len(Pricer(arrays).cheapest(0, cost, arrays.allow[0])[1]) > 0
