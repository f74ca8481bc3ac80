"""Small centres for the simulator's tests."""

import datetime as dt

import numpy as np
import pandas as pd

from wfo.domain.centre import Centre, Queue
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.later_work import CallList, Calls, Chasing, LaterWork, WorkStep
from wfo.simulation.options import Dialler, OldWork, SimulationOptions
from wfo.simulation.staffing import staffing_of
from wfo.timegrid import TimeGrid

START = dt.datetime(2025, 7, 7, tzinfo=dt.UTC)


def landing(is_open, spread):
    """Landing arrays of opening intervals: at once where open, else early in the next opening."""
    start = np.full(is_open.shape, -1, dtype=np.int32)
    length = np.ones(is_open.shape, dtype=np.int32)
    for q, row in enumerate(is_open):
        for t in range(len(row)):
            later = np.flatnonzero(row[t:])
            if len(later):
                start[q, t] = t + later[0]
                if later[0]:
                    closed = np.flatnonzero(~row[start[q, t] :])
                    run = closed[0] if len(closed) else len(row) - start[q, t]
                    length[q, t] = min(spread, run)
    return start, length


def demand(grid, queues, fresh, **given):
    """Demand paths with plain laws where nothing is given."""
    n, q, t = fresh.shape
    is_open = given.pop("is_open", np.ones((q, t), dtype=bool))
    start, length = landing(is_open, given.pop("landing_spread", 4))
    laws = {
        "carried": np.zeros_like(fresh),
        "follow_ups": np.zeros((q, q)),
        "lag_edges_min": np.array([0, 15, 60]),
        "delay_cdf": np.tile(np.array([0.5, 1.0]), (q, q, 1)),
        "redial_p": np.zeros(q),
        "redial_mean_s": np.full(q, 300.0),
        "landing_start": start,
        "landing_len": length,
        "handle_mean_s": np.full((q, t), 240.0),
        "handle_cv": np.ones(q),
        "patience_s": np.full(q, np.inf),
        "planned_abandonment": np.zeros(q),
    }
    return DemandPaths(grid=grid, queues=queues, fresh=fresh, **{**laws, **given})


def one_queue(rate_per_h, handle_s, patience_s, agents, *, days=7, n=4, cv=1.0, seed=1, **given):
    """A queue around the clock, Poisson arrivals, so many agents who are always there."""
    grid = TimeGrid(START, 15, 96 * days)
    fresh = np.random.default_rng(seed).poisson(rate_per_h / 4, size=(n, 1, grid.n)).astype(np.int32)
    paths = demand(
        grid,
        ("voice",),
        fresh,
        handle_mean_s=np.full((1, grid.n), float(handle_s)),
        patience_s=np.array([float(patience_s)]),
        handle_cv=np.array([cv]),
        **given,
    )
    return paths, always_there(
        grid, Centre(queues={"voice": Queue(channel="voice", law="immediate")}), agents
    )


def always_there(grid, centre, agents):
    """Staffing by agents who serve the centre's first queue from start to end."""
    names = [f"agent{k:03d}" for k in range(agents)]
    schedule = pd.DataFrame(
        {
            "agent_id": names,
            "start": pd.Timestamp(grid.start),
            "end": pd.Timestamp(grid.end),
            "schedule_date": grid.start.date(),
            "kind": "work",
            "queues": [[] for _ in names],
        }
    )
    skills = pd.DataFrame({"agent_id": names, "skill": "any"})
    routing = pd.DataFrame({"queue": [centre.queue_ids[0]], "skill": ["any"]})
    return staffing_of(schedule, pd.DataFrame({"agent_id": names}), skills, routing, centre, grid)


QUEUES = {
    "billing": Queue(channel="voice", law="immediate"),
    "sales": Queue(channel="voice", law="immediate"),
    "chat": Queue(channel="chat", law="concurrent", concurrency=2),
    "social": Queue(channel="chat", law="concurrent", concurrency=3, session_s=(300, 360, 500)),
    "email": Queue(channel="email", law="deferred"),
    "cases": Queue(channel="back_office", law="deferred"),
    "review": Queue(channel="back_office", law="deferred"),
    "calls": Queue(channel="voice", law="deferred"),
    "web": Queue(channel="web", law="unstaffed"),
}


