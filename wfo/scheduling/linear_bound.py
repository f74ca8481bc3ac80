"""A bound by linear programming: counts of shifts by group of agents, breaks implicit (Aykin 1996).

Agents of one class, kind, week range and automaton of days are counted together: they flow through the
automaton, as many as may work on a day, paid units and days between their sums. What each slot of a class has
on duty less its breaks flows to queues. Breaks and deferred work are streams: no more may have begun than
windows have opened, no less than windows have closed. Queues that the same classes serve are one, and
neighbouring slots are joined to blocks until the program is small. All of it widens what is possible, so the
optimum bounds every schedule; its prices serve `bound.descend`, which sees each agent.
"""

from dataclasses import dataclass

import numpy as np

from wfo.scheduling.linear_program import LinearProgram
from wfo.scheduling.problem import FORBIDDEN, Demand, People, Shifts, WeekProblem
from wfo.scheduling.week import plan_week

_MOST_CELLS = 10_000
_ITERATIONS = 60_000


@dataclass(frozen=True)
class LinearBound:
    """Optimum of the program and its prices.

    Attributes
    ----------
    value : float
    price : float64, shape (Q, T)
        Money for one agent-slot on a queue.
    cut_price : float64, shape (K,)
        Money for one unit of a cut's left-hand side.
    """

    value: float
    price: np.ndarray
    cut_price: np.ndarray


