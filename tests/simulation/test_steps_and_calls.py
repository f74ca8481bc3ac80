"""Cases of steps, calls and chase contacts in the simulation: closed forms, what is kept, what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_centres import START, demand

from wfo.domain.centre import Centre, Queue
from wfo.simulation.later_work import CallList, Calls, Chasing, LaterWork, WorkStep
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import staffing_of
from wfo.timegrid import TimeGrid

LATER = {"channel": "back_office", "law": "deferred"}
CENTRE = Centre(
    queues={
        "cases": Queue(**LATER),
        "review": Queue(**LATER),
        "calls": Queue(**LATER),
        "voice": Queue(channel="voice", law="immediate"),
    }
)
NAMES = CENTRE.queue_ids
DAY_MS = 86_400_000


def people(grid, **agents):
    """So many agents for single queues, always there."""
    rows = [(f"{queue}{k}", queue) for queue, n in agents.items() for k in range(n)]
    skills = pd.DataFrame(rows, columns=["agent_id", "skill"])
    whole = {"start": pd.Timestamp(grid.start), "end": pd.Timestamp(grid.end), "kind": "work"}
    schedule = skills[["agent_id"]].assign(**whole, schedule_date=grid.start.date())
    routing = pd.DataFrame({"queue": NAMES, "skill": NAMES})
    return staffing_of(schedule, skills[["agent_id"]], skills, routing, CENTRE, grid)


def arrivals(grid, n, **by_queue):
    """Poisson arrivals by queue and interval; handle times without spread."""
    fresh = np.zeros((n, len(NAMES), grid.n), dtype=np.int32)
    for queue, rate in by_queue.items():
        size = (n, grid.n)
        fresh[:, NAMES.index(queue)] = np.random.default_rng(3).poisson(rate, size=size)
    fresh[:, :, -96:] = 0
    return demand(grid, NAMES, fresh, handle_cv=np.zeros(len(NAMES)))


def options(grid, within_ms, **later):
    due = np.arange(grid.n)[None, :] * 900_000 + np.full((len(NAMES), 1), within_ms)
    return SimulationOptions(due_ms=due, max_occupancy=1.0, later=LaterWork(**later), threads=1)


def test_with_nobody_ahead_rework_alone_makes_a_case_late():
    """Each try takes 10 min and comes back with 0.3; a wait of 20 min; 45 min allow two tries, not three."""
    grid = TimeGrid(START, 15, 96 * 8)
    steps = (WorkStep("look", 0, 60), WorkStep("review", 1, 600, wait_ms=1_200_000, rework=0.3))
    law = options(grid, 45 * 60_000, steps={0: steps})
    counts = simulate(arrivals(grid, 20, cases=2.0), people(grid, cases=80, review=80), seed=1, options=law)
    n = counts.answered.sum()
    assert n == counts.offered.sum() > 20_000
    # 1 + 20 + 10 k min: one or two tries
    expected = 1 - 0.3**2
    assert counts.in_target.sum() / n == pytest.approx(
        expected, abs=4 * np.sqrt(expected * (1 - expected) / n)
    )
    assert counts.step_begun[:, 1].sum() / n == pytest.approx(1 / 0.7, rel=0.01)
    assert counts.handle_ms.sum() == 60_000 * n + 600_000 * counts.step_begun[:, 1].sum()
    assert counts.step_wait_ms.sum() == 0


@pytest.mark.parametrize(("first_s", "second_s"), [(600, 400), (400, 600)])
def test_two_servers_in_a_row_wait_as_for_the_slower(first_s, second_s):
    """Constant work in order of coming: in all the wait of M/D/1 at the slower step (Friedman 1965)."""
    grid = TimeGrid(START, 15, 96 * 60)
    steps = (WorkStep("first", 0, first_s), WorkStep("second", 1, second_s))
    paths = arrivals(grid, 6, cases=0.9)
    law = options(grid, 7 * DAY_MS, steps={0: steps})
    counts = simulate(paths, people(grid, cases=1, review=1), seed=2, options=law)
    slow, rho = 600.0, 0.9 * 600 / 900
    wait_s = rho * slow / (2 * (1 - rho))
    means = counts.step_wait_ms.sum(axis=1) / 1000 / counts.answered.sum(axis=(1, 2))
    assert means.mean() == pytest.approx(wait_s, abs=4 * means.std(ddof=1) / np.sqrt(len(means)))
    assert counts.step_wait_ms[:, 1].sum() == 0 if second_s < first_s else counts.step_wait_ms[:, 1].min() > 0


def one_list(grid, number, **calls):
    """A list whose people may all be called from the first interval on."""
    one = CallList("x", np.array([0]), np.array([DAY_MS]), np.array([number]), grid.n * 900_000)
    return options(grid, DAY_MS, calls={2: Calls(**calls, talk_s=200.0, lists=(one,))})


def test_calls_reach_as_many_as_attempts_allow():
    grid, number = TimeGrid(START, 15, 96), 20_000
    law = one_list(grid, number, reached=0.4, attempts=3, vain_ms=20_000, pause_ms=60_000)
    counts = simulate(arrivals(grid, 1), people(grid, calls=100), seed=1, options=law)
    assert counts.list_people.tolist() == [[0, number]]
    assert counts.list_reached[0, 1] / number == pytest.approx(1 - 0.6**3, abs=0.01)
    assert counts.list_exhausted[0, 1] + counts.list_reached[0, 1] == number
    assert counts.list_calls[0, 1] / number == pytest.approx(1 + 0.6 + 0.36, abs=0.02)
    vain = counts.list_calls[0, 1] - counts.list_reached[0, 1]
    assert counts.handle_ms.sum() == 240_000 * counts.list_reached[0, 1] + 20_000 * vain
    assert counts.busy_ms.sum() == counts.handle_ms.sum()


@pytest.mark.parametrize("pacing", [2, 4])
def test_numbers_called_at_once_drop_those_who_answer_beside_others(pacing):
    """As `Outbound.talked` says of a list that is long: 1 − (1 − r)^c talks in c calls, r c answers."""
    grid, number = TimeGrid(START, 15, 96), 20_000
    law = one_list(grid, number, reached=0.3, vain_ms=20_000, pacing=pacing)
    counts = simulate(arrivals(grid, 1), people(grid, calls=50), seed=1, options=law)
    talked = (1 - 0.7**pacing) / pacing
    assert counts.list_calls[0, 1] == number
    assert counts.list_reached[0, 1] / number == pytest.approx(talked, abs=0.01)
    assert counts.list_dropped[0, 1] / number == pytest.approx(0.3 - talked, abs=0.01)
    assert counts.abandoned.sum() == counts.list_dropped.sum()
    assert counts.due.sum() == number - counts.list_dropped.sum() == counts.in_target.sum()


def test_nobody_is_called_while_the_queue_is_closed_or_the_list_has_ended():
    grid = TimeGrid(START, 15, 96 * 2)
    is_open = np.ones((len(NAMES), grid.n), dtype=bool)
    is_open[2] = np.isin(np.arange(grid.n) % 96, np.arange(40, 48))
    paths = demand(grid, NAMES, np.zeros((1, len(NAMES), grid.n), dtype=np.int32), is_open=is_open)
    one = CallList("x", np.array([40]), np.array([DAY_MS]), np.array([5000]), 137 * 900_000)
    calls = Calls(0.5, 2, 30_000, 600_000, talk_s=100.0, lists=(one,))
    law = options(grid, DAY_MS, calls={2: calls})
    counts = simulate(paths, people(grid, calls=10), seed=1, options=law)
    began = np.flatnonzero(counts.busy_ms.sum(axis=(0, 1)))
    # two hours on the first day, a quarter of an hour on the second, and what was begun goes on
    assert set(began) <= {*range(40, 50), 136, 137, 138}
    assert {40, 47, 136} <= set(began)
    people_left = counts.list_people - counts.list_reached - counts.list_exhausted
    assert people_left.sum() == counts.left.sum() > 0


def test_late_work_brings_the_chase_contacts_it_says():
    """One agent for far more work than he can do: late are those not done by their due instant."""
    grid = TimeGrid(START, 15, 96 * 4)
    paths = arrivals(grid, 10, cases=1.5)
    chasing = {0: Chasing(3, 0.6, 3_600_000)}
    counts = simulate(
        paths,
        people(grid, cases=1, voice=30),
        seed=1,
        options=options(grid, 4 * 3_600_000, steps={0: (WorkStep("all", 0, 900),)}, chasing=chasing),
    )
    late = (counts.due - counts.in_target)[:, 0].sum()
    assert late > 500
    assert counts.chases[:, 0].sum() / late == pytest.approx(0.6, abs=0.03)
    assert counts.follow_ups[:, 3].sum() == counts.chases.sum()
    assert not counts.follow_ups[:, :3].any()
    nobody = simulate(
        paths, people(grid, cases=60, voice=30), seed=1, options=options(grid, 4 * 3_600_000, chasing=chasing)
    )
    assert nobody.chases.sum() == 0


def test_plain_deferred_work_is_chased_too():
    grid = TimeGrid(START, 15, 96 * 4)
    law = options(grid, 3_600_000, chasing={0: Chasing(3, 2.0)})
    counts = simulate(arrivals(grid, 2, cases=1.0), people(grid, voice=5), seed=1, options=law)
    assert counts.chases.sum() == 2 * counts.offered[:, 0].sum()


def test_luck_stays_paired_when_steps_lists_and_people_change():
    """A further list, a further step and more people leave arrivals, and each one's talk, as they were."""
    grid = TimeGrid(START, 15, 96 * 3)
    paths = replace(arrivals(grid, 2, cases=1.0, calls=1.0, voice=2.0), handle_cv=np.ones(len(NAMES)))
    look, review = WorkStep("look", 0, 300), WorkStep("review", 1, 300, rework=0.5)
    one, two = (
        CallList(name, np.array([0]), np.array([DAY_MS]), np.array([50]), 2 * DAY_MS) for name in "ab"
    )
    base = options(grid, DAY_MS, steps={0: (look,)}, calls={2: Calls(0.5, 2, lists=(one,))})
    more = options(grid, DAY_MS, steps={0: (look, review)}, calls={2: Calls(0.5, 2, lists=(two, one))})
    few, many = people(grid, cases=5, calls=5, voice=9), people(grid, cases=9, review=9, calls=50, voice=9)
    before, after = (simulate(paths, s, seed=4, options=o) for s, o in ((few, base), (many, more)))
    assert (before.step_work_ms[:, 0] == after.step_work_ms[:, 0]).all()
    assert (before.list_reached[:, 1] == after.list_reached[:, 2]).all()
    assert (before.handle_ms[:, 3] == after.handle_ms[:, 3]).all()


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (LaterWork(steps={3: (WorkStep("a", 0, 60),)}), "voice is not deferred"),
        (LaterWork(steps={0: (WorkStep("a", 9, 60),)}), "queue 9 is not there"),
        (LaterWork(steps={0: ()}), "cases has 0 steps"),
        (LaterWork(steps={0: (WorkStep("a", 0, 0.0),)}), "handle time is 0.0; write seconds above 0"),
        (
            LaterWork(steps={0: (WorkStep("a", 0, 60, rework=1.0),)}),
            "rework is 1.0; allowed is 0 up to below 1",
        ),
        (LaterWork(steps={0: (WorkStep("a", 0, 60, wait_ms=-1),)}), "the wait before it is -1 ms"),
        (
            LaterWork(steps={2: (WorkStep("a", 0, 60),)}, calls={2: Calls(0.5)}),
            "give the calls a queue of their",
        ),
        (LaterWork(calls={2: Calls(0.0)}), "a call reaches 0.0; allowed is above 0 up to 1"),
        (LaterWork(calls={2: Calls(0.5, attempts=0)}), "0 attempts"),
        (LaterWork(calls={2: Calls(0.5, pacing=0)}), "pacing is 0; allowed is 1 … 100"),
        (LaterWork(calls={2: Calls(0.5, pause_ms=-5)}), "must not be below 0"),
        (LaterWork(chasing={0: Chasing(7, 0.5)}), "queue 7 is not there"),
        (LaterWork(chasing={0: Chasing(3, -0.5)}), "are -0.5; write 0 or more"),
        (LaterWork(chasing={0: Chasing(3, 0.5, -1)}), "within -1 ms; write 0 or more"),
        (
            LaterWork(calls={2: Calls(0.5, lists=(CallList("x", np.array([96]), *[np.array([1])] * 2, 1),))}),
            "windows begin in intervals 0 … 95",
        ),
        (
            LaterWork(calls={2: Calls(0.5, lists=(CallList("x", np.array([4]), *[np.array([1])] * 2, 1),))}),
            "a window begins when the list has ended",
        ),
    ],
)
def test_what_does_not_fit_is_refused(later, message):
    grid = TimeGrid(START, 15, 96)
    law = replace(options(grid, 900_000), later=later)
    with pytest.raises(ValueError, match=message):
        simulate(arrivals(grid, 1), people(grid, cases=1), seed=1, options=law)
