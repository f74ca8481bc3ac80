"""Centres to simulate: one queue, a large multi-skill centre, the sample centre's last published week."""

import datetime as dt

import numpy as np
import pandas as pd
from small_centres import demand

import wfo
from wfo.domain.centre import Centre, Law, Queue
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.staffing import Staffing, staffing_of
from wfo.timegrid import TimeGrid

MONDAY = dt.datetime(2025, 7, 7, tzinfo=dt.UTC)
AGENTS, QUEUES, GROUPS = 1000, 8, 19
HANDLE_S, PATIENCE_S = 200.0, 180.0


def large_centre(contacts: int, n: int) -> tuple[DemandPaths, Staffing]:
    """1,000 agents in 19 skill groups serve 8 queues, five shifts of eight hours a week, so many contacts.

    Eight groups know one queue, eight two and three three of them; calls of one queue prefer those who know
    nothing else. Days have a peak; 5 % of contacts have a follow-up, 40 % of abandoned ones redial.
    """
    rng = np.random.default_rng(7)
    names = tuple(f"q{k}" for k in range(QUEUES))
    centre = Centre(queues={q: Queue(channel="voice", law="immediate", patience_s=PATIENCE_S) for q in names})
    grid = TimeGrid(MONDAY, 15, 7 * 96)
    knows = (
        [(k,) for k in range(8)] + [(k, (k + 1) % 8) for k in range(8)] + [(0, 3, 5), (1, 4, 6), (2, 5, 7)]
    )
    rows, skills = [], []
    for a in range(AGENTS):
        agent, own = f"agent{a:04d}", knows[a % GROUPS]
        skills += [(agent, f"s{k}", 1 + rank, 1.0) for rank, k in enumerate(own)]
        first = (a // GROUPS) % 7
        for day in sorted((first + d) % 7 for d in range(5)):
            start = pd.Timestamp(MONDAY) + pd.Timedelta(days=day, minutes=int(420 + 30 * (a % 13)))
            for begin, end in ((0, 120), (135, 240), (270, 360), (375, 480)):
                span = [start + pd.Timedelta(minutes=m) for m in (begin, end)]
                rows.append((agent, *span, (MONDAY + dt.timedelta(days=day)).date(), "work", []))
    schedule = pd.DataFrame(rows, columns=["agent_id", "start", "end", "schedule_date", "kind", "queues"])
    agent_skills = pd.DataFrame(skills, columns=["agent_id", "skill", "priority", "speed"])
    routing = pd.DataFrame({"queue": names, "skill": [f"s{k}" for k in range(QUEUES)], "priority": 1})
    agents = pd.DataFrame({"agent_id": sorted(set(schedule["agent_id"]))})
    hour = (np.arange(grid.n) % 96) / 4
    shape = np.where((hour >= 7.5) & (hour < 21), np.exp(-(((hour - 13) / 4.5) ** 2)), 0.0)
    mean = np.outer(np.linspace(0.6, 1.4, QUEUES), shape)
    fresh = rng.poisson(mean * contacts / mean.sum(), size=(n, QUEUES, grid.n)).astype(np.int32)
    paths = demand(
        grid,
        names,
        fresh,
        handle_mean_s=np.full((QUEUES, grid.n), HANDLE_S),
        patience_s=np.full(QUEUES, PATIENCE_S),
        redial_p=np.full(QUEUES, 0.4),
        follow_ups=np.eye(QUEUES) * 0.05,
    )
    return paths, staffing_of(schedule, agents, agent_skills, routing, centre, grid)


def sample_week(n: int) -> tuple[DemandPaths, Staffing]:
    """Poisson contacts at the last logged week's counts against the people who worked it."""
    sample = wfo.sample_centre("standard")
    centre = sample.centre
    grid = TimeGrid.of_days(sample.now.date() - pd.Timedelta(days=6), 7, zone=centre.zone, step_min=15)
    log = sample.data["interactions"]
    at, queues = grid.locate(log["started_at"]), centre.queue_ids
    inside = (at >= 0) & (at < grid.n) & log["queue"].isin(queues).to_numpy()
    number = log["queue"].map({q: k for k, q in enumerate(queues)})
    mean = np.zeros((len(queues), grid.n))
    np.add.at(mean, (number[inside].to_numpy(dtype=np.int64), at[inside]), 1)
    is_open = open_intervals(centre, grid)
    fresh = np.random.default_rng(1).poisson(mean * is_open, size=(n, *mean.shape)).astype(np.int32)
    specs = [centre.queues[q] for q in queues]
    patience = np.array([s.patience_s or np.inf for s in specs])
    handle = log.groupby("queue")["handle_s"].mean().reindex(list(queues)).fillna(1.0).to_numpy()
    handle = np.where([s.law is Law.UNSTAFFED for s in specs], 1.0, handle)
    paths = demand(
        grid,
        queues,
        fresh,
        is_open=is_open,
        patience_s=patience,
        handle_mean_s=np.repeat(handle[:, None], grid.n, axis=1),
        redial_p=np.full(len(queues), 0.45),
        follow_ups=np.full((len(queues), len(queues)), 0.01),
    )
    people = (sample.data[name] for name in ("published_schedule", "agents", "agent_skills", "routing"))
    return paths, staffing_of(*people, centre, grid)
