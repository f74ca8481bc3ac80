"""The rules of a contract about an agent's week: what each says, the contract without it, ways to bend it."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wfo.domain.contract import Contract, Range, StartWindow
from wfo.domain.hours import DAY_MIN, clock_min

Change = Callable[[Contract], dict[str, object]]
"""New values of a contract's fields, from the contract as it is by then."""


@dataclass(frozen=True)
class Rule:
    """A rule of a contract.

    Attributes
    ----------
    name : str
        Its key in the contract.
    text : str
        In the planner's words.
    lifted : callable
        The change that takes it out.
    bends : tuple of (text, hours, callable)
        Ways to bend it, the least first: what it says then, by how many hours, the change.
    """

    name: str
    text: str
    lifted: Change
    bends: tuple[tuple[str, float, Change], ...]

    def out_of(self, contract: Contract) -> Contract:
        """The contract without it."""
        return contract.model_copy(update=self.lifted(contract))


def rules_of(contract: Contract) -> list[Rule]:
    """Every rule by which the contract binds a week, in the order in which they are looked at."""
    every = [*_hours(contract), *_days(contract), _rest(contract), *_simple(contract), _start(contract.start)]
    return [rule for rule in every if rule.out_of(contract) != contract]


def _hours(contract: Contract) -> Iterator[Rule]:
    low, high = contract.week_h.min, contract.week_h.max
    step = contract.shift_step_min / 60
    fewer = [max(0.0, low - n * step) for n in range(1, max(2, round(low / step)) + 1)]
    more = [high + n * step for n in range(1, 41)]
    yield Rule(
        "week_h", f"at least {low:g} paid hours a week", _low("week_h", 0),
        tuple((f"{h:g} paid hours", low - h, _low("week_h", h)) for h in fewer),
    )  # fmt: skip
    yield Rule(
        "week_h", f"at most {high:g} paid hours a week", _high("week_h", 168),
        tuple((f"{h:g} paid hours", h - high, _high("week_h", h)) for h in more),
    )  # fmt: skip


def _rest(contract: Contract) -> Rule:
    rest = contract.rest_h
    less = [rest - n / 2 for n in range(1, int(2 * rest) + 1)]
    bends = tuple((f"{h:g} h of rest", rest - h, _to(rest_h=h)) for h in less)
    return Rule("rest_h", f"{rest:g} h of rest between shifts", _to(rest_h=0.0), bends)


def _low(name: str, least: float) -> Change:
    return lambda contract: {name: Range(min=least, max=getattr(contract, name).max)}


def _high(name: str, most: float) -> Change:
    return lambda contract: {name: Range(min=getattr(contract, name).min, max=most)}


def _to(**values: object) -> Change:
    return lambda contract: values


def _days(contract: Contract) -> Iterator[Rule]:
    """Days of a week and days in a row; half a day's work is what a day in number is counted as."""
    low, high, most = contract.days.min, contract.days.max, contract.max_days_in_row
    fewer, more = range(int(low) - 1, -1, -1), range(int(high) + 1, 8)
    yield Rule(
        "days", f"at least {low:g} days a week", _low("days", 0),
        tuple((f"{n} days", 4.0 * (low - n), _low("days", n)) for n in fewer),
    )  # fmt: skip
    yield Rule(
        "days", f"at most {high:g} days a week", _high("days", 7),
        tuple((f"{n} days", 4.0 * (n - high), _high("days", n)) for n in more),
    )  # fmt: skip
    yield Rule(
        "max_days_in_row", f"at most {most} days in a row", _to(max_days_in_row=14),
        tuple((f"{n} days in a row", 8.0 * (n - most), _to(max_days_in_row=n)) for n in range(most + 1, 15)),
    )  # fmt: skip


def _simple(contract: Contract) -> Iterator[Rule]:
    """Rules that are kept or not; a day of work, eight hours, is what lifting one is counted as."""
    off = contract.max_days_off_in_row
    lifted: list[tuple[str, str, Change]] = [
        ("min_days_in_row", f"at least {contract.min_days_in_row} days in a row", _to(min_days_in_row=1)),
        ("min_days_off_in_row", f"at least {contract.min_days_off_in_row} days off in a row",
         _to(min_days_off_in_row=1)),
        ("max_days_off_in_row", f"at most {off} days off in a row", _to(max_days_off_in_row=None)),
        ("weekends", "the free weekends", _to(weekends=None)),
        ("day_h", "the hours of a day", _to(day_h=None)),
        ("period", "the hours of several weeks", _to(period=None)),
        ("rotation", "the rotation", _to(rotation=())),
        ("not_after", "the kinds of shift that may not follow", _to(not_after={})),
        ("breaks", "the breaks", _to(breaks={})),
    ]  # fmt: skip
    for name, text, change in lifted:
        yield Rule(name, text, change, ((f"without {text}", 8.0, change),))


def _start(window: StartWindow) -> Rule:
    low, high = clock_min(window.earliest), clock_min(window.latest)
    bends: list[tuple[str, float, Change]] = []
    for n in range(1, 240 // window.step_min + 1):
        by = n * window.step_min
        if low - by >= 0:
            changed = window.model_copy(update={"earliest": _clock(low - by)})
            bends.append((f"starts from {changed.earliest}", by / 60, _to(start=changed)))
        if high + by < DAY_MIN:
            changed = window.model_copy(update={"latest": _clock(high + by)})
            bends.append((f"starts until {changed.latest}", by / 60, _to(start=changed)))
    last = DAY_MIN - window.step_min + low % window.step_min
    anytime = window.model_copy(update={"earliest": _clock(low % window.step_min), "latest": _clock(last)})
    text = f"starts between {window.earliest} and {window.latest}"
    return Rule("start", text, _to(start=anytime), tuple(bends))


def _clock(minute: int) -> str:
    return (dt.datetime.min + dt.timedelta(minutes=minute % DAY_MIN)).strftime("%H:%M")
