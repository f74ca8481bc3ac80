"""Read counts: the kernel's blocks of counts, of one replication and put together."""

import numpy as np

from wfo.simulation.blocks import block
from wfo.simulation.counts import Counts
from wfo.simulation.memory import (
    BUSY_MS,
    CHASE_COUNTS,
    COUNTS,
    COUNTS_N,
    DUTY_MS,
    GROUPS_N,
    INTERVALS_N,
    LIST_COUNTS,
    LIST_COUNTS_N,
    MS_HANDLE,
    MS_STEP_WAIT,
    MS_STEP_WORK,
    MS_WAIT,
    N_ABANDONED,
    N_AGAIN,
    N_ANSWERED,
    N_BALKED,
    N_BEGUN,
    N_CALLBACK,
    N_CALLED,
    N_CARRIED,
    N_DROPPED,
    N_DUE,
    N_EXHAUSTED,
    N_FOLLOW_UP,
    N_FRESH,
    N_IN_TARGET,
    N_LEFT,
    N_LISTED,
    N_OFFERED,
    N_OLD_DUE,
    N_OLD_IN_TARGET,
    N_OLD_LEFT,
    N_REACHED,
    N_REDIAL,
    N_SHORT,
    N_STEP_LEFT,
    N_WAITING,
    OLD_COUNTS,
    OLD_COUNTS_N,
    QUEUES_N,
    STEP_COUNTS,
    STEP_COUNTS_N,
)
from wfo.simulation.options import OldWork
from wfo.simulation.staffing import Staffing

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
    "balked": N_BALKED,
    "called_back": N_CALLBACK,
    "due": N_DUE,
    "left": N_LEFT,
    "wait_ms": MS_WAIT,
    "handle_ms": MS_HANDLE,
}


def blocks_of_counts(memory: np.ndarray, steps: int, lists: int) -> tuple[np.ndarray, ...]:
    """Copies of a memory's blocks of counts, as `counts_of` takes them; it has so many steps and lists."""
    queues, intervals, groups = (int(memory[register]) for register in (QUEUES_N, INTERVALS_N, GROUPS_N))
    blocks = (
        (COUNTS, (intervals, queues, COUNTS_N)),
        (OLD_COUNTS, (OLD_COUNTS_N, queues)),
        (STEP_COUNTS, (steps, STEP_COUNTS_N)),
        (LIST_COUNTS, (lists, LIST_COUNTS_N)),
        (CHASE_COUNTS, (queues,)),
        (BUSY_MS, (groups, intervals)),
        (DUTY_MS, (groups, intervals)),
    )
    return tuple(block(memory, register, shape).copy() for register, shape in blocks)


def counts_of(
    staffing: Staffing,
    old_work: OldWork,
    counts: np.ndarray,
    old: np.ndarray,
    steps: np.ndarray,
    lists: np.ndarray,
    chases: np.ndarray,
    busy_ms: np.ndarray,
    duty_ms: np.ndarray,
) -> Counts:
    """Counts from the blocks of all replications, each stacked."""
    serves = np.zeros((len(staffing.serves_ptr) - 1, len(staffing.queues)), dtype=bool)
    for group in range(serves.shape[0]):
        rows = slice(staffing.serves_ptr[group], staffing.serves_ptr[group + 1])
        serves[group, staffing.serves[rows, 0]] = True
    opened = np.bincount(old_work.queue[old_work.single()], minlength=len(staffing.queues)).astype(np.int64)
    return Counts(
        **{name: np.ascontiguousarray(counts[..., k].swapaxes(1, 2)) for name, k in _FIELDS.items()},
        backlog=counts[..., N_WAITING].swapaxes(1, 2).cumsum(axis=2) + opened[None, :, None],
        busy_ms=busy_ms,
        duty_ms=duty_ms,
        serves=serves,
        old_due=old[:, N_OLD_DUE],
        old_in_target=old[:, N_OLD_IN_TARGET],
        old_left=old[:, N_OLD_LEFT],
        step_begun=steps[..., N_BEGUN],
        step_again=steps[..., N_AGAIN],
        step_left=steps[..., N_STEP_LEFT],
        step_wait_ms=steps[..., MS_STEP_WAIT],
        step_work_ms=steps[..., MS_STEP_WORK],
        list_people=lists[..., N_LISTED],
        list_calls=lists[..., N_CALLED],
        list_reached=lists[..., N_REACHED],
        list_dropped=lists[..., N_DROPPED],
        list_exhausted=lists[..., N_EXHAUSTED],
        chases=chases,
    )
