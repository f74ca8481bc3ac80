"""The course of a year in day totals, where two years are on record."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from wfo.forecasting.level import outlying, prior_sd
from wfo.forecasting.ridge import ridge

TWO_YEARS = 700
"""Days between the first and the last one on record from which a yearly course is learnt."""
_HARMONIC_SD = (0.2, 0.1, 0.07)
_GROWTH_SD = 0.3  # of a year's growth, in logs


def yearly_course(
    total: np.ndarray,
    taken: np.ndarray,
    design: np.ndarray,
    usable: np.ndarray,
    dates: Sequence[dt.date],
) -> np.ndarray | None:
    """Logs of what the time of year adds, of all ``dates``; None with less than two years.

    A ridge regression without discount on the days' own design, a linear trend and three harmonics of the
    year, of which the harmonics alone are kept: level and growth are the discounted level's to follow.

    Parameters
    ----------
    total : ndarray, shape (D,)
        Contacts of the days before the origin.
    taken : ndarray, shape (D,)
        Those taken off them as caused by earlier ones.
    design : ndarray, shape (D, K)
    usable : ndarray of bool, shape (D,)
    dates : sequence of date
        The past days and those after them, at least D.
    """
    rows = np.flatnonzero(usable)
    if not len(rows) or rows[-1] - rows[0] < TWO_YEARS or total[rows].sum() <= 0:
        return None
    turn = 2 * np.pi * np.array([d.timetuple().tm_yday - 1 for d in dates]) / 365.25
    waves = np.stack([f(k * turn) for k in (1, 2, 3) for f in (np.sin, np.cos)], axis=1)
    trend = (np.arange(len(total)) - len(total)) / 365.25
    sd = np.concatenate([prior_sd(design.shape[1]), [_GROWTH_SD], np.repeat(_HARMONIC_SD, 2)])
    for _ in range(2):
        x = np.hstack([design, trend[:, None], waves[: len(total)]])[rows]
        flat = np.zeros(len(rows))
        beta = ridge(x, total[rows], offset=flat, weight=flat + 1.0, sd=sd, taken=taken[rows])
        kept = rows[~outlying(total[rows], np.exp(x @ beta), taken[rows])]
        if len(kept) == len(rows):
            break
        rows = kept
    return np.asarray(waves @ beta[-6:])
