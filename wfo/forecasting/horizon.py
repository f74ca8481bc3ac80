"""What contacts before the planning week carry into it: those observed, and those of the gap up to it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfo.domain.centre import Centre
from wfo.domain.lever import Lever, What
from wfo.forecasting.fresh import Fresh
from wfo.forecasting.history import History
from wfo.forecasting.laws import Laws
from wfo.forecasting.levers import Causing, day_factor, mean_factor
from wfo.forecasting.model import QueueModel, expected_fresh
from wfo.forecasting.opening import open_intervals
from wfo.forecasting.past import Past
from wfo.forecasting.propagation import children, expected_volume
from wfo.timegrid import TimeGrid, from_epoch_min

_RECENT_DAYS = 56
_CLOSURE_MIN = 14 * 24 * 60  # longest closure after which contacts that fell due in it still come


@dataclass(frozen=True)
class Approach:
    """The intervals from the longest delay before the planning moment to the end of the planning week.

    Attributes
    ----------
    grid : TimeGrid
        T intervals.
    known : int
        Intervals before the planning moment.
    start : int
        Intervals before the planning week.
    is_open : ndarray of bool, shape (Q, T)
    dates : tuple of date
        Local days of the grid.
    day : ndarray of int64, shape (T,)
        Day number of each interval in ``dates``.
    """

    grid: TimeGrid
    known: int
    start: int
    is_open: np.ndarray
    dates: tuple[dt.date, ...]
    day: np.ndarray


def approach_of(centre: Centre, history: History, week: TimeGrid, reach_min: int) -> Approach:
    """Lay out the way to the planning week."""
    step = week.step_min
    # what falls due while a queue is closed waits for its opening, so the closure before the week counts too
    back = min(history.grid.n, -(-(reach_min + _CLOSURE_MIN) // step)) if reach_min else 0
    begin = history.grid.start_min + (history.grid.n - back) * step
    grid = TimeGrid(
        from_epoch_min(np.array([begin]))[0].to_pydatetime(), step, (week.start_min - begin) // step + week.n
    )
    local = grid.local(centre.zone)
    day = grid.local_day_number(centre.zone)
    first = local[0].date()
    dates = tuple(first + dt.timedelta(days=k) for k in range(int(day[-1]) + 1))
    return Approach(grid, back, grid.n - week.n, open_intervals(centre, grid), dates, day)


def carried_volume(
    centre: Centre,
    history: History,
    fresh: Fresh,
    past: Past,
    models: list[QueueModel],
    approach: Approach,
    laws: Laws,
    causing: Causing,
    levers: Sequence[Lever],
) -> np.ndarray:
    """Expected follow-ups, inside the planning week, of contacts before it; shape (Q, T of the week).

    Contacts up to the planning moment are those observed; those of the gap after it are expected ones, their
    own follow-ups and redials included.
    """
    n_queues, start, known = len(centre.queues), approach.start, approach.known
    if start == 0 or laws.reach_min == 0:
        return np.zeros((n_queues, approach.grid.n - start))
    step = approach.grid.step_min
    first = approach.dates[int(approach.day[start])]
    factor = causing.factor(approach.dates)
    volume = np.zeros((n_queues, approach.grid.n))
    # links count arrivals, of which 1 - planned abandonment are served
    served = fresh.served[:, history.grid.n - known :]
    volume[:, :known] = served / (1 - laws.planned_abandonment)[:, None]
    if start > known:
        gap_open = approach.is_open[:, :start]
        gap = TimeGrid(approach.grid.start + dt.timedelta(minutes=known * step), step, start - known)
        coming = expected_fresh(past, models, gap, centre.zone, gap_open[:, known:])
        gap_day = approach.day[known:start]
        coming *= day_factor(What.FRESH, levers, centre.queue_ids, approach.dates, first)[:, gap_day]
        volume[:, known:start] = coming
        gap_factor = factor[gap_day[0] : gap_day[-1] + 1]
        in_gap = laws.scaled(mean_factor(gap_factor, coming, gap_day - gap_day[0], laws, step)).links(step)
        volume[:, :start] = expected_volume(
            volume[:, :start], in_gap, *laws.landing(gap_open, step), known=known
        )
    links = laws.links(step)
    by_day = factor[:, links.source, links.target].T[:, approach.day]
    land_start, land_len = laws.landing(approach.is_open, step)
    return children(volume, links, land_start, land_len, scale=by_day)[:, start:]


def recent_abandonment(history: History, laws: Laws) -> np.ndarray:
    """Share of contacts abandoned in the last weeks where people give up, shape (Q,)."""
    tail = slice(max(0, history.grid.n - _RECENT_DAYS * history.slots), history.grid.n)
    offered = history.offered[:, tail].sum(axis=1)
    lost = history.abandoned[:, tail].sum(axis=1)
    share = np.divide(lost, offered, out=np.zeros_like(lost), where=offered > 0)
    return np.asarray(np.where(np.isfinite(laws.patience_s), np.minimum(share, 0.99), 0.0))
