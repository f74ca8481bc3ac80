"""What agents on queues are worth in the model of a day: steps of cover, and a budget of deferred work."""

from collections import defaultdict

import numpy as np
from ortools.sat.python import cp_model

from wfo.scheduling.problem import Demand
from wfo.scheduling.search import Roster

UNITS = 100
"""Of the model in one of money."""

_STEPS_NEAR = 4


def cover_value(
    model: cp_model.CpModel, roster: Roster, load: cp_model.IntVar, q: int, t: int
) -> list[cp_model.LinearExprT]:
    """A concave value: steps around the load of now one by one, those below as one piece."""
    demand = roster.demand
    at, count = int(demand.step_at[q, t]), int(demand.step_n[q, t])
    steps = [round(float(v) * UNITS) for v in demand.step_value[at : at + count]]
    below = max(0, min(count, int(roster.state.units[t, q])) - _STEPS_NEAR)
    runs: list[list[int]] = [[sum(steps[:below]) // below, below]] if below else []
    for v in steps[below:]:
        if runs and runs[-1][0] == v:
            runs[-1][1] += 1
        else:
            runs.append([v, 1])
    left, pieces = int(roster.state.units[t, q]), []
    money: list[cp_model.LinearExprT] = []
    for value, size in runs:
        piece = model.new_int_var(0, size, "")
        model.add_hint(piece, min(left, size))
        left -= min(left, size)
        pieces.append(piece)
        money.append(value * piece)
    model.add(load == sum(pieces))
    return money


def deferred_value(
    model: cp_model.CpModel, roster: Roster, queues: list[int], load: dict[int, cp_model.IntVar]
) -> cp_model.LinearExprT:
    """Deferred work: what the day's agents do now and what is left; not before release, not after due."""
    demand, state = roster.demand, roster.state
    slots = list(load)
    work = state.work[slots].sum(axis=0) + state.left
    at = np.flatnonzero(np.isin(demand.pool_queue, queues) & (work > 1e-6))
    at = at[(demand.pool_to[at] > slots[0]) & (demand.pool_from[at] <= slots[-1])]
    now = state.units[np.ix_(slots, queues)].sum(axis=1)
    spare = np.maximum(0.0, now - state.done[np.ix_(slots, queues)].sum(axis=1))
    total = float(work[at].sum())
    price = float(work[at] @ demand.pool_value[at]) / total if total > 0.0 else 0.0
    whole = int(np.floor(total + 1e-6))
    used = model.new_int_var(0, whole, "")
    half = model.new_int_var(0, int(np.ceil(spare.sum())) + 1, "")
    everything = sum(load.values())
    model.add(everything == used + half)
    model.add_hint(used, min(whole, int(now.sum())))
    model.add_hint(half, int(now.sum()) - min(whole, int(now.sum())))
    for n, t in enumerate(slots):
        early = float(work[at][demand.pool_from[at] <= t].sum() + spare[: n + 1].sum())
        late = float(work[at][demand.pool_to[at] > t].sum() + spare[n:].sum())
        if early < total:
            model.add(sum(load[u] for u in slots[: n + 1]) <= int(np.ceil(early)))
        if late < total:
            model.add(sum(load[u] for u in slots[n:]) <= int(np.ceil(late)))
    return round(price * UNITS) * used


def is_deferred(demand: Demand, q: int) -> bool:
    """Whether a queue's work can wait."""
    return bool(demand.queue_pool[q] < demand.queue_pool[q + 1])


def queue_groups(demand: Demand) -> list[list[int]]:
    """Queues one by one, but deferred ones with the same servers together."""
    groups: dict[tuple[bytes, int], list[int]] = defaultdict(list)
    for q in range(demand.step_n.shape[0]):
        servers = (demand.class_mask >> q) & 1
        if servers.any():
            groups[servers.tobytes(), -1 if is_deferred(demand, q) else q].append(q)
    return list(groups.values())