def random_centre(seed):
    """Everything at once, small: demand, staffing and options of a random centre."""
    rng = np.random.default_rng(seed)
    centre = Centre(queues=QUEUES)
    queues, q = centre.queue_ids, len(QUEUES)
    grid = TimeGrid(START, 15, int(rng.integers(6, 20)))
    is_open = np.ones((q, grid.n), dtype=bool)
    for k in rng.choice(q - 1, size=3, replace=False):
        is_open[k, : rng.integers(0, 3)] = is_open[k, grid.n - rng.integers(0, 4) :] = False
    fresh = (rng.poisson(rng.uniform(0.2, 4.0, size=(1, q, 1)), size=(2, q, grid.n)) * is_open).astype(
        np.int32
    )
    carried = (rng.poisson(0.3, size=fresh.shape) * is_open).astype(np.int32)
    edges = np.array([0, 5, 30, 120])
    cdf = np.sort(rng.uniform(0, 1, size=(q, q, 3)), axis=2)
    cdf[:, :, -1] = 1.0
    follow_ups = rng.uniform(0, 0.25, size=(q, q)) * (rng.uniform(size=(q, q)) < 0.4)
    follow_ups[q - 1, 0] = 1.3
    paths = demand(
        grid,
        queues,
        fresh,
        is_open=is_open,
        carried=carried,
        follow_ups=follow_ups,
        lag_edges_min=edges,
        delay_cdf=cdf,
        redial_p=rng.uniform(0, 0.8, size=q),
        handle_mean_s=rng.uniform(60, 900, size=(q, grid.n)),
        handle_cv=rng.choice([0.0, 0.9], size=q),
        patience_s=rng.choice([20.0, 120.0, np.inf], size=q),
    )
    return paths, _random_staffing(rng, centre, grid), _random_options(rng, paths, q, grid)


def _random_staffing(rng, centre, grid):
    names = [f"a{k}" for k in range(rng.integers(2, 8))]
    skills = [f"s_{q}" for q in centre.queue_ids[:-1]]
    own = [(a, s) for a in names for s in rng.choice(skills, size=rng.integers(1, 4), replace=False)]
    agent_skills = pd.DataFrame(own, columns=["agent_id", "skill"])
    agent_skills["speed"] = rng.choice([0.8, 1.0, 1.25], size=len(own))
    agent_skills["priority"] = rng.integers(1, 3, size=len(own))
    routing = pd.DataFrame(
        {"queue": list(centre.queue_ids[:-1]), "skill": skills, "priority": 1, "after_s": 0.0}
    )
    extra = pd.DataFrame({"queue": ["billing", "chat"], "skill": ["s_sales", "s_billing"], "priority": 2})
    extra["after_s"] = rng.choice([0.0, 45.0, 90.0], size=2)
    rows = []
    for name in names:
        at = int(rng.integers(0, 60))
        while at < grid.n * 15 + 10:
            end = at + int(rng.integers(10, 120))
            listed = (
                rng.choice(centre.queue_ids[:-1], size=4, replace=False).tolist()
                if rng.uniform() < 0.3
                else []
            )
            rows.append((name, at, end, listed))
            at = end + int(rng.choice([0, 0, 15, 30]))
    schedule = pd.DataFrame(rows, columns=["agent_id", "start", "end", "queues"])
    for column in ("start", "end"):
        schedule[column] = pd.Timestamp(grid.start) + pd.to_timedelta(schedule[column], unit="min")
    schedule["schedule_date"] = grid.start.date()
    schedule["kind"] = "work"
    if rng.uniform() < 0.5:
        schedule["main_queue"] = rng.choice([*centre.queue_ids[:4], None], size=len(schedule))
    both = pd.concat([routing, extra], ignore_index=True)
    return staffing_of(schedule, pd.DataFrame({"agent_id": names}), agent_skills, both, centre, grid)


def _random_diallers(rng, grid):
    """Of the queues of calls: one or both, off for some intervals."""
    made = []
    for queue in (0, 1)[: rng.integers(1, 3)]:
        reached = rng.uniform(0.1, 0.9, size=grid.n) * (rng.uniform(size=grid.n) < 0.7)
        beside = tuple(rng.choice(4, size=rng.integers(0, 3), replace=False).tolist())
        made.append(
            Dialler(queue, reached, int(rng.integers(1, 3)), float(rng.choice([0.6, 1.0, 2.0])), beside)
        )
    return tuple(made)


