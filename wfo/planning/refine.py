"""The loop of schedule and simulation: where a target fails, cuts go back to the scheduler.

One round is schedule, coach, place, evaluate. A further round starts from the best schedule so far, with cuts
that ask for more people on duty where the last simulation missed a target. Rounds in which the fewest queues
fall short of their targets of service, abandonment or mean wait come first (`wfo.planning.held`), of these
those in which the fewest reach them in the mean only, and of these the one with the least cost wins. Other
targets count in the cost, by their prices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import pandas as pd

from wfo.planning.cost import plan_cost
from wfo.planning.cuts import missed_targets, new_cuts
from wfo.planning.held import ROOM, Held, held_by
from wfo.planning.losses import Prices
from wfo.planning.reasons import Asked, People, reasons_missed
from wfo.planning.rounds import NEAR_VOLUME, managed_service, near_share, rounds_table, shortfall
from wfo.tables.result import Meta, Status


class Answer(Protocol):
    """What a step gives back: tables and where they came from."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Frames by table name."""

    @property
    def meta(self) -> Meta:
        """Status and reasons."""


A = TypeVar("A", bound=Answer)
PATIENCE = 2
"""The loop ends when so many rounds in a row were neither better nor nearer; each adds its own cuts."""


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


@dataclass(frozen=True)
class Refined(Generic[A]):
    """All rounds and the best of them.

    Attributes
    ----------
    best : Round
    rounds : tuple of Round
    reasons : tuple of str
        Of each target that the best plan still misses: where most, and why.
    stopped : bool
        Whether the user ended the loop.
    """

    best: Round[A]
    rounds: tuple[Round[A], ...]
    reasons: tuple[str, ...] = ()
    stopped: bool = False

    def table(self) -> pd.DataFrame:
        """Table ``rounds``: what each simulation said of each queue."""
        return rounds_table(self.rounds, self.best.number)


def refine(
    steps: Steps[A],
    *,
    rounds: int,
    people: People,
    deferred: pd.DataFrame,
    base_cuts: pd.DataFrame,
    prices: Prices,
    thorough: bool = False,
) -> Refined[A] | A:
    """Run rounds until no target that staffing moves is missed, nothing gets better, or ``rounds`` are done.

    Parameters
    ----------
    steps : Steps
    rounds : int
        At most so many.
    people : People
        Who could serve, and by what contracts.
    deferred : DataFrame
        Deferred work, as staffing states it.
    base_cuts : DataFrame
        Cuts that staffing asked for; they hold in every round.
    prices : Prices
        Of lost and late contacts, and targets with their own.
    thorough : bool
        Whether rounds go on, too, for queues that reach their target in the mean of few weeks, or of very
        uneven intervals.

    Returns
    -------
    Refined or Answer
        The rounds; the schedule alone where there is no feasible one.
    """
    done: list[Round[A]] = []
    cuts: pd.DataFrame | None = None
    sets = people.skill_sets()
    try:
        for number in range(1, rounds + 1):
            best = min(done, key=_rank) if done else None
            schedule = steps.schedule(round_=number, cuts=cuts, start_from=best.schedule if best else None)
            if schedule.meta.status is Status.INFEASIBLE:
                if best is None:
                    return schedule
                break
            played = best.evaluate if best else None
            coach = steps.coach(schedule, round_=number, played=played)
            place = steps.place(schedule, coach, round_=number, played=played)
            evaluate = steps.evaluate(schedule, coach, place, round_=number)
            cost = plan_cost(evaluate.tables, place.tables, people.agents, prices)
            held = held_by(evaluate.tables)
            missed = _asking(evaluate.tables, held, thorough=thorough)
            short = shortfall(evaluate.tables["scorecard"])
            done.append(Round(number, schedule, coach, place, evaluate, cost, missed, cuts, held, short))
            if not missed or _in_vain(done):
                break
            cuts = new_cuts(
                evaluate.tables["intervals"],
                place.tables["schedule"],
                missed,
                routing=people.routing,
                skill_sets=sets,
                deferred=deferred,
                before=base_cuts if cuts is None else cuts,
                prices=prices,
                assigned=schedule.tables.get("assignment"),
            )
            if cuts is None:
                break
    except KeyboardInterrupt:
        if not done:
            raise
        return _refined(done, people, prices, stopped=True)
    return _refined(done, people, prices)


def _refined(done: list[Round[A]], people: People, prices: Prices, *, stopped: bool = False) -> Refined[A]:
    """The rounds with the best of them, and why targets stay missed in it."""
    best = min(done, key=_rank)
    asked = [Asked(r.number, r.cuts, r.place.tables["schedule"]) for r in done if r.cuts is not None]
    reasons = reasons_missed(
        missed_targets(best.evaluate.tables["scorecard"]),
        best.evaluate.tables["intervals"],
        best.place.tables["schedule"],
        people=people,
        prices=prices,
        asked=asked,
        runs=best.evaluate.tables["replications"],
    )
    return Refined(best, tuple(done), reasons, stopped)


def _asking(
    evaluated: Mapping[str, pd.DataFrame], held: Mapping[str, Held], *, thorough: bool
) -> tuple[str, ...]:
    """Queues for which more people are asked: those that miss a target; if thorough, unsure, uneven ones."""
    card = evaluated["scorecard"]
    found = set(missed_targets(card)["scope"])
    if thorough:
        found |= {queue for queue, stands in held.items() if stands is not Held.SURELY}
        asked = managed_service(card)
        rows = zip(asked["scope"], asked["target"], strict=True)
        found |= {q for q, t in rows if near_share(evaluated["intervals"], q, t) < NEAR_VOLUME}
    return tuple(sorted(found))


def _in_vain(done: list[Round[A]]) -> bool:
    """Whether none of the last rounds was better than those before, nor `ROOM` nearer to the targets."""
    before, last = done[:-PATIENCE], done[-PATIENCE:]
    if not before or min(done, key=_rank).number > before[-1].number:
        return False
    return min(r.short for r in last) > min(r.short for r in before) - ROOM


def _rank(round_: Round[A]) -> tuple[int, int, float, int]:
    """Fewest queues short, fewest that are not sure, then the cheapest; of equals the earliest."""
    stands = list(round_.held.values())
    return stands.count(Held.SHORT), stands.count(Held.IN_THE_MEAN), round_.cost, round_.number
