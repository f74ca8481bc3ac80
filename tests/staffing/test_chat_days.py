"""Chats whose agents change over the day: the birth–death law and the plan's simulator say the same."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from wfo.domain.centre import Centre, Queue
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.staffing.changing_load import simulated_service
from wfo.staffing.chat_days import simulated_chats
from wfo.staffing.chat_law import chat_figures
from wfo.timegrid import TimeGrid

SESSION_S = (480.0, 560.0, 680.0)
RATIOS = np.array(SESSION_S) / SESSION_S[-1]
STEP_S = 900.0


def _chats(rate_h: float, agents: np.ndarray, ratios: np.ndarray, *, cv: float = 1.0, seed: int = 1):
    day = agents.size
    return simulated_chats(
        np.random.default_rng(seed), np.full(day, rate_h / 4), agents, np.full(day, 680.0), cv, 120.0,
        30.0, 0.0, STEP_S, np.ones((400, day)), ratios,
    )  # fmt: skip


def test_a_level_day_follows_the_birth_death_law() -> None:
    base, good = _chats(190.0, np.full(96, 13), RATIOS)
    law = chat_figures(190.0 / 3600, 680.0, 120.0, 13.0, 30.0, 0.0, RATIOS)
    assert good[:, 16:].sum() / base[:, 16:].sum() == pytest.approx(law[5], abs=0.015)


def test_all_slots_alike_is_the_plain_queue() -> None:
    agents = np.repeat([4, 9, 13, 6], 24)
    base, good = _chats(150.0, agents, np.ones(3))
    plain = simulated_service(
        np.random.default_rng(2), np.full(96, 37.5), agents * 3, np.full(96, 680.0), 1.0, 120.0, 30.0,
        0.0, STEP_S, np.ones((400, 96)),
    )  # fmt: skip
    for part in np.split(np.arange(96), 4):
        told = good[:, part].sum() / base[:, part].sum()
        assert told == pytest.approx(plain[1][:, part].sum() / plain[0][:, part].sum(), abs=0.02)


def test_full_pace_understates_a_day_that_the_plan_simulator_plays() -> None:
    """Agents who come and go: closer to the plan's simulator than chats played at full pace."""
    agents = np.repeat([3, 7, 5], 32)
    base, good = _chats(75.0, agents, RATIOS)
    full_base, full_good = _chats(75.0, agents, np.ones(3))
    exact = _by_the_plan_simulator(75.0, agents)
    told, full = good.sum() / base.sum(), full_good.sum() / full_base.sum()
    assert full < exact - 0.02
    assert told == pytest.approx(exact, abs=0.02)


def test_nobody_there_answers_nobody_and_ends() -> None:
    base, good = _chats(60.0, np.zeros(8, dtype=np.int64), RATIOS)
    assert base.sum() > 0
    assert good.sum() == 0


def _by_the_plan_simulator(rate_h: float, agents: np.ndarray) -> float:
    queue = Queue(channel="chat", law="concurrent", concurrency=3, session_s=SESSION_S)
    centre = Centre(queues={"chat": queue})
    grid = TimeGrid(dt.datetime(2025, 7, 7, tzinfo=dt.UTC), 15, agents.size)
    fresh = np.random.default_rng(5).poisson(rate_h / 4, size=(200, 1, grid.n)).astype(np.int32)
    ones = np.ones((1, grid.n), dtype=np.int32)
    paths = DemandPaths(
        grid=grid, queues=("chat",), fresh=fresh, carried=np.zeros_like(fresh),
        follow_ups=np.zeros((1, 1)), lag_edges_min=np.array([0, 60]), delay_cdf=np.ones((1, 1, 1)),
        redial_p=np.zeros(1), redial_mean_s=np.full(1, 300.0),
        landing_start=np.arange(grid.n, dtype=np.int32)[None], landing_len=ones,
        handle_mean_s=ones * 680.0 / 3, handle_cv=np.ones(1), patience_s=np.full(1, 120.0),
        planned_abandonment=np.zeros(1),
    )  # fmt: skip
    start = pd.Timestamp(grid.start)
    ends = np.flatnonzero(np.diff(agents, append=-1)) + 1
    rows = [
        (f"a{k}", start + pd.Timedelta(minutes=15 * int(b)), start + pd.Timedelta(minutes=15 * int(e)))
        for b, e in zip(np.r_[0, ends[:-1]], ends, strict=True)
        for k in range(agents[b])
    ]
    schedule = pd.DataFrame(rows, columns=["agent_id", "start", "end"])
    schedule = schedule.assign(schedule_date=grid.start.date(), kind="work", queues=[[] for _ in rows])
    people = pd.DataFrame({"agent_id": sorted(set(schedule["agent_id"]))})
    routing = pd.DataFrame({"queue": ["chat"], "skill": ["chat"]})
    staffing = staffing_of(schedule, people, people.assign(skill="chat"), routing, centre, grid)
    counts = simulate(
        paths, staffing, seed=3,
        options=SimulationOptions(threshold_ms=np.array([30_000]), short_ms=np.array([0])),
    )  # fmt: skip
    return float(counts.in_target.sum() / counts.offered.sum())
