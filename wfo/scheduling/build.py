"""Frames to a `WeekProblem`, and a week's starts back from a schedule."""

import datetime as dt
import math
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from wfo.errors import InputError, Problem
from wfo.scheduling.asked_positions import with_asked_positions
from wfo.scheduling.demand import build_demand, proficient, queue_names, served_by, skills_by_agent
from wfo.scheduling.group_cuts import group_cuts, weights_of
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.legal_week import legal_week
from wfo.scheduling.people import WeekAgent, read_people
from wfo.scheduling.people_arrays import build_people
from wfo.scheduling.problem import WeekProblem, Weeks
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shifts import Kind
from wfo.timegrid import epoch_min

_LEAST_SLOT_MIN = 5
_MOST_QUEUES = 60


def week_days(inputs: ScheduleInputs) -> tuple[dt.date, ...]:
    """The seven local dates of the planning week, in the centre's zone."""
    first = inputs.grid.start.astimezone(ZoneInfo(inputs.centre.zone)).date()
    return tuple(first + dt.timedelta(days=n) for n in range(7))


def slot_minutes(inputs: ScheduleInputs) -> int:
    """Greatest length that divides the grid's step, shift steps, shift lengths, start steps and breaks.

    Raises
    ------
    InputError
        If it is below five minutes.
    """
    parts = [inputs.grid.step_min]
    for name in sorted(set(inputs.agents["contract"])):
        contract = inputs.centre.contracts[name]
        parts += [contract.shift_step_min, contract.start.step_min, round(contract.shift_h.min * 60)]
        parts += [rule.minutes for rule in contract.breaks.values()]
        parts += [int(contract.start.earliest[-2:])]
        if contract.split is not None:
            parts += [round(contract.split.gap_h.min * 60), round(contract.split.part_h.min * 60)]
    slot = math.gcd(*parts)
    if slot < _LEAST_SLOT_MIN:
        raise InputError(
            f"contracts: shift steps, starts and breaks meet on a grid of {slot} min only; use multiples of "
            f"{_LEAST_SLOT_MIN} min"
        )
    return slot


def check_inputs(inputs: ScheduleInputs) -> None:
    """Refuse frames that name what does not exist.

    Raises
    ------
    InputError
        With every problem found.
    """
    found = []
    unknown = sorted(set(inputs.agents["contract"]) - set(inputs.centre.contracts))
    known = ", ".join(inputs.centre.contracts)
    for name in unknown:
        found.append(Problem("agents, column 'contract'", f"unknown contract '{name}'; known: {known}"))
    twice = inputs.agents["agent_id"][inputs.agents["agent_id"].duplicated()]
    found += [
        Problem("agents, column 'agent_id'", f"'{a}' stands twice; keep one row") for a in sorted(set(twice))
    ]
    if found:
        raise InputError(found)


