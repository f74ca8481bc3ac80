"""A small centre with planted laws, and its past, for the tests of this folder."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre
from wfo.timegrid import TimeGrid, epoch_min, from_epoch_min

ZONE = "Europe/Berlin"
WEEK = dt.date(2025, 7, 7)


def centre(**changes) -> Centre:
    content = {
        "zone": ZONE,
        "queues": {
            "voice": {
                "channel": "voice",
                "law": "immediate",
                "hours": "Mon-Sat 08:00-20:00",
                "closed_on": ["DE"],
                "patience_s": 120,
                "handle_s": 300,
                "targets": {"service_level": "80% in 20s", "abandonment": "<= 5%"},
            },
            "email": {
                "channel": "email",
                "law": "deferred",
                "hours": "Mon-Fri 08:00-18:00",
                "closed_on": ["DE"],
            },
            "web": {"channel": "web", "law": "unstaffed"},
        },
        "calendar": {"holidays": ["DE"]},
    }
    return Centre.model_validate({**content, **changes})


def week(first: dt.date = WEEK, step_min: int = 15) -> TimeGrid:
    return TimeGrid.of_days(first, 7, zone=ZONE, step_min=step_min)


def kernel(rates: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Follow-ups with delays in three bins, one half within four hours."""
    parts = ((60, 0.2), (240, 0.3), (2880, 0.5))
    rows = [(a, b, lag, r * share) for (a, b), r in rates.items() for lag, share in parts]
    frame = pd.DataFrame(rows, columns=["from_queue", "to_queue", "lag_min", "r"])
    return frame.assign(low=frame["r"], high=frame["r"])


def reports(days: int, per_interval: dict[str, float], *, end: dt.date = WEEK, seed: int = 1) -> pd.DataFrame:
    """Interval reports of a flat centre with a busy Monday, for ``days`` days before ``end``."""
    from wfo.forecasting.opening import open_intervals

    grid = TimeGrid.of_days(end - dt.timedelta(days=days), days, zone=ZONE, step_min=15)
    spec = centre()
    is_open = open_intervals(spec, grid)
    weekday = np.asarray(grid.local(ZONE).day_of_week)
    rng = np.random.default_rng(seed)
    frames = []
    for q, name in enumerate(spec.queue_ids):
        if name in per_interval:
            mean = per_interval[name] * is_open[q] * np.where(weekday == 0, 1.25, 1.0)
            offered = rng.poisson(mean).astype(float)
            frames.append(pd.DataFrame({"queue": name, "interval_start": grid.starts, "offered": offered}))
    return pd.concat(frames, ignore_index=True).assign(
        interval_min=15, answered=lambda f: f["offered"], abandoned=0.0
    )


def log(offered: pd.DataFrame) -> pd.DataFrame:
    """Contacts that come to these counts, each at its interval's start."""
    rows = offered.loc[np.repeat(offered.index, offered["offered"].astype(int))].reset_index(drop=True)
    return pd.DataFrame(
        {
            "interaction_id": [f"i{k}" for k in range(len(rows))],
            "channel": "voice",
            "queue": rows["queue"],
            "direction": "in",
            "started_at": from_epoch_min(epoch_min(rows["interval_start"])),
            "outcome": "handled",
        }
    )


RATES = {("web", "voice"): 0.2, ("voice", "voice"): 0.1, ("email", "voice"): 0.1, ("email", "email"): 0.15}


def played(
    per_interval: dict[str, float], days: int, *, end: dt.date = WEEK, seed: int = 1, lost: float = 0.0
) -> pd.DataFrame:
    """A log in which contacts cause contacts by `RATES` and the delays of `kernel`, single contacts drawn.

    Monday has a quarter more; a share ``lost`` of voice contacts is abandoned and half of those call again.
    """
    from wfo.forecasting.landing import landing
    from wfo.forecasting.opening import open_intervals

    grid = TimeGrid.of_days(end - dt.timedelta(days=days), days, zone=ZONE, step_min=15)
    spec = centre()
    names = spec.queue_ids
    is_open = open_intervals(spec, grid)
    start, length = landing(is_open, 15)
    monday = np.asarray(grid.local(ZONE).day_of_week) == 0
    rng = np.random.default_rng(seed)
    mean = (
        np.array([per_interval.get(n, 0.0) for n in names])[:, None] * is_open * np.where(monday, 1.25, 1.0)
    )
    queue, slot = np.divmod(np.repeat(np.arange(mean.size), rng.poisson(mean).ravel()), grid.n)
    minute = (slot + rng.random(len(slot))) * 15
    parts = []
    while len(queue):
        gone = (queue == names.index("voice")) & (rng.random(len(queue)) < lost)
        parts.append(pd.DataFrame({"queue": queue, "minute": minute, "gone": gone}))
        children = [(queue[gone], minute[gone] + rng.uniform(0, 30, gone.sum()), 0.5)]
        for (a, b), rate in RATES.items():
            served = (queue == names.index(a)) & ~gone
            edge = rng.choice(3, served.sum(), p=[0.2, 0.3, 0.5])
            delay = rng.uniform(np.array([0, 60, 240])[edge], np.array([60, 240, 2880])[edge])
            children.append((np.full(served.sum(), names.index(b)), minute[served] + delay, rate))
        kept = [rng.random(len(q)) < p for q, _, p in children]
        queue = np.concatenate([q[k] for (q, _, _), k in zip(children, kept, strict=True)])
        due = np.concatenate([m[k] for (_, m, _), k in zip(children, kept, strict=True)])
        inside = due < grid.n * 15
        queue, due = queue[inside], due[inside]
        slot = (due // 15).astype(int)
        lands = start[queue, slot]
        queue, due, slot, lands = (x[lands >= 0] for x in (queue, due, slot, lands))
        wide = length[queue, slot]
        minute = np.where(lands == slot, due, (lands + rng.random(len(due)) * wide) * 15)
    rows = pd.concat(parts, ignore_index=True).sort_values(["minute", "queue"], ignore_index=True)
    return pd.DataFrame(
        {
            "interaction_id": [f"i{k}" for k in range(len(rows))],
            "channel": "voice",
            "queue": pd.Series(np.array(names, dtype=object)[rows["queue"]], dtype="str"),
            "direction": "in",
            "started_at": from_epoch_min(grid.start_min + rows["minute"].to_numpy().astype(np.int64)),
            "outcome": np.where(rows["gone"], "abandoned", "handled"),
        }
    )
