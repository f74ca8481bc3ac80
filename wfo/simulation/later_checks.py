"""Later checks: steps, calls, lists and chase contacts that the kernel could not play are refused."""

from collections import Counter

import numpy as np

from wfo.forecasting.paths import DemandPaths
from wfo.simulation.later_work import CallList, Calls, Chasing, LaterWork, WorkStep
from wfo.simulation.memory import (
    DEFERRED,
    LAST_MS,
    LISTS_MOST,
    STEPS_MOST,
    T_HANDLE_MS,
    T_QUEUE,
    TRIES_MOST,
)
from wfo.simulation.staffing import Staffing
from wfo.timegrid import MINUTE_MS

CHASES_MOST = 100
"""Chase contacts that one piece of late work may bring, in the mean."""
PACING_MOST = 100
"""Numbers that an agent may call at once."""


def check_later_work(later: LaterWork, staffing: Staffing, demand: DemandPaths, given: np.ndarray) -> None:
    """Refuse what cannot be played.

    Parameters
    ----------
    later : LaterWork
    staffing : Staffing
    demand : DemandPaths
        Of the same queues.
    given : ndarray of int64
        Rows of a trace.

    Raises
    ------
    ValueError
        If work is not that of deferred queues, a queue has both steps and calls, two steps or lists of a
        queue have one name (a part of their luck), a figure is out of range or not finite, a list's arrays do
        not fit each other, or people are called of whom nothing says how long they talk.
    """
    queues = len(staffing.queues)
    named = {*later.steps, *later.calls, *later.chasing}
    named |= {step.queue for steps in later.steps.values() for step in steps}
    for queue in sorted(named):
        _refuse(not 0 <= queue < queues, f"queue {queue} is not there; allowed is 0 … {queues - 1}")
        name = staffing.queues[queue]
        _refuse(
            staffing.law[queue] != DEFERRED, f"{name} is not deferred, and so has no steps, calls or promise"
        )
    for queue, steps in later.steps.items():
        name = staffing.queues[queue]
        _refuse(
            queue in later.calls, f"{name} has steps and makes calls; give the calls a queue of their own"
        )
        _check_steps(steps, name)
    for queue, chasing in later.chasing.items():
        _check_chasing(chasing, staffing.queues[queue], queues)
    for queue, calls in later.calls.items():
        _check_calls(calls, staffing.queues[queue])
        for one in calls.lists:
            _check_list(one, f"{staffing.queues[queue]}, list {one.name}", demand)
        _check_talk(queue, later, demand, given)


def _check_steps(steps: tuple[WorkStep, ...], name: str) -> None:
    _refuse(not 1 <= len(steps) <= STEPS_MOST, f"{name} has {len(steps)} steps; 1 … {STEPS_MOST} fit")
    _check_names([step.name for step in steps], name, "steps")
    for step in steps:
        told = f"{name}, {step.name}"
        _refuse(
            not 0 < step.handle_s * 1000.0 <= LAST_MS,
            f"{told}: handle time is {step.handle_s}; write seconds above 0 up to {LAST_MS // 1000}",
        )
        _refuse(not 0 <= step.rework < 1, f"{told}: rework is {step.rework}; allowed is 0 up to below 1")
        _check_ms(step.wait_ms, f"{told}: the wait before it")


def _check_chasing(chasing: Chasing, name: str, queues: int) -> None:
    told = f"chase contacts of {name}"
    _refuse(
        not 0 <= chasing.queue < queues,
        f"{told}: queue {chasing.queue} is not there; allowed is 0 … {queues - 1}",
    )
    _refuse(
        not 0 <= chasing.contacts <= CHASES_MOST,
        f"{told} are {chasing.contacts}; write 0 or more, at most {CHASES_MOST}",
    )
    _check_ms(chasing.within_ms, f"{told}: the time within which they come")


