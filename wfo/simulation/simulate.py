"""Simulate: demand paths and staffing in, integer counts out."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from wfo.draws import Purpose, uniforms, word_of, words
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.counts import Counts
from wfo.simulation.kernel import run_replication
from wfo.simulation.memory import (
    A_AFTER,
    A_BEFORE,
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
    DEFERRED,
    DUE_MS,
    DUTY_MS,
    EDGES_MS,
    EVENTS,
    EVENTS_N,
    F_DELAYS,
    F_FOLLOW_UPS,
    F_HANDLE,
    F_MAX_OCCUPANCY,
    F_QUEUES,
    F_SPEED,
    FORCED,
    FRESH_COUNTS,
    FULL_LOAD,
    G_SERVES_FROM,
    G_SERVES_TO,
    GROUP_SIZE,
    GROUPS,
    GROUPS_N,
    HORIZON_MS,
    INTERVALS_N,
    L_WHAT,
    LANDING_LEN,
    LANDING_START,
    LINK_SIZE,
    MS_HANDLE,
    MS_WAIT,
    N_ABANDONED,
    N_ANSWERED,
    N_CARRIED,
    N_DUE,
    N_FOLLOW_UP,
    N_FRESH,
    N_IN_TARGET,
    N_LEFT,
    N_OFFERED,
    N_OLD_DUE,
    N_OLD_IN_TARGET,
    N_OLD_LEFT,
    N_REDIAL,
    N_SHORT,
    N_WAITING,
    NEVER,
    OLD_COUNTS,
    OLD_COUNTS_N,
    OLD_N,
    OLD_WORK,
    Q_BUSY,
    Q_CARRIED_WORD,
    Q_FRESH_WORD,
    Q_LAW,
    Q_ON_DUTY,
    Q_SERVED_FROM,
    Q_SERVED_TO,
    Q_SHORT,
    Q_SLOTS,
    Q_THRESHOLD,
    Q_UNITS,
    QF_CV,
    QF_FORCED_P,
    QF_PATIENCE_MS,
    QF_REDIAL_MEAN_MS,
    QF_REDIAL_P,
    QUEUE_F_SIZE,
    QUEUE_SIZE,
    QUEUES,
    QUEUES_N,
    SERVED_BY,
    SERVES,
    START_MIN,
    STEP_MS,
    Plan,
    block,
    with_room,
)
from wfo.simulation.staffing import Staffing

_DISTANT_MS = NEVER // 2
_FIELDS = {
    "offered": N_OFFERED,
    "fresh": N_FRESH,
    "carried": N_CARRIED,
    "follow_ups": N_FOLLOW_UP,
    "redials": N_REDIAL,
    "answered": N_ANSWERED,
    "abandoned": N_ABANDONED,
    "abandoned_short": N_SHORT,
    "in_target": N_IN_TARGET,
    "due": N_DUE,
    "left": N_LEFT,
    "wait_ms": MS_WAIT,
    "handle_ms": MS_HANDLE,
}


@dataclass(frozen=True)
class OldWork:
    """Deferred work that is open when the horizon begins.

    Attributes
    ----------
    queue : ndarray of int64, shape (B,)
        Index of the queue.
    due_ms : ndarray of int64, shape (B,)
        Due instant, ms after the grid's start.
    handle_ms : ndarray of int64, shape (B,)
        Work in it at speed 1.
    """

    queue: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    due_ms: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    handle_ms: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def sorted_rows(self) -> np.ndarray:
        """Rows (queue, due, handle time), each queue's earliest due first, int64, shape (B, 3)."""
        rows = np.column_stack([self.queue, self.due_ms, self.handle_ms]).astype(np.int64)
        return rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]


