"""Why somebody has no legal week, or demand nobody to serve it, in the planner's words."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wfo.domain.contract import Contract
from wfo.scheduling.contract_rules import Rule, rules_of
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.people import WeekAgent
from wfo.scheduling.people_arrays import build_people
from wfo.scheduling.problem import FORBIDDEN, People, Shifts, WeekProblem
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week import plan_week
from wfo.scheduling.wording import some_of

_ABSENCES: dict[str, Any] = {"blocked": [], "leave": []}
_DECLARED: dict[str, Any] = {"allowed": []}
_TAKEN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("rows 'unavailable' and 'time_off' of 'availability' leave", "shorten those of who should come",
     _ABSENCES),
    ("rows 'available' of 'availability' leave", "widen those of who should come, or take them out",
     _DECLARED),
    ("rows 'available', 'unavailable' and 'time_off' of 'availability' leave",
     "widen the first or shorten the others", _ABSENCES | _DECLARED),
    ("meetings and trainings of 'availability' leave", "shorten those of who should come", {"busy": []}),
    ("the published weeks before leave", "look at the rest, days and hours that they use up", {"before": []}),
)  # fmt: skip
"""What may leave an agent no shift, what to do, and the agent without it."""
_TOGETHER = "absences, meetings, published weeks and contract together leave", "look at each of them"
_WANTED = 1e6
"""Money for a slot of work, beyond what any shift costs."""
_JOINT = "week_h", "days"
"""Rules that often forbid a week only together."""


@dataclass(frozen=True)
class Obstacles:
    """What stands in the way of all.

    Attributes
    ----------
    told : tuple of str
        One sentence each.
    contracts : tuple of str
        Contracts that allow nobody a week; until they are corrected there is no plan.
    """

    told: tuple[str, ...]
    contracts: tuple[str, ...] = ()


def reasons_for(
    inputs: ScheduleInputs,
    settings: ScheduleSettings,
    problem: WeekProblem,
    persons: list[WeekAgent],
    without: np.ndarray,
    days: tuple[dt.date, ...],
) -> Obstacles:
    """Everything that stands in the way of all.

    Parameters
    ----------
    without : ndarray of bool, shape (A,)
        Agents for whom no legal week was found.
    """
    if not persons:
        nobody = "there are no agents; add a row for each to 'agents', and their skills to 'agent_skills'"
        return Obstacles((nobody,))
    idle = not settings.cover and _asks_nothing(problem)
    found = _nothing_asked(inputs) if idle else _nobody_there(problem, persons, days, settings, without)
    present = set(
        inputs.agent_skills.loc[inputs.agent_skills["agent_id"].isin(set(problem.agent_ids)), "skill"]
    )
    served = set(inputs.routing.loc[inputs.routing["skill"].isin(present), "queue"])
    found += [
        f"queue '{queue}' has work, but no agent has a skill that 'routing' lets serve it"
        for queue in problem.queues
        if queue not in served
    ]
    at_fault = []
    for contract_id in sorted({persons[a].contract_id for a in np.flatnonzero(without)}):
        bare = _bare(next(p for p in persons if p.contract_id == contract_id))
        if _possible(bare, problem, days, settings):
            continue
        hint = _contract_hint(bare, lambda one: _possible(one, problem, days, settings))
        found.append(f"contract '{contract_id}' allows no legal week, whoever has it; {hint}")
        at_fault.append(contract_id)
    return Obstacles(tuple(found), tuple(at_fault))


def _contract_hint(bare: WeekAgent, does: Callable[[WeekAgent], bool]) -> str:
    """The first rule of a contract without which it would do."""
    for name, one in _contract_variants(bare):
        if does(one):
            return f"without its {name} there would be one"
    return "several of its rules contradict each other"


def what_agents_lack(
    settings: ScheduleSettings, problem: WeekProblem, persons: list[WeekAgent], days: tuple[dt.date, ...]
) -> tuple[str, ...]:
    """For agents without a week the first thing without which there would be one; those alike together.

    Parameters
    ----------
    persons : list of WeekAgent
        Those whose contracts allow a week are told.
    """
    alike: dict[str, list[str]] = {}
    for person in persons:
        if _possible(_bare(person), problem, days, settings):
            alike.setdefault(_what_helps(person, problem, days, settings), []).append(person.agent_id)
    return tuple(f"{_has_none(agents)} no legal week; {helps}" for helps, agents in sorted(alike.items()))


def _has_none(agents: list[str]) -> str:
    return (
        f"agent '{agents[0]}' has" if len(agents) == 1 else f"{len(agents)} agents ({some_of(agents)}) have"
    )


def _asks_nothing(problem: WeekProblem) -> bool:
    """Whether no queue has anything to do, so that only rules, hours and wishes make the plan."""
    demand = problem.demand
    return not (demand.step_n.any() or demand.pool_work.size or demand.cut_rhs.size)


def _nothing_asked(inputs: ScheduleInputs) -> list[str]:
    """Said unless staffing has: it has told of every queue where its requirement has no load at all."""
    need = inputs.requirement
    if need is not None and len(need) and not (need["offered_load"] > 0.0).any():
        return []
    return [
        "nothing is asked for in this week: 'cover' has no position of any worth and 'deferred' no work; "
        "agents get the hours of their contracts and their wishes, and serve nobody"
    ]


def _nobody_there(
    problem: WeekProblem, persons: list[WeekAgent], days: tuple[dt.date, ...], settings: ScheduleSettings,
    without: np.ndarray,
) -> list[str]:  # fmt: skip
    """Said where a week without any shift is the only legal one of everybody, by what leaves no shift."""
    if without.any() or any(
        _best_week(a, problem.people, problem.shifts, _WANTED)[1] for a in range(without.size)
    ):
        return []
    alike: dict[tuple[str, str], list[str]] = {}
    at_fault: dict[str, tuple[str, str] | None] = {}

    def works(person: WeekAgent) -> bool:
        people, shifts = _arrays(person, problem, days, settings)
        return _best_week(0, people, shifts, _WANTED)[1]

    for person in persons:
        if person.contract_id not in at_fault:
            bare = _bare(person)
            contract = f"the rules of contract '{person.contract_id}' leave", _contract_hint(bare, works)
            at_fault[person.contract_id] = None if works(bare) else contract
        cause = at_fault[person.contract_id] or next(
            ((name, advice) for name, advice, change in _TAKEN
             if works(dataclasses.replace(person, **change))), _TOGETHER,
        )  # fmt: skip
        alike.setdefault(cause, []).append(person.agent_id)
    return [
        f"nobody can work in this week: {cause} {_whom(agents, len(persons))} no shift, and what is asked "
        f"for stays unserved; {advice}"
        for (cause, advice), agents in alike.items()
    ]


def _whom(agents: list[str], size: int) -> str:
    if len(agents) == 1:
        return f"agent '{agents[0]}'"
    return f"all {size} agents" if len(agents) == size else f"{len(agents)} agents ({some_of(agents)})"


def _bare(person: WeekAgent) -> WeekAgent:
    """The agent with nothing but the contract."""
    return dataclasses.replace(
        person, blocked=[], allowed=[], locked=[], busy=[], leave=[], before=[], wishes=[], planned=None
    )


def _contract_variants(person: WeekAgent) -> Iterator[tuple[str, WeekAgent]]:
    """The agent without one of the contract's rules, by its key; then without what hangs together."""
    own = person.contract
    rules: dict[str, list[Rule]] = {}
    for rule in rules_of(own):
        rules.setdefault(rule.name, []).append(rule)
    for name, parts in rules.items():
        yield name, dataclasses.replace(person, contract=_without_rules(own, parts))
    joint = [rule for name in _JOINT for rule in rules.get(name, ())]
    yield " and ".join(_JOINT), dataclasses.replace(person, contract=_without_rules(own, joint))
    if own.shift_types:
        any_kind: dict[str, object] = {"shift_types": {}, "not_after": {}, "rotation": ()}
        yield "shift_types", dataclasses.replace(person, contract=own.model_copy(update=any_kind))


