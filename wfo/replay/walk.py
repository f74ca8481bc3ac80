"""The walk over weeks: each played by an executor, in an order that does not depend on who is faster."""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from wfo.errors import InputError, WfoError
from wfo.replay.weeks import Origin

T = TypeVar("T")


@dataclass(frozen=True)
class Step(Generic[T]):
    """One origin played.

    Attributes
    ----------
    origin : Origin
    outcome : object or None
        None where it could not be played.
    failed : str
        Why not.
    seconds : float
    """

    origin: Origin
    outcome: T | None
    failed: str
    seconds: float


def walk(origins: Sequence[Origin], play: Callable[[Origin], T], *, jobs: int = 1) -> Iterator[Step[T]]:
    """Play origins; those of one planning moment follow one another, so that they share what is stored.

    Parameters
    ----------
    origins : sequence of Origin
        By planning moment.
    play : callable
        Plays one; with ``jobs`` above 1 it and its outcome are pickled. What it has finished it keeps in the
        cache itself, so that a walk that was stopped goes on where it was.
    jobs : int
        Processes.

    Yields
    ------
    Step
        In the order of ``origins``.

    Raises
    ------
    InputError
        If ``jobs`` is below 1.
    """
    if jobs < 1:
        raise InputError(f"jobs must be at least 1, got {jobs}")
    groups = [[o for o in origins if o.week.now == now] for now in dict.fromkeys(o.week.now for o in origins)]
    if jobs == 1:
        for group in groups:
            yield from (_step(o, play) for o in group)
        return
    # forked children would inherit the locks of the parent's threads
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        for waiting in [pool.submit(_group, group, play) for group in groups]:
            yield from waiting.result()


def _group(group: list[Origin], play: Callable[[Origin], T]) -> list[Step[T]]:
    return [_step(o, play) for o in group]


def _step(origin: Origin, play: Callable[[Origin], T]) -> Step[T]:
    began = time.perf_counter()
    try:
        outcome, failed = play(origin), ""
    except WfoError as error:
        outcome, failed = None, str(error)
    return Step(origin, outcome, failed, time.perf_counter() - began)
