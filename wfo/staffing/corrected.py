"""Correction by simulation: the load with which the formula tells what simulated weeks show.

The modified offered load leaves out what a queue carries from one interval into the next. Positions that meet
the service target by it are simulated, every queue alone; each interval's load then becomes the one at which
the closed form gives the simulated service level at those positions (after Feldman et al. 2008). Contacts
shorter than an interval carry little over, and are left as they are.
"""

import numpy as np

from wfo.forecasting.paths import DemandPaths
from wfo.staffing.changing_load import simulated_service
from wfo.staffing.compiled import formula
from wfo.staffing.mixture import COLUMNS, fewest_positions
from wfo.staffing.queue_law import figures

_AT = {name: k for k, name in enumerate(COLUMNS)}
ROUNDS = 4
"""More people in one interval leave fewer free in the next, so positions are simulated so many times."""
_USUAL_LEVEL = 0.8
"""Service level at which a queue is looked at that has no target of it."""
_PRIOR_SPREAD = 0.1
"""How far, as a share of it, the load of an interval is from the modified offered load, before simulation."""
_FURTHEST = 3.0
"""Most spreads by which a load is corrected."""
SHORT = 1.0
"""Contacts that hold a position for less than this share of an interval need no correction (measured)."""
_ENOUGH = 100.0
"""Contacts of the busiest interval above which fewer weeks are simulated."""
_LEAST_ERROR = 0.002
"""Least standard error of a simulated service level: of few weeks all may be in time by chance."""


def load_factors(
    laws: DemandPaths,
    arrivals: np.ndarray,
    rows: np.ndarray,
    queue: np.ndarray,
    interval: np.ndarray,
    *,
    weeks: int,
    seed: int,
) -> np.ndarray:
    """By what the load of each queue-interval is to be multiplied.

    Where few contacts are simulated, or their service tells little of the load, the factor stays near 1: the
    two are weighed by their spreads. Contacts held at once are slots, all taken, in formula and simulation.

    Parameters
    ----------
    laws : DemandPaths
        Handle times and patience.
    arrivals : ndarray, shape (Q, T)
        Expected contacts; 0 where closed.
    rows : ndarray, shape (I, len(COLUMNS))
        Queue-intervals served at once.
    queue, interval : ndarray of int64, shape (I,)
    weeks, seed : int
        Simulated weeks, and what they are drawn from.

    Returns
    -------
    ndarray, shape (I,)
    """
    asked = rows.copy()
    asked[:, _AT["level"]] = np.where(rows[:, _AT["level"]] > 0, rows[:, _AT["level"]], _USUAL_LEVEL)
    for name, nothing in (("max_occupancy", 1.0), ("max_asa_s", np.inf), ("max_abandonment", 1.0)):
        asked[:, _AT[name]] = nothing
    several = np.ones((len(laws.queues), int(rows[:, _AT["slots"]].max(initial=1.0))))
    factors = np.ones(queue.size)
    long = rows[:, _AT["handle_s"]] >= SHORT * laws.grid.step_min * 60.0
    corrected = [np.flatnonzero(queue == q) for q in np.unique(queue[long])]
    # a busy queue tells its service in fewer weeks
    most = [
        int(np.clip(weeks * _ENOUGH / max(arrivals[q].max(), 1e-9), min(weeks, 50), weeks))
        for q in range(len(arrivals))
    ]
    for _ in range(ROUNDS if corrected and weeks else 0):
        asked[:, _AT["rate"]] = rows[:, _AT["rate"]] * factors
        n = fewest_positions(asked, queue, np.ones((len(laws.queues), 1)), np.ones(1), several)
        servers = np.maximum(n, 0) * rows[:, _AT["slots"]].astype(np.int64)
        level, error = np.zeros(queue.size), np.full(queue.size, np.inf)
        for own in corrected:
            q = int(queue[own[0]])
            level[own], error[own] = _service(
                laws, arrivals[q], q, rows[own], interval[own], servers[own], most[q], seed
            )
        found = factors * _smooth(_likeliest(asked, servers.astype(float), level, error), queue, interval)
        # what one interval has too many of helps the next one, so no load is lowered
        factors = np.maximum(factors, found)
    return factors


def _smooth(factors: np.ndarray, queue: np.ndarray, interval: np.ndarray) -> np.ndarray:
    """Weighted with the intervals next to each, whose simulated service is as noisy."""
    own = np.diff(queue, prepend=-1) == 0
    own &= np.diff(interval, prepend=-1) == 1
    before = np.where(own, np.r_[1.0, factors[:-1]], factors)
    after = np.where(np.r_[own[1:], False], np.r_[factors[1:], 1.0], factors)
    return (before + 2.0 * factors + after) / 4.0


def _service(
    laws: DemandPaths,
    arrivals: np.ndarray,
    q: int,
    rows: np.ndarray,
    interval: np.ndarray,
    servers: np.ndarray,
    weeks: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Simulated service level of a queue's intervals, and its standard error, inf where nothing came."""
    positions = np.zeros(arrivals.size, dtype=np.int64)
    positions[interval] = servers
    slots, within_s, short_s = (float(rows[0, _AT[name]]) for name in ("slots", "within_s", "short_s"))
    base, in_time = simulated_service(
        np.random.default_rng([seed, int(q)]),
        np.where(positions > 0, arrivals, 0.0),
        positions,
        laws.handle_mean_s[q] * slots,
        float(laws.handle_cv[q]),
        float(laws.patience_s[q]),
        within_s,
        short_s,
        laws.grid.step_min * 60.0,
        np.ones((weeks, arrivals.size)),
    )
    offered, good = base[:, interval].sum(axis=0), in_time[:, interval].sum(axis=0)
    came = np.maximum(offered, 1)
    # the error of a ratio of sums over weeks
    rest = in_time[:, interval] - good / came * base[:, interval]
    error = np.sqrt((rest**2).sum(axis=0) * weeks / max(1, weeks - 1)) / came
    return good / came, np.where(offered > 0, np.maximum(error, _LEAST_ERROR), np.inf)


@formula
def _likeliest(rows, servers, level, error):  # type: ignore[no-untyped-def]
    """The factor at which squared deviations, from the simulated level and from 1, are least."""
    out = np.ones(servers.size)
    for i in range(servers.size):
        if servers[i] <= 0.0 or np.isinf(error[i]):
            continue
        row, best = rows[i], np.inf
        for step in range(-60, 61):
            away = step * _FURTHEST / 60.0
            factor = 1.0 + _PRIOR_SPREAD * away
            f = figures(row[0] * factor, row[1], row[2], servers[i], row[3], row[4])
            base = 1.0 - f[8]
            told = f[5] / base if base > 0.0 else 0.0
            cost = ((told - level[i]) / error[i]) ** 2 + away * away
            if cost < best:
                best, out[i] = cost, factor
    return out
