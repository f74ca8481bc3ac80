"""Cases of steps, calls and chase contacts in the simulation: closed forms, what is kept, what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_centres import START, demand

from wfo.domain.centre import Centre, Queue
from wfo.simulation.later_work import CallList, Calls, Chasing, LaterWork, WorkStep
from wfo.simulation.options import OldWork, SimulationOptions
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


BASE = LaterWork(
    steps={0: (WorkStep("look", 0, 300),)},
    calls={
        2: Calls(0.5, 2, lists=(CallList("b", np.array([0]), np.array([DAY_MS]), np.array([50]), DAY_MS),))
    },
    chasing={1: Chasing(3, 0.5)},
)
OLD = OldWork(np.full(20, 1), (2 + np.arange(20)) * 900_000, np.full(20, 60_000))
MORE = {
    "nothing": {},
    "a list": {
        "calls": {
            2: replace(BASE.calls[2], lists=(*BASE.calls[2].lists, replace(BASE.calls[2].lists[0], name="a")))
        }
    },
    "a step": {"steps": {0: (*BASE.steps[0], WorkStep("file", 1, 10))}},
    "no calls": {"calls": {}},
    "old work": {},
}


@pytest.mark.parametrize("what", MORE)
def test_what_is_added_leaves_the_luck_of_all_others(what):
    """Nobody does review, whose old work is chased; one item more brings voice one contact more at most."""
    grid = TimeGrid(START, 15, 96 * 2)
    paths = replace(arrivals(grid, 3, cases=1.0, voice=2.0), handle_cv=np.ones(len(NAMES)))
    staff = people(grid, cases=50, calls=50, voice=60)
    first = OldWork(*(np.r_[values[:1], values] for values in (OLD.queue, OLD.due_ms // 2, OLD.handle_ms)))
    first.due_ms[1:] = OLD.due_ms
    before = simulate(paths, staff, seed=4, options=replace(options(grid, DAY_MS), later=BASE, old_work=OLD))
    old = first if what == "old work" else OLD
    law = replace(options(grid, DAY_MS), later=replace(BASE, **MORE[what]), old_work=old)
    after = simulate(paths, staff, seed=4, options=law)
    assert (before.step_work_ms[:, 0] == after.step_work_ms[:, 0]).all()
    if what != "no calls":
        assert (before.list_reached[:, 1] == after.list_reached[:, 1]).all()
    more = after.follow_ups[:, 3] - before.follow_ups[:, 3]
    assert more.min() == 0
    assert more.sum(axis=1).max() <= (what == "old work")
    assert (more.any(axis=0) == 0).sum() >= grid.n - (what == "old work")
    assert before.chases.sum() > 0


def test_an_unrelated_queue_of_calls_changes_nothing_else():
    """Voice closes at 01:00; e-mail-like work of its agents stays as it is beside an empty queue of calls."""
    grid = TimeGrid(START, 15, 12)
    is_open = np.ones((len(NAMES), grid.n), dtype=bool)
    is_open[3, 4:] = False
    fresh = np.zeros((1, len(NAMES), grid.n), dtype=np.int32)
    fresh[0, 0, 3] = 9
    paths = demand(grid, NAMES, fresh, handle_cv=np.zeros(len(NAMES)), is_open=is_open)
    both = pd.DataFrame([(a, q) for a in "ab" for q in ("cases", "voice")], columns=["agent_id", "skill"])
    begin = pd.Timestamp(grid.start)
    schedule = pd.DataFrame({"agent_id": list("ab"), "start": begin, "end": begin + pd.Timedelta("60min")})
    schedule = schedule.assign(kind="work", schedule_date=grid.start.date())
    routing = pd.DataFrame({"queue": NAMES, "skill": NAMES})
    staff = staffing_of(schedule, both[["agent_id"]].drop_duplicates(), both, routing, CENTRE, grid)
    law = replace(options(grid, DAY_MS), max_occupancy=0.5)
    plain, beside = (
        simulate(paths, staff, seed=1, options=replace(law, later=later))
        for later in (LaterWork(), LaterWork(calls={2: Calls(1.0)}))
    )
    assert (plain.busy_ms == beside.busy_ms).all()
    assert (plain.answered == beside.answered).all()


def test_nobody_gets_a_listed_call_at_the_instant_his_segment_ends():
    grid = TimeGrid(START, 15, 12)
    one = CallList("x", np.array([4]), np.array([7_200_000]), np.array([3]), 10_800_000)
    law = options(grid, DAY_MS, calls={2: Calls(1.0, talk_s=60.0, lists=(one,))})
    whole = people(grid, calls=1)
    half = replace(whole, events=whole.events.copy())
    half.events[half.events[:, 0] > 0, 0] = 3_600_000
    half.events[:, 5] = 3_600_000
    counts = simulate(arrivals(grid, 1), half, seed=1, options=law)
    assert counts.duty_ms.sum() == 3_600_000
    assert counts.busy_ms.sum() == 0
    assert simulate(arrivals(grid, 1), whole, seed=1, options=law).list_reached.sum() == 3


def test_people_of_an_ended_list_leave_the_backlog_though_nobody_looks():
    grid = TimeGrid(START, 15, 12)
    one = CallList("x", np.array([2]), np.array([7_200_000]), np.array([7]), 3_600_000)
    law = options(grid, DAY_MS, calls={2: Calls(1.0, lists=(one,))})
    counts = simulate(arrivals(grid, 1), people(grid, voice=1), seed=1, options=law)
    assert counts.backlog[0, 2].tolist() == [0, 0, 7, 7, *[0] * 8]
    assert counts.step_wait_ms.sum() == 7 * 1_800_000
    assert (counts.left[0, 2].sum(), counts.step_left.sum()) == (7, 0)


def test_a_call_for_which_no_time_is_left_is_no_further_try():
    grid = TimeGrid(START, 15, 12)
    one = CallList("x", np.array([0]), np.array([7_200_000]), np.array([3]), 3_600_000)
    law = options(grid, DAY_MS, calls={2: Calls(1e-9, 2, 30_000, 36_000_000, lists=(one,))})
    counts = simulate(arrivals(grid, 1), people(grid, calls=1), seed=1, options=law)
    assert (counts.step_begun.sum(), counts.step_again.sum(), counts.left.sum()) == (3, 0, 3)


def test_work_due_before_it_comes_is_chased_when_it_comes():
    grid = TimeGrid(START, 15, 12)
    fresh = np.zeros((1, len(NAMES), grid.n), dtype=np.int32)
    fresh[0, 0, 8] = 1
    paths = demand(grid, NAMES, fresh, handle_cv=np.zeros(len(NAMES)))
    law = replace(options(grid, 0, chasing={0: Chasing(3, 4.0)}), due_ms=np.full((len(NAMES), grid.n), -5))
    counts = simulate(paths, people(grid, cases=1, voice=4), seed=1, options=law)
    assert counts.offered[0, 3].tolist() == [0] * 8 + [4, 0, 0, 0]
    assert counts.wait_ms[0, 3].sum() == 0


def test_lists_are_left_out_where_abandonment_is_forced():
    grid = TimeGrid(START, 15, 12)
    law = replace(one_list(grid, 7, reached=1.0), forced_abandonment=np.zeros(len(NAMES)))
    counts = simulate(arrivals(grid, 1), people(grid, calls=2), seed=1, options=law)
    assert counts.offered.sum() == counts.list_people.sum() == counts.busy_ms.sum() == 0
