"""The verb: named weeks for agents against what coverage is worth."""

from collections.abc import Callable

import numpy as np

from wfo.domain.centre import Law
from wfo.effort import Effort
from wfo.scheduling.assignment import assignment_table
from wfo.scheduling.build import build_problem, week_days, weeks_from
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.least_weeks import with_least_weeks
from wfo.scheduling.main_queue import with_main_queues
from wfo.scheduling.prices import price_table
from wfo.scheduling.reasons import reasons_for, what_agents_lack
from wfo.scheduling.result import ScheduleResult, schedule_table, wishes_table
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.solve import Solution, solve
from wfo.scheduling.team_schedule import schedule_team
from wfo.scheduling.watch import Progress, Watch
from wfo.tables.result import Meta, Status

_NOTES = (
    "breaks lie in equal windows of the shift's inner part, one for each break",
    "a day whose start window time off covers takes its share of the week's hours and days",
    "work of published shifts that reach into the week is not counted",
)


def schedule(
    inputs: ScheduleInputs, settings: ScheduleSettings, *, seed: int, effort: Effort = Effort.NORMAL,
    seconds: float | None = None, tell: Callable[[Progress], None] | None = None,
) -> ScheduleResult:  # fmt: skip
    """Plan a named week; where ``settings.cover`` asks for kinds of shift, that of a fixed-shift team.

    Parameters
    ----------
    inputs : ScheduleInputs
    settings : ScheduleSettings
    seed : int
        Of the search.
    effort : Effort
        How hard it tries; limits are counts, so the same inputs give the same bytes.
    seconds : float, optional
        A time limit instead: the search goes on until then, and results depend on the machine; empty:
        the settings', if there is one.
    tell : callable, optional
        Gets a `Progress` after each step of the search.

    Returns
    -------
    ScheduleResult
        Tables ``schedule``, ``prices``, ``assignment``, ``wishes_met``. ``meta.objective`` is money (value
        of coverage and deferred work, less paid cost where hours are a decision, overstaffing and wishes),
        ``meta.bound`` no schedule can exceed; ``meta.excess`` is of the flat benchmark: (objective -
        bound) ÷ needed agent-intervals.

    Raises
    ------
    InputError
        If frames name unknown or repeated things, or times do not fit a common grid.

    Notes
    -----
    The first Ctrl-C ends the search: the best schedule so far is the result, and ``meta.reasons`` say so.
    """
    if settings.cover:
        return schedule_team(inputs, settings, seed=seed, effort=effort, seconds=seconds, tell=tell)
    watch = Watch(settings.time_limit_s if seconds is None else seconds, tell)
    problem, persons, kinds = build_problem(inputs, settings)
    days = week_days(inputs)
    start, has = weeks_from(inputs.start_from, problem)
    with watch:
        solution = solve(problem, start, has, seed=seed, limits=effort.limits, watch=watch)
        named = schedule_table(problem, solution.weeks, persons, kinds, days)
        obstacles = reasons_for(inputs, settings, problem, persons, solution.without, days)
        left = [problem.agent_ids[a] for a in np.flatnonzero(solution.without)]
        bent, told = tuple[str, ...](), frozenset[str]()
        if left and len(left) < len(persons) and not obstacles.contracts:
            named, bent, told = with_least_weeks(named, left, inputs, settings, watch)
        unsaid = [person for person in persons if person.agent_id in set(left) - told]
        lacking = what_agents_lack(settings, problem, unsaid, days)
    assignment = assignment_table(problem, solution, inputs)
    tables = {
        "schedule": with_main_queues(named, assignment, _at_once(inputs), inputs.grid),
        "prices": price_table(problem, solution, inputs),
        "assignment": assignment,
        "wishes_met": wishes_table(inputs.wishes, problem, solution.weeks, persons, kinds, days),
    }
    reasons = (*obstacles.told, *lacking, *bent, *watch.reasons())
    return ScheduleResult(tables, _meta(solution, reasons, seed, nobodys=bool(obstacles.contracts)))


def _at_once(inputs: ScheduleInputs) -> list[str]:
    """Queues whose contacts are served at once."""
    at_once = (Law.IMMEDIATE, Law.CONCURRENT)
    return [name for name, queue in inputs.centre.queues.items() if queue.law in at_once]


def _meta(solution: Solution, reasons: tuple[str, ...], seed: int, *, nobodys: bool) -> Meta:
    """Status with reasons, objective and bound, and the flat benchmark.

    ``nobodys``: a contract allows nobody a week, and there is no plan until it is corrected.
    """
    gap = (solution.bound - solution.objective) / max(1.0, abs(solution.bound))
    excess = (solution.flat_objective - solution.flat_bound) / max(1.0, solution.required)
    planned = int((~solution.without).sum())
    status = Status.OPTIMAL if gap <= 1e-9 and not solution.without.any() else Status.FEASIBLE
    if not planned or nobodys:
        status = Status.INFEASIBLE
    facts = {
        "flat_objective": solution.flat_objective,
        "flat_bound": solution.flat_bound,
        **solution.facts,
    }
    return Meta(status, reasons, solution.objective, solution.bound, gap, excess, seed, _NOTES, facts)
