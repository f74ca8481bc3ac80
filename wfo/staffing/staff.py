"""Turn a forecast into what the scheduler covers: positions and their worth, and deferred work."""

import numpy as np
import pandas as pd

from wfo.domain.later_checks import misfits
from wfo.errors import InputError, Problem
from wfo.staffing.backlog import deferred_work
from wfo.staffing.corrected import load_factors
from wfo.staffing.day_chance import confident_factors, day_chances, short_of_confidence
from wfo.staffing.idle_time import idle_positions
from wfo.staffing.immediate import cover_table, immediate_work, needed_positions, requirement_table
from wfo.staffing.inputs import StaffInputs, present_shares
from wfo.staffing.mixture import day_points
from wfo.staffing.nothing_asked import nothing_asked
from wfo.staffing.pooled import pooled_table
from wfo.staffing.result import StaffResult
from wfo.staffing.settings import Loss, StaffSettings
from wfo.staffing.shrinkage import ALL, lost_share, shrinkage_table
from wfo.tables.empty import empty_table
from wfo.tables.result import Meta

__all__ = ["StaffInputs", "staff"]


def staff(inputs: StaffInputs, settings: StaffSettings, *, seed: int) -> StaffResult:
    """Find positions, what each further one is worth, and what deferred work is due when.

    Immediate and concurrent queues are Erlang A in each interval (a chat agent as as many slots as he holds
    chats), on the modified offered load, corrected by simulation where contacts are long, and on the mixture
    of day factors. Deferred queues are a flow of work with due instants, cases step by step; what kept agents
    and idle time do of it needs no further position. Where a priced target is missed in
    an interval, the contacts by which it is missed cost its price there, whatever its grain: a week's
    shortfall is not set off against another interval's surplus. Wait and occupancy targets shape positions,
    not worth.

    Parameters
    ----------
    inputs : StaffInputs
    settings : StaffSettings
    seed : int
        Of the weeks simulated to correct loads.

    Returns
    -------
    StaffResult
        ``meta.reasons`` names queues with demand that no agent is skilled for, and days that a wanted chance
        is not reached on.

    Raises
    ------
    InputError
        If a target cannot be met by any number of positions, or what is said of a queue's deferred work does
        not fit the queues.
    TableError
        If the backlog names a queue that is not deferred, or work below zero.

    Notes
    -----
    Erlang A: Garnett, Mandelbaum & Reiman 2002; modified offered load: Jagerman 1975, Massey & Whitt 1994.

    Examples
    --------
    >>> import wfo
    >>> from wfo.forecasting.settings import ForecastSettings
    >>> from wfo.metrics.specs import parse_target
    >>> from wfo.staffing.settings import StaffSettings
    >>> sample = wfo.sample_centre("tiny")
    >>> grid = wfo.TimeGrid(sample.now, step_min=30, n=7 * 48)
    >>> history = wfo.ForecastInputs(
    ...     sample.centre, grid, sample.now, interactions=sample.data["interactions"]
    ... )
    >>> forecast = wfo.forecast(history, ForecastSettings(), seed=1)
    >>> target = parse_target("80% in 20s", metric="service_level", scope="voice_billing")
    >>> inputs = wfo.StaffInputs(
    ...     sample.centre, grid, (target,), forecast, sample.data["routing"], sample.data["agent_skills"]
    ... )
    >>> plan = wfo.staff(inputs, StaffSettings(), seed=1)
    >>> sorted(plan.tables)
    ['cover', 'cuts', 'day_chances', 'deferred', 'pooled', 'requirement', 'shrinkage']
    >>> plan.hours().index.tolist()
    ['voice_billing', 'chat', 'email', 'all']
    """
    _check_later_work(inputs)
    laws = inputs.forecast.laws()
    expected = inputs.forecast.expected()
    is_open = (laws.landing_start == np.arange(inputs.grid.n)) & (laws.landing_len == 1)
    shrinkage = shrinkage_table(inputs.agent_states, inputs.centre.zone, settings)
    present = present_shares(inputs, shrinkage)
    work = immediate_work(inputs, settings, laws, expected, is_open, present)
    if settings.load == "modified_offered_load":
        arrivals, at = np.where(is_open, expected, 0.0), (work.rows[0], work.queue, work.interval)
        work = work.loaded(load_factors(laws, arrivals, *at, weeks=settings.correction_weeks, seed=seed))
    day_cv, zone = inputs.forecast.day_cv(), inputs.centre.zone
    factors, weights = day_points(day_cv, settings.mixture_points)
    needed = needed_positions(work, factors, weights, laws.queues)
    day = (laws, np.where(is_open, expected, 0.0), day_cv, work.rows[0], work.queue, work.interval)
    asked = work
    if settings.day_confidence is not None:
        mixture, wanted = (factors, weights), settings.day_confidence
        asked = work.asking_as_of(
            confident_factors(*day, work.ratios, zone, mixture, wanted=wanted, seed=seed)
        )
        needed = needed_positions(asked, factors, weights, laws.queues)
    chances = day_chances(*day, needed, zone, work.ratios, seed=seed)
    cover = cover_table(inputs, asked, needed, factors, weights, laws.queues)
    idle = idle_positions(work, needed, settings.blend_occupancy, expected.shape)
    later = deferred_work(inputs, settings, laws, expected, is_open, present, idle)
    requirement = requirement_table(inputs, work, needed, laws.queues)
    requirement = pd.concat([requirement, later.requirement], ignore_index=True)
    rank = {q: i for i, q in enumerate(inputs.centre.queue_ids)}
    requirement = requirement.sort_values(
        ["queue", "interval_start"], key=lambda c: c.map(rank) if c.name == "queue" else c, ignore_index=True
    )
    reasons = _unskilled(inputs, laws.queues, expected, later.table)
    reasons += short_of_confidence(chances, settings.day_confidence)
    reasons += nothing_asked(inputs.centre, laws.queues, inputs.forecast.fresh(), expected, later.table)
    tables = {
        "requirement": requirement,
        "cover": cover,
        "deferred": later.table,
        "cuts": empty_table("cuts"),
    }
    tables["day_chances"] = chances.assign(wanted=settings.day_confidence).astype({"wanted": "float64"})
    tables["shrinkage"] = shrinkage
    tables["pooled"] = pooled_table(inputs, settings, work)
    if len(later.cover):
        tables["cover"] = _in_order(inputs, pd.concat([cover, later.cover], ignore_index=True))
    if len(later.case_steps):
        tables["case_steps"] = later.case_steps
    notes = _notes(shrinkage) + _not_in_formulas(inputs) + later.notes
    return StaffResult(
        tables=tables,
        meta=Meta(reasons=reasons, seed=seed, notes=notes, facts=dict(later.facts)),
        state=_state(inputs, shrinkage),
    )


