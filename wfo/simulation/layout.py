"""Layout: demand, staffing and options written into the kernel's memory."""

from collections.abc import Iterable

import numpy as np

from wfo.draws import word_of
from wfo.forecasting.paths import DemandPaths
from wfo.metrics.specs import DEFAULT_WITHIN_S
from wfo.simulation.blocks import Plan
from wfo.simulation.diallers import place_diallers
from wfo.simulation.later_layout import place_later_work
from wfo.simulation.laws import place_laws
from wfo.simulation.memory import (
    A_AFTER,
    A_BEFORE,
    A_HELD,
    A_LIST,
    A_NUMBER,
    ABSENT,
    AGENT_SIZE,
    AGENTS,
    BINS_N,
    BUCKETS,
    BUSY_MS,
    CARRIED_COUNTS,
    CONCURRENT,
    COUNTS,
    COUNTS_N,
    DIALLERS_N,
    DISTANT_MS,
    DUE_GAP,
    DUE_MS,
    DUE_TURN,
    DUTY_MS,
    EDGES_MS,
    EVENTS,
    EVENTS_N,
    FOLLOW_SIZE,
    FOLLOWS,
    FORCED,
    FRESH_COUNTS,
    FULL_LOAD,
    G_MAIN,
    G_SERVES_FROM,
    G_SERVES_TO,
    GROUP_SIZE,
    GROUPS,
    GROUPS_N,
    HOLDS,
    HORIZON_MS,
    INTERVALS_N,
    KEPT,
    L_WHAT,
    LANDING_LEN,
    LANDING_START,
    LAST_MS,
    LINK_SIZE,
    NEVER,
    OLD_COUNTS,
    OLD_COUNTS_N,
    OLD_N,
    OLD_WORK,
    PACE_MOST,
    PACE_ONE,
    PACES,
    Q_BUSY,
    Q_CALLBACK_MS,
    Q_CARRIED_WORD,
    Q_FOLLOWS_FROM,
    Q_FOLLOWS_TO,
    Q_FRESH_WORD,
    Q_IN_LINE,
    Q_LAW,
    Q_LOOSE,
    Q_ON_DUTY,
    Q_OWN,
    Q_PACE,
    Q_ROOM,
    Q_SERVED_FROM,
    Q_SERVED_TO,
    Q_SHORT,
    Q_SLOTS,
    Q_THRESHOLD,
    Q_UNITS,
    QUEUE_SIZE,
    QUEUES,
    QUEUES_MOST,
    QUEUES_N,
    SERVED_BY,
    SERVES,
    START_MIN,
    STEP_MS,
    TRACE,
    TRACE_N,
)
from wfo.simulation.old_work import old_rows
from wfo.simulation.options import SimulationOptions
from wfo.simulation.staffing import Staffing
from wfo.timegrid import MINUTE_MS


