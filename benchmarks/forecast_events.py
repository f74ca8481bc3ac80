"""What it is worth to know the calendar: series forecast with their holidays and events, and without.

    python benchmarks/forecast_events.py [--only TEXT] [--days]

Rolling weekly origins over all weeks with enough history (the last twelve have too few special days), the
week after each forecast twice by the product's own verb: told the country's public holidays and the events
that everybody knew in advance, and told neither. Beside them the mean of the last eight same weekdays. WAPE
over day totals, of all days and of the named ones: holidays on which contacts came, the open day after each,
and days of the events. Closed days are closed in both. ``--days`` prints every named day. WFO_REAL_DATA names
the folder of the series.
"""

import argparse
import datetime as dt
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import forecast_series
import numpy as np
import pandas as pd
from forecast import ours, same_weekdays
from forecast_series import Series

from wfo.domain.calendar import Calendar
from wfo.domain.closures import public_holidays
from wfo.forecasting.calendar import touched
from wfo.forecasting.settings import ForecastSettings

HISTORY_WEEKS = 8
"""Weeks before the first origin; a year where only a year shows what comes again."""


@dataclass(frozen=True)
class Case:
    """A series and what was known of its calendar.

    Attributes
    ----------
    series : Series
    country : str
        Whose public holidays count.
    events : dict
        Dated events, as in a centre's calendar.
    history_weeks : int
    """

    series: Series
    country: str
    events: dict[str, dict[str, Any]]
    history_weeks: int = HISTORY_WEEKS

    def told(self) -> Series:
        """The series with its holidays and events."""
        return self._with({"holidays": [self.country], "events": self.events})

    def untold(self) -> Series:
        """The series without; days on which it was closed are days without data."""
        calendar = self.series.centre.calendar
        lost = [*calendar.excluded_days, *calendar.closed_days]
        return self._with({"holidays": [], "events": {}, "closed_days": [], "excluded_days": lost})

    def _with(self, changes: dict[str, Any]) -> Series:
        calendar = Calendar.model_validate({**self.series.centre.calendar.model_dump(), **changes})
        return replace(self.series, centre=self.series.centre.model_copy(update={"calendar": calendar}))

    def named(self, days: pd.DatetimeIndex) -> pd.Series:
        """What each day on record is: ``holiday``, ``after``, an event's name, or empty."""
        public = public_holidays([self.country], {d.year for d in days}, where="holidays")
        kind = pd.Series("", index=days)
        every = pd.date_range(days[0], days[-1])
        closed = [d for d in every.difference(days) if d.day_of_week in set(days.day_of_week)]
        for day in every[[d.date() in public for d in every]]:
            later = days[days > day]
            if len(later) and (day in days or day in closed):
                kind[later[0]] = "after"
        kind[[d.date() in public for d in days]] = "holiday"
        for name, event in self.told().centre.calendar.events.items():
            here = touched(event, [d.date() for d in days], around=True)
            kind[here & (kind.to_numpy() != "holiday")] = name
        return kind


def cases(folder: Path) -> list[Case]:
    """The series with a calendar that was public before."""
    by_name = {series.name: series for series in forecast_series.daily(folder)}
    eves = [dt.date(1999, 3, 31), dt.date(1999, 4, 6), dt.date(1999, 4, 20), dt.date(1999, 5, 20)]
    israel = {
        "eve": {
            "start": eves[0],
            "also": eves[1:],
        },  # of Passover's first and last day, Memorial Day, Shavuot
        "purim": {"start": dt.date(1999, 3, 2)},
        "fast": {"start": dt.date(1999, 7, 22)},  # the ninth of Av
    }
    before = {"before": {"start": dt.date(2003, 5, 23), "also": [dt.date(2003, 7, 3)]}}
    moving = {"moving": {"start": dt.date(2015, 8, 31), "end": dt.date(2015, 9, 1)}}  # leases end and begin
    christmas = {
        "christmas": {
            "start": dt.date(2013, 12, 24),
            "end": dt.date(2014, 1, 5),
            "also": [dt.date(2014, 12, 24)],
        }
    }
    found = [
        Case(forecast_series.bank_2003(folder, 15), "US", before),
        Case(forecast_series.bank_1999(folder, 30), "IL", israel),
        Case(by_name["Boston 311"], "US", moving),
        Case(by_name["daily calls 2013"], "IT", christmas, history_weeks=52),
        Case(by_name["incidents 2016"], "BR", {}, history_weeks=4),
    ]
    found += [Case(s, "AU-NSW", {}) for name, s in by_name.items() if name.startswith("media")]
    return found


def daily_totals(made: pd.DataFrame, series: Series) -> pd.Series:
    """Means of a forecast by day, over the intervals on record."""
    known = made.set_index("ds")["mean"]
    known = known[known.index.isin(series.counts.index)]
    return known.groupby(known.index.normalize()).sum()


def compared(case: Case) -> pd.DataFrame:
    """By day: what came, and what was forecast by each."""
    series = case.series
    weeks = (series.end - series.counts.index[0].normalize()).days // 7 - case.history_weeks
    made = {
        "told": ours(case.told(), weeks, 0, ForecastSettings()),
        "untold": ours(case.untold(), weeks, 0, ForecastSettings()),
        "mean of 8": same_weekdays(series, weeks, 0, 8),
    }
    came = series.counts.groupby(series.counts.index.normalize()).sum()
    table = pd.DataFrame({name: daily_totals(m, series) for name, m in made.items()})
    table.insert(0, "came", came)
    table = table.dropna()
    table = table[~table.index.isin(pd.DatetimeIndex(series.centre.calendar.excluded_days))]
    table["kind"] = case.named(pd.DatetimeIndex(came.index)).reindex(table.index)
    return table


def wape(table: pd.DataFrame, column: str) -> float:
    """Σ|came − forecast| ÷ Σ came over days, in percent; NaN without days."""
    total = table["came"].sum()
    return 100 * float((table["came"] - table[column]).abs().sum() / total) if total > 0 else np.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="series whose name holds this text")
    parser.add_argument("--days", action="store_true", help="print every named day")
    asked = parser.parse_args()
    methods = ("told", "untold", "mean of 8")
    print("| series, calendar | days | told | not told | mean of 8 |\n|---|---|---|---|---|")
    for case in cases(Path(os.environ["WFO_REAL_DATA"])):
        if asked.only not in case.series.name:
            continue
        table = compared(case)
        special = table["kind"] != ""
        parts = {"all": table, "named": table[special], "others": table[~special]}
        for name, part in parts.items():
            row = " | ".join(f"{wape(part, m):.2f}" for m in methods)
            print(f"| {case.series.name}, {case.country} | {name}: {len(part)} | {row} |", flush=True)
        if asked.days:
            print(table[special].round(0).to_string())


if __name__ == "__main__":
    main()