def _check_later_work(inputs: StaffInputs) -> None:
    found = misfits(inputs.centre.queues)
    if found:
        raise InputError(Problem(".".join(("queues", *path)), text) for path, text in found)


def _in_order(inputs: StaffInputs, cover: pd.DataFrame) -> pd.DataFrame:
    rank = {q: i for i, q in enumerate(inputs.centre.queue_ids)}
    key = ["queue", "interval_start", "step"]
    return cover.sort_values(key, key=lambda c: c.map(rank) if c.name == "queue" else c, ignore_index=True)


def _notes(shrinkage: pd.DataFrame) -> tuple[str, ...]:
    """Where shrinkage comes from, in words."""
    whole = shrinkage[shrinkage["weekday"] == ALL]
    told = []
    for source, head in (("estimated", "shrinkage estimated from agents' states"), ("assumed", "assumed")):
        own = whole[whole["source"] == source]
        kinds = (f"{k.replace('_', ' ')} {s:.1%}" for k, s in zip(own["kind"], own["share"], strict=True))
        if len(own):
            told.append(f"{head}: {', '.join(kinds)}")
    return (f"{'; '.join(told)}.".replace("assumed:", "shrinkage assumed:"),) if told else ()


def _not_in_formulas(inputs: StaffInputs) -> tuple[str, ...]:
    """What callers do in line that only the simulation plays."""
    found = [name for name, q in inputs.centre.queues.items() if q.balking or q.callback_share]
    if not found:
        return ()
    return (f"The simulation plays balking and callbacks of {', '.join(found)}; the formulas do not.",)


def _state(inputs: StaffInputs, shrinkage: pd.DataFrame) -> dict[str, float]:
    """What hours and head counts are computed from."""
    full_time = [c.full_time_h for c in inputs.centre.contracts.values()]
    return {
        "step_min": float(inputs.grid.step_min),
        "scheduled_share": 1.0 - lost_share(shrinkage, Loss.SCHEDULED),
        "unscheduled": lost_share(shrinkage, Loss.UNSCHEDULED),
        "full_time_h": float(np.mean(full_time)) if full_time else 40.0,
    }


def _unskilled(
    inputs: StaffInputs, queues: tuple[str, ...], expected: np.ndarray, deferred: pd.DataFrame
) -> tuple[str, ...]:
    """Queues with demand, or work handed to them, that no agent is skilled for, in words."""
    hours = deferred.groupby("queue")["work_s"].sum() / 3600.0
    held = set(inputs.agent_skills["skill"].astype(str))
    called = {name: skill.name or name for name, skill in inputs.centre.skills.items()}
    reasons = []
    for q, name in enumerate(queues):
        volume = float(expected[q].sum())
        if not inputs.centre.queues[name].staffed or (volume <= 0 and name not in hours):
            continue
        told = f"{volume:.0f} contacts" if volume > 0 else f"{hours[name]:.1f} h of work"
        asked = sorted(set(inputs.routing.loc[inputs.routing["queue"] == name, "skill"].astype(str)))
        if not asked:
            reasons.append(f"demand no one is skilled for: {name} ({told}) is routed to no skill")
        elif not held.intersection(asked):
            needed = " or ".join(called.get(skill, skill) for skill in asked)
            reasons.append(f"demand no one is skilled for: {name} ({told}) needs {needed}")
    return tuple(reasons)
