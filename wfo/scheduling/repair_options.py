"""Other shifts an agent might work on a day, and other places for breaks, best first by the prices of slots.

Prices are of one more agent; the caller values the few best exactly and asks the checker.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from wfo.domain.activities import Kind
from wfo.domain.contract import Contract
from wfo.domain.hours import DAY_MIN
from wfo.scheduling.pay import worth_of
from wfo.scheduling.request_kinds import rebuilt
from wfo.scheduling.revision import Revision
from wfo.scheduling.shift_rows import Record, Span, parts_of, place_breaks, shifts_of
from wfo.scheduling.shifts import local_min

_EACH = 3
"""Options of one agent and day that are looked at."""


@dataclass(frozen=True)
class Option:
    """A way to work on a day other than planned.

    Attributes
    ----------
    agent_id : str
    date : date
    parts : tuple of (int, int)
        The shift, or the parts of a split one; minutes since the epoch.
    what : str
        moved, longer, shorter, called in, or breaks moved.
    worth : float
        Money by prices, less the wages of more hours.
    """

    agent_id: str
    date: dt.date
    parts: tuple[Span, ...]
    what: str
    worth: float


def shift_options(revision: Revision, agent: str, date: dt.date, prices: dict[int, float]) -> list[Option]:
    """Other starts and lengths of the contract on a day, the best few; none where the shift is fixed.

    A split shift may become a whole one, or its parts begin and end elsewhere around the same free time.
    """
    who, slot = revision.agents[agent], revision.value.slot_min
    shift = shift_on(revision, agent, date)
    if shift is not None and not movable(shift):
        return []
    now = parts_of(shift) if shift else ()
    first, sums = revision.value.start_min, [0.0, *accumulate(prices.values())]

    def money(begin: int, end: int) -> float:
        low, high = (min(max(0, (m - first) // slot), len(sums) - 1) for m in (begin, end))
        return sums[high] - sums[low] - who.wage_h * worth_of(who.contract, who.zone.key, [(begin, end)])

    before = sum(money(*part) for part in now)
    found = []
    for begin in starts_of(revision, agent, date):
        whole = [((begin, begin + minutes),) for minutes in _lengths(who.contract)]
        for parts in (*whole, *_around_gap(who.contract, begin, now)):
            if parts != now:
                worth = sum(money(*part) for part in parts) - before
                found.append(Option(agent, date, parts, _word(now, parts), worth))
    found.sort(key=lambda o: (-o.worth, o.parts))
    return [o for o in found[:_EACH] if o.worth > 0]


def break_option(revision: Revision, agent: str, date: dt.date, prices: dict[int, float]) -> Option | None:
    """The same shift with its breaks where they cost least; None where they lie there already."""
    shift = shift_on(revision, agent, date)
    if shift is None or any(r["locked"] for r in shift):
        return None
    rests = [(r["start"], r["end"]) for r in shift if r["kind"] == Kind.BREAK.value]
    kept = [(r["start"], r["end"]) for r in shift if r["kind"] in _STAY]
    parts, slot = parts_of(shift), revision.value.slot_min
    # he is away in his breaks and there at other times, so prices flatter slightly: the caller values exactly
    best = place_breaks(revision.agents[agent].contract, parts, slot, prices, kept)
    if best is None or [(a, b) for a, b, _, _ in best] == rests:
        return None
    cost = [
        sum(prices.get(m, 0.0) for a, b in spans for m in range(a, b, slot))
        for spans in (rests, [(a, b) for a, b, _, _ in best])
    ]
    return Option(agent, date, parts, "breaks moved", cost[0] - cost[1]) if cost[0] > cost[1] + 1e-6 else None


def week_with(revision: Revision, option: Option) -> list[Record] | None:
    """The agent's week with an option taken; None where breaks do not fit."""
    agent, name = option.agent_id, f"{option.agent_id}/{option.date.isoformat()}"
    shifts = shifts_of(revision.records[agent])
    kept = [r for r in shifts.get(name, ()) if r["kind"] in _STAY]
    new = rebuilt(revision, agent, option.date, option.parts, kept)
    inside = (any(a <= r["start"] and r["end"] <= b for a, b in option.parts) for r in kept)
    if new is None or not all(inside):
        return None
    others = [r for key, own in shifts.items() if key != name for r in own]
    return others + [_main_queue_kept(r, shifts.get(name, ())) for r in new]


def _main_queue_kept(row: Record, before: Sequence[Record]) -> Record:
    """A stretch of work keeps to the queue that its middle was kept for."""
    middle = (row["start"] + row["end"]) // 2
    was = next((r for r in before if r["start"] <= middle < r["end"] and r["kind"] == row["kind"]), row)
    return {**row, "main_queue": was["main_queue"]}


def shift_on(revision: Revision, agent: str, date: dt.date) -> list[Record] | None:
    """An agent's shift of a date."""
    return next(
        (s for s in shifts_of(revision.records[agent]).values() if s[0]["schedule_date"] == date), None
    )


def movable(shift: list[Record]) -> bool:
    """Whether nothing in a shift is fixed: no lock, no activity, no leave."""
    return not any(r["locked"] or r["kind"] in _STAY for r in shift)


_STAY = (Kind.OFF_PHONE.value, Kind.TIME_OFF.value)


def starts_of(revision: Revision, agent: str, date: dt.date) -> list[int]:
    """Starts that the contract allows on a local day, minutes since the epoch, ascending."""
    who = revision.agents[agent]
    low, high = who.contract.start.minutes
    starts = range(low, high + 1, who.contract.start.step_min)
    return [local_min(date, m % DAY_MIN, who.zone.key) for m in starts]


def _lengths(contract: Contract) -> range:
    low, high = round(contract.shift_h.min * 60), round(contract.shift_h.max * 60)
    return range(low, high + 1, contract.shift_step_min)


def _around_gap(contract: Contract, begin: int, now: tuple[Span, ...]) -> Iterator[tuple[Span, ...]]:
    """Split shifts from a start on with the free time of the one there is."""
    if len(now) < 2 or contract.split is None:
        return
    (_, stop), (again, _) = now
    low, high = round(contract.split.part_h.min * 60), round(contract.split.part_h.max * 60)
    for minutes in _lengths(contract):
        second = minutes - (stop - begin)
        if low <= stop - begin <= high and low <= second <= high:
            yield (begin, stop), (again, again + second)


def _word(now: Sequence[Span], new: Sequence[Span]) -> str:
    if not now:
        return "called in"
    if _within(now, new):
        return "longer"
    return "shorter" if _within(new, now) else "moved"


def _within(inner: Sequence[Span], outer: Sequence[Span]) -> bool:
    return all(any(a <= begin and end <= b for a, b in outer) for begin, end in inner)