def _check_calls(calls: Calls, name: str) -> None:
    _refuse(not 0 < calls.reached <= 1, f"{name}: a call reaches {calls.reached}; allowed is above 0 up to 1")
    _refuse(
        not 1 <= calls.attempts < TRIES_MOST, f"{name}: {calls.attempts} attempts; 1 … {TRIES_MOST - 1} fit"
    )
    _refuse(
        not 1 <= calls.pacing <= PACING_MOST,
        f"{name}: pacing is {calls.pacing}; allowed is 1 … {PACING_MOST}",
    )
    _check_ms(calls.vain_ms, f"{name}: the time of a call that is not answered")
    _check_ms(calls.pause_ms, f"{name}: the pause after it")
    _refuse(len(calls.lists) >= LISTS_MOST, f"{name}: {len(calls.lists)} lists; at most {LISTS_MOST - 1} fit")
    _check_names([one.name for one in calls.lists], name, "lists")


def _check_list(one: CallList, told: str, demand: DemandPaths) -> None:
    columns = {"interval": one.interval, "due_ms": one.due_ms, "number": one.number}
    shapes = [np.shape(column) for column in columns.values()]
    _refuse(
        len(set(shapes)) > 1 or len(shapes[0]) != 1,
        f"{told}: interval, due_ms, number have shapes {shapes}; give one value a window in each",
    )
    for name, column in columns.items():
        kind = np.asarray(column).dtype
        _refuse(kind.kind not in "iu", f"{told}: {name} holds {kind}; give whole numbers")
    n = demand.grid.n
    _refuse_first(
        (one.interval < 0) | (one.interval >= n),
        one.interval,
        f"{told}: windows begin in intervals 0 … {n - 1}",
    )
    _refuse_first(one.number < 0, one.number, f"{told}: windows have 0 people or more")
    begins = one.interval * demand.grid.step_min * MINUTE_MS
    _refuse_first(begins >= one.until_ms, begins, f"{told}: a window begins when the list has ended, in ms")
    _refuse_first(one.due_ms < begins, one.due_ms, f"{told}: people are due, in ms, when they may be called")


def _check_talk(queue: int, later: LaterWork, demand: DemandPaths, given: np.ndarray) -> None:
    """Refuse people who are talked to in open hours of which nothing says how long that takes."""
    calls = later.calls[queue]
    _refuse(
        calls.talk_s * 1000.0 > LAST_MS,
        f"{demand.queues[queue]}: talk time is {calls.talk_s}; write seconds above 0 up to {LAST_MS // 1000}",
    )
    drawn = given[(given[:, T_QUEUE] == queue) & (given[:, T_HANDLE_MS] < 0)]
    some = demand.fresh[:, queue].any() or demand.carried[:, queue].any() or len(drawn)
    some = some or demand.follow_ups[:, queue].any() or any(one.number.any() for one in calls.lists)
    some = some or any(chasing.queue == queue for chasing in later.chasing.values())
    is_open = demand.landing_start[queue] == np.arange(demand.grid.n)
    unknown = np.flatnonzero(is_open & ~(demand.handle_mean_s[queue] > 0.0))
    _refuse(
        bool(some and unknown.size and not calls.talk_s > 0.0),
        f"{demand.queues[queue]}: talk time is {calls.talk_s}, and the demand says no handle time in "
        f"{unknown.size} open intervals; write seconds above 0",
    )


def _check_ms(value: int, told: str) -> None:
    _refuse(value < 0, f"{told} is {value} ms; write 0 or more")
    _refuse(not value <= LAST_MS, f"{told} is {value} ms; at most {LAST_MS} fit")


def _check_names(names: list[str], queue: str, what: str) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    _refuse(bool(twice), f"{queue} has {what} of one name: {', '.join(twice)}; give each a name of its own")


def _refuse(wrong: bool, text: str) -> None:
    if wrong:
        raise ValueError(f"later work: {text}")


def _refuse_first(wrong: np.ndarray, values: np.ndarray, text: str) -> None:
    """Refuse values of which some are wrong, naming the first."""
    at = np.flatnonzero(wrong)
    if at.size:
        raise ValueError(f"later work: {text}; window {at[0]} has {values[at[0]]}")
