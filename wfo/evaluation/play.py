"""Play: the plan simulated under draws of the forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Law, Queue
from wfo.evaluation.later import diallers_of, later_work
from wfo.evaluation.old_work import old_work
from wfo.evaluation.positions import kept_positions
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import DEFAULT_WITHIN_S, MetricSpec
from wfo.simulation.counts import Counts
from wfo.simulation.later_work import LaterWork
from wfo.simulation.memory import NEVER
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import Staffing
from wfo.staffing.deferred import due_ms, due_turns
from wfo.staffing.targets import response_spec
from wfo.timegrid import TimeGrid


@dataclass(frozen=True)
class Played:
    """A simulated plan.

    Attributes
    ----------
    counts : Counts
    staffing : Staffing
    paths : DemandPaths
    causes_known : bool
        Whether it is known which contacts earlier ones caused; not so from interval counts alone.
    within_s : mapping of str to float
        Time by which each queue with a target of service was judged.
    later : LaterWork
        Steps, calls and chase contacts that were played.
    """

    counts: Counts
    staffing: Staffing
    paths: DemandPaths
    causes_known: bool = True
    within_s: Mapping[str, float] = field(default_factory=dict)
    later: LaterWork = field(default_factory=LaterWork)


def caused_by_earlier(played: Played) -> np.ndarray:
    """Follow-ups and redials by replication, queue and interval, float64; NaN where causes are not known."""
    counts = played.counts
    caused = (counts.follow_ups + counts.carried + counts.redials).astype(np.float64)
    return caused if played.causes_known else np.full_like(caused, np.nan)


def play(
    centre: Centre,
    grid: TimeGrid,
    specs: tuple[MetricSpec, ...],
    paths: DemandPaths,
    staffing: Staffing,
    backlog: pd.DataFrame | None,
    settings: EvaluateSettings,
    *,
    seed: int,
    requirement: pd.DataFrame | None = None,
) -> Counts:
    """Simulate the plan once for each path."""
    options = options_of(
        centre, grid, specs, staffing, backlog, settings,
        requirement=requirement, handle_mean_s=paths.handle_mean_s,
    )  # fmt: skip
    return simulate(paths, staffing, seed=seed, options=options)


def judged_within(queues: tuple[str, ...], specs: tuple[MetricSpec, ...]) -> dict[str, float]:
    """Time by which each queue is judged that has a target of service in so many seconds."""
    found = {name: response_spec(name, specs) for name in queues}
    return {name: s.within_s for name, s in found.items() if s is not None and s.within_s is not None}


def options_of(
    centre: Centre,
    grid: TimeGrid,
    specs: tuple[MetricSpec, ...],
    staffing: Staffing,
    backlog: pd.DataFrame | None,
    settings: EvaluateSettings,
    *,
    requirement: pd.DataFrame | None = None,
    handle_mean_s: np.ndarray | None = None,
) -> SimulationOptions:
    """How a plan's contacts are judged and worked on: thresholds, due instants, what is open, who is kept."""
    names = staffing.queues
    queues = [centre.queues[q] for q in names]
    targets = [response_spec(name, specs) for name in names]
    within_s = [DEFAULT_WITHIN_S if s is None or s.within_s is None else s.within_s for s in targets]
    due, turn, gap = _due(centre, grid, names, targets, settings.promise_days)
    return SimulationOptions(
        threshold_ms=np.array([round(s * 1000) for s in within_s], dtype=np.int64),
        short_ms=np.array([round(q.short_abandon_s * 1000) for q in queues], dtype=np.int64),
        due_ms=due,
        due_turn_ms=turn,
        due_gap_ms=gap,
        old_work=old_work(backlog, centre, names, grid),
        later=later_work(centre, grid, names, handle_mean_s),
        diallers=diallers_of(centre, grid, names),
        max_occupancy=settings.max_occupancy,
        kept=None if requirement is None else kept_positions(requirement, staffing, grid),
        deferred_waits=settings.deferred_waits,
        absence=absence_of(staffing, centre, settings),
        room=_room(queues),
        balk_p=np.array([q.balking for q in queues]),
        callback_p=np.array([q.callback_share or 0.0 for q in queues]),
        callback_ms=_callback_ms(queues),
    )


def _room(queues: list[Queue]) -> np.ndarray | None:
    """Most contacts that wait in line, by queue; None where no queue has a limit."""
    if all(queue.most_waiting is None for queue in queues):
        return None
    return np.array([NEVER if q.most_waiting is None else q.most_waiting for q in queues], dtype=np.int64)


def _callback_ms(queues: list[Queue]) -> np.ndarray:
    """Wait after which a callback is offered, by queue."""
    after = [q.callback_after_s for q in queues]
    return np.array([NEVER if s is None else round(s * 1000) for s in after], dtype=np.int64)


def _due(
    centre: Centre,
    grid: TimeGrid,
    queues: tuple[str, ...],
    targets: list[MetricSpec | None],
    promise_days: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Due instants of deferred queues, and where they go over closing time, each of shape (Q, T)."""
    due, turn, gap = np.zeros((3, len(queues), grid.n), dtype=np.int64)
    due += np.iinfo(np.int64).max // 4
    for q, name in enumerate(queues):
        if centre.queues[name].law is Law.DEFERRED:
            due[q] = due_ms(centre, name, grid, targets[q], promise_days=promise_days)
            turn[q], gap[q] = due_turns(centre, name, grid, targets[q], promise_days=promise_days)
    return due, turn, gap


def absence_of(
    staffing: Staffing, centre: Centre, settings: EvaluateSettings, always_there: str = ""
) -> np.ndarray:
    """Probability that each shift is missed: the mean unscheduled shrinkage of the queues it serves."""
    if settings.absence == "none":
        return np.zeros(len(staffing.shift_word))
    shares = [centre.queues[q].shrinkage for q in staffing.queues]
    of_queue = np.array([settings.missed if s is None else s for s in shares])
    mean = np.full(len(staffing.shift_word), settings.missed)
    for _, starts, agent, group, shift, _ in staffing.events[::-1].tolist():
        rows = slice(staffing.serves_ptr[group], staffing.serves_ptr[group + 1])
        if starts:
            there = staffing.agents[agent] == always_there
            mean[shift] = 0.0 if there else of_queue[staffing.serves[rows, 0]].mean()
    return mean