@dataclass(frozen=True)
class SimulationOptions:
    """How contacts are judged and what else strikes.

    Attributes
    ----------
    threshold_ms : ndarray of int64, shape (Q,), or None
        Wait within which an answer is in target; None: 20 s everywhere.
    short_ms : ndarray of int64, shape (Q,), or None
        An abandon before this wait is short; None: 5 s.
    due_ms : ndarray of int64, shape (Q, T), or None
        When deferred work released at an interval's start is due, ms after the grid's start; work released
        later in the interval is due as much later. None: never.
    old_work : OldWork
    max_occupancy : float
        Deferred work is pulled while agents on duty stay within this.
    absence : float or ndarray of float64, shape (S,)
        Probability that a shift is missed whole.
    forced_abandonment : ndarray of float64, shape (Q,), or None
        Contacts of immediate and concurrent queues abandon with this probability at once and all others are
        handled at once, without agents: the volume that a forecast states at its planned abandonment.
    threads : int
        Replications are independent; the number of threads changes no result.
    """

    threshold_ms: np.ndarray | None = None
    short_ms: np.ndarray | None = None
    due_ms: np.ndarray | None = None
    old_work: OldWork = field(default_factory=OldWork)
    max_occupancy: float = 0.90
    absence: "float | np.ndarray" = 0.0
    forced_abandonment: np.ndarray | None = None
    threads: int = 2


def simulate(
    demand: DemandPaths, staffing: Staffing, *, seed: int, options: SimulationOptions | None = None
) -> Counts:
    """Simulate every path of the demand once against the staffing; replication r uses path r.

    First come, first served within a queue; an agent who ends a segment finishes the contact in hand;
    patience is exponential; a chat holds one of its agent's K slots for K times its handle time, so that an
    agent with all slots taken works without pause. After the horizon no contact arrives and no deferred work
    is begun, and those who wait are served while agents remain.

    Parameters
    ----------
    demand : DemandPaths
        n ≥ 1 paths.
    staffing : Staffing
        Of the same queues.
    seed : int
        Of all draws.
    options : SimulationOptions, optional

    Returns
    -------
    Counts

    Raises
    ------
    ValueError
        If demand and staffing name different queues.
    """
    options = options or SimulationOptions()
    if demand.queues != staffing.queues:
        raise ValueError(
            f"demand has queues {demand.queues}, staffing {staffing.queues}; they must be the same"
        )
    memory, floats = _template(demand, staffing, options)
    absent = _absent(staffing, demand.n, seed, options.absence)
    one = partial(_replicate, memory, floats, demand, absent, len(staffing.agents), seed)
    if options.threads > 1 and demand.n > 1:
        with ThreadPoolExecutor(options.threads) as pool:
            runs = list(pool.map(one, range(demand.n)))
    else:
        runs = [one(r) for r in range(demand.n)]
    return _counts(staffing, options.old_work, *(np.stack(part) for part in zip(*runs, strict=True)))


def _replicate(
    memory: np.ndarray,
    floats: np.ndarray,
    demand: DemandPaths,
    absent: np.ndarray,
    agents: int,
    seed: int,
    r: int,
) -> tuple[np.ndarray, ...]:
    """Run replication r, with more room until its contacts fit; counts, old counts, busy and duty ms."""
    shape = demand.fresh.shape[1:]
    queues, intervals = shape
    capacity = 2 * int(demand.fresh[r].sum(dtype=np.int64) + demand.carried[r].sum(dtype=np.int64))
    capacity += int(memory[OLD_N]) + 64
    while True:
        room = with_room(memory, capacity, agents)
        block(room, FRESH_COUNTS, shape)[:] = demand.fresh[r]
        block(room, CARRIED_COUNTS, shape)[:] = demand.carried[r]
        block(room, ABSENT, absent[r].shape)[:] = absent[r]
        if run_replication(room, floats, np.uint64(seed), np.uint64(r)):
            groups = int(room[GROUPS_N])
            blocks = (
                (COUNTS, (COUNTS_N, queues, intervals)),
                (OLD_COUNTS, (OLD_COUNTS_N, queues)),
                (BUSY_MS, (groups, intervals)),
                (DUTY_MS, (groups, intervals)),
            )
            return tuple(block(room, register, of).copy() for register, of in blocks)
        capacity *= 2


