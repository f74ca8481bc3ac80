"""The week of a fixed-shift team: cover by day and kind of shift, in the tables of any schedule."""

import dataclasses
import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd

from wfo.effort import Effort
from wfo.scheduling.build import build_problem, week_days
from wfo.scheduling.fixed_shifts.arrays import Arrays, to_arrays
from wfo.scheduling.fixed_shifts.solve import FixedShiftResult, solve_team
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.least_weeks import with_least_weeks
from wfo.scheduling.people import WeekAgent
from wfo.scheduling.problem import FORBIDDEN, WeekProblem
from wfo.scheduling.reasons import reasons_for, what_agents_lack
from wfo.scheduling.result import ScheduleResult, schedule_table, wishes_table
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shifts import Kind
from wfo.scheduling.team import CENT, Team, team_of
from wfo.scheduling.team_weeks import TeamWeeks
from wfo.scheduling.watch import Progress, Watch
from wfo.scheduling.week import plan_week
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta, Status

_NOTES = (
    "a fixed-shift team: its cover by day and kind of shift is planned for, no queue's demand",
    "overtime and voluntary time off are not used",
)
_TOLD = 10
_TRIALS_A_PASS = 100


def schedule_team(
    inputs: ScheduleInputs, settings: ScheduleSettings, *, seed: int, effort: Effort = Effort.NORMAL,
    seconds: float | None = None, tell: Callable[[Progress], None] | None = None,
) -> ScheduleResult:  # fmt: skip
    """Plan a week for ``settings.cover``.

    Parameters
    ----------
    inputs, settings, seed, effort, seconds, tell
        As in `schedule`; demand is not looked at.

    Returns
    -------
    ScheduleResult
        With tables ``shift_cover`` and ``rota``. ``meta.objective`` is money: what shifts are worth to agents
        less what they and missed or exceeded cover cost; ``meta.bound`` no schedule can exceed.

    Notes
    -----
    One watch is kept over all of it: after the first Ctrl-C or the time limit the best so far is the result.

    Raises
    ------
    InputError
        If kinds of shift have no times of their own, or differ between contracts.
    """
    given = dataclasses.replace(
        inputs, cover=empty_table("cover"), deferred=empty_table("deferred"), cuts=None, requirement=None
    )
    problem, persons, kinds = build_problem(given, settings)
    days = week_days(given)
    without = _without(problem)
    able = np.flatnonzero(~without)
    if not able.size:
        reasons = reasons_for(given, settings, problem, persons, without, days).told
        reasons += what_agents_lack(settings, problem, persons, days)
        return ScheduleResult(_tables(None, problem, persons, kinds, given, days), _nobody(reasons, seed))
    team = team_of(problem, persons, kinds, able, settings)
    arrays = to_arrays(team.problem)
    limit = settings.time_limit_s if seconds is None else seconds
    bent, told = tuple[str, ...](), frozenset[str]()
    left = [problem.agent_ids[a] for a in np.flatnonzero(without)]
    with Watch(limit, _money(arrays, tell)) as watch:
        found = solve_team(arrays, seed=seed, limits=effort.limits, watch=watch)
        planned = TeamWeeks(problem, team, arrays)
        trials = _TRIALS_A_PASS * effort.limits.passes
        anew = planned.take(_plans(found, arrays), trials=trials, seed=seed, enough=found.bound, watch=watch)
        tables = _tables(planned, problem, persons, kinds, given, days)
        if left:
            named = tables["schedule"]
            tables["schedule"], bent, told = with_least_weeks(named, left, given, settings, watch)
    unsaid = [person for person in persons if person.agent_id in set(left) - told]
    tables |= {
        "shift_cover": _cover_table(arrays, planned.plans, days),
        "rota": _rota_table(arrays, planned.plans, days),
    }
    reasons = (
        *reasons_for(given, settings, problem, persons, without, days).told,
        *what_agents_lack(settings, problem, unsaid, days), *bent,
        *_short(tables["shift_cover"], team), *watch.reasons(),
    )  # fmt: skip
    return ScheduleResult(tables, _meta(found, arrays, planned.plans, anew, reasons, seed, whole=not left))


def _without(problem: WeekProblem) -> np.ndarray:
    """Agents who have no legal week, bool, shape (A,)."""
    people, shifts, weeks = problem.people, problem.shifts, problem.no_weeks()
    price = np.zeros(max(people.off.shape[1], problem.n_slots + 2 * int(shifts.length.max(initial=1))))
    found = [
        plan_week(a, price, people, shifts, weeks.start[a], weeks.length[a], weeks.breaks[a]) <= FORBIDDEN / 2
        for a in range(len(problem.agent_ids))
    ]
    return np.array(found, bool)


def _plans(found: FixedShiftResult, arrays: Arrays) -> np.ndarray:
    """The rota as numbers of kinds of shift, int8, shape (P, 7)."""
    number = {t.name: s for s, t in enumerate(arrays.team.shift_types)}
    plans = np.full(arrays.shape[:2], arrays.shape[2], np.int8)
    for n, person in enumerate(arrays.team.persons):
        for day, name in found.rota.get(person.name, {}).items():
            plans[n, day] = number[name]
    return plans


