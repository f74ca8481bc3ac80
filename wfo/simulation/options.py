"""Options: how contacts are judged, and what else strikes."""

from dataclasses import dataclass, field, replace

import numpy as np

from wfo.simulation.later_work import LaterWork


@dataclass(frozen=True)
class OldWork:
    """Deferred work that is open when the horizon begins.

    Attributes
    ----------
    queue : ndarray of int64, shape (B,)
        Index of the queue.
    due_ms : ndarray of int64, shape (B,)
        Due instant, ms after the grid's start.
    handle_ms : ndarray of int64, shape (B,)
        Work in it at speed 1; of a case nothing is read here.
    release_ms : ndarray of int64, shape (B,), or empty
        It cannot be begun before this, ms after the grid's start. Empty: all can be begun at once.
    step : ndarray of int64, shape (B,), or empty
        Number of the step at which a case of the queue stands, whose work is then drawn, −1: it is one piece.
        Empty: all are one piece.
    silent : ndarray of bool, shape (B,), or empty
        Whether it brings no chase contacts when late: a part of nobody knows which case. Empty: none is.
    """

    queue: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    due_ms: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    handle_ms: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    release_ms: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    step: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    silent: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def single(self) -> np.ndarray:
        """Which rows are one piece of work and no case, bool of shape (B,)."""
        return self.step < 0 if len(self.step) else np.ones(len(self.queue), dtype=bool)


@dataclass(frozen=True)
class Dialler:
    """A machine that calls people for a queue while enough agents are free.

    Each time an agent has ended a contact it looks who is free; who is reached comes to the queue at that
    moment, as a fresh contact, and waits by the queue's patience where more are reached than are free.

    Attributes
    ----------
    queue : int
        Index of a queue served at once.
    reached : ndarray of float64, shape (T,)
        Probability that a call reaches somebody, by interval; 0: no calls are made.
    least_free : int
        No calls while fewer agents are free.
    calls : float
        Numbers called at once for each free agent who serves the queue, 0 … 100.
    beside : tuple of int
        Queues whose free agents count for ``least_free``, too.
    """

    queue: int
    reached: np.ndarray
    least_free: int = 1
    calls: float = 1.0
    beside: tuple[int, ...] = ()


@dataclass(frozen=True)
class SimulationOptions:
    """How contacts are judged and what else strikes.

    Attributes
    ----------
    threshold_ms : ndarray of int64, shape (Q,), or None
        Wait within which an answer is in target; None: 20 s everywhere.
    short_ms : ndarray of int64, shape (Q,), or None
        An abandon before this wait is short; None: 5 s.
    due_ms : ndarray of int64, shape (Q, T), or None
        When deferred work released at an interval's start is due, ms after the grid's start; work released
        later in the interval is due as much later. None: never.
    due_turn_ms, due_gap_ms : ndarray of int64, shape (Q, T), or None
        Work released more than ``due_turn_ms`` after an interval's start is due ``due_gap_ms`` later still,
        as the clock of its deadline stands still then; −1: all of the interval is due at the same instant.
        None: it goes on.
    old_work : OldWork
    max_occupancy : float
        Deferred work is pulled while agents on duty stay within this.
    kept : ndarray of float64, shape (Q, T), or None
        Of the agents who keep to a queue served at once, or serve it and keep to none, so many do no deferred
        work while that can wait, rounded up. None: nobody is kept.
    deferred_waits : float
        Share of its time until due, 0 … 1, for which deferred work can wait.
    absence : float or ndarray of float64, shape (S,)
        Probability that a shift is missed whole.
    room : ndarray of int64, shape (Q,), or None
        Most contacts that wait in line; who comes then is turned away. None: no limit.
    balk_p : ndarray of float64, shape (Q,), or None
        Probability that a contact which would have to wait leaves at once. None: nobody does.
    callback_p : ndarray of float64, shape (Q,), or None
        Probability that a contact takes the offer to be called back: it keeps its place and does not give up.
    callback_ms : ndarray of int64, shape (Q,), or None
        Wait after which the offer is made.
    forced_abandonment : ndarray of float64, shape (Q,), or None
        Contacts of immediate and concurrent queues abandon with this probability at once and all others are
        handled at once, without agents: the volume that a forecast states at its planned abandonment. People
        on lists and those a dialler might reach are left out, as the forecast does not hold them.
    later : LaterWork
        Steps of cases, calls that agents make, contacts that chase late work.
    diallers : tuple of Dialler
        Machines that call people; each has its own luck, in the order in which those of a queue stand here.
    threads : int
        Replications are independent; the number of threads changes no result.
    """

    threshold_ms: np.ndarray | None = None
    short_ms: np.ndarray | None = None
    due_ms: np.ndarray | None = None
    due_turn_ms: np.ndarray | None = None
    due_gap_ms: np.ndarray | None = None
    old_work: OldWork = field(default_factory=OldWork)
    max_occupancy: float = 0.90
    kept: np.ndarray | None = None
    deferred_waits: float = 0.0
    absence: "float | np.ndarray" = 0.0
    room: np.ndarray | None = None
    balk_p: np.ndarray | None = None
    callback_p: np.ndarray | None = None
    callback_ms: np.ndarray | None = None
    forced_abandonment: np.ndarray | None = None
    later: LaterWork = field(default_factory=LaterWork)
    diallers: tuple[Dialler, ...] = ()
    threads: int = 2

    def of_given(self) -> "SimulationOptions":
        """The same for a trace: it holds those whom diallers and agents reached, and who chased work."""
        return replace(self, diallers=(), later=self.later.of_given())
