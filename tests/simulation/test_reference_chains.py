"""Reference points that no closed form gives, played contact by contact with exponential times.

Points: ``tests/staffing/reference_points.csv``. Two queues with agents shared in part, solved as a chain;
and Mt/M/st+M where patience lasts as long as service, so that the number there is Poisson for any staffing.
"""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson
from small_centres import START, always_there, demand

from wfo.domain.centre import Centre, Queue
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import play_trace
from wfo.simulation.staffing import staffing_of
from wfo.simulation.trace import Trace
from wfo.timegrid import TimeGrid

PATH = Path(__file__).parent.parent / "staffing" / "reference_points.csv"
POINTS = list(csv.DictReader(PATH.read_text(encoding="utf-8").splitlines()))
SIGMA = 4.0


def numbers(text):
    return [float(number) for number in re.findall(r"[\d.]+", text)]


def played(grid, queue, arrival_ms, unit_s, patience, staffing, seed):
    """Counts of exponential handle times of a unit and patience of so many units; in target: no wait."""
    rng = np.random.default_rng(seed)
    size = len(queue)
    times = (rng.exponential(unit_s, size=size), rng.exponential(patience * unit_s, size=size))
    laws = demand(grid, staffing.queues, np.zeros((1, len(staffing.queues), grid.n), dtype=np.int32))
    options = SimulationOptions(threshold_ms=np.zeros(len(staffing.queues), dtype=np.int64))
    return play_trace(Trace(queue, arrival_ms, *times), laws, staffing, seed=seed, options=options)


def ratio(top, bottom, batches=60):
    """Ratio of two rows of counts, and its standard error by batches of intervals."""
    parts = np.array([[a.sum() for a in np.array_split(row, batches)] for row in (top, bottom)], dtype=float)
    found = parts[0].sum() / parts[1].sum()
    error = (parts[0] - found * parts[1]).std(ddof=1) / np.sqrt(batches) / parts[1].mean()
    return found, error


def shared_agents(grid, numbers_of):
    """Groups A, B and AB around the clock; specialists first, and AB takes queue 0 first."""
    held = {"A": [("a", 1)], "B": [("b", 1)], "AB": [("a2", 1), ("b2", 2)]}
    who = [(f"{group}{k}", group) for group, n in zip(held, numbers_of, strict=True) for k in range(int(n))]
    schedule = pd.DataFrame({"agent_id": [name for name, _ in who], "kind": "work"})
    schedule["start"], schedule["end"] = pd.Timestamp(grid.start), pd.Timestamp(grid.end)
    schedule["schedule_date"] = START.date()
    skills = pd.DataFrame(
        [(name, *own) for name, group in who for own in held[group]],
        columns=["agent_id", "skill", "priority"],
    )
    routing = pd.DataFrame(
        {"queue": ["q0", "q0", "q1", "q1"], "skill": ["a", "a2", "b", "b2"], "priority": [1, 2, 1, 2]}
    )
    centre = Centre(queues={q: Queue(channel="voice", law="immediate") for q in ("q0", "q1")})
    return staffing_of(schedule, schedule[["agent_id"]], skills, routing, centre, grid)


W_POINTS = [p for p in POINTS if p["model"].startswith("W-model")]


@pytest.mark.parametrize("agents", sorted({p["agents"] for p in W_POINTS}))
def test_two_queues_with_agents_shared_in_part(agents):
    """Waits, abandonment and occupancy of all groups, within four standard errors of the chain's."""
    points = {p["metric"]: p for p in W_POINTS if p["agents"] == agents}
    one = next(iter(points.values()))
    unit_s, grid = 60.0, TimeGrid(START, 60, 1000)
    rng = np.random.default_rng(1)
    size = rng.poisson(np.array(numbers(one["lambda_per_hour"])) * grid.n * 3600 / unit_s)
    queue, staffing = np.repeat([0, 1], size), shared_agents(grid, numbers(agents))
    arrival_ms = rng.integers(0, grid.n * 3_600_000, size=len(queue))
    counts = played(grid, queue, arrival_ms, unit_s, numbers(one["patience_s"])[0], staffing, 2)
    found = {}
    for q in range(2):
        offered = counts.offered[0, q]
        found[f"pw{q}"] = ratio(offered - counts.in_target[0, q], offered)
        found[f"pab{q}"] = ratio(counts.abandoned[0, q], offered)
    for group, busy, duty in zip(counts.serves.tolist(), counts.busy_ms[0], counts.duty_ms[0], strict=True):
        name = {(True, False): "occA", (False, True): "occB", (True, True): "occAB"}[tuple(group)]
        found[name] = ratio(busy, duty)
    assert found.keys() == points.keys()
    for name, (value, error) in found.items():
        assert error < 0.006
        assert value == pytest.approx(float(points[name]["value"]), abs=SIGMA * error), name


MT_POINTS = [p for p in POINTS if p["model"].startswith("Mt/M/st+M")]
PERIOD_MIN, PERIODS = 64, 700


@pytest.mark.parametrize("agents", sorted({p["agents"] for p in MT_POINTS}))
def test_a_load_that_changes_is_poisson_where_patience_is_as_long_as_service(agents):
    """Arrivals within two of the 64 minutes of a period around t wait with P(Poisson(m(t)) ≥ s)."""
    unit_s, grid = PERIOD_MIN * 60 / (2 * np.pi), TimeGrid(START, 1, PERIOD_MIN * PERIODS)
    rng = np.random.default_rng(3)
    most = rng.poisson(120 * grid.n * 60 / unit_s)
    at_s = rng.uniform(0, grid.n * 60, size=most)
    at_s = np.sort(at_s[rng.uniform(0, 120, size=most) < 100 + 20 * np.sin(at_s / unit_s)])
    staffing = always_there(grid, Centre(queues={"q": Queue(channel="voice", law="immediate")}), int(agents))
    arrival_ms = (at_s * 1000).astype(np.int64)
    counts = played(grid, np.zeros(len(at_s), dtype=np.int64), arrival_ms, unit_s, 1.0, staffing, 4)
    offered, at_once = (a[0, 0].reshape(PERIODS, PERIOD_MIN) for a in (counts.offered, counts.in_target))
    for point in (p for p in MT_POINTS if p["agents"] == agents):
        t = float(re.search(r"t=([\d.]+)", point["target"])[1])
        expected = float(point["value"])
        load = 100 + 10 * (np.sin(t) - np.cos(t))
        assert poisson.sf(int(agents) - 1, load) == pytest.approx(expected, abs=1e-4)
        minute = round(t * unit_s / 60)
        around = [(minute + d) % PERIOD_MIN for d in (-1, 0)]
        # the first periods are those of a system that fills
        came, waited = offered[9:, around].sum(axis=1), (offered - at_once)[9:, around].sum(axis=1)
        value, error = ratio(waited, came)
        assert error < 0.03
        assert value == pytest.approx(expected, abs=SIGMA * error), t
