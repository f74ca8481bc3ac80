"""One agent enters or leaves a slot; the others there move so that the assignment stays optimal.

Agents of class c (a set of queues) flow to queues with steps of falling value, the idle "queue" last. The
feasible loads of such a flow form a matroid, so adding a unit along the best path, and removing one along
the cheapest, keeps an optimum (Gale 1968).
"""

import numpy as np

from wfo.scheduling.compiled import plain
from wfo.scheduling.problem import Demand
from wfo.scheduling.queue_worth import EPS, NONE, gain_of, loss_of, pull, release
from wfo.scheduling.state import WORD, State


@plain
def may_move(held: np.ndarray, able: np.ndarray, t: int, q: int, r: int) -> bool:
    """Whether somebody on queue q may serve queue r."""
    for w in range(able.shape[1]):  # noqa: SIM110 - a generator does not compile
        if held[t, q, w] & able[r, w]:
            return True
    return False


@plain
def move(on: np.ndarray, units: np.ndarray, held: np.ndarray, t: int, c: int, q: int, r: int) -> None:
    """Move an agent of a class from queue q to queue r; -1 stands for out of the slot."""
    word, bit = c // WORD, np.int64(1) << np.int64(c % WORD)
    if q >= 0:
        on[t, c, q] -= 1
        units[t, q] -= 1
        if on[t, c, q] == 0:
            held[t, q, word] &= ~bit
    if r >= 0:
        on[t, c, r] += 1
        units[t, r] += 1
        held[t, r, word] |= bit


@plain
def mover(on: np.ndarray, able: np.ndarray, t: int, q: int, r: int) -> int:
    """First class with an agent on queue q who may serve queue r."""
    for c in range(on.shape[1]):
        if on[t, c, q] > 0 and (able[r, c // WORD] >> np.int64(c % WORD)) & 1:
            return c
    return -1


@plain
def enter(demand: Demand, state: State, c: int, t: int, room: np.ndarray) -> None:
    """Put one more agent of a class where he is worth most in a slot; all on the path there move up."""
    queues = demand.step_n.shape[0]
    via, order = room[0], room[1]
    for q in range(queues):
        via[q] = -2
    size, enough = 0, -demand.over[0]
    for q in range(queues):
        if (demand.class_mask[c] >> q) & 1:
            order[size] = q
            via[q] = -1
            size += 1
            enough = max(enough, state.worth[t, q])
    head, goal, best = 0, queues, -demand.over[0]
    while head < size:
        q = int(order[head])
        head += 1
        gain = state.offer[t, q]
        if state.units[t, q] < demand.step_n[q, t]:
            gain = demand.step_value[demand.step_at[q, t] + state.units[t, q]]
        elif gain > max(0.0, best + EPS):
            # Offers were renewed before the agent's first slot; he may have used them up since.
            gain = gain_of(demand, state, q, t)
            state.offer[t, q] = max(0.0, gain)
        else:
            gain = NONE
        if gain > best + EPS:
            goal, best = q, gain
            if best >= enough - 1e-6:
                break
        for r in range(queues):
            if via[r] == -2 and may_move(state.held, state.able, t, q, r):
                via[r] = q
                order[size] = r
                size += 1
    q = int(goal)
    while q < queues and via[q] >= 0:
        other = mover(state.on, state.able, t, via[q], q)
        move(state.on, state.units, state.held, t, other, via[q], q)
        q = int(via[q])
    move(state.on, state.units, state.held, t, c, -1, q)
    if goal == queues:
        state.total[0] -= demand.over[0]
    elif state.units[t, goal] <= demand.step_n[goal, t]:
        state.total[0] += best
    else:
        state.total[0] += pull(demand, state, goal, t)


@plain
def leave(demand: Demand, state: State, c: int, t: int, room: np.ndarray) -> None:
    """Take an agent of a class out of a slot, where he is worth least after the others have moved."""
    queues = demand.step_n.shape[0]
    via, order = room[0], room[1]
    for q in range(queues + 1):
        via[q] = -2
    size = 0
    for q in range(queues, -1, -1):
        if state.on[t, c, q] > 0:
            order[size] = q
            via[q] = -1
            size += 1
    head, goal, best = 0, -1, 1e18
    while head < size:
        q = int(order[head])
        head += 1
        if q == queues:
            goal, best = q, -demand.over[0]
            break
        units = state.units[t, q]
        if units <= demand.step_n[q, t]:
            loss = demand.step_value[demand.step_at[q, t] + units - 1]
        elif demand.queue_value[q] > 0.0:
            loss = max(0.0, state.done[t, q] - (units - 1)) * demand.queue_value[q]
        else:
            loss = loss_of(demand, state, q, t)
        if loss < best - EPS:
            goal, best = q, loss
        for r in range(queues, -1, -1):
            if via[r] == -2 and may_move(state.held, state.able, t, r, q):
                via[r] = q
                order[size] = r
                size += 1
    q = goal
    while via[q] >= 0:
        other = mover(state.on, state.able, t, q, via[q])
        move(state.on, state.units, state.held, t, other, q, via[q])
        q = int(via[q])
    move(state.on, state.units, state.held, t, c, q, -1)
    if goal == queues:
        state.total[0] += demand.over[0]
    elif state.units[t, goal] < demand.step_n[goal, t]:
        state.total[0] -= best
    else:
        state.total[0] -= release(demand, state, goal, t)
