"""The blend day published with the ContactCenters library (Université de Montréal), played again.

Figures: doc/examples Blend.res, 1000 days; what the day is: blend.tex and Blend.java beside it (dialling
takes no time; a call reaches somebody with probability .29 from 11:00 to 13:55; four free agents of all, two
numbers for each who may call). Handle times are lognormal here, with means and spreads of the study's gamma
and exponential ones, and the patience of who was called is exponential, not constant, with the same mean.
``pytest -s`` prints each figure beside the published one.
"""

import numpy as np
import pandas as pd
import pytest
from small_centres import START, always_there, demand

from wfo.domain.centre import Centre, Queue
from wfo.simulation.options import Dialler, SimulationOptions
from wfo.simulation.simulate import play_trace, simulate
from wfo.simulation.staffing import staffing_of
from wfo.simulation.trace import Trace
from wfo.timegrid import TimeGrid

DAYS, STEP_MIN = 1000, 5
PER_H = 60 // STEP_MIN
HALF_HOURLY = (68.45, 72.93, 71.92)
SPECIALISTS, BLEND = (23, 23, 21), (16, 18, 16)
Z = 1.96
QUEUES = ("in", "out")


def people(grid):
    """So many in each of three times two hours; the last stay two hours more, in which nobody calls."""
    rows = []
    for kind, by_period in (("in", SPECIALISTS), ("blend", BLEND)):
        for k in range(max(by_period)):
            there = [p for p, n in enumerate((*by_period, by_period[-1])) if n > k]
            for stretch in np.split(there, np.flatnonzero(np.diff(there) > 1) + 1):
                start = pd.Timestamp(grid.start) + pd.Timedelta(hours=2 * int(stretch[0]))
                end = start + pd.Timedelta(hours=2 * len(stretch))
                rows.append((f"{kind}{k:02d}", start, end, START.date(), "work", []))
    schedule = pd.DataFrame(rows, columns=["agent_id", "start", "end", "schedule_date", "kind", "queues"])
    names = sorted(set(schedule["agent_id"]))
    skills = [(n, "in", 1) for n in names if n.startswith("in")]
    skills += [(n, s, rank) for n in names if n.startswith("blend") for s, rank in (("out", 1), ("both", 2))]
    routing = pd.DataFrame(
        {"queue": ["in", "in", "out"], "skill": ["in", "both", "out"], "priority": [1, 2, 1]}
    )
    centre = Centre(queues={q: Queue(channel="voice", law="immediate") for q in QUEUES})
    held = pd.DataFrame(skills, columns=["agent_id", "skill", "priority"])
    return staffing_of(schedule, pd.DataFrame({"agent_id": names}), held, routing, centre, grid)


@pytest.fixture(scope="module")
def day():
    grid = TimeGrid(START, STEP_MIN, 8 * PER_H)
    rng = np.random.default_rng(21)
    busyness = rng.gamma(29.7, 1 / 29.7, size=(DAYS, 1))
    rate = np.zeros(grid.n)
    rate[: 6 * PER_H] = np.repeat(HALF_HOURLY, 2 * PER_H) / 30 * STEP_MIN
    fresh = np.zeros((DAYS, 2, grid.n), dtype=np.int32)
    fresh[:, 0] = rng.poisson(busyness * rate)
    laws = demand(
        grid,
        QUEUES,
        fresh,
        handle_mean_s=np.repeat([[0.755 * 753.8], [440.2]], grid.n, axis=1),
        handle_cv=np.array([0.755**-0.5, 1.0]),
        patience_s=np.array([500.0, 5.0]),
    )
    reached = np.zeros(grid.n)
    reached[3 * PER_H : 6 * PER_H - 1] = 0.29
    dialler = Dialler(1, reached, least_free=4, calls=2.0, beside=(0,))
    within = np.full(2, 20_000)
    options = SimulationOptions(
        threshold_ms=within, short_ms=within, balk_p=np.array([0.005, 0.0]), diallers=(dialler,)
    )
    staffing = people(grid)
    return simulate(laws, staffing, seed=22, options=options), staffing


def agrees(name, top, bottom, published, half):
    """A ratio of means lies where both studies' 95 % intervals allow, its own by the linearised spread."""
    ours = top.sum() / bottom.sum()
    error = (top - ours * bottom).std(ddof=1) / np.sqrt(DAYS) / bottom.mean()
    allowed = np.hypot(half, Z * error)
    far = abs(ours - published) / allowed
    print(f"{name}: {ours:.2f}, published {published:.2f}, {far:.2f} of both intervals")
    assert ours == pytest.approx(published, abs=allowed)


