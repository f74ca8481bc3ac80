"""Small centres for the tests of schedules."""

import datetime as dt

import pandas as pd

from wfo.domain.centre import Centre, Queue, Site
from wfo.domain.contract import Break, Contract, StartWindow, Weekends
from wfo.scheduling.inputs import ScheduleInputs
from wfo.timegrid import TimeGrid

MONDAY = dt.date(2025, 7, 7)
ZONE = "Europe/Berlin"
BREAKS = {
    "lunch": Break(minutes=30, paid=False, over_h=6),
    "rest": Break(minutes=15, paid=True, per_h=4),
}


def contract(**changes):
    """A contract of up to five shifts of four to eight hours."""
    rules = {
        "week_h": {"min": 12, "max": 24},
        "shift_h": {"min": 4, "max": 8},
        "shift_step_min": 120,
        "start": StartWindow(earliest="07:00", latest="13:00", step_min=120),
        "days": {"min": 2, "max": 5},
        "weekends": Weekends(worked=1, of=2),
        "breaks": BREAKS,
    }
    return Contract(**(rules | changes))


def centre(**contracts):
    return Centre(
        zone=ZONE,
        sites={"b": Site(zone=ZONE), "l": Site(zone="Europe/Lisbon")},
        queues={
            "calls": Queue(channel="voice", law="immediate"),
            "sales": Queue(channel="voice", law="immediate"),
            "mail": Queue(channel="email", law="deferred"),
        },
        contracts=contracts or {"usual": contract()},
    )


def grid(step_min=30, first=MONDAY):
    return TimeGrid.of_days(first, 7, zone=ZONE, step_min=step_min)


ROUTING = pd.DataFrame(
    {"queue": ["calls", "sales", "mail"], "skill": ["talk", "sell", "write"], "priority": 1, "after_s": 0.0}
)


def agents(n=3, skills=(("talk",), ("talk", "sell"), ("talk", "write")), **columns):
    names = [f"a{i}" for i in range(n)]
    frame = pd.DataFrame(
        {
            "agent_id": names,
            "site": ["b" if i % 2 == 0 else "l" for i in range(n)],
            "contract": "usual",
            "cost_per_h": 20.0,
        }
    ).assign(**columns)
    pairs = [(a, s) for i, a in enumerate(names) for s in skills[i % len(skills)]]
    return frame, pd.DataFrame(pairs, columns=["agent_id", "skill"])


def cover(the_grid, needs, value=12.0, fall=0.5):
    """Cover rows: `needs` maps a queue to a function of (local hour, weekday) that gives positions."""
    local = the_grid.local(ZONE)
    rows = []
    for queue, need in needs.items():
        for t, moment in enumerate(local):
            n = need(moment.hour + moment.minute / 60, moment.day_of_week)
            rows += [(queue, the_grid.starts[t], k + 1, value * fall**k, k < n) for k in range(n)]
    return pd.DataFrame(rows, columns=["queue", "interval_start", "step", "value", "hard"]).astype(
        {
            "queue": "str",
            "step": "int64",
            "value": "float64",
            "hard": "bool",
            "interval_start": "datetime64[us, UTC]",
        }
    )


def no_deferred():
    return pd.DataFrame(
        {
            "queue": pd.Series([], dtype="str"),
            "release": pd.Series([], dtype="datetime64[us, UTC]"),
            "due": pd.Series([], dtype="datetime64[us, UTC]"),
            "work_s": pd.Series([], dtype="float64"),
            "value_per_min": pd.Series([], dtype="float64"),
        }
    )


def at(day, clock, zone=ZONE):
    """UTC instant of a local time, `day` days after the week's Monday."""
    moment = pd.Timestamp(f"{MONDAY + dt.timedelta(days=day)} {clock}", tz=zone)
    return moment.tz_convert("UTC").as_unit("us")


def office(hour, weekday):
    """Two positions in office hours, one more at noon."""
    return (2 + (10 <= hour < 14)) if weekday < 6 and 8 <= hour < 18 else 0


def inputs(n=3, the_centre=None, needs=None, **changes):
    the_grid = changes.pop("grid", grid())
    people, skills = agents(n)
    fields = {
        "centre": the_centre or centre(),
        "grid": the_grid,
        "agents": people,
        "agent_skills": skills,
        "routing": ROUTING,
        "cover": cover(
            the_grid, needs or {"calls": office, "sales": lambda h, d: int(d < 5 and 9 <= h < 15)}
        ),
        "deferred": no_deferred(),
    }
    return ScheduleInputs(**(fields | changes))


def shift_rows(agent, day, start, end, breaks=(), queues=("calls",), zone=ZONE, **columns):
    """Rows of one shift: ``breaks`` are (start, end, paid)."""
    edges, rows = at(day, start, zone), []
    date = MONDAY + dt.timedelta(days=day)
    for begin, stop, paid in breaks:
        rows.append((edges, at(day, begin, zone), "work", "work", True))
        rows.append((at(day, begin, zone), at(day, stop, zone), "rest", "break", paid))
        edges = at(day, stop, zone)
    rows.append((edges, at(day, end, zone), "work", "work", True))
    frame = pd.DataFrame(rows, columns=["start", "end", "activity", "kind", "paid"])
    frame["queues"] = [list(queues) if k == "work" else [] for k in frame["kind"]]
    return frame.assign(
        agent_id=agent, schedule_date=date, shift_id=f"{agent}/{date}", site="b", locked=False
    ).assign(**columns)


def eight_before(days, start="09:00", end="17:00"):
    """Published shifts of agent a0 on so many days right before the week."""
    breaks = (("10:30", "10:45", True), ("12:00", "12:30", False), ("14:30", "14:45", True))
    shifts = [shift_rows("a0", -n, start, end, breaks) for n in range(1, days + 1)]
    return pd.concat(shifts, ignore_index=True) if shifts else None
