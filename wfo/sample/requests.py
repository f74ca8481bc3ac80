"""What agents have asked for in the planning week: time off and wishes."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.sample.laws import LOG_END, TIME_OFF, WEEK_OFF_SHARE, WISHERS
from wfo.sample.people import People
from wfo.timegrid import local_midnight


def availability_frame(centre: Centre, people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Table ``availability``: 8 % of the week's working days are time off, as whole weeks and single days.

    A whole week off is five paid days from Monday to Friday and a weekend without availability.
    """
    n = len(people.team)
    weeks, singles = round(n * TIME_OFF * WEEK_OFF_SHARE), round(n * 5 * TIME_OFF * (1 - WEEK_OFF_SHARE))
    followers = np.flatnonzero(people.leader != np.arange(n))
    away = rng.permutation(followers)
    rows = [(int(a), day, "time_off" if day < 5 else "unavailable") for a in away[:weeks] for day in range(7)]
    rows += [
        (int(a), int(d), "time_off") for a, d in zip(away[weeks:], rng.integers(0, 5, singles), strict=False)
    ]
    table = []
    for agent, day, kind in sorted(rows):
        zone = centre.sites[people.agents["site"].iloc[agent]].zone
        date = LOG_END + dt.timedelta(days=day)
        start, end = local_midnight(date, zone), local_midnight(date + dt.timedelta(days=1), zone)
        table.append((people.ids[agent], start, end, kind, kind == "time_off"))
    frame = pd.DataFrame(table, columns=["agent_id", "start", "end", "kind", "paid"])
    times = {"start": "datetime64[us, UTC]", "end": "datetime64[us, UTC]"}
    return frame.astype({"agent_id": "str", "kind": "str", **times})


def wishes_frame(people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Table ``wishes``: half of the agents wish for an early or late start, or a day without work."""
    table = []
    for agent in np.flatnonzero(rng.random(len(people.team)) < WISHERS):
        for day in sorted(rng.choice(7, int(rng.integers(1, 3)), replace=False)):
            kind = int(rng.integers(0, 3))
            window = (("07:00", "10:00"), ("11:00", "17:00"), (None, None))[kind]
            sense = "against" if kind == 2 else "for"
            weight = float(rng.integers(1, 4))
            table.append((people.ids[agent], LOG_END + dt.timedelta(days=int(day)), *window, sense, weight))
    names = ["agent_id", "schedule_date", "start_earliest", "start_latest", "sense", "weight"]
    frame = pd.DataFrame(table, columns=names)
    frame["schedule_date"] = frame["schedule_date"].astype(object)
    return frame.astype({"agent_id": "str", "start_earliest": "str", "start_latest": "str", "sense": "str"})
