"""One agent's week by itself: everything that binds it, as things that can be lifted one by one or bent."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfo.scheduling.build import slot_minutes, week_days
from wfo.scheduling.contract_rules import Change, Rule, rules_of
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.people import read_people
from wfo.scheduling.people_arrays import build_people
from wfo.scheduling.problem import FORBIDDEN
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week import plan_week
from wfo.scheduling.wording import span_text
from wfo.timegrid import epoch_min

Lift = Callable[[ScheduleInputs], ScheduleInputs]
_WORDS = {
    "locked_shift": "the fixed shift", "time_off": "time off", "unavailable": "unavailability",
    "meeting": "the meeting", "training": "the training",
}  # fmt: skip
"""Kinds of rows of ``availability`` that bind one by one."""


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
    rules = [_binding(rule, contract_id) for rule in rules_of(contract)]
    return [*_rows(inputs, zone), *_published(inputs), *rules]


def _binding(rule: Rule, contract_id: str) -> Binding:
    bends = tuple((words, hours, _with(contract_id, change)) for words, hours, change in rule.bends)
    return Binding(rule.name, f"{rule.text} ({contract_id})", _with(contract_id, rule.lifted), bends)


def _rows(inputs: ScheduleInputs, zone: str) -> Iterator[Binding]:
    frame = inputs.availability
    if frame is None or frame.empty:
        return
    low, high = inputs.grid.start_min, inputs.grid.start_min + inputs.grid.n * inputs.grid.step_min
    spans = list(zip(epoch_min(frame["start"]).tolist(), epoch_min(frame["end"]).tolist(), strict=True))
    for index, kind, (begin, end) in sorted(
        zip(frame.index, frame["kind"], spans, strict=True), key=lambda row: (row[2], str(row[1]))
    ):
        if begin < high and low < end and kind in _WORDS:
            text = f"{_WORDS[kind]} {span_text(begin, end, zone)}"
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


def _with(contract_id: str, change: Change) -> Lift:
    """The inputs with a contract changed."""

    def lift(inputs: ScheduleInputs) -> ScheduleInputs:
        contracts = dict(inputs.centre.contracts)
        contracts[contract_id] = contracts[contract_id].model_copy(update=change(contracts[contract_id]))
        return dataclasses.replace(inputs, centre=inputs.centre.model_copy(update={"contracts": contracts}))

    return lift
