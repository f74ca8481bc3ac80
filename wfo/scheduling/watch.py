"""When a search ends before its work is done, and who is told how far it is."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Self

STOPPED = "the search was stopped by Ctrl-C"
"""How the reason of an interrupted search begins."""


@dataclass(frozen=True)
class Progress:
    """How far a search is.

    Attributes
    ----------
    seconds : float
        Since the search began.
    phase : str
        What was done last.
    objective : float
        Of the best schedule so far.
    bound : float or None
        No schedule exceeds it; None: not known yet.
    required : float
        Needed agent-intervals.
    """

    seconds: float
    phase: str
    objective: float
    bound: float | None
    required: float

    @property
    def gap(self) -> float | None:
        """Share of the bound that is missed."""
        return None if self.bound is None else (self.bound - self.objective) / max(1.0, abs(self.bound))

    @property
    def excess(self) -> float | None:
        """What is missed for each needed agent-interval."""
        return None if self.bound is None else (self.bound - self.objective) / max(1.0, self.required)


class Watch:
    """Looks at the clock, where a limit was asked for, and at Ctrl-C: inside `with` the first only stops.

    Parameters
    ----------
    seconds : float, optional
        Time limit; without it effort alone decides, and equal inputs give equal results.
    tell : callable, optional
        Gets a `Progress` now and then.
    """

    def __init__(self, seconds: float | None = None, tell: Callable[[Progress], None] | None = None):
        self.seconds, self.interrupted = seconds, False
        self.required = 1.0
        self._bound: float | None = None
        self._told: Progress | None = None
        self._tell, self._begin = tell, time.monotonic()
        self._before: Any = None

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begin

    def left(self, share: float = 1.0) -> float | None:
        """Seconds left of a share of the limit; None: no limit."""
        return None if self.seconds is None else max(0.0, share * self.seconds - self.elapsed)

    def over(self, share: float = 1.0) -> bool:
        """Whether it is time to end: a share of the limit has gone, or somebody pressed Ctrl-C."""
        return self.interrupted or self.left(share) == 0.0

    def look(self, share: float = 1.0) -> bool:
        """Report a first bound that has come since the last report; then whether it is time to end."""
        if self._told is not None and self._bound is not None and self._told.bound is None:
            self.tell("bound known", self._told.objective)
        return self.over(share)

    def learn(self, bound: float) -> None:
        """Take in a bound, from whatever thread; it is told with the next report or `look`."""
        self._bound = bound

    def tell(self, phase: str, objective: float) -> None:
        """Report progress."""
        if self._tell is not None:
            bound = None if self._bound is None else max(self._bound, objective)
            self._told = Progress(self.elapsed, phase, objective, bound, self.required)
            self._tell(self._told)

    def mute(self) -> None:
        """Tell nobody of what follows."""
        self._tell = self._told = None

    def reasons(self) -> tuple[str, ...]:
        """Why the search ended early, for the reader; empty: it did not."""
        if not self.interrupted:
            return ()
        return (f"{STOPPED} after {self.elapsed:.0f} s: this is the best schedule until then",)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
