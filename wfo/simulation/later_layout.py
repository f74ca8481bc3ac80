"""Later layout: steps, calls, lists and chase contacts written into the kernel's memory."""

import numpy as np

from wfo.draws import word_of
from wfo.simulation.blocks import Plan
from wfo.simulation.later_work import Calls, LaterWork, WorkStep
from wfo.simulation.memory import (
    CALLS_N,
    CHASE_COUNTS,
    CHASE_SIZE,
    CHASES,
    DEFERRED,
    F_CHASES,
    F_STEPS,
    LIST_COUNTS,
    LIST_COUNTS_N,
    LISTED,
    LISTED_N,
    LISTED_SIZE,
    LISTS,
    LISTS_MOST,
    NEVER,
    Q_LISTS,
    Q_STEPS_FROM,
    Q_STEPS_TO,
    QUEUE_SIZE,
    STEP_COUNTS,
    STEP_COUNTS_N,
    STEP_F_SIZE,
    STEP_SIZE,
    STEPS,
    STEPS_MOST,
    TRIES_MOST,
)
from wfo.simulation.staffing import Staffing
from wfo.timegrid import TimeGrid


def place_later_work(
    plan: Plan, later: LaterWork, staffing: Staffing, sigma: np.ndarray, grid: TimeGrid
) -> None:
    """Place steps, calls and chase contacts; the queues' records must be placed first.

    Parameters
    ----------
    plan : Plan
    later : LaterWork
    staffing : Staffing
    sigma : ndarray, shape (Q,)
        Standard deviation of the logarithm of each queue's handle times.
    grid : TimeGrid

    Raises
    ------
    ValueError
        If work is not that of deferred queues, a queue has both steps and calls, or a figure is out of range.
    """
    _check(later, staffing, grid)
    rows: list[tuple[int, ...]] = []
    laws: list[tuple[float, ...]] = []
    queues = plan.ints[0].reshape(-1, QUEUE_SIZE)
    for queue in sorted({*later.steps, *later.calls}):
        own = _of_calls(later.calls[queue], queue) if queue in later.calls else _of_case(later.steps[queue])
        queues[queue, [Q_STEPS_FROM, Q_STEPS_TO]] = len(rows), len(rows) + len(own)
        rows += [row for row, _ in own]
        laws += [(mean * np.exp(-0.5 * sigma[queue] ** 2), *law) for _, (mean, *law) in own]
    plan.place(STEPS, np.array(rows, dtype=np.int64))
    has = queues[:, Q_STEPS_FROM] >= 0
    for field in (Q_STEPS_FROM, Q_STEPS_TO):
        queues[has, field] = plan.registers[STEPS] + queues[has, field] * STEP_SIZE
    plan.place_float(F_STEPS, np.array(laws).reshape(-1, STEP_F_SIZE))
    plan.place(STEP_COUNTS, np.zeros((len(rows), STEP_COUNTS_N)))
    _place_lists(plan, later, staffing.queues, queues)
    chases, often = np.zeros((len(queues), CHASE_SIZE), dtype=np.int64), np.zeros(len(queues))
    for queue, chasing in later.chasing.items():
        chases[queue], often[queue] = (chasing.queue, chasing.within_ms), chasing.contacts
    plan.place(CHASES, chases)
    plan.place_float(F_CHASES, often)
    plan.place(CHASE_COUNTS, np.zeros(len(queues)))


_Row = tuple[tuple[int, ...], tuple[float, ...]]


def _of_case(steps: tuple[WorkStep, ...]) -> list[_Row]:
    """Whole numbers, and mean s in ms, chance of another try, 0 and share of the case's work, by step."""
    work = sum(step.work_s for step in steps)
    return [
        (
            (step.queue, step.wait_ms, _word(step.name), TRIES_MOST, 0, 0),
            (step.handle_s * 1000.0, step.rework, 0.0, step.work_s / work),
        )
        for step in steps
    ]


def _of_calls(calls: Calls, queue: int) -> list[_Row]:
    whole = (queue, 0, _word("call"), calls.attempts, calls.pause_ms, calls.pacing)
    return [(whole, (calls.talk_s * 1000.0, 1.0 - calls.reached, float(max(1, calls.vain_ms)), 1.0))]


def _word(name: str) -> int:
    return int(word_of(name).view(np.int64))


