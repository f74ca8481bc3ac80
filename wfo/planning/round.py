"""A round of planning: its four verbs, what it found, and the order in which rounds are preferred."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import pandas as pd

from wfo.planning.held import ROOM, Held
from wfo.tables.result import Meta


class Answer(Protocol):
    """What a step gives back: tables and where they came from."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Frames by table name."""

    @property
    def meta(self) -> Meta:
        """Status and reasons."""


A = TypeVar("A", bound=Answer)


class Steps(Protocol[A]):
    """The four verbs of a round, inputs other than these filled in by the caller."""

    def schedule(self, *, round_: int, cuts: pd.DataFrame | None, start_from: A | None) -> A:
        """Named agents' weeks; warm-started from an earlier schedule where one is given."""

    def coach(self, schedule: A, *, round_: int, played: A | None) -> A:
        """Proposals of coaching, valued at the schedule's prices and those of the best play so far."""

    def place(self, schedule: A, coach: A, *, round_: int, played: A | None) -> A:
        """The schedule with activities in it, at the same prices."""

    def evaluate(self, schedule: A, coach: A, place: A, *, round_: int) -> A:
        """The simulated scorecard, and simulated prices in the place of the schedule's."""

    def search(self, schedule: A, coach: A, place: A, evaluate: A, *, round_: int, thorough: bool) -> A:
        """What `place` gave with single changes in its schedule, and ``moves``: which they were."""


@dataclass(frozen=True)
class Round(Generic[A]):
    """One round.

    Attributes
    ----------
    number : int
        Counted from 1.
    schedule, coach, place, evaluate : Answer
    cost : float
        The priced objective, see `plan_cost`.
    missed : tuple of str
        Queues for which more people were asked.
    cuts : DataFrame or None
        What the schedule was asked for beyond the requirement.
    held : mapping of str to Held
        How each queue stands to its targets.
    short : float
        By how much targets of service are missed in the mean, added up.
    """

    number: int
    schedule: A
    coach: A
    place: A
    evaluate: A
    cost: float
    missed: tuple[str, ...]
    cuts: pd.DataFrame | None
    held: Mapping[str, Held]
    short: float

    @property
    def evaluated(self) -> Mapping[str, pd.DataFrame]:
        """Tables of its simulation."""
        return self.evaluate.tables

    @property
    def planned(self) -> pd.DataFrame:
        """The schedule that was simulated."""
        return self.place.tables["schedule"]


def rank(round_: Round[A]) -> tuple[int, int, int, float, int]:
    """Fewest queues short, fewest not sure, nearest to targets by `ROOM`, cheapest; of equals the first."""
    stands, steps = list(round_.held.values()), int(round_.short / ROOM)
    return stands.count(Held.SHORT), stands.count(Held.IN_THE_MEAN), steps, round_.cost, round_.number
