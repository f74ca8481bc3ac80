"""Simulate: demand paths, or a trace of given contacts, and staffing in, integer counts out."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from wfo.draws import Purpose, uniforms, words
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.blocks import block, with_room
from wfo.simulation.counts import Counts
from wfo.simulation.kernel import run_replication
from wfo.simulation.later_work import LaterWork
from wfo.simulation.layout import template
from wfo.simulation.memory import (
    ABSENT,
    CARRIED_COUNTS,
    FRESH_COUNTS,
    OLD_N,
    TRACE_N,
    TRACE_SIZE,
)
from wfo.simulation.options import SimulationOptions
from wfo.simulation.read_counts import blocks_of_counts, counts_of
from wfo.simulation.staffing import Staffing
from wfo.simulation.trace import Trace, trace_rows, without_causes


def simulate(
    demand: DemandPaths, staffing: Staffing, *, seed: int, options: SimulationOptions | None = None
) -> Counts:
    """Simulate every path of the demand once against the staffing; replication r uses path r.

    First come, first served within a queue; an agent who ends a segment finishes the contact in hand;
    patience is exponential; a chat holds one of its agent's K slots for K times its handle time, so that an
    agent with all slots taken works without pause. Where its open time depends on how many the agent holds
    (`Staffing.ratios`) it goes to whoever holds fewest, and goes on the faster the fewer he holds. After the
    horizon no contact arrives and no deferred work is begun, and those who wait are served while agents
    remain.

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
        If demand and staffing name different queues, or old work, steps, calls, lists, chase contacts or a
        dialler's queues, intervals or probabilities do not fit them (`check_later_work`, `old_rows`).

    Notes
    -----
    People on lists (`Calls.lists`) count as offered and fresh in the interval from which they may be called;
    nobody chases their calls when late. Cases (`LaterWork.steps`) count where and when they came.
    """
    nothing = np.zeros((0, TRACE_SIZE), dtype=np.int64)
    return _play(demand, nothing, staffing, seed, options or SimulationOptions())


def play_trace(
    trace: Trace,
    laws: DemandPaths,
    staffing: Staffing,
    *,
    seed: int,
    options: SimulationOptions | None = None,
    replications: int = 1,
) -> Counts:
    """Play given contacts against the staffing, as `simulate` plays drawn ones.

    Nothing is caused: redials, follow-ups and chase contacts of the trace are in it already. A case whose
    handle time is known takes it in the shares of its steps, without rework; such a call is answered. What
    the trace does not know (handle time, patience) is drawn from the laws; absences as the options say.

    Parameters
    ----------
    trace : Trace
    laws : DemandPaths
        Grid, queues, handle times and patience; its paths are not read (`ForecastResult.laws()` has none).
    staffing : Staffing
        Of the same queues. A given handle time is divided by the speed of who serves it: let everybody's
        speed be 1 where contacts are to take as long as they took.
    seed : int
    options : SimulationOptions, optional
    replications : int
        How often it is played; they differ in what is drawn alone.

    Returns
    -------
    Counts
        All contacts of the trace are ``fresh``.

    Raises
    ------
    ValueError
        If a contact is not within the laws' queues and grid, a time is negative, ``replications`` is below 1,
        laws and staffing name different queues, there are diallers or people on lists, or old work, steps or
        calls do not fit (`check_later_work`, `old_rows`).
    """
    if replications < 1:
        raise ValueError(f"replications must be at least 1, got {replications}")
    options = options or SimulationOptions()
    if options.diallers:
        raise ValueError("diallers call nobody in a trace: whom they reached is in it; leave them out")
    if options.later.listed:
        raise ValueError("nobody on a list is called in a trace: who was reached is in it; leave lists out")
    demand = without_causes(laws, replications)
    return _play(demand, trace_rows(trace, laws), staffing, seed, options.of_given())


def _play(
    demand: DemandPaths, given: np.ndarray, staffing: Staffing, seed: int, options: SimulationOptions
) -> Counts:
    """Run every path, the given contacts in each."""
    if demand.queues != staffing.queues:
        raise ValueError(
            f"demand has queues {demand.queues}, staffing {staffing.queues}; they must be the same"
        )
    memory, floats = template(demand, staffing, options, given)
    absent = _absent(staffing, demand.n, seed, options.absence)
    one = partial(_replicate, memory, floats, demand, absent, len(staffing.agents), options.later, seed)
    if options.threads > 1 and demand.n > 1:
        with ThreadPoolExecutor(options.threads) as pool:
            runs = list(pool.map(one, range(demand.n)))
    else:
        runs = [one(r) for r in range(demand.n)]
    return counts_of(staffing, options.old_work, *(np.stack(part) for part in zip(*runs, strict=True)))


def _replicate(
    memory: np.ndarray,
    floats: np.ndarray,
    demand: DemandPaths,
    absent: np.ndarray,
    agents: int,
    later: LaterWork,
    seed: int,
    r: int,
) -> tuple[np.ndarray, ...]:
    """Run replication r, with more room until its contacts fit; its blocks of counts."""
    queues, intervals = demand.fresh.shape[1:]
    shape = (intervals, queues)
    capacity = 2 * int(demand.fresh[r].sum(dtype=np.int64) + demand.carried[r].sum(dtype=np.int64))
    capacity += int(memory[OLD_N]) + int(memory[TRACE_N]) + later.listed + 64
    while True:
        room = with_room(memory, capacity, agents)
        block(room, FRESH_COUNTS, shape)[:] = demand.fresh[r].T
        block(room, CARRIED_COUNTS, shape)[:] = demand.carried[r].T
        block(room, ABSENT, absent[r].shape)[:] = absent[r]
        if run_replication(room, floats, np.uint64(seed), np.uint64(r)):
            return blocks_of_counts(room, len(later.step_rows()), len(later.list_rows()))
        capacity *= 2


def _absent(staffing: Staffing, n: int, seed: int, absence: "float | np.ndarray") -> np.ndarray:
    """Shifts missed whole, bool, shape (n, S); the same agent misses the same day in every schedule."""
    shifts = len(staffing.shift_word)
    if shifts == 0:
        return np.zeros((n, 1), dtype=bool)
    replication = words(seed, np.arange(n))[:, None]
    draw = uniforms(replication, staffing.shift_word[None, :], int(Purpose.ABSENCE))
    return np.asarray(draw < np.broadcast_to(absence, (shifts,)))
