"""Later layout: steps, calls, lists and chase contacts written into the kernel's memory."""

import numpy as np

from wfo.draws import word_of
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.blocks import Plan
from wfo.simulation.later_checks import check_later_work
from wfo.simulation.later_work import Calls, LaterWork, WorkStep
from wfo.simulation.laws import handle_variance
from wfo.simulation.memory import (
    CALLS_N,
    CHASE_COUNTS,
    CHASE_SIZE,
    CHASES,
    DISTANT_MS,
    F_CHASES,
    F_STEPS,
    LIST_COUNTS,
    LIST_COUNTS_N,
    LISTED,
    LISTED_N,
    LISTED_SIZE,
    LISTS,
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
    TRIES_MOST,
)
from wfo.simulation.staffing import Staffing


def place_later_work(
    plan: Plan, later: LaterWork, staffing: Staffing, demand: DemandPaths, given: np.ndarray
) -> None:
    """Place steps, calls and chase contacts; the queues' records must be placed first.

    Parameters
    ----------
    plan : Plan
    later : LaterWork
    staffing : Staffing
    demand : DemandPaths
    given : ndarray of int64
        Rows of a trace.

    Raises
    ------
    ValueError
        As `check_later_work` says.
    """
    check_later_work(later, staffing, demand, given)
    sigma = np.sqrt(handle_variance(demand))
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
            lists.append((_word(f"{names[queue]}/list/{one.name}"), min(one.until_ms, NEVER)))
            before = np.cumsum(one.number) - one.number
            whole = np.full(len(one.number), queue), np.full(len(one.number), number)
            due_ms = np.minimum(one.due_ms, DISTANT_MS)
            listed.append(np.column_stack([*whole, one.interval, due_ms, one.number, before]))
    rows = np.concatenate([np.zeros((0, LISTED_SIZE), dtype=np.int64), *listed])
    plan.registers[[CALLS_N, LISTED_N]] = len(later.calls), len(rows)
    plan.place(LISTS, np.array(lists, dtype=np.int64))
    plan.place(LISTED, rows[np.lexsort((rows[:, 1], rows[:, 0], rows[:, 2]))])
    plan.place(LIST_COUNTS, np.zeros((len(lists), LIST_COUNTS_N)))
