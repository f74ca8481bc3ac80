"""The rest of the day forecast again at some hours: no update, plain ratio, and the shrunken update.

    python benchmarks/intraday.py [weeks]

Weeks of the sample centre and, where WFO_REAL_DATA names the folder of public data sets, of a bank's calls.
Each week is forecast at its start; at each hour of each day what has come until then is told. Error is over
the contacts of the day that were still to come, by interval and in their sum.
"""

import datetime as dt
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from forecast_series import bank_2003

import wfo
from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.forecasting.forecast import ForecastInputs, forecast
from wfo.forecasting.intraday import intraday
from wfo.forecasting.result import ForecastResult
from wfo.forecasting.settings import ForecastSettings
from wfo.pipeline.known import known_table
from wfo.tables.history import interval_counts
from wfo.timegrid import TimeGrid, local_midnight

HOURS = (9, 10, 11, 12, 14)
METHODS = ("no update", "plain ratio", "shrunken")
SETTINGS = ForecastSettings(method="two_level", paths=20)


def errors(
    result: ForecastResult, came: pd.DataFrame, zone: str
) -> list[tuple[int, str, float, float, float]]:
    """Hour, method, Σ|error| by interval, Σ|error| of the rest of the day, contacts, over days and queues."""
    grid = result.grid
    index = pd.MultiIndex.from_product([result.queues, grid.starts], names=["queue", "interval_start"])
    actual = came.set_index(["queue", "interval_start"])["offered"].reindex(index).fillna(0.0)
    offered = actual.to_numpy().reshape(len(result.queues), grid.n)
    said, day = result.expected(), grid.local_day_number(zone)
    hour = np.asarray(grid.local(zone).hour)
    rows = []
    for d in range(int(day.max()) + 1):
        for h in HOURS:
            at = int(np.flatnonzero((day == d) & (hour >= h))[0])
            rest, before = (day == d) & (np.arange(grid.n) >= at), (day == d) & (np.arange(grid.n) < at)
            table = intraday(result, came, grid.start + dt.timedelta(minutes=at * grid.step_min))
            moved = np.zeros(said.shape)
            moved[:, at:] = table["updated_mean"].to_numpy().reshape(len(said), -1)
            for q in range(len(said)):
                expected = said[q, before].sum()
                if expected <= 0 or said[q, rest].sum() <= 0:
                    continue
                ratio = offered[q, before].sum() / expected
                for method, values in zip(METHODS, (said[q], ratio * said[q], moved[q]), strict=True):
                    off = values[rest] - offered[q, rest]
                    rows.append((h, method, np.abs(off).sum(), abs(off.sum()), offered[q, rest].sum()))
    return rows


def sample(weeks: int) -> list[tuple[int, str, float, float, float]]:
    """Weeks of the sample centre's log; queues with people."""
    made = wfo.sample_centre("standard")
    zone, rows = made.centre.zone, []
    for back in range(weeks, 0, -1):
        first = pd.Timestamp(made.now).tz_convert(zone).date() - dt.timedelta(weeks=back)
        now = local_midnight(first, zone)
        grid = TimeGrid.of_days(first, 7, zone=zone, step_min=15)
        log = known_table("interactions", made.data["interactions"], now)
        chains = build_chains(ChainInputs(made.centre, log, now), ChainSettings(), seed=1)
        given = ForecastInputs(
            made.centre,
            grid,
            now,
            interactions=log,
            kernel=chains.tables["kernel"],
            redial=chains.state["redial"],
            queue_intervals=known_table("queue_intervals", made.data["queue_intervals"], now),
        )
        everything = made.data["interactions"]
        inside = everything["started_at"].between(grid.start, grid.end, inclusive="left")
        came = interval_counts(everything[inside], step_min=15, start_min=grid.start_min)
        rows += errors(forecast(given, SETTINGS, seed=1), came, zone)
    return rows


def bank(folder: Path, weeks: int) -> list[tuple[int, str, float, float, float]]:
    """Weeks of the bank's calls at 15 minutes."""
    series = bank_2003(folder, 15)
    reports, rows = series.reports().assign(queue=series.centre.queue_ids[0]), []
    for back in range(weeks, 0, -1):
        first = (series.end - pd.Timedelta(weeks=back)).date()
        now = local_midnight(first, series.zone)
        grid = TimeGrid.of_days(first, 7, zone=series.zone, step_min=15)
        known = reports[reports["interval_start"] < now].reset_index(drop=True)
        result = forecast(ForecastInputs(series.centre, grid, now, queue_intervals=known), SETTINGS, seed=1)
        rows += errors(result, reports[reports["interval_start"] >= now], series.zone)
    return rows


def main() -> None:
    weeks = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    cases = {}
    folder = os.environ.get("WFO_REAL_DATA")
    if folder:
        cases["bank 2003"] = bank(Path(folder), weeks)
    cases["sample centre"] = sample(weeks)
    print(f"| series, {weeks} weeks | at | {' | '.join(f'{m}: interval, rest of day %' for m in METHODS)} |")
    print("|---|---|---|---|---|")
    for name, rows in cases.items():
        frame = pd.DataFrame(rows, columns=["hour", "method", "interval", "rest", "came"])
        sums = frame.groupby(["hour", "method"]).sum()
        for hour in HOURS:
            cells = [sums.loc[(hour, m)] for m in METHODS]
            shown = [
                f"{100 * c['interval'] / c['came']:.2f}, {100 * c['rest'] / c['came']:.2f}" for c in cells
            ]
            print(f"| {name} | {hour}:00 | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
