"""One day as a CP-SAT model: all its breaks free, the starts of a few agents, nobody's hours or days.

The model counts: breaks of a class with the same allowed places are one number for each place, and agents
flow by class to queues with the same servers. Deferred work is a budget of the day from what its agents do
now, so the model is a guide; what its answer is worth, the roster's own assignment says.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from wfo.scheduling.day_value import UNITS, cover_value, deferred_value, is_deferred, queue_groups
from wfo.scheduling.problem import Weeks
from wfo.scheduling.search import Roster

Break = tuple[int, int, tuple[int, ...]]
"""Class, slots, allowed places."""


@dataclass(frozen=True)
class Day:
    """Who works on a day, and where each may be.

    Attributes
    ----------
    number : int
        Day of the week.
    agents : list of int
        On duty; the breaks of all of them are free.
    starts : dict
        Of each agent whose start is free, too: allowed starts with the value of the shift.
    """

    number: int
    agents: list[int]
    starts: dict[int, dict[int, float]]


def solve_day(roster: Roster, day: Day, solver_s: float, seed: int) -> Weeks | None:
    """Weeks with the day's new starts and breaks; None where the solver found nothing."""
    built = DayModel(roster, day)
    if not built.money:
        return None
    built.model.maximize(cp_model.LinearExpr.sum(built.money))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = solver_s
    solver.parameters.random_seed = seed % 2**31
    if solver.solve(built.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    new = Weeks(*(array.copy() for array in roster.weeks))
    for (agent, begin), var in built.start.items():
        if solver.boolean_value(var):
            new.start[agent, day.number] = begin
    for (agent, b, place), var in built.own.items():
        if solver.boolean_value(var):
            new.breaks[agent, day.number, b] = place
    for key, owners in built.shared_breaks().items():
        places = [s for s, var in built.shared[key].items() for _ in range(solver.value(var))]
        for (agent, b), place in zip(owners, places, strict=True):
            new.breaks[agent, day.number, b] = place
    return new


class DayModel:
    """Presence by class and slot as expressions, and what it is worth."""

    def __init__(self, roster: Roster, day: Day):
        self.roster, self.day, self.model = roster, day, cp_model.CpModel()
        self.present: dict[tuple[int, int], list[cp_model.LinearExprT]] = defaultdict(list)
        self.fixed: dict[tuple[int, int], int] = defaultdict(int)
        self.money: list[cp_model.LinearExprT] = []
        self.start: dict[tuple[int, int], cp_model.IntVar] = {}
        self.own: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self.shared: dict[Break, dict[int, cp_model.IntVar]] = {}
        self.slots: set[int] = set()
        self._others()
        for agent in day.starts:
            self._mover(agent)
        self._breaks()
        if self.slots:
            self._work()

    def _away(self, agent: int, t: int) -> bool:
        row = self.roster.people.off_row[agent]
        return bool(row >= 0 and self.roster.people.off[row, t])

    def _shift(self, agent: int) -> tuple[int, int, int, int]:
        roster, d = self.roster, self.day.number
        kind, k = int(roster.people.kind[agent]), int(roster.weeks.length[agent, d])
        return kind, k, int(roster.weeks.start[agent, d]), int(roster.shifts.length[kind, k])

    def _places(self, agent: int, begin: int, b: int) -> tuple[int, ...]:
        """Where break b of a shift may begin; not in a meeting where that can be helped."""
        kind, k, _, _ = self._shift(agent)
        shifts = self.roster.shifts
        size = int(shifts.break_len[kind, k, b])
        all_of = range(begin + int(shifts.break_lo[kind, k, b]), begin + int(shifts.break_hi[kind, k, b]) + 1)
        clear = tuple(s for s in all_of if not any(self._away(agent, t) for t in range(s, s + size)))
        return clear or tuple(all_of)

    def _others(self) -> None:
        """Slots of the day, and who is there whatever the model does."""
        edge = self.roster.demand.step_n.shape[1]
        for agent in self.day.agents:
            _, _, begin, size = self._shift(agent)
            for first in self.day.starts.get(agent, {begin: 0.0}):
                self.slots.update(range(first, min(edge, first + size)))
        there = self.roster.state.on.sum(axis=2)
        for t in self.slots:
            for c in np.flatnonzero(there[t]).tolist():
                self.fixed[c, t] += int(there[t, c])
        for agent in self.day.agents:
            c, d = int(self.roster.people.class_id[agent]), self.day.number
            kind, k, begin, size = self._shift(agent)
            breaks = self.roster.weeks.breaks[agent, d, : self.roster.shifts.break_n[kind, k]].tolist()
            sizes = self.roster.shifts.break_len[kind, k].tolist()
            resting = {s + n for s, size_of in zip(breaks, sizes, strict=False) for n in range(size_of)}
            for t in range(begin, min(edge, begin + size)):
                now = t not in resting and not self._away(agent, t)
                # A mover leaves altogether; others are there but for breaks, which the model places.
                self.fixed[c, t] += int(agent not in self.day.starts and not self._away(agent, t)) - int(now)

    def _mover(self, agent: int) -> None:
        """Start and breaks of an agent who may begin at another time."""
        c, starts = int(self.roster.people.class_id[agent]), self.day.starts[agent]
        kind, k, now, size = self._shift(agent)
        shifts, model, edge = self.roster.shifts, self.model, self.roster.demand.step_n.shape[1]
        for begin, value in starts.items():
            var = self.start[agent, begin] = model.new_bool_var("")
            model.add_hint(var, begin == now)
            self.money.append(round(value * UNITS) * var)
            for t in range(begin, min(edge, begin + size)):
                if not self._away(agent, t):
                    self.present[c, t].append(var)
        model.add_exactly_one(self.start[agent, begin] for begin in starts)
        for b in range(int(shifts.break_n[kind, k])):
            length, by_place = int(shifts.break_len[kind, k, b]), defaultdict(list)
            for begin in starts:
                for s in self._places(agent, begin, b):
                    by_place[s].append(self.start[agent, begin])
            placed = int(self.roster.weeks.breaks[agent, self.day.number, b])
            for s, allowed in by_place.items():
                var = self.own[agent, b, s] = model.new_bool_var("")
                model.add_hint(var, s == placed)
                model.add_bool_or([var.negated(), *allowed])
                for t in range(s, min(edge, s + length)):
                    if not self._away(agent, t):
                        self.present[c, t].append(-var)
            model.add_exactly_one(self.own[agent, b, s] for s in by_place)

    def shared_breaks(self) -> dict[Break, list[tuple[int, int]]]:
        """Breaks of agents whose start stays, (agent, which), by what makes them equal."""
        groups: dict[Break, list[tuple[int, int]]] = defaultdict(list)
        for agent in self.day.agents:
            if agent not in self.day.starts:
                kind, k, begin, _ = self._shift(agent)
                for b in range(int(self.roster.shifts.break_n[kind, k])):
                    size = int(self.roster.shifts.break_len[kind, k, b])
                    places = self._places(agent, begin, b)
                    groups[int(self.roster.people.class_id[agent]), size, places].append((agent, b))
        return groups

    def _breaks(self) -> None:
        edge = self.roster.demand.step_n.shape[1]
        for key, owners in self.shared_breaks().items():
            c, size, places = key
            now = [int(self.roster.weeks.breaks[a, self.day.number, b]) for a, b in owners]
            self.shared[key] = {}
            for s in places:
                var = self.shared[key][s] = self.model.new_int_var(0, len(owners), "")
                self.model.add_hint(var, now.count(s))
                for t in range(s, min(edge, s + size)):
                    if not self._away(owners[0][0], t):
                        self.present[c, t].append(-var)
            self.model.add(sum(self.shared[key].values()) == len(owners))

    def _work(self) -> None:
        """Flow of classes to groups of queues and its value."""
        roster, demand, state = self.roster, self.roster.demand, self.roster.state
        over = round(float(demand.over[0]) * UNITS)
        groups = queue_groups(demand)
        loads: dict[tuple[int, int], cp_model.IntVar] = {}
        for t in sorted(self.slots):
            into: dict[int, list[cp_model.IntVar]] = defaultdict(list)
            for c in sorted({c for c, u in (*self.present, *self.fixed) if u == t}):
                count = self.fixed[c, t] + cp_model.LinearExpr.sum(self.present[c, t])
                most = max(0, self.fixed[c, t] + len(self.present[c, t]))
                flows = []
                for g, queues in enumerate(groups):
                    if int(demand.class_mask[c]) >> queues[0] & 1:
                        flow = self.model.new_int_var(0, most, "")
                        self.model.add_hint(flow, int(state.on[t, c, queues].sum()))
                        flows.append(flow)
                        into[g].append(flow)
                self.model.add(sum(flows) <= count)
                self.money.append(over * sum(flows) - over * count)
            for g, queues in enumerate(groups):
                now = int(state.units[t, queues].sum())
                most = int(self.roster.people.class_id.size)
                load = loads[g, t] = self.model.new_int_var(0, most, "")
                self.model.add_hint(load, now)
                self.model.add(load == sum(into[g]))
                if not is_deferred(demand, queues[0]):
                    self.money += cover_value(self.model, roster, load, queues[0], t)
        for g, queues in enumerate(groups):
            if is_deferred(demand, queues[0]):
                by_slot = {t: loads[g, t] for t in sorted(self.slots)}
                self.money.append(deferred_value(self.model, roster, queues, by_slot))