def _random_later(rng, grid):
    """Cases in order of steps, handed to review and e-mail, calls with lists, late work that is chased."""
    steps = tuple(
        WorkStep(
            name,
            int(queue),
            float(rng.uniform(30, 300)),
            int(rng.choice([0, 0, 400_000])),
            float(rng.choice([0.0, 0.4])),
        )
        for name, queue in zip("abc", rng.choice([4, 5, 6, 7], size=rng.integers(1, 4)), strict=False)
    )
    lists = []
    for name in ("x", "y")[: rng.integers(0, 3)]:
        begins = np.sort(rng.integers(0, grid.n, size=2))
        due = (begins * 15 + rng.integers(0, grid.n * 15, size=2)) * 60_000
        until = (int(begins[1]) * 15 + int(rng.integers(1, 200))) * 60_000
        lists.append(CallList(name, begins, due, rng.integers(0, 12, size=2), until))
    calls = Calls(
        float(rng.uniform(0.2, 1.0)),
        int(rng.integers(1, 4)),
        int(rng.choice([0, 25_000])),
        int(rng.choice([0, 900_000])),
        int(rng.integers(1, 4)),
        100.0,
        tuple(lists),
    )
    chasing = {
        int(queue): Chasing(
            int(rng.choice([0, 3])), float(rng.choice([0.5, 1.4])), int(rng.choice([0, 3_600_000]))
        )
        for queue in rng.choice([4, 5, 6, 7], size=2, replace=False)
    }
    return LaterWork(
        steps={5: steps} if rng.uniform() < 0.7 else {},
        calls={7: calls} if rng.uniform() < 0.7 else {},
        chasing=chasing if rng.uniform() < 0.7 else {},
    )


def _random_turns(rng, shape):
    if rng.uniform() < 0.4:
        return {}
    turn = rng.choice([-1, 0, 400_000, 900_000], size=shape)
    return {"due_turn_ms": turn, "due_gap_ms": rng.choice([0, 1_800_000], size=shape)}


def _random_options(rng, paths, q, grid):
    within = rng.integers(10, 90, size=q)
    due = (np.arange(grid.n)[None, :] * 15 + within[:, None]) * 60_000
    size = int(rng.integers(0, 8))
    later = _random_later(rng, paths.grid) if rng.uniform() < 0.8 else LaterWork()
    queue = rng.choice([4, 5, 6, 7], size=size)
    steps = np.array([len(later.steps.get(int(k), ())) for k in queue], dtype=np.int64)
    old = OldWork(
        queue=queue,
        due_ms=rng.integers(-30, 240, size=size) * 60_000,
        handle_ms=rng.integers(10_000, 600_000, size=size),
        release_ms=rng.choice([-60, 0, 7, 45, 1000], size=size) * 60_000,
        step=rng.integers(-1, steps) if rng.uniform() < 0.7 else np.zeros(0, dtype=np.int64),
        silent=rng.uniform(size=size) < 0.4 if rng.uniform() < 0.5 else np.zeros(0, dtype=bool),
    )
    return SimulationOptions(
        threshold_ms=rng.integers(5, 60, size=q) * 1000,
        short_ms=np.full(q, 5000),
        due_ms=due,
        **_random_turns(rng, due.shape),
        old_work=old,
        max_occupancy=float(rng.choice([0.5, 0.9, 1.0])),
        kept=rng.choice([0.0, 0.7, 1.0, 3.0], size=due.shape) if rng.uniform() < 0.6 else None,
        deferred_waits=float(rng.choice([0.0, 0.3, 1.0])),
        absence=float(rng.choice([0.0, 0.2])),
        room=rng.integers(0, 6, size=q) if rng.uniform() < 0.4 else None,
        balk_p=rng.uniform(0, 0.4, size=q) if rng.uniform() < 0.4 else None,
        callback_p=rng.uniform(0, 0.9, size=q) if rng.uniform() < 0.4 else None,
        callback_ms=rng.integers(0, 90, size=q) * 1000,
        forced_abandonment=rng.uniform(0, 0.3, size=q) if rng.uniform() < 0.15 else None,
        diallers=_random_diallers(rng, grid) if rng.uniform() < 0.4 else (),
        later=later,
    )