def _constant(arrays: Arrays) -> int:
    """What all wanted shifts are worth together: the solver counts those that are not worked as a cost."""
    return int(arrays.base.sum())


def _money(arrays: Arrays, tell: Callable[[Progress], None] | None) -> Callable[[Progress], None] | None:
    """Progress in money instead of the solver's weights."""
    if tell is None:
        return None
    constant, needed = _constant(arrays), float(arrays.need.sum())

    def told(progress: Progress) -> None:
        bound = None if progress.bound is None else (progress.bound + constant) / CENT
        objective = (progress.objective + constant) / CENT
        tell(Progress(progress.seconds, progress.phase, objective, bound, needed))

    return told


def _tables(
    planned: TeamWeeks | None, problem: WeekProblem, persons: list[WeekAgent], kinds: list[Kind],
    inputs: ScheduleInputs, days: tuple[dt.date, ...],
) -> dict[str, pd.DataFrame]:  # fmt: skip
    weeks = problem.no_weeks() if planned is None else planned.weeks
    return {
        "schedule": schedule_table(problem, weeks, persons, kinds, days),
        "prices": empty_table("prices"),
        "assignment": empty_table("assignment"),
        "wishes_met": wishes_table(inputs.wishes, problem, weeks, persons, kinds, days),
        "shift_cover": empty_table("shift_cover"),
        "rota": empty_table("rota"),
    }


def _cover_table(arrays: Arrays, plans: np.ndarray, days: tuple[dt.date, ...]) -> pd.DataFrame:
    """Agents wanted and planned by day and kind of shift, where cover asks for some or somebody works."""
    there = arrays.staffed(plans)
    rows = [
        (day, shift.name, int(arrays.need[d, s]), int(there[d, s]))
        for d, day in enumerate(days)
        for s, shift in enumerate(arrays.team.shift_types)
        if arrays.need[d, s] or there[d, s]
    ]
    return pd.DataFrame(rows, columns=["schedule_date", "shift", "wanted", "planned"])


def _rota_table(arrays: Arrays, plans: np.ndarray, days: tuple[dt.date, ...]) -> pd.DataFrame:
    """Kind of shift by agent and day worked."""
    names = [t.name for t in arrays.team.shift_types]
    rows = [
        (person.name, days[d], names[plans[n, d]])
        for n, person in enumerate(arrays.team.persons)
        for d in np.flatnonzero(plans[n] < len(names))
    ]
    return pd.DataFrame(rows, columns=["agent_id", "schedule_date", "shift"])


def _short(cover: pd.DataFrame, team: Team) -> tuple[str, ...]:
    """Shifts that too few work, and whether the team has enough to give."""
    missing = cover[cover["planned"] < cover["wanted"]]
    if missing.empty:
        return ()
    told = [
        f"{day:%a %d %b}, {shift}: {there} of {want} agents"
        for day, shift, want, there in missing.head(_TOLD).itertuples(index=False)
    ]
    more = len(missing) - _TOLD
    told += [f"and {more} more such shifts"] if more > 0 else []
    shortest = min(t.minutes for t in team.problem.shift_types)
    most = sum(min(p.minutes[1] // shortest, 7) for p in team.problem.persons)
    asked = int(cover["wanted"].sum())
    head = (
        f"cover asks for {asked} shifts; by their hours the team's {len(team.agents)} agents can work {most}"
    )
    return (head if asked > most else "no week that keeps all rules covers everything", *told)


def _nobody(reasons: tuple[str, ...], seed: int) -> Meta:
    return Meta(Status.INFEASIBLE, reasons, seed=seed, notes=_NOTES)


def _meta(
    found: FixedShiftResult, arrays: Arrays, plans: np.ndarray, anew: int, reasons: tuple[str, ...],
    seed: int, *, whole: bool,
) -> Meta:  # fmt: skip
    """Status with reasons, objective and bound; ``whole``: everybody has a legal week."""
    constant, cost = _constant(arrays), arrays.cost(plans)
    objective, bound, gap = (constant - cost) / CENT, None, None
    if (
        found.status is not Status.INFEASIBLE
    ):  # else the solver's rules are tighter than these, and so its bound
        bound = (constant - found.bound) / CENT
        gap = (bound - objective) / max(1.0, abs(bound))
    short = np.maximum(arrays.need - arrays.staffed(plans), 0)
    facts = {
        "shifts_wanted": float(arrays.need.sum()),
        "shifts_short": float(short.sum()),
        "agents_planned": float(plans.shape[0]),
        "weeks_anew": float(anew),
    }
    status = Status.OPTIMAL if cost == found.bound and whole else Status.FEASIBLE
    return Meta(status, reasons, objective, bound, gap, None, seed, _NOTES, facts)