def build_problem(
    inputs: ScheduleInputs, settings: ScheduleSettings
) -> tuple[WeekProblem, list[WeekAgent], list[Kind]]:
    """Arrays of a planning week, the persons and shift kinds they came from.

    Raises
    ------
    InputError
        If frames name unknown or repeated things, or times do not fit a common grid.
    """
    check_inputs(inputs)
    inputs = with_asked_positions(inputs)
    slot_min, days = slot_minutes(inputs), week_days(inputs)
    slots = inputs.grid.n * inputs.grid.step_min // slot_min
    queues = queue_names(inputs)
    if len(queues) > _MOST_QUEUES // 2:
        raise InputError(
            f"cover, deferred: {len(queues)} staffed queues; at most {_MOST_QUEUES // 2} can be planned"
        )
    persons = read_people(inputs, days, settings)
    skills = skills_by_agent(proficient(inputs.agent_skills, inputs.centre), inputs.grid)
    weights = weights_of(persons, skills, settings)
    by_cuts = inputs.cuts is not None and not inputs.cuts.empty
    served = {
        own: tuple(q for q in served_by(inputs.routing, own) if q in queues)
        for own in sorted({skills.get(p.agent_id, ()) for p in persons})
    }
    keys = {}
    for person in persons:
        own = skills.get(person.agent_id, ())
        keys[person.agent_id] = (served[own], own if by_cuts else (), weights[person.agent_id])
    classes = sorted(set(keys.values()))
    wages = [p.cost_per_h for p in persons]
    wage = float(np.mean(wages)) if wages else 0.0
    over = wage if settings.price_over is None else settings.price_over
    demand, flat, demand_fine, flat_fine, required = build_demand(
        inputs, queues, [c[0] for c in classes], [c[1] for c in classes], slot_min, over * slot_min / 60,
        group_cuts([c[2] for c in classes], settings, inputs.grid, inputs.centre.zone, slot_min),
    )  # fmt: skip
    class_of = {agent: classes.index(key) for agent, key in keys.items()}
    people, shifts, kinds = build_people(
        persons, class_of, days, inputs.grid.start_min, slot_min, slots, settings
    )
    problem = WeekProblem(
        slot_min, inputs.grid.start_min, demand, flat, demand_fine, flat_fine, required, shifts,
        people, queues,
        tuple(c[0] for c in classes), tuple(p.agent_id for p in persons),
    )  # fmt: skip
    return problem, persons, kinds


def weeks_from(schedule: pd.DataFrame | None, problem: WeekProblem) -> tuple[Weeks, np.ndarray]:
    """Weeks of an earlier schedule, for agents whose week is still allowed; who has one, bool, shape (A,)."""
    weeks, has = problem.no_weeks(), np.zeros(len(problem.agent_ids), bool)
    if schedule is None or schedule.empty:
        return weeks, has
    rows = schedule[schedule["kind"] != "time_off"].sort_values(["agent_id", "start"])
    rows = rows.assign(
        begin=(epoch_min(rows["start"]) - problem.start_min) // problem.slot_min,
        stop=(epoch_min(rows["end"]) - problem.start_min) // problem.slot_min,
    )
    number = {agent: n for n, agent in enumerate(problem.agent_ids)}
    for agent, own in rows.groupby("agent_id", sort=True):
        if str(agent) in number:
            has[number[str(agent)]] = _week_from(own, number[str(agent)], problem, weeks)
    return weeks, has


def _week_from(rows: pd.DataFrame, agent: int, problem: WeekProblem, weeks: Weeks) -> bool:
    """Write one agent's shifts; False, and nothing written, where a rule forbids them now."""
    people, shifts = problem.people, problem.shifts
    kind = int(people.kind[agent])
    start, length = np.full(7, -1, np.int64), np.zeros(7, np.int64)
    breaks = np.full(weeks.breaks.shape[1:], -1, np.int64)
    for _, shift in rows.groupby("shift_id", sort=False):
        begin, size = int(shift["begin"].min()), int(shift["stop"].max() - shift["begin"].min())
        rests = shift[shift["kind"] == "break"]
        sizes = (rests["stop"] - rests["begin"]).to_numpy()
        days = np.flatnonzero((shifts.start[kind] == begin).any(axis=1))
        fitting = [
            k
            for k in np.flatnonzero((shifts.length[kind] == size) & (size > 0))
            if np.array_equal(sizes, shifts.break_len[kind, k, : shifts.break_n[kind, k]])
        ]
        if not days.size or not fitting:
            return False
        d, k = int(days[0]), int(fitting[0])
        first, last = (side[kind, k, : sizes.size] + begin for side in (shifts.break_lo, shifts.break_hi))
        start[d], length[d] = begin, k
        # A break that has been moved out of its window goes back to the nearest place in it.
        breaks[d, : sizes.size] = np.clip(rests["begin"].to_numpy(), first, last)
    if not legal_week(agent, start, length, people, shifts):
        return False
    weeks.start[agent], weeks.length[agent], weeks.breaks[agent] = start, length, breaks
    return True