def _template(
    demand: DemandPaths, staffing: Staffing, options: SimulationOptions
) -> tuple[np.ndarray, np.ndarray]:
    """Memory before a replication, and the laws in it."""
    queues, intervals, step_ms = len(demand.queues), demand.grid.n, demand.grid.step_min * 60_000
    groups, empty = len(staffing.serves_ptr) - 1, np.zeros((queues, intervals))
    plan = Plan()
    plan.registers[[QUEUES_N, INTERVALS_N, GROUPS_N, STEP_MS]] = queues, intervals, groups, step_ms
    plan.registers[[HORIZON_MS, START_MIN]] = step_ms * intervals, demand.grid.start_min
    plan.registers[[FORCED, BINS_N]] = options.forced_abandonment is not None, len(demand.lag_edges_min) - 1
    plan.registers[[OLD_N, EVENTS_N]] = len(options.old_work.queue), len(staffing.events)
    plan.place(QUEUES, _queue_records(staffing, options))
    plan.place(GROUPS, np.tile([-1], (groups, GROUP_SIZE)))
    plan.place(AGENTS, _agent_records(len(staffing.agents)))
    plan.place(SERVES, staffing.serves)
    plan.place(SERVED_BY, staffing.served_by)
    _link(plan, staffing)
    plan.place(EVENTS, staffing.events)
    plan.place(ABSENT, np.zeros(max(1, len(staffing.shift_word))))
    plan.place(FRESH_COUNTS, empty)
    plan.place(CARRIED_COUNTS, empty)
    plan.place(BUCKETS, np.full(intervals, -1))
    plan.place(LANDING_START, demand.landing_start)
    plan.place(LANDING_LEN, demand.landing_len)
    due_ms = np.full((queues, intervals), _DISTANT_MS) if options.due_ms is None else options.due_ms
    plan.place(DUE_MS, np.minimum(due_ms, _DISTANT_MS))
    plan.place(EDGES_MS, np.asarray(demand.lag_edges_min, dtype=np.int64) * 60_000)
    plan.place(OLD_WORK, options.old_work.sorted_rows())
    plan.place(COUNTS, np.zeros((COUNTS_N, queues, intervals)))
    plan.place(OLD_COUNTS, np.zeros((OLD_COUNTS_N, queues)))
    plan.place(BUSY_MS, np.zeros((groups, intervals)))
    plan.place(DUTY_MS, np.zeros((groups, intervals)))
    _place_laws(plan, demand, staffing, options)
    return plan.memory()


def _queue_records(staffing: Staffing, options: SimulationOptions) -> np.ndarray:
    queues = len(staffing.queues)
    slots = np.where(staffing.law == CONCURRENT, staffing.slots, 1)
    records = np.full((queues, QUEUE_SIZE), -1, dtype=np.int64)
    records[:, Q_LAW] = staffing.law
    records[:, Q_SLOTS] = slots
    records[:, Q_UNITS] = FULL_LOAD // slots
    records[:, Q_THRESHOLD] = _per_queue(options.threshold_ms, 20_000, queues)
    records[:, Q_SHORT] = _per_queue(options.short_ms, 5_000, queues)
    records[:, Q_FRESH_WORD] = _words(q for q in staffing.queues)
    records[:, Q_CARRIED_WORD] = _words(f"{q}/carried" for q in staffing.queues)
    records[:, [Q_ON_DUTY, Q_BUSY]] = 0
    return records


def _words(texts: Iterable[str]) -> np.ndarray:
    return np.array([word_of(text) for text in texts], dtype=np.uint64).view(np.int64)


def _agent_records(agents: int) -> np.ndarray:
    records = np.zeros((agents, AGENT_SIZE), dtype=np.int64)
    records[:, A_NUMBER] = np.arange(agents)
    records[:, [A_LIST, A_BEFORE, A_AFTER]] = -1
    return records


