"""The rules a schedule must keep, by name; nothing here is shared with the solver.

A rule reads a `Case` and yields ``(agent_id, date or None, message)`` for every breach; a breach of a group's
rule names no agent.
"""

from collections.abc import Callable, Iterator

from wfo.scheduling import rules_of_groups as groups
from wfo.scheduling import rules_of_shifts as shifts
from wfo.scheduling import rules_of_weeks as weeks
from wfo.scheduling.rule_case import Breach, Case

RULES: dict[str, Callable[[Case], Iterator[Breach]]] = {
    rule.__name__: rule
    for rule in (
        shifts.known_agents,
        shifts.partition,
        shifts.one_shift_a_day,
        shifts.shift_length,
        shifts.split_shift,
        shifts.day_hours,
        shifts.start_window,
        shifts.shift_type,
        shifts.locked_shifts,
        shifts.break_count,
        shifts.break_position,
        shifts.break_window,
        shifts.absences,
        shifts.skills,
        shifts.proficiency,
        shifts.meetings,
        weeks.week_hours,
        weeks.overtime,
        weeks.voluntary_time_off,
        weeks.period_hours,
        weeks.days_worked,
        weeks.rest,
        weeks.days_in_row,
        weeks.days_off_in_row,
        weeks.weekends,
        weeks.whole_weekends,
        weeks.succession,
        weeks.rotation,
        weeks.start_variance,
        groups.minimum_staff,
        groups.team_mix,
        groups.shift_cover,
    )
}
"""Every rule by name."""