ONE = np.ones(DAYS)


def by_day(array, queue=0):
    return array[:, queue].sum(axis=1).astype(float)


def test_contacts_served_and_lost(day):
    counts, _ = day
    agrees("inbound served", by_day(counts.answered), ONE, 843.477, 9.28)
    agrees("outbound served", by_day(counts.answered, 1), ONE, 298.876, 4.24)
    agrees("outbound reached", by_day(counts.offered, 1), ONE, 321.896, 4.617)
    agrees("given up", by_day(counts.abandoned), ONE, 5.115, 0.620)


def test_service_level(day):
    """In time: who waited less than 20 s, answered or not."""
    counts, _ = day
    in_time = by_day(counts.in_target) + by_day(counts.abandoned_short) + by_day(counts.balked)
    agrees("in 20 s, %", 100 * in_time, by_day(counts.offered), 95.354, 0.43)


def test_occupancy_of_both_groups(day):
    counts, staffing = day
    blend = counts.serves[:, 1]
    groups = (("inbound only", ~blend, 81.596, 0.46), ("blend", blend, 55.665, 0.43))
    for name, group, published, half in groups:
        busy, duty = (a[:, group, : 6 * PER_H].sum(axis=(1, 2)) for a in (counts.busy_ms, counts.duty_ms))
        agrees(f"occupancy of {name}, %", 100.0 * busy, duty.astype(float), published, half)


def test_a_dialler_that_fits_no_queue_or_interval_is_refused(day):
    _, staffing = day
    grid = TimeGrid(START, STEP_MIN, 8 * PER_H)
    laws = demand(grid, QUEUES, np.zeros((1, 2, grid.n), dtype=np.int32))
    half = np.full(grid.n, 0.5)
    for dialler, words in (
        (Dialler(2, half), "allowed are 0 … 1"),
        (Dialler(0, half[:3]), "for each of 96 intervals"),
        (Dialler(0, half + 0.6), "reached is 1.1 in interval 0; allowed is 0 … 1"),
        (Dialler(0, np.where(np.arange(grid.n) == 7, np.nan, half)), "reached is nan in interval 7"),
        (Dialler(0, half, calls=-1.0), "are -1.0; allowed is 0 … 100"),
        (Dialler(0, half, calls=np.nan), "are nan; allowed is 0 … 100"),
        (Dialler(0, half, calls=np.inf), "are inf; allowed is 0 … 100"),
        (Dialler(0, half, calls=1e9), "allowed is 0 … 100"),
        (Dialler(0, half, beside=(1, 5)), r"queues \(0, 1, 5\), allowed are 0 … 1"),
        (Dialler(0, half, beside=(-1,)), "allowed are 0 … 1"),
    ):
        with pytest.raises(ValueError, match=words):
            simulate(laws, staffing, seed=1, options=SimulationOptions(diallers=(dialler,)))
    nothing = np.zeros(0)
    trace = Trace(nothing.astype(int), nothing.astype(int), nothing, nothing)
    with pytest.raises(ValueError, match="whom they reached is in it"):
        play_trace(trace, laws, staffing, seed=1, options=SimulationOptions(diallers=(Dialler(0, half),)))


def test_work_that_may_wait_for_days_has_no_dialler():
    grid = TimeGrid(START, 15, 96)
    centre = Centre(queues={"mail": Queue(channel="email", law="deferred")})
    laws = demand(grid, ("mail",), np.zeros((1, 1, grid.n), dtype=np.int32))
    options = SimulationOptions(diallers=(Dialler(0, np.full(grid.n, 0.5)),))
    with pytest.raises(ValueError, match="mail is not served at once"):
        simulate(laws, always_there(grid, centre, 2), seed=1, options=options)


def test_two_diallers_of_a_queue_have_their_own_luck():
    grid = TimeGrid(START, 15, 96)
    centre = Centre(queues={"in": Queue(channel="voice", law="immediate")})
    laws = demand(grid, ("in",), np.full((40, 1, grid.n), 3, dtype=np.int32))
    alike = Dialler(0, np.full(grid.n, 0.5), least_free=9, calls=0.2)

    def reached(n):
        options = SimulationOptions(diallers=(alike,) * n)
        fresh = simulate(laws, always_there(grid, centre, 10), seed=1, options=options).fresh
        return fresh.sum(axis=(1, 2)) - 3 * grid.n

    one, two = reached(1), reached(2)
    # with the same luck the two would always reach as many, so that both together reach an even number
    assert (two % 2).any()
    assert one.min() > 0
    assert 1.7 * one.sum() < two.sum() < 2.1 * one.sum()