def template(
    demand: DemandPaths, staffing: Staffing, options: SimulationOptions, given: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Memory before a replication, and the laws in it; given contacts are rows of a trace.

    Raises
    ------
    ValueError
        If the grid is longer than instants in events can tell, or options do not fit the queues.
    """
    queues, intervals, step_ms = len(demand.queues), demand.grid.n, demand.grid.step_min * MINUTE_MS
    groups, empty = len(staffing.serves_ptr) - 1, np.zeros((intervals, queues))
    if queues > QUEUES_MOST:
        raise ValueError(f"a simulation of {queues} queues is too large; at most {QUEUES_MOST} fit")
    if step_ms * intervals > LAST_MS // 2:
        raise ValueError(
            f"{demand.grid.n} intervals of {demand.grid.step_min} minutes are too long a simulation; at most "
            f"{LAST_MS // 2 // 86_400_000} days fit"
        )
    plan = Plan()
    plan.registers[[QUEUES_N, INTERVALS_N, GROUPS_N, STEP_MS]] = queues, intervals, groups, step_ms
    plan.registers[[HORIZON_MS, START_MIN]] = step_ms * intervals, demand.grid.start_min
    plan.registers[[FORCED, BINS_N]] = options.forced_abandonment is not None, len(demand.lag_edges_min) - 1
    plan.registers[[OLD_N, EVENTS_N]] = len(options.old_work.queue), len(staffing.events)
    plan.registers[[TRACE_N, DIALLERS_N]] = len(given), len(options.diallers)
    plan.place(QUEUES, _queue_records(staffing, options))
    plan.place(GROUPS, np.tile([-1], (groups, GROUP_SIZE)))
    plan.place(AGENTS, _agent_records(len(staffing.agents)))
    plan.place(SERVES, staffing.serves)
    plan.place(SERVED_BY, staffing.served_by)
    plan.place(PACES, _paces(staffing))
    plan.place(FOLLOWS, _possible_follow_ups(demand))
    _link(plan, staffing, demand)
    place_later_work(plan, options.later, staffing, demand, given)
    plan.place(EVENTS, staffing.events)
    plan.place(ABSENT, np.zeros(max(1, len(staffing.shift_word))))
    place_diallers(plan, staffing, options.diallers, intervals)
    plan.place(FRESH_COUNTS, empty)
    plan.place(CARRIED_COUNTS, empty)
    plan.place(BUCKETS, np.full(intervals, -1))
    plan.place(LANDING_START, demand.landing_start.T)
    plan.place(LANDING_LEN, demand.landing_len.T)
    due_ms = np.full((queues, intervals), DISTANT_MS) if options.due_ms is None else options.due_ms
    plan.place(DUE_MS, np.minimum(due_ms, DISTANT_MS).T)
    plan.place(
        DUE_TURN, np.full(empty.shape, step_ms) if options.due_turn_ms is None else options.due_turn_ms.T
    )
    plan.place(DUE_GAP, empty if options.due_gap_ms is None else options.due_gap_ms.T)
    kept = empty if options.kept is None else np.ceil(options.kept - 1e-9).T
    plan.registers[HOLDS] = options.kept is not None and options.deferred_waits > 0
    plan.place(KEPT, kept)
    plan.place(EDGES_MS, np.asarray(demand.lag_edges_min, dtype=np.int64) * MINUTE_MS)
    plan.place(OLD_WORK, old_rows(options.old_work, demand, options.later))
    plan.place(TRACE, given)
    plan.place(COUNTS, np.zeros((intervals, queues, COUNTS_N)))
    plan.place(OLD_COUNTS, np.zeros((OLD_COUNTS_N, queues)))
    plan.place(BUSY_MS, np.zeros((groups, intervals)))
    plan.place(DUTY_MS, np.zeros((groups, intervals)))
    place_laws(plan, demand, staffing, options)
    return plan.memory()


def _queue_records(staffing: Staffing, options: SimulationOptions) -> np.ndarray:
    queues = len(staffing.queues)
    slots = np.where(staffing.law == CONCURRENT, staffing.slots, 1)
    records = np.full((queues, QUEUE_SIZE), -1, dtype=np.int64)
    records[:, Q_LAW] = staffing.law
    records[:, Q_SLOTS] = slots
    records[:, Q_UNITS] = FULL_LOAD // slots
    records[:, Q_THRESHOLD] = _per_queue(options.threshold_ms, round(DEFAULT_WITHIN_S * 1000), queues)
    records[:, Q_SHORT] = _per_queue(options.short_ms, 5_000, queues)
    records[:, Q_FRESH_WORD] = _words(q for q in staffing.queues)
    records[:, Q_CARRIED_WORD] = _words(f"{q}/carried" for q in staffing.queues)
    records[:, [Q_ON_DUTY, Q_BUSY, Q_OWN, Q_LOOSE, Q_IN_LINE]] = 0
    records[:, Q_ROOM] = _per_queue(options.room, NEVER, queues)
    records[:, Q_CALLBACK_MS] = _per_queue(options.callback_ms, NEVER, queues)
    return records


def _words(texts: Iterable[str]) -> np.ndarray:
    return np.array([word_of(text) for text in texts], dtype=np.uint64).view(np.int64)


def _agent_records(agents: int) -> np.ndarray:
    records = np.zeros((agents, AGENT_SIZE), dtype=np.int64)
    records[:, A_NUMBER] = np.arange(agents)
    records[:, [A_LIST, A_BEFORE, A_AFTER, A_HELD]] = -1
    return records


def _link(plan: Plan, staffing: Staffing, demand: DemandPaths) -> None:
    """Turn the numbers of queues, groups and links into addresses."""
    queues, groups, served_by = plan.ints[0], plan.ints[1], plan.ints[4]
    at = plan.registers
    served_by[L_WHAT::LINK_SIZE] = at[GROUPS] + served_by[L_WHAT::LINK_SIZE] * GROUP_SIZE
    groups[G_SERVES_FROM::GROUP_SIZE] = at[SERVES] + staffing.serves_ptr[:-1] * LINK_SIZE
    groups[G_SERVES_TO::GROUP_SIZE] = at[SERVES] + staffing.serves_ptr[1:] * LINK_SIZE
    groups[G_MAIN::GROUP_SIZE] = staffing.main
    queues[Q_SERVED_FROM::QUEUE_SIZE] = at[SERVED_BY] + staffing.served_by_ptr[:-1] * LINK_SIZE
    queues[Q_SERVED_TO::QUEUE_SIZE] = at[SERVED_BY] + staffing.served_by_ptr[1:] * LINK_SIZE
    shares = (staffing.ratios != 1.0).any(axis=1)
    own_paces = at[PACES] + np.arange(len(staffing.queues)) * staffing.ratios.shape[1]
    queues[Q_PACE::QUEUE_SIZE] = np.where(shares, own_paces, -1)
    until = np.cumsum((demand.follow_ups > 0).sum(axis=1)) * FOLLOW_SIZE
    queues[Q_FOLLOWS_TO::QUEUE_SIZE] = at[FOLLOWS] + until
    queues[Q_FOLLOWS_FROM::QUEUE_SIZE] = at[FOLLOWS] + np.concatenate([[0], until[:-1]])


def _paces(staffing: Staffing) -> np.ndarray:
    """Work done in a ms in a chat, in parts of that with all slots given away, shape (Q, SLOTS)."""
    return np.clip(np.rint(PACE_ONE / staffing.ratios), 1, PACE_MOST)


def _possible_follow_ups(demand: DemandPaths) -> np.ndarray:
    """Rows (queue, number of the pair) of the pairs of queues with follow-ups, by the queue they follow."""
    before, after = np.nonzero(demand.follow_ups > 0)
    return np.column_stack([after, before * len(demand.queues) + after])


def _per_queue(values: np.ndarray | None, default: int, queues: int) -> np.ndarray:
    return np.full(queues, default, dtype=np.int64) if values is None else np.asarray(values, dtype=np.int64)
