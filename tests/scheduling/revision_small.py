"""A small plan that is asked to change."""

import pandas as pd
from scheduling_small import at, inputs, shift_rows

MORNING = ("07:00", "13:00", (("09:00", "09:15", True),))
LATE = ("13:00", "19:00", (("15:00", "15:15", True),))


def plan(shifts):
    """Shifts as (agent, day, start, end, breaks)."""
    rows = [shift_rows(agent, day, start, end, breaks) for agent, day, (start, end, breaks) in shifts]
    return pd.concat(rows, ignore_index=True).assign(activity_request_id=None, main_queue=None)


def three_mornings(agents=("a0", "a1", "a2"), zone_of=()):
    return plan([(a, day, MORNING) for a in agents for day in range(3)])


def week(need=lambda hour, weekday: 3 * (weekday < 6 and 7 <= hour < 19), n=3, **changes):
    """Three agents of one zone who all take calls, wanted by `need`."""
    given = inputs(n, needs={"calls": need}, **changes)
    given.agents["site"] = "b"
    return given


def asked(*rows):
    """Requests as (id, agent, kind, (day, clock), (day, clock), with_agent)."""
    columns = ["request_id", "agent_id", "kind", "start", "end", "with_agent"]
    frame = pd.DataFrame(
        [(*r[:3], at(*r[3]), at(*r[4]), r[5] if len(r) > 5 else None) for r in rows], columns=columns
    )
    return frame.assign(received_at=[at(-7, f"{n:02}:00") for n in range(len(rows))])


def absent(*rows):
    """Absences as (agent, kind, (day, clock), (day, clock))."""
    return pd.DataFrame(
        [(a, at(*s), at(*e), kind, kind == "time_off") for a, kind, s, e in rows],
        columns=["agent_id", "start", "end", "kind", "paid"],
    )
