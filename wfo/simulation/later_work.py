"""Later work, as the simulation plays it: steps of cases, agents' calls, contacts that chase late work."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class WorkStep:
    """A step of a queue's cases; the next can begin when it is done.

    Attributes
    ----------
    name : str
        Part of what its luck depends on.
    queue : int
        Deferred queue whose people do it.
    handle_s : float
        Mean agent time each time it is done; its spread is that of the case's queue.
    wait_ms : int
        Time that passes before it can begin.
    rework : float
        Probability that its result comes back and it is done again.
    """

    name: str
    queue: int
    handle_s: float
    wait_ms: int = 0
    rework: float = 0.0

    @property
    def work_s(self) -> float:
        """Expected agent time, rework included."""
        return self.handle_s / (1.0 - self.rework)


@dataclass(frozen=True)
class CallList:
    """People to be called, in windows of release and due instants.

    Attributes
    ----------
    name : str
        Part of what their luck depends on.
    interval : ndarray of int64, shape (W,)
        From whose beginning they may be called.
    due_ms : ndarray of int64, shape (W,)
        By when they should be reached or given up, ms after the grid's start.
    number : ndarray of int64, shape (W,)
    until_ms : int
        From then on nobody of the list is called.
    """

    name: str
    interval: np.ndarray
    due_ms: np.ndarray
    number: np.ndarray
    until_ms: int


@dataclass(frozen=True)
class Calls:
    """How agents call the contacts of a deferred queue, in its open hours alone.

    Attributes
    ----------
    reached : float
        Probability that a call is answered by whom it is meant for.
    attempts : int
        Most calls to one contact.
    vain_ms : int
        Agent time of a call that is not answered.
    pause_ms : int
        Time after it before the contact is called again.
    pacing : int
        Numbers called at once for an agent. He talks to the first who answers; others who do are dropped,
        and count as abandoned.
    talk_s : float
        Mean handle time where the demand says none.
    lists : tuple of CallList
        People called beside the queue's own contacts.
    """

    reached: float
    attempts: int = 1
    vain_ms: int = 30_000
    pause_ms: int = 0
    pacing: int = 1
    talk_s: float = 0.0
    lists: tuple[CallList, ...] = ()


@dataclass(frozen=True)
class Chasing:
    """Contacts by which customers ask after a queue's work when it is not done by its due instant.

    Attributes
    ----------
    queue : int
        Where they come; they are follow-ups of the late contact, and cause further ones.
    contacts : float
        How many, in the mean.
    within_ms : int
        They come within so much time after the due instant, evenly; where the queue is closed then, early in
        its next opening.
    """

    queue: int
    contacts: float
    within_ms: int = 0


@dataclass(frozen=True)
class LaterWork:
    """What deferred work is beside single pieces, by number of the queue, which has steps or makes calls."""

    steps: Mapping[int, tuple[WorkStep, ...]] = field(default_factory=dict)
    calls: Mapping[int, Calls] = field(default_factory=dict)
    chasing: Mapping[int, Chasing] = field(default_factory=dict)

    def of_given(self) -> "LaterWork":
        """The same where contacts are given, people called and chase contacts among them."""
        calls = {queue: replace(law, lists=()) for queue, law in self.calls.items()}
        return LaterWork(steps=self.steps, calls=calls)

    @property
    def listed(self) -> int:
        """Number of people on lists."""
        return sum(int(one.number.sum()) for calls in self.calls.values() for one in calls.lists)

    def step_rows(self) -> list[tuple[int, str]]:
        """Queue and name of each step in the order of counts; a call is the step ``call``."""
        rows = []
        for queue in sorted({*self.steps, *self.calls}):
            rows += [(queue, step.name) for step in self.steps.get(queue, ())] or [(queue, "call")]
        return rows

    def list_rows(self) -> list[tuple[int, str]]:
        """Queue and name of each list in the order of counts; a queue's own contacts come first, unnamed."""
        return [
            (queue, name)
            for queue, calls in sorted(self.calls.items())
            for name in ("", *(one.name for one in calls.lists))
        ]
