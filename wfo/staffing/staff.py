"""Turn a forecast into what the scheduler covers: positions and their worth, and deferred work."""

import numpy as np
import pandas as pd

from wfo.domain.deferred_checks import misfits
from wfo.errors import InputError, Problem
from wfo.staffing.at_once import StaffedAtOnce, staffed_at_once
from wfo.staffing.backlog import DeferredWork, deferred_work
from wfo.staffing.day_chance import short_of_confidence
from wfo.staffing.idle_time import idle_positions
from wfo.staffing.inputs import StaffInputs, present_shares
from wfo.staffing.nothing_asked import nothing_asked
from wfo.staffing.pooled import pooled_table
from wfo.staffing.positions import requirement_table
from wfo.staffing.result import StaffResult
from wfo.staffing.settings import Loss, StaffSettings
from wfo.staffing.shrinkage import ALL, lost_share, shrinkage_table, states_as_paid
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
    ['cover', 'day_chances', 'deferred', 'pooled', 'requirement', 'shrinkage']
    >>> plan.hours().index.tolist()
    ['voice_billing', 'chat', 'email', 'all']
    """
    _check_later_work(inputs)
    laws = inputs.forecast.laws()
    expected = inputs.forecast.expected()
    is_open = (laws.landing_start == np.arange(inputs.grid.n)) & (laws.landing_len == 1)
    states = states_as_paid(settings.states, inputs.centre.contracts)
    known = settings.model_copy(update={"states": states})
    shrinkage = shrinkage_table(inputs.agent_states, inputs.centre.zone, known)
    present = present_shares(inputs, shrinkage)
    at_once = staffed_at_once(inputs, settings, laws, expected, is_open, present, seed=seed)
    idle = idle_positions(at_once.work, at_once.needed, settings.blend_occupancy, expected.shape)
    later = deferred_work(inputs, settings, laws, expected, is_open, present, idle)
    tables = _positions(inputs, at_once, later, laws.queues) | {"shrinkage": shrinkage}
    tables["pooled"] = pooled_table(inputs, settings, at_once.work)
    reasons = _reasons(inputs, settings, laws.queues, expected, at_once, later)
    notes = _notes(shrinkage) + _not_in_formulas(inputs) + later.notes
    meta = Meta(reasons=reasons, seed=seed, notes=notes, facts=dict(later.facts))
    return StaffResult(tables=tables, meta=meta, state=_state(inputs, shrinkage))


def _reasons(
    inputs: StaffInputs,
    settings: StaffSettings,
    queues: tuple[str, ...],
    expected: np.ndarray,
    at_once: StaffedAtOnce,
    later: DeferredWork,
) -> tuple[str, ...]:
    """Work for which nobody is skilled, days without the wanted chance, and queues without new work."""
    unskilled = _unskilled(inputs, queues, expected, later.table)
    short = short_of_confidence(at_once.chances, settings.day_confidence)
    return (
        unskilled
        + short
        + nothing_asked(inputs.centre, queues, inputs.forecast.fresh(), expected, later.table)
    )


def _positions(
    inputs: StaffInputs, at_once: StaffedAtOnce, later: DeferredWork, queues: tuple[str, ...]
) -> dict[str, pd.DataFrame]:
    """Positions and work of all queues, by the centre's order of queues."""
    needed = requirement_table(inputs, at_once.work, at_once.needed, queues)
    requirement = pd.concat([needed, later.requirement], ignore_index=True)
    tables = {
        "requirement": _in_order(inputs, requirement, "queue", "interval_start"),
        "cover": at_once.cover,
        "deferred": later.table,
        "day_chances": at_once.chances,
    }
    if len(later.cover):
        both = pd.concat([at_once.cover, later.cover], ignore_index=True)
        tables["cover"] = _in_order(inputs, both, "queue", "interval_start", "step")
    if len(later.case_steps):
        tables["case_steps"] = later.case_steps
    return tables


def _check_later_work(inputs: StaffInputs) -> None:
    found = misfits(inputs.centre.queues)
    if found:
        raise InputError(Problem(".".join(("queues", *path)), text) for path, text in found)


def _in_order(inputs: StaffInputs, frame: pd.DataFrame, *key: str) -> pd.DataFrame:
    rank = {q: i for i, q in enumerate(inputs.centre.queue_ids)}
    return frame.sort_values(
        list(key), key=lambda c: c.map(rank) if c.name == "queue" else c, ignore_index=True
    )


def _notes(shrinkage: pd.DataFrame) -> tuple[str, ...]:
    """Where shrinkage comes from, in words."""
    whole = shrinkage[shrinkage["weekday"] == ALL]
    told = []
    for source, head in (("estimated", "shrinkage estimated from agents' states"), ("assumed", "assumed")):
        own = whole[whole["source"] == source]
        unpaid = own["loss"].map(lambda loss: " (unpaid)" if loss == Loss.UNPAID.value else "")
        named = zip(own["kind"], own["share"], unpaid, strict=True)
        kinds = (f"{k.replace('_', ' ')} {s:.1%}{pay}" for k, s, pay in named)
        if len(own):
            told.append(f"{head}: {', '.join(kinds)}")
    return (f"{'; '.join(told)}.".replace("assumed:", "shrinkage assumed:"),) if told else ()


def _not_in_formulas(inputs: StaffInputs) -> tuple[str, ...]:
    """What callers do in line that only the simulation plays."""
    queues, told = inputs.centre.queues, []
    if found := [name for name, q in queues.items() if q.balking or q.callback_share]:
        told.append(f"The simulation plays balking and callbacks of {', '.join(found)}; the formulas do not.")
    if found := [name for name, q in queues.items() if q.dialler is not None]:
        told.append(
            f"No position is required for calls of the diallers of {', '.join(found)}: they fill time."
        )
    return tuple(told)


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
