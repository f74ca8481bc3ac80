"""Money of paid hours beyond the usual ones: what overtime costs, what voluntary time off saves."""

from wfo.scheduling.compiled import plain
from wfo.scheduling.problem import People, Shifts, Weeks


@plain
def hours_value(agent: int, paid: int, people: People) -> float:
    """Money of a week with so many paid units, apart from what each shift costs."""
    if paid > people.usual_hi[agent]:
        return -people.over_price[agent] * (paid - people.usual_hi[agent])
    return people.under_price[agent] * max(0, people.usual_lo[agent] - paid)


@plain
def value_of_hours(agent: int, people: People, shifts: Shifts, weeks: Weeks) -> float:
    """The same for the week an agent has."""
    if people.over_price[agent] == 0.0 and people.under_price[agent] == 0.0:
        return 0.0
    paid = 0
    for d in range(7):
        if weeks.start[agent, d] >= 0:
            paid += shifts.paid[people.kind[agent], weeks.length[agent, d]]
    return hours_value(agent, paid, people)
