"""Which start each activity gets: a first plan by least choice, then OR-Tools CP-SAT."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from wfo.effort import Effort
from wfo.scheduling.place_choices import Choice, RequestOptions
from wfo.scheduling.place_slots import Slots
from wfo.tables.result import Status

_CENTS = 100
_SECONDS = 4.0  # deterministic, times the effort's solver seconds


@dataclass(frozen=True)
class Plan:
    """What was chosen.

    Attributes
    ----------
    chosen : tuple of Choice or None
        For each activity.
    objective, bound : float
        Value less cost in money; no plan is above the bound.
    status : Status
    """

    chosen: tuple[Choice | None, ...]
    objective: float
    bound: float
    status: Status


def solve(options: list[RequestOptions], slots: Slots, *, seed: int, effort: Effort) -> Plan:
    """Place activities so that value less cost is largest.

    Nobody is at two places, of a group at most one takes place, and several agents away at once cost more
    each. The solver sees at most `MOST_STARTS` starts of each activity. The first plan sees all, is the
    solver's first solution, and what is left is filled in afterwards, so the result is never worse than it.
    """
    first = fill_in(options, slots, [None] * len(options))
    limit = sum(max((c.value - c.cost for c in o.choices), default=0.0) for o in options)
    if not limit:
        return Plan(tuple(first), 0.0, 0.0, Status.OPTIMAL)
    offered = [
        _with(o.cheapest(max(1, 60 // slots.step_min)), f) for o, f in zip(options, first, strict=True)
    ]
    chosen, bound, proved = _solve_model(options, offered, slots, first, seed, effort)
    complete = all(len(o.choices) == len(c) for o, c in zip(options, offered, strict=True))
    if not complete:
        chosen = fill_in(options, slots, chosen)
        bound = limit
    objective = worth(options, slots, chosen)
    status = Status.OPTIMAL if complete and proved else Status.FEASIBLE
    return Plan(tuple(chosen), objective, max(objective, min(bound, limit)), status)


def worth(options: list[RequestOptions], slots: Slots, chosen: list[Choice | None]) -> float:
    """Value less cost of a plan, in money."""
    won = sum(c.value - c.cost for c in chosen if c is not None)
    return float(won - slots.crowds.cost(_away(options, slots, chosen)))


def _away(options: list[RequestOptions], slots: Slots, chosen: list[Choice | None]) -> np.ndarray:
    """How many of each crowd are away, shape (G, S)."""
    away = slots.crowds.nobody()
    for option, choice in zip(options, chosen, strict=True):
        if choice is not None:
            away[:, choice.start : choice.start + option.length] += slots.crowds.sizes(choice.agents)[:, None]
    return away


def fill_in(options: list[RequestOptions], slots: Slots, chosen: list[Choice | None]) -> list[Choice | None]:
    """Give every activity without a time the best that is left, those with the fewest choices first."""
    out = list(chosen)
    busy = np.zeros(slots.segment.shape, dtype=bool)
    groups = {o.wanted.group for o, c in zip(options, out, strict=True) if c is not None and o.wanted.group}
    for option, choice in zip(options, out, strict=True):
        if choice is not None:
            busy[list(choice.agents), choice.start : choice.start + option.length] = True
    away = _away(options, slots, out)
    for i in sorted(range(len(options)), key=lambda i: (len(options[i].choices), i)):
        option = options[i]
        if out[i] is not None or option.wanted.group in groups:
            continue
        best, best_net = None, 0.0
        for c in sorted(option.choices, key=lambda c: (c.cost - c.value, c.start)):
            if c.value - c.cost <= best_net:
                break
            span = slice(c.start, c.start + option.length)
            if busy[list(c.agents), span].any():
                continue
            net = c.value - c.cost - _extra(slots, away, span, c.agents)
            if net > best_net:
                best, best_net = c, net
        if best is not None:
            span = slice(best.start, best.start + option.length)
            busy[list(best.agents), span] = True
            away[:, span] += slots.crowds.sizes(best.agents)[:, None]
            out[i] = best
            groups |= {option.wanted.group} - {""}
    return out


def _extra(slots: Slots, away: np.ndarray, span: slice, agents: tuple[int, ...]) -> float:
    """What some agents more away cost beyond each alone."""
    more = slots.crowds.sizes(agents)[:, None]
    return slots.crowds.cost(away[:, span] + more, span) - slots.crowds.cost(away[:, span], span)


def _with(choices: tuple[Choice, ...], first: Choice | None) -> tuple[Choice, ...]:
    return choices if first is None or first in choices else (*choices, first)


def _solve_model(
    options: list[RequestOptions],
    offered: list[tuple[Choice, ...]],
    slots: Slots,
    first: list[Choice | None],
    seed: int,
    effort: Effort,
) -> tuple[list[Choice | None], float, bool]:
    model = cp_model.CpModel()
    taken: list[list[cp_model.IntVar]] = []
    here: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    gone: dict[int, list[tuple[cp_model.IntVar, np.ndarray]]] = defaultdict(list)
    groups: dict[str, list[cp_model.IntVar]] = defaultdict(list)
    for option, choices, start in zip(options, offered, first, strict=True):
        literals = [model.new_bool_var("") for _ in choices]
        for literal, c in zip(literals, choices, strict=True):
            model.add_hint(literal, c == start)
            sizes = slots.crowds.sizes(c.agents)
            for s in range(c.start, c.start + option.length):
                gone[s].append((literal, sizes))
                for a in c.agents:
                    here[a, s].append(literal)
        if option.wanted.group:
            groups[option.wanted.group] += literals
        else:
            model.add_at_most_one(literals)
        taken.append(literals)
    for key in sorted(groups):
        model.add_at_most_one(groups[key])
    for place in sorted(here):
        if len(here[place]) > 1:
            model.add_at_most_one(here[place])
    money = [
        (literal, round(_CENTS * (c.value - c.cost)))
        for literals, choices in zip(taken, offered, strict=True)
        for literal, c in zip(literals, choices, strict=True)
    ]
    dearer = _crowding(model, slots, gone)
    model.maximize(sum(v * w for v, w in money) - sum(dearer))
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = _SECONDS * effort.limits.solver_s
    # one worker with the full linear relaxation proves these packings optimal, where several only searched
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.relative_gap_limit = 1e-5
    solver.parameters.random_seed = seed % (2**31)
    solver.parameters.catch_sigint_signal = False  # Ctrl-C ends the run, not this search alone
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return first, float("inf"), False
    chosen: list[Choice | None] = [
        next((c for literal, c in zip(literals, choices, strict=True) if solver.boolean_value(literal)), None)
        for literals, choices in zip(taken, offered, strict=True)
    ]
    return chosen, solver.best_objective_bound / _CENTS, status == cp_model.OPTIMAL


def _crowding(
    model: cp_model.CpModel, slots: Slots, gone: dict[int, list[tuple[cp_model.IntVar, np.ndarray]]]
) -> list[cp_model.IntVar]:
    """Cents that several away from a slot at once cost, by slot: those of the crowd that loses most."""
    dearer = []
    for s in sorted(gone):
        sums = []
        for g, steps in enumerate(np.round(_CENTS * slots.crowds.growth[:, s]).astype(np.int64)):
            away = [(literal, int(sizes[g])) for literal, sizes in gone[s] if sizes[g]]
            if len(away) and steps.any():
                sums.append(_climbed(model, steps, away))
        if not sums:
            continue
        most = model.new_int_var(0, max(top for _, top in sums), "")
        for terms, _ in sums:
            model.add(most >= terms)
        dearer.append(most)
    return dearer


def _climbed(
    model: cp_model.CpModel, cents: np.ndarray, away: list[tuple[cp_model.IntVar, int]]
) -> tuple[cp_model.LinearExpr, int]:
    """What a crowd's members away climb of its steps, in cents, and the most it can be."""
    most, top, terms, steps = sum(n for _, n in away), 0, [], []
    # equal steps share a variable; the last has no end
    edges = [0, *(np.flatnonzero(np.diff(cents)) + 1).tolist(), cents.size]
    for low, high in zip(edges, edges[1:], strict=False):
        room = most if high == cents.size else min(high - low, most)
        step = model.new_int_var(0, room, "")
        steps.append(step)
        terms.append(step * int(cents[low]))
        top += room * int(cents[low])
    model.add(sum(v * n for v, n in away) <= sum(steps))
    return sum(terms), top
