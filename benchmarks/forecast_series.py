"""Public series as forecast inputs, for the benchmark of forecasts (WFO_REAL_DATA names their folder)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pandas as pd

from wfo.domain.centre import Centre


@dataclass(frozen=True)
class Series:
    """One queue's counts, its centre, and what peers need to know.

    Attributes
    ----------
    name : str
    centre : Centre
    counts : Series
        Contacts by local start of the interval, open intervals alone.
    step_min : int
    end : Timestamp
        Local midnight after the last week that is tested.
    country : str
        Whose public holidays a peer is told; empty: none.
    drivers : DataFrame or None
    """

    name: str
    centre: Centre
    counts: pd.Series
    step_min: int
    end: pd.Timestamp
    country: str = ""
    drivers: pd.DataFrame | None = None

    @property
    def zone(self) -> str:
        """Zone of the local times."""
        return self.centre.zone

    def reports(self) -> pd.DataFrame:
        """Table ``queue_intervals``; hours that a clock change skips or repeats are left out."""
        starts = pd.DatetimeIndex(self.counts.index).tz_localize(
            self.zone, ambiguous="NaT", nonexistent="NaT"
        )
        there = np.asarray(starts.notna())
        return pd.DataFrame(
            {
                "queue": "queue",
                "interval_start": starts[there].tz_convert("UTC").as_unit("us"),
                "interval_min": self.step_min,
                "offered": self.counts.to_numpy(dtype=np.float64)[there],
            }
        )


def bank_2003(folder: Path, step_min: int) -> Series:
    """A bank's calls on weekdays of 2003; a weekday without a row was a public holiday, or lost."""
    calls = pd.read_csv(folder / "bank-calls-2003" / "bank_calls_5min.csv", parse_dates=["interval_start"])
    days = calls["interval_start"].dt.normalize()
    absent = pd.bdate_range(days.min(), days.max()).difference(pd.DatetimeIndex(days.unique()))
    public = holidays.country_holidays("US", years=2003)
    calendar = {
        "holidays": ["US"],
        "closed_days": [d.date() for d in absent if d in public],
        "excluded_days": [d.date() for d in absent if d not in public],
    }
    centre = _centre("America/New_York", ["Mon-Fri 07:00-21:05"], calendar)
    counts = calls.groupby(calls["interval_start"].dt.floor(f"{step_min}min"))["calls"].sum()
    end = days.max() + pd.Timedelta(days=1)
    while end.weekday() > 4:  # a week that ends on a Friday is whole
        end += pd.Timedelta(days=1)
    end -= pd.Timedelta(days=end.weekday())
    return Series(f"bank 2003, {step_min} min", centre, counts, step_min, end, "US")


def bank_1999(folder: Path, step_min: int) -> Series:
    """A bank's calls from January 1999, all types together, in its opening hours."""
    calls = pd.read_csv(folder / "bank-1999" / "arrivals_6min.csv.gz", parse_dates=["interval_start"])
    days = calls["interval_start"].dt.normalize()
    imputed = sorted(set(days[calls["imputed_or_not_in_raw"] == 1].dt.date))
    hours = ["Sun-Thu 07:00-24:00", "Fri 07:00-14:00", "Sat 20:00-24:00"]
    centre = _centre("Asia/Jerusalem", hours, {"excluded_days": imputed, "holidays": ["IL"]})
    counts = calls.groupby(calls["interval_start"].dt.floor(f"{step_min}min"))["calls"].sum()
    at = pd.DatetimeIndex(counts.index)
    weekday, hour = at.day_of_week, at.hour
    opened = ((weekday < 4) | (weekday == 6)) & (hour >= 7)
    opened |= (weekday == 4) & (hour >= 7) & (hour < 14)
    opened |= (weekday == 5) & (hour >= 20)
    end = days.max() + pd.Timedelta(days=1)
    end -= pd.Timedelta(days=(end.weekday() + 1) % 7)
    return Series(f"bank 1999, {step_min} min", centre, counts[opened], step_min, end, "IL")


def daily(folder: Path) -> list[Series]:
    """Day totals: four media of one centre, city cases, calls with reservations, incidents."""
    media = pd.read_csv(folder / "media-2023" / "daily_by_media.csv", parse_dates=["intDate"])
    out = [
        _by_day(f"media 2023, {name}", part.set_index("intDate")["offerCount"])
        for name, part in media.groupby("mediaType")
    ]
    cases = pd.read_csv(folder / "boston311-2015" / "cases.csv.gz", parse_dates=["OPEN_DT"])
    out.append(_by_day("Boston 311", cases.groupby(cases["OPEN_DT"].dt.normalize()).size(), country="US"))
    calls = pd.read_csv(folder / "daily-calls-2013" / "daily.csv", parse_dates=["date"]).set_index("date")
    out.append(_by_day("daily calls 2013", calls["calls"]))
    known = ["reservations_2months_advance", "summer_break", "christmas_break", "special_day"]
    drivers = calls[known].rename_axis("date").reset_index().melt("date", var_name="driver").dropna()
    drivers = drivers.assign(schedule_date=drivers["date"].dt.date)[["driver", "schedule_date", "value"]]
    out.append(_by_day("daily calls 2013, with its drivers", calls["calls"], drivers=drivers))
    incidents = pd.read_csv(folder / "incidents-2016" / "incidents.csv.gz", parse_dates=["opened_at"])
    out.append(_by_day("incidents 2016", incidents.groupby(incidents["opened_at"].dt.normalize()).size()))
    return out


def _by_day(
    name: str, counts: pd.Series, *, country: str = "", drivers: pd.DataFrame | None = None
) -> Series:
    calendar: dict[str, Any] = {"holidays": [country] if country else []}
    end = counts.index.max() + pd.Timedelta(days=1)
    end -= pd.Timedelta(days=end.weekday())
    return Series(name, _centre("UTC", ["always"], calendar), counts, 1440, end, country, drivers)


def _centre(zone: str, hours: list[str], calendar: dict[str, Any]) -> Centre:
    queue = {"channel": "voice", "law": "immediate", "hours": hours}
    return Centre.model_validate({"zone": zone, "queues": {"queue": queue}, "calendar": calendar})
