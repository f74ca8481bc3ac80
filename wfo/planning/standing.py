"""Standing: how a plan stands to its targets in simulated weeks, and whether another is surely better."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wfo.metrics.specs import CENTRE, SERVICE, Grain, Mode
from wfo.planning.held import Held, counted, held_by
from wfo.planning.losses import Prices
from wfo.planning.rounds import NEAR_VOLUME, managed_service, near_share

BEYOND_LUCK = 1.0
"""A plan is better where what it wins is more than so many standard errors of the paired difference."""
EVENNESS = "near"
"""Metric by which a queue's service is even over its intervals."""
Target = tuple[str, str, float, object]
"""Queue, metric, level, and the day of a target of days (None: of the week)."""


@dataclass(frozen=True)
class Missing:
    """By how much simulated weeks miss a target; negative: to spare.

    Attributes
    ----------
    contacts : ndarray, shape (weeks,)
        A mean wait counts its share beyond the target of the contacts answered; of none answered, all.
    of : float
        Contacts of a week that the metric is counted of; of a target of days, those of all days.
    price : float
        Money of one.
    """

    contacts: np.ndarray
    of: float
    price: float

    @property
    def share(self) -> float:
        """Of the contacts, in the mean."""
        return float(self.contacts.mean() / self.of) if self.of > 0 else 0.0

    def is_close(self) -> bool:
        """Whether the target is missed in the mean, or might be."""
        n = len(self.contacts)
        error = self.contacts.std(ddof=1) / np.sqrt(n) if n > 1 else 0.0
        return bool(self.contacts.mean() + error > 0.0)


@dataclass(frozen=True)
class Standing:
    """A plan in simulated weeks.

    Attributes
    ----------
    held : mapping of str to Held
        How each queue stands.
    missing : mapping of Target to Missing
        Evenness is one of the targets: `NEAR_VOLUME` of a queue's contacts in intervals near its target.
    lost : ndarray, shape (weeks,)
        Money lost with abandoned and late contacts.
    """

    held: Mapping[str, Held]
    missing: Mapping[Target, Missing]
    lost: np.ndarray

    @property
    def gap(self) -> float:
        """Shares by which targets are missed in the mean, added up."""
        return sum(max(0.0, own.share) for own in self.missing.values())

    @property
    def short(self) -> int:
        """Queues that fall short."""
        return list(self.held.values()).count(Held.SHORT)

    def holds(self, *, thorough: bool) -> bool:
        """Whether targets are reached in the mean; if thorough, surely and evenly."""
        if thorough:
            return self.gap == 0.0 and all(stands is Held.SURELY for stands in self.held.values())
        return all(own.share <= 0.0 for (_, metric, _, _), own in self.missing.items() if metric != EVENNESS)

    def asking(self) -> tuple[str, ...]:
        """Queues that miss a target, or might."""
        return tuple(sorted({queue for (queue, _, _, _), own in self.missing.items() if own.is_close()}))

    def words(self) -> str:
        """Which queues fall short, and by how much in all."""
        short = [queue for queue, stands in sorted(self.held.items()) if stands is Held.SHORT]
        return f"{', '.join(short) or 'no queue'} short, {100 * self.gap:.1f} points missing"

    def better(self, before: "Standing", factor: float, wages: float = 0.0) -> bool:
        """Whether it is nearer to its targets than another in the same weeks, and worth what it costs others.

        Contacts by which targets are missed count ``factor`` times their price, against those lost and late
        anywhere, and against ``wages`` that it adds; what is won in all must be more than luck, and no
        further queue may fall short.
        """
        if self.short > before.short or self.gap >= before.gap:
            return False
        won = before.lost - self.lost
        for target, own in self.missing.items():
            if own.is_close() or before.missing[target].is_close():
                won = won + factor * own.price * (before.missing[target].contacts - own.contacts)
        error = won.std(ddof=1) / np.sqrt(len(won)) if len(won) > 1 else 0.0
        return bool(won.mean() - wages > BEYOND_LUCK * error)


