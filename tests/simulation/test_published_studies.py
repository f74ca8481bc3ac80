"""Simulation studies published with the ContactCenters library (Université de Montréal), played again.

Figures: doc/examples MMC.res, MMCAb.res and CallCC.res, 1000 replications of a day each. Their handle times
are exponential, so that contacts are given to the kernel one by one. Days stand some hours apart in one long
trace, so that every day begins empty.
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from small_centres import START, demand

from wfo.domain.centre import Centre, Queue
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import play_trace
from wfo.simulation.staffing import staffing_of
from wfo.simulation.trace import Trace
from wfo.timegrid import TimeGrid

DAYS, PERIOD_H = 290, 16
HOUR_MS = 3_600_000
Z = 1.96


def staffing(grid, by_hour):
    """So many agents in each hour of every day; who leaves finishes the contact in hand."""
    rows = []
    for day in range(DAYS):
        for agent in range(max(by_hour)):
            hours = np.flatnonzero(np.array(by_hour) > agent)
            for stretch in np.split(hours, np.flatnonzero(np.diff(hours) > 1) + 1):
                start = pd.Timestamp(grid.start) + pd.Timedelta(hours=day * PERIOD_H + int(stretch[0]))
                end = start + pd.Timedelta(hours=len(stretch))
                rows.append((f"a{agent:02d}", start, end, START.date() + dt.timedelta(day), "work", []))
    columns = ["agent_id", "start", "end", "schedule_date", "kind", "queues"]
    names = [f"a{agent:02d}" for agent in range(max(by_hour))]
    agents, skills = pd.DataFrame({"agent_id": names}), pd.DataFrame({"agent_id": names, "skill": "any"})
    centre = Centre(queues={"voice": Queue(channel="voice", law="immediate")})
    routing = pd.DataFrame({"queue": ["voice"], "skill": ["any"]})
    return staffing_of(pd.DataFrame(rows, columns=columns), agents, skills, routing, centre, grid)


def play(rates, handle_s, patience, by_hour, *, seed, busyness=None, short_s=20):
    """Sums by day of a study with hourly rates; a day's rates are times its busyness."""
    rng = np.random.default_rng(seed)
    factor = np.ones(DAYS) if busyness is None else busyness(rng, DAYS)
    number = rng.poisson(factor[:, None] * np.array(rates))
    day, hour = (np.repeat(a.ravel(), number.ravel()) for a in np.indices(number.shape))
    size = len(day)
    trace = Trace(
        queue=np.zeros(size, dtype=np.int64),
        arrival_ms=day * PERIOD_H * HOUR_MS + hour * HOUR_MS + rng.integers(0, HOUR_MS, size=size),
        handle_s=rng.exponential(handle_s, size=size),
        patience_s=patience(rng, size),
    )
    grid = TimeGrid(START, 60, PERIOD_H * DAYS)
    laws = demand(grid, ("voice",), np.zeros((1, 1, grid.n), dtype=np.int32))
    options = SimulationOptions(threshold_ms=np.array([20_000]), short_ms=np.array([short_s * 1000]))
    counts = play_trace(trace, laws, staffing(grid, by_hour), seed=seed, options=options)
    hours = len(rates)

    def by_day(array):
        return array[0, 0].reshape(DAYS, PERIOD_H).sum(axis=1).astype(float)

    busy_ms = counts.busy_ms[0, 0].reshape(DAYS, PERIOD_H)[:, :hours].sum(axis=1).astype(float)
    names = ("offered", "answered", "abandoned", "abandoned_short", "in_target", "wait_ms")
    return {n: by_day(getattr(counts, n)) for n in names} | {"busy_ms": busy_ms}


def agrees(top, bottom, published, half):
    """A ratio of means lies where both studies' 95 % intervals allow, its own by the linearised spread."""
    ours = top.sum() / bottom.sum()
    error = (top - ours * bottom).std(ddof=1) / np.sqrt(DAYS) / bottom.mean()
    assert ours == pytest.approx(published, abs=np.hypot(half, Z * error))


ONE = np.ones(DAYS)


def test_mmc_day():
    """252 calls an hour, 120 s, 12 agents, no patience, 8 hours."""
    d = play([252] * 8, 120, lambda rng, n: np.full(n, np.inf), [12] * 9, seed=11)
    agrees(d["in_target"], ONE, 1816.158, 3.54)
    agrees(d["in_target"], d["answered"], 0.902, 0.002)
    agrees(d["wait_ms"] / 60_000, d["answered"], 0.099, 0.0025)
    agrees(d["busy_ms"], ONE * 12 * 8 * HOUR_MS, 0.695, 0.0015)


def test_mmc_day_with_abandonment():
    """The same with patience of 60 s in the mean."""
    d = play([252] * 8, 120, lambda rng, n: rng.exponential(60, size=n), [12] * 9, seed=12)
    agrees(d["abandoned"], ONE, 58.609, 0.949)
    agrees(d["in_target"], ONE, 1906.008, 2.22)
    agrees(d["in_target"], d["answered"], 0.975, 0.0005)
    agrees(d["in_target"], d["offered"] - d["abandoned_short"], 0.968, 0.0006)
    agrees(d["wait_ms"] / 60_000, d["answered"], 0.024, 0.0004)
    agrees(d["busy_ms"], ONE * 12 * 8 * HOUR_MS, 0.675, 0.0012)


def test_overdispersed_day():
    """13 hours, a gamma busyness of the day, a tenth who never wait; ratios over the 1660 calls expected."""
    rates = [100, 150, 150, 180, 200, 150, 150, 150, 120, 100, 80, 70, 60]
    agents = [4, 6, 8, 8, 8, 7, 8, 8, 6, 6, 4, 4, 4]

    def patience(rng, n):
        return np.where(rng.uniform(size=n) < 0.1, 0.0, rng.exponential(1000, size=n))

    d = play(
        rates, 100, patience, [*agents, 4], seed=13, busyness=lambda rng, n: rng.gamma(10, 0.1, size=n)
    )  # fmt: skip
    agrees(d["offered"], ONE, 1639.507, 26.7)
    agrees(d["abandoned"], ONE * 1660, 0.0342, 0.0032)
    agrees(d["in_target"] + d["abandoned_short"], ONE * 1660, 0.853, 0.009)
    agrees(d["wait_ms"] / 1000, ONE * 1660, 11.834, 1.774)
