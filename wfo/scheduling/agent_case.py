"""One agent's week by itself: everything that binds it, as things that can be lifted one by one or bent."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.domain.contract import Contract, Range, StartWindow
from wfo.domain.hours import DAY_MIN, clock_min
from wfo.scheduling.build import slot_minutes, week_days
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.people import read_people
from wfo.scheduling.people_arrays import build_people
from wfo.scheduling.problem import FORBIDDEN
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week import plan_week
from wfo.scheduling.wording import span_text
from wfo.timegrid import epoch_min

Change = Callable[[Contract], dict[str, object]]
"""New values of a contract's fields, from the contract as it is by then."""
Lift = Callable[[ScheduleInputs], ScheduleInputs]


@dataclass(frozen=True)
class Binding:
    """Something that binds an agent's week.

    Attributes
    ----------
    name : str
        The rule's key in the contract, or the kind of row.
    text : str
        In the planner's words.
    lift : callable
        The inputs without it.
    bends : tuple of (text, hours, callable)
        Ways to bend it, the least first: what it says then, by how many hours, the inputs with it.
    request : bool
        Whether it is a row of ``availability`` and no rule.
    """

    name: str
    text: str
    lift: Lift
    bends: tuple[tuple[str, float, Lift], ...] = ()
    request: bool = False


def alone(inputs: ScheduleInputs, agent_id: str) -> ScheduleInputs:
    """The inputs with nobody but one agent, who has his contract for himself."""
    rows = inputs.agents[(inputs.agents["agent_id"] == agent_id).to_numpy()]

    def own(frame: pd.DataFrame | None) -> pd.DataFrame | None:
        return None if frame is None else frame[(frame["agent_id"] == agent_id).to_numpy()]

    return dataclasses.replace(
        inputs, agents=rows, availability=own(inputs.availability), published=own(inputs.published),
        wishes=own(inputs.wishes), start_from=None,
    )  # fmt: skip


def has_week(inputs: ScheduleInputs, settings: ScheduleSettings) -> bool:
    """Whether the one agent of the inputs has any legal week."""
    slot, days = slot_minutes(inputs), week_days(inputs)
    persons = read_people(inputs, days, settings)
    slots = inputs.grid.n * inputs.grid.step_min // slot
    people, shifts, _ = build_people(
        persons, {persons[0].agent_id: 0}, days, inputs.grid.start_min, slot, slots, settings
    )
    price = np.zeros(people.off.shape[1])
    start, length = np.zeros(7, np.int64), np.zeros(7, np.int64)
    breaks = np.zeros((7, shifts.break_len.shape[2]), np.int64)
    return bool(plan_week(0, price, people, shifts, start, length, breaks) > FORBIDDEN / 2)


def bindings(inputs: ScheduleInputs, zone: str) -> list[Binding]:
    """Everything that binds the one agent of the inputs: rows first, then the contract's rules."""
    contract_id = str(inputs.agents["contract"].iloc[0])
    contract = inputs.centre.contracts[contract_id]
    rules = [b for b in _rules(contract, contract_id) if not _same(b.lift(inputs), inputs, contract_id)]
    return [*_rows(inputs, zone), *_published(inputs), *rules]


def _same(one: ScheduleInputs, other: ScheduleInputs, contract_id: str) -> bool:
    return one.centre.contracts[contract_id] == other.centre.contracts[contract_id]


def _rows(inputs: ScheduleInputs, zone: str) -> Iterator[Binding]:
    frame = inputs.availability
    if frame is None or frame.empty:
        return
    low, high = inputs.grid.start_min, inputs.grid.start_min + inputs.grid.n * inputs.grid.step_min
    spans = list(zip(epoch_min(frame["start"]).tolist(), epoch_min(frame["end"]).tolist(), strict=True))
    for index, kind, (begin, end) in sorted(
        zip(frame.index, frame["kind"], spans, strict=True), key=lambda row: (row[2], str(row[1]))
    ):
        if begin < high and low < end and kind not in ("available", "meeting", "training"):
            word = {"locked_shift": "the fixed shift", "time_off": "time off"}.get(
                str(kind), "unavailability"
            )
            text = f"{word} {span_text(begin, end, zone)}"
            slot = slot_minutes(inputs)
            if kind == "locked_shift" and ((begin - low) % slot or (end - low) % slot):
                text += f" (not on the plan's grid of {slot} min)"
            lift = _without_rows([index])
            bends = ((f"without {text}", (end - begin) / 60, lift),)
            yield Binding(str(kind), text, lift, bends, request=True)
    free = [i for i, kind in zip(frame.index, frame["kind"], strict=True) if kind == "available"]
    if free:
        text = "the declared availability"
        bends = ((f"without {text}", 8.0 * len(free), _without_rows(free)),)
        yield Binding("available", text, _without_rows(free), bends, request=True)


