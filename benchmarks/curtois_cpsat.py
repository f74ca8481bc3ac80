"""A plain CP-SAT model of the instances, a boolean for each person, day and shift type: the peer."""

from dataclasses import dataclass

from ortools.sat.python import cp_model

from wfo.scheduling.fixed_shifts.problem import FixedShiftProblem, Person


@dataclass(frozen=True)
class Answer:
    """What CP-SAT found: penalty (None: no schedule) and bound."""

    penalty: int | None
    bound: float


def _rules(model: cp_model.CpModel, team: FixedShiftProblem, person: Person, x: dict) -> None:
    """Hard rules of a person; `x` by day and type."""
    days, names = range(team.days), [t.name for t in team.shift_types]
    work = [model.new_bool_var("") for _ in days]
    for d in days:
        model.add(sum(x[d, t] for t in names) == work[d])
        if d in person.off:
            model.add(work[d] == 0)
        for t in team.shift_types:
            for after in t.bars:
                if d + 1 < team.days:
                    model.add_at_most_one(x[d, t.name], x[d + 1, after])
    for t, most in person.max_shifts.items():
        model.add(sum(x[d, t] for d in days) <= most)
    minutes = sum(t.minutes * x[d, t.name] for d in days for t in team.shift_types)
    model.add_linear_constraint(minutes, *person.minutes)
    least, most = person.days_on
    for d in range(team.days - most):
        model.add(sum(work[d : d + most + 1]) <= most)
    for d in range(1, team.days - 1):
        for n in range(1, least):
            if d + n < team.days:
                model.add_bool_or([work[d - 1], *(~w for w in work[d : d + n]), work[d + n]])
        for n in range(1, person.min_days_off):
            if d + n < team.days:
                model.add_bool_or([~work[d - 1], *work[d : d + n], ~work[d + n]])
    weekends = []
    for d in range(5, team.days - 1, 7):
        weekends.append(model.new_bool_var(""))
        model.add_max_equality(weekends[-1], work[d : d + 2])
    if person.max_weekends is not None:
        model.add(sum(weekends) <= person.max_weekends)


def plan(team: FixedShiftProblem, seconds: float) -> Answer:
    """Solve with one worker until a time limit."""
    model, x = cp_model.CpModel(), {}
    for p in team.persons:
        for d in range(team.days):
            for t in team.shift_types:
                x[p.name, d, t.name] = model.new_bool_var("")
        _rules(model, team, p, {key[1:]: v for key, v in x.items() if key[0] == p.name})
    cost = []
    for w in team.wishes:
        met = x[w.person, w.day, w.shift]
        cost.append(w.weight * (1 - met if w.wanted else met))
    for c in team.cover:
        under, over = (model.new_int_var(0, len(team.persons), "") for _ in range(2))
        model.add(sum(x[p.name, c.day, c.shift] for p in team.persons) + under - over == c.needed)
        cost.append(c.under * under + c.over * over)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, 1
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Answer(round(solver.objective_value) if found else None, solver.best_objective_bound)
