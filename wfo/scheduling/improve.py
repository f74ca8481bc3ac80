"""From first weeks to good ones: all settle on prices; then ruin and recreate, and days solved anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from wfo.effort import Limits
from wfo.scheduling.neighbourhood import improve_days
from wfo.scheduling.problem import Demand, People, WeekProblem, Weeks
from wfo.scheduling.search import (
    Roster,
    cooling,
    counter,
    first_weeks,
    one_pass,
    ruin_and_recreate,
    seat_all,
)
from wfo.scheduling.settle import settle
from wfo.scheduling.watch import Watch

_PASSES = 3
_GROUP = 3
_CHUNK = 250
_CALMER = 0.4
_CALMEST = 4
_TRIALS_A_ROUND = 5000
_SETTLE_SHARE = 0.7
_LEAST_SETTLING, _MOST_SETTLING = 8, 5
_ANSWERS_A_PASS = 2500


@dataclass(frozen=True)
class Tries:
    """How much is tried.

    Attributes
    ----------
    passes : int
        Best responses of everybody, at most.
    settle : int
        Passes in which prices settle.
    rounds : int
        Of ruin and recreate followed by days solved anew; one is enough where prices have settled and no
        work is deferred.
    trials, days : int
        Of a round.
    solver_s : float
        CP-SAT deterministic seconds of the effort.
    heat : float
        First temperature, in prices of overstaffing; each round begins calmer.
    share : float
        Of the time limit, if there is one: the last that may be used; rounds go on until then.
    """

    passes: int
    settle: int
    rounds: int
    trials: int
    days: int
    solver_s: float
    heat: float
    share: float

    @staticmethod
    def of(limits: Limits, trials_a_pass: int, heat: float, share: float, agents: int) -> "Tries":
        """What an effort allows, in rounds of a size that pays."""
        trials = limits.passes * trials_a_pass
        rounds = max(1, round(trials / _TRIALS_A_ROUND))
        days = -(-limits.neighbourhoods // rounds)
        return Tries(
            min(_PASSES, limits.passes), _settling(limits, agents), rounds, trials // rounds, days,
            limits.solver_s, heat, share,
        )  # fmt: skip


def _settling(limits: Limits, agents: int) -> int:
    """Passes in which prices settle: more where a pass is short."""
    most = limits.passes * _MOST_SETTLING
    return min(most, max(_LEAST_SETTLING, limits.passes * _ANSWERS_A_PASS // max(1, agents)))


def seated(
    problem: WeekProblem, demand: Demand, people: People, start: Weeks, has: np.ndarray, order: np.ndarray
) -> tuple[Roster, np.ndarray]:
    """A first schedule, and who has no legal week, bool, shape (A,).

    Parameters
    ----------
    start : Weeks
        Used as they are for agents of `has`.
    order : int64, shape (A,)
        In which agents come.
    """
    begin, without = first_weeks(problem, demand, people, start, has, order)
    roster = Roster(problem, demand, people)
    seat_all(roster, begin, ~without, order[~without[order]])
    return roster, without


def improve(roster: Roster, movers: np.ndarray, seed: int, tries: Tries, watch: Watch) -> np.ndarray | None:
    """Better weeks, as long as effort or the clock allow; the roster never gets worse.

    Parameters
    ----------
    movers : int64
        Agents who may move.

    Returns
    -------
    float64, shape (Q, T), or None
        Prices on which `settle` agreed.
    """
    watch.tell("first schedule", roster.value)
    if not movers.size:
        return None
    random, draw = counter(seed), np.random.default_rng(seed)
    price = settle(roster, movers, tries.settle, watch, tries.share * _SETTLE_SHARE)
    for _ in range(tries.passes):
        if watch.look(tries.share) or one_pass(roster, movers) < 1e-6:
            break
    roster.relay()
    watch.tell("best responses", roster.value)
    worth = np.abs(roster.state.worth)
    usual = tries.heat * float(roster.demand.over[0]) or 0.5 * float(worth.mean() if worth.size else 0.0)
    # Deferred work is steps while prices settle: how it is laid is left to the rounds.
    done, rounds = 0, tries.rounds if price is None or roster.demand.pool_work.size else 1
    while not watch.look(tries.share) and (watch.seconds is not None or done < rounds):
        heat = usual * _CALMER ** min(done, _CALMEST)
        chunks = cooling(heat, tries.trials, -(-tries.trials // _CHUNK))
        ruin_and_recreate(roster, movers, _while(chunks, watch, tries.share), _GROUP, random)
        one_pass(roster, movers)
        roster.relay()
        watch.tell("ruin and recreate", roster.value)
        improve_days(roster, tries.days, tries.solver_s, seed, draw, stop=lambda: watch.look(tries.share))
        watch.tell("days solved anew", roster.value)
        done += 1
    return price


def _while(chunks: Iterable[np.ndarray], watch: Watch, share: float) -> Iterator[np.ndarray]:
    """Chunks of trials, until time is over."""
    for chunk in chunks:
        if watch.look(share):
            return
        yield chunk