def _place_lists(plan: Plan, later: LaterWork, names: tuple[str, ...], queues: np.ndarray) -> None:
    lists: list[tuple[int, int]] = []
    listed: list[np.ndarray] = []
    for queue, calls in sorted(later.calls.items()):
        queues[queue, Q_LISTS] = len(lists)
        lists.append((0, NEVER))
        for number, one in enumerate(calls.lists, start=1):
            lists.append((_word(f"{names[queue]}/list/{one.name}"), one.until_ms))
            before = np.cumsum(one.number) - one.number
            whole = np.full(len(one.number), queue), np.full(len(one.number), number)
            listed.append(np.column_stack([*whole, one.interval, one.due_ms, one.number, before]))
    rows = np.concatenate([np.zeros((0, LISTED_SIZE), dtype=np.int64), *listed])
    plan.registers[[CALLS_N, LISTED_N]] = len(later.calls), len(rows)
    plan.place(LISTS, np.array(lists, dtype=np.int64))
    plan.place(LISTED, rows[np.lexsort((rows[:, 1], rows[:, 0], rows[:, 2]))])
    plan.place(LIST_COUNTS, np.zeros((len(lists), LIST_COUNTS_N)))


def _check(later: LaterWork, staffing: Staffing, grid: TimeGrid) -> None:
    named = {*later.steps, *later.calls, *later.chasing}
    named |= {step.queue for steps in later.steps.values() for step in steps}
    for queue in sorted(named):
        _refuse(not 0 <= queue < len(staffing.queues), f"queue {queue} is not there")
        name = staffing.queues[queue]
        _refuse(
            staffing.law[queue] != DEFERRED, f"{name} is not deferred, and so has no steps, calls or promise"
        )
    for queue, steps in later.steps.items():
        name = staffing.queues[queue]
        _refuse(
            queue in later.calls, f"{name} has steps and makes calls; give the calls a queue of their own"
        )
        _refuse(not 1 <= len(steps) <= STEPS_MOST, f"{name} has {len(steps)} steps; 1 … {STEPS_MOST} fit")
        for step in steps:
            told = f"{name}, {step.name}"
            _refuse(not step.handle_s > 0, f"{told}: handle time is {step.handle_s}; write seconds above 0")
            _refuse(not 0 <= step.rework < 1, f"{told}: rework is {step.rework}; allowed is 0 up to below 1")
            _refuse(step.wait_ms < 0, f"{told}: the wait before it is {step.wait_ms} ms; write 0 or more")
    for queue, chasing in later.chasing.items():
        told = f"chase contacts of {staffing.queues[queue]}"
        _refuse(not 0 <= chasing.queue < len(staffing.queues), f"{told}: queue {chasing.queue} is not there")
        _refuse(not 0 <= chasing.contacts < np.inf, f"{told} are {chasing.contacts}; write 0 or more")
        _refuse(chasing.within_ms < 0, f"{told} come within {chasing.within_ms} ms; write 0 or more")
    for queue, calls in later.calls.items():
        _check_calls(calls, staffing.queues[queue], grid)


def _check_calls(calls: Calls, name: str, grid: TimeGrid) -> None:
    _refuse(not 0 < calls.reached <= 1, f"{name}: a call reaches {calls.reached}; allowed is above 0 up to 1")
    _refuse(
        not 1 <= calls.attempts < TRIES_MOST, f"{name}: {calls.attempts} attempts; 1 … {TRIES_MOST - 1} fit"
    )
    _refuse(not 1 <= calls.pacing <= 100, f"{name}: pacing is {calls.pacing}; allowed is 1 … 100")
    _refuse(calls.pause_ms < 0 or calls.vain_ms < 0, f"{name}: times of vain calls must not be below 0")
    _refuse(len(calls.lists) >= LISTS_MOST, f"{name}: {len(calls.lists)} lists are too many")
    for one in calls.lists:
        outside = (one.interval < 0) | (one.interval >= grid.n) | (one.number < 0)
        told = f"{name}, list {one.name}: windows begin in intervals 0 … {grid.n - 1}, with 0 people or more"
        _refuse(bool(outside.any()), told)
        late = one.interval * grid.step_min * 60_000 >= one.until_ms
        _refuse(bool(late.any()), f"{name}, list {one.name}: a window begins when the list has ended")


def _refuse(wrong: bool, text: str) -> None:
    if wrong:
        raise ValueError(f"later work: {text}")
