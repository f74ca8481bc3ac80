"""What a scheduling problem is: arrays on a fine slot grid; no pandas, no solver.

Time is counted in *slots* from the grid's start in UTC; a slot is the greatest length that divides the grid's
step, shift steps and breaks. Values are money per slot. `numba` reads the tuples as they are.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

FORBIDDEN = -1e15
"""Value of what a rule forbids; any sum below half of it is impossible."""


class Demand(NamedTuple):
    """What on-queue slots are worth.

    Attributes
    ----------
    class_mask : int64, shape (C,)
        Bit q: an agent of the class may serve queue q. A class is a distinct set of queues.
    step_at, step_n : int64, shape (Q, T)
        Where the values of the steps of (queue, slot) begin in `step_value`, and how many there are.
    step_value : float64
        Money of each further agent, non-increasing within a (queue, slot).
    pool_queue, pool_from, pool_to : int64, shape (J,)
        Deferred work: queue, first slot, first slot too late; sorted by queue and due slot.
    pool_work, pool_value : float64, shape (J,)
        Agent-slots of work, money for each agent-slot done in time.
    queue_pool : int64, shape (Q + 1,)
        Pools of queue q are ``queue_pool[q]:queue_pool[q + 1]``.
    queue_value : float64, shape (Q,)
        Value of all pools of a queue, 0 where they differ or there are none.
    pool_at, pool_end : int64, shape (Q, T)
        Pools of queue q whose window may hold slot t are ``pool_at[q, t]:pool_end[q, t]``.
    cut_at : int64, shape (C·T + 1,)
        Terms of (class c, slot t) in cuts are ``cut_at[c·T + t]:cut_at[c·T + t + 1]`` of `cut_id` and
        `cut_coef`.
    cut_rhs, cut_value : float64
        Right-hand side, money for a unit of shortfall.
    over : float64, shape (1,)
        Money lost with an agent-slot that serves nobody.
    idle_value : float64, shape (T,)
        Worth of a slot to agents who serve no queue: tiny, so that they are there when the work is.
    """

    class_mask: np.ndarray
    step_at: np.ndarray
    step_n: np.ndarray
    step_value: np.ndarray
    pool_queue: np.ndarray
    pool_from: np.ndarray
    pool_to: np.ndarray
    pool_work: np.ndarray
    pool_value: np.ndarray
    queue_pool: np.ndarray
    queue_value: np.ndarray
    pool_at: np.ndarray
    pool_end: np.ndarray
    cut_at: np.ndarray
    cut_id: np.ndarray
    cut_coef: np.ndarray
    cut_rhs: np.ndarray
    cut_value: np.ndarray
    over: np.ndarray
    idle_value: np.ndarray


class Shifts(NamedTuple):
    """Shift templates by kind (contract and site; an agent with locked shifts is a kind of their own).

    Attributes
    ----------
    start, clock : int64, shape (U, 7, I)
        Start slots by day, ascending, -1 where there are fewer; local minutes after the day's midnight.
    start_n : int64, shape (U, 7)
    length, paid : int64, shape (U, L)
        Slots from start to end; paid time in the kind's paid unit. Length 0: unused.
    break_n : int64, shape (U, L)
    break_len, break_lo, break_hi : int64, shape (U, L, B)
        Slots of each break; first and last allowed start, in slots after the shift's start. Windows are
        disjoint.
    after : int64, shape (U, 7, I, L)
        Starts that rest forbids after a shift: of the next day, and of the day after it.
    type_id : int64, shape (U, 7, I, L)
        Which of the contract's kinds of shift it is, from 1; 0: none.
    bars : int64, shape (U, Y + 1)
        Bit y: a shift of kind y may not follow on the next day.
    band : int64, shape (U, N)
        Different local start minutes, ascending; -1 where there are fewer.
    """

    start: np.ndarray
    clock: np.ndarray
    start_n: np.ndarray
    length: np.ndarray
    paid: np.ndarray
    break_n: np.ndarray
    break_len: np.ndarray
    break_lo: np.ndarray
    break_hi: np.ndarray
    after: np.ndarray
    type_id: np.ndarray
    bars: np.ndarray
    band: np.ndarray


class People(NamedTuple):
    """Agents: who may work when.

    Attributes
    ----------
    class_id, kind : int64, shape (A,)
        Class of `Demand`, kind of `Shifts`.
    base : float64, shape (A, 7, I, L)
        Wishes met less paid cost of a shift; `FORBIDDEN` where a rule forbids it.
    must : bool, shape (A, 7)
        A locked shift lies on the day.
    off_row : int64, shape (A,)
        Row of `off`, or -1.
    off : bool, shape (M, T + pad)
        Slots of fixed meetings and trainings.
    step : int64, shape (G, 7, S, 2)
        Automata of days (`day_rules.diagram`).
    plan : int64, shape (A, 2)
        The automaton whose weeks leave legal weeks after them, and the one for when there is none; -1: none.
    choice : int64, shape (A, R)
        Kinds of shift the week may have, as bits (bit 0 always set); one of the columns holds; 0: unused.
    over_price, under_price : float64, shape (A,)
        Money for a paid unit above and below the usual hours.
    paid_lo, paid_hi, usual_lo, usual_hi, days_lo, days_hi : int64, shape (A,)
        Paid units of the week, those without overtime and voluntary time off, days of the week.
    rest, ready : int64, shape (A,)
        Slots of rest; first slot at which a shift may start after the published weeks.
    spread : int64, shape (A,)
        Most minutes between the earliest and the latest local start of the week.
    last_type : int64, shape (A,)
        Kind of the shift on the day before the week; 0: none.
    """

    class_id: np.ndarray
    kind: np.ndarray
    base: np.ndarray
    must: np.ndarray
    off_row: np.ndarray
    off: np.ndarray
    step: np.ndarray
    plan: np.ndarray
    choice: np.ndarray
    over_price: np.ndarray
    under_price: np.ndarray
    paid_lo: np.ndarray
    paid_hi: np.ndarray
    usual_lo: np.ndarray
    usual_hi: np.ndarray
    days_lo: np.ndarray
    days_hi: np.ndarray
    rest: np.ndarray
    ready: np.ndarray
    spread: np.ndarray
    last_type: np.ndarray


class Weeks(NamedTuple):
    """Everybody's week.

    Attributes
    ----------
    start, length : int64, shape (A, 7)
        Start slot, index of the length in `Shifts`; start -1: a free day.
    breaks : int64, shape (A, 7, B)
        Start slots of breaks; -1 where there are fewer.
    """

    start: np.ndarray
    length: np.ndarray
    breaks: np.ndarray


@dataclass(frozen=True)
class WeekProblem:
    """A whole problem and the words for its numbers.

    Attributes
    ----------
    slot_min : int
        Minutes of a slot.
    start_min : int
        Minutes since the epoch of slot 0.
    demand, flat : Demand
        The run's own objective; the flat benchmark (10 for a needed agent-slot missed, 1 for one too many).
    demand_fine, flat_fine : Demand
        The same with pools as they came, for the bound; the search joins neighbouring ones.
    required_slots : float
        Needed agent-slots of the flat benchmark.
    shifts : Shifts
    people : People
    queues : tuple of str
    class_queues : tuple of tuple of str
        Queues an agent of each class may serve, in order.
    agent_ids : tuple of str
    """

    slot_min: int
    start_min: int
    demand: Demand
    flat: Demand
    demand_fine: Demand
    flat_fine: Demand
    required_slots: float
    shifts: Shifts
    people: People
    queues: tuple[str, ...]
    class_queues: tuple[tuple[str, ...], ...]
    agent_ids: tuple[str, ...]

    @property
    def n_slots(self) -> int:
        """Slots of the planning week."""
        return int(self.demand.step_n.shape[1])

    def no_weeks(self) -> Weeks:
        """Nobody works."""
        agents, breaks = len(self.agent_ids), self.shifts.break_len.shape[2]
        return Weeks(
            np.full((agents, 7), -1, np.int64),
            np.zeros((agents, 7), np.int64),
            np.full((agents, 7, breaks), -1, np.int64),
        )
