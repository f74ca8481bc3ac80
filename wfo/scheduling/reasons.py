"""Why somebody has no legal week, or demand nobody to serve it, in the planner's words."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import numpy as np

from wfo.domain.contract import Contract, Range
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.people import Person
from wfo.scheduling.people_arrays import build_people
from wfo.scheduling.problem import FORBIDDEN, Problem
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.week import plan_week
from wfo.scheduling.wording import some_of

_ANY_HOURS, _ANY_DAYS = Range(min=0, max=168), Range(min=0, max=7)
_RULES: dict[str, dict[str, object]] = {
    "week_h": {"week_h": _ANY_HOURS},
    "days": {"days": _ANY_DAYS},
    "week_h and days": {"week_h": _ANY_HOURS, "days": _ANY_DAYS},
    "rest_h": {"rest_h": 0.0},
    "max_days_in_row": {"max_days_in_row": 14},
    "min_days_in_row": {"min_days_in_row": 1},
    "days off in a row": {"min_days_off_in_row": 1, "max_days_off_in_row": None},
    "weekends": {"weekends": None},
    "day_h": {"day_h": None},
    "period": {"period": None},
    "not_after": {"not_after": {}},
    "rotation": {"rotation": ()},
    "shift_types": {"shift_types": {}, "not_after": {}, "rotation": ()},
    "breaks": {"breaks": {}},
}


def reasons_for(
    inputs: ScheduleInputs,
    settings: ScheduleSettings,
    problem: Problem,
    persons: list[Person],
    without: np.ndarray,
    days: tuple[dt.date, ...],
) -> tuple[str, ...]:
    """Everything that stands in the way of all, one sentence each.

    Parameters
    ----------
    without : ndarray of bool, shape (A,)
        Agents for whom no legal week was found.
    """
    if not persons:
        return ("there are no agents; add a row for each to 'agents', and their skills to 'agent_skills'",)
    found = _nobody_there(problem, without)
    found += [] if settings.cover else _nothing_asked(problem)
    present = set(
        inputs.agent_skills.loc[inputs.agent_skills["agent_id"].isin(set(problem.agent_ids)), "skill"]
    )
    served = set(inputs.routing.loc[inputs.routing["skill"].isin(present), "queue"])
    found += [
        f"queue '{queue}' has work, but no agent has a skill that 'routing' lets serve it"
        for queue in problem.queues
        if queue not in served
    ]
    told = sorted({persons[a].contract_id for a in np.flatnonzero(without)})
    for contract_id in told:
        bare = _bare(next(p for p in persons if p.contract_id == contract_id))
        if _possible(bare, problem, days, settings):
            continue
        helps = [name for name, one in _contract_variants(bare) if _possible(one, problem, days, settings)]
        hint = (
            f"without its {helps[0]} there would be one"
            if helps
            else "several of its rules contradict each other"
        )
        found.append(f"contract '{contract_id}' allows no legal week, whoever has it; {hint}")
    return tuple(found)


def what_agents_lack(
    settings: ScheduleSettings, problem: Problem, persons: list[Person], days: tuple[dt.date, ...]
) -> tuple[str, ...]:
    """For agents without a week the first thing without which there would be one; those alike together.

    Parameters
    ----------
    persons : list of Person
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


def _nothing_asked(problem: Problem) -> list[str]:
    """Said where no queue has anything to do, so that only rules, hours and wishes make the plan."""
    demand = problem.demand
    if demand.step_n.any() or demand.pool_work.size or demand.cut_rhs.size:
        return []
    return [
        "nothing is asked for in this week: 'cover' has no position of any worth and 'deferred' no work; "
        "agents get the hours of their contracts and their wishes, and serve nobody"
    ]


def _nobody_there(problem: Problem, without: np.ndarray) -> list[str]:
    """Said where everybody is away on every day, and that is a legal week."""
    if without.any() or (problem.people.base > FORBIDDEN / 2).any():
        return []
    return [
        f"nobody can work in this week: 'availability' takes every day of all {without.size} agents, and "
        "what is asked for stays unserved; shorten the rows of those who should come"
    ]


def _bare(person: Person) -> Person:
    """The agent with nothing but the contract."""
    return dataclasses.replace(
        person, blocked=[], allowed=[], locked=[], busy=[], leave=[], before=[], wishes=[], planned=None
    )


def _contract_variants(person: Person) -> Iterator[tuple[str, Person]]:
    """The agent without one of the contract's rules, by its name."""
    for name, change in _RULES.items():
        rules: Contract = person.contract.model_copy(update=change)
        yield name, dataclasses.replace(person, contract=rules)


def _what_helps(
    person: Person, problem: Problem, days: tuple[dt.date, ...], settings: ScheduleSettings
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
    person: Person, problem: Problem, days: tuple[dt.date, ...], settings: ScheduleSettings
) -> bool:
    """Whether an agent has any legal week."""
    people, shifts, _ = build_people(
        [person], {person.agent_id: 0}, days, problem.start_min, problem.slot_min, problem.n_slots, settings
    )
    price = np.zeros(people.off.shape[1])
    start, length = np.zeros(7, np.int64), np.zeros(7, np.int64)
    breaks = np.zeros((7, shifts.break_len.shape[2]), np.int64)
    return plan_week(0, price, people, shifts, start, length, breaks) > FORBIDDEN / 2
