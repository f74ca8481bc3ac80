"""Accuracy of the forecast on past weeks, beside plain baselines, as a Markdown table.

    python benchmarks/forecast.py

Each week is forecast from what came before it: the last eight weeks of the sample centre and, where
WFO_REAL_DATA names the folder of public data sets, the last twelve of two banks' calls. WAPE is the sum of
absolute errors over all contacts: by interval with all queues summed, by queue and interval, and by day.
"""

import os
import time
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pandas as pd

import wfo
from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.domain.centre import Centre
from wfo.forecasting.backtest import BASELINE_WEEKS, METHODS, Backtest, backtest
from wfo.forecasting.forecast import ForecastInputs
from wfo.forecasting.settings import ForecastSettings
from wfo.timegrid import TimeGrid

_NAMES = (f"wfo, {METHODS[0]}", f"mean of the last {BASELINE_WEEKS} same weekdays", "seasonal naive")


def sample() -> ForecastInputs:
    """The sample centre, with the kernel of its chains."""
    made = wfo.sample_centre("standard")
    log = made.data["interactions"]
    chains = build_chains(ChainInputs(made.centre, log, made.now), ChainSettings(), seed=1)
    first = pd.Timestamp(made.now).tz_convert(made.centre.zone).date()
    return ForecastInputs(
        made.centre,
        TimeGrid.of_days(first, 7, zone=made.centre.zone, step_min=15),
        made.now,
        interactions=log,
        kernel=chains.tables["kernel"],
        redial=chains.state["redial"],
        queue_intervals=made.data["queue_intervals"],
    )


def bank_2003(folder: Path) -> ForecastInputs:
    """A bank's calls on weekdays of 2003, 15 minutes; a weekday without a row was a holiday."""
    calls = pd.read_csv(folder / "bank-calls-2003" / "bank_calls_5min.csv", parse_dates=["interval_start"])
    days = calls["interval_start"].dt.normalize()
    closed = pd.bdate_range(days.min(), days.max()).difference(pd.DatetimeIndex(days.unique()))
    hours = ["Mon-Fri 07:00-21:05"]
    public = holidays.country_holidays("US", years=2003)
    known, lost = [d.date() for d in closed if d in public], [d.date() for d in closed if d not in public]
    calendar = {"holidays": ["US"], "closed_days": known, "excluded_days": lost}
    end = days.max() + pd.Timedelta(days=1)
    end -= pd.Timedelta(days=end.weekday())
    return _one_queue(calls, 15, "America/New_York", hours, calendar, end)


def bank_1999(folder: Path) -> ForecastInputs:
    """A bank's calls from January 1999, 30 minutes, all types together."""
    calls = pd.read_csv(folder / "bank-1999" / "arrivals_6min.csv.gz", parse_dates=["interval_start"])
    days = calls["interval_start"].dt.normalize()
    imputed = sorted(set(days[calls["imputed_or_not_in_raw"] == 1].dt.date))
    hours = ["Sun-Thu 07:00-24:00", "Fri 07:00-14:00", "Sat 20:00-24:00"]
    calendar = {"excluded_days": imputed, "holidays": ["IL"]}
    end = days.max() + pd.Timedelta(days=1)
    end -= pd.Timedelta(days=(end.weekday() + 1) % 7)
    return _one_queue(calls, 30, "Asia/Jerusalem", hours, calendar, end)


def _one_queue(
    calls: pd.DataFrame,
    step_min: int,
    zone: str,
    hours: list[str],
    calendar: dict[str, Any],
    end: pd.Timestamp,
) -> ForecastInputs:
    queue = {"channel": "voice", "law": "immediate", "hours": hours}
    centre = Centre.model_validate({"zone": zone, "queues": {"voice": queue}, "calendar": calendar})
    counts = calls.groupby(calls["interval_start"].dt.floor(f"{step_min}min"))["calls"].sum()
    # an hour that a clock change skips or repeats lies outside opening hours
    starts = pd.DatetimeIndex(counts.index).tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    there = np.asarray(starts.notna())
    reports = pd.DataFrame(
        {
            "queue": "voice",
            "interval_start": starts[there].tz_convert("UTC").as_unit("us"),
            "interval_min": step_min,
            "offered": counts.to_numpy(dtype=np.float64)[there],
        }
    )
    now = end.tz_localize(zone)
    known = reports[reports["interval_start"] < now].reset_index(drop=True)
    grid = TimeGrid.of_days(end.date(), 7, zone=zone, step_min=step_min)
    return ForecastInputs(centre, grid, now.to_pydatetime(), queue_intervals=known)


def accuracy(tested: Backtest) -> pd.DataFrame:
    """WAPE by method: all queues summed by interval, by queue and interval, and by day."""
    grains = {"interval": ["interval_start"], "queue": ["queue", "interval_start"], "day": ["schedule_date"]}
    out = {}
    for name, keys in grains.items():
        sums = tested.table.groupby(keys)[["actual", *METHODS]].sum()
        error = sums[list(METHODS)].sub(sums["actual"], axis=0).abs().sum()
        out[name] = 100 * error / sums["actual"].sum()
    bias = tested.table[list(METHODS)].sum() / tested.table["actual"].sum() - 1
    return pd.DataFrame({**out, "bias": 100 * bias})


def main() -> None:
    cases = {"sample centre, 15 min, 8 weeks": (sample(), 8)}
    folder = os.environ.get("WFO_REAL_DATA")
    if folder:
        cases["bank 2003, 15 min, 12 weeks"] = (bank_2003(Path(folder)), 12)
        cases["bank 1999, 30 min, 12 weeks"] = (bank_1999(Path(folder)), 12)
    print("| series | method | interval WAPE % | by queue | day | bias % | s |")
    print("|---|---|---|---|---|---|---|")
    for name, (inputs, weeks) in cases.items():
        backtest(inputs, ForecastSettings(), weeks=1)  # compiles
        begin = time.perf_counter()
        table = accuracy(backtest(inputs, ForecastSettings(), weeks=weeks))
        seconds = time.perf_counter() - begin
        for label, row in zip(_NAMES, table.itertuples(), strict=True):
            took = f"{seconds:.1f}" if label == _NAMES[0] else ""
            figures = f"{row.interval:.2f} | {row.queue:.2f} | {row.day:.2f} | {row.bias:+.1f} | {took}"
            print(f"| {name} | {label} | {figures} |")
    if not folder:
        print("\nWFO_REAL_DATA names no folder with the public data sets: the banks are left out.")


if __name__ == "__main__":
    main()
