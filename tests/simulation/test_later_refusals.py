"""What the simulation of later work and old work refuses, and what it says then."""

from dataclasses import replace

import numpy as np
import pytest
from small_centres import START
from test_steps_and_calls import DAY_MS, arrivals, options, people

from wfo.simulation.later_work import CallList, Calls, Chasing, LaterWork, WorkStep
from wfo.simulation.options import OldWork, SimulationOptions
from wfo.simulation.simulate import play_trace, simulate
from wfo.simulation.trace import Trace
from wfo.timegrid import TimeGrid

GRID = TimeGrid(START, 15, 96)
LIST = CallList("x", np.array([4]), np.array([DAY_MS]), np.array([3]), DAY_MS)


def step(**given):
    return LaterWork(steps={0: (replace(WorkStep("a", 0, 60.0), **given),)})


def called(**given):
    return LaterWork(calls={2: replace(Calls(0.5, talk_s=60.0), **given)})


def listed(**given):
    return called(lists=(replace(LIST, **given),))


def chased(*given):
    return LaterWork(chasing={0: Chasing(*given)})


@pytest.mark.parametrize(
    ("later", "message"),
    [
        (LaterWork(steps={3: (WorkStep("a", 0, 60),)}), "voice is not deferred"),
        (LaterWork(calls={-1: Calls(0.5)}), "queue -1 is not there; allowed is 0 … 3"),
        (step(queue=9), "queue 9 is not there"),
        (LaterWork(steps={0: ()}), "cases has 0 steps; 1 … 256 fit"),
        (LaterWork(steps={0: (WorkStep("a", 0, 60), WorkStep("a", 1, 60))}), "steps of one name: a; give"),
        (step(handle_s=0.0), "cases, a: handle time is 0.0; write seconds above 0 up to"),
        (step(handle_s=np.inf), "handle time is inf"),
        (step(handle_s=1e300), r"handle time is 1e\+300"),
        (step(handle_s=np.nan), "handle time is nan"),
        (step(rework=1.0), "rework is 1.0; allowed is 0 up to below 1"),
        (step(wait_ms=-1), "the wait before it is -1 ms; write 0 or more"),
        (step(wait_ms=1 << 62), r"the wait before it is \d+ ms; at most \d+ fit"),
        (LaterWork(steps={2: (WorkStep("a", 0, 60),)}, calls={2: Calls(0.5)}), "give the calls a queue of"),
        (called(reached=0.0), "a call reaches 0.0; allowed is above 0 up to 1"),
        (called(attempts=0), "0 attempts"),
        (called(pacing=0), "pacing is 0; allowed is 1 … 100"),
        (called(pause_ms=-5), "the pause after it is -5 ms; write 0 or more"),
        (called(pause_ms=1 << 62), "the pause after it is .* at most"),
        (called(vain_ms=1 << 62), "a call that is not answered is .* at most"),
        (called(lists=(LIST, LIST)), "calls has lists of one name: x; give each a name"),
        (called(talk_s=np.inf), "talk time is inf"),
        (
            listed(interval=np.array([96])),
            "calls, list x: windows begin in intervals 0 … 95; window 0 has 96",
        ),
        (listed(number=np.array([-1])), "windows have 0 people or more; window 0 has -1"),
        (listed(until_ms=1), "a window begins when the list has ended"),
        (listed(due_ms=np.array([5])), "people are due, in ms, when they may be called; window 0 has 5"),
        (listed(due_ms=np.array([5, 6])), "calls, list x: interval, due_ms, number have shapes"),
        (listed(interval=np.array([0.5])), "calls, list x: interval holds float64; give whole numbers"),
        (listed(number=np.array([1.5])), "number holds float64"),
        (chased(7, 0.5), "chase contacts of cases: queue 7 is not there; allowed is 0 … 3"),
        (chased(3, -0.5), "are -0.5; write 0 or more, at most 100"),
        (chased(3, 1e300), "at most 100"),
        (chased(3, 0.5, -1), "the time within which they come is -1 ms; write 0 or more"),
        (chased(3, 0.5, 1 << 63), "the time within which they come is .* at most"),
    ],
)
def test_later_work_that_cannot_be_played_is_refused(later, message):
    law = replace(options(GRID, 900_000), later=later)
    with pytest.raises(ValueError, match=message):
        simulate(arrivals(GRID, 1), people(GRID, cases=1), seed=1, options=law)


@pytest.mark.parametrize("talk_s", [0.0, np.nan, -5.0])
def test_a_talk_of_unknown_length_is_refused_where_somebody_may_be_called(talk_s):
    paths = arrivals(GRID, 1)
    unknown = paths.handle_mean_s.copy()
    unknown[2, 50:] = np.nan
    paths, staff = replace(paths, handle_mean_s=unknown), people(GRID, calls=1)
    law = replace(options(GRID, 900_000), later=listed())
    with pytest.raises(
        ValueError, match="calls: talk time is .* in 46 open intervals; write seconds above 0"
    ):
        simulate(paths, staff, seed=1, options=replace(law, later=called(talk_s=talk_s, lists=(LIST,))))
    nobody = simulate(paths, staff, seed=1, options=replace(law, later=called(talk_s=talk_s)))
    assert nobody.offered.sum() == 0
    is_open = np.ones(unknown.shape, dtype=bool)
    is_open[2, 50:] = False
    shut = replace(paths, landing_start=np.where(is_open, np.arange(96)[None, :], -1).astype(np.int32))
    known = simulate(shut, staff, seed=1, options=replace(law, later=called(talk_s=talk_s, lists=(LIST,))))
    assert (
        known.step_work_ms.sum() == 240_000 * known.list_reached.sum() + 30_000 * known.list_exhausted.sum()
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"queue": [4]}, "old work: queue of piece 0 is 4; allowed is 0 … 3"),
        ({"step": [99]}, "old work: step of piece 0 is 99; allowed is -1 … -1"),
        ({"step": [-2]}, "step of piece 0 is -2"),
        ({"due_ms": [1, 2]}, r"old work: .* have lengths \[1, 2, 1, 1, 1, 1\]"),
    ],
)
def test_old_work_that_does_not_fit_is_refused(given, message):
    whole = {name: np.array(values) for name, values in given.items()}
    old = replace(OldWork(np.array([0]), np.array([5]), np.array([5])), **whole)
    with pytest.raises(ValueError, match=message):
        simulate(arrivals(GRID, 1), people(GRID, cases=1), seed=1, options=SimulationOptions(old_work=old))


def test_people_on_lists_are_refused_beside_given_contacts():
    trace = Trace(np.array([3]), np.array([0]), np.array([np.nan]), np.array([np.nan]))
    law = replace(options(GRID, 900_000), later=listed())
    with pytest.raises(ValueError, match="nobody on a list is called in a trace"):
        play_trace(trace, arrivals(GRID, 1), people(GRID, calls=1), seed=1, options=law)
