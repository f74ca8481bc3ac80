"""The starts that come into question for each activity: who comes, what it costs, what it is worth."""

from dataclasses import dataclass

import numpy as np

from wfo.scheduling.place_requests import Wanted
from wfo.scheduling.place_slots import Slots

MOST_STARTS = 16
"""Starts the solver may choose from for one activity."""


@dataclass(frozen=True)
class Choice:
    """One way to place an activity.

    Attributes
    ----------
    start : int
        First slot.
    agents : tuple of int
        Who comes.
    cost, value : float
        Money; the cost as if each who comes were the only one away.
    together : float
        Money that it costs beyond that, as they are away at once.
    """

    start: int
    agents: tuple[int, ...]
    cost: float
    value: float
    together: float = 0.0


@dataclass(frozen=True)
class RequestOptions:
    """All choices of one activity that pay, by start; or why there are none.

    Attributes
    ----------
    wanted : Wanted
    length : int
        Slots it takes.
    choices : tuple of Choice
    reason : str
        Empty where there are choices.
    """

    wanted: Wanted
    length: int
    choices: tuple[Choice, ...]
    reason: str = ""

    def cheapest(self, per_hour: int) -> tuple[Choice, ...]:
        """At most `MOST_STARTS` choices: the best of each hour, the best hours first; all where they are few.

        One an hour keeps requests that share a coach from all asking for the same two cheap hours.

        Parameters
        ----------
        per_hour : int
            Slots an hour.
        """
        if len(self.choices) <= MOST_STARTS:
            return self.choices
        best: dict[int, Choice] = {}
        for c in sorted(self.choices, key=_rank):
            best.setdefault(c.start // per_hour, c)
        kept = sorted(best.values(), key=_rank)[:MOST_STARTS]
        starts = {c.start for c in kept}
        rest = sorted((c for c in self.choices if c.start not in starts), key=_rank)
        kept += rest[: MOST_STARTS - len(kept)]
        return tuple(sorted(kept, key=lambda c: c.start))


def _rank(choice: Choice) -> tuple[float, int]:
    return choice.cost + choice.together - choice.value, choice.start


def options_of(wanted: Wanted, slots: Slots, currency: str) -> RequestOptions:
    """Find every start at which an activity fits and is worth more than it costs."""
    length = slots.length(wanted.minutes)
    known = [slots.number[p] for p in wanted.participants if p in slots.number]
    absent = [p for p in wanted.participants if p not in slots.number]
    at = np.arange(slots.segment.shape[1]) * slots.step_min + slots.start_min
    window = (at >= wanted.begin_min) & (at + wanted.minutes <= wanted.end_min)
    if not window.any():
        return RequestOptions(
            wanted, length, (), f"{wanted.minutes} minutes do not fit into its window this week"
        )
    if wanted.all_come and absent:
        return RequestOptions(wanted, length, (), f"{_listed(absent)} without a shift this week")
    if not known:
        return RequestOptions(wanted, length, (), "nobody asked for has a shift this week")
    fits = np.array([slots.fits(a, wanted.minutes) for a in known]) & window
    cost = np.array([slots.cost(a, wanted.minutes) for a in known])
    least = len(known) if wanted.all_come else min(2, len(wanted.participants))
    starts = np.flatnonzero(fits.sum(axis=0) >= least)
    if not starts.size:
        return RequestOptions(wanted, length, (), _never(wanted, slots, known, fits))
    choices, best = [], np.inf
    for s in starts:
        here = np.flatnonzero(fits[:, s])
        worth = wanted.value * (1 if wanted.all_come else here.size)
        money = float(cost[here, s].sum())
        best = min(best, money)
        if money < worth:
            who = tuple(known[i] for i in here)
            together = _together(slots, who, int(s), length) if len(who) > 1 else 0.0
            choices.append(Choice(int(s), who, money, worth, together))
    if choices:
        return RequestOptions(wanted, length, tuple(choices))
    text = f"it would cost at least {best:.2f} {currency} of service and is worth {wanted.value:.2f}"
    return RequestOptions(wanted, length, (), text)


def _together(slots: Slots, who: tuple[int, ...], start: int, length: int) -> float:
    """Money that some agents away at once cost beyond each alone."""
    away = np.tile(slots.crowds.sizes(who)[:, None], length)
    return slots.crowds.cost(away, slice(start, start + length))


def _never(wanted: Wanted, slots: Slots, known: list[int], fits: np.ndarray) -> str:
    alone = [slots.agents[a] for a, row in zip(known, fits, strict=True) if not row.any()]
    if alone:
        return f"{_listed(alone)} without {wanted.minutes} minutes of unbroken work in its window"
    people = _listed(list(wanted.participants))
    return f"{people} never at work together for {wanted.minutes} minutes in its window"


def _listed(names: list[str]) -> str:
    shown = names[:4]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ("all of " if len(names) > 4 else "") + ", ".join(shown) + more