def standing(card: pd.DataFrame, tables: Mapping[str, pd.DataFrame], prices: Prices) -> Standing:
    """How a plan stands.

    Parameters
    ----------
    card : DataFrame
        Rows of a scorecard; of its figures only the targets are read.
    tables : mapping of str to DataFrame
        ``replications`` and the means of ``intervals``.
    prices : Prices
    """
    runs, intervals = tables["replications"], tables["intervals"]
    asked = card["mode"].isin([Mode.HARD.value, Mode.PRICED.value]) & (card["scope"] != CENTRE)
    asked &= card["grain"].isin([Grain.WEEK.value, Grain.DAY.value])
    missing: dict[Target, Missing] = {}
    for line in card[asked.to_numpy()].sort_values(["scope", "metric", "grain"]).to_dict("records"):
        missing |= _missing(runs[(runs["queue"] == line["scope"]).to_numpy()], line, prices)
    for queue, level in service_levels(card).items():
        missing |= _uneven(intervals[(intervals["queue"] == queue).to_numpy()], runs, queue, level, prices)
    return Standing(held_by({"scorecard": card, "replications": runs}), missing, _lost(runs, prices))


def service_levels(card: pd.DataFrame) -> dict[str, float]:
    """Managed target of service by queue; of several the highest."""
    asked = managed_service(card).groupby("scope", sort=True)["target"].max()
    return {str(queue): float(level) for queue, level in asked.items()}


def _uneven(
    intervals: pd.DataFrame, runs: pd.DataFrame, queue: str, level: float, prices: Prices
) -> dict[Target, Missing]:
    """By how many contacts a queue's service is too far below its target in too many intervals."""
    weeks, of = runs["replication"].nunique(), float(intervals["of"].sum())
    more = (NEAR_VOLUME - near_share(intervals, queue, level)) * of
    price = max(_price(prices, queue, metric) for metric in SERVICE)
    return {(queue, EVENNESS, level, None): Missing(np.full(weeks, more), of, price)}


def _price(prices: Prices, queue: str, metric: str) -> float:
    """Money of a contact by which a target is missed."""
    return max([prices.late, *(price for spec, price in prices.managed(queue) if spec.metric == metric)])


def _missing(runs: pd.DataFrame, line: Mapping[Hashable, Any], prices: Prices) -> dict[Target, Missing]:
    """By how much a target is missed in the week, or on each day of it, whatever the plan.

    Where contacts came and nobody was answered, all of them miss it.
    """
    queue, metric, level = str(line["scope"]), str(line["metric"]), float(line["target"])
    price = _price(prices, queue, metric)
    days = sorted(runs["day"].unique()) if line["grain"] == Grain.DAY.value else [None]
    found, of = dict[Target, np.ndarray](), 0.0
    for day in days:
        part = runs if day is None else runs[(runs["day"] == day).to_numpy()]
        sums = part.groupby("replication", sort=True).sum(numeric_only=True)
        pair = counted(sums, metric)
        if pair is None or sums.empty:
            return {}
        top, bottom = pair
        beyond = level * bottom - top if metric in SERVICE else top - level * bottom
        beyond = beyond / level if metric == "asa" and level > 0 else beyond
        nobody = np.where((bottom <= 0.0) & (sums["answered"].to_numpy() <= 0), _came(sums, metric), 0.0)
        found[queue, metric, level, day] = beyond + nobody
        of += float((bottom + nobody).mean())
    return {target: Missing(contacts, of, price) for target, contacts in found.items()}


def _came(sums: pd.DataFrame, metric: str) -> np.ndarray:
    """Contacts of each week that a metric is about; who gave up at once is of the wait alone."""
    short = 0.0 if metric == "asa" else sums["abandoned_short"].to_numpy(dtype=np.float64)
    return np.asarray(sums["offered"].to_numpy(dtype=np.float64) - short)


def _lost(runs: pd.DataFrame, prices: Prices) -> np.ndarray:
    """Money lost by week with abandoned and late contacts."""
    sums = runs.groupby("replication", sort=True).sum(numeric_only=True)
    gave_up = sums["abandoned"] - sums["abandoned_short"]
    late = (sums["of"] - sums["in_time"] - gave_up).clip(lower=0.0)
    return (prices.abandoned * sums["abandoned"] + prices.late * late).to_numpy(dtype=np.float64)