def _link(plan: Plan, staffing: Staffing) -> None:
    """Turn the numbers of queues, groups and links into addresses."""
    queues, groups, served_by = plan.ints[0], plan.ints[1], plan.ints[4]
    at = plan.registers
    served_by[L_WHAT::LINK_SIZE] = at[GROUPS] + served_by[L_WHAT::LINK_SIZE] * GROUP_SIZE
    groups[G_SERVES_FROM::GROUP_SIZE] = at[SERVES] + staffing.serves_ptr[:-1] * LINK_SIZE
    groups[G_SERVES_TO::GROUP_SIZE] = at[SERVES] + staffing.serves_ptr[1:] * LINK_SIZE
    queues[Q_SERVED_FROM::QUEUE_SIZE] = at[SERVED_BY] + staffing.served_by_ptr[:-1] * LINK_SIZE
    queues[Q_SERVED_TO::QUEUE_SIZE] = at[SERVED_BY] + staffing.served_by_ptr[1:] * LINK_SIZE


def _place_laws(plan: Plan, demand: DemandPaths, staffing: Staffing, options: SimulationOptions) -> None:
    """Place the demand's laws into the float memory; only immediate and concurrent queues are abandoned."""
    abandons = staffing.law < DEFERRED
    forced = options.forced_abandonment
    patience_ms = np.minimum(np.nan_to_num(demand.patience_s, nan=np.inf, posinf=np.inf) * 1000.0, float(NEVER))
    laws = np.zeros((len(demand.queues), QUEUE_F_SIZE))
    laws[:, QF_CV] = np.nan_to_num(demand.handle_cv)
    laws[:, QF_PATIENCE_MS] = np.where(abandons, patience_ms, float(NEVER))
    laws[:, QF_REDIAL_P] = np.where(abandons, np.nan_to_num(demand.redial_p), 0.0)
    laws[:, QF_REDIAL_MEAN_MS] = np.maximum(np.nan_to_num(demand.redial_mean_s), 0.001) * 1000.0
    laws[:, QF_FORCED_P] = 0.0 if forced is None else np.where(abandons, forced, 0.0)
    plan.floats[0][F_MAX_OCCUPANCY] = options.max_occupancy
    plan.place_float(F_QUEUES, laws)
    plan.place_float(F_HANDLE, np.nan_to_num(demand.handle_mean_s) * 1000.0)
    plan.place_float(F_FOLLOW_UPS, demand.follow_ups)
    plan.place_float(F_DELAYS, demand.delay_cdf)
    plan.place_float(F_SPEED, staffing.speed)


def _per_queue(values: np.ndarray | None, default: int, queues: int) -> np.ndarray:
    return np.full(queues, default, dtype=np.int64) if values is None else np.asarray(values, dtype=np.int64)


def _absent(staffing: Staffing, n: int, seed: int, absence: "float | np.ndarray") -> np.ndarray:
    """Shifts missed whole, bool, shape (n, S); the same agent misses the same day in every schedule."""
    shifts = len(staffing.shift_word)
    if shifts == 0:
        return np.zeros((n, 1), dtype=bool)
    replication = words(seed, np.arange(n))[:, None]
    draw = uniforms(replication, staffing.shift_word[None, :], int(Purpose.ABSENCE))
    return np.asarray(draw < np.broadcast_to(absence, (shifts,)))


def _counts(
    staffing: Staffing,
    old_work: OldWork,
    counts: np.ndarray,
    old: np.ndarray,
    busy_ms: np.ndarray,
    duty_ms: np.ndarray,
) -> Counts:
    serves = np.zeros((len(staffing.serves_ptr) - 1, len(staffing.queues)), dtype=bool)
    for group in range(serves.shape[0]):
        rows = slice(staffing.serves_ptr[group], staffing.serves_ptr[group + 1])
        serves[group, staffing.serves[rows, 0]] = True
    opened = np.bincount(old_work.queue, minlength=len(staffing.queues)).astype(np.int64)
    return Counts(
        **{name: counts[:, k] for name, k in _FIELDS.items()},
        backlog=counts[:, N_WAITING].cumsum(axis=2) + opened[None, :, None],
        busy_ms=busy_ms,
        duty_ms=duty_ms,
        serves=serves,
        old_due=old[:, N_OLD_DUE],
        old_in_target=old[:, N_OLD_IN_TARGET],
        old_left=old[:, N_OLD_LEFT],
    )
