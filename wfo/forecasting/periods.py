"""The outlook's rows: weeks and months, with the middle 80 % and the same weeks a year before."""

import datetime as dt

import numpy as np

from wfo.forecasting.trend import TrendFit, drift_of
from wfo.metrics.intervals import Z80

COLUMNS = ("queue", "grain", "start", "end", "volume_mean", "low", "high", "year_before")
"""Columns of the outlook's table."""
_YEAR = 364


def period_rows(
    queue: str,
    mean: np.ndarray,
    fit: TrendFit,
    design: np.ndarray,
    total: np.ndarray,
    span: tuple[dt.date, dt.date],
) -> list[tuple[object, ...]]:
    """Rows of `COLUMNS` by week and by month, from sums over days.

    Parameters
    ----------
    queue : str
    mean : ndarray, shape (n,)
        Contacts of the days to come.
    fit : TrendFit
    design : ndarray, shape (n, K)
        Of those days.
    total : ndarray, shape (D,)
        Contacts of the days on record.
    span : tuple of date
        The planning moment's day, and the one after the last.
    """
    today, last = span
    first_week = today + dt.timedelta(days=-today.weekday() % 7)
    weeks = [first_week + dt.timedelta(weeks=k) for k in range((last - first_week).days // 7 + 1)]
    months = [month_after(today, k) for k in range(0 if today.day == 1 else 1, 100)]
    months = [m for m in months if m <= last]
    rows: list[tuple[object, ...]] = []
    for grain, edges in (("week", weeks), ("month", months)):
        for start, end in zip(edges[:-1], edges[1:], strict=True):
            a, b = (start - today).days, (end - today).days
            amount = float(mean[a:b].sum())
            if amount <= 0:
                continue
            row = np.average(design[a:b], axis=0, weights=mean[a:b])
            spread = np.sqrt(row @ fit.covariance @ row + drift_of(fit, a, b) + 1 / amount)
            low, high = amount * np.exp(np.array([-1, 1]) * Z80 * spread)
            before = len(total) + a - _YEAR, len(total) + b - _YEAR
            # 52 whole weeks earlier, so that weekdays are alike
            year = (
                float(total[before[0] : before[1]].sum())
                if before[0] >= 0 and before[1] <= len(total)
                else np.nan
            )
            rows.append((queue, grain, start, end, amount, float(low), float(high), year))
    return rows


def month_after(day: dt.date, ahead: int) -> dt.date:
    """First day of the month so many months after a day's."""
    number = day.year * 12 + day.month - 1 + ahead
    return dt.date(number // 12, number % 12 + 1, 1)
