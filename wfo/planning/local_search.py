"""Local search on simulated service: single changes of a plan that misses targets.

After cuts, as Avramidis, Chan, Gendreau, L'Ecuyer and Pisacane (2010, "Optimizing daily agent scheduling in a
multiskill call center", EJOR 200) have it. What one more agent would save is simulated by queue and hour; the
changes that win most by it are made several at a time and played in the same weeks as the plan before (common
random numbers); they are kept where they bring the plan nearer to its targets and win more than luck, else
fewer of them are tried. Each pass has weeks of its own, so that the next one sees what one won by luck, and
lets targets count for more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from wfo.effort import Effort
from wfo.evaluation.evaluate import EvaluateInputs
from wfo.evaluation.prepared import PreparedWeeks, prepared_weeks
from wfo.evaluation.settings import EvaluateSettings
from wfo.planning.agent_worth import AgentWorth, WorthRevision
from wfo.planning.losses import Prices
from wfo.planning.moves import KINDS, Move, agents_with_fixed_shifts, independent, moves_of
from wfo.planning.moves_told import Made, moves_table
from wfo.planning.search_result import SearchResult
from wfo.planning.standing import Standing, service_levels, standing
from wfo.planning.worth import plays_of_worth, prices_of_missing, served_later, worth_by_queue
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.shift_rows import Record, frame_of
from wfo.scheduling.watch import Watch
from wfo.tables.result import Meta, Status

WEEKS = 40
"""Simulated weeks by which changes are judged."""
PRICED = 20
"""The first of them, in which what one more agent saves is found: at most, and with many skills fewer."""
FEWEST_PRICED = 5
"""With fewer it is not looked for."""
PLAYS = {Effort.QUICK: 100, Effort.NORMAL: 250, Effort.LONG: 1000}
"""Most plays of these weeks, by effort."""
PASSES = 12
"""Most sets of weeks."""
FRESH = 500
"""What the seeds of these weeks are above that of the run, whose own weeks judge the plan in the end."""
FIRST, MOST = 32, 128
"""Changes tried at once in the beginning, and at most."""
FEWER = 4
"""Where they do not help together, so manieth part of them is tried, in the end the best alone."""
TRIES = 4
"""Where so many in a row do not help alone either, no others of their kind are tried."""
PATIENCE = 2
"""The search ends when so many passes in a row have found nothing."""


def factor_of(number: int) -> float:
    """How many times its price a contact counts by which a target is missed, in a pass.

    Twice as many in each: changes that cost other contacts least come first.
    """
    return float(2**number)


@dataclass(frozen=True)
class SearchInputs:
    """A plan to be changed, and what it is judged by.

    Attributes
    ----------
    week : ScheduleInputs
        Rules.
    rules : ScheduleSettings
    weeks : EvaluateInputs
        Its ``schedule`` is the plan.
    settings : EvaluateSettings
    prices : Prices
    card : DataFrame
        Scorecard of the plan; of its figures only the targets are read.
    placed : mapping of str to DataFrame
        ``placements`` and ``coaching`` of the plan; no change touches an activity.
    """

    week: ScheduleInputs
    rules: ScheduleSettings
    weeks: EvaluateInputs
    settings: EvaluateSettings
    prices: Prices
    card: pd.DataFrame
    placed: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def local_search(
    given: SearchInputs,
    *,
    seed: int,
    effort: Effort,
    thorough: bool = False,
    tell: Callable[[str], None] = lambda words: None,
) -> SearchResult:
    """Change single shifts of a plan until targets hold, nothing helps any more, or the effort is spent.

    Parameters
    ----------
    given : SearchInputs
    seed : int
        Of the weeks it is judged in.
    effort : Effort
    thorough : bool
        Whether targets are to hold surely, and not only in the mean.
    tell : callable, optional
        Gets what happens, in words.

    Returns
    -------
    SearchResult
        Its plan keeps every rule that the plan before kept; ``meta.facts`` has ``plays``, simulations of all
        weeks, and ``changes``. The first Ctrl-C ends the search: what it found by then is the result, and
        ``meta.reasons`` say so. So does ``time_limit_s`` of the rules, counted from the search's beginning;
        with it the result depends on the machine.
    """
    with Watch(given.rules.time_limit_s) as watch:
        search = _Search(given, PLAYS[effort], tell, watch, thorough=thorough)
        for number in range(1, PASSES + 1):
            if not search.another_pass(number, seed + FRESH + number):
                break
    zones = {agent: who.zone.key for agent, who in search.revision.agents.items()}
    moves = moves_table(search.made, zones)
    plan = search.revision.plan() if search.made else given.weeks.schedule
    facts = {"plays": PLAYS[effort] - search.plays, "changes": len(moves)}
    meta = Meta(Status.FEASIBLE, watch.reasons(), seed=seed, facts=facts)
    return SearchResult({**given.placed, "schedule": plan, "moves": moves}, meta)


class _Search:
    """The plan as it is, and what has been done."""

    def __init__(
        self, given: SearchInputs, plays: int, tell: Callable[[str], None], watch: Watch, *, thorough: bool
    ):
        self.given, self.plays, self.tell, self.watch, self.thorough = given, plays, tell, watch, thorough
        self.revision = WorthRevision(given.week, given.weeks.schedule, given.rules)
        self.fixed = agents_with_fixed_shifts(given.week, given.rules)
        self.made: list[Made] = []

    def another_pass(self, number: int, seed: int) -> bool:
        """Changes by one set of weeks; whether a further set may find more."""
        weeks = prepared_weeks(self.given.weeks, self.given.settings, seed=seed, weeks=WEEKS)
        now = self._played(weeks, self.revision.plan())
        self.tell(f"pass {number}: {now.words()}")
        if self._over(now):
            return False
        moves, then = list[Move](), -1
        for what in KINDS:
            priced = self._priced(weeks, self.plays)
            if len(self.made) > then and priced >= FEWEST_PRICED and not self._over(now):
                moves, then = self._moves(weeks, now, factor_of(number), priced), len(self.made)
            now = self._kept(number, weeks, now, [move for move in moves if move.what == what])
        vain = number - (self.made[-1].number if self.made else 0)
        more = self.plays > 0 and self._priced(weeks, self.plays - 1) >= FEWEST_PRICED
        return vain < PATIENCE and more and not self.watch.over()

    def _kept(self, number: int, weeks: PreparedWeeks, now: Standing, pool: list[Move]) -> Standing:
        """Keep those moves that help, more at once as long as they do, fewer when they do not."""
        size, vain = FIRST, 0
        while pool and vain < TRIES and not self._over(now):
            there = [move for move in pool if move.still_there(self.revision)]
            batch, rest = independent(there, size)
            batch = [move for move in batch if self._wages_of([move], whole=False) is not None]
            if not batch:
                pool = rest
                continue
            wages = self._wages_of(batch, whole=True)
            found = now if wages is None else self._played(weeks, self._plan_with(batch))
            if wages is not None and found.better(now, factor_of(number), wages):
                self._make(number, batch, now.gap - found.gap)
                now, pool, size, vain = found, rest, min(MOST, 2 * len(batch)), 0
                self.tell(f"pass {number}: {len(batch)} changes kept ({batch[0].what}), {now.words()}")
            elif len(batch) > 1:
                pool, size = [*batch, *rest], max(1, len(batch) // FEWER)
            else:
                pool, vain = rest, vain + 1
        return now

    def _over(self, now: Standing) -> bool:
        """Whether targets hold, plays are used up, or the user ended it."""
        return now.holds(thorough=self.thorough) or self.plays <= 0 or self.watch.over()

    def _moves(self, weeks: PreparedWeeks, now: Standing, factor: float, priced: int) -> list[Move]:
        """Changes that win something by simulated worth, the best first."""
        prices = self.given.prices
        worth, plays = worth_by_queue(
            weeks,
            self.revision.plan(),
            prices,
            prices_of_missing(prices, now.asking(), factor),
            service_levels(self.given.card),
            weeks_of_each=priced,
            over=self.watch.over,
        )
        self.plays -= -(-plays * priced // WEEKS)
        later = served_later(weeks, weeks.staffing(self.given.weeks.schedule))
        self.revision.worth = AgentWorth(worth, self.given.weeks.grid, self.revision.value.slot_min, later)
        return moves_of(self.revision, self.fixed, self.watch.over)

    def _priced(self, weeks: PreparedWeeks, plays: int) -> int:
        """Weeks in which worth is found, so that half of so many plays is left to judge changes."""
        each = plays_of_worth(weeks, weeks.staffing(self.given.weeks.schedule))
        return min(PRICED, plays // 2 * WEEKS // each)

    def _played(self, weeks: PreparedWeeks, plan: pd.DataFrame) -> Standing:
        self.plays -= 1
        return standing(self.given.card, weeks.tables(weeks.play(plan)), self.given.prices)

    def _wages_of(self, moves: list[Move], *, whole: bool) -> float | None:
        """Wages that moves add, premiums among them; None where they break a rule that held before.

        Rules of each agent are looked at, if ``whole`` those of groups too.
        """
        if all(move.what == "queue" for move in moves):
            return 0.0
        trial = self.revision.try_out(self._weeks_with(moves), whole=whole)
        return None if trial.breaches else trial.wages

    def _weeks_with(self, moves: list[Move]) -> dict[str, list[Record]]:
        return {move.agent_id: move.week(self.revision) for move in moves}

    def _plan_with(self, moves: list[Move]) -> pd.DataFrame:
        weeks = {**self.revision.records, **self._weeks_with(moves)}
        return frame_of([r for agent in sorted(weeks) for r in weeks[agent]])

    def _make(self, number: int, moves: list[Move], won: float) -> None:
        self.revision.make(self.revision.try_out(self._weeks_with(moves), whole=False))
        self.made.append(Made(number, tuple(moves), won))
