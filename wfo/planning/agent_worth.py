"""What an agent's time is worth by simulation; a plan under change that prices shifts and breaks by it."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from wfo.domain.activities import Kind
from wfo.scheduling.revision import Revision
from wfo.scheduling.shift_rows import Record
from wfo.timegrid import TimeGrid

SHARED = 0.3
"""Of the most that his time is worth on any of his queues an agent kept for another still brings so much: he
serves them when nobody of his own waits. It only orders changes; what they bring is simulated."""


class AgentWorth:
    """What an agent's time is worth, by the queues he serves and the one he is kept for.

    Parameters
    ----------
    by_queue : mapping of str to ndarray, shape (T,)
        Money that an interval of one more agent saves, by queue served at once.
    grid : TimeGrid
    slot_min : int
        Slots of the plan; they divide intervals.
    later : frozenset of str, optional
        Queues that are not served at once: who is kept for one of them stays so.
    """

    def __init__(
        self,
        by_queue: Mapping[str, np.ndarray],
        grid: TimeGrid,
        slot_min: int,
        later: frozenset[str] = frozenset(),
    ):
        self._later = later
        per = grid.step_min // slot_min
        self._start_min, self._slot_min = grid.start_min, slot_min
        self._by_queue = {queue: np.repeat(own / per, per) for queue, own in by_queue.items()}
        self._sums: dict[tuple[tuple[str, ...], str], np.ndarray] = {}
        self._best: dict[tuple[str, ...], dict[int, float]] = {}

    def at_once(self, queues: Sequence[str]) -> list[str]:
        """Those of some queues that are served at once."""
        return [queue for queue in queues if queue in self._by_queue]

    def best(self, queues: tuple[str, ...]) -> dict[int, float]:
        """Money a slot is worth of an agent kept wherever that is most, by the minute it begins."""
        if queues not in self._best:
            slots = np.max([np.diff(self._kept(queues, main)) for main in self.at_once(queues)], axis=0)
            minutes = self._start_min + self._slot_min * np.arange(len(slots))
            self._best[queues] = dict(zip(minutes.tolist(), slots.tolist(), strict=True))
        return self._best[queues]

    def of_span(self, begin: int, end: int, queues: tuple[str, ...], main: str) -> float:
        """Money of work from one minute since the epoch to another, kept for a queue (empty: for none)."""
        sums = self._kept(queues, main)
        low, high = (
            min(max(0, (minute - self._start_min) // self._slot_min), len(sums) - 1)
            for minute in (begin, end)
        )
        return float(sums[high] - sums[low])

    def of_rows(self, rows: Sequence[Record], queues: tuple[str, ...]) -> float:
        """Money of a shift."""
        work = (r for r in rows if r["kind"] == Kind.WORK.value)
        return sum(self.of_span(r["start"], r["end"], queues, kept_for(r)) for r in work)

    def best_kept(self, row: Record, queues: tuple[str, ...]) -> Record:
        """A stretch of work kept for the queue for which it is worth most.

        Other rows stay, and work that is locked, or kept for what is not served at once.
        """
        if row["kind"] != Kind.WORK.value or row["locked"] or kept_for(row) in self._later:
            return row
        money = {
            main: self.of_span(row["start"], row["end"], queues, main)
            for main in (kept_for(row), *self.at_once(queues))
        }
        best = max(money, key=lambda main: money[main])
        return row if best == kept_for(row) else {**row, "main_queue": best}

    def _kept(self, queues: tuple[str, ...], main: str) -> np.ndarray:
        """Running sum over slots."""
        if (queues, main) not in self._sums:
            own = np.array([self._by_queue[queue] for queue in self.at_once(queues)])
            others = np.zeros_like(own[0]) if main in self._later else own.mean(axis=0)
            first = self._by_queue.get(main, others)
            each = (1 - SHARED) * first + SHARED * own.max(axis=0)
            self._sums[queues, main] = np.concatenate([[0.0], np.cumsum(each)])
        return self._sums[queues, main]


class WorthRevision(Revision):
    """A plan under change whose prices are what simulation says; `worth` is set before they are asked for."""

    worth: AgentWorth

    def price(self, agent: str, date: dt.date | None = None) -> dict[int, float]:
        """Money a slot of an agent's work is worth, whether he works then or not."""
        return self.worth.best(self.value.queues_of[agent])


def kept_for(row: Record) -> str:
    """Main queue of a row; empty where there is none."""
    return row["main_queue"] if isinstance(row["main_queue"], str) else ""
