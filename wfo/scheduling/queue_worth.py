"""What one agent more or less is worth on a queue; deferred work taken up and handed back.

Pools are shared by all slots of their windows: work goes to the earliest due first.
"""

import numpy as np

from wfo.scheduling.compiled import inner, plain
from wfo.scheduling.problem import Demand
from wfo.scheduling.state import State

NONE = -1e18
"""Value of an agent where there is nothing to do."""
EPS = 1e-9
"""Work and values below it are nothing."""


@plain
def gain_of(demand: Demand, state: State, q: int, t: int) -> float:
    """Value of one more agent on a queue."""
    units = state.units[t, q]
    if units < demand.step_n[q, t]:
        return demand.step_value[demand.step_at[q, t] + units]
    room, gain = 1.0 + units - state.done[t, q], 0.0
    for p in range(demand.pool_at[q, t], demand.pool_end[q, t]):
        if demand.pool_from[p] <= t < demand.pool_to[p] and state.left[p] > EPS:
            some = min(room, state.left[p])
            gain += some * demand.pool_value[p]
            room -= some
            if room < EPS:
                break
    return gain if gain > 0.0 else NONE


@plain
def loss_of(demand: Demand, state: State, q: int, t: int) -> float:
    """Value of the last agent on a queue; the idle queue's is the price of overstaffing, negative."""
    if q == demand.step_n.shape[0]:
        return -demand.over[0]
    units = state.units[t, q]
    if units <= demand.step_n[q, t]:
        return demand.step_value[demand.step_at[q, t] + units - 1]
    give, loss = state.done[t, q] - (units - 1), 0.0
    if demand.queue_value[q] > 0.0:
        return max(0.0, give) * demand.queue_value[q]
    for p in range(demand.pool_end[q, t] - 1, demand.pool_at[q, t] - 1, -1):
        if give < EPS:
            break
        some = min(give, state.work[t, p])
        loss += some * demand.pool_value[p]
        give -= some
    return loss


@plain
def pull(demand: Demand, state: State, q: int, t: int) -> float:
    """Let the agents on a deferred queue do all they can of what is left; the value of it."""
    room, gain = state.units[t, q] - state.done[t, q], 0.0
    for p in range(demand.pool_at[q, t], demand.pool_end[q, t]):
        if room < EPS:
            break
        if demand.pool_from[p] <= t < demand.pool_to[p] and state.left[p] > EPS:
            some = min(room, state.left[p])
            state.left[p] -= some
            state.work[t, p] += some
            state.done[t, q] += some
            room -= some
            gain += some * demand.pool_value[p]
    return gain


@plain
def release(demand: Demand, state: State, q: int, t: int) -> float:
    """Hand back the work that the agents left on a deferred queue cannot do; its value."""
    give, loss = state.done[t, q] - state.units[t, q], 0.0
    for p in range(demand.pool_end[q, t] - 1, demand.pool_at[q, t] - 1, -1):
        if give < EPS:
            break
        some = min(give, state.work[t, p])
        if some > 0.0:
            state.left[p] += some
            state.work[t, p] -= some
            state.done[t, q] -= some
            give -= some
            loss += some * demand.pool_value[p]
    return loss


@inner
def offers(demand: Demand, state: State) -> None:
    """Value of one more agent on each deferred queue by slot; slots where it changed become stale."""
    queues, slots = demand.step_n.shape
    amount, value = np.zeros(slots + 1), np.zeros(slots + 1)
    for q in range(queues):
        if demand.queue_pool[q] == demand.queue_pool[q + 1]:
            continue
        amount[:] = 0.0
        value[:] = 0.0
        for p in range(demand.queue_pool[q], demand.queue_pool[q + 1]):
            left = state.left[p]
            if left > EPS:
                amount[demand.pool_from[p]] += left
                amount[demand.pool_to[p]] -= left
                value[demand.pool_from[p]] += left * demand.pool_value[p]
                value[demand.pool_to[p]] -= left * demand.pool_value[p]
        there = money = 0.0
        for t in range(slots):
            there += amount[t]
            money += value[t]
            offer = 0.0
            if there > 1e-6:
                room = 1.0 + state.units[t, q] - state.done[t, q]
                offer = money if room > there else room * money / there
            if abs(offer - state.offer[t, q]) > 1e-7:
                state.offer[t, q] = offer
                state.stale[t] = True
