"""The outlook's regression: day totals on weekday, calendar, trend and time of year, and how levels drift."""

from dataclasses import dataclass

import numpy as np

from wfo.forecasting.calendar import Days
from wfo.forecasting.level import told_apart

TREND = -5
"""Column of the trend in a design, before those of the time of year."""
_PRIOR = {"level": 10.0, "weekday": 1.0, "effect": 0.1, "trend": 0.15, "year": 0.15}
_OUTLYING = 4.5
_RECENT_WEEKS = 8
_FADES_DAYS = 91.0


@dataclass(frozen=True)
class TrendFit:
    """A queue's regression.

    Attributes
    ----------
    beta : ndarray, shape (K,)
    covariance : ndarray, shape (K, K)
    rest : ndarray
        Log of came over expected by week before the planning moment, the last week last.
    variogram : ndarray
        Mean squared difference of two weeks' rest, by the weeks between them.
    """

    beta: np.ndarray
    covariance: np.ndarray
    rest: np.ndarray
    variogram: np.ndarray


def design_of_years(days: Days, q: int, usable: np.ndarray, *, yearly: bool) -> np.ndarray:
    """Rows of 1, weekdays, calendar effects, the reports' column, years from the planning moment, and year.

    Shape (days, K): K = 1 + 7 + E + 1 or 0 + 1 + 4, the last four 0 unless ``yearly``.

    Parameters
    ----------
    days : Days
    q : int
    usable : ndarray of bool, shape (D,)
        The days before the planning moment, those that may be learnt from.
    yearly : bool
    """
    weekday = (days.weekday[:, None] == np.arange(7)).astype(np.float64)
    years = (np.arange(len(days.dates)) - len(usable)) / 365.25
    turn = 2 * np.pi * np.array([d.timetuple().tm_yday - 1 for d in days.dates]) / 365.25
    waves = np.stack([f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)], axis=1) * yearly
    reported = told_apart(days.reported[q], usable)
    return np.hstack([np.ones((len(years), 1)), weekday, days.effects[q], reported, years[:, None], waves])


def fit_trend(total: np.ndarray, design: np.ndarray, usable: np.ndarray) -> TrendFit:
    """Fit the regression to log day totals; single days far out are left aside.

    Parameters
    ----------
    total : ndarray, shape (D,)
    design : ndarray, shape (D or more, K)
    usable : ndarray of bool, shape (D,)
        Days learnt from, each with a contact.
    """
    rows = np.flatnonzero(usable)
    known = design[: len(total)]
    effects = design.shape[1] - 13
    sd = [_PRIOR["level"], *[_PRIOR["weekday"]] * 7, *[_PRIOR["effect"]] * effects, _PRIOR["trend"]]
    precision = np.diag(1 / np.square([*sd, *[_PRIOR["year"]] * 4]))
    for _ in range(3):
        y, x = np.log(total[rows]), known[rows]
        weight = 1 / (1 / total[rows] + 0.01)
        beta = np.linalg.solve(x.T @ (weight[:, None] * x) + precision, x.T @ (weight * y))
        off = (y - x @ beta) * np.sqrt(weight)
        spread = 1.4826 * float(np.median(np.abs(off)))
        kept = rows[np.abs(off) <= _OUTLYING * max(spread, 1e-9)]
        if len(kept) == len(rows) or not len(kept):
            break
        rows = kept
    rest = _weekly_rest(total, np.exp(known @ beta), rows)
    variogram, independent = _variogram(rest)
    # days of a week share their level: the information of the regression is that of independent weeks
    scale = max(float(np.nanvar(rest)) * len(rows) / max(independent, 2.0), 1e-6)
    covariance = np.linalg.inv(x.T @ x / scale + precision)
    return TrendFit(beta, covariance, rest, variogram)


def _weekly_rest(total: np.ndarray, expected: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Log of came over expected by week before the planning moment, the last week last; NaN without days."""
    week = (len(total) - 1 - rows) // 7
    n = int(week.max()) + 1
    came, said = np.bincount(week, total[rows], n), np.bincount(week, expected[rows], n)
    return np.asarray(np.log(np.where(said > 0, came, np.nan) / np.where(said > 0, said, 1.0)))[::-1]


def _variogram(rest: np.ndarray) -> tuple[np.ndarray, float]:
    """Mean squared difference of weeks k apart, never falling; and how many weeks are independent."""
    reach = max(1, len(rest) // 2)
    found = np.array(
        [float(np.nanmean((rest[k:] - rest[: len(rest) - k]) ** 2)) for k in range(1, reach + 1)]
    )
    variance = max(float(np.nanvar(rest)), 1e-9)
    one = float(np.clip(1 - found[0] / (2 * variance), 0.0, 0.95))
    rising = np.maximum.accumulate(np.nan_to_num(found, nan=0.0))
    return np.concatenate([[rising[0]], rising]), float(np.isfinite(rest).sum()) * (1 - one) / (1 + one)


def days_ahead(
    fit: TrendFit, design: np.ndarray, known: int, is_open: np.ndarray, growth: np.ndarray
) -> np.ndarray:
    """Contacts of each day to come; what the last weeks had above the regression fades within half a year.

    Parameters
    ----------
    fit : TrendFit
    design : ndarray, shape (known + n, K)
    known : int
        Days before the planning moment.
    is_open : ndarray of bool, shape (known + n,)
    growth : ndarray, shape (n,)
        Factor of growth, and of events, of each day to come.
    """
    coming = design[known:].copy()
    coming[:, TREND] = 0.0
    last = fit.rest[-_RECENT_WEEKS:]
    above = float(np.nanmean(last)) if np.isfinite(last).any() else 0.0
    fading = above * np.exp(-np.arange(len(coming)) / _FADES_DAYS)
    return np.asarray(np.exp(coming @ fit.beta + fading) * growth * is_open[known:])


def drift_of(fit: TrendFit, a: int, b: int) -> float:
    """Variance of the log level of days a to b, as far ahead as they are."""
    reach = len(fit.variogram) - 1
    ahead = (a + b) / 14
    at = float(np.interp(min(ahead, reach), np.arange(reach + 1), fit.variogram)) / 2
    at *= max(1.0, ahead / reach)
    wide = max(1, round((b - a) / 7))
    apart = np.abs(np.subtract.outer(np.arange(wide), np.arange(wide)))
    alike = 1 - fit.variogram[np.minimum(apart, reach)] * (apart > 0) / max(fit.variogram.max(), 1e-12)
    return at * float(alike.mean())
