"""Intervals of equal length in UTC, and what they are called in a site's own time.

Everything that is counted per interval is an array over a `TimeGrid`; a day of a clock change simply has four
quarter-hours more or fewer.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

UTC = dt.UTC
MINUTE_US = 60_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def instant(value: "dt.datetime | pd.Timestamp") -> dt.datetime:
    """Plain aware UTC `datetime` of any aware instant; a naive one raises `ValueError`."""
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    moment = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
    return moment.astimezone(UTC)


def epoch_min(values: "pd.Series | pd.DatetimeIndex") -> np.ndarray:
    """Whole minutes since 1970-01-01 UTC, as int64, of aware instants (floored)."""
    index = pd.DatetimeIndex(values).tz_convert("UTC")
    return np.asarray(index.as_unit("us").asi8 // MINUTE_US)


def epoch_ms(values: "pd.Series | pd.DatetimeIndex") -> np.ndarray:
    """Whole milliseconds since 1970-01-01 UTC, as int64, of aware instants (floored)."""
    index = pd.DatetimeIndex(values).tz_convert("UTC")
    return np.asarray(index.as_unit("us").asi8 // 1000)


def from_epoch_min(minutes: np.ndarray) -> pd.DatetimeIndex:
    """UTC instants (``datetime64[us, UTC]``) of minutes since the epoch."""
    instants = (np.asarray(minutes, dtype=np.int64) * MINUTE_US).view("M8[us]")
    return pd.DatetimeIndex(instants).tz_localize("UTC")


def local_midnight(day: dt.date, zone: str) -> dt.datetime:
    """UTC instant of 00:00 local time on a date."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True)
class TimeGrid:
    """Consecutive half-open intervals ``[start + k·step, start + (k+1)·step)``, k = 0 … n−1.

    Attributes
    ----------
    start : datetime
        Aware UTC instant of the first interval.
    step_min : int
        Length of an interval in minutes.
    n : int
        Number of intervals.

    Examples
    --------
    >>> week = TimeGrid.of_days(dt.date(2025, 3, 24), 7, zone="Europe/Berlin", step_min=15)
    >>> week.n, week.end.isoformat()
    (668, '2025-03-30T22:00:00+00:00')
    """

    start: dt.datetime
    step_min: int
    n: int

    @classmethod
    def of_days(cls, first: dt.date, days: int, *, zone: str, step_min: int) -> "TimeGrid":
        """Grid over whole local days, clock changes included."""
        begin = local_midnight(first, zone)
        end = local_midnight(first + dt.timedelta(days=days), zone)
        return cls(begin, step_min, int((end - begin).total_seconds() // 60) // step_min)

    @property
    def end(self) -> dt.datetime:
        """UTC instant after the last interval."""
        return self.start + dt.timedelta(minutes=self.step_min * self.n)

    @property
    def start_min(self) -> int:
        """Start in minutes since the epoch."""
        return int(self.start.timestamp()) // 60

    @cached_property
    def starts(self) -> pd.DatetimeIndex:
        """UTC starts of all intervals, shape (n,)."""
        return from_epoch_min(self.minutes)

    @cached_property
    def minutes(self) -> np.ndarray:
        """Starts in minutes since the epoch, int64, shape (n,)."""
        return self.start_min + self.step_min * np.arange(self.n, dtype=np.int64)

    def locate(self, values: "pd.Series | pd.DatetimeIndex") -> np.ndarray:
        """Interval number of each instant, int64; outside the grid the number is < 0 or ≥ n."""
        return np.asarray((epoch_min(values) - self.start_min) // self.step_min)

    def local(self, zone: str) -> pd.DatetimeIndex:
        """Starts in local time, shape (n,)."""
        return self.starts.tz_convert(zone)

    def local_dates(self, zone: str) -> list[dt.date]:
        """Local dates of its intervals in order, each once."""
        return sorted(set(self.local(zone).date))

    def local_day_number(self, zone: str) -> np.ndarray:
        """Local calendar day of each interval, counted from the first interval's day, shape (n,)."""
        days = self.local(zone).tz_localize(None).normalize()
        return np.asarray((days - days[0]).days)