@dataclass(frozen=True)
class _Blocks:
    """Joined slots and joined queues; slots after the week are one block more.

    Attributes
    ----------
    size, count, slots : int
        Slots of a block, blocks of the week, slots of the week.
    queue : int64, shape (Q,)
        Joined queue of each queue.
    serves : bool, shape (C, G)
        Whether a class serves a joined queue.
    """

    size: int
    count: int
    slots: int
    queue: np.ndarray
    serves: np.ndarray

    def of(self, slot: np.ndarray) -> np.ndarray:
        """Blocks of slots."""
        return np.where(slot < self.slots, slot // self.size, self.count)


def linear_bound(
    problem: WeekProblem, demand: Demand, people: People, without: np.ndarray, seconds: float | None = None
) -> LinearBound | None:
    """Bound of an objective to maximise; None when the solver stopped early.

    Parameters
    ----------
    without : ndarray of bool, shape (A,)
        Agents who are left out.
    seconds : float, optional
        Time limit of the solver.
    """
    blocks, program = _blocks(demand), LinearProgram()
    need, busy = _demand_side(program, demand, blocks)
    cut = program.rows(demand.cut_rhs.size, demand.cut_rhs, np.inf)
    program.put(cut, program.columns(cut.size, -demand.cut_value), 1.0)
    fixed, parts = _groups(program, problem.shifts, people, without)
    for c, shifts in parts.items():
        agents = np.flatnonzero((people.class_id == c) & ~without)
        duty = _duty(program, problem.shifts, people, agents, shifts, blocks)
        _flows(program, demand, c, duty, blocks, need, busy, cut)
    answer = program.solve(_ITERATIONS, seconds)
    if answer is None:
        return None
    value, dual = answer
    price = -np.repeat(dual[need][blocks.queue], blocks.size, axis=1)[:, : blocks.slots]
    return LinearBound(value + fixed, price, np.clip(-dual[cut], 0.0, demand.cut_value))


def _blocks(demand: Demand) -> _Blocks:
    """Queues with the same classes joined; the shortest blocks that keep the program small."""
    queues, slots = demand.step_n.shape
    member = (demand.class_mask[:, None] >> np.arange(queues)) & 1
    patterns, queue = np.unique(member.T, axis=0, return_inverse=True)
    size = 1
    while patterns.size * slots > _MOST_CELLS * size:
        size *= 2
    return _Blocks(size, -(-slots // size), slots, queue.ravel(), patterns.T.astype(bool))


def _demand_side(program: LinearProgram, demand: Demand, blocks: _Blocks) -> tuple[np.ndarray, np.ndarray]:
    """Steps and pools; rows (supply less use is 0) and where there is work, by joined queue and block.

    A unit on a deferred queue may be used in part; elsewhere who serves no step is idle.
    """
    shape = (blocks.serves.shape[1], blocks.count)
    need = program.rows(shape[0] * shape[1]).reshape(shape)
    busy, pooled = np.zeros(shape, bool), np.zeros(shape, bool)
    number = demand.step_n.ravel()
    cell = np.repeat(np.arange(number.size), number)
    step = np.arange(cell.size) - np.repeat(np.cumsum(number) - number, number)
    key = [
        blocks.queue[cell // blocks.slots],
        cell % blocks.slots // blocks.size,
        demand.step_value[demand.step_at.ravel()[cell] + step],
    ]
    merged, count = np.unique(np.stack(key, axis=1), axis=0, return_counts=True)
    at = merged[:, 0].astype(np.int64), merged[:, 1].astype(np.int64)
    program.put(need[at], program.columns(len(merged), merged[:, 2], count), -1.0)
    busy[at] = True
    for q, (begin, end) in enumerate(zip(demand.queue_pool[:-1], demand.queue_pool[1:], strict=True)):
        if begin < end:
            first, last = blocks.of(demand.pool_from[begin:end]), blocks.of(demand.pool_to[begin:end] - 1)
            done = program.columns(
                int(end - begin), demand.pool_value[begin:end], demand.pool_work[begin:end]
            )
            where, use = _stream(program, first, last, done, np.ones(done.size))
            program.put(need[blocks.queue[q], where], use, -1.0)
            busy[blocks.queue[q], where] = pooled[blocks.queue[q], where] = True
    program.put(need[pooled], program.columns(int(pooled.sum())), -1.0)
    return need, busy


def _stream(
    program: LinearProgram, first: np.ndarray, last: np.ndarray, source: np.ndarray, mass: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Spread columns' mass over windows of blocks; blocks in reach and a column for the mass in each.

    Up to any block, mass spread is at most what windows have opened and at least what windows have closed.
    """
    reach = np.zeros(int(last.max()) + 2, np.int64)
    np.add.at(reach, first, 1)
    np.add.at(reach, last + 1, -1)
    where = np.flatnonzero(np.cumsum(reach))
    at = np.zeros(reach.size, np.int64)
    at[where] = np.arange(where.size)
    use = program.columns(where.size)
    for sign, edge in ((1.0, first), (-1.0, last)):
        waiting, row = program.columns(where.size), program.rows(where.size)
        program.put(row, waiting, -1.0)
        program.put(row[1:], waiting[:-1], 1.0)
        program.put(row, use, -sign)
        program.put(row[at[edge]], source, sign * mass)
    return where, use


def _groups(
    program: LinearProgram, shifts: Shifts, people: People, without: np.ndarray
) -> tuple[float, dict[int, list[np.ndarray]]]:
    """Counts of shifts by group; money beside them, and by class arrays (kind, day, start, length, column).

    A shift counts with the most it is worth to any agent of the group, once each agent's pay is that of the
    group's mean; the difference is counted by agent, at the paid units that suit best.
    """
    fixed, parts = 0.0, dict[int, list[np.ndarray]]()
    rules = [
        people.class_id, people.kind, people.paid_lo, people.paid_hi, people.days_lo, people.days_hi,
        _automata(people, shifts),
    ]  # fmt: skip
    able = (people.base > FORBIDDEN / 2).any(axis=(1, 2, 3)) & ~without
    keys, group = np.unique(np.stack(rules, axis=1)[able], axis=0, return_inverse=True)
    for n, (c, kind, paid_lo, paid_hi, days_lo, days_hi, automaton) in enumerate(keys.tolist()):
        own = np.flatnonzero(able)[group.ravel() == n]
        base, paid = people.base[own], shifts.paid[kind]
        legal = base > FORBIDDEN / 2
        pay = np.array([np.median((-b / np.maximum(1, paid))[ok]) for b, ok in zip(base, legal, strict=True)])
        pay -= pay.mean()
        fixed += float(np.maximum(-pay * paid_lo, -pay * paid_hi).sum())
        # Overtime is free here, and voluntary time off saves its most: both widen what is possible.
        fixed += float((people.under_price[own] * np.maximum(0, people.usual_lo[own] - paid_lo)).sum())
        worth = np.where(legal, base + pay[:, None, None, None] * paid, FORBIDDEN).max(axis=0)
        day, start, length = np.nonzero(legal.any(axis=0))
        column = program.columns(day.size, worth[day, start, length])
        by_day = program.rows(7, people.must[own].sum(axis=0), legal.any(axis=(2, 3)).sum(axis=0))
        program.put(by_day[day], column, 1.0)
        program.put(_worked(program, people.step[automaton], own.size)[day], column, -1.0)
        of_week = program.rows(
            2, own.size * np.array([paid_lo, days_lo]), own.size * np.array([paid_hi, days_hi])
        )
        program.put(of_week[0], column, paid[length])
        program.put(of_week[1], column, 1.0)
        parts.setdefault(c, []).append(np.stack([np.full(day.size, kind), day, start, length, column]))
    return fixed, parts


def _automata(people: People, shifts: Shifts) -> np.ndarray:
    """The automaton of days that each agent's week follows, int64, shape (A,)."""
    first = people._replace(plan=np.stack([people.plan[:, 0], np.full_like(people.plan[:, 1], -1)], axis=1))
    price, days = np.zeros(people.off.shape[1]), np.zeros((2, 7), np.int64)
    rests = np.zeros((7, shifts.break_len.shape[2]), np.int64)
    found = [
        own[0] >= 0 and plan_week(a, price, first, shifts, days[0], days[1], rests) > FORBIDDEN / 2
        for a, own in enumerate(people.plan.tolist())
    ]
    return np.where(np.array(found, bool), people.plan[:, 0], people.plan.max(axis=1))


def _worked(program: LinearProgram, step: np.ndarray, size: int) -> np.ndarray:
    """Rows by day: agents at work, who flow through their automaton, less what is put there, are 0."""
    nodes = np.zeros((7, step.shape[1]))
    nodes[0, 0] = size
    node = program.rows(nodes.size, nodes.ravel(), nodes.ravel()).reshape(nodes.shape)
    day, at, work = np.nonzero(step >= 0)
    arc = program.columns(day.size)
    program.put(node[day, at], arc, 1.0)
    on = day < 6
    program.put(node[day[on] + 1, step[day, at, work][on]], arc[on], -1.0)
    worked = program.rows(7)
    program.put(worked[day[work == 1]], arc[work == 1], 1.0)
    return worked


def _duty(
    program: LinearProgram, shifts: Shifts, people: People, agents: np.ndarray, parts: list[np.ndarray],
    blocks: _Blocks,
) -> np.ndarray:  # fmt: skip
    """Rows of a class by block: slots on duty, less breaks and meetings, less what `_flows` takes, are 0."""
    duty = program.rows(blocks.count)
    kind, day, start, length, column = np.concatenate(parts, axis=1)
    begin = shifts.start[kind, day, start]
    end = np.minimum(begin + shifts.length[kind, length], blocks.slots)
    for block in range(blocks.count):
        low, high = block * blocks.size, (block + 1) * blocks.size
        inside = np.flatnonzero((begin < high) & (end > low))
        here = np.minimum(end, high)[inside] - np.maximum(begin, low)[inside]
        program.put(np.full(inside.size, duty[block]), column[inside], here)
    windows = []
    for b in range(shifts.break_len.shape[2]):
        has = np.flatnonzero(shifts.break_n[kind, length] > b)
        at = kind[has], length[has], b
        first, size = begin[has] + shifts.break_lo[at], shifts.break_len[at]
        last = begin[has] + shifts.break_hi[at] + size - 1
        windows.append(np.stack([blocks.of(first), blocks.of(last), column[has], size]))
    first, last, source, size = np.concatenate(windows, axis=1)
    if source.size:
        where, use = _stream(program, first, last, source, size.astype(float))
        program.put(duty[where[where < blocks.count]], use[where < blocks.count], -1.0)
    rows = people.off_row[agents]
    off = people.off[rows[rows >= 0], : blocks.slots].sum(axis=0)
    away = np.bincount(np.arange(blocks.slots) // blocks.size, weights=off, minlength=blocks.count)
    met = np.flatnonzero(away)
    program.put(duty[met], program.columns(met.size, 0.0, away[met]), -1.0)
    return duty


def _flows(
    program: LinearProgram, demand: Demand, c: int, duty: np.ndarray, blocks: _Blocks, need: np.ndarray,
    busy: np.ndarray, cut: np.ndarray,
) -> None:  # fmt: skip
    """Send a class's slots to its queues or to idleness, and count them in cuts at their best coefficient."""
    idle = program.columns(blocks.count, -float(demand.over[0]) if demand.class_mask[c] else 0.0)
    program.put(duty, idle, -1.0)
    on = [(np.arange(blocks.count), idle)]
    for g in np.flatnonzero(blocks.serves[c]):
        where = np.flatnonzero(busy[g])
        flow = program.columns(where.size)
        program.put(duty[where], flow, -1.0)
        program.put(need[g, where], flow, 1.0)
        on.append((where, flow))
    if not cut.size:
        return
    best = np.zeros((cut.size, blocks.count))
    for t in range(blocks.slots):
        terms = slice(demand.cut_at[c * blocks.slots + t], demand.cut_at[c * blocks.slots + t + 1])
        cell = demand.cut_id[terms], np.full(demand.cut_id[terms].size, t // blocks.size)
        np.maximum.at(best, cell, demand.cut_coef[terms])
    for where, column in on:
        k, n = np.nonzero(best[:, where])
        program.put(cut[k], column[n], best[k, where[n]])
