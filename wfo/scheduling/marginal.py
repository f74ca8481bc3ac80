"""What one agent more and one agent less on a queue are worth in a schedule, the others moving up."""

import numpy as np

from wfo.scheduling.compiled import entry, inner
from wfo.scheduling.flow import may_move
from wfo.scheduling.problem import Demand
from wfo.scheduling.queue_worth import loss_of
from wfo.scheduling.state import State


@entry
def queue_prices(demand: Demand, state: State, more: np.ndarray, less: np.ndarray) -> None:
    """Value of one more unit of capacity on a queue, and of the last one there; after `renew`."""
    queues, slots = demand.step_n.shape
    for t in range(slots):
        for q in range(queues):
            more[q, t] = state.worth[t, q]
            less[q, t] = more[q, t]
            if state.units[t, q] > 0:
                less[q, t] = max(more[q, t], _least_loss(demand, state, q, t))


@inner
def _least_loss(demand: Demand, state: State, q: int, t: int) -> float:
    """Least that is lost when a queue's last unit goes and others move up."""
    queues = demand.step_n.shape[0]
    reached, grown, best = np.int64(1) << np.int64(q), True, 1e18
    while grown:
        grown = False
        for r in range(queues):
            if (reached >> r) & 1:
                for other in range(queues + 1):
                    if not (reached >> other) & 1 and may_move(state.held, state.able, t, other, r):
                        reached |= np.int64(1) << np.int64(other)
                        grown = True
    for r in range(queues + 1):
        if (reached >> r) & 1 and state.units[t, r] > 0:
            best = min(best, loss_of(demand, state, r, t))
    return best
