"""Count an agent in or out of single slots, whatever shift they belong to."""

import numpy as np

from wfo.scheduling.compiled import entry
from wfo.scheduling.cover import shift_cuts
from wfo.scheduling.flow import enter, leave
from wfo.scheduling.problem import Demand
from wfo.scheduling.state import State, touch


@entry
def attend(c: int, slots: np.ndarray, sign: int, demand: Demand, state: State) -> None:
    """Count an agent of a class in (+1), after `renew`, or out (-1) of some slots, int64, ascending."""
    room = np.empty((2, demand.step_n.shape[0] + 1), np.int64)
    for t in slots:
        if demand.cut_id.size:
            shift_cuts(demand, state, c, t, sign)
        if demand.class_mask[c] != 0:
            if not state.seen[t]:
                touch(demand, state, t)
            state.stale[t] = True
            if sign > 0:
                enter(demand, state, c, t, room)
            else:
                leave(demand, state, c, t, room)