def _without_rows(index: list[object]) -> Lift:
    def lift(inputs: ScheduleInputs) -> ScheduleInputs:
        rows = inputs.availability
        return inputs if rows is None else dataclasses.replace(inputs, availability=rows.drop(index=index))

    return lift


def _published(inputs: ScheduleInputs) -> Iterator[Binding]:
    if inputs.published is not None and not inputs.published.empty:
        yield Binding(
            "published",
            "the weeks published before",
            lambda given: dataclasses.replace(given, published=None),
        )


def _rules(contract: Contract, contract_id: str) -> Iterator[Binding]:
    """The contract's rules, each with what it says, how it is lifted and how it may be bent."""

    def rule(name: str, text: str, lifted: Change, bends: Iterable[tuple[str, float, Change]]) -> Binding:
        made = tuple((words, hours, _with(contract_id, change)) for words, hours, change in bends)
        return Binding(name, f"{text} ({contract_id})", _with(contract_id, lifted), made)

    low, high = contract.week_h.min, contract.week_h.max
    step = contract.shift_step_min / 60
    fewer = [max(0.0, low - n * step) for n in range(1, max(2, round(low / step)) + 1)]
    more = [high + n * step for n in range(1, 41)]
    yield rule(
        "week_h", f"at least {low:g} paid hours a week", _low("week_h", 0),
        ((f"{h:g} paid hours", low - h, _low("week_h", h)) for h in fewer),
    )  # fmt: skip
    yield rule(
        "week_h", f"at most {high:g} paid hours a week", _high("week_h", 168),
        ((f"{h:g} paid hours", h - high, _high("week_h", h)) for h in more),
    )  # fmt: skip
    yield from _days(contract, rule)
    rest = contract.rest_h
    less = [rest - n / 2 for n in range(1, int(2 * rest) + 1)]
    bent = ((f"{h:g} h of rest", rest - h, _to(rest_h=h)) for h in less)
    yield rule("rest_h", f"{rest:g} h of rest between shifts", _to(rest_h=0.0), bent)
    yield from _simple(contract, rule)
    yield _start(contract.start, rule)


def _low(name: str, least: float) -> Change:
    return lambda contract: {name: Range(min=least, max=getattr(contract, name).max)}


def _high(name: str, most: float) -> Change:
    return lambda contract: {name: Range(min=getattr(contract, name).min, max=most)}


def _to(**values: object) -> Change:
    return lambda contract: values


def _days(contract: Contract, rule: Callable[..., Binding]) -> Iterator[Binding]:
    """Days of a week and days in a row; half a day's work is what a day in number is counted as."""
    low, high, most = contract.days.min, contract.days.max, contract.max_days_in_row
    fewer, more = range(int(low) - 1, -1, -1), range(int(high) + 1, 8)
    yield rule(
        "days", f"at least {low:g} days a week", _low("days", 0),
        ((f"{n} days", 4.0 * (low - n), _low("days", n)) for n in fewer),
    )  # fmt: skip
    yield rule(
        "days", f"at most {high:g} days a week", _high("days", 7),
        ((f"{n} days", 4.0 * (n - high), _high("days", n)) for n in more),
    )  # fmt: skip
    yield rule(
        "max_days_in_row", f"at most {most} days in a row", _to(max_days_in_row=14),
        ((f"{n} days in a row", 8.0 * (n - most), _to(max_days_in_row=n)) for n in range(most + 1, 15)),
    )  # fmt: skip


def _simple(contract: Contract, rule: Callable[..., Binding]) -> Iterator[Binding]:
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
        yield rule(name, text, change, [(f"without {text}", 8.0, change)])


def _start(window: StartWindow, rule: Callable[..., Binding]) -> Binding:
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
    return rule("start", text, _to(start=anytime), bends)


def _clock(minute: int) -> str:
    return (dt.datetime.min + dt.timedelta(minutes=minute % DAY_MIN)).strftime("%H:%M")


def _with(contract_id: str, change: Change) -> Lift:
    """The inputs with a contract changed."""

    def lift(inputs: ScheduleInputs) -> ScheduleInputs:
        contracts = dict(inputs.centre.contracts)
        contracts[contract_id] = contracts[contract_id].model_copy(update=change(contracts[contract_id]))
        return dataclasses.replace(inputs, centre=inputs.centre.model_copy(update={"contracts": contracts}))

    return lift
