"""Worth: what one more agent kept for a queue saves in each interval, by simulated differences.

As simulated prices (`wfo.evaluation.prices`), but of what targets ask: each contact that is not in time on a
queue that misses its target costs more than elsewhere.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from wfo.evaluation.play import Played
from wfo.evaluation.prepared import PreparedWeeks
from wfo.evaluation.prices import APART, blocks_of, priced_skills, saved, with_one_more
from wfo.metrics.specs import SERVICE
from wfo.planning.losses import Prices
from wfo.planning.rounds import NEAR
from wfo.simulation.memory import DEFERRED
from wfo.simulation.staffing import Staffing

FAR = 2.0
"""How many times a contact that is not in time counts in an interval far below the target."""


def worth_by_queue(
    weeks: PreparedWeeks,
    schedule: pd.DataFrame,
    prices: Prices,
    asking: Mapping[str, float],
    levels: Mapping[str, float],
    *,
    weeks_of_each: int = 0,
    over: Callable[[], bool] = lambda: False,
) -> tuple[dict[str, np.ndarray], int]:
    """Money an interval of one more agent saves who serves a queue and nothing else.

    Parameters
    ----------
    weeks : PreparedWeeks
    schedule : DataFrame
    prices : Prices
    asking : mapping of str to float
        Money of each contact that is not in time, by queue that misses a target; elsewhere contacts cost
        what lost and late ones cost.
    levels : mapping of str to float
        Targets of service by queue; in intervals far below it such a contact counts `FAR` times.
    weeks_of_each : int
        Weeks that are played each time; 0: all.
    over : callable, optional
        Asked between plays: whether it is time to end. Hours that were not played by then are worth nothing.

    Returns
    -------
    worth : dict of str to ndarray of float64, shape (T,)
        By queue that is served at once; never below 0.
    plays : int
        How often the weeks were played.
    """
    given, played = weeks.inputs, weeks.play(schedule, weeks=weeks_of_each)
    money = {
        q: asking[name] * np.where(_is_far(played, q, levels.get(name, 0.0)), FAR, 1.0)
        for q, name in enumerate(played.paths.queues)
        if name in asking
    }
    before = _losses(played, prices, money)
    skills = priced_skills(given.routing, played.paths, played.staffing)
    by_skill = {skill: np.zeros(given.grid.n) for skill in skills}
    blocks = blocks_of(given.grid)
    width = np.bincount(blocks)[blocks]
    plays = 1
    for skill in skills:
        for turn in range(APART):
            if over():
                break
            plays += 1
            more, own = with_one_more(schedule, given.agent_skills, given.grid, skill, turn)
            found = _losses(weeks.play(more, agent_skills=own, weeks=weeks_of_each), prices, money)
            won = saved(before, found, given.grid, turn).mean(axis=0)
            rows = np.flatnonzero(blocks % APART == turn)
            by_skill[skill][rows] = np.maximum(0.0, won[(blocks[rows] - turn) // APART] / width[rows])
    law = dict(zip(played.paths.queues, played.staffing.law.tolist(), strict=True))
    first = _first_skills(given.routing[given.routing["skill"].isin(skills).to_numpy()])
    worth = {queue: by_skill[skill] for queue, skill in first.items() if law[queue] < DEFERRED}
    return worth, plays


def plays_of_worth(weeks: PreparedWeeks, staffing: Staffing) -> int:
    """How often `worth_by_queue` plays its weeks."""
    return 1 + APART * len(priced_skills(weeks.inputs.routing, weeks.paths, staffing))


def served_later(weeks: PreparedWeeks, staffing: Staffing) -> frozenset[str]:
    """Queues that are not served at once."""
    laws = zip(weeks.paths.queues, staffing.law.tolist(), strict=True)
    return frozenset(queue for queue, law in laws if law >= DEFERRED)


def _first_skills(routing: pd.DataFrame) -> dict[str, str]:
    """Skill by queue that routing names first."""
    order = ["queue", "priority", "skill"] if "priority" in routing else ["queue", "skill"]
    first = routing.sort_values(order).drop_duplicates("queue")
    return dict(zip(first["queue"].astype(str), first["skill"].astype(str), strict=True))


def prices_of_missing(prices: Prices, queues: tuple[str, ...], factor: float) -> dict[str, float]:
    """Money of each contact that is not in time on queues that miss a target: its price, so many times."""
    found = {}
    for queue in queues:
        own = [price for spec, price in prices.managed(queue) if spec.metric in SERVICE]
        found[queue] = factor * max([prices.late, *own])
    return found


def _is_far(played: Played, q: int, level: float) -> np.ndarray:
    """Intervals in which a queue's mean service is further below its target than what is near, shape (T,)."""
    counts = played.counts
    of = (counts.offered[:, q] - counts.abandoned_short[:, q]).sum(axis=0)
    return np.asarray(counts.in_target[:, q].sum(axis=0) < (level - NEAR) * of)


def _losses(played: Played, prices: Prices, asking: Mapping[int, np.ndarray]) -> np.ndarray:
    """Money lost by replication and interval, queues served at once; ``asking`` by number of the queue."""
    counts = played.counts
    out = np.zeros(counts.offered.shape[::2])
    for q in np.flatnonzero(played.staffing.law < DEFERRED).tolist():
        late = counts.answered[:, q] - counts.in_target[:, q]
        out += prices.abandoned * counts.abandoned[:, q] + prices.late * late
        if q in asking:
            out += asking[q] * (counts.abandoned[:, q] - counts.abandoned_short[:, q] + late)
    return out
