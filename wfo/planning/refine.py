"""The loop of schedule and simulation: where a target fails, cuts go back to the scheduler.

One round is schedule, coach, place, evaluate. A further round starts from the best schedule so far, with cuts
that ask for more people on duty where the last simulation missed a target. Rounds in which the fewest queues
fall short of their targets of service, abandonment or mean wait come first (`wfo.planning.held`), of these
those in which the fewest reach them in the mean only, of these those nearest to the targets of service, by
half points, and of these the one with the least cost wins. Other targets count in the cost, by their prices.

Where queues are short in the best round, single changes of its plan are looked for by simulation
(`wfo.planning.local_search`); the plan with them is one more round.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic

import pandas as pd

from wfo.planning.cost import plan_cost
from wfo.planning.cuts import missed_targets, new_cuts
from wfo.planning.held import ROOM, Held, held_by
from wfo.planning.losses import Prices
from wfo.planning.reasons import Asked, People, reasons_missed
from wfo.planning.round import A, Round, Steps, rank
from wfo.planning.rounds import NEAR_VOLUME, managed_service, near_share, rounds_table, shortfall
from wfo.tables.result import Status

PATIENCE = 2
"""The loop ends when so many rounds in a row were neither better nor nearer; each adds its own cuts."""


@dataclass(frozen=True)
class Refined(Generic[A]):
    """All rounds and the best of them.

    Attributes
    ----------
    best : Round
    rounds : tuple of Round
    reasons : tuple of str
        Of each target that the best plan still misses: where most, and why; then why single changes were
        not looked for to the end, where the best plan does not say so itself.
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

    def judge(
        number: int, schedule: A, coach: A, place: A, evaluate: A, cuts: pd.DataFrame | None
    ) -> Round[A]:
        cost = plan_cost(evaluate.tables, place.tables, prices)
        held = held_by(evaluate.tables)
        missed = _asking(evaluate.tables, held, thorough=thorough)
        short = shortfall(evaluate.tables["scorecard"])
        return Round(number, schedule, coach, place, evaluate, cost, missed, cuts, held, short)

    try:
        for number in range(1, rounds + 1):
            best = min(done, key=rank) if done else None
            schedule = steps.schedule(round_=number, cuts=cuts, start_from=best.schedule if best else None)
            if schedule.meta.status is Status.INFEASIBLE:
                if best is None:
                    return schedule
                break
            played = best.evaluate if best else None
            coach = steps.coach(schedule, round_=number, played=played)
            place = steps.place(schedule, coach, round_=number, played=played)
            evaluate = steps.evaluate(schedule, coach, place, round_=number)
            done.append(judge(number, schedule, coach, place, evaluate, cuts))
            if not done[-1].missed or _in_vain(done):
                break
            cuts = new_cuts(
                evaluate.tables["intervals"],
                place.tables["schedule"],
                done[-1].missed,
                routing=people.routing,
                skill_sets=sets,
                deferred=deferred,
                before=cuts,
                prices=prices,
                assigned=schedule.tables.get("assignment"),
            )
            if cuts is None:
                break
        searched, told = _searched(steps, done, judge, thorough=thorough)
        done += searched
    except KeyboardInterrupt:
        if not done:
            raise
        return _refined(done, people, prices, stopped=True)
    return _refined(done, people, prices, told=told)


def _searched(
    steps: Steps[A], done: list[Round[A]], judge: Callable[..., Round[A]], *, thorough: bool
) -> tuple[list[Round[A]], tuple[str, ...]]:
    """The best round's plan with single changes, and why these were not looked for to the end.

    No plan where no queue is short, or nothing helped.
    """
    best, number = min(done, key=rank), done[-1].number + 1
    least = Held.IN_THE_MEAN if thorough else Held.SHORT
    if all(stands < least for stands in best.held.values()):
        return [], ()
    made = (best.schedule, best.coach, best.place, best.evaluate)
    place = steps.search(*made, round_=number, thorough=thorough)
    if "moves" not in place.tables or place.tables["moves"].empty:
        return [], place.meta.reasons
    evaluate = steps.evaluate(best.schedule, best.coach, place, round_=number)
    return [judge(number, best.schedule, best.coach, place, evaluate, best.cuts)], place.meta.reasons


def _refined(
    done: list[Round[A]],
    people: People,
    prices: Prices,
    *,
    stopped: bool = False,
    told: tuple[str, ...] = (),
) -> Refined[A]:
    """The rounds with the best of them, and why targets stay missed in it."""
    best = min(done, key=rank)
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
    new = (reason for reason in told if reason not in best.place.meta.reasons)
    return Refined(best, tuple(done), (*reasons, *new), stopped)


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
    if not before or min(done, key=rank).number > before[-1].number:
        return False
    return min(r.short for r in last) > min(r.short for r in before) - ROOM
