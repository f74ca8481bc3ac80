"""What levers and the planner's own factors do to demand, follow-ups, patience and handle time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.lever import Lever, What
from wfo.errors import InputError, Problem
from wfo.forecasting.intents import ByIntent
from wfo.forecasting.laws import Laws
from wfo.forecasting.settings import DemandSettings

CAUSING = (What.FOLLOW_UPS, What.RESOLUTION, What.CONTAINMENT)
"""Levers that move R."""


@dataclass(frozen=True)
class Causing:
    """What levers do to R, whenever a contact is made.

    Attributes
    ----------
    levers : tuple of Lever
    queues : tuple of str
    staffed : ndarray of bool, shape (Q,)
    week_start : date
    follow_ups : ndarray, shape (Q, Q)
        R before any lever.
    by_intent : ByIntent
    """

    levers: tuple[Lever, ...]
    queues: tuple[str, ...]
    staffed: np.ndarray
    week_start: dt.date
    follow_ups: np.ndarray
    by_intent: ByIntent

    @classmethod
    def of(
        cls, centre: Centre, levers: Sequence[Lever], week_start: dt.date, laws: Laws, by_intent: ByIntent
    ) -> "Causing":
        """Collect the levers on R of a plan."""
        moving = tuple(lever for lever in levers if lever.what in CAUSING)
        staffed = np.array([spec.staffed for spec in centre.queues.values()], dtype=bool)
        return cls(moving, centre.queue_ids, staffed, week_start, laws.follow_ups, by_intent)

    def factor(self, dates: Sequence[dt.date]) -> np.ndarray:
        """Factor on R of contacts made on each date, shape (D, from, to)."""
        out = np.ones((len(dates), len(self.queues), len(self.queues)))
        for lever in self.levers:
            out[lever.acts(list(dates), self.week_start)] *= self._of(lever)
        return out

    def notes(self) -> tuple[str, ...]:
        """Levers that find nothing to move."""
        out = []
        for lever in self.levers:
            if lever.intent is not None and not self.by_intent.share_of_parents(lever.intent).any():
                out.append(
                    f"a lever is on the intent '{lever.intent}', which no contact states; it moves nothing"
                )
            elif not ((self._of(lever) != 1.0) & (self.follow_ups > 0)).any() and lever.factor != 1.0:
                where = f"{lever.from_queue or 'any queue'} to {lever.queue or 'any queue'}"
                out.append(f"a lever on {lever.what} from {where} finds no follow-ups measured there")
        return tuple(out)

    def began_before(self, day: dt.date) -> bool:
        """Whether any lever acts on contacts before ``day``."""
        return any((lever.start or self.week_start) < day for lever in self.levers)

    def _of(self, lever: Lever) -> np.ndarray:
        """Factor of one lever, shape (from, to)."""
        causes = np.array([lever.from_queue in (None, q) for q in self.queues])
        lands = np.array([lever.queue in (None, q) for q in self.queues])
        if lever.what is What.RESOLUTION:
            causes &= self.staffed | np.array([lever.from_queue == q for q in self.queues])
        if lever.what is What.CONTAINMENT:
            causes, lands = causes & ~self.staffed, lands & self.staffed
        touched = np.outer(causes, lands)
        left = np.ones(touched.shape)
        for a in np.flatnonzero(causes):
            left[a] = self._left(lever, int(a), touched[a])
        share = np.ones(touched.shape)
        if lever.intent is not None:
            share = self.by_intent.share_of_follow_ups(lever.intent)
        return np.asarray(np.where(touched, 1 - share * (1 - left), 1.0))

    def _left(self, lever: Lever, a: int, lands: np.ndarray) -> float:
        """What remains of the follow-ups a lever touches, of contacts of one queue."""
        if lever.factor is not None:
            return lever.factor
        r = self.follow_ups[a] * lands
        if lever.intent is not None:
            own = self.by_intent.share_of_parents(lever.intent)[a]
            r = r * self.by_intent.share_of_follow_ups(lever.intent)[a] / own if own > 0 else r * 0
        total = float(r.sum())
        return max(0.0, 1 - (lever.points or 0.0) / 100 / total) if total > 0 else 1.0


def check_names(queues: Sequence[str], levers: Sequence[Lever], demand: DemandSettings) -> None:
    """Refuse levers and demand settings for queues that the centre does not have.

    Raises
    ------
    InputError
        With every such queue.
    """
    asked = [
        (f"lever {i + 1}", name)
        for i, v in enumerate(levers)
        for name in (v.queue, v.from_queue, v.to_queue)
        if name
    ]
    asked += [(".".join(("demand", *path)), name) for path, name in demand.queues_named()]
    problems = [
        Problem(where, f"'{name}' is not a queue; the queues are {', '.join(queues)}")
        for where, name in asked
        if name not in queues
    ]
    if problems:
        raise InputError(problems)


def day_factor(
    what: What, levers: Sequence[Lever], queues: Sequence[str], dates: Sequence[dt.date], week_start: dt.date
) -> np.ndarray:
    """Product of the factors of levers of one kind, shape (Q, D)."""
    out = np.ones((len(queues), len(dates)))
    for lever in levers:
        if lever.what is what and lever.factor is not None:
            rows = [lever.queue in (None, q) for q in queues]
            out[np.ix_(rows, lever.acts(list(dates), week_start))] *= lever.factor
    return out


def moved_laws(laws: Laws, levers: Sequence[Lever], queues: Sequence[str], dates: Sequence[dt.date]) -> Laws:
    """The week's abandonment, redials and patience; of a lever that ends within the week its mean over days.

    Parameters
    ----------
    laws : Laws
    levers : sequence of Lever
    queues : sequence of str
    dates : sequence of date
        Of the planning week.
    """

    def mean(what: What) -> np.ndarray:
        return np.asarray(day_factor(what, levers, queues, dates, dates[0]).mean(axis=1))

    return replace(
        laws,
        planned_abandonment=np.minimum(laws.planned_abandonment * mean(What.ABANDONMENT), 0.999),
        redial_p=np.minimum(laws.redial_p * mean(What.REDIALS), 1.0),
        patience_s=laws.patience_s * np.maximum(mean(What.PATIENCE), 1e-6),
    )


def mean_factor(
    factor: np.ndarray, volume: np.ndarray, day: np.ndarray, laws: Laws, step_min: int
) -> np.ndarray:
    """One factor on R for a whole week that causes as many follow-ups inside it as the daily ones.

    Each day counts by the follow-ups of its contacts that fall due before the week ends.

    Parameters
    ----------
    factor : ndarray, shape (D, Q, Q)
    volume : ndarray, shape (Q, T)
        Contacts of the week.
    day : ndarray of int64, shape (T,)
    laws : Laws
    step_min : int

    Returns
    -------
    ndarray, shape (Q, Q)
    """
    if (factor == factor[0]).all():
        return np.asarray(factor[0])
    left_min = (volume.shape[1] - np.arange(volume.shape[1]) - 0.5) * step_min
    out = factor.mean(axis=0)
    for a, b in np.argwhere(laws.follow_ups > 0):
        due = np.interp(left_min, laws.edges_min, np.concatenate([[0.0], laws.delay_cdf[a, b]]))
        weight = np.bincount(day, volume[a] * due, len(factor))
        if weight.sum() > 0:
            out[a, b] = np.average(factor[:, a, b], weights=weight)
    return np.asarray(out)


def planner_factor(demand: DemandSettings, queues: Sequence[str]) -> np.ndarray:
    """The planner's own factor on each queue's fresh demand, shape (Q,)."""
    own = [demand.queues[q].scale if q in demand.queues else 1.0 for q in queues]
    return demand.scale * np.array(own)
