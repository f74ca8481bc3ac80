"""P(day meets target): simulated days of the positions found, each with its own day factor."""

import numpy as np
import pandas as pd

from wfo.forecasting.paths import DemandPaths
from wfo.staffing.changing_load import simulated_service
from wfo.staffing.chat_days import simulated_chats
from wfo.staffing.mixture import COLUMNS, fewest_positions

_AT = {name: k for k, name in enumerate(COLUMNS)}
_STEP = 1.02
MOST = 1.5
"""Most by which a load is raised for confidence."""
WEEKS = 200
"""Most simulated weeks; the chance of a day is then known to 3 or 4 points."""
FEWEST_WEEKS = 40
CONTACTS = 500_000
"""So many contacts of a queue are simulated, in at least `FEWEST_WEEKS` weeks."""


def day_chances(
    laws: DemandPaths,
    arrivals: np.ndarray,
    day_cv: np.ndarray,
    rows: np.ndarray,
    queue: np.ndarray,
    interval: np.ndarray,
    positions: np.ndarray,
    zone: str,
    ratios: np.ndarray,
    *,
    seed: int,
) -> pd.DataFrame:
    """The chance that each day meets its queue's service target, every queue served alone.

    Parameters
    ----------
    laws : DemandPaths
    arrivals : ndarray, shape (Q, T)
        Expected contacts; 0 where closed.
    day_cv : ndarray, shape (Q,)
        Spread of the day factor, lognormal with mean 1, drawn anew for each day.
    rows, queue, interval : ndarray
        Queue-intervals served at once, as of `corrected.load_factors`.
    positions : ndarray of int64, shape (I,)
        People there.
    zone : str
        Local days.
    ratios : ndarray, shape (Q, most slots)
        Open time of a contact whose agent holds 1, 2, … ÷ that with all slots taken.
    seed : int

    Returns
    -------
    DataFrame
        ``queue, schedule_date`` (local), ``p_met, mean`` (service level over all simulated days); queues
        without a managed service target are left out.
    """
    days = laws.grid.local_day_number(zone)
    day, dates = pd.factorize(days, sort=True)
    parts = []
    for q in np.unique(queue):
        own = np.flatnonzero(queue == q)
        slots, level = int(rows[own[0], _AT["slots"]]), float(rows[own[0], _AT["level"]])
        if level <= 0:
            continue
        volume = float(arrivals[q, interval[own]].sum())
        weeks = int(np.clip(CONTACTS / max(volume, 1.0), FEWEST_WEEKS, WEEKS))
        draws = np.random.default_rng([seed, int(q), weeks])
        sigma = np.sqrt(np.log1p(float(day_cv[q]) ** 2))
        factor = np.exp(sigma * draws.standard_normal((weeks, len(dates))) - sigma**2 / 2)
        there = np.zeros(arrivals.shape[1], dtype=np.int64)
        there[interval[own]] = positions[own]
        given = (
            laws.handle_mean_s[q] * slots,
            float(laws.handle_cv[q]),
            float(laws.patience_s[q]),
            float(rows[own[0], _AT["within_s"]]),
            float(rows[own[0], _AT["short_s"]]),
            laws.grid.step_min * 60.0,
            factor[:, day],
        )
        came, held = np.where(there > 0, arrivals[q], 0.0), np.ascontiguousarray(ratios[q, :slots])
        if (held == 1.0).all():
            base, good = simulated_service(draws, came, there * slots, *given)
        else:
            base, good = simulated_chats(draws, came, there, *given, held)
        for number in np.unique(day[interval[own]]):
            inside = day == number
            judged, met = base[:, inside].sum(axis=1), good[:, inside].sum(axis=1)
            parts.append(
                {
                    "queue": laws.queues[q],
                    "schedule_date": laws.grid.starts.tz_convert(zone)[inside][0].date(),
                    "p_met": float((met >= level * judged)[judged > 0].mean()) if judged.any() else 1.0,
                    "mean": float(met.sum() / max(1, judged.sum())),
                }
            )
    return pd.DataFrame(parts, columns=["queue", "schedule_date", "p_met", "mean"])


def confident_factors(
    laws: DemandPaths,
    arrivals: np.ndarray,
    day_cv: np.ndarray,
    rows: np.ndarray,
    queue: np.ndarray,
    interval: np.ndarray,
    ratios: np.ndarray,
    zone: str,
    mixture: tuple[np.ndarray, np.ndarray],
    *,
    wanted: float,
    seed: int,
) -> np.ndarray:
    """By what loads are multiplied so that each day meets its service target with the wanted chance.

    A day that falls short gets a load 2 % higher, and is simulated again.

    Parameters
    ----------
    laws, arrivals, day_cv, rows, queue, interval, zone, seed
        As of `day_chances`.
    ratios, mixture
        As of `fewest_positions`: open times by contacts held; day factors and their weights.
    wanted : float
        Chance in 0 … 1.

    Returns
    -------
    ndarray, shape (I,)
        At most `MOST`, where even that is not enough.
    """
    day = laws.grid.starts.tz_convert(zone).date[interval]
    keys = pd.MultiIndex.from_arrays([np.asarray(laws.queues, dtype=object)[queue], day])
    factors = np.ones(queue.size)
    while True:
        raised = rows.copy()
        raised[:, _AT["rate"]] *= factors
        needed = np.maximum(fewest_positions(raised, queue, *mixture, ratios), 0)
        told = day_chances(laws, arrivals, day_cv, rows, queue, interval, needed, zone, ratios, seed=seed)
        low = told[told["p_met"] < wanted]
        short = keys.isin(list(zip(low["queue"], low["schedule_date"], strict=True))) & (factors < MOST)
        if not short.any():
            return factors
        factors = np.where(short, np.minimum(MOST, factors * _STEP), factors)


def short_of_confidence(chances: pd.DataFrame, wanted: float | None) -> tuple[str, ...]:
    """A sentence for each queue with days on which a wanted chance is not reached.

    Parameters
    ----------
    chances : DataFrame
        As of `day_chances`.
    wanted : float or None
        None: no chance was asked for.
    """
    if wanted is None:
        return ()
    low = chances[(chances["p_met"] < wanted).to_numpy()]
    out = []
    for queue, own in low.groupby("queue", sort=False):
        least = min(own.to_dict("records"), key=lambda day: day["p_met"])
        out.append(
            f"day_confidence {wanted:.1%} is not reached for {queue} on {len(own)} days, least on "
            f"{least['schedule_date']:%a %d %b} with {least['p_met']:.0%}, though staffed for {MOST:g} times "
            "the load; ask for less, or ease the target"
        )
    return tuple(out)