def _without_rules(contract: Contract, rules: Iterable[Rule]) -> Contract:
    for rule in rules:
        contract = rule.out_of(contract)
    return contract


def _what_helps(
    person: WeekAgent, problem: WeekProblem, days: tuple[dt.date, ...], settings: ScheduleSettings
) -> str:
    """The first single thing without which there would be a legal week."""
    variants = [
        ("the rows 'unavailable' and 'time_off'", dataclasses.replace(person, blocked=[], leave=[])),
        ("the rows 'available'", dataclasses.replace(person, allowed=[])),
        ("the locked shifts", dataclasses.replace(person, locked=[])),
        ("the published weeks before", dataclasses.replace(person, before=[])),
        *((f"the contract's {name}", one) for name, one in _contract_variants(person)),
    ]
    for name, one in variants:
        if _possible(one, problem, days, settings):
            return f"without {name} there would be one"
    return "absences, locked shifts, the published weeks and the contract contradict each other"


def _possible(
    person: WeekAgent, problem: WeekProblem, days: tuple[dt.date, ...], settings: ScheduleSettings
) -> bool:
    """Whether an agent has any legal week."""
    return _best_week(0, *_arrays(person, problem, days, settings), 0.0)[0]


def _arrays(
    person: WeekAgent, problem: WeekProblem, days: tuple[dt.date, ...], settings: ScheduleSettings
) -> tuple[People, Shifts]:
    """One agent alone."""
    people, shifts, _ = build_people(
        [person], {person.agent_id: 0}, days, problem.start_min, problem.slot_min, problem.n_slots, settings
    )
    return people, shifts


def _best_week(agent: int, people: People, shifts: Shifts, worth: float) -> tuple[bool, bool]:
    """Whether there is a legal week, and one with a shift where each slot has a worth."""
    start, length = np.full(7, -1, np.int64), np.zeros(7, np.int64)
    breaks = np.zeros((7, shifts.break_len.shape[2]), np.int64)
    value = plan_week(agent, np.full(people.off.shape[1], worth), people, shifts, start, length, breaks)
    return value > FORBIDDEN / 2, bool((start >= 0).any())
